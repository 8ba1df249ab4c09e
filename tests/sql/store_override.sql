-- What replaces what: see docs/tables.md.
.quiet
SELECT judge_init();
INSERT INTO traces(trace_id) VALUES('t1'), ('t2');
.loud
-- The same reviewer on the same trace under a name: the old row stays.
INSERT INTO assessments(assessment_id, trace_id, name, value, source_id) VALUES('a-1', 't1', 'q', 'Good', 'ann');
INSERT INTO assessments(assessment_id, trace_id, name, value, source_id) VALUES('a-2', 't1', 'q', 'Bad', 'ann');
INSERT INTO assessments(assessment_id, trace_id, name, value, source_id) VALUES('b-1', 't1', 'q', 'Good', 'ben');
SELECT assessment_id, value, source_id, overrides, valid FROM assessments ORDER BY 1;
-- An equal one changes nothing.
INSERT INTO assessments(assessment_id, trace_id, name, value, source_id) VALUES('a-3', 't1', 'q', 'Bad', 'ann');
SELECT count(*) FROM assessments;
-- Another reason is another label.
INSERT INTO assessments(assessment_id, trace_id, name, value, source_id, rationale) VALUES('a-4', 't1', 'q', 'Bad', 'ann', 'cold');
SELECT assessment_id, overrides, valid FROM assessments WHERE source_id = 'ann' ORDER BY 1;
-- Deleting the newest makes the one before it valid again; deleting from the
-- middle joins the ends.
DELETE FROM assessments WHERE assessment_id = 'a-2';
SELECT assessment_id, overrides, valid FROM assessments WHERE source_id = 'ann' ORDER BY 1;
DELETE FROM assessments WHERE assessment_id = 'a-4';
SELECT assessment_id, overrides, valid FROM assessments WHERE source_id = 'ann' ORDER BY 1;
-- A human may override a verdict by its id.
INSERT INTO assessments(assessment_id, trace_id, name, value, source_type, source_id) VALUES('v-1', 't2', 'q', 'Good', 'LLM_JUDGE', 'gpt');
INSERT INTO assessments(assessment_id, trace_id, name, value, overrides) VALUES('h-1', 't2', 'q', 'Bad', 'v-1');
INSERT INTO assessments(assessment_id, trace_id, name, value, overrides) VALUES('h-2', 't1', 'q', 'Bad', 'v-1');
SELECT assessment_id, source_type, overrides, valid FROM assessments WHERE trace_id = 't2' ORDER BY 1;
DELETE FROM assessments WHERE assessment_id = 'h-1';
SELECT assessment_id, valid FROM assessments WHERE trace_id = 't2' ORDER BY 1;
-- Recorded verdicts by their source, ours by their version, spans apart.
INSERT INTO assessments(assessment_id, trace_id, name, value, source_type, source_id) VALUES('v-2', 't2', 'q', 'Bad', 'LLM_JUDGE', 'gpt'), ('v-3', 't2', 'q', 'Bad', 'LLM_JUDGE', 'other');
INSERT INTO assessments(assessment_id, trace_id, name, value, source_id, judge) VALUES('j-1', 't2', 'q', 'Good', 'openai:/m', 'q@1'), ('j-2', 't2', 'q', 'Good', 'openai:/m', 'q@2'), ('j-3', 't2', 'q', 'Bad', 'openai:/m', 'q@1');
INSERT INTO assessments(assessment_id, trace_id, name, value, source_id, span_id) VALUES('s-1', 't2', 'q', 'Good', 'ann', '01'), ('s-2', 't2', 'q', 'Bad', 'ann', '02');
SELECT assessment_id, source_type, source_id, judge, overrides, valid FROM assessments WHERE trace_id = 't2' ORDER BY 1;
-- History comes in as it was; a script run again does not double it.
INSERT INTO assessments(assessment_id, trace_id, name, value, source_id, created, valid) VALUES('x-1', 't1', 'past', 'Bad', 'ann', 1000, 0);
INSERT INTO assessments(assessment_id, trace_id, name, value, source_id, created, overrides) VALUES('x-2', 't1', 'past', 'Good', 'ann', 2000, 'x-1');
INSERT INTO assessments(trace_id, name, value, source_id, created) VALUES('t1', 'twice', 'Bad', 'ann', 1000), ('t1', 'twice', 'Good', 'ann', 2000);
INSERT INTO assessments(trace_id, name, value, source_id, created) VALUES('t1', 'twice', 'Bad', 'ann', 1000), ('t1', 'twice', 'Good', 'ann', 2000);
SELECT name, value, created, valid FROM assessments WHERE name IN ('past', 'twice') ORDER BY name, created;
