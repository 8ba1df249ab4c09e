SELECT judge_init() IS NOT NULL;
SELECT make_judge('tone', 'How polite is {{ outputs }}?', 'local:/lexical', '{"feedback_value_type":["poor","good"]}')->>'judge';
INSERT INTO traces(trace_id, inputs, outputs) SELECT 't' || key, 'question ' || key, value || ' ' || key FROM json_each('["please wait","go away","please come","go now","please write","go on","please ask","go home","please call","go back","please sit","go out"]');
INSERT INTO assessments(trace_id, name, value, source_type, source_id) SELECT trace_id, 'tone', iif(outputs LIKE 'please%', 'good', 'poor'), 'HUMAN', 'ann' FROM traces;
-- A forecast unfolds by json_each; over a table it is not kept.
SELECT key, value FROM json_each(judge_run('tone', '{"explain":true}'));
SELECT key, value FROM json_each(judge_align('tone', '{"explain":true}')) WHERE key IN ('ready', 'traces', 'calls', 'parent');
SELECT item.key, item.value FROM json_each(judge_align('tone', '{"explain":true}'), '$.readiness.advice') item LIMIT 1;
SELECT count(*) FROM judge_report WHERE forecast;
-- Within a transaction, beside a sub-select, in what it reads itself, into a table.
BEGIN;
SELECT judge_run('tone', '{"explain":true}') ->> 'traces', (SELECT count(*) FROM traces);
CREATE TEMP TABLE forecast AS SELECT key, value FROM json_each(judge_run('tone', '{"explain":true}'));
ROLLBACK;
CREATE TABLE forecast AS SELECT key, value FROM json_each(judge_run('tone', '{"explain":true}'));
SELECT value FROM forecast WHERE key = 'traces';
SELECT judge_run('tone', '{"explain":true}') ->> 'traces' FROM judge_report GROUP BY command LIMIT 1;
SELECT count(*) FROM judge_report WHERE forecast;
-- Called alone it is kept, as what it is, and nothing else is written.
SELECT judge_run('tone', '{"explain":true}') ->> 'traces';
SELECT judge_align('tone', '{"explain":true}') ->> 'ready';
SELECT command, judge, parent, forecast, key, value FROM judge_report_item WHERE forecast AND key IN ('explain', 'traces', 'calls', 'ready');
SELECT count(*) FROM judge_call;
SELECT name, version FROM judges;
-- A report that is not a forecast is of a run alone; the text names the cause.
SELECT key, value FROM json_each(judge_run('tone'));
SELECT judge_run('tone'), (SELECT count(*) FROM judge_trace);
SELECT judge_run('tone') FROM traces;
CREATE TEMP TABLE report AS SELECT judge_run('tone') AS report;
CREATE TABLE report AS SELECT judge_run('tone') AS report;
INSERT INTO forecast(key) SELECT judge_align('tone');
CREATE TEMP TRIGGER calls AFTER INSERT ON forecast BEGIN SELECT judge_run('tone'); END;
INSERT INTO forecast(key) VALUES('by a trigger');
DROP TRIGGER calls;
BEGIN;
SELECT judge_run('tone');
ROLLBACK;
SELECT judge_run('tone') ->> 'verdicts';
-- An alignment is found by the version that it made, and by the one it came from.
SELECT judge_align('tone') ->> 'judge';
SELECT judge, parent, forecast FROM judge_report WHERE command = 'judge_align' ORDER BY report_id;
SELECT command, key, value FROM judge_report_item WHERE judge = 'tone@2' AND key IN ('judge', 'parent', 'trained_on');
SELECT DISTINCT command, judge FROM judge_report_item WHERE parent = 'tone@1' AND NOT forecast;
-- The same alignment again is found, not made.
SELECT judge_align('tone') ->> 'judge', (SELECT 1);
SELECT count(*) FROM judge_report WHERE command = 'judge_align' AND NOT forecast;
-- A file that cannot be written forecasts all the same.
.readonly
SELECT judge_run('tone', '{"explain":true,"redo":true}') ->> 'traces';
SELECT judge_align('tone', '{"explain":true}') ->> 'traces';
SELECT count(*) FROM judge_report WHERE forecast;
