-- How good is this answer, and why? 50 questions about COVID-19 with three
-- passages each, rated by two people who gave their reasons (Li et al.,
-- Findings of ACL 2022). The whole life of a judge: made, run, corrected by
-- people, measured, aligned, compared, registered.
--
--   make && sqlite3 feedbackqa.db < sql/feedbackqa.sql
--
-- from the repository's root. Running it again changes and pays nothing.
--
-- Data: items.csv and labels.csv of the folder feedbackqa_cdc in
-- ../shared/data; another place is named by the environment:
--   JUDGE_DATA=/data sqlite3 feedbackqa.db < sql/feedbackqa.sql
-- Model: local:/lexical, which compares words and needs no network. The same
-- on a language model, examples found by embeddings:
--   sqlite3 -cmd '.parameter set @model openai:/gpt-4.1-mini' \
--           -cmd '.parameter set @embedding_model openai:/text-embedding-3-small' \
--           feedbackqa.db < sql/feedbackqa.sql
-- @limit is the number of traces (all), @align more options of judge_align as
-- JSON.

.bail on
.load build/judge
.headers on
.mode box
.nullvalue -

-- 1. The files, as they are.

CREATE TEMP TABLE items(item_id, input, output_heading, output, source_url);
CREATE TEMP TABLE labels(item_id, criterion, annotator, score, label, rationale);
.import --csv --skip 1 "|cat ${JUDGE_DATA:-../shared/data}/feedbackqa_cdc/items.csv" items
.import --csv --skip 1 "|cat ${JUDGE_DATA:-../shared/data}/feedbackqa_cdc/labels.csv" labels

-- 2. The judge. @judge is its version: the first unless the file knows other
-- models.

SELECT judge_init() ->> 'schema_version' AS schema_version;
SELECT judge_config('experiment', 'feedbackqa') AS experiment;
-- A small model on this machine may take minutes to come to the last of those
-- in flight.
SELECT judge_config('timeout_s', 600) AS timeout_s;
.parameter init
REPLACE INTO temp.sqlite_parameters(key, value)
  VALUES('@judge', make_judge('answer_quality',
    'How good is {{ outputs }} as an answer to {{ inputs }}?',
    coalesce(@model, 'local:/lexical'),
    '{"feedback_value_type":["Bad","Could be Improved","Acceptable","Excellent"],
      "inference_params":{"temperature":0}}') ->> 'judge');
SELECT @judge AS judge;

-- 3. The traces, and what the judge says of them.

INSERT OR IGNORE INTO traces(trace_id, inputs, outputs)
  SELECT item_id, input, output FROM items
   ORDER BY item_id LIMIT coalesce(@limit, -1);

.mode list
SELECT judge_run(@judge) AS run;
.mode box

-- 4. What people say.

INSERT INTO assessments(trace_id, name, value, rationale, source_type, source_id)
  SELECT item_id, criterion, label, rationale, 'HUMAN', annotator
    FROM labels JOIN judge_trace ON trace_id = item_id;

SELECT human AS reviewer, count(*) AS n,
       round(agreement(judge_value, human_value), 3) AS accuracy,
       round(agreement(judge_value, human_value, 'cohen_kappa'), 3) AS kappa,
       round(agreement(judge_value, human_value, 'cohen_kappa',
         '{"weights":"quadratic","order":["Bad","Could be Improved","Acceptable","Excellent"]}'
         ), 3) AS quadratic_kappa
  FROM judge_pairs_all WHERE judge = @judge GROUP BY human;

-- 5. Aligned. First what there is to learn from; this sends nothing.

.mode list
.separator ": "
.headers off
SELECT 'readiness', judge_align(@judge, json_patch('{"explain":true}',
  json_patch(json_object('embedding_model', @embedding_model),
             coalesce(@align, '{}')))) ->> 'readiness';

SELECT 'aligned', judge_align(@judge,
  json_patch(json_object('embedding_model', @embedding_model),
             coalesce(@align, '{}'))) ->> 'judge';

.parameter init
REPLACE INTO temp.sqlite_parameters(key, value)
  SELECT '@aligned', report ->> 'judge' FROM judge_report
   WHERE command = 'judge_align' ORDER BY report_id DESC LIMIT 1;

SELECT key, value FROM judge_report_item
 WHERE report_id = (SELECT max(report_id) FROM judge_report
                     WHERE command = 'judge_align')
   AND key <> 'readiness';
.headers on
.mode box

-- 6. Both versions on labels that neither learned from.

SELECT metric, n, round(original, 3) AS original, round(aligned, 3) AS aligned,
       round(improvement, 3) AS improvement, round(ci_low, 3) AS ci_low,
       round(ci_high, 3) AS ci_high, round(p_value, 4) AS p_value, missing
  FROM judge_compare(@judge, @aligned);

SELECT text AS guideline FROM judge_guideline
 WHERE definition_id = (SELECT definition_id FROM judge_definition
                         WHERE judge = @aligned)
 ORDER BY position;

-- 7. Registered under a name of its own, which still finds the labels called
-- answer_quality. Under its own name a version whose gain is not shown stays a
-- candidate; registering it is saying that one wants it nevertheless.

SELECT judge_register(@aligned, 'answer_quality_aligned',
  (SELECT json_object('alignment_date', substr(created_text, 1, 10),
            'num_traces', (SELECT CAST(count(*) AS TEXT) FROM judge_example e
                            WHERE e.definition_id = d.definition_id))
     FROM judge_definition d WHERE judge = @aligned)) ->> 'judge' AS registered;

SELECT judge, feedback_name, state, model, examples, guidelines, registered
  FROM judges WHERE feedback_name = 'answer_quality';
