-- CHECK constraints on tables that judge itself writes load code: SQLite does
-- not refuse load_extension() there.
PRAGMA writable_schema = 1;
UPDATE sqlite_schema SET sql = replace(sql, 'created BIGINT NOT NULL', 'created BIGINT NOT NULL CHECK(coalesce("load_extension"/**/(''./canary''), 1))') WHERE name IN ('judge_report', 'judge_call', 'judge_definition');
UPDATE sqlite_schema SET sql = replace(sql, 'inputs TEXT', 'inputs TEXT CHECK(coalesce([load_extension](''./canary''), inputs, 1))') WHERE name = 'judge_trace';
UPDATE sqlite_schema SET sql = replace(sql, 'value_type TEXT', 'value_type TEXT CHECK(coalesce(LOAD_extension(''./canary'', ''sqlite3_canary_init''), 1))') WHERE name = 'judge_assessment';
CREATE TABLE notes(x CHECK(coalesce(load_extension('./canary'), 1)));
CREATE TRIGGER by_way AFTER INSERT ON judge_experiment BEGIN INSERT INTO notes VALUES(1); END;
-- victim
INSERT INTO traces(outputs) VALUES('x');
-- expect: load_extension() is called by a CHECK constraint
INSERT INTO traces(outputs, experiment) VALUES('x', 'another');
-- expect: load_extension() is called by a CHECK constraint
UPDATE traces SET inputs = 'y' WHERE trace_id = 't1';
-- expect: load_extension() is called by a CHECK constraint
INSERT INTO assessments(trace_id, name, value) VALUES('t1', 'other', 'good');
-- expect: load_extension() is called by a CHECK constraint
SELECT judge_run('q', '{"redo":true}');
-- expect: load_extension() is called by a CHECK constraint
SELECT judge_eval('q', 't1');
SELECT judge_eval('trap', 't1');
SELECT make_judge('new', 'Rate {{ outputs }}.', 'local:/lexical');
-- expect: load_extension() is called by a CHECK constraint
SELECT judge_register('q', 'in_use');
-- expect: load_extension() is called by a CHECK constraint
SELECT judge_align('q', '{"explain":true,"min_traces":2}');
SELECT judge_init();
