-- The head of a statement: rows of 13 parameters and ") v" follow. @experiment
-- is the session's.
INSERT INTO main.judge_trace(trace_id, experiment, request_time, duration_ms,
    state, inputs, outputs, session_id, user_id, tags, metadata, spans,
    request_time_text)
  SELECT coalesce(v.column1, 'tr-' || lower(hex(randomblob(16)))),
    coalesce(v.column2, @experiment, 'Default'),
    coalesce(v.column3,
      CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),
    v.column4, coalesce(v.column5, 'OK'), v.column6, v.column7, v.column9,
    v.column10, v.column11, v.column12, v.column13,
    CASE WHEN v.column3 IS NULL THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
      ELSE strftime('%Y-%m-%dT%H:%M:%fZ', v.column3 / 1000.0, 'unixepoch') END
  FROM (VALUES
