-- Tables of the user's in temp that are called as ours get nothing of ours.
.quiet
SELECT judge_init();
SELECT make_judge('q', '{{ inputs }} {{ outputs }}', 'local:/lexical', '{"feedback_value_type":["a","b"]}');
INSERT INTO traces(trace_id, inputs, outputs) WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 12) SELECT 't' || v, 'q ' || v, 'a ' || v FROM n;
INSERT INTO assessments(trace_id, name, value) SELECT trace_id, 'q', iif(trace_id > 't3', 'a', 'b') FROM traces;
CREATE TEMP TABLE judge_trace(x);
CREATE TEMP VIEW judge_assessment AS SELECT 1 AS x;
CREATE TEMP TABLE judge_definition(x);
CREATE TEMP TABLE judge_example(x);
CREATE TEMP TABLE judge_crossfit(x);
CREATE TEMP TABLE judge_report(x);
CREATE TEMP TABLE judge_price(x);
CREATE TEMP TABLE judge_call(x);
CREATE TEMP TABLE judge_split(x);
CREATE TEMP TABLE judge_meta(x);
.loud
SELECT judge_run('q') ->> 'verdicts';
SELECT judge_align('q') ->> 'judge';
SELECT n, missing FROM judge_compare('q@1', 'q@2') LIMIT 1;
SELECT judge_register('q@2', 'r') ->> 'judge';
SELECT judge_eval('r', 't1') ->> 'error_code';
SELECT count(*) > 0 FROM judge_disagreements('q');
SELECT count(*) FROM temp.judge_report;
SELECT count(*) > 4 FROM main.judge_report;
