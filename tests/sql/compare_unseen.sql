-- What judge_compare counts: the rows of the alignment, as folds rated them, the
-- contested ones too, and no row whose inputs a version has seen under another id.
.quiet
SELECT judge_init();
SELECT make_judge('q', '{{ inputs }} {{ outputs }}', 'local:/lexical', '{"feedback_value_type":["a","b"]}');
INSERT INTO traces(trace_id, inputs, outputs) WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 30) SELECT 't' || v, 'q ' || v || iif(v % 2, ' money', ' tent'), 'a ' || v FROM n;
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, 'q', iif(inputs LIKE '%money%', 'b', 'a'), 'ann' FROM traces;
INSERT INTO assessments(trace_id, name, value, source_id) VALUES('t1', 'q', 'a', 'ben'), ('t2', 'q', 'b', 'ben');
.loud
SELECT json_extract(judge_align('q'), '$.contested', '$.held_out');
SELECT metric, n, missing, note FROM judge_compare('q@1', 'q@2') LIMIT 1;
SELECT round(r.value, 9) = round(c.original, 9) FROM judge_report_item r, judge_compare('q@1', 'q@2') c WHERE r.key = 'accuracy_before' AND c.metric = 'accuracy';
SELECT round(r.value, 9) = round(c.aligned, 9) FROM judge_report_item r, judge_compare('q@1', 'q@2') c WHERE r.key = 'accuracy_after' AND c.metric = 'accuracy';
INSERT INTO traces(trace_id, inputs, outputs) SELECT 'again' || trace_id, inputs, outputs FROM traces;
INSERT INTO traces(trace_id, inputs, outputs) VALUES('new', 'q 31 money', 'a 31');
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, 'q', 'b', 'ann' FROM traces WHERE trace_id LIKE 'again%' OR trace_id = 'new';
SELECT json_extract(judge_run('q@1'), '$.errors'), json_extract(judge_run('q@2'), '$.errors');
SELECT metric, n, missing, note FROM judge_compare('q@1', 'q@2') LIMIT 1;
