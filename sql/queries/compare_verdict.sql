-- The verdict of a version on a trace that counts: that of the fold which did
-- not see it, else its newest valid one, unless it learned from the trace or
-- from another with the same inputs, or a split put it on the side to learn
-- from (where contested rows stay unlearned). Always one row: seen, found,
-- value, error_code.
WITH x AS (
  SELECT EXISTS(SELECT 1 FROM main.judge_example e
                WHERE e.definition_id = @memory AND e.trace_id = @trace_id)
    OR EXISTS(SELECT 1 FROM main.judge_example e
              WHERE e.definition_id = @memory AND e.input_group = @group)
    OR (EXISTS(SELECT 1 FROM main.judge_example e
               WHERE e.definition_id = @memory)
        AND EXISTS(SELECT 1 FROM main.judge_split s
                   WHERE s.feedback_name = @feedback
                     AND s.input_group = @group AND s.part = 'train'))
    AS seen)
SELECT x.seen, y.found, y.value, y.error_code
FROM x LEFT JOIN (
  SELECT 1 AS found, value, error_code FROM (
    SELECT 0 AS place, c.value, c.error_code FROM main.judge_crossfit c
    WHERE c.trace_id = @trace_id
      AND c.definition_id IN (@definition, @memory)
    UNION ALL
    SELECT * FROM (
      SELECT 1, a.value, a.error_code FROM main.judge_assessment a
      WHERE a.trace_id = @trace_id AND a.judge = @judge AND a.valid = 1
        AND NOT (SELECT seen FROM x)
      ORDER BY a.error_code IS NULL DESC, a.rowid DESC LIMIT 1)
  ) ORDER BY place LIMIT 1
) y
