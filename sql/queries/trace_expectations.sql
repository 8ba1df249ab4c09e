-- A column over judge_trace t: the valid expectations as one JSON object, the
-- newest where a name has several; NULL when there are none.
(SELECT nullif(json_group_object(e.name, CASE
     WHEN e.value_type = 'bool'
       THEN json(CASE WHEN e.value THEN 'true' ELSE 'false' END)
     WHEN e.value_type = 'json' AND json_valid(e.value) THEN json(e.value)
     ELSE e.value END), '{}')
 FROM main.judge_assessment e
 WHERE e.trace_id = t.trace_id AND e.kind = 'expectation' AND e.valid = 1
   AND e.value IS NOT NULL
   AND NOT EXISTS
     (SELECT 1 FROM main.judge_assessment f
      WHERE f.trace_id = e.trace_id AND f.name = e.name
        AND f.kind = 'expectation' AND f.valid = 1 AND f.value IS NOT NULL
        AND (f.created > e.created
             OR (f.created = e.created AND f.rowid > e.rowid))))
