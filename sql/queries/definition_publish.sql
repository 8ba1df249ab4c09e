-- Reads see the table as it was: both subqueries give the same number.
UPDATE main.judge_definition
SET version = 1 + coalesce((SELECT max(o.version) FROM main.judge_definition AS o
      WHERE o.name = judge_definition.name), 0),
  judge = name || '@' || (1 + coalesce((SELECT max(o.version)
      FROM main.judge_definition AS o WHERE o.name = judge_definition.name), 0)),
  state = @state, note = coalesce(@note, note)
WHERE definition_id = @definition_id AND state = 'draft'
RETURNING version
