-- Filters and ORDER BY go down to the plain tables: what the plan says, and how
-- many rows were read.
.quiet
SELECT judge_init();
INSERT INTO traces(trace_id, experiment, request_time, inputs, session_id)
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  SELECT printf('t%05d', i), 'e' || (i % 4), i, 'in ' || i, iif(i % 10 = 0, 's' || (i / 100), NULL) FROM n;
INSERT INTO assessments(trace_id, name, value, created)
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  SELECT printf('t%05d', i), 'q' || (i % 4), i, i FROM n;
CREATE TEMP TABLE ids AS
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
  SELECT printf('t%05d', i * 17) AS id FROM n;
CREATE TEMP TABLE mark(rows);
INSERT INTO mark VALUES(0);
CREATE TEMP VIEW visited AS SELECT (judge_debug() ->> 'rows_visited') - (SELECT rows FROM mark) AS rows;
.loud
UPDATE mark SET rows = judge_debug() ->> 'rows_visited';
SELECT count(inputs) FROM ids JOIN traces ON trace_id = id;
SELECT rows FROM visited;
UPDATE mark SET rows = judge_debug() ->> 'rows_visited';
SELECT count(value) FROM ids JOIN assessments ON trace_id = id;
SELECT rows FROM visited;
UPDATE mark SET rows = judge_debug() ->> 'rows_visited';
SELECT count(*) FROM traces WHERE trace_id IN (SELECT id FROM ids);
SELECT rows FROM visited;
UPDATE mark SET rows = judge_debug() ->> 'rows_visited';
SELECT trace_id FROM traces ORDER BY request_time DESC LIMIT 3;
SELECT trace_id FROM traces ORDER BY trace_id LIMIT 2;
SELECT rows FROM visited;
UPDATE mark SET rows = judge_debug() ->> 'rows_visited';
SELECT count(*) FROM traces WHERE experiment = 'e1' AND request_time BETWEEN 1000 AND 1019;
SELECT count(*) FROM traces WHERE session_id = 's7';
SELECT count(*) FROM assessments WHERE name = 'q2' AND created >= 19990;
SELECT rows FROM visited;
EXPLAIN QUERY PLAN SELECT inputs FROM ids JOIN traces ON trace_id = id;
EXPLAIN QUERY PLAN SELECT inputs FROM traces WHERE experiment = 'e1' AND request_time > 5 ORDER BY request_time DESC;
EXPLAIN QUERY PLAN SELECT value FROM assessments WHERE trace_id = 't00001' AND name = 'q1' AND source_type = 'HUMAN';
EXPLAIN QUERY PLAN SELECT value FROM assessments WHERE value = 5 ORDER BY created;
EXPLAIN QUERY PLAN SELECT model FROM judges WHERE judge = 'q@1';
-- The same answers as the plain tables.
SELECT count(*) FROM traces WHERE session_id IS NULL;
SELECT count(*) FROM traces WHERE session_id IS NOT NULL AND request_time <= 1000;
SELECT count(*) FROM traces WHERE trace_id = 'T00001' COLLATE NOCASE;
SELECT count(*) FROM traces WHERE trace_id > 't19990';
SELECT count(*) FROM assessments WHERE value = '5';
SELECT count(*) FROM assessments WHERE value = 5;
SELECT count(*) FROM traces a JOIN traces b ON a.request_time = b.request_time + 1 WHERE a.request_time < 10;
SELECT a.trace_id, s.value FROM traces a LEFT JOIN assessments s ON s.trace_id = a.trace_id AND s.name = 'q3' WHERE a.request_time < 4 ORDER BY a.trace_id;
UPDATE traces SET outputs = 'o' WHERE request_time < 100;
SELECT count(*) FROM judge_trace WHERE outputs = 'o';
DELETE FROM traces WHERE request_time > 19000;
SELECT (SELECT count(*) FROM judge_trace), (SELECT count(*) FROM judge_assessment);
