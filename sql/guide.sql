-- The guide to judge alignment, step by step, in SQL: a built-in judge
-- (RelevanceToQuery) and one of our own (product_quality), 50 product
-- descriptions that an application writes, ground truth in bulk, alignment with
-- the default and with an explicit optimizer, registering, validation.
-- docs/guide.md goes through it section by section.
--
--   make && sqlite3 guide.db < sql/guide.sql
--
-- from the repository's root, with DATABRICKS_HOST and DATABRICKS_TOKEN set.
-- Running it again changes and pays nothing. About 350 calls. Version numbers
-- (@1, @2) are those of a new file. Other models:
--   sqlite3 -cmd '.parameter set @app_model ollama:/llama3.2' \
--           -cmd '.parameter set @model ollama:/llama3.2' guide.db < ...
-- @judge_model is the judges' own, @model writes the guidelines of step 3b, and
-- stands for the others where they are not set.

-- [requirements] Nothing to install but the extension.
.bail on
.load build/judge
.headers on
.mode box
.nullvalue -
.parameter init
INSERT OR IGNORE INTO temp.sqlite_parameters(key, value)
  SELECT '@model', 'databricks:/databricks-gpt-oss-120b' WHERE @model IS NULL;
INSERT OR IGNORE INTO temp.sqlite_parameters(key, value)
  SELECT '@judge_model', @model WHERE @judge_model IS NULL;
INSERT OR IGNORE INTO temp.sqlite_parameters(key, value)
  SELECT '@app_model', 'databricks:/databricks-claude-sonnet-4'
  WHERE @app_model IS NULL;

SELECT judge_init() ->> 'schema_version' AS schema_version;


-- Step 1: judges and traces

-- [experiment] New traces go to this experiment.
SELECT judge_config('experiment', '/Shared/product-quality-alignment')
  AS experiment;

-- [built-in judge] The name of a built-in is the name of its feedback. Giving it
-- a model of its own keeps the session's default out of it.
SELECT make_judge('relevance_to_query', NULL, @judge_model,
                  '{"builtin":"relevance_to_query"}') ->> 'judge' AS builtin;

-- [custom judge] The rating is free text here, as in the guide. Declaring
-- '{"feedback_value_type":["poor","fair","good","excellent"]}' would check every
-- verdict and label, and would let agreement know the order.
SELECT make_judge('product_quality',
  'Evaluate if the product description in {{ outputs }} is accurate and helpful '
  || 'for the query in {{ inputs }}. '
  || 'Rate as: excellent, good, fair, or poor', @judge_model,
  '{"feedback_value_type":"str"}') ->> 'judge' AS custom;

-- [application] 50 queries, each answered by a model and logged as a trace: the
-- query as its inputs, the answer as its outputs.
.mode list
SELECT judge_generate(@app_model, '{{ query }}', '{
  "system": "You write concise, accurate product descriptions.",
  "from": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49) SELECT ''Tell me about product '' || i AS query FROM n"
}') AS generated;

-- [judge assessments] Each verdict is stored with its trace under the judge's
-- name, with its rationale.
SELECT judge_run('relevance_to_query@1') AS run;
SELECT judge_run('product_quality@1') AS run;
.mode box

SELECT name, value, count(*) AS verdicts FROM assessments
 WHERE source_type = 'LLM_JUDGE'
   AND judge IN ('relevance_to_query@1', 'product_quality@1')
 GROUP BY name, value ORDER BY name, verdicts DESC, value;


-- Step 2: human feedback

-- [review by hand] Any tool that edits SQLite files will do: a row typed into
-- judge_assessment (trace_id, name, value, rationale, source_id) is complete.
-- The name must be the judge's.

-- [feedback from a program] The labels that exist already. Ours follow a house
-- standard that the instructions do not state: what counts are properties that
-- a customer can check, and praise does not. So they can be written by a query,
-- whichever model wrote the descriptions; yours come from a file or a table.
CREATE TEMP TABLE property(word TEXT);
INSERT INTO property VALUES ('light'), ('sturdy'), ('quiet'), ('warm'),
  ('bright'), ('compact'), ('roomy');

CREATE TEMP TABLE ground_truth AS
  SELECT trace_id, count(word) AS properties,
         CASE count(word) WHEN 0 THEN 'poor' WHEN 1 THEN 'fair'
                          WHEN 2 THEN 'good' ELSE 'excellent' END AS label,
         CASE count(word)
           WHEN 0 THEN 'Only praise, nothing that a customer can check'
           ELSE 'A customer can check: ' || group_concat(word, ', ') END
         AS rationale
    FROM judge_trace LEFT JOIN property
         ON ' ' || replace(replace(outputs, '.', ' '), ',', ' ') || ' '
            LIKE '% ' || word || ' %'
   WHERE experiment = '/Shared/product-quality-alignment' AND state = 'OK'
   GROUP BY trace_id;

