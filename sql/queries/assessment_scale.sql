-- The declared values of a feedback name, and the judge that declares them.
SELECT d.value_type, d.name
FROM main.judge_definition d
WHERE d.feedback_name = trim(?1) AND d.state NOT IN ('draft', 'candidate')
ORDER BY d.definition_id DESC
LIMIT 1
