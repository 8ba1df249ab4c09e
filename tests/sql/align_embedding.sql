-- Examples found by embeddings, which stand beside them.
.stub align_embedding.json
SELECT judge_init() IS NOT NULL;
SELECT make_judge('colour', 'Choose the colour of {{ inputs }}.', 'openai:/m', '{"feedback_value_type":["Green","Blue"]}')->>'$.judge';
INSERT INTO traces(trace_id, inputs)
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
  SELECT printf('t%02d', i), CASE i % 2 WHEN 0 THEN 'Which river is ' ELSE 'Which wheat is ' END || i FROM n;
UPDATE traces SET inputs = printf('%.*c', 700, 'w') WHERE trace_id = 't12';
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, 'colour', iif(inputs LIKE '%wheat%', 'Green', 'Blue'), 'ann' FROM traces;
SELECT r->>'$.judge', r->>'$.examples', r->>'$.accuracy_after' FROM (SELECT judge_align('colour', '{"embedding_model":"openai:/e"}') AS r);
SELECT trace_id, embedding_model, embedding_dim, length(embedding) FROM judge_example WHERE trace_id IN ('t01', 't12');

-- A judge that is loaded again asks for what is new only.
.reopen
INSERT INTO traces(trace_id, inputs) VALUES('u1', 'Which river is new'), ('u2', 'unfit'), ('u3', '');
SELECT r->>'$.traces', r->>'$.verdicts', r->>'$.errors', r->>'$.calls' FROM (SELECT judge_run('colour@2', '{"where":"trace_id like ''u%''"}') AS r);
SELECT trace_id, value, error_code, error_message FROM judge_assessment WHERE judge = 'colour@2' ORDER BY trace_id;
SELECT judge_eval('colour@2', 'Which river is new', NULL)->>'$.value', judge_eval('colour@2', 'unfit', NULL)->>'$.error_code';

-- What is stored is checked.
UPDATE judge_example SET embedding = x'0102' WHERE trace_id = 't03';
SELECT judge_run('colour@2');
UPDATE judge_example SET embedding = NULL WHERE trace_id = 't03';
UPDATE judge_example SET embedding_model = 'openai:/f' WHERE trace_id = 't04';
SELECT judge_run('colour@2');
UPDATE judge_example SET embedding_model = 'openai:/e', embedding = zeroblob(16), embedding_dim = 4 WHERE trace_id = 't04';
SELECT judge_run('colour@2');
UPDATE judge_example SET embedding = NULL WHERE trace_id = 't04';
SELECT judge_run('colour@2')->>'$.errors';
