-- The virtual table assessments.
.quiet
SELECT judge_init();
INSERT INTO traces(trace_id, inputs, outputs) VALUES('t1', 'a', 'b'), ('t2', 'c', 'd'), ('t3', 'e', 'f');
SELECT make_judge('quality', 'Rate {{ outputs }}', 'local:/lexical', '{"feedback_value_type":["Bad","Could be Improved","Good"]}');
SELECT make_judge('safe', 'Is {{ outputs }} safe?', 'openai:/m', '{"feedback_value_type":"bool"}');
SELECT make_judge('stars', 'Stars for {{ outputs }}?', 'openai:/m', '{"feedback_value_type":"int"}');
SELECT make_judge('share', 'Share of {{ outputs }}?', 'openai:/m', '{"feedback_value_type":"float"}');
SELECT make_judge('level', 'Level of {{ outputs }}?', 'openai:/m', '{"feedback_value_type":[1,2,3]}');
SELECT make_judge('words', 'Words on {{ outputs }}?', 'openai:/m');
.loud
SELECT name, type FROM pragma_table_info('assessments');
-- Defaults; the declared spelling; numbers from numeric text.
INSERT INTO assessments(trace_id, name, value) VALUES('t1', ' quality ', ' gOOD ');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'safe', 'Yes'), ('t2', 'safe', 0), ('t3', 'safe', 'FALSE');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'stars', ' 4 '), ('t2', 'stars', 3.0), ('t3', 'stars', '2e0');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'share', '.5'), ('t2', 'share', 1);
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'level', '2'), ('t2', 'level', 3.0);
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'words', 5), ('t2', 'words', '007');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'free', '007'), ('t2', 'free', 7), ('t3', 'free', 0.5);
SELECT trace_id, name, quote(value), value_type, source_type, source_id, kind, valid FROM assessments ORDER BY name, trace_id;
SELECT value_text, value_num FROM judge_assessment WHERE name = 'share' ORDER BY trace_id;
SELECT assessment_id GLOB 'a-' || replace(hex(zeroblob(16)), '0', '[0-9a-f]'), created = updated, created_text = strftime('%Y-%m-%dT%H:%M:%fZ', created / 1000.0, 'unixepoch') FROM judge_assessment WHERE name = 'level' LIMIT 1;
-- Refused, with the value and what is allowed.
INSERT INTO assessments(trace_id, name, value) VALUES('tr-9', 'quality', 'Good');
INSERT INTO assessments(name, value) VALUES('quality', 'Good');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'quality', 'Great');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'safe', 'perhaps');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'stars', '4 of 5');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'share', 'half');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'level', 4);
INSERT INTO assessments(trace_id, name, value, source_type) VALUES('t1', 'quality', 'Good', 'BOT');
INSERT INTO assessments(trace_id, name, value, kind) VALUES('t1', 'quality', 'Good', 'opinion');
INSERT INTO assessments(trace_id, name) VALUES('t1', 'quality');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', ' ', 'Good');
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'quality', x'00');
INSERT INTO assessments(trace_id, name, value, metadata) VALUES('t3', 'quality', 'Good', '[]');
INSERT INTO assessments(trace_id, name, value, created) VALUES('t3', 'quality', 'Good', 'today');
INSERT INTO assessments(trace_id, name, value, overrides) VALUES('t2', 'quality', 'Good', 'a-0');
INSERT INTO assessments(trace_id, name, value) SELECT 't2', 'quality', column1 FROM (VALUES('Good'), ('Great'));
SELECT count(*) FROM judge_assessment WHERE trace_id = 't2' AND name = 'quality';
-- A recorded verdict may lie outside the scale, and takes its spelling inside.
INSERT INTO assessments(trace_id, name, value, source_type, source_id) VALUES('t1', 'quality', 'Great', 'ai_judge', 'other'), ('t2', 'quality', 'bad', 'code', 'rules');
SELECT value, source_type FROM assessments WHERE name = 'quality' AND source_type <> 'HUMAN' ORDER BY trace_id;
INSERT INTO assessments(trace_id, name, error_code, error_message, source_type) VALUES('t3', 'quality', 'TIMEOUT', 'too slow', 'LLM_JUDGE');
SELECT quote(value), value_type, error_code FROM assessments WHERE error_code IS NOT NULL;
-- Explicit ids and conflicts.
INSERT INTO assessments(assessment_id, trace_id, name, value) VALUES('a-1', 't3', 'quality', 'Bad');
INSERT INTO assessments(assessment_id, trace_id, name, value) VALUES('a-1', 't3', 'stars', 5);
INSERT OR IGNORE INTO assessments(assessment_id, trace_id, name, value) VALUES('a-1', 't3', 'stars', 5);
-- OR IGNORE passes over an id that exists, not over a row that is wrong.
INSERT OR IGNORE INTO assessments(trace_id, name, value) VALUES('t3', 'few', 5), ('tr-9', 'few', 5);
INSERT OR IGNORE INTO assessments(trace_id, name, value) VALUES('t3', 'quality', 'Great');
INSERT OR IGNORE INTO assessments(trace_id, name, value, source_type) VALUES('t3', 'few', 5, 'ROBOT');
INSERT OR IGNORE INTO assessments(trace_id, name, value) SELECT 'tr-9', 'few', value FROM judge_assessment;
UPDATE OR IGNORE assessments SET value = 'Great' WHERE assessment_id = 'a-1';
UPDATE OR IGNORE assessments SET assessment_id = 'a-1' WHERE name = 'stars';
SELECT count(*) FROM assessments WHERE name = 'few';
INSERT OR REPLACE INTO assessments(assessment_id, trace_id, name, value, rationale) VALUES('a-1', 't3', 'quality', 'GOOD', 'second thoughts');
SELECT value, rationale, valid FROM assessments WHERE assessment_id = 'a-1';
-- Changing.
UPDATE assessments SET value = 'could be improved' WHERE assessment_id = 'a-1';
UPDATE assessments SET value = 'Great' WHERE assessment_id = 'a-1';
UPDATE assessments SET source_type = 'ROBOT' WHERE assessment_id = 'a-1';
UPDATE assessments SET kind = 'expectation' WHERE assessment_id = 'a-1';
UPDATE assessments SET trace_id = 'tr-9' WHERE assessment_id = 'a-1';
SELECT value, kind, trace_id FROM assessments WHERE assessment_id = 'a-1';
SELECT value_text FROM judge_assessment WHERE assessment_id = 'a-1';
DELETE FROM assessments WHERE assessment_id = 'a-1';
SELECT count(*) FROM judge_assessment WHERE assessment_id = 'a-1';
-- Labels that were there before the judge take its spelling.
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'later', 'YES'), ('t2', 'later', 'no '), ('t3', 'later', 'hm');
SELECT make_judge('later', 'Is {{ outputs }}?', 'openai:/m', '{"feedback_value_type":["no","yes"]}') IS NOT NULL;
SELECT quote(value) FROM assessments WHERE name = 'later' ORDER BY trace_id;
