-- The feedback name of a judge and its declared order, if it has one; a name
-- that is no judge's is the name of recorded verdicts and of their labels.
SELECT coalesce(d.feedback_name, n.name),
       CASE WHEN d.value_type LIKE '[%' THEN d.value_type END
FROM (SELECT substr(@name, 1, instr(@name || '@', '@') - 1) AS name) n
LEFT JOIN judge_definition d
  ON d.name = n.name AND d.version IS NOT NULL AND d.state <> 'draft'
     AND (@name NOT LIKE '%@%' OR d.judge = @name)
ORDER BY d.version DESC LIMIT 1
