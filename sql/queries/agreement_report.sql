-- agreement_report: every group of pairs with all its metrics as JSON, then one
-- row for each metric that is wanted. @by is replaced by the user's expression
-- over traces, or NULL.
WITH
  wanted(metric, place) AS (SELECT value, key FROM json_each(@metrics)),
  -- What tells something about a version: not its verdicts on traces that it
  -- learned from, but those of the folds that did not; each trace once.
  fair AS MATERIALIZED (
    SELECT * FROM (
      SELECT *, max(cross_fitted) OVER (PARTITION BY judge, trace_id) AS fitted
      FROM judge_pairs_all
      WHERE seen = 0
        AND name IN (@name, substr(@name, 1, instr(@name || '@', '@') - 1)))
    WHERE cross_fitted = fitted),
  -- Pairs of the current version, or of the version that was named.
  pair AS MATERIALIZED (
    SELECT judge, model, trace_id, judge_value, human_value, human FROM fair
    WHERE judge = @name
       OR name = @name
          AND (recorded OR judge IN (SELECT judge FROM judge_current))),
  person AS MATERIALIZED (
    SELECT trace_id, source_id AS who, value AS label
    FROM judge_assessment
    WHERE name = @feedback AND source_type = 'HUMAN' AND kind = 'feedback'
      AND valid = 1 AND error_code IS NULL AND value IS NOT NULL),
  -- The label that most people gave; a tie is no consensus.
  counted AS (
    SELECT trace_id, label, times,
           row_number() OVER w AS place, lead(times) OVER w AS next
    FROM (SELECT trace_id, label, count(*) AS times FROM person
          GROUP BY trace_id, label)
    WINDOW w AS (PARTITION BY trace_id ORDER BY times DESC)),
  consensus AS MATERIALIZED (
    SELECT trace_id, label FROM counted
    WHERE place = 1 AND times > coalesce(next, 0)),
  rated AS MATERIALIZED (
    SELECT DISTINCT p.judge, p.model, p.trace_id, p.judge_value AS value,
           c.label
    FROM pair p JOIN consensus c ON c.trace_id = p.trace_id),
  class AS MATERIALIZED (SELECT DISTINCT label FROM consensus),
  slice AS MATERIALIZED (
    SELECT trace_id, (@by) AS slice FROM judge_trace
    WHERE trace_id IN (SELECT trace_id FROM rated)),
  version AS MATERIALIZED (
    SELECT DISTINCT p.judge, p.model, p.trace_id, p.judge_value AS value,
           c.label
    FROM fair p JOIN consensus c ON c.trace_id = p.trace_id),
  stats(place, scope, judge, against, slice, json) AS MATERIALIZED (
    SELECT 1, 'judge_human', coalesce(judge, model), human, NULL,
           agreement(judge_value, human_value, 'all', @options)
    FROM pair GROUP BY judge, model, human
    UNION ALL
    SELECT 2, 'judge_consensus', coalesce(judge, model), 'consensus', NULL,
           agreement(value, label, 'all', @options)
    FROM rated GROUP BY judge, model
    UNION ALL
    SELECT 3, 'human_human', a.who, b.who, NULL,
           agreement(a.label, b.label, 'all', @options)
    FROM person a JOIN person b ON b.trace_id = a.trace_id AND b.who > a.who
    GROUP BY a.who, b.who
    UNION ALL
    SELECT 3.5, 'humans', NULL, 'all', NULL,
           json_set(agreement_raters(trace_id, who, label, 'all', @options),
                    '$.n', count(DISTINCT trace_id))
    FROM person
    UNION ALL
    SELECT 4, 'class', coalesce(judge, model), 'consensus', class.label,
           agreement(rated.value = class.label, rated.label = class.label,
                     'all', '{"pos":1,"categories":[0,1]}')
    FROM rated, class GROUP BY judge, model, class.label
    UNION ALL
    SELECT 5, 'slice', coalesce(judge, model), 'consensus', slice.slice,
           agreement(rated.value, rated.label, 'all', @options)
    FROM rated JOIN slice ON slice.trace_id = rated.trace_id
    WHERE @sliced GROUP BY judge, model, slice.slice
    UNION ALL
    SELECT 6, 'version', coalesce(judge, model), 'consensus', NULL,
           agreement(value, label, 'all', @options)
    FROM version GROUP BY judge, model)
SELECT scope, judge, against, slice, metric, json_extract(json, '$.n'),
       json_extract(json, '$.' || key),
       json_extract(json, '$.' || key || '_ci_low'),
       json_extract(json, '$.' || key || '_ci_high'),
       coalesce(json_extract(json, '$.undefined.' || key),
                -- Where no part is defined the reason stands at the metric.
                (SELECT u.value FROM json_each(r.json, '$.undefined') u
                 WHERE json_extract(r.json, '$.' || r.key) IS NULL
                   AND substr(r.key, 1, length(u.key) + 1) = u.key || '_'
                 ORDER BY length(u.key) DESC LIMIT 1))
FROM (SELECT s.*, w.metric, w.metric AS key, w.place AS at
      FROM stats s JOIN wanted w WHERE s.scope NOT IN ('class', 'humans')
      UNION ALL
      SELECT s.*, e.value, e.value, e.id FROM stats s
      JOIN json_each('["percent_agreement","krippendorff_alpha"]') e
      WHERE s.scope = 'humans'
      UNION ALL
      -- Of a label against all others recall is tpr, precision ppv.
      SELECT s.*, e.value, e.key, e.id FROM stats s
      JOIN json_each('{"ppv":"precision","tpr":"recall","f1":"f1",
                       "prevalence_human":"share"}') e
      WHERE s.scope = 'class') r
WHERE json IS NOT NULL
ORDER BY place, judge, against, slice, at
