-- Views and triggers that name what sends, sets and loads outright.
CREATE VIEW a AS SELECT judge_eval('trap', trace_id) FROM judge_trace;
CREATE VIEW b AS SELECT judge_config('allow_host', '127.0.0.1:$PORT');
CREATE VIEW c AS SELECT load_extension('./canary');
CREATE VIEW d AS SELECT judge_run('trap'), judge_align('trap'), judge_generate('openai:/m', 'x', '{"inputs":["a"]}');
CREATE TRIGGER e AFTER INSERT ON judge_assessment BEGIN SELECT judge_eval('trap', new.trace_id); END;
-- victim
-- alone
SELECT * FROM a;
-- expect: unsafe use of judge_eval()
-- alone
SELECT * FROM b;
-- expect: unsafe use of judge_config()
-- alone
SELECT * FROM c;
-- expect: unsafe use of load_extension()
-- alone
SELECT * FROM d;
-- expect: unsafe use of judge_run()
INSERT INTO assessments(trace_id, name, value, source_type) VALUES ('t1', 'trap', 'bad', 'HUMAN');
-- expect: unsafe use of judge_eval()
