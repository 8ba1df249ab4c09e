-- A trial write of an answer, which undoes itself: it ends in an integer overflow
-- when the file has taken it, else in malformed JSON.
INSERT INTO main.judge_call_answer(digest, purpose, status, attempts, created,
    created_text, response)
  VALUES('trial write', 'judge', 'ok', 0, 0, '', '{}')
  RETURNING CASE WHEN EXISTS (SELECT 1 FROM main.judge_call c
                              WHERE c.digest = 'trial write')
                  AND EXISTS (SELECT 1 FROM main.judge_call_body b
                              WHERE b.digest = 'trial write')
    THEN abs(-9223372036854775807 - 1) ELSE json_extract('not kept', '$') END
