-- Takes calls that nobody has and nobody has answered, a row for each that is
-- this session's now. @void are sessions that have ended.
INSERT INTO main.judge_claim(digest, session, machine, pid, started, renewed)
  SELECT d.value, @session, @machine, @pid, @started, @now
  FROM json_each(@digests) d
  WHERE NOT EXISTS (SELECT 1 FROM main.judge_call_body b
                    WHERE b.digest = d.value)
ON CONFLICT(digest) DO UPDATE SET session = excluded.session,
    machine = excluded.machine, pid = excluded.pid,
    started = excluded.started, renewed = excluded.renewed
  WHERE judge_claim.session = excluded.session
     OR judge_claim.session IN (SELECT value FROM json_each(@void))
RETURNING digest
