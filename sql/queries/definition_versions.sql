-- The versions of a name for a message: "1, 2, 3 (candidate)".
SELECT group_concat(word, ', ') FROM (
  SELECT version || iif(state = 'candidate', ' (candidate)', '') AS word
  FROM main.judge_definition
  WHERE name = @name AND version IS NOT NULL
  ORDER BY version)
