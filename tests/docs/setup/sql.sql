CREATE TABLE product AS SELECT value AS name FROM json_each('["tent","stove"]');
