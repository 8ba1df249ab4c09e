-- Versions: the same content again is the version that exists.
.env MLFLOW_GENAI_JUDGE_DEFAULT_MODEL=
SELECT make_judge('quality', 'Rate {{ outputs }}');
.quiet
SELECT judge_init();
.loud
SELECT make_judge('quality', 'Rate {{ outputs }} for {{ inputs }}');
SELECT make_judge('quality', 'Rate {{ outputs }} for {{ inputs }}');
SELECT make_judge('quality', 'Rate {{outputs}}', 'local:/lexical', '{"feedback_value_type":["Bad","Good"]}');
SELECT make_judge('quality', 'Rate {{ outputs }} for {{ inputs }}') ->> 'judge';
SELECT judge, feedback_name, kind, state, model, value_type, variables, registered FROM judge_definition;
SELECT command, judge, json_extract(report, '$.created') FROM judge_report WHERE command = 'make_judge';
-- The default model: the environment, then the session.
.env MLFLOW_GENAI_JUDGE_DEFAULT_MODEL=openai:/from-the-environment
SELECT make_judge('env_model', '{{ outputs }}') ->> 'model';
SELECT judge_config('model', 'openai:/from-the-session');
SELECT make_judge('env_model', '{{ outputs }}') ->> 'model';
SELECT judge_config('model', NULL);
.env MLFLOW_GENAI_JUDGE_DEFAULT_MODEL=
SELECT judge_config('model');
-- Value types.
SELECT make_judge('t_bool', '{{ outputs }}', NULL, '{"feedback_value_type":"bool"}') ->> 'value_type';
SELECT make_judge('t_int', '{{ outputs }}', NULL, '{"feedback_value_type":"int"}') ->> 'value_type';
SELECT make_judge('t_float', '{{ outputs }}', NULL, '{"feedback_value_type":"float"}') ->> 'value_type';
SELECT make_judge('t_list', '{{ outputs }}', NULL, '{"feedback_value_type":[1,2,3]}') ->> 'value_type';
-- Built-ins under another name.
SELECT make_judge('my_relevance', NULL, 'openai:/gpt-4.1-mini', '{"builtin":"relevance_to_query"}');
SELECT make_judge('my_relevance', NULL, 'openai:/gpt-4.1-mini', '{"builtin":"relevance"}');
-- What is refused, and leaves nothing.
SELECT make_judge(NULL, '{{ outputs }}');
SELECT make_judge(7, '{{ outputs }}');
SELECT make_judge('', '{{ outputs }}');
SELECT make_judge('refused', NULL);
SELECT make_judge('refused', 'no placeholder');
SELECT make_judge('refused', '{{ answer }}');
SELECT make_judge('refused', '{{ trace }}');
SELECT make_judge('refused', '{{ outputs }}', 'gpt-4');
SELECT make_judge('refused', '{{ outputs }}', 'local:/llama');
SELECT make_judge('refused', '{{ outputs }}', x'00');
SELECT make_judge('refused', '{{ outputs }}', NULL, '{"feedback_valu_type":"bool"}');
SELECT make_judge('refused', '{{ outputs }}', NULL, '{"feedback_value_type":"dict"}');
SELECT make_judge('refused', '{{ outputs }}', NULL, '[1]');
SELECT make_judge('refused', '{{ outputs }}', NULL, '{"a":1,"a":2}');
SELECT make_judge('refused');
SELECT count(*) FROM judge_definition WHERE name = 'refused';
-- It joins the caller's transaction.
BEGIN;
SELECT make_judge('undone', '{{ outputs }}') ->> 'judge';
ROLLBACK;
SELECT count(*) FROM judge_definition WHERE name = 'undone';
SELECT count(*) FROM judge_report WHERE judge = 'undone@1';
.autocommit
