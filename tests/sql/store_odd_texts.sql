-- Ids that could not be found again are refused at the door.
.quiet
SELECT judge_init();
INSERT INTO traces(trace_id, inputs, outputs) VALUES('t1', 'a', 'b');
SELECT make_judge('count', '{{ inputs }} {{ outputs }}', 'local:/lexical', '{"feedback_value_type":"int"}');
.loud
INSERT INTO traces(trace_id) VALUES(x'6162');
INSERT INTO traces(trace_id) VALUES('a' || char(0) || 'b');
INSERT INTO traces(trace_id) VALUES(CAST(x'61ff' AS TEXT));
INSERT INTO traces(trace_id) VALUES('fine'), (CAST(x'61ff' AS TEXT));
UPDATE traces SET trace_id = CAST(x'61ff' AS TEXT) WHERE trace_id = 't1';
UPDATE traces SET trace_id = x'61' WHERE trace_id = 't1';
INSERT INTO judge_trace(trace_id) VALUES(x'6162');
SELECT trace_id FROM traces;
-- Numeric text is the number that it spells.
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'count', '1e2');
SELECT value, typeof(value), value_text, value_num FROM judge_assessment;
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'count', '1.5e0');
-- A scheme in capitals is no other model.
SELECT make_judge('shout', '{{ inputs }}', 'LOCAL:/lexical');
-- A name that nothing has.
SELECT * FROM judge_disagreements('count@1');
SELECT count(*) FROM judge_disagreements('count');
