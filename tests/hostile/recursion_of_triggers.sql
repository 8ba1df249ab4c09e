-- Triggers that write to the virtual tables, whose rows fire the triggers.
CREATE TRIGGER a AFTER INSERT ON judge_trace BEGIN INSERT INTO traces(outputs) VALUES ('more'); END;
CREATE TRIGGER b AFTER INSERT ON judge_assessment BEGIN INSERT INTO assessments(trace_id, name, value, source_type) VALUES (new.trace_id, new.name || 'x', 1, 'HUMAN'); END;
-- victim
-- alone
INSERT INTO traces(outputs) VALUES ('mine');
-- expect: more than 8 calls
-- alone
INSERT INTO judge_trace(trace_id, outputs) VALUES ('new', 'mine');
-- expect: more than 8 calls | table is locked
-- alone
INSERT INTO assessments(trace_id, name, value, source_type) VALUES ('t1', 'n', 1, 'HUMAN');
-- expect: more than 8 calls