INSERT INTO assessments(trace_id, name, value, rationale, source_type, source_id)
  SELECT trace_id, 'product_quality', label, rationale, 'HUMAN',
         'ground_truth_dataset'
    FROM ground_truth;
INSERT INTO assessments(trace_id, name, value, rationale, source_type, source_id)
  SELECT trace_id, 'relevance_to_query', iif(properties < 2, 'no', 'yes'),
         rationale, 'HUMAN', 'ground_truth_dataset'
    FROM ground_truth;

-- [best practices] Reviewers, share of negative labels, reasons, classes: what
-- an alignment would find, what it would cost; this sends nothing.
.mode list
SELECT judge_align('product_quality@1', '{"explain":true}') ->> 'readiness'
  AS product_quality_readiness;
SELECT judge_align('relevance_to_query@1', '{"explain":true}') ->> 'readiness'
  AS relevance_readiness;
.mode box


-- Step 3: align and register

-- [default optimizer] MemAlign. With fewer than 10 labelled traces it is an
-- error that says how many there are.
SELECT judge_align('product_quality@1') ->> 'judge' AS aligned;
SELECT judge_align('relevance_to_query@1') ->> 'judge' AS aligned;

-- [register] Under a new name, to tell it from the original.
SELECT judge_register('product_quality@2', 'product_quality_aligned',
  json_object('alignment_date', '2025-10-23', 'num_traces',
    (SELECT CAST(count(*) AS TEXT) FROM ground_truth))) ->> 'judge'
  AS registered;
SELECT judge_register('relevance_to_query@2', 'relevance_to_query_aligned',
  json_object('alignment_date', '2025-10-23', 'num_traces',
    (SELECT CAST(count(*) AS TEXT) FROM ground_truth))) ->> 'judge'
  AS registered;

-- [explicit optimizer] By name, with the model that writes the guidelines, on
-- 15 traces; registered under its own name.
SELECT judge_align('product_quality@1', json_object('optimizer', 'memalign',
  'model', @model, 'limit', 15)) ->> 'judge' AS aligned;
SELECT judge_register('product_quality@3') ->> 'judge' AS registered;

-- [logging] {"verbose":true} tells each step on stderr while it happens; the
-- table keeps them in any case.
SELECT step, message FROM judge_log
 WHERE command = 'judge_align' AND run_id =
   (SELECT run_id FROM judge_report WHERE command = 'judge_align'
     AND report ->> 'judge' = 'product_quality@2' ORDER BY report_id LIMIT 1)
 ORDER BY log_id;

-- What was learned, and from how many traces.
SELECT d.judge, g.text AS guideline, count(s.trace_id) AS traces
  FROM judge_guideline g JOIN judge_definition d USING (definition_id)
  LEFT JOIN judge_guideline_source s USING (guideline_id)
 WHERE d.version IS NOT NULL GROUP BY g.guideline_id
 ORDER BY d.judge, g.position;


-- Step 4: validate

-- [validation] The guide's function: both judges rate every trace that has human
-- feedback, and their agreement is counted. It flatters the aligned judge, which
-- learned from these very traces.
SELECT judge_run('product_quality_aligned@1') ->> 'errors' AS errors;
SELECT avg(o.value = h.value) AS original_accuracy,
       avg(a.value = h.value) AS aligned_accuracy,
       avg(a.value = h.value) - avg(o.value = h.value) AS improvement
  FROM judge_assessment h
  JOIN judge_assessment o ON o.trace_id = h.trace_id AND o.valid
       AND o.judge = 'product_quality@1'
  JOIN judge_assessment a ON a.trace_id = h.trace_id AND a.valid
       AND a.judge = 'product_quality_aligned@1'
 WHERE h.name = 'product_quality' AND h.source_type = 'HUMAN' AND h.valid;

-- [honest validation] The same on labels that the version that rated did not
-- see, with intervals.
SELECT metric, n, round(original, 3) AS original, round(aligned, 3) AS aligned,
       round(improvement, 3) AS improvement, round(ci_low, 3) AS ci_low,
       round(ci_high, 3) AS ci_high, round(p_value, 4) AS p_value, missing
  FROM judge_compare('product_quality@1', 'product_quality@2');
SELECT metric, n, round(original, 3) AS original, round(aligned, 3) AS aligned,
       round(improvement, 3) AS improvement, round(ci_low, 3) AS ci_low,
       round(ci_high, 3) AS ci_high, round(p_value, 4) AS p_value, missing
  FROM judge_compare('relevance_to_query@1', 'relevance_to_query@2');

-- [custom optimizer] Comes with judge_optimizer(name, sql), which this version
-- does not have yet.

-- [what there is now]
SELECT judge, state, registered, optimizer, guidelines, examples, tags
  FROM judges ORDER BY judge;
