-- The commands that send, against a stub: reports, rows, texts of misuse.
.stub run_stub.json
.open $TMP/run.db
SELECT judge_init() IS NOT NULL;
SELECT make_judge('kept', 'Was {{ inputs }} kept by {{ outputs }}?',
  'openai:/m', '{"feedback_value_type":["bad","good"]}')->>'$.judge';
INSERT INTO traces(trace_id, inputs, outputs) VALUES
  ('t1', 'a promise', 'on time'), ('t2', 'a promise', 'late'),
  ('t3', 'a promise', 'broken'), ('t4', 'a promise', 'odd'),
  ('t5', 'a promise', NULL);
-- explain sends nothing
WITH r(value) AS MATERIALIZED (SELECT judge_run('kept', '{"explain":true}'))
SELECT value->>'$.traces', value->>'$.calls', value->>'$.errors', value->>'$.skipped' FROM r;
SELECT count(*) FROM judge_call;
CREATE TEMP TABLE report(value);
SELECT judge_run('kept') IS NOT NULL;
INSERT INTO report SELECT report FROM judge_report WHERE command = 'judge_run' AND NOT forecast;
SELECT value->>'$.judge', value->>'$.model', value->>'$.traces',
  value->>'$.verdicts', value->>'$.errors', value->>'$.skipped',
  value->>'$.calls', value->>'$.retries', value->>'$.cost' FROM report;
SELECT trace_id, value, rationale, source_type, source_id, judge, error_code,
  error_message FROM assessments ORDER BY trace_id;
SELECT trace_id, status, http_status, attempts, model_returned FROM judge_call
  ORDER BY trace_id;
-- what failed is tried again, what was answered is not
WITH r(value) AS MATERIALIZED (SELECT judge_run('kept'))
SELECT value->>'$.calls', value->>'$.cached', value->>'$.errors', value->>'$.skipped' FROM r;
-- one
WITH r(value) AS MATERIALIZED (SELECT judge_eval('kept', 't1'))
SELECT value->>'$.value', value->>'$.rationale', value->>'$.metadata.cached' FROM r;
WITH r(value) AS MATERIALIZED (SELECT judge_eval('kept', 'a promise', 'odd one'))
SELECT value->>'$.value', value->>'$.error_code' FROM r;
-- misuse
SELECT judge_run('kept', '{"where":"1 = 0"}')->>'$.notes';
SELECT judge_run('kept', '{"concurency":2}');
SELECT judge_run('keept');
SELECT judge_run('kept', '{"where":"colour = 1"}');
SELECT judge_run('kept', '{"max_cost":1}');
BEGIN;
SELECT judge_run('kept');
ROLLBACK;
SELECT judge_run('kept') FROM judge_trace;
SELECT judge_run('kept') FROM traces;
BEGIN IMMEDIATE;
SELECT judge_eval('kept', 't1');
COMMIT;
SELECT judge_generate('openai:/m', 'Say {{ word }}', '{"inputs":["a"]}');
SELECT judge_generate('openai:/m', 'Say {{ inputs }}', '{"from":"SELECT 7 AS trace_id, 8 AS inputs"}');
SELECT judge_generate('openai:/m', 'Say {{ inputs }}',
  '{"inputs":["a",{"trace_id":"g1","inputs":"b"},{"trace_id":"g1","inputs":"c"}]}');
-- an id names the trace and is no input; what failed is tried again with its own
INSERT INTO traces(trace_id, state, inputs) VALUES ('g1', 'ERROR', '{"word": "good"}');
SELECT judge_generate('openai:/m', 'Say {{ word }}',
  '{"inputs":[{"trace_id":"g2","word":"well"},{"trace_id":"g1","word":"bad"}]}');
WITH r(value) AS MATERIALIZED (SELECT judge_generate('openai:/m', 'Say {{ word }}',
  '{"inputs":[{"trace_id":"g1","word":"good"},{"trace_id":"g2","word":"good"}]}'))
SELECT value->>'$.generated', value->>'$.calls' + value->>'$.cached' FROM r;
SELECT trace_id, state, inputs, outputs IS NOT NULL FROM judge_trace WHERE trace_id LIKE 'g_';
PRAGMA query_only = 1;
SELECT judge_run('kept');
PRAGMA query_only = 0;
.autocommit
