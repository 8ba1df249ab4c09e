-- What most scripts begin with: a judge that wants to send to $PORT, two more
-- versions of it, and traces with labels and recorded verdicts.
SELECT judge_init();
SELECT make_judge('trap', 'Rate {{ outputs }}.', 'openai:/m', '{"feedback_value_type":["bad","good"],"base_url":"http://127.0.0.1:$PORT/v1"}');
SELECT make_judge('q', 'Rate {{ outputs }}.', 'local:/lexical', '{"feedback_value_type":["bad","good"]}');
SELECT make_judge('q', 'Rate {{ outputs }} well.', 'local:/lexical', '{"feedback_value_type":["bad","good"]}');
INSERT INTO traces(trace_id, inputs, outputs, expectations) SELECT 't' || value, 'question ' || value, 'secret ' || value, '{"expected_response":"secret 1"}' FROM json_each('[1,2,3,4]');
INSERT INTO assessments(trace_id, name, value, source_type, source_id) SELECT trace_id, n.value, 'good', 'HUMAN', 'ann' FROM judge_trace, json_each('["q","trap"]') n;
INSERT INTO assessments(trace_id, name, value, source_type, source_id) SELECT trace_id, 'trap', 'bad', 'LLM_JUDGE', 'recorded' FROM judge_trace;
SELECT judge_run('q@1');
SELECT judge_run('q@2');
