-- Virtual tables whose module is missing, or ours, written into the schema.
PRAGMA writable_schema = 1;
INSERT INTO sqlite_schema VALUES ('table', 'gone', 'gone', 0, 'CREATE VIRTUAL TABLE gone USING no_such_module(''/etc/passwd'')');
INSERT INTO sqlite_schema VALUES ('table', 'mine', 'mine', 0, 'CREATE VIRTUAL TABLE mine USING traces');
INSERT INTO sqlite_schema VALUES ('table', 'judge_compare', 'judge_compare', 0, 'CREATE VIRTUAL TABLE judge_compare USING judge_disagreements');
-- victim
-- alone
SELECT * FROM gone;
-- expect: no such module
-- alone
SELECT * FROM mine;
-- expect: which must work without the extension
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"host_write(''written'') IS NULL"}');
-- expect: error
-- alone
SELECT * FROM agreement_report('q', '{"by":"(SELECT count(*) FROM mine)"}');
-- expect: which must work without the extension
