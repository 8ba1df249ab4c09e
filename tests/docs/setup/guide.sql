-- What the reader has: questions of customers, and labels from elsewhere.
SELECT judge_init();
CREATE TABLE queries AS
  SELECT 'Which ' || j.value || ' do you have, model ' || n.value || '?' AS query
    FROM json_each('["tent","stove","rope","boots"]') j, json_each('[1,2,3,4,5]') n;
CREATE VIEW ground_truth AS
  SELECT trace_id, iif(length(outputs) % 2, 'good', 'poor') AS label,
         'By the house rules.' AS rationale
    FROM judge_trace;
