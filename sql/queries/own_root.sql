-- Is the page the root of a table or index of ours?
SELECT 1 FROM main.sqlite_schema
WHERE rootpage = ?1 AND tbl_name LIKE 'judge!_%' ESCAPE '!'
