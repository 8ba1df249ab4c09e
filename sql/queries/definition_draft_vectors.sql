UPDATE main.judge_example
SET embedding_model = @model, embedding_dim = @dim,
  embedding = substr(@vectors, 1 + 4 * @dim * j.key, 4 * @dim)
FROM json_each(@trace_ids) j
WHERE definition_id = @definition_id AND trace_id = j.value
  AND EXISTS (SELECT 1 FROM main.judge_definition
    WHERE definition_id = @definition_id AND state = 'draft')
