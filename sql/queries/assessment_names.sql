SELECT name, count(*)
FROM main.judge_assessment
WHERE source_type = 'HUMAN' AND kind = 'feedback' AND valid = 1
GROUP BY name
