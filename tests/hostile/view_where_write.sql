-- The shell's writefile(), readfile() and edit(), and a host's function.
CREATE VIEW a AS SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"writefile(''written'',''x'')"}');
CREATE VIEW b AS SELECT * FROM agreement_report('q', '{"by":"edit(''x'', ''touch written; true'')"}');
CREATE VIEW c AS SELECT * FROM agreement_report('q', '{"by":"host_write(''written'')"}');
-- victim
-- alone
SELECT * FROM a;
-- expect: unsafe use of virtual table
-- alone
SELECT * FROM b;
-- expect: unsafe use of virtual table
-- alone
SELECT * FROM c;
-- expect: unsafe use of virtual table
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"writefile(''written'',''x'')"}');
-- expect: no such function: writefile
SELECT * FROM agreement_report('q', '{"by":"host_write(''written'')"}');
-- expect: host_write() is a function that this connection added
SELECT * FROM agreement_report('q', '{"by":"edit(''x'', ''touch written; true'')"}');
-- expect: no such function: edit
