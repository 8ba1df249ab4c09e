-- The next version of a name, unless one has the same content; or, with
-- @draft, a row without a version. Ids of drafts leave a gap, so that the id of
-- a draft swept by another connection is not handed out again at once.
-- MATERIALIZED: a flattened CTE would draw random() once for each use.
INSERT INTO main.judge_definition(definition_id, name, version, judge,
  feedback_name, kind, state, instructions, effective_instructions, model,
  value_type, variables, description, inference_params, base_url, builtin,
  guidelines_param, rationale_first, retrieval_k, embedding_model,
  local_model, optimizer, parent, memory_id, digest, registered,
  registered_at, tags, experiment, note, created, created_text)
WITH next(id, version) AS MATERIALIZED (
  SELECT coalesce((SELECT max(definition_id) FROM main.judge_definition), 0) + 1
      + iif(@draft, random() & 1023, 0),
    iif(@draft, NULL, 1 + coalesce(
      (SELECT max(version) FROM main.judge_definition WHERE name = @name), 0)))
SELECT next.id, @name, next.version, @name || '@' || next.version,
  @feedback_name, @kind, @state, @instructions, @effective_instructions,
  @model, @value_type, @variables, @description, @inference_params, @base_url,
  @builtin, @guidelines_param, @rationale_first, @retrieval_k,
  @embedding_model, @local_model, @optimizer, @parent,
  coalesce(@memory_id, next.id), @digest, @registered,
  iif(@registered, @now, NULL), @tags, @experiment, @note, @now, @now_text
FROM next
WHERE @draft OR NOT EXISTS (
  SELECT 1 FROM main.judge_definition
  WHERE name = @name AND digest = @digest AND version IS NOT NULL
    AND (@memory_id IS NULL OR memory_id = @memory_id))
RETURNING definition_id, version
