SELECT trace_id, input_group, inputs, outputs, expectations, label, labels,
  created, example_id, embedding_model, embedding_dim, embedding
FROM main.judge_example
WHERE definition_id = @memory_id
ORDER BY example_id
