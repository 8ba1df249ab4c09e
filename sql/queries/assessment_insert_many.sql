-- The head of a statement: rows of 19 parameters and ") v" follow.
INSERT INTO main.judge_assessment(assessment_id, trace_id, name, kind, value,
    value_type, rationale, source_type, source_id, judge, error_code,
    error_message, metadata, span_id, run_id, overrides, valid, created,
    updated)
  SELECT coalesce(v.column1, 'a-' || lower(hex(randomblob(16)))), v.column2,
    trim(v.column3), coalesce(v.column4, 'feedback'), v.column5, v.column6,
    v.column7, v.column8, v.column9, v.column10, v.column11, v.column12,
    v.column13, v.column14, v.column15, v.column16, v.column17,
    coalesce(v.column18,
      CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),
    v.column19
  FROM (VALUES
