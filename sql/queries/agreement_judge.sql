-- The feedback name of a judge and its declared order, if it has one that holds
-- all verdicts and labels; a name that is no judge's is the name of recorded
-- verdicts and of their labels.
SELECT coalesce(d.feedback_name, n.name),
       CASE WHEN d.value_type LIKE '[%' AND NOT EXISTS (
              SELECT 1 FROM judge_pairs_all p
              WHERE p.name = n.name
                AND p.judge_value NOT IN (SELECT value
                                          FROM json_each(d.value_type)))
            AND NOT EXISTS (
              SELECT 1 FROM judge_assessment h
              WHERE h.name = coalesce(d.feedback_name, n.name)
                AND h.source_type = 'HUMAN' AND h.kind = 'feedback'
                AND h.valid = 1 AND h.value IS NOT NULL
                AND h.value NOT IN (SELECT value
                                    FROM json_each(d.value_type)))
            THEN d.value_type END
FROM (SELECT substr(@name, 1, instr(@name || '@', '@') - 1) AS name) n
LEFT JOIN judge_definition d
  ON d.name = n.name AND d.version IS NOT NULL AND d.state <> 'draft'
     AND (@name NOT LIKE '%@%' OR d.judge = @name)
ORDER BY d.version DESC LIMIT 1
