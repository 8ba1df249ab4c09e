-- The number of the file's tables. Before the first release 2 stood for a while
-- in files that are of number 1.
SELECT CASE
    WHEN CAST(m.value AS INTEGER) = 2
      AND NOT EXISTS (SELECT 1 FROM main.sqlite_schema
                      WHERE type = 'table' AND name = 'judge_trace'
                        AND sql LIKE '%BIGINT%') THEN 1
    ELSE CAST(m.value AS INTEGER) END
FROM main.judge_meta m WHERE m.key = 'schema_version'
