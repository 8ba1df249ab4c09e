-- The views of design: pairs, usage, reports.
.quiet
SELECT judge_init();
INSERT INTO traces(trace_id, session_id, request_time) VALUES('t1', 's', 1), ('t2', 's', 2), ('t3', NULL, 3);
SELECT make_judge('q', 'Rate {{ outputs }}', 'local:/lexical', '{"feedback_value_type":["Bad","Good"]}');
SELECT make_judge('q', 'Rate {{ outputs }} well', 'local:/lexical', '{"feedback_value_type":["Bad","Good"]}');
INSERT INTO assessments(trace_id, name, value, source_id, rationale, created) VALUES('t1', 'q', 'Good', 'ann', 'why', 10), ('t1', 'q', 'Bad', 'ben', NULL, 20), ('t2', 'q', 'Bad', 'ann', NULL, 30);
INSERT INTO assessments(trace_id, name, value, source_id, judge, created) VALUES('t1', 'q', 'Good', 'local:/lexical', 'q@1', 40), ('t2', 'q', 'Good', 'local:/lexical', 'q@1', 50);
.loud
SELECT name FROM pragma_table_info('judge_pairs');
SELECT name FROM pragma_table_info('judge_pairs_all');
SELECT name FROM pragma_table_info('judge_usage');
SELECT name FROM pragma_table_info('judges');
-- Version 2 has no verdicts yet: version 1 is current.
SELECT name, judge, model, trace_id, experiment, session_id, judge_value, human_value, human, agree, human_rationale, judge_time, human_time FROM judge_pairs ORDER BY trace_id, human;
INSERT INTO assessments(trace_id, name, value, source_id, judge) VALUES('t2', 'q', 'Bad', 'local:/lexical', 'q@2');
SELECT judge, trace_id, human, agree FROM judge_pairs ORDER BY trace_id, human;
SELECT judge, trace_id, human, agree FROM judge_pairs_all ORDER BY judge, trace_id, human;
-- Error rows and replaced labels are no pairs; recorded verdicts are their own source.
INSERT INTO assessments(trace_id, name, error_code, source_id, judge) VALUES('t1', 'q', 'TIMEOUT', 'local:/lexical', 'q@2');
INSERT INTO assessments(trace_id, name, value, source_id) VALUES('t2', 'q', 'Good', 'ann');
INSERT INTO assessments(trace_id, name, value, source_type, source_id) VALUES('t1', 'q', 'Bad', 'LLM_JUDGE', 'gpt-4'), ('t1', 'q', 'Good', 'CODE', 'bem');
SELECT judge, model, trace_id, human, agree FROM judge_pairs ORDER BY judge, model, human;
-- A candidate is never current; a draft is nowhere.
INSERT INTO judge_definition(name, version, judge, feedback_name, kind, state, instructions, effective_instructions, model, value_type, variables, memory_id, created, created_text)
  SELECT 'q', v, 'q@' || v, 'q', 'memory_augmented', s, 'i', 'i', 'local:/lexical', value_type, '[]', m, 0, '' FROM judge_definition, (SELECT 3 AS v, 'candidate' AS s, 100 AS m UNION ALL SELECT NULL, 'draft', 101) WHERE judge = 'q@1';
