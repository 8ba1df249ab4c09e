-- Virtual tables of other modules, in the file and built in.
CREATE VIRTUAL TABLE f USING fts5(body);
CREATE VIRTUAL TABLE r USING rtree(id, a, b);
CREATE VIEW behind AS SELECT body FROM f;
-- victim
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (SELECT body FROM f)"}');
-- expect: it reads f
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (SELECT body FROM behind)"}');
-- expect: of virtual tables SQL text in an option may read
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"1 IN (SELECT id FROM r)"}');
-- expect: it reads r
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"EXISTS (SELECT 1 FROM dbstat)"}');
-- expect: it reads dbstat | no such table
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"EXISTS (SELECT 1 FROM fsdir(''/''))"}');
-- expect: no such table
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"EXISTS (SELECT 1 FROM pragma_database_list)"}');
-- expect: it reads pragma_database_list
