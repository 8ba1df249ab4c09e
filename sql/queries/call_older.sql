-- Is the answer to a request stored, and not by this command?
SELECT 1 FROM main.judge_call_body b
WHERE b.digest = @digest
  AND NOT EXISTS (SELECT 1 FROM main.judge_call c
                  WHERE c.digest = @digest AND c.status = 'ok'
                    AND c.run_id = @run_id)
