-- OR REPLACE of an id that exists: the row changes in place, so what it
-- overrides and what overrides it stay.
UPDATE main.judge_assessment SET
    trace_id = ?2, name = trim(?3), kind = coalesce(?4, kind), value = ?5,
    value_type = coalesce(?6, CASE WHEN typeof(?5) = typeof(value)
                                   THEN value_type END),
    rationale = ?7, source_type = coalesce(?8, source_type),
    source_id = coalesce(?9, source_id), judge = ?10, error_code = ?11,
    error_message = ?12, metadata = ?13, span_id = ?14, run_id = ?15,
    overrides = coalesce(?16, overrides), valid = coalesce(?17, valid),
    created = coalesce(?18, created), updated = coalesce(?19, updated)
  WHERE assessment_id = ?1
