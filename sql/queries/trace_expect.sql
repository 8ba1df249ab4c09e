-- The members of the object ?2 become expectations of the trace ?1; a null
-- expects nothing.
INSERT INTO main.judge_assessment(trace_id, name, kind, value, value_type,
    source_type)
  SELECT ?1, j.key, 'expectation',
         CASE j.type WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE j.value END,
         CASE j.type WHEN 'true' THEN 'bool' WHEN 'false' THEN 'bool'
           WHEN 'integer' THEN 'int' WHEN 'real' THEN 'float'
           WHEN 'text' THEN 'str' ELSE 'json' END,
         'HUMAN'
  FROM json_each(?2) j WHERE j.type <> 'null'