INSERT INTO assessments(trace_id, name, value, source_id, judge) VALUES('t1', 'q', 'Good', 'local:/lexical', 'q@3');
INSERT INTO judge_example(definition_id, trace_id, input_group, labels, created) VALUES(100, 't1', 'g', '[]', 0);
INSERT INTO judge_crossfit(definition_id, trace_id, fold, value, created) VALUES(100, 't2', 1, 'Good', 0), (101, 't2', 1, 'Good', 0);
SELECT judge, trace_id, human, agree, seen, cross_fitted FROM judge_pairs_all WHERE judge = 'q@3' OR cross_fitted ORDER BY trace_id, human;
SELECT DISTINCT judge FROM judge_pairs WHERE judge IS NOT NULL;
SELECT judge, state FROM judges ORDER BY judge;
SELECT name, human, value, labels, rationales FROM judge_label_count ORDER BY name, human, value;
-- Usage: nearest-rank percentiles of the calls that went well.
INSERT INTO judge_call(digest, purpose, status, judge, model, attempts, latency_ms, input_tokens, output_tokens, cost, created, created_text)
  SELECT 'd' || value, 'judge', CASE WHEN value <= 20 THEN 'ok' WHEN value = 21 THEN 'error' ELSE 'cached' END, 'q@1', 'openai:/m', 1 + (value = 3), value * 10, 100, 5, 0.5, 0, '2026-11-23T10:00:00.000Z' FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22]');
SELECT * FROM judge_usage;
-- Cost by call, command, judge and day: at the price of the time, else at today's; what the provider had cached at its own price.
SELECT name FROM pragma_table_info('judge_cost_call');
SELECT name FROM pragma_table_info('judge_cost_run');
SELECT name FROM pragma_table_info('judge_cost_judge');
SELECT name FROM pragma_table_info('judge_cost_day');
INSERT INTO judge_call(digest, purpose, status, run_id, judge, trace_id, model, attempts, input_tokens, output_tokens, cached_tokens, cost, created, created_text) VALUES
  ('e1', 'judge', 'ok', 'run-1', 'p@1', 't1', 'openai:/p', 1, 1000, 100, 600, NULL, 1763892000000, '2025-11-23T10:00:00.000Z'),
  ('e2', 'judge', 'ok', 'run-1', 'p@1', 't2', 'openai:/p', 1, 1000, 100, NULL, 0.25, 1763892001000, '2025-11-23T10:00:01.000Z'),
  ('e2', 'judge', 'cached', 'run-1', 'p@1', 't3', 'openai:/p', 0, 0, 0, 0, 0, 1763892002000, '2025-11-23T10:00:02.000Z'),
  ('e3', 'judge', 'error', 'run-1', 'p@1', 't4', 'openai:/p', 6, NULL, NULL, NULL, NULL, 1763892003000, '2025-11-23T10:00:03.000Z'),
  ('e4', 'embed', 'ok', 'run-2', 'p@1', NULL, 'openai:/e', 1, 50, 0, NULL, NULL, 1763978401000, '2025-11-24T10:00:01.000Z');
SELECT sum(cost), sum(unpriced) FROM judge_cost_call WHERE judge = 'p@1';
INSERT INTO judge_price(model, input_per_million, output_per_million, cached_per_million) VALUES('openai:/p', 2, 8, 0.5);
INSERT INTO judge_report(command, judge, run_id, report, created, created_text) VALUES('judge_run', 'p@1', 'run-1', '{}', 1, '');
SELECT run_id, trace_id, status, cost, unpriced, created_text FROM judge_cost_call WHERE judge = 'p@1';
SELECT * FROM judge_cost_run WHERE run_id IN ('run-1', 'run-2');
SELECT * FROM judge_cost_judge WHERE judge = 'p@1';
SELECT * FROM judge_cost_day WHERE day LIKE '2025%';
UPDATE judge_price SET input_per_million = 1000000;
SELECT sum(cost) FROM judge_cost_run WHERE run_id = 'run-1';
INSERT INTO judge_report(command, judge, report, created, created_text) VALUES('judge_run', 'q@1', '{"verdicts":3,"notes":["a"]}', 1, '');
SELECT command, judge, key, value FROM judge_report_item WHERE command = 'judge_run';
INSERT INTO judge_report(command, report, created, created_text) VALUES('judge_run', 'no', 1, '');
-- A part without a price makes a sum NULL, never 0.0; cached calls cost nothing.
INSERT INTO judge_call(digest, purpose, status, run_id, judge, model, attempts, input_tokens, output_tokens, created, created_text) VALUES
  ('g1', 'judge', 'ok', 'run-9', 'u@1', 'openai:/unpriced', 1, 10, 2, 1790000000000, '2026-09-21T14:13:20.000Z'),
  ('g1', 'judge', 'cached', 'run-9', 'u@1', 'openai:/unpriced', 0, 0, 0, 1790000000000, '2026-09-21T14:13:20.000Z'),
  ('g2', 'judge', 'cached', 'run-8', 'c@1', 'openai:/unpriced', 0, 0, 0, 1790086400000, '2026-09-22T14:13:20.000Z'),
  ('g3', 'judge', 'ok', 'run-7', 'w@1', 'openai:/m', 1, 10, NULL, 1790172800000, '2026-09-23T14:13:20.000Z'),
  ('g4', 'judge', 'error', 'run-6', 'x@1', 'openai:/m', 3, NULL, NULL, 1790259200000, '2026-09-24T14:13:20.000Z'),
  ('g5', 'judge', 'error', 'run-5', 'y@1', 'openai:/unpriced', 1, 10, 2, 1790345600000, '2026-09-25T14:13:20.000Z');
