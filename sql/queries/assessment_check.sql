-- Why a row of assessments (its columns as ?1 to ?19) is refused, whether it is
-- the id that exists already, and the declared values of the name with the judge
-- that declares them, against which the value is checked apart.
SELECT CASE
    WHEN ?2 IS NULL THEN 'trace_id is missing'
    WHEN NOT EXISTS (SELECT 1 FROM main.judge_trace
                     WHERE trace_id = CAST(?2 AS TEXT))
      THEN 'no such trace: ' || quote(?2) || ' (insert it into traces first)'
    WHEN trim(coalesce(?3, '')) = '' THEN 'name is missing'
    WHEN ?4 NOT IN ('feedback', 'expectation')
      THEN 'kind ' || quote(?4) || ' is not one of feedback, expectation'
    WHEN upper(?8) NOT IN ('HUMAN', 'LLM_JUDGE', 'CODE', 'AI_JUDGE')
      THEN 'source_type ' || quote(?8)
        || ' is not one of HUMAN, LLM_JUDGE, CODE'
    WHEN typeof(?5) = 'blob' THEN 'value is a blob: give a text or a number'
    WHEN ?5 IS NULL AND ?11 IS NULL
      THEN 'value is missing for ' || quote(?3) || ' of trace ' || quote(?2)
        || ' (only a row with an error_code may lack it)'
    WHEN ?13 IS NOT NULL AND NOT json_valid(?13)
      THEN 'metadata is not a JSON object: ' || substr(?13, 1, 80)
    WHEN json_type(CASE WHEN json_valid(?13) THEN ?13 END) <> 'object'
      THEN 'metadata is not a JSON object: ' || substr(?13, 1, 80)
    WHEN ?17 NOT IN (0, 1) THEN 'valid ' || quote(?17) || ' is not 1 or 0'
    WHEN NOT (trim(?18) = CAST(?18 AS INTEGER))
      THEN 'created ' || quote(?18) || ' is not unix milliseconds:'
        || ' unixepoch(text) * 1000 makes them'
    WHEN NOT (trim(?19) = CAST(?19 AS INTEGER))
      THEN 'updated ' || quote(?19) || ' is not unix milliseconds:'
        || ' unixepoch(text) * 1000 makes them'
    WHEN ?16 IS NOT NULL AND NOT EXISTS
      (SELECT 1 FROM main.judge_assessment
       WHERE assessment_id = CAST(?16 AS TEXT) AND trace_id = CAST(?2 AS TEXT))
      THEN 'overrides ' || quote(?16) || ' is no assessment of trace '
        || quote(?2)
    WHEN EXISTS (SELECT 1 FROM main.judge_assessment
                 WHERE assessment_id = CAST(?1 AS TEXT))
      THEN 'assessment_id ' || quote(?1)
        || ' exists already (use INSERT OR IGNORE or OR REPLACE)'
  END,
  EXISTS (SELECT 1 FROM main.judge_assessment
          WHERE assessment_id = CAST(?1 AS TEXT)),
  d.value_type, d.name
FROM (SELECT 1) LEFT JOIN main.judge_definition d ON d.definition_id =
  (SELECT e.definition_id FROM main.judge_definition e
   WHERE e.feedback_name = trim(?3) AND e.state NOT IN ('draft', 'candidate')
   ORDER BY e.definition_id DESC LIMIT 1)
