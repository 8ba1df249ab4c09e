-- The virtual table traces.
.quiet
SELECT judge_init();
.loud
SELECT name, type FROM pragma_table_info('traces');
INSERT INTO traces(trace_id, inputs, outputs, request_time) VALUES('t1', 'Why?', 'Because.', 1000);
SELECT trace_id, experiment, request_time, state, inputs, outputs, expectations FROM traces;
SELECT request_time_text FROM judge_trace;
-- Ids, times and the state are filled in.
INSERT INTO traces(inputs) VALUES('made');
SELECT trace_id GLOB 'tr-' || replace(hex(zeroblob(16)), '0', '[0-9a-f]'), state, abs(request_time - unixepoch() * 1000) < 5000 FROM traces WHERE inputs = 'made';
SELECT last_insert_rowid() = rowid FROM judge_trace WHERE inputs = 'made';
INSERT INTO traces(trace_id, inputs) VALUES('t2', 'r') RETURNING trace_id, inputs;
-- Expectations: one object out, assessments within.
INSERT INTO traces(trace_id, expectations) VALUES('t3', '{"expected_response":"Yes","n":3,"share":0.5,"ok":true,"facts":["a",1],"none":null}');
SELECT expectations FROM traces WHERE trace_id = 't3';
SELECT name, kind, value, value_type, source_type, source_id FROM assessments WHERE trace_id = 't3';
UPDATE traces SET expectations = '{"n":4}' WHERE trace_id = 't3';
SELECT expectations FROM traces WHERE trace_id = 't3';
SELECT value, valid FROM assessments WHERE trace_id = 't3' AND name = 'n';
UPDATE traces SET expectations = NULL WHERE trace_id = 't3';
-- Conflicts.
INSERT INTO traces(trace_id) VALUES('t1');
INSERT OR IGNORE INTO traces(trace_id, inputs) VALUES('t1', 'ignored'), ('t4', 'new');
INSERT OR IGNORE INTO traces(trace_id, state) VALUES('t1', 'OK'), ('t7', 'FINE');
INSERT OR IGNORE INTO traces(trace_id, duration_ms) VALUES('t7', 'long');
UPDATE OR IGNORE traces SET trace_id = 't1' WHERE trace_id = 't4';
UPDATE OR IGNORE traces SET state = 'FINE';
INSERT OR REPLACE INTO traces(trace_id, inputs) VALUES('t3', 'again');
SELECT inputs, outputs, expectations FROM traces WHERE trace_id IN ('t1', 't3', 't4') ORDER BY trace_id;
INSERT INTO traces(trace_id) VALUES('t1') ON CONFLICT DO NOTHING;
DELETE FROM traces WHERE trace_id = 't4' RETURNING trace_id;
UPDATE traces SET outputs = 'x' WHERE trace_id = 't4' RETURNING trace_id;
-- Refused, with the value; nothing is left behind, inside a transaction either.
BEGIN;
INSERT INTO traces(trace_id, state) VALUES('bad', 'FINE');
INSERT INTO traces(trace_id, tags) VALUES('bad', '[1]');
INSERT INTO traces(trace_id, metadata) VALUES('bad', '{');
INSERT INTO traces(trace_id, request_time) VALUES('bad', 'yesterday');
INSERT INTO traces(trace_id, duration_ms) VALUES('bad', 1.5);
INSERT INTO traces(trace_id, expectations) VALUES('bad', 'Paris');
INSERT INTO traces(trace_id, expectations) VALUES('bad', '["Paris"]');
INSERT INTO traces(trace_id, expectations) VALUES('bad', '{"":1}');
INSERT INTO traces(trace_id, inputs) VALUES('good', 'x'), ('t1', 'y');
COMMIT;
SELECT count(*) FROM judge_trace WHERE trace_id IN ('bad', 'good');
SELECT count(*) FROM judge_assessment WHERE trace_id = 'bad';
UPDATE traces SET state = 'FINE' WHERE trace_id = 't1';
UPDATE traces SET trace_id = 't2' WHERE trace_id = 't1';
-- Changing and deleting reach the assessments.
UPDATE traces SET trace_id = 't5', outputs = 'o' WHERE trace_id = 't3';
SELECT inputs, outputs, expectations FROM traces WHERE trace_id = 't5';
DELETE FROM traces WHERE trace_id = 't5';
SELECT count(*) FROM judge_assessment WHERE trace_id IN ('t3', 't5');
-- Experiments.
SELECT judge_config('experiment', 'nightly');
INSERT INTO traces(trace_id) VALUES('n1');
INSERT INTO traces(trace_id, experiment) VALUES('n2', 'weekly');
SELECT trace_id, experiment FROM traces WHERE trace_id LIKE 'n_' ORDER BY 1;
SELECT name FROM judge_experiment ORDER BY name;
SELECT count(*) FROM traces WHERE experiment = 'nightly';
-- Another name, in temp only.
CREATE VIRTUAL TABLE t USING traces;
CREATE VIRTUAL TABLE traces USING traces;
CREATE VIRTUAL TABLE temp.t USING traces;
SELECT count(*) = (SELECT count(*) FROM traces) FROM t;
INSERT INTO t(trace_id) VALUES('by t');
SELECT trace_id FROM judge_trace WHERE trace_id = 'by t';
CREATE VIRTUAL TABLE temp.u USING traces(x);
-- A real table of that name wins.
CREATE TABLE traces(mine);
SELECT count(*) FROM traces;
SELECT count(*) > 0 FROM t;
DROP TABLE traces;
SELECT count(*) > 0 FROM traces;
