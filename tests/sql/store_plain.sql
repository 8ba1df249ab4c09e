-- The file without the extension: everything reads, labels can be typed in.
.quiet
SELECT judge_init();
INSERT INTO traces(trace_id, inputs, outputs, expectations) VALUES('t1', 'a', 'b', '{"e":1}'), ('t2', 'c', 'd', NULL);
SELECT make_judge('q', 'Rate {{ outputs }}', 'local:/lexical', '{"feedback_value_type":["Bad","Good"]}');
INSERT INTO assessments(trace_id, name, value, source_type, source_id) VALUES('t1', 'q', 'Good', 'CODE', 'rules');
CREATE TABLE mine(x);
.loud
.noload
SELECT count(*) FROM traces;
PRAGMA integrity_check;
ALTER TABLE mine RENAME TO yours;
ALTER TABLE yours RENAME COLUMN x TO y;
VACUUM;
SELECT name FROM sqlite_schema WHERE sql LIKE '%VIRTUAL%';
-- A label typed by hand is whole.
INSERT INTO judge_assessment(trace_id, name, value) VALUES('t1', 'q', ' good');
INSERT INTO judge_assessment(assessment_id, trace_id, name, kind, value, source_type, source_id, valid, created) VALUES(NULL, 't2', ' q ', NULL, 'BAD', 'human', 'ann', NULL, NULL);
SELECT assessment_id LIKE 'a-%', trace_id, quote(name), kind, quote(value), value_type, source_type, source_id, valid, created = updated, value_text, created_text LIKE '20%Z', updated_text LIKE '20%Z' FROM judge_assessment WHERE source_type = 'HUMAN' AND kind = 'feedback' ORDER BY trace_id;
INSERT INTO judge_assessment(trace_id, name, value) VALUES('t9', 'q', 'Good');
INSERT INTO judge_assessment(trace_id, name, value) VALUES('t1', 'q', 'Great');
INSERT INTO judge_assessment(trace_id, name, value, source_type) VALUES('t1', 'q', 'Good', 'BOT');
INSERT INTO judge_assessment(trace_id, name, value, kind) VALUES('t1', 'q', 'Good', 'x');
INSERT INTO judge_assessment(trace_id, name, value, source_id, metadata) VALUES('t1', 'q', 'Good', 'ben', '1');
INSERT INTO judge_assessment(trace_id, name, value, source_id, created) VALUES('t1', 'q', 'Good', 'ben', 'today');
INSERT INTO judge_assessment(trace_id, name) VALUES('t1', 'q');
INSERT OR IGNORE INTO judge_assessment(trace_id, name, value) VALUES('t9', 'q', 'Good');
UPDATE judge_assessment SET value = 'bad' WHERE trace_id = 't1' AND source_type = 'HUMAN' AND name = 'q';
UPDATE judge_assessment SET value = 'Great' WHERE trace_id = 't1' AND source_type = 'HUMAN' AND name = 'q';
SELECT quote(value), value_text, updated >= created FROM judge_assessment WHERE trace_id = 't1' AND source_type = 'HUMAN' AND name = 'q';
INSERT INTO judge_trace(inputs) VALUES('typed');
INSERT INTO judge_trace(trace_id, experiment, state, request_time) VALUES('t3', NULL, NULL, 1000);
INSERT INTO judge_trace(trace_id, state) VALUES('t4', 'FINE');
SELECT trace_id LIKE 'tr-%', experiment, state, request_time_text LIKE '20%Z' FROM judge_trace WHERE inputs = 'typed';
SELECT experiment, state, request_time_text FROM judge_trace WHERE trace_id = 't3';
INSERT OR REPLACE INTO judge_trace(trace_id, experiment) VALUES('t3', 'Default');
SELECT experiment_id, name FROM judge_experiment;
SELECT name, model, trace_id, agree FROM judge_pairs;
DELETE FROM judge_trace WHERE trace_id = 't1';
SELECT count(*) FROM judge_assessment WHERE trace_id = 't1';
-- The same with recursive triggers.
PRAGMA recursive_triggers = 1;
INSERT INTO judge_assessment(trace_id, name, value) VALUES('t3', 'q', 'good');
UPDATE judge_assessment SET value = 'bad', rationale = 'r' WHERE trace_id = 't3';
SELECT value, value_text, rationale FROM judge_assessment WHERE trace_id = 't3';
UPDATE judge_trace SET request_time = 5000, experiment = 'other' WHERE trace_id = 't3';
SELECT request_time_text FROM judge_trace WHERE trace_id = 't3';
PRAGMA integrity_check;
.reopen
SELECT count(*) FROM assessments WHERE source_type = 'HUMAN' AND kind = 'feedback';
