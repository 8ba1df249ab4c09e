-- Tables whose own names are those of functions, so that the victim's statement,
-- or one of FTS5's, seems to call them.
CREATE TABLE judge_config(x CHECK(judge_config('allow_host', '127.0.0.1:$PORT') IS NOT NULL));
CREATE TABLE judge_eval(x CHECK(judge_eval('trap', 't1') IS NOT NULL));
CREATE VIRTUAL TABLE "judge_eval " USING fts5(body);
PRAGMA writable_schema = 1;
UPDATE sqlite_schema SET sql = replace(sql, 'c0)', 'c0 CHECK(judge_eval(''trap'', ''t1'') IS NOT NULL))') WHERE name = 'judge_eval _content';
-- victim
INSERT INTO judge_config(x) VALUES (1);
-- expect: called by a CHECK constraint
INSERT INTO judge_eval(x) VALUES (1);
-- expect: called by a CHECK constraint
INSERT INTO main.judge_eval(x) VALUES (1);
-- expect: called by a CHECK constraint
INSERT INTO "judge_eval " VALUES ('x');
-- expect: SQL logic error
