-- OR REPLACE of a trace keeps its labels, a deletion takes them along, whatever
-- recursive_triggers and foreign_keys are.
SELECT judge_init() ->> 'created';
PRAGMA recursive_triggers = 0;
PRAGMA foreign_keys = 0;
.quiet
DELETE FROM judge_trace;
INSERT INTO judge_trace(trace_id, outputs) VALUES('t1', 'a'), ('t2', 'b'), ('t3', 'c');
INSERT INTO judge_assessment(trace_id, name, value, source_id) VALUES('t1', 'q', 1, 'ann'), ('t1', 'q', 2, 'ann'), ('t2', 'q', 3, 'bob'), ('t3', 'q', 4, 'bob');
.loud
INSERT OR REPLACE INTO judge_trace(trace_id, outputs) VALUES('t1', 'new');
REPLACE INTO judge_trace(trace_id, outputs) SELECT trace_id, 'newer' FROM judge_trace;
INSERT OR REPLACE INTO traces(trace_id, outputs) VALUES('t1', 'newest');
UPDATE OR REPLACE judge_trace SET trace_id = 't2' WHERE trace_id = 't3';
SELECT a.trace_id, t.outputs, a.value, a.valid, a.overrides IS NOT NULL FROM judge_assessment a JOIN judge_trace t USING (trace_id) ORDER BY a.rowid;
DELETE FROM judge_trace WHERE trace_id = 't1';
SELECT trace_id, value FROM judge_assessment ORDER BY rowid;
DELETE FROM traces WHERE trace_id = 't2';
SELECT count(*) FROM judge_assessment;
SELECT key FROM judge_meta;
PRAGMA recursive_triggers = 0;
PRAGMA foreign_keys = 1;
.quiet
DELETE FROM judge_trace;
INSERT INTO judge_trace(trace_id, outputs) VALUES('t1', 'a'), ('t2', 'b'), ('t3', 'c');
INSERT INTO judge_assessment(trace_id, name, value, source_id) VALUES('t1', 'q', 1, 'ann'), ('t1', 'q', 2, 'ann'), ('t2', 'q', 3, 'bob'), ('t3', 'q', 4, 'bob');
.loud
INSERT OR REPLACE INTO judge_trace(trace_id, outputs) VALUES('t1', 'new');
REPLACE INTO judge_trace(trace_id, outputs) SELECT trace_id, 'newer' FROM judge_trace;
INSERT OR REPLACE INTO traces(trace_id, outputs) VALUES('t1', 'newest');
UPDATE OR REPLACE judge_trace SET trace_id = 't2' WHERE trace_id = 't3';
SELECT a.trace_id, t.outputs, a.value, a.valid, a.overrides IS NOT NULL FROM judge_assessment a JOIN judge_trace t USING (trace_id) ORDER BY a.rowid;
DELETE FROM judge_trace WHERE trace_id = 't1';
SELECT trace_id, value FROM judge_assessment ORDER BY rowid;
DELETE FROM traces WHERE trace_id = 't2';
SELECT count(*) FROM judge_assessment;
SELECT key FROM judge_meta;
PRAGMA recursive_triggers = 1;
PRAGMA foreign_keys = 0;
.quiet
DELETE FROM judge_trace;
INSERT INTO judge_trace(trace_id, outputs) VALUES('t1', 'a'), ('t2', 'b'), ('t3', 'c');
INSERT INTO judge_assessment(trace_id, name, value, source_id) VALUES('t1', 'q', 1, 'ann'), ('t1', 'q', 2, 'ann'), ('t2', 'q', 3, 'bob'), ('t3', 'q', 4, 'bob');
.loud
INSERT OR REPLACE INTO judge_trace(trace_id, outputs) VALUES('t1', 'new');
REPLACE INTO judge_trace(trace_id, outputs) SELECT trace_id, 'newer' FROM judge_trace;
INSERT OR REPLACE INTO traces(trace_id, outputs) VALUES('t1', 'newest');
UPDATE OR REPLACE judge_trace SET trace_id = 't2' WHERE trace_id = 't3';
SELECT a.trace_id, t.outputs, a.value, a.valid, a.overrides IS NOT NULL FROM judge_assessment a JOIN judge_trace t USING (trace_id) ORDER BY a.rowid;
DELETE FROM judge_trace WHERE trace_id = 't1';
SELECT trace_id, value FROM judge_assessment ORDER BY rowid;
DELETE FROM traces WHERE trace_id = 't2';
SELECT count(*) FROM judge_assessment;
SELECT key FROM judge_meta;
PRAGMA recursive_triggers = 1;
PRAGMA foreign_keys = 1;
.quiet
DELETE FROM judge_trace;
INSERT INTO judge_trace(trace_id, outputs) VALUES('t1', 'a'), ('t2', 'b'), ('t3', 'c');
INSERT INTO judge_assessment(trace_id, name, value, source_id) VALUES('t1', 'q', 1, 'ann'), ('t1', 'q', 2, 'ann'), ('t2', 'q', 3, 'bob'), ('t3', 'q', 4, 'bob');
.loud
INSERT OR REPLACE INTO judge_trace(trace_id, outputs) VALUES('t1', 'new');
REPLACE INTO judge_trace(trace_id, outputs) SELECT trace_id, 'newer' FROM judge_trace;
INSERT OR REPLACE INTO traces(trace_id, outputs) VALUES('t1', 'newest');
UPDATE OR REPLACE judge_trace SET trace_id = 't2' WHERE trace_id = 't3';
SELECT a.trace_id, t.outputs, a.value, a.valid, a.overrides IS NOT NULL FROM judge_assessment a JOIN judge_trace t USING (trace_id) ORDER BY a.rowid;
DELETE FROM judge_trace WHERE trace_id = 't1';
SELECT trace_id, value FROM judge_assessment ORDER BY rowid;
DELETE FROM traces WHERE trace_id = 't2';
SELECT count(*) FROM judge_assessment;
SELECT key FROM judge_meta;
-- Where foreign keys are on, they hold against what the triggers do not see.
PRAGMA foreign_keys;
PRAGMA foreign_key_check;
BEGIN;
UPDATE judge_trace SET trace_id = 't9' WHERE trace_id = 't3';
INSERT INTO judge_trace(trace_id) VALUES('t5');
INSERT INTO judge_assessment(trace_id, name, value) VALUES('t5', 'q', 1);
UPDATE judge_trace SET trace_id = 't6' WHERE trace_id = 't5';
COMMIT;
SELECT trace_id, value FROM judge_assessment;
PRAGMA foreign_key_check;
