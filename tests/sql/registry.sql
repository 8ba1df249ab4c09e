-- judge_register, judge_unregister, and names that find nothing.
.env MLFLOW_GENAI_JUDGE_DEFAULT_MODEL=
.quiet
SELECT judge_init();
SELECT make_judge('answer_quality', 'Rate {{ outputs }}', 'local:/lexical', '{"feedback_value_type":["Bad","Good"]}');
SELECT make_judge('answer_quality', 'Rate {{ outputs }} well', 'local:/lexical', '{"feedback_value_type":["Bad","Good"]}');
.loud
SELECT judge_register('answer_quality@1');
SELECT judge_register('answer_quality', NULL, '{"owner":"search"}', '{"experiment":"live"}');
SELECT name FROM judge_experiment ORDER BY name;
SELECT judge, registered, registered_at IS NOT NULL, tags, experiment FROM judge_definition;
-- Under another name: a copy that still finds the labels of the first name.
SELECT judge_register('answer_quality@2', 'answer_quality_live', '{"alignment_date":"2026-11-23"}');
SELECT judge_register('answer_quality@2', 'answer_quality_live', '{"alignment_date":"2026-11-23"}');
SELECT judge_register('answer_quality@1', 'answer_quality_live') ->> 'judge';
SELECT judge, feedback_name, parent, registered, tags FROM judge_definition WHERE name = 'answer_quality_live';
-- A version that learned shares its memory with its copies, and two that
-- learned from other examples are never the same.
INSERT INTO judge_definition(definition_id, name, version, judge, feedback_name, kind, state, instructions, effective_instructions, model, value_type, variables, retrieval_k, optimizer, parent, memory_id, note, created, created_text)
  SELECT 100 + v, name, v, name || '@' || v, feedback_name, 'memory_augmented', iif(v = 4, 'candidate', 'active'), instructions, effective_instructions, model, value_type, variables, 5, 'memalign', 'answer_quality@2', 100 + v, iif(v = 4, 'no gain shown', NULL), created, created_text
  FROM judge_definition JOIN (SELECT 3 AS v UNION ALL SELECT 4) WHERE judge = 'answer_quality@2';
SELECT judge_register('answer_quality', 'aligned') ->> 'source';
SELECT judge_register('answer_quality@4', 'aligned');
SELECT judge_register('answer_quality@4', 'aligned') ->> 'judge';
SELECT judge, kind, state, optimizer, parent, memory_id, note FROM judge_definition WHERE name = 'aligned';
-- A built-in under its own name is stored on first use.
SELECT count(*) FROM judge_definition WHERE name = 'safety';
SELECT judge_instructions('safety') LIKE '%{{ outputs }}%';
SELECT count(*) FROM judge_definition WHERE name = 'safety';
SELECT judge_register('safety@1') ->> 'judge';
SELECT judge, kind, model, builtin, registered FROM judge_definition WHERE name = 'safety';
-- Taking out of use.
SELECT judge_unregister('answer_quality_live', 1);
SELECT judge_unregister('answer_quality_live');
SELECT judge_unregister('answer_quality@1');
SELECT judge_unregister('answer_quality@1');
SELECT group_concat(judge, ' ') FROM judge_definition WHERE registered;
SELECT command, count(*) FROM judge_report WHERE command LIKE '%register' GROUP BY 1;
-- What is refused.
SELECT judge_register('answer_qualty');
SELECT judge_register('saftey');
SELECT judge_register('something_else_entirely');
SELECT judge_register('answer_quality@9');
SELECT judge_register('answer_quality@x');
SELECT judge_register('answer_quality', 'has space@1');
SELECT judge_register('answer_quality', NULL, '{"n":1}');
SELECT judge_register('answer_quality', NULL, '["n"]');
SELECT judge_register('answer_quality', NULL, 'n');
SELECT judge_register('answer_quality', NULL, NULL, '{"experimnt":"x"}');
SELECT judge_register(NULL);
SELECT judge_unregister('answer_quality', 'two');
SELECT judge_unregister('answer_quality', 9);
SELECT judge_unregister('nobody_knows_this');
-- Only candidates.
DELETE FROM judge_definition WHERE name = 'answer_quality' AND version < 4;
SELECT judge_instructions('answer_quality');
SELECT judge_instructions('answer_quality@4');
-- It joins the caller's transaction.
BEGIN;
SELECT judge_register('answer_quality@4', 'undone') ->> 'judge';
ROLLBACK;
SELECT count(*) FROM judge_definition WHERE name = 'undone';
.autocommit
-- A name belongs to one feedback.
SELECT make_judge('tone', 'Is {{ outputs }} friendly?', 'local:/lexical', '{"feedback_value_type":"bool"}') ->> 'judge';
SELECT judge_register('answer_quality@4', 'tone');
SELECT count(*) FROM judge_definition WHERE name = 'tone';
-- What defines a version stays as it is, in any tool.
.noload
UPDATE judge_definition SET instructions = 'Say yes.' WHERE version = 1;
UPDATE judge_definition SET model = 'openai:/other';
