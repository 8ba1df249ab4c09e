-- INSERT ... SELECT from the tables behind ends, with the rows that were there.
.quiet
SELECT judge_init();
CREATE TABLE items(id TEXT PRIMARY KEY, label TEXT);
INSERT INTO items SELECT 'i' || value, 'Good' FROM json_each('[1,2,3,4,5,6,7,8,9,10]');
CREATE VIEW seen AS SELECT trace_id, name, value FROM judge_assessment;
.loud
INSERT INTO traces(trace_id, inputs) SELECT id, 'q' FROM items;
INSERT INTO assessments(trace_id, name, value) SELECT id, 'q', label FROM items;
SELECT count(*) FROM judge_assessment;
-- In autocommit.
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, name, value, source_id || '1' FROM judge_assessment;
SELECT count(*) FROM judge_assessment;
-- Through a view.
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, name, value, 'view' FROM seen;
SELECT count(*) FROM judge_assessment;
-- From itself.
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, name, value, 'self' FROM assessments WHERE source_id = 'view';
SELECT count(*) FROM judge_assessment;
-- In a transaction, in savepoints, nested.
BEGIN;
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, name, value, 'begin' FROM judge_assessment WHERE source_id = 'view';
SELECT count(*) FROM judge_assessment;
SAVEPOINT one;
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, name, value, 'one' FROM judge_assessment WHERE source_id = 'view';
SAVEPOINT two;
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, name, value, 'two' FROM judge_assessment WHERE source_id = 'view';
SELECT count(*) FROM judge_assessment;
ROLLBACK TO two;
SELECT count(*) FROM judge_assessment;
-- A row that fails takes its statement with it, and nothing else.
INSERT INTO assessments(trace_id, name, value, source_type) SELECT trace_id, name, value, iif(trace_id = 'i9', 'BOT', 'HUMAN') FROM judge_assessment;
SELECT count(*) FROM judge_assessment;
INSERT INTO assessments(assessment_id, trace_id, name, value) SELECT 'same', trace_id, 'dup', 1 FROM judge_assessment WHERE source_id = 'view';
INSERT OR IGNORE INTO assessments(assessment_id, trace_id, name, value) SELECT 'same', trace_id, 'dup', 1 FROM judge_assessment WHERE source_id = 'view';
SELECT count(*) FROM judge_assessment WHERE name = 'dup';
RELEASE one;
COMMIT;
SELECT source_id, count(*) FROM judge_assessment GROUP BY 1 ORDER BY 1;
.autocommit
-- A single row is seen at once, a value read from our tables or not.
BEGIN;
INSERT INTO assessments(trace_id, name, value) VALUES('i1', 'single', 1);
SELECT count(*) FROM judge_assessment WHERE name = 'single';
INSERT INTO assessments(trace_id, name, value) VALUES((SELECT max(trace_id) FROM judge_trace), 'single', 1);
SELECT count(*) FROM judge_assessment WHERE name = 'single';
INSERT INTO assessments(trace_id, name, value) VALUES((SELECT min(trace_id) FROM judge_assessment), 'single', 2), ('i3', 'single', 3);
SELECT count(*) FROM judge_assessment WHERE name = 'single';
ROLLBACK;
SELECT count(*) FROM judge_assessment WHERE name = 'single';
-- Triggers of the user's own tables.
CREATE TABLE label(id TEXT, value TEXT);
CREATE TRIGGER label_in AFTER INSERT ON label BEGIN
  INSERT INTO assessments(trace_id, name, value) SELECT NEW.id, 'trigger', NEW.value || count(*) FROM judge_assessment WHERE name = 'trigger';
END;
INSERT INTO label VALUES('i1', 'x');
INSERT INTO label SELECT trace_id, 'y' FROM judge_assessment WHERE source_id = 'view' AND trace_id <> 'i1';
SELECT count(*) FROM judge_assessment WHERE name = 'trigger';
INSERT INTO label VALUES('nobody', 'x');
SELECT count(*) FROM label WHERE id = 'nobody';
DROP TRIGGER label_in;
-- Traces.
INSERT INTO traces(trace_id, inputs) SELECT trace_id || 'x', inputs FROM judge_trace;
SELECT count(*) FROM judge_trace;
INSERT INTO traces(trace_id, expectations) SELECT trace_id || 'y', '{"e":1}' FROM judge_assessment WHERE source_id = 'view';
SELECT count(*), count(expectations) FROM traces;
INSERT OR IGNORE INTO traces(trace_id) SELECT trace_id FROM judge_trace;
INSERT OR REPLACE INTO traces(trace_id, inputs) SELECT trace_id, 'new' FROM judge_trace WHERE trace_id LIKE '%y';
SELECT inputs, count(*), count(expectations) FROM traces GROUP BY 1 ORDER BY 1;
INSERT INTO traces(trace_id) SELECT 'again' FROM judge_trace;
SELECT count(*) FROM judge_trace WHERE trace_id = 'again';
-- Many rows from elsewhere.
INSERT INTO traces(trace_id, inputs) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT 'n' || i, i FROM n;
INSERT INTO assessments(trace_id, name, value) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT 'n' || i, 'many', i FROM n;
SELECT count(*), sum(value), count(DISTINCT assessment_id) FROM assessments WHERE name = 'many';
INSERT INTO assessments(trace_id, name, value) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2501) SELECT 'n' || i, 'more', i FROM n;
SELECT count(*) FROM assessments WHERE name = 'more';
PRAGMA integrity_check;
