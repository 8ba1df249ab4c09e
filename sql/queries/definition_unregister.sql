-- @version 0: every version of the name.
UPDATE main.judge_definition
SET registered = 0, registered_at = NULL
WHERE name = @name AND registered AND version IS NOT NULL
  AND (@version = 0 OR version = @version)
RETURNING judge
