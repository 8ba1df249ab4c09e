-- judge_init that fails leaves nothing behind and no transaction open.
CREATE TABLE judge_split(mine);
SELECT judge_init();
.autocommit
SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite%';
SELECT count(*) FROM traces;
.conn 1
CREATE TABLE other(x);
.conn 0
DROP TABLE judge_split;
SELECT judge_init() ->> 'created';
.autocommit
INSERT INTO traces(trace_id) VALUES('t1');
PRAGMA integrity_check;
-- Inside a transaction it is the caller's to roll back.
.open $TMP/second.db
CREATE TABLE judge_split(mine);
BEGIN;
CREATE TABLE kept(x);
SELECT judge_init();
.autocommit
ROLLBACK;
SELECT name FROM sqlite_schema;
-- A table of somebody else's that is called as ours stays what it was.
.open $TMP/third.db
CREATE TABLE judge_meta(key, value, mine);
INSERT INTO judge_meta VALUES('a', 'b', 'c');
SELECT judge_init();
SELECT * FROM judge_meta;
.autocommit
