-- An option that reads its own text, out of a trace.
UPDATE judge_trace SET outputs = '{"where":"EXISTS(SELECT 1 FROM judge_compare(''q@1'',''q@2'',(SELECT outputs FROM judge_trace WHERE trace_id=''t1'')))"}' WHERE trace_id = 't1';
UPDATE judge_trace SET outputs = '{"by":"EXISTS(SELECT 1 FROM agreement_report(''q'',(SELECT outputs FROM judge_trace WHERE trace_id=''t2'')))"}' WHERE trace_id = 't2';
-- victim
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', (SELECT outputs FROM judge_trace WHERE trace_id = 't1'));
-- expect: no second one runs
-- alone
SELECT * FROM agreement_report('q', (SELECT outputs FROM judge_trace WHERE trace_id = 't2'));
-- expect: no second one runs
