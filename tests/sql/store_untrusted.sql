-- PRAGMA trusted_schema = OFF: the file's own SQL holds nothing that it forbids.
.quiet
PRAGMA trusted_schema = OFF;
SELECT judge_init();
SELECT make_judge('q', '{{ inputs }} {{ outputs }}', 'local:/lexical', '{"feedback_value_type":["bad","good"]}');
.loud
INSERT INTO traces(trace_id, inputs, outputs, tags, expectations) VALUES('t1', 'a b', 'a b', '{"k":1}', '{"e":[1]}'), ('t2', 'c d', 'x', NULL, NULL);
INSERT INTO assessments(trace_id, name, value, metadata) VALUES('t1', 'q', 'GOOD', '{}');
SELECT judge_run('q') ->> 'verdicts';
SELECT trace_id, judge_value, human_value, agree FROM judge_pairs;
UPDATE traces SET tags = '[]' WHERE trace_id = 't1';
UPDATE traces SET metadata = '{no}' WHERE trace_id = 't1';
PRAGMA integrity_check;
.noload
PRAGMA trusted_schema = OFF;
INSERT INTO judge_trace(trace_id, tags) VALUES('t3', '{}');
INSERT INTO judge_trace(trace_id, tags) VALUES('t4', 'x');
INSERT INTO judge_trace(trace_id, metadata) VALUES('t4', '{x}');
INSERT INTO judge_assessment(trace_id, name, value) VALUES('t2', 'q', 'bad');
INSERT INTO judge_assessment(trace_id, name, kind, value) VALUES('t2', 'facts', 'expectation', ' ["a"]');
UPDATE judge_assessment SET metadata = '1' WHERE trace_id = 't2' AND name = 'q';
SELECT name, value, value_type FROM judge_assessment WHERE trace_id = 't2' AND judge IS NULL ORDER BY name;
PRAGMA integrity_check;
