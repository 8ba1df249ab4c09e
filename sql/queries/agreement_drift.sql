-- agreement_drift: a metric over a sliding window of pairs in the order of their
-- verdicts, and what it is over the rows that set the limits.
WITH
  -- Not a version's verdicts on traces that it learned from, but those of the
  -- folds that did not; each trace once. One text for two columns: NOT IN reads
  -- all rows for each pair that it does not find.
  pair AS MATERIALIZED (
    SELECT judge_value, human_value, judge_time, trace_id, human,
           row_number() OVER (ORDER BY judge_time, trace_id, human) AS place
    FROM judge_pairs_all
    WHERE seen = 0
      AND (judge = @name
           OR name = @name
              AND (recorded OR judge IN (SELECT judge FROM judge_current)))
      AND name IN (@name, substr(@name, 1, instr(@name || '@', '@') - 1))
      AND (cross_fitted OR judge IS NULL
           OR judge || char(10) || trace_id NOT IN
              (SELECT judge || char(10) || trace_id FROM judge_pairs_all
               WHERE cross_fitted = 1
                 AND name IN (@name, substr(@name, 1,
                                            instr(@name || '@', '@') - 1))))),
  base AS MATERIALIZED (
    SELECT count(*) AS n, agreement(judge_value, human_value, @metric,
                                    @options) AS value,
           -- A base that does not vary sets no limits.
           nullif(agreement(judge_value, human_value, @error, @options), 0)
             AS error
    FROM pair WHERE @baseline = 0 OR place <= @baseline),
  moving AS (
    SELECT place, judge_time, trace_id, min(place, @window) AS n,
           agreement(judge_value, human_value, @metric, @options) OVER w
             AS value
    FROM pair
    WINDOW w AS (ORDER BY place ROWS BETWEEN @window - 1 PRECEDING
                                     AND CURRENT ROW)),
  spread AS (
    SELECT m.*, b.value AS centre,
           @sigma * b.error * sqrt(1.0 * b.n / m.n) AS width
    FROM moving m, base b),
  -- What the metric cannot pass is no limit to pass; NULL where it can.
  limited AS (
    SELECT *, max(centre - width, ifnull(@least, centre - width)) AS low,
           min(centre + width, ifnull(@most, centre + width)) AS high
    FROM spread)
SELECT judge_time, trace_id, n, value, centre, low, high,
       n = @window AND coalesce(value < low OR value > high, 0)
FROM limited ORDER BY place
