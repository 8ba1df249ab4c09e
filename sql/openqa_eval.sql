-- Is this answer correct? 301 answers of a language model to questions of
-- Natural Questions, judged by people and by three recorded automatic judges
-- (Kamalloo et al., ACL 2023). SQL alone tells how well each recorded judge
-- agrees with people; then the built-in judge "correctness" is run on the same
-- rows, aligned with the labels, and compared.
--
--   make && sqlite3 openqa.db < sql/openqa_eval.sql
--
-- from the repository's root. Running it again changes and pays nothing.
--
-- Data: items.csv, labels.csv and verdicts.csv of the folder openqa_eval in
-- ../shared/data; another place is named by the environment:
--   JUDGE_DATA=/data sqlite3 openqa.db < sql/openqa_eval.sql
-- Model: local:/lexical, which compares words and needs no network. Another:
--   sqlite3 -cmd '.parameter set @model openai:/gpt-4.1-mini' openqa.db \
--     < sql/openqa_eval.sql
-- In the same way @align takes options of judge_align as JSON, and @where an SQL
-- expression over traces that says which ones our judge is run and aligned on:
--   -cmd ".parameter set @align '{\"max_guidelines\":0}'"
--   -cmd ".parameter set @where \"trace_id < 'oq0900'\""

.bail on
.load build/judge
.headers on
.mode box
.nullvalue -

-- 1. The files, as they are.

CREATE TEMP TABLE items(item_id, question_id, input, reference, output, gold);
CREATE TEMP TABLE labels(item_id, criterion, annotator, label);
CREATE TEMP TABLE verdicts(item_id, criterion, judge, label, raw);
.import --csv --skip 1 "|cat ${JUDGE_DATA:-../shared/data}/openqa_eval/items.csv" items
.import --csv --skip 1 "|cat ${JUDGE_DATA:-../shared/data}/openqa_eval/labels.csv" labels
.import --csv --skip 1 "|cat ${JUDGE_DATA:-../shared/data}/openqa_eval/verdicts.csv" verdicts

-- 2. The judge. It comes before the labels, which are called as it is: so the
-- labels Yes and No are stored in its own spelling, yes and no. @judge is the
-- version, which is the first unless the file knows other models.

SELECT judge_init() ->> 'schema_version' AS schema_version;
SELECT judge_config('experiment', 'openqa_eval') AS experiment;
-- A small model on this machine may take minutes to come to the last of those
-- in flight.
SELECT judge_config('timeout_s', 600) AS timeout_s;
.parameter init
REPLACE INTO temp.sqlite_parameters(key, value)
  VALUES('@judge', make_judge('acceptable', NULL,
                              coalesce(@model, 'local:/lexical'),
                              '{"builtin":"correctness",
                                "inference_params":{"temperature":0}}')
         ->> 'judge');
SELECT @judge AS judge;

-- 3. Traces, references, labels, recorded verdicts.

INSERT OR IGNORE INTO traces(trace_id, inputs, outputs)
  SELECT item_id, input, output FROM items;

-- References stand in one field with " | " between them: made a JSON list, each
-- is a right answer in its own right.
INSERT INTO assessments(trace_id, name, kind, value, source_type, source_id)
  SELECT item_id, 'expected_response', 'expectation',
         '[' || replace(json_quote(reference), ' | ', '","') || ']',
         'HUMAN', 'nq_open'
  FROM items;

-- The adjudicated label comes last, so that it is each trace's latest.
INSERT INTO assessments(trace_id, name, value, source_type, source_id)
  SELECT item_id, criterion, label, 'HUMAN', annotator FROM labels;
INSERT INTO assessments(trace_id, name, value, source_type, source_id)
  SELECT item_id, 'acceptable', gold, 'HUMAN', 'gold' FROM items;

-- A response that said neither Yes nor No is an error, not a score.
INSERT INTO assessments(trace_id, name, value, rationale, source_type,
                        source_id, error_code, error_message)
  SELECT item_id, criterion, nullif(label, ''), nullif(raw, ''), 'LLM_JUDGE',
         judge, iif(label = '', 'NO_VERDICT', NULL),
         iif(label = '', 'the response is neither Yes nor No', NULL)
  FROM verdicts;

-- 4. How often do people accept an answer?

SELECT printf('%.1f %%', 100 * avg(value = 'yes')) AS accepted_by_people
  FROM assessments
 WHERE name = 'acceptable' AND source_type = 'HUMAN' AND source_id = 'gold';

-- 5. The recorded judges against the adjudicated label.

SELECT model AS recorded_judge, count(*) AS verdicts,
       printf('%.1f %%', 100 * avg(judge_value = 'yes')) AS accepts,
       round(agreement(judge_value, human_value), 3) AS accuracy,
       round(agreement(judge_value, human_value, 'cohen_kappa'), 3) AS kappa
  FROM judge_pairs
 WHERE name = 'acceptable' AND human = 'gold'
   AND model IN ('gpt-4', 'text-davinci-003', 'BEM')
 GROUP BY model ORDER BY accuracy DESC;

-- 6. Our judge on the same rows.

.mode list
SELECT judge_run(@judge, json_object('where', @where)) AS run;
.mode box

SELECT judge, model, count(*) AS verdicts,
       printf('%.1f %%', 100 * avg(judge_value = 'yes')) AS accepts,
       round(agreement(judge_value, human_value), 3) AS accuracy,
       round(agreement(judge_value, human_value, 'cohen_kappa'), 3) AS kappa
  FROM judge_pairs_all
 WHERE judge = @judge AND human = 'gold'
 GROUP BY judge, model;

-- 7. Aligned with the labels. A trace is trained on its latest label, the
-- adjudicated one; the gain is measured against everybody's. As "gold" often
-- repeats a1 and a2, human_agreement is higher here than two people's (.845).

SELECT judge_align(@judge,
  json_patch(json_object('labels', 'latest', 'where', @where),
             coalesce(@align, '{}'))) ->> 'judge' AS aligned;

.parameter init
REPLACE INTO temp.sqlite_parameters(key, value)
  SELECT '@aligned', report ->> 'judge' FROM judge_report
   WHERE command = 'judge_align' ORDER BY report_id DESC LIMIT 1;

.mode list
.separator ": "
.headers off
SELECT key, value FROM judge_report_item
 WHERE report_id = (SELECT max(report_id) FROM judge_report
                     WHERE command = 'judge_align')
   AND key <> 'readiness';
.headers on
.mode box

-- 8. Both versions on rows that neither learned from.

SELECT metric, n, round(original, 3) AS original, round(aligned, 3) AS aligned,
       round(improvement, 3) AS improvement, round(ci_low, 3) AS ci_low,
       round(ci_high, 3) AS ci_high, round(p_value, 4) AS p_value, missing, note
  FROM judge_compare(@judge, @aligned, json_object('where', @where));

SELECT judge, state, model, examples, guidelines FROM judges
 WHERE name = 'acceptable';
