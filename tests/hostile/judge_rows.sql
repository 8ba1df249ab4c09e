-- Rows of judge's tables with SQL in every text.
UPDATE judge_trace SET experiment = ''' || load_extension(''./canary'') || ''', session_id = '") UNION SELECT load_extension(''./canary''', tags = '{"topic":"1); SELECT load_extension(''./canary'')"}' WHERE trace_id <> 't4';
UPDATE judge_trace SET trace_id = 't''||load_extension(''./canary'')||''' WHERE trace_id = 't3';
INSERT INTO judge_assessment(trace_id, name, value, source_type, source_id) VALUES ('t1', 'q''; SELECT load_extension(''./canary''); --', 'good', 'HUMAN', 'ann"; SELECT load_extension(''./canary''); --');
SELECT make_judge('evil', '{{ outputs }}'' || load_extension(''./canary'') || ''', 'openai:/m'' || load_extension(''./canary'')', '{"feedback_value_type":["a'' || load_extension(''./canary'') || ''","b"]}');
-- victim
SELECT judge_run('q', '{"redo":true}');
SELECT judge_run('trap');
-- expect: is not allowed on this connection
SELECT judge_eval('trap', 't1');
-- expect: is not allowed on this connection
SELECT judge_prompt('evil', 't1');
-- expect: load_extension
SELECT * FROM agreement_report('q', '{"by":"tags ->> ''$.topic''"}');
SELECT * FROM agreement_report('q''; SELECT load_extension(''./canary''); --');
SELECT * FROM agreement_drift('q''; SELECT load_extension(''./canary''); --');
SELECT * FROM judge_disagreements('q');
SELECT judge_run('q', '{"redo":true,"experiment":"'' || load_extension(''./canary'') || ''"}');
SELECT judge_align('q', '{"trace_ids":["t1","t''||load_extension(''./canary'')||''"]}');
SELECT count(*) FROM assessments WHERE name LIKE 'q''; SELECT%';
-- expect: [(1,)]
