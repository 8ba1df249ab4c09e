INSERT INTO main.judge_call_answer(digest, purpose, status, run_id, judge, trace_id,
    model, model_returned, host, http_status, error_code, error_message,
    attempts, latency_ms, input_tokens, output_tokens, cached_tokens, cost,
    created, created_text, response)
  SELECT value->>'$.digest', value->>'$.purpose', value->>'$.status',
         value->>'$.run_id', value->>'$.judge', value->>'$.trace_id',
         value->>'$.model', value->>'$.model_returned', value->>'$.host',
         value->>'$.http_status', value->>'$.error_code',
         value->>'$.error_message', value->>'$.attempts',
         value->>'$.latency_ms', value->>'$.input_tokens',
         value->>'$.output_tokens', value->>'$.cached_tokens',
         value->>'$.cost', value->>'$.created', value->>'$.created_text',
         coalesce(value->>'$.response', @response)
  FROM json_each(@landed)
