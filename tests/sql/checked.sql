-- SQL text in options: looked at before it runs.
.quiet
SELECT judge_init();
SELECT make_judge('q', 'Rate {{ outputs }}.', 'local:/lexical', '{"feedback_value_type":["bad","good"]}');
INSERT INTO traces(trace_id, inputs, outputs, expectations, tags) SELECT 't' || value, '"question ' || value || '"', 'an answer ' || value, '{"expected_response":"an answer 1"}', json_object('n', value) FROM json_each('[1,2,3,4,5,6]');
INSERT INTO assessments(trace_id, name, value, source_type, source_id) SELECT trace_id, 'q', 'good', 'HUMAN', 'ann' FROM judge_trace;
SELECT make_judge('q', 'Rate {{ outputs }} once more.', 'local:/lexical', '{"feedback_value_type":["bad","good"]}');
SELECT judge_run('q@1');
SELECT judge_run('q@2');
CREATE VIRTUAL TABLE notes USING fts5(body);
CREATE TABLE keep(trace_id);
INSERT INTO keep VALUES ('t1'), ('t2');
CREATE VIEW kept AS SELECT trace_id FROM keep WHERE upper(trace_id) LIKE 'T%';
.loud
-- What it may hold: SQLite's functions, tables, views, json_each, judge's own.
SELECT judge_run('q', '{"redo":true,"where":"trace_id IN (SELECT trace_id FROM kept)"}') ->> 'verdicts';
SELECT judge_run('q', '{"redo":true,"where":"tags ->> ''$.n'' IN (SELECT value FROM json_each(''[1,2,3]'')) AND datetime(''now'') > ''2000'' AND random() IS NOT NULL"}') ->> 'verdicts';
SELECT judge_run('q', '{"redo":true,"where":"trace_id IN (SELECT trace_id FROM traces WHERE trace_id < ''t3'')"}') ->> 'verdicts';
SELECT judge_run('q', '{"redo":true,"where":"trace_id IN (SELECT trace_id FROM assessments WHERE name = ''q'')"}') ->> 'verdicts';
SELECT judge_run('q', '{"redo":true,"where":"(SELECT count(*) FROM agreement_drift(''q'')) > 0 AND (SELECT agreement(judge_value, human_value) FROM judge_pairs) IS NOT NULL"}') ->> 'verdicts';
SELECT judge_run('q', '{"redo":true,"where":"EXISTS (SELECT 1 FROM judge_compare(''q@1'', ''q@2'')) -- all"}') ->> 'verdicts';
SELECT n FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (SELECT trace_id FROM traces WHERE trace_id < ''t3'')"}') WHERE metric = 'accuracy';
SELECT slice, n FROM agreement_report('q', '{"metrics":["accuracy"],"by":"coalesce(trace_id > ''t3'', 0)"}') WHERE scope = 'slice';
-- What it may not.
SELECT judge_run('q', '{"where":"judge_config(''model'') <> ''''"}');
SELECT judge_run('q', '{"where":"load_extension(''./x'') IS NULL"}');
SELECT judge_run('q', '{"where":"fts5(NULL) IS NULL"}');
SELECT judge_run('q', '{"where":"changes() = 0"}');
SELECT judge_run('q', '{"where":"judge_instructions(''q'') <> ''''"}');
SELECT judge_run('q', '{"where":"trace_id IN (SELECT body FROM notes)"}');
SELECT judge_run('q', '{"where":"EXISTS (SELECT 1 FROM pragma_table_info(''keep''))"}');
SELECT judge_run('q', '{"where":"1) OR (1"}');
SELECT judge_run('q', '{"where":"1; SELECT 2"}');
SELECT judge_run('q', '{"where":""}');
SELECT judge_run('q', '{"where":"1 = $a('')) UNION SELECT load_extension(''x'') --''"}');
SELECT judge_run('q', '{"where":"trace_id = @judge"}');
SELECT judge_run('q', '{"where":"EXISTS (SELECT 1 FROM judge_compare(''q@1'', ''q@2'', ''{\"where\":\"1\"}''))"}');
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"judge_eval(''q'', trace_id) IS NULL"}');
SELECT judge_align('q', '{"where":"judge_init() IS NULL"}');
SELECT * FROM agreement_report('q', '{"by":"judge_config(''model'', ''x'')"}');
SELECT * FROM agreement_report('q', '{"by":"trace_id), (SELECT load_extension(''x'')"}');
SELECT judge_generate('openai:/m', '{{ x }}', '{"from":"SELECT judge_init() AS x"}');
SELECT judge_generate('openai:/m', '{{ x }}', '{"from":"PRAGMA user_version = 7"}');
SELECT judge_generate('openai:/m', '{{ x }}', '{"from":"WITH t AS (SELECT 1) DELETE FROM keep"}');
SELECT judge_generate('openai:/m', '{{ x }}', '{"from":"SELECT 1 AS x; SELECT 2"}');
PRAGMA user_version;
SELECT count(*) FROM keep;
-- A function that this connection allows; what is direct-only stays out.
SELECT judge_config('allow_function', 'changes, judge_instructions');
SELECT judge_run('q', '{"redo":true,"where":"changes() >= 0 AND judge_instructions(''q'') <> ''''"}') ->> 'verdicts';
SELECT judge_config('allow_function', '["load_extension","judge_config"]');
SELECT judge_run('q', '{"where":"load_extension(''./x'') IS NULL"}');
SELECT judge_run('q', '{"where":"judge_config(''model'') <> ''''"}');
SELECT judge_config('allow_function', NULL);
SELECT judge_run('q', '{"where":"changes() >= 0"}');
SELECT judge_config('allow_function', 'upper(x)');
-- A replaced function, as PRAGMA case_sensitive_like replaces like().
PRAGMA case_sensitive_like = 1;
SELECT judge_run('q', '{"where":"trace_id LIKE ''t%''"}');
SELECT judge_config('allow_function', 'like');
SELECT judge_run('q', '{"redo":true,"where":"trace_id LIKE ''t%''"}') ->> 'verdicts';
-- Names in the file that hide what the check looks at.
SELECT judge_config('allow_function', NULL);
CREATE TABLE pragma_function_list(name, builtin, type, enc, narg, flags);
INSERT INTO pragma_function_list VALUES ('like', 1, 's', 'utf8', 2, 0);
SELECT judge_run('q', '{"where":"trace_id LIKE ''t%''"}');
CREATE VIRTUAL TABLE json_tree USING fts5(body);
SELECT judge_run('q', '{"where":"EXISTS (SELECT 1 FROM json_tree(''x''))"}');
DROP TABLE json_tree;
-- In views of the file: not what takes SQL text, and the rest as before.
CREATE VIEW compared AS SELECT * FROM judge_compare('q@1', 'q@2');
SELECT * FROM compared;
CREATE VIEW reported AS SELECT * FROM agreement_report('q');
SELECT * FROM reported;
CREATE VIEW drifted AS SELECT n FROM agreement_drift('q') ORDER BY n DESC LIMIT 1;
SELECT * FROM drifted;
CREATE TEMP VIEW compared_here AS SELECT n FROM judge_compare('q@1', 'q@2') WHERE metric = 'accuracy';
SELECT * FROM compared_here;
-- Where no setting can be changed, the error does not name one.
.entry sqlite3_judge_no_network_init
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"changes() = 0"}');
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"load_extension(''./x'') IS NULL"}');
SELECT n FROM judge_compare('q@1', 'q@2', '{"where":"upper(trace_id) < ''T3''"}') WHERE metric = 'accuracy';
