-- A view that calls like(), which the connection has replaced.
CREATE VIEW good AS SELECT trace_id FROM judge_trace WHERE outputs LIKE 'secret%';
-- victim
SELECT count(*) FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (SELECT trace_id FROM good)"}');
-- expect: [(4,)]
PRAGMA case_sensitive_like = 1;
SELECT count(*) FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (SELECT trace_id FROM good)"}');
-- expect: like() is not SQLite's own on this connection
