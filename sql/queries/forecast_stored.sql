-- Is the answer to a request stored, and what did its input take?
SELECT coalesce((SELECT c.input_tokens FROM main.judge_call c
                 WHERE c.digest = b.digest AND c.status = 'ok'), -1)
FROM main.judge_call_body b WHERE b.digest = @digest
