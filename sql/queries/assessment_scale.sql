-- The declared values that bind a label under its new name ?2, or under the one
-- it has, and the judge that declares them.
SELECT d.value_type, d.name
FROM main.judge_assessment a
JOIN main.judge_definition d ON d.definition_id =
  (SELECT e.definition_id FROM main.judge_definition e
   WHERE e.feedback_name = trim(coalesce(?2, a.name))
     AND e.state NOT IN ('draft', 'candidate')
   ORDER BY e.definition_id DESC LIMIT 1)
WHERE a.rowid = ?1 AND a.kind = 'feedback' AND a.source_type = 'HUMAN'
