-- Which label a row is trained on: every policy over the same ratings.
SELECT judge_init() IS NOT NULL;
SELECT make_judge('grade', 'Grade {{ outputs }} for {{ inputs }}.', 'local:/lexical', '{"feedback_value_type":["poor","fair","good","excellent"]}')->>'$.judge';
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
INSERT INTO traces(trace_id, inputs, outputs) SELECT 't' || i, 'question ' || i, 'answer number ' || i FROM n;
-- Three reviewers rate t1: poor, poor, excellent (mean 1: fair). t2 is a tie of
-- fair and excellent (mean 2: good). t3 has the newest label first in the table.
INSERT INTO assessments(trace_id, name, value, source_id, created) VALUES
  ('t1', 'grade', 'poor', 'a', 1000), ('t1', 'grade', 'poor', 'b', 2000), ('t1', 'grade', 'excellent', 'c', 3000),
  ('t2', 'grade', 'fair', 'a', 1000), ('t2', 'grade', 'excellent', 'b', 1000),
  ('t3', 'grade', 'good', 'a', 9000), ('t3', 'grade', 'fair', 'b', 1000),
  ('t4', 'grade', 'poor', 'a', 1000), ('t4', 'grade', 'fair', 'b', 1000);
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, 'grade', CASE WHEN rowid % 2 THEN 'good' ELSE 'poor' END, 'a' FROM judge_trace WHERE trace_id NOT IN ('t1', 't2', 't3', 't4');
SELECT r->>'$.contested' FROM (SELECT judge_align('grade@1', '{"labels":"auto","min_traces":5}') AS r);
SELECT r->>'$.contested' FROM (SELECT judge_align('grade@1', '{"labels":"mean","min_traces":5,"seed":1}') AS r);
SELECT r->>'$.contested' FROM (SELECT judge_align('grade@1', '{"labels":"latest","min_traces":5}') AS r);
SELECT r->>'$.contested' FROM (SELECT judge_align('grade@1', '{"labels":"majority","min_traces":5}') AS r);
SELECT d.judge, e.trace_id, e.label FROM judge_definition d JOIN judge_example e USING (definition_id) WHERE e.trace_id IN ('t1', 't2', 't3', 't4') ORDER BY d.version, e.trace_id;
-- Every reviewer's label is kept with the example, whichever was picked.
SELECT json_group_array(value->>'$.value') FROM judge_example e JOIN judge_definition d USING (definition_id), json_each(e.labels) WHERE d.judge = 'grade@2' AND trace_id = 't1';
-- A label that a reviewer replaced counts no more.
INSERT INTO assessments(trace_id, name, value, source_id) VALUES('t1', 'grade', 'good', 'a');
SELECT value, valid FROM assessments WHERE trace_id = 't1' AND source_id = 'a' ORDER BY created;
-- mean needs an order.
SELECT make_judge('note', 'Describe {{ outputs }}.', 'local:/lexical')->>'$.judge';
INSERT INTO assessments(trace_id, name, value) SELECT trace_id, 'note', 'text ' || rowid FROM judge_trace;
SELECT judge_align('note', '{"labels":"mean"}');
