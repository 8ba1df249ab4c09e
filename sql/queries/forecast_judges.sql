-- Judges of a model that have verdicts: this one first, then the latest.
SELECT d.judge FROM main.judge_definition d
WHERE d.model = @model AND d.version IS NOT NULL
  AND EXISTS (SELECT 1 FROM main.judge_assessment a WHERE a.judge = d.judge)
ORDER BY d.judge IS NOT @judge, d.definition_id DESC LIMIT @count