SELECT run_id, status, cost, unpriced, untold FROM judge_cost_call WHERE run_id BETWEEN 'run-5' AND 'run-9';
SELECT run_id, calls, errors, cached, input_tokens, output_tokens, cost, unpriced, untold FROM judge_cost_run WHERE run_id BETWEEN 'run-5' AND 'run-9' ORDER BY run_id;
SELECT judge, calls, errors, cached, input_tokens, output_tokens, cost, unpriced, untold FROM judge_cost_judge WHERE judge IN ('u@1', 'c@1', 'w@1', 'x@1', 'y@1');
SELECT day, calls, cost, unpriced, untold FROM judge_cost_day WHERE day LIKE '2026-09-2_';
SELECT judge, calls, cached, input_tokens, output_tokens, cost, unpriced, untold FROM judge_usage WHERE judge IN ('u@1', 'c@1', 'w@1', 'x@1', 'y@1');
-- A price entered later counts in all of them.
INSERT INTO judge_price VALUES('openai:/unpriced', 1000000, 1000000, NULL);
SELECT judge, cost, unpriced FROM judge_cost_judge WHERE judge IN ('u@1', 'y@1');
SELECT judge, cost, unpriced FROM judge_usage WHERE judge IN ('u@1', 'y@1');
-- Two commands that paid for one answer at once are two rows; what was recorded elsewhere, or comes again, is one.
INSERT INTO judge_call_answer(digest, purpose, status, run_id, model, attempts, input_tokens, output_tokens, cost, created, created_text, response) VALUES
  ('f1', 'judge', 'ok', 'run-a', 'openai:/m', 1, 10, 2, 1.5, 1790432000000, '2026-09-26T14:13:20.000Z', '{"a":1}'),
  ('f1', 'judge', 'ok', 'run-b', 'openai:/m', 1, 10, 2, 1.5, 1790432000001, '2026-09-26T14:13:20.001Z', '{"a":2}'),
  ('f1', 'judge', 'ok', 'run-a', 'openai:/m', 1, 10, 2, 1.5, 1790432000000, '2026-09-26T14:13:20.000Z', '{"a":1}'),
  ('f1', 'judge', 'ok', NULL, 'openai:/m', 1, 10, 2, 1.5, 1790432000000, '2026-09-26T14:13:20.000Z', '{"a":1}'),
  ('f1', 'judge', 'error', 'run-c', 'openai:/m', 1, NULL, NULL, NULL, 1790432000002, '2026-09-26T14:13:20.002Z', NULL);
SELECT run_id, status, response FROM judge_call_answer WHERE digest = 'f1';
SELECT run_id, calls, cost FROM judge_cost_run WHERE run_id IN ('run-a', 'run-b');
