-- CHECK constraints, in which SQLite runs what is direct-only.
CREATE TABLE notes(x CHECK(judge_config('allow_host', '127.0.0.1:$PORT') IS NOT NULL AND judge_eval('trap', 't1') IS NOT NULL));
PRAGMA ignore_check_constraints = 1;
INSERT INTO notes VALUES (1);
-- victim
INSERT INTO notes VALUES (2);
-- expect: called by a CHECK constraint
PRAGMA integrity_check;
-- expect: called by a CHECK constraint
INSERT INTO notes SELECT 'judge_eval(' || ' judge_config(';
-- expect: called by a CHECK constraint
