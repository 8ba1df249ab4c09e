-- Each command and function once, on a few rows: small enough that nearly every
-- allocation can be let fail (nomem/every_command).
SELECT judge_init() IS NOT NULL;
SELECT make_judge('q', 'Is {{ outputs }} good for {{ inputs }}?', 'local:/lexical',
  '{"feedback_value_type":["bad","good"]}') ->> 'judge';
SELECT make_judge('r', 'Is {{ outputs }} good for {{ inputs }}?', 'local:/lexical',
  '{"feedback_value_type":["bad","good"]}') ->> 'judge';
SELECT make_judge('m', 'Is {{ outputs }} good for {{ inputs }}?', 'openai:/m',
  '{"feedback_value_type":["bad","good"],"inference_params":{"temperature":0}}') ->> 'judge';
SELECT make_judge('c', NULL, 'local:/lexical',
  '{"builtin":"guidelines","guidelines":["be brief"]}') ->> 'judge';
SELECT make_judge('n', 'no variable', 'nowhere:/m');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
INSERT INTO traces(trace_id, inputs, outputs)
  SELECT printf('t%02d', i), 'what is thing ' || i || ' made of',
    iif(i % 2, 'thing ' || i || ' is made of wood', 'no idea') FROM n;
INSERT INTO assessments(trace_id, name, value, rationale, source_type, source_id)
  SELECT trace_id, j.name, iif(outputs = 'no idea', 'bad', 'good'), 'why', 'HUMAN', p.value
    FROM judge_trace, judges j, json_each('["ann","bob"]') p WHERE j.name IN ('q', 'r', 'm');
INSERT INTO assessments(trace_id, name, value, source_type) VALUES ('t01', 'q', 'middling', 'HUMAN');
-- Runs and alignments.
SELECT judge_run('q@1') ->> 'verdicts';
SELECT judge_align('q') ->> 'accepted';
SELECT judge_align('r', '{"explain":true}') IS NOT NULL;
SELECT judge_align('m', '{"explain":true,"embedding_model":"openai:/e"}') IS NOT NULL;
SELECT judge_run('q@2') ->> 'verdicts';
SELECT judge_run('q@1', '{"where":"inputs LIKE ''%1%''","redo":true,"sample":3,"seed":1}') ->> 'verdicts';
SELECT judge_run('q@1', '{"explain":true}') IS NOT NULL;
SELECT judge_run('m', '{"explain":true}') IS NOT NULL;
SELECT judge_generate('local:/lexical', 'x {{ inputs }}', '{"inputs":["a"]}');
-- Single questions.
SELECT judge_eval('q@2', 'what is it', 'it is wood') IS NOT NULL;
SELECT judge_config('model', 'local:/lexical') IS NOT NULL;
SELECT judge_eval('correctness', 'q', 'the a', '{"expected_response":"the a"}') ->> 'value';
SELECT judge_prompt('m', 't01') IS NOT NULL;
SELECT judge_instructions('q@2') IS NOT NULL;
SELECT judge_config('allow_host', 'a.example,b.example') IS NOT NULL;
SELECT judge_config() IS NOT NULL;
SELECT judge_version() IS NOT NULL, judge_debug() IS NOT NULL;
-- What came of it.
SELECT count(*) FROM judge_compare('q@1', 'q@2');
SELECT count(*) FROM judge_disagreements('q');
SELECT count(*) FROM agreement_report('q');
SELECT agreement(judge_value, human_value), agreement(judge_value, human_value, 'cohen_kappa'),
  agreement(judge_value, human_value, 'confusion') IS NOT NULL FROM judge_pairs;
SELECT agreement(judge_value, human_value, 'cohen_kappa') OVER (ORDER BY trace_id ROWS 3 PRECEDING) FROM judge_pairs LIMIT 3;
SELECT agreement_raters(trace_id, source_id, value) IS NOT NULL FROM judge_assessment WHERE name = 'q' AND source_type = 'HUMAN';
SELECT count(*) FROM traces JOIN assessments USING (trace_id) JOIN judges j ON j.name = assessments.name;
-- Writing.
SELECT judge_register('q@2', 'copy', '{"a":"b"}') ->> 'judge';
SELECT judge_unregister('copy') IS NOT NULL;
INSERT OR REPLACE INTO judge_price(model, input_per_million, output_per_million) VALUES ('openai:/m', 1, 2);
INSERT INTO traces(trace_id, inputs, outputs, expectations, tags) VALUES ('new', 'in', 'out', '{"expected_response":"x"}', '{}');
INSERT INTO traces(inputs, outputs) SELECT inputs, outputs FROM judge_trace;
SELECT count(*) FROM judge_trace;
UPDATE traces SET outputs = 'other' WHERE trace_id < 't03';
DELETE FROM traces WHERE trace_id = 't01';
PRAGMA integrity_check;
