-- The guidelines of a memory, one row for each trace that taught one.
SELECT DISTINCT g.guideline_id, g.text, s.trace_id
FROM main.judge_guideline AS g
LEFT JOIN main.judge_guideline_source AS s ON s.guideline_id = g.guideline_id
WHERE g.definition_id = @memory_id
ORDER BY g.position, g.guideline_id, s.trace_id
