INSERT INTO main.judge_crossfit(definition_id, trace_id, fold, value, value_type,
  rationale, error_code, error_message, created)
SELECT @definition_id, json_extract(value, '$.trace_id'),
  json_extract(value, '$.fold'), json_extract(value, '$.value'),
  json_extract(value, '$.value_type'), json_extract(value, '$.rationale'),
  json_extract(value, '$.error_code'), json_extract(value, '$.error_message'),
  @now
FROM json_each(@list)
WHERE EXISTS (SELECT 1 FROM main.judge_definition
  WHERE definition_id = @definition_id AND state = 'draft')
