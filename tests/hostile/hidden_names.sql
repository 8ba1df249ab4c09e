-- Tables and views named like those that the check itself looks at.
CREATE TABLE pragma_function_list(name, builtin, type, enc, narg, flags);
INSERT INTO pragma_function_list VALUES ('host_write', 1, 's', 'utf8', 1, 0), ('load_extension', 1, 's', 'utf8', 1, 0);
CREATE TABLE pragma_table_list(schema, name, type);
CREATE VIRTUAL TABLE json_tree USING fts5(body);
CREATE VIEW json_each AS SELECT host_write('written') AS value, 1 AS key;
-- victim
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"host_write(''written'') IS NULL"}');
-- expect: host_write() is a function that this connection added
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (SELECT value FROM json_each)"}');
-- expect: host_write() is a function that this connection added
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (SELECT body FROM json_tree)"}');
-- expect: of virtual tables SQL text in an option may read
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (SELECT body FROM json_tree(''x''))"}');
-- expect: of virtual tables SQL text in an option may read
