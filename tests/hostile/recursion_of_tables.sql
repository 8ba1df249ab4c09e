-- judge's own tables, replaced by views that read judge's virtual tables and
-- functions, which read the tables.
PRAGMA foreign_keys = 0;
ALTER TABLE judge_trace RENAME TO old_trace;
CREATE VIEW judge_trace AS SELECT *, 1 AS rowid FROM traces;
DROP VIEW judge_pairs;
CREATE VIEW judge_pairs AS SELECT * FROM judge_disagreements('q');
DROP VIEW judge_pairs_all;
CREATE VIEW judge_pairs_all AS SELECT * FROM agreement_drift('q'), judge_disagreements('q');
ALTER TABLE judge_definition RENAME TO old_definition;
CREATE VIEW judge_definition AS SELECT * FROM old_definition WHERE judge_instructions('q') IS NOT NULL;
-- victim
-- alone
SELECT * FROM traces;
-- expect: more than 8 calls
-- alone
SELECT * FROM judge_disagreements('q');
-- expect: more than 8 calls | error
-- alone
SELECT * FROM agreement_drift('q');
-- expect: more than 8 calls | error
-- alone
SELECT * FROM judges;
-- expect: more than 8 calls
-- alone
SELECT judge_instructions('q'), judge_prompt('q', 't1');
-- expect: more than 8 calls
SELECT judge_run('q');
-- expect: more than 8 calls | error
SELECT * FROM agreement_report('q');
-- expect: more than 8 calls | error
SELECT * FROM judge_compare('q@1', 'q@2');
-- expect: more than 8 calls | error
