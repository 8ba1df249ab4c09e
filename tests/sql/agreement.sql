-- agreement(judge, human [, metric [, options]]): values.
CREATE TABLE p(id INTEGER PRIMARY KEY, g, judge, human);
INSERT INTO p(g, judge, human) VALUES (1, 'good', 'good'), (1, 'good', 'fair'), (1, 'fair', 'fair'), (1, 'bad', 'bad'), (2, 'bad', 'bad'), (2, 'bad', NULL), (2, NULL, 'good'), (2, 'good', 'bad'), (3, NULL, NULL);
SELECT agreement(judge, human) FROM p;
SELECT agreement(judge, human, NULL, NULL), agreement(judge, human, 'accuracy', '{}') FROM p;
SELECT g, agreement(judge, human, 'n'), agreement(judge, human), agreement(judge, human, 'cohen_kappa'), agreement(judge, human, 'mcc'), agreement(judge, human, 'balanced_accuracy'), agreement(judge, human, 'majority_baseline') FROM p GROUP BY g;
SELECT agreement(judge, human, 'cohen_kappa', '{"weights":"linear","order":["bad","fair","good"]}'), agreement(judge, human, 'linear_kappa', '{"order":["bad","fair","good"]}') FROM p;
SELECT agreement(judge, human, 'cohen_kappa', '{"weights":"quadratic","order":["bad","fair","good"]}'), agreement(judge, human, 'quadratic_kappa', '{"order":["bad","fair","good"]}') FROM p;
SELECT agreement(judge, human, 'cohen_kappa', '{"order":["bad","fair","good"],"disagreement":[[0,1,4],[1,0,1],[4,1,0]]}'), agreement(judge, human, 'cohen_kappa', '{"order":["bad","fair","good"],"agreement":[[1,0.75,0],[0.75,1,0.75],[0,0.75,1]]}') FROM p;
SELECT agreement(judge, human, 'mae', '{"order":["bad","fair","good"]}') FROM p;
SELECT agreement(judge, human, 'confusion') FROM p;
SELECT agreement(judge, human, 'confusion', '{"order":["good","fair","bad","awful"]}') FROM p;
SELECT agreement(judge, human, 'confusion', '{"human":"bad","judge":"good"}'), agreement(judge, human, 'confusion', '{"human":"x","judge":"good"}') FROM p;
SELECT typeof(agreement(judge, human, 'n')), typeof(agreement(judge, human)), typeof(agreement(judge, human, 'confusion')) FROM p;
SELECT agreement(judge, human) FILTER (WHERE g = 1) FROM p;
-- Over no rows SQLite shows no arguments, not even the metric.
SELECT agreement(judge, human, 'n'), agreement(judge, human, 'no_such_metric') FROM p WHERE 0;
SELECT agreement(NULL, 1, 'n'), agreement(NULL, 1), agreement(NULL, 1, 'confusion'), agreement(NULL, 1, 'mae'), agreement(NULL, 1, 'cohen_kappa');
-- Equality: numbers by value, text by bytes, never a number with a text.
SELECT agreement(1, 1.0), agreement(1, '1'), agreement('a', 'A'), agreement('a', 'a '), agreement(9007199254740993, 9007199254740992.0), agreement(0.0, -0.0);
SELECT agreement(1, 1.0, 'confusion'), agreement('1', 1, 'confusion'), agreement('"', 'ä', 'confusion');
-- Numbers: weights by position among those seen, or by value.
CREATE TABLE s(id INTEGER PRIMARY KEY, judge, human);
INSERT INTO s(judge, human) VALUES (1, 1), (2, 1), (2, 2.0), (5, 2), (5, 5), (2, 5), (1, 2);
SELECT agreement(judge, human, 'mae'), agreement(judge, human, 'quadratic_kappa'), agreement(judge, human, 'quadratic_kappa', '{"scores":"value"}'), agreement(judge, human, 'linear_kappa'), agreement(judge, human, 'cohen_kappa', '{"weights":"linear","scores":"value"}') FROM s;
SELECT agreement(CAST(judge AS TEXT), human, 'mae'), agreement('1e999', 1, 'mae'), agreement(9e999, 1, 'mae') FROM s WHERE id < 3;
SELECT agreement(CAST(judge AS TEXT), human, 'mae'), agreement(9e999, 1, 'mae') FROM s WHERE id < 3;
-- A window: rows leave it without a trace.
SELECT id, agreement(judge, human, 'n') OVER w, agreement(judge, human, 'mae') OVER w, agreement(judge, human, 'cohen_kappa') OVER w, agreement(judge, human, 'confusion') OVER w FROM s WINDOW w AS (ORDER BY id ROWS 1 PRECEDING);
SELECT id, agreement(judge, human) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), agreement(judge, human) OVER (PARTITION BY human) FROM s ORDER BY id;
SELECT id, agreement(judge, human, 'n') OVER (ORDER BY id ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING) FROM s;
CREATE TEMP TABLE mixed(id INTEGER PRIMARY KEY, judge, human);
INSERT INTO mixed(judge, human) VALUES ('4', 1), (2, 1), (3, 1), (4, 4), (4, 4), (2, 1);
SELECT w = (SELECT agreement(judge, human, 'linear_kappa') FROM mixed WHERE id > 1) FROM (SELECT id, agreement(judge, human, 'linear_kappa') OVER (ORDER BY id ROWS 4 PRECEDING) AS w FROM mixed) WHERE id = 6;
-- Infinities are labels, and not null.
SELECT agreement(9e999, -9e999, 'confusion') ->> '$.labels', agreement(9e999, 9e999, 'all') ->> '$.categories', agreement(9e999, 9e999);
