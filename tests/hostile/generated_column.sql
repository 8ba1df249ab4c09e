-- A column, an index and a partial index that call a function, seen through.
CREATE TABLE parts(trace_id, twice AS (upper(trace_id)));
INSERT INTO parts VALUES ('t1');
CREATE INDEX by_name ON parts(lower(trace_id)) WHERE length(trace_id) > 0;
CREATE TABLE later(trace_id, sent AS (host_write('written')));
-- victim
-- alone
SELECT count(*) FROM judge_compare('q@1', 'q@2', '{"where":"upper(trace_id) IN (SELECT twice FROM parts WHERE lower(trace_id) = ''t1'' AND length(trace_id) > 0)"}');
-- expect: [(4,)]
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (SELECT sent FROM later)"}');
-- expect: host_write() is a function that this connection added
