-- What the reader has: a judge with traces and labels.
SELECT judge_init();
SELECT make_judge('answer_quality', 'How good is {{ outputs }} for {{ inputs }}?',
  'local:/lexical', '{"feedback_value_type":["bad","good"]}');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
INSERT INTO traces(trace_id, inputs, outputs)
  SELECT 'own' || i, 'Question number ' || i, iif(i % 3, 'Answer to number ' || i, 'No idea') FROM n;
INSERT INTO assessments(trace_id, name, value, source_id)
  SELECT trace_id, 'answer_quality', iif(rowid % 4, 'good', 'bad'), 'ann' FROM judge_trace;
