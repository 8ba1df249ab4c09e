UPDATE main.judge_definition
SET registered = 1, registered_at = coalesce(registered_at, @now),
  tags = coalesce(@tags, tags), experiment = coalesce(@experiment, experiment)
WHERE definition_id = @definition_id
