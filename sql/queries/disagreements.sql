-- Where a judge and a person differ, and where people differ among themselves:
-- the traces to look at first.
SELECT p.trace_id, p.judge, p.judge_value, p.human, p.human_value,
       p.judge_rationale, p.human_rationale,
       (SELECT count(DISTINCT q.human_value) FROM main.judge_pairs q
        WHERE q.name = @name AND q.judge IS p.judge
          AND q.model IS p.model AND q.trace_id = p.trace_id) > 1
         AS people_differ,
       t.inputs, t.outputs
FROM main.judge_pairs p JOIN main.judge_trace t ON t.trace_id = p.trace_id
WHERE p.name = @name AND p.agree = 0
ORDER BY people_differ, p.trace_id, p.human
