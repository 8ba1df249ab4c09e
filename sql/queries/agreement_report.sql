-- agreement_report: every group of pairs with all its metrics as JSON, then one
-- row for each metric that is wanted. @by is replaced by the user's expression
-- over traces, or NULL.
WITH
  wanted(metric, place) AS (SELECT value, key FROM json_each(@metrics)),
  -- What tells something about a version: not its verdicts on traces that it
  -- learned from, but those of the folds that did not; each trace once. current
  -- are those of the current version, or of the version that was named. One text
  -- for two columns: NOT IN reads all rows for each pair that it does not find.
  fair AS MATERIALIZED (
    SELECT judge, model, trace_id, judge_value, human_value, human,
           judge IS @name
             OR name = @name
                AND (recorded OR judge IN (SELECT judge FROM judge_current))
             AS current
    FROM judge_pairs_all
    WHERE seen = 0
      AND name IN (@name, substr(@name, 1, instr(@name || '@', '@') - 1))
      AND (cross_fitted OR judge IS NULL
           OR judge || char(10) || trace_id NOT IN
              (SELECT judge || char(10) || trace_id FROM judge_pairs_all
               WHERE cross_fitted = 1
                 AND name IN (@name, substr(@name, 1,
                                            instr(@name || '@', '@') - 1))))),
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
  -- Each verdict of each version once, beside the consensus on its trace: a
  -- window over both, as a join of two such tables has no index to go by.
  version AS MATERIALIZED (
    SELECT judge, model, trace_id, value, label, current
    FROM (SELECT judge, model, trace_id, value, current, verdict,
                 max(label) OVER (PARTITION BY trace_id) AS label
          FROM (SELECT judge, model, trace_id, judge_value AS value,
                       max(current) AS current, 1 AS verdict, NULL AS label
                FROM fair GROUP BY judge, model, trace_id, judge_value
                UNION ALL
                SELECT NULL, NULL, trace_id, NULL, 0, 0, label FROM consensus))
    WHERE verdict AND label IS NOT NULL),
  rated AS MATERIALIZED (SELECT * FROM version WHERE current),
  -- Each class is compared over all traces: of free text only the usual ones.
  class AS MATERIALIZED (
    SELECT label FROM consensus GROUP BY label
    ORDER BY count(*) DESC, label LIMIT 100),
  sliced AS MATERIALIZED (
    SELECT judge, model, value, label,
           (SELECT (@by) FROM judge_trace
            WHERE judge_trace.trace_id = rated.trace_id) AS slice
    FROM rated WHERE @sliced),
  stats(place, scope, judge, against, slice, json) AS MATERIALIZED (
    SELECT 1, 'judge_human', coalesce(judge, model), human, NULL,
           agreement(judge_value, human_value, 'all', @options)
    FROM fair WHERE current GROUP BY judge, model, human
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
    SELECT 5, 'slice', coalesce(judge, model), 'consensus', slice,
           agreement(value, label, 'all', @options)
    FROM sliced GROUP BY judge, model, slice
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
