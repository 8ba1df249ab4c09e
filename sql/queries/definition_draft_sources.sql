-- A source is {"trace_id", "assessment_id"} or a bare trace id.
INSERT OR IGNORE INTO main.judge_guideline_source(guideline_id, trace_id,
  assessment_id)
SELECT g.guideline_id,
  iif(s.type = 'object', json_extract(s.value, '$.trace_id'), s.atom),
  coalesce(iif(s.type = 'object', json_extract(s.value, '$.assessment_id'),
               NULL), '')
FROM json_each(@list) AS l
JOIN main.judge_guideline AS g
  ON g.definition_id = @definition_id AND g.position = l.key
JOIN json_each(l.value, '$.sources') AS s
