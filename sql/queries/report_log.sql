INSERT INTO main.judge_log(run_id, command, judge, step, message, data, created,
  created_text)
SELECT json_extract(value, '$.run_id'), json_extract(value, '$.command'),
  json_extract(value, '$.judge'), json_extract(value, '$.step'),
  json_extract(value, '$.message'),
  iif(json_type(value, '$.data') = 'null', NULL, value -> '$.data'),
  json_extract(value, '$.created'),
  strftime('%Y-%m-%dT%H:%M:%fZ', json_extract(value, '$.created') / 1000.0,
           'unixepoch')
FROM json_each(@list)
