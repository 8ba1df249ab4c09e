-- agreement_report(), agreement_drift(): over verdicts and labels in the file.
SELECT * FROM agreement_report('q');
SELECT judge_init() IS NOT NULL;
SELECT count(*) FROM agreement_report('q');
INSERT INTO traces(trace_id, inputs, outputs, tags) SELECT 't' || value, 'in', 'out', json_object('topic', iif(value % 2, 'odd', 'even')) FROM json_each('[1,2,3,4,5,6,7,8]');
INSERT INTO assessments(trace_id, name, value, source_type, source_id) SELECT 't' || value, 'q', iif(value < 5, 'good', 'bad'), 'HUMAN', 'ann' FROM json_each('[1,2,3,4,5,6,7,8]');
INSERT INTO assessments(trace_id, name, value, source_type, source_id) SELECT 't' || value, 'q', iif(value < 6, 'good', 'bad'), 'HUMAN', 'bob' FROM json_each('[1,2,3,4,5,6,7]');
INSERT INTO assessments(trace_id, name, value, source_type, source_id, created) SELECT 't' || value, 'q', iif(value IN (1, 2, 3, 8), 'good', 'bad'), 'LLM_JUDGE', 'model', 1700000000000 + value FROM json_each('[1,2,3,4,5,6,7,8]');
SELECT scope, judge, against, slice, metric, n, round(value, 4), round(ci_low, 4), reason FROM agreement_report('q', '{"metrics":["accuracy","cohen_kappa"]}');
SELECT scope, slice, n, round(value, 4), reason FROM agreement_report('q', '{"metrics":["mcc"],"by":"json_extract(tags, ''$.topic'')"}') WHERE scope = 'slice';
SELECT count(*) FROM agreement_report('q', '{"by":"trace_id -- a comment"}') WHERE scope = 'slice';
SELECT * FROM agreement_report('q', '{"by":"nothing"}');
SELECT * FROM agreement_report('q', '{"by":"1); DELETE FROM judge_trace; --"}');
SELECT * FROM agreement_report('q', '{"metrics":["kapa"]}');
SELECT * FROM agreement_report('q', '{"metrics":"accuracy"}');
SELECT * FROM agreement_report('q', '{"slice":"x"}');
SELECT trace_id, n, round(value, 4), round(centre, 4), round(low, 4), round(high, 4), outside FROM agreement_drift('q', '{"window":4,"baseline":6,"sigma":1}') LIMIT 2;
SELECT trace_id, n, round(value, 4), round(centre, 4), round(low, 4), round(high, 4), outside FROM agreement_drift('q', '{"window":4,"baseline":8,"sigma":0.6}');
SELECT max(high) <= 1, min(low) >= 0 FROM agreement_drift('q', '{"window":2,"baseline":8,"sigma":5}');
SELECT max(high) <= 1, min(low) < 0 FROM agreement_drift('q', '{"window":2,"sigma":8,"metric":"cohen_kappa"}');
SELECT count(*) FROM agreement_drift('q', '{"metric":"cohen_kappa","window":5}');
SELECT * FROM agreement_drift('q', '{"metric":"f1"}');
SELECT * FROM agreement_drift('q', '{"window":1}');
-- A part of a metric has its metric's reason; "all" is no metric of a row.
SELECT metric, value, reason FROM agreement_report('q', '{"metrics":["pearson_p","auroc","cohen_kappa_max"]}') WHERE scope = 'judge_consensus';
SELECT * FROM agreement_report('q', '{"metrics":["accuracy","all"]}');
-- A declared order gives weighted metrics; one that lacks a label is not used.
SELECT make_judge('q', 'Is {{ outputs }} good?', 'local:/lexical', '{"feedback_value_type":["bad","good"]}') IS NOT NULL;
SELECT metric, n, round(value, 4) FROM agreement_report('q') WHERE scope = 'human_human';
SELECT make_judge('r', 'Is {{ outputs }} good?', 'local:/lexical', '{"feedback_value_type":["bad","good","best"]}') IS NOT NULL;
SELECT scope, count(*) FROM agreement_report('r') GROUP BY scope;
SELECT scope, judge, against, metric, n, reason FROM agreement_report('q@1', '{"level":0.9}') WHERE scope <> 'human_human';
-- A trace scores a version once: where the version learned from it, by the verdict that was cross-fitted.
WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM c WHERE i < 24) INSERT INTO traces(trace_id, inputs, outputs) SELECT 'u' || i, 'in ' || i, iif(i % 3, 'a good answer ', 'it is wrong ') || i FROM c;
SELECT make_judge('h', 'Is {{ outputs }} good?', 'local:/lexical', '{"feedback_value_type":["bad","good"]}') ->> 'judge';
INSERT INTO assessments(trace_id, name, value, source_type, source_id) SELECT trace_id, 'h', iif(outputs LIKE '%good%', 'good', 'bad'), 'HUMAN', 'ann' FROM traces WHERE trace_id LIKE 'u%';
SELECT judge_align('h@1') ->> 'judge', judge_run('h@2', '{"where":"trace_id LIKE ''u%''"}') ->> 'verdicts';
SELECT seen, cross_fitted, count(*) FROM judge_pairs_all WHERE judge = 'h@2' GROUP BY 1, 2;
SELECT scope, judge, n FROM agreement_report('h@2', '{"metrics":["accuracy"]}') WHERE scope IN ('judge_human', 'judge_consensus', 'version');
SELECT count(*) FROM agreement_drift('h@2');
