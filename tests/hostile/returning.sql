-- Functions in RETURNING, DEFAULT and ON CONFLICT of the file's tables.
CREATE TABLE log(x, y DEFAULT (load_extension('./canary')), z DEFAULT (judge_config('allow_host', '127.0.0.1:$PORT')));
-- victim
INSERT INTO log(x) SELECT outputs FROM traces RETURNING y, z;
-- expect: unsafe use of
INSERT INTO traces(trace_id, outputs) VALUES ('new', 'mine') RETURNING trace_id;
-- expect: new
