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

-- After a split a contested trace on the side to learn from counts for neither
-- version, though no version learned from it.
SELECT make_judge('tone', 'Rate the tone of {{ outputs }} for {{ inputs }}.', 'local:/lexical', '{"feedback_value_type":["rude","kind"]}')->>'$.judge';
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 260)
INSERT INTO traces(trace_id, inputs, outputs) SELECT 's' || i, 'question number ' || i, 'answer ' || (i % 7) FROM n;
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, 'tone', CASE rowid % 3 WHEN 0 THEN 'rude' ELSE 'kind' END, 'a' FROM judge_trace WHERE trace_id LIKE 's%';
INSERT INTO assessments(trace_id, name, value, source_id) SELECT trace_id, 'tone', CASE rowid % 5 WHEN 0 THEN 'rude' ELSE 'kind' END, 'b' FROM judge_trace WHERE trace_id LIKE 's%';
SELECT r->>'$.method', r->>'$.contested' > 50, (r->>'$.trained_on') + (r->>'$.held_out') < 260 FROM (SELECT judge_align('tone') AS r);
SELECT metric, missing, note LIKE '%missing%' FROM judge_compare('tone@1', 'tone@2') WHERE metric = 'accuracy';
SELECT c.n = sum(2 * (s.part = 'held_out')) FROM judge_compare('tone@1', 'tone@2') c, judge_split s WHERE c.metric = 'accuracy' AND s.feedback_name = 'tone';
