-- Versions of the same content. A candidate counts only when this run has shown
-- no gain either.
SELECT definition_id, coalesce(memory_id, definition_id), judge, state
FROM main.judge_definition
WHERE name = @name AND digest = @digest
  AND (state = 'active' OR (state = 'candidate' AND NOT @accepted))
ORDER BY version DESC
