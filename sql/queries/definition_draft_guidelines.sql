INSERT INTO main.judge_guideline(definition_id, position, text, origin, created)
SELECT @definition_id, l.key, json_extract(l.value, '$.text'),
  coalesce(json_extract(l.value, '$.origin'), 'distilled'), @now
FROM json_each(@list) AS l
WHERE EXISTS (SELECT 1 FROM main.judge_definition
  WHERE definition_id = @definition_id AND state = 'draft')
