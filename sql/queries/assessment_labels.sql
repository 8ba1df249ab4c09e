-- The end of a statement: WITH judge_selected AS (SELECT * FROM ... WHERE ... stands
-- before it.
)
SELECT traces.trace_id, traces.inputs, traces.outputs, traces.expectations,
  a.assessment_id, a.source_id, a.value, a.rationale, a.created, a.rowid
FROM main.judge_assessment a JOIN judge_selected traces
  ON traces.trace_id = a.trace_id
WHERE a.name = @name AND a.kind = 'feedback' AND a.source_type = 'HUMAN'
  AND a.valid = 1 AND a.error_code IS NULL AND a.value IS NOT NULL
ORDER BY traces.judge_rowid, a.created, a.rowid
