-- Who has claims, each once.
SELECT session, machine, pid, started, max(renewed), count(*)
FROM main.judge_claim GROUP BY session
