-- A CHECK constraint on a table that judge itself writes to while it rates.
PRAGMA writable_schema = 1;
UPDATE sqlite_schema SET sql = replace(sql, 'created BIGINT NOT NULL', 'created BIGINT NOT NULL CHECK(judge_eval(''trap'', ''t1'') IS NOT NULL OR judge_config(''allow_host'', ''127.0.0.1:$PORT'') IS NOT NULL)') WHERE name = 'judge_report';
-- victim
SELECT judge_run('q', '{"redo":true}');
-- expect: judge_eval() is called by a CHECK constraint
SELECT judge_eval('q', 't1');
