-- The calls behind a judge's latest verdicts: what their input took.
SELECT a.trace_id, c.digest, c.input_tokens
FROM main.judge_assessment a
JOIN main.judge_call c   ON c.digest = CASE WHEN json_valid(a.metadata)
                THEN a.metadata->>'$.digest' END
WHERE a.judge = @judge AND c.status = 'ok'
  AND c.model = @model
  AND typeof(c.input_tokens) = 'integer' AND c.input_tokens > 0
ORDER BY a.rowid DESC LIMIT @count
