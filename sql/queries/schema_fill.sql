-- What the columns that number 2 added hold in rows that were there before.
UPDATE main.judge_crossfit SET value_text = CAST(value AS TEXT),
    value_num = CASE WHEN typeof(value) IN ('integer', 'real') THEN value END,
    created_text = strftime('%Y-%m-%dT%H:%M:%fZ', created / 1000.0, 'unixepoch')
  WHERE created_text IS NULL
