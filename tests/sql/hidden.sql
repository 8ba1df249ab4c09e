-- Tables of the user's own take the place of the virtual ones: pandas' to_sql
-- and sqlite-utils make them unasked. Whoever meets that is told.
SELECT judge_init() ->> 'notes';
SELECT make_judge('q', 'How good is {{ outputs }}?', 'local:/lexical',
  '{"feedback_value_type":["bad","good"]}') ->> 'judge';
.noload
CREATE TABLE traces("index" INTEGER, trace_id TEXT, Inputs TEXT, outputs TEXT,
  expectations TEXT, mine TEXT);
INSERT INTO traces VALUES
  (0, 't1', 'Where?', 'There.', '{"expected_response":"There"}', 'x'),
  (1, 't2', 'When?', 'Then.', NULL, 'y');
CREATE TABLE assessments(trace_id TEXT, name TEXT, value TEXT,
  source_type TEXT, source_id TEXT);
INSERT INTO assessments VALUES ('t1', 'q', 'good', 'HUMAN', 'ann');
.reopen
SELECT judge_init() ->> 'notes';
SELECT json_extract(judge_run('q'), '$.traces', '$.notes');
SELECT judge_align('q');
SELECT json_extract(judge_run('q', '{"explain":true}'), '$.traces');
-- What the notes say, done.
ALTER TABLE main.traces RENAME TO my_traces;
INSERT INTO traces(trace_id, inputs, outputs, expectations)
  SELECT trace_id, inputs, outputs, expectations FROM main.my_traces;
ALTER TABLE main.assessments RENAME TO my_assessments;
INSERT INTO assessments(trace_id, name, value, source_type, source_id)
  SELECT trace_id, name, value, source_type, source_id FROM main.my_assessments;
SELECT trace_id, inputs, outputs, expectations FROM traces;
SELECT judge_init() ->> 'notes';
SELECT json_extract(judge_run('q'), '$.verdicts', '$.notes');
SELECT judge_value, human_value FROM judge_pairs;
-- Temporary ones, in front of one in the file; the name my_traces is taken.
CREATE TABLE Traces AS SELECT * FROM my_traces;
CREATE TEMP TABLE traces(outputs, inputs);
SELECT judge_init() ->> 'notes';
ALTER TABLE temp.traces RENAME TO my_traces_2;
SELECT judge_init() ->> 'notes';
DROP TABLE main.traces;
-- A view, whose own rows stay where they are.
CREATE VIEW traces AS SELECT 'v' || trace_id AS trace_id, inputs, outputs FROM my_traces;
SELECT judge_init() ->> 'notes';
CREATE TEMP TABLE my_traces_3 AS SELECT * FROM main.traces;
DROP VIEW main.traces;
INSERT INTO traces(trace_id, inputs, outputs)
  SELECT trace_id, inputs, outputs FROM temp.my_traces_3;
SELECT count(*) FROM traces;
-- A table that holds something else, and one in another file.
CREATE TABLE traces(x, y);
SELECT judge_init() ->> 'notes';
DROP TABLE traces;
ATTACH ':memory:' AS "other file";
CREATE TABLE "other file".traces(trace_id, inputs, outputs);
SELECT judge_init() ->> 'notes';
DETACH "other file";
-- Ours by a name that a user gave them hide nothing.
CREATE VIRTUAL TABLE temp.assessments USING assessments;
SELECT judge_init() ->> 'notes';
-- Every column of ours is moved.
CREATE TABLE main.traces AS SELECT * FROM traces LIMIT 0;
SELECT judge_init() ->> 'notes';
DROP TABLE main.traces;
DROP TABLE temp.assessments;
CREATE TABLE main.assessments AS SELECT * FROM assessments LIMIT 0;
SELECT judge_init() ->> 'notes';
