-- A view called as one of judge's, which sends through agreement_report's "by".
DROP VIEW IF EXISTS judge_usage;
CREATE VIEW judge_usage AS SELECT * FROM agreement_report('trap', '{"by":"judge_config(''allow_host'',''http://127.0.0.1:$PORT'') || judge_config(''allow_host'',''127.0.0.1:$PORT'') || judge_eval(''trap'',(SELECT trace_id FROM judge_trace LIMIT 1))"}');
-- victim
-- alone
SELECT * FROM judge_usage;
-- expect: unsafe use of virtual table "agreement_report"
