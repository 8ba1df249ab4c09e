-- The verdict of a version on a trace that counts: its newest valid one, or,
-- where it learned from the trace, that of the fold which did not see it.
-- Always one row: seen, found, value, error_code.
SELECT x.seen, y.found, y.value, y.error_code
FROM (SELECT EXISTS(SELECT 1 FROM judge_example e
                    WHERE e.definition_id = @memory
                      AND e.trace_id = @trace_id) AS seen) x
LEFT JOIN (
  SELECT 0 AS of_seen, 1 AS found, value, error_code FROM (
    SELECT a.value, a.error_code FROM judge_assessment a
    WHERE a.trace_id = @trace_id AND a.judge = @judge AND a.valid = 1
    ORDER BY a.error_code IS NULL DESC, a.rowid DESC LIMIT 1)
  UNION ALL
  SELECT 1, 1, value, error_code FROM (
    SELECT c.value, c.error_code FROM judge_crossfit c
    WHERE c.trace_id = @trace_id
      AND c.definition_id IN (@definition, @memory) LIMIT 1)
) y ON y.of_seen = x.seen
