-- What the parent said of a trace: its verdict, or, where it learned from the
-- trace, the verdict of the fold version that did not see it.
SELECT a.value, a.rationale, a.error_code, a.error_message
FROM main.judge_assessment a
WHERE a.trace_id = @trace_id AND a.judge = @judge AND a.valid = 1
  AND a.error_code IS NULL AND @seen = 0
UNION ALL
SELECT c.value, c.rationale, c.error_code, c.error_message
FROM main.judge_crossfit c
WHERE c.trace_id = @trace_id AND c.definition_id IN (@definition, @memory)
  AND @seen = 1
LIMIT 1
