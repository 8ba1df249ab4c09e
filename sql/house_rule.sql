-- A planted standard that only the labels tell: 100 questions with answers, half
-- about COVID-19 (labelled Blue), half trivia (Green). The instructions do not
-- say so: a judge that gets it right learned it from labelled examples. So this
-- shows whether alignment works at all, even with a very small language model.
--
--   make && sqlite3 house.db < sql/house_rule.sql
--
-- from the repository's root. Running it again changes and pays nothing.
--
-- Data: items.csv of the folder house_rule in ../shared/data; another place is
-- named by the environment: JUDGE_DATA=/data sqlite3 house.db < ...
-- Model: local:/lexical. Another one, and options of judge_align as JSON:
--   sqlite3 -cmd '.parameter set @model openai:/smollm2' \
--           -cmd ".parameter set @align '{\"max_guidelines\":0}'" \
--           house.db < sql/house_rule.sql

.bail on
.load build/judge
.headers on
.mode box
.nullvalue -

CREATE TEMP TABLE items(item_id, input, output, gold);
.import --csv --skip 1 "|cat ${JUDGE_DATA:-../shared/data}/house_rule/items.csv" items

SELECT judge_init() ->> 'schema_version' AS schema_version;
SELECT judge_config('experiment', 'house_rule') AS experiment;
-- A small model on this machine may take minutes to come to the last of those
-- in flight.
SELECT judge_config('timeout_s', 600) AS timeout_s;

.parameter init
REPLACE INTO temp.sqlite_parameters(key, value)
  VALUES('@judge', make_judge('house_rule',
    'Choose the colour of this question and answer by the rules of our house: '
    || 'Blue or Green. Question: {{ inputs }} Answer: {{ outputs }}',
    coalesce(@model, 'local:/lexical'),
    '{"feedback_value_type":["Blue","Green"],"inference_params":{"temperature":0}}'
    ) ->> 'judge');
SELECT @judge AS judge;

INSERT OR IGNORE INTO traces(trace_id, inputs, outputs)
  SELECT item_id, input, output FROM items;
INSERT INTO assessments(trace_id, name, value, source_type, source_id)
  SELECT item_id, 'house_rule', gold, 'HUMAN', 'house' FROM items;

.mode list
SELECT judge_run(@judge) AS run;
.mode box
SELECT judge, count(*) AS n, round(agreement(judge_value, human_value), 3)
         AS accuracy,
       round(agreement(judge_value, human_value, 'cohen_kappa'), 3) AS kappa
  FROM judge_pairs_all WHERE judge = @judge GROUP BY judge;

SELECT judge_align(@judge, coalesce(@align, '{}')) ->> 'judge' AS aligned;

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

SELECT metric, n, round(original, 3) AS original, round(aligned, 3) AS aligned,
       round(improvement, 3) AS improvement, round(ci_low, 3) AS ci_low,
       round(ci_high, 3) AS ci_high, round(p_value, 4) AS p_value, missing
  FROM judge_compare(@judge, @aligned);

SELECT text AS guideline FROM judge_guideline
 WHERE definition_id = (SELECT definition_id FROM judge_definition
                         WHERE judge = @aligned)
 ORDER BY position;

SELECT judge, state, model, examples, guidelines FROM judges
 WHERE name = 'house_rule';
