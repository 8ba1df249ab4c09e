-- ?8 (expectations) goes to judge_assessment; ?14 is the session's experiment.
INSERT INTO main.judge_trace(trace_id, experiment, request_time, duration_ms,
    state, inputs, outputs, session_id, user_id, tags, metadata, spans,
    request_time_text)
  VALUES(coalesce(?1, 'tr-' || lower(hex(randomblob(16)))),
    coalesce(?2, ?14, 'Default'),
    coalesce(?3,
      CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),
    ?4, coalesce(?5, 'OK'), ?6, ?7, ?9, ?10, ?11, ?12, ?13,
    CASE WHEN ?3 IS NULL THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
         ELSE strftime('%Y-%m-%dT%H:%M:%fZ', ?3 / 1000.0, 'unixepoch') END)
