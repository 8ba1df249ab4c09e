-- Why a row of traces (its columns as ?1 to ?13) is refused, and whether it is
-- the id that exists already.
SELECT CASE
    WHEN ?1 IS NOT NULL AND typeof(?1) = 'blob'
      THEN 'trace_id ' || quote(?1) || ' is a blob: give a text'
    WHEN instr(?1, char(0)) > 0
      THEN 'trace_id ' || quote(?1) || ' holds a NUL character'
    WHEN ?5 NOT IN ('OK', 'ERROR', 'IN_PROGRESS')
      THEN 'state ' || quote(?5) || ' is not one of OK, ERROR, IN_PROGRESS'
    WHEN NOT (trim(?3) = CAST(?3 AS INTEGER))
      THEN 'request_time ' || quote(?3) || ' is not unix milliseconds:'
        || ' unixepoch(text) * 1000 makes them'
    WHEN NOT (trim(?4) = CAST(?4 AS INTEGER))
      THEN 'duration_ms ' || quote(?4) || ' is not a whole number'
    WHEN ?11 IS NOT NULL AND NOT json_valid(?11)
      THEN 'tags is not a JSON object: ' || substr(?11, 1, 80)
    WHEN json_type(CASE WHEN json_valid(?11) THEN ?11 END) <> 'object'
      THEN 'tags is not a JSON object: ' || substr(?11, 1, 80)
    WHEN ?12 IS NOT NULL AND NOT json_valid(?12)
      THEN 'metadata is not a JSON object: ' || substr(?12, 1, 80)
    WHEN json_type(CASE WHEN json_valid(?12) THEN ?12 END) <> 'object'
      THEN 'metadata is not a JSON object: ' || substr(?12, 1, 80)
    WHEN ?8 IS NOT NULL AND NOT json_valid(?8)
      THEN 'expectations is not a JSON object such as '
        || '{"expected_response": "..."}: ' || substr(?8, 1, 80)
    WHEN json_type(CASE WHEN json_valid(?8) THEN ?8 END) <> 'object'
      THEN 'expectations is not a JSON object such as '
        || '{"expected_response": "..."}: ' || substr(?8, 1, 80)
    WHEN EXISTS (SELECT 1
                 FROM json_each(CASE WHEN json_valid(?8) THEN ?8 END) j
                 WHERE trim(j.key) = '')
      THEN 'expectations has a member without a name'
    WHEN EXISTS (SELECT 1 FROM main.judge_trace
                 WHERE trace_id = CAST(?1 AS TEXT))
      THEN 'trace_id ' || quote(?1)
        || ' exists already (use INSERT OR IGNORE or OR REPLACE)'
  END,
  EXISTS (SELECT 1 FROM main.judge_trace WHERE trace_id = CAST(?1 AS TEXT))
