-- What decides how a table's rows and the indexes of its keys are stored: those
-- indexes, and the column that is the rowid.
SELECT coalesce((SELECT group_concat(k, ' ') FROM
    (SELECT i.name || '(' || (SELECT group_concat(name)
                              FROM pragma_index_info(i.name, 'main')) || ')' AS k
     FROM pragma_index_list(@name, 'main') i WHERE i.origin <> 'c'
     ORDER BY i.name)), '')
  || ' ' ||
  coalesce((SELECT name FROM pragma_table_info(@name, 'main')
            WHERE pk > 0 AND type = 'INTEGER' COLLATE nocase), '')
