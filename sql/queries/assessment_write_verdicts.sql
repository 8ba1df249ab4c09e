-- json_extract() gives a number or text as SQL knows it and JSON true as 1.
INSERT INTO main.judge_assessment(trace_id, name, kind, value, value_type,
    rationale, source_type, source_id, judge, error_code, error_message,
    metadata, run_id, created)
  SELECT json_extract(j.value, '$.trace_id'), json_extract(j.value, '$.name'),
         'feedback', json_extract(j.value, '$.value'),
         json_extract(j.value, '$.value_type'),
         json_extract(j.value, '$.rationale'),
         json_extract(j.value, '$.source_type'),
         json_extract(j.value, '$.source_id'),
         json_extract(j.value, '$.judge'),
         json_extract(j.value, '$.error_code'),
         json_extract(j.value, '$.error_message'),
         json_extract(j.value, '$.metadata'),
         json_extract(j.value, '$.run_id'),
         coalesce(json_extract(j.value, '$.created'),
           CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))
  FROM json_each(@list) j
  WHERE EXISTS (SELECT 1 FROM main.judge_trace t
                WHERE t.trace_id = json_extract(j.value, '$.trace_id'))
  ORDER BY j.id
RETURNING 1
