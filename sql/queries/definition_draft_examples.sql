INSERT INTO main.judge_example(definition_id, trace_id, input_group, inputs,
  outputs, expectations, label, labels, created)
SELECT @definition_id, json_extract(value, '$.trace_id'),
  json_extract(value, '$.input_group'), json_extract(value, '$.inputs'),
  json_extract(value, '$.outputs'), json_extract(value, '$.expectations'),
  json_extract(value, '$.label'),
  coalesce(json_extract(value, '$.labels'), '[]'), @now
FROM json_each(@list)
WHERE EXISTS (SELECT 1 FROM main.judge_definition
  WHERE definition_id = @definition_id AND state = 'draft')
