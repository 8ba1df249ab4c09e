SELECT DISTINCT name FROM main.judge_definition
WHERE version IS NOT NULL
ORDER BY name
LIMIT 500
