-- Gives back calls that were not sent or have no answer.
DELETE FROM main.judge_claim
WHERE session = @session
  AND digest IN (SELECT value FROM json_each(@digests))
