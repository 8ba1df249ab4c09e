-- The version of a name with this content.
SELECT definition_id, version FROM judge_definition
WHERE name = @name AND digest = @digest AND version IS NOT NULL
ORDER BY version DESC
LIMIT 1
