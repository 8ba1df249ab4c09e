-- The emptied tree of @name becomes the index of its primary key.
UPDATE main.sqlite_schema SET type = 'index',
    name = 'sqlite_autoindex_' || @name || '_1', tbl_name = @name,
    rootpage = @empty, sql = NULL
  WHERE name = 'judge_rows'
