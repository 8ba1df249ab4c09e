-- Keys that tools see, and what follows a row that goes.
SELECT judge_init() ->> 'created';
SELECT m.name, group_concat(p.name) FROM sqlite_schema m, pragma_table_info(m.name) p WHERE m.name IN ('judge_trace', 'judge_assessment', 'judge_guideline') AND p.pk > 0 GROUP BY m.name ORDER BY m.name;
SELECT name FROM sqlite_schema m WHERE type = 'table' AND name LIKE 'judge!_%' ESCAPE '!' AND NOT EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE pk > 0);
SELECT m.name, f."from", f."table", f."to", f.on_update, f.on_delete FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND m.name LIKE 'judge!_%' ESCAPE '!' ORDER BY m.name;
-- A row typed without an id, in a plain SQLite.
.noload
INSERT INTO judge_trace(trace_id) VALUES('t1');
INSERT INTO judge_assessment(trace_id, name, value) VALUES('t1', 'q', 1);
INSERT INTO judge_assessment(assessment_id, trace_id, name, value) VALUES(NULL, 't1', 'r', 1);
SELECT name, assessment_id GLOB 'a-*', length(assessment_id) FROM judge_assessment ORDER BY name;
UPDATE judge_assessment SET trace_id = 'nowhere' WHERE name = 'q';
-- A guideline takes along which labels it came from, a version its guidelines.
INSERT INTO judge_definition(definition_id, name, version, judge, feedback_name, kind, state, instructions, effective_instructions, model, value_type, variables, created, created_text) VALUES(1, 'q', 1, 'q@1', 'q', 'memory_augmented', 'active', 'i', 'i', 'm', 'str', '[]', 0, '');
INSERT INTO judge_guideline VALUES(1, 1, 0, 'be kind', 'distilled', 0), (2, 1, 1, 'be short', 'distilled', 0);
INSERT INTO judge_guideline_source VALUES(1, 't1', 'a'), (2, 't1', 'a');
DELETE FROM judge_guideline WHERE guideline_id = 1;
SELECT guideline_id FROM judge_guideline_source;
DELETE FROM judge_definition WHERE definition_id = 1;
SELECT (SELECT count(*) FROM judge_guideline), (SELECT count(*) FROM judge_guideline_source);
PRAGMA foreign_key_check;
-- An assessment keeps its id, and none is empty.
UPDATE judge_assessment SET assessment_id = NULL;
UPDATE judge_assessment SET assessment_id = '';
INSERT INTO judge_assessment(assessment_id, trace_id, name, value)
  SELECT '', trace_id, 'empty id', 'yes' FROM judge_trace LIMIT 1;
INSERT INTO judge_assessment(assessment_id, trace_id, name, value)
  SELECT NULL, trace_id, 'empty id', 'yes' FROM judge_trace LIMIT 1;
SELECT count(*) > 0, count(assessment_id) = count(*) FROM judge_assessment;
