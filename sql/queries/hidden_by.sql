-- What stands in the place of the virtual table @name: the first of that name
-- where SQLite looks, and what of @columns it has. A virtual table in temp is
-- one of ours that was given this name. MLflow's assessments have a column of
-- their own where ours have kind.
SELECT l.schema, l.name, l.type,
  (SELECT group_concat(value, ', ')
     FROM (SELECT c.value FROM json_each(@columns) AS c
            WHERE c.value IN (SELECT lower(name)
                                FROM pragma_table_xinfo(l.name, l.schema))
            ORDER BY c.key)) AS shared,
  EXISTS (SELECT 1 FROM pragma_table_xinfo(l.name, l.schema)
           WHERE name = 'assessment_type') AS of_mlflow,
  (SELECT 'my_' || @name || CASE n.value WHEN 1 THEN '' ELSE '_' || n.value END
     FROM json_each('[1,2,3,4,5,6,7,8,9]') AS n
    WHERE NOT EXISTS (SELECT 1 FROM pragma_table_list(
            'my_' || @name || CASE n.value WHEN 1 THEN '' ELSE '_' || n.value END))
    ORDER BY n.value LIMIT 1) AS free,
  lead(l.schema) OVER (ORDER BY l.schema <> 'temp', d.seq) AS behind
FROM pragma_table_list(@name) AS l
  JOIN pragma_database_list AS d ON d.name = l.schema
WHERE NOT (l.type = 'virtual' AND l.schema = 'temp')
ORDER BY l.schema <> 'temp', d.seq LIMIT 1
