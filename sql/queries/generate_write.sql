-- Generated traces: one statement for a batch. A trace that failed before is
-- tried again; one that is there stays as it is.
INSERT INTO main.judge_trace(trace_id, experiment, request_time, duration_ms, state,
    inputs, outputs, session_id, user_id, tags, metadata)
  SELECT value->>'$.trace_id', value->>'$.experiment',
         value->>'$.request_time', value->>'$.duration_ms',
         value->>'$.state', value->>'$.inputs', value->>'$.outputs',
         value->>'$.session_id', value->>'$.user_id', value->>'$.tags',
         value->>'$.metadata'
  FROM json_each(@traces)
  WHERE true
ON CONFLICT(trace_id) DO UPDATE SET
  request_time = excluded.request_time, duration_ms = excluded.duration_ms,
  state = excluded.state, outputs = excluded.outputs,
  metadata = excluded.metadata
  WHERE judge_trace.state = 'ERROR'
