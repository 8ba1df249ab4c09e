-- A house rule that only the labels tell: questions about rivers are Blue, about
-- fields Green. Two reviewers; r2 errs on every tenth trace.
SELECT judge_init() IS NOT NULL;
CREATE TABLE item AS
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
  SELECT printf('t%02d', i) AS id,
         CASE i % 2 WHEN 0 THEN 'Which river flows past town number '
                    ELSE 'Which field grows wheat near farm number ' END
           || i || '?' AS question,
         'Answer ' || (i * 7 % 11) AS answer,
         CASE i % 2 WHEN 0 THEN 'Blue' ELSE 'Green' END AS colour
  FROM n;
SELECT make_judge('colour', 'Choose the colour of {{ inputs }} and {{ outputs }}.', 'local:/lexical', '{"feedback_value_type":["Green","Blue"]}')->>'$.judge';
INSERT INTO traces(trace_id, inputs, outputs) SELECT id, question, answer FROM item;

-- Too few labels: nothing is spent, and the error says what is missing.
INSERT INTO assessments(trace_id, name, value, source_id) SELECT id, 'colour', colour, 'r1' FROM item LIMIT 4;
INSERT INTO assessments(trace_id, name, value, source_id) VALUES('t30', 'Colour', 'Green', 'r1');
SELECT judge_align('colour');
DELETE FROM assessments WHERE name = 'Colour';
SELECT r->>'$.ready', r->>'$.traces', r->>'$.calls', r->>'$.readiness.reviewers', json_array_length(r->'$.readiness.advice') > 0 FROM (SELECT judge_align('colour', '{"explain":true}') AS r);

-- With all labels: cross-fitting by input shows the gain; the version is active.
INSERT INTO assessments(trace_id, name, value, rationale, source_id) SELECT id, 'colour', colour, 'by the house rule', 'r1' FROM item;
INSERT INTO assessments(trace_id, name, value, source_id) SELECT id, 'colour', CASE WHEN rowid % 10 = 0 THEN 'Green' ELSE colour END, 'r2' FROM item;
SELECT count(*) FROM judge_assessment WHERE name = 'colour' AND valid = 1;
SELECT judge_align('colour', '{"labels":"latest"}') IS NOT NULL;
CREATE TEMP TABLE first AS SELECT report AS r FROM judge_report WHERE command = 'judge_align' AND NOT forecast;
SELECT r->>'$.judge', r->>'$.parent', r->>'$.optimizer', r->>'$.method', r->>'$.trained_on', r->>'$.held_out', r->>'$.contested', r->>'$.examples', r->>'$.calls', r->>'$.accepted' FROM first;
SELECT r->>'$.accuracy_after' > 0.85, r->>'$.improvement' > 0.2, r->>'$.ci_low' > 0, round(r->>'$.human_agreement', 3), r->>'$.notes' LIKE '%gain shown%' FROM first;
-- The published version is there as a whole; drafts are not.
SELECT judge, state, optimizer, parent, guidelines, examples FROM judges WHERE name = 'colour' ORDER BY version;
SELECT count(*), count(DISTINCT trace_id) FROM judge_example;
SELECT label, count(*) FROM judge_example GROUP BY label;
SELECT json_array_length(labels), labels->>'$[0].source_id', labels->>'$[0].rationale' FROM judge_example WHERE trace_id = 't05';
-- Every trace was scored by a fold that did not see its question.
SELECT count(*), count(DISTINCT fold) FROM judge_crossfit;
SELECT max(folds) FROM (SELECT count(DISTINCT c.fold) AS folds FROM judge_crossfit c JOIN judge_trace t USING (trace_id) GROUP BY t.inputs);
-- Steps are told.
SELECT step, count(*) > 0 FROM judge_log WHERE command = 'judge_align' GROUP BY step;

-- judge_compare reads the same numbers, and they are avg(agree) over its rows.
SELECT metric, n, missing, note FROM judge_compare('colour@1', 'colour@2');
SELECT abs(c.aligned - (SELECT avg(agree) FROM judge_pairs_all WHERE judge = 'colour@2' AND seen = 0)) < 1e-12, abs(c.aligned - (SELECT r->>'$.accuracy_after' FROM first)) < 1e-12 FROM judge_compare('colour@1', 'colour@2') c WHERE metric = 'accuracy';
SELECT n FROM judge_compare('colour@1', 'colour@2', '{"where":"trace_id < ''t11''"}') WHERE metric = 'accuracy';
SELECT * FROM judge_compare('colour@1', 'colour@9');
SELECT * FROM judge_compare('colour@1');
SELECT * FROM judge_compare('colour@1', 'colour@2', '{"were":"1"}');

-- Again, with nothing new: the same report, no other version.
SELECT judge_align('colour', '{"labels":"latest"}')->>'$.judge';
SELECT count(*) FROM judge_report WHERE command = 'judge_align' AND NOT forecast;
SELECT count(*) FROM judges WHERE name = 'colour';
-- New labels, typed into the plain table: the next version learns them too.
INSERT INTO traces(trace_id, inputs, outputs) VALUES('t41', 'Which river flows past the old mill?', 'Answer 3'), ('t42', 'Which field grows wheat by the mill?', 'Answer 4');
INSERT INTO judge_assessment(trace_id, name, value) VALUES('t41', 'colour', 'blue'), ('t42', 'colour', ' Green ');
SELECT r->>'$.judge', r->>'$.parent', r->>'$.trained_on', r->>'$.accepted' FROM (SELECT judge_align('colour', '{"labels":"latest"}') AS r);
SELECT count(*) FROM judge_example e JOIN judge_definition d USING (definition_id) WHERE d.judge = 'colour@3';
-- It gained nothing over colour@2, so it is a candidate, and says why; the name
-- still means colour@2.
SELECT judge, state, note LIKE '%no gain shown%' FROM judges WHERE name = 'colour' AND version = 3;
SELECT judge_instructions('colour') = judge_instructions('colour@2');

-- A verdict on a trace that a version learned from is marked as such.
SELECT r->>'$.verdicts', r->>'$.errors' FROM (SELECT judge_run('colour@2') AS r);
SELECT judge, seen, cross_fitted, count(*) FROM judge_pairs_all WHERE judge = 'colour@2' GROUP BY 1, 2, 3;
-- Registered under another name it keeps its labels.
SELECT r->>'$.judge', r->>'$.feedback_name' FROM (SELECT judge_register('colour@2', 'colour_aligned', '{"alignment_date":"2026-11-23"}') AS r);
SELECT r->>'$.judge', r->>'$.created' FROM (SELECT judge_register('colour@2', 'colour_aligned', '{"alignment_date":"2026-11-23"}') AS r);
SELECT original, aligned, improvement FROM judge_compare('colour@2', 'colour_aligned') WHERE metric = 'accuracy' AND improvement = 0;

-- What judge_align refuses.
SELECT judge_align('colour', '{"optimizer":"gepa"}');
SELECT judge_align('colour', '{"optimizer":"memaling"}');
SELECT judge_align('colour', '{"label":"auto"}');
SELECT judge_align('colour', '{"labels":"median"}');
SELECT judge_align('colour', '{"held_out":1}');
SELECT judge_align('colour', '{"model":"gpt"}');
SELECT judge_align('color');
SELECT judge_align('colour') FROM item;
BEGIN;
SELECT judge_align('colour');
COMMIT;
