-- Functions and tables within one another, in every place of a text.
-- victim
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"(SELECT max(load_extension(''./canary'')) OVER () FROM judge_trace)"}');
-- expect: load_extension() can do more than compute
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT load_extension(''./canary'') FROM n) SELECT i FROM n)"}');
-- expect: load_extension() can do more than compute
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"CASE WHEN 0 THEN load_extension(''./canary'') END"}');
-- expect: load_extension() can do more than compute | [(
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"EXISTS (SELECT 1 FROM json_each(host_write(''written'')))"}');
-- expect: host_write() is a function that this connection added
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"EXISTS (SELECT 1 FROM agreement_report(''q'', ''{\"by\":\"load_extension(1)\"}''))"}');
-- expect: no second one runs
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"EXISTS (SELECT 1 FROM judge_trace ORDER BY host_write(''written''))"}');
-- expect: host_write() is a function that this connection added | [(
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"(SELECT group_concat(outputs) FILTER (WHERE host_write(''written'')) FROM judge_trace)"}');
-- expect: host_write() is a function that this connection added
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"''x'' REGEXP ''y''"}');
-- expect: no such function: REGEXP
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"\"load_extension\"(''./canary'')"}');
-- expect: load_extension() can do more than compute
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"fts3_tokenizer(''x'', x''00'') IS NULL"}');
-- expect: fts3_tokenizer() can do more than compute | no such function
