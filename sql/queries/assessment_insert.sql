-- The triggers of judge_assessment fill in what is missing.
INSERT INTO main.judge_assessment(assessment_id, trace_id, name, kind, value,
    value_type, rationale, source_type, source_id, judge, error_code,
    error_message, metadata, span_id, run_id, overrides, valid, created,
    updated)
  VALUES(coalesce(?1, 'a-' || lower(hex(randomblob(16)))), ?2, trim(?3),
    coalesce(?4, 'feedback'), ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
    ?15, ?16, ?17,
    coalesce(?18,
      CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),
    ?19)
