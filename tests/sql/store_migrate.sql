-- A file of the first number, brought up to date.
.close
.shell rm -f "$DB" && sqlite3 "$DB" < tests/schema/1_01.sql
.reopen
SELECT count(*) FROM traces;
PRAGMA writable_schema;
SELECT judge_init() ->> 'migrated';
PRAGMA writable_schema;
SELECT count(*) FROM traces;
SELECT type FROM pragma_table_info('judge_trace') WHERE name = 'request_time';
SELECT digest, length(response) FROM judge_call_body;
SELECT judge_run('triage') ->> 'verdicts';
PRAGMA integrity_check;
SELECT judge_init() ->> 'migrated';
