-- A trigger that reads such a view, on the table that everybody writes to.
CREATE VIEW hidden AS SELECT * FROM agreement_report('q', '{"by":"load_extension(''./canary'') || host_write(''written'')"}');
CREATE TRIGGER watch AFTER INSERT ON judge_trace BEGIN SELECT count(*) FROM hidden; END;
-- victim
INSERT INTO traces(trace_id, outputs) VALUES ('new', 'mine');
-- expect: unsafe use of virtual table
INSERT INTO judge_trace(trace_id, outputs) VALUES ('new', 'mine');
-- expect: unsafe use of virtual table
