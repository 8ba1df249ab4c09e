-- Views in place of tables, with INSTEAD OF triggers that do the work.
PRAGMA foreign_keys = 0;
ALTER TABLE judge_assessment RENAME TO old_assessment;
CREATE VIEW judge_assessment AS SELECT * FROM old_assessment;
CREATE TRIGGER catch INSTEAD OF INSERT ON judge_assessment BEGIN SELECT judge_eval('trap', new.trace_id), load_extension('./canary'); END;
-- victim
INSERT INTO judge_assessment(trace_id, name, value) VALUES ('t1', 'q', 'good');
-- expect: unsafe use of
INSERT INTO assessments(trace_id, name, value, source_type) VALUES ('t1', 'q', 'good', 'HUMAN');
-- expect: error
SELECT judge_run('q', '{"redo":true}');
-- expect: error
