-- What has become of calls that somebody else had. @void are sessions that have
-- ended.
SELECT d.value AS digest, b.digest IS NOT NULL AS answered,
       c.digest IS NULL
         OR c.session IN (SELECT value FROM json_each(@void)) AS is_free
FROM json_each(@digests) d
LEFT JOIN main.judge_call_body b ON b.digest = d.value
LEFT JOIN main.judge_claim c ON c.digest = d.value
