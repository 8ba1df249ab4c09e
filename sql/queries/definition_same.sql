-- The version of a name with this content. Examples are no part of the
-- digest: a memory that is shared must be the same one.
SELECT definition_id, version FROM main.judge_definition
WHERE name = @name AND digest = @digest AND version IS NOT NULL
  AND (@memory_id IS NULL OR memory_id = @memory_id)
ORDER BY version DESC
LIMIT 1
