-- Of verdicts that were just written: those that are not there although their
-- trace is, and those whose trace is gone, without and with an error.
SELECT coalesce(sum(there AND NOT stored), 0),
       coalesce(sum(NOT there AND NOT failed), 0),
       coalesce(sum(NOT there AND failed), 0)
FROM (SELECT EXISTS (SELECT 1 FROM main.judge_trace t
                     WHERE t.trace_id = json_extract(j.value, '$.trace_id'))
               AS there,
             EXISTS (SELECT 1 FROM main.judge_assessment a
                     WHERE a.trace_id = json_extract(j.value, '$.trace_id')
                       AND a.name = json_extract(j.value, '$.name')
                       AND a.judge IS json_extract(j.value, '$.judge'))
               AS stored,
             json_extract(j.value, '$.error_code') IS NOT NULL AS failed
      FROM json_each(@list) j)
