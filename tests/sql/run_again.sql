-- What is asked again: answers that our own limit cut off, failures.
.stub run_again.json
.open $TMP/again.db
SELECT judge_init() IS NOT NULL;
SELECT make_judge('kept', 'Was {{ inputs }} kept by {{ outputs }}?',
  'openai:/m', '{"feedback_value_type":["bad","good"]}')->>'$.judge';
INSERT INTO traces(trace_id, inputs, outputs) VALUES
  ('t1', 'a promise', 'on time'), ('t2', 'a promise', 'cut once'),
  ('t3', 'a promise', 'cut twice'), ('t4', 'a promise', 'odd'),
  ('t5', 'a promise', 'broken'), ('t6', 'a promise', 'cut once');
CREATE TEMP TABLE report(value);
SELECT judge_run('kept', '{"max_tokens":1000000}') IS NOT NULL;
INSERT INTO report SELECT report FROM judge_report ORDER BY report_id DESC LIMIT 1;
SELECT value->>'$.verdicts', value->>'$.errors', value->>'$.calls', value->>'$.cached', value->>'$.notes' FROM report;
SELECT trace_id, value, error_code FROM assessments ORDER BY trace_id;
SELECT trace_id, status, error_code FROM judge_call WHERE trace_id <> 't6' ORDER BY trace_id, call_id;
-- again: what was cut off twice stays
SELECT judge_run('kept', '{"max_tokens":1000000,"explain":true}')->>'$.calls';
SELECT judge_run('kept', '{"max_tokens":1000000}') ->> '$.notes';
-- anew
SELECT judge_run('kept', '{"redo":"errors","explain":true}')->>'$.calls';
WITH r(value) AS MATERIALIZED (SELECT judge_run('kept', '{"redo":"errors"}'))
SELECT value->>'$.verdicts', value->>'$.errors', value->>'$.calls', value->>'$.skipped' FROM r;
WITH r(value) AS MATERIALIZED (SELECT judge_run('kept', '{"redo":true}'))
SELECT value->>'$.verdicts', value->>'$.errors', value->>'$.calls', value->>'$.cached' FROM r;
SELECT judge_run('kept', '{"redo":"all"}');
-- usage that nobody tells
INSERT INTO traces(trace_id, inputs, outputs) VALUES('t7', 'a promise', 'silent');
SELECT judge_run('kept', '{"max_tokens":1000000,"trace_ids":["t7"]}') IS NOT NULL;
DELETE FROM report;
INSERT INTO report SELECT report FROM judge_report ORDER BY report_id DESC LIMIT 1;
SELECT value->>'$.input_tokens', value->>'$.output_tokens', value->>'$.cost', value->>'$.unknown_calls', value->>'$.unknown_tokens' BETWEEN 4097 AND 6000 FROM report;
SELECT unpriced, untold FROM judge_cost_call WHERE trace_id = 't7';
