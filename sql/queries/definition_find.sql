-- A version of a judge; @version 0: the newest that is no candidate.
SELECT definition_id, coalesce(memory_id, definition_id), name, version,
  judge, feedback_name, kind, state, instructions, model, value_type,
  variables, description, inference_params, base_url, builtin,
  guidelines_param, rationale_first, retrieval_k, embedding_model,
  local_model, optimizer, parent, registered, tags, experiment, note
FROM main.judge_definition
WHERE name = @name AND version IS NOT NULL
  AND CASE WHEN @version > 0 THEN version = @version
           ELSE state = 'active' END
ORDER BY version DESC
LIMIT 1
