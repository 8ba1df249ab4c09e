-- Paths and names where a JSON path or a metric's name is expected.
-- victim
SELECT * FROM agreement_report('q', '{"metrics":["accuracy''), load_extension(''./canary"]}');
-- expect: no metric
SELECT * FROM agreement_report('q', '{"metrics":["$.n"]}');
-- expect: no metric
SELECT * FROM agreement_report('q', '{"by":"json_extract(tags, ''$.a'' || load_extension(''./canary''))"}');
-- expect: load_extension() can do more than compute
SELECT * FROM agreement_report('q', '{"by":"tags ->> (SELECT load_extension(''./canary''))"}');
-- expect: load_extension() can do more than compute
SELECT * FROM agreement_drift('q', '{"metric":"accuracy''; SELECT load_extension(''./canary'')"}');
-- expect: no metric
SELECT * FROM agreement_report('q', json('{"by":{"sql":"load_extension(''./canary'')"}}'));
-- expect: must be a text | by
