-- The stored response of a digest.
SELECT response FROM main.judge_call_body WHERE digest = @digest
