-- judge_init: explicit, repeatable, inside a transaction, and refusing a newer file.
SELECT count(*) FROM traces;
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'q', 1);
SELECT judge_init() ->> 'created';
SELECT judge_init() ->> 'created';
SELECT value > 0 FROM judge_meta WHERE key = 'schema_version';
SELECT judge_init('{"force":true}');
SELECT count(*) FROM traces;
SELECT command FROM judge_report WHERE command = 'judge_init';
-- Nothing of ours needs the extension.
SELECT name FROM sqlite_schema WHERE sql LIKE '%VIRTUAL%' OR sql LIKE '%judge_eval%';
PRAGMA integrity_check;
-- A read-only file that is there already.
.readonly
SELECT judge_init() ->> 'created';
SELECT count(*) FROM judges;
INSERT INTO traces(trace_id) VALUES('t1');
.reopen
UPDATE judge_meta SET value = '999' WHERE key = 'schema_version';
SELECT judge_init();
SELECT make_judge('quality', 'Rate {{ outputs }}');
-- Undone with the caller's transaction.
.open $TMP/second.db
BEGIN;
SELECT judge_init() ->> 'created';
ROLLBACK;
SELECT count(*) FROM sqlite_schema WHERE name LIKE 'judge%';
BEGIN;
SELECT judge_init() ->> 'created';
COMMIT;
SELECT judge_init() ->> 'created';
