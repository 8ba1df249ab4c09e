-- A judge learns a house standard: `make demo`, or by hand from the repository's
-- root: sqlite3 demo.db < sql/demo.sql
--
-- The support assistant of an outdoor shop drafts answers. A judge says whether a
-- draft may be sent as it is. Two people of the shop, Mara and Jon, have labelled
-- 76 drafts with a reason each, by a standard that no prompt states: what a
-- customer hangs their life on (climbing, stoves, avalanche gear) and what moves
-- money goes to a person first, however well the draft reads.
--
-- Everything runs on local:/lexical, which counts words and needs neither network
-- nor key. Running it twice on one database doubles nothing. The commands return
-- JSON reports, which the database keeps: here they are read from there.
.load build/judge
.headers on
.nullvalue -

.print
.print == 1. Traces, and what people said about them ==
.print
.import --csv --schema temp sql/demo/items.csv staff
.once /dev/null
SELECT judge_init();

INSERT OR IGNORE INTO traces(trace_id, inputs, outputs)
  SELECT id, question, answer FROM staff;

.once /dev/null
SELECT make_judge('ready_to_send',
  'Can {{ outputs }} go to the customer who asked {{ inputs }} as it is?',
  'local:/lexical', '{"feedback_value_type":["hold","send"]}');

INSERT INTO assessments(trace_id, name, value, rationale, source_type, source_id)
  SELECT id, 'ready_to_send', mara, mara_reason, 'HUMAN', 'mara' FROM staff;
INSERT INTO assessments(trace_id, name, value, rationale, source_type, source_id)
  SELECT id, 'ready_to_send', jon, jon_reason, 'HUMAN', 'jon' FROM staff;

.mode box --wrap 26 --wordwrap on
SELECT inputs AS question, outputs AS draft, value AS mara, rationale AS reason
  FROM judge_trace JOIN judge_assessment USING (trace_id)
 WHERE trace_id IN ('q07', 'q34', 'q43') AND source_id = 'mara' AND valid
 ORDER BY trace_id;
SELECT human AS reviewer, sum(labels) AS labels,
       sum(CASE value WHEN 'hold' THEN labels END) AS hold,
       sum(CASE value WHEN 'send' THEN labels END) AS send,
       sum(rationales) AS "with a reason"
  FROM judge_label_count WHERE name = 'ready_to_send' GROUP BY human;

.print
.print == 2. The judge as it comes: does it agree with people? ==
.print
.once /dev/null
SELECT judge_run('ready_to_send@1');

SELECT coalesce(human, 'both') AS "agreement with", n AS labels,
       printf('%.1f %%', 100 * accuracy) AS accuracy,
       printf('%.2f', kappa) AS kappa
  FROM (SELECT human, agreement(judge_value, human_value, 'n') AS n,
               agreement(judge_value, human_value) AS accuracy,
               agreement(judge_value, human_value, 'cohen_kappa') AS kappa
          FROM judge_pairs_all WHERE judge = 'ready_to_send@1' GROUP BY human
        UNION ALL
        SELECT NULL, agreement(judge_value, human_value, 'n'),
               agreement(judge_value, human_value),
               agreement(judge_value, human_value, 'cohen_kappa')
          FROM judge_pairs_all WHERE judge = 'ready_to_send@1');
.print About what tossing a coin gives (50 %, kappa 0). Its reason for q34:
.mode box --wrap 76 --wordwrap on
SELECT value AS verdict, rationale FROM judge_assessment
 WHERE judge = 'ready_to_send@1' AND trace_id = 'q34' AND valid;

.print
.print == 3. Aligning it with the labels ==
.print
.once /dev/null
SELECT judge_align('ready_to_send');

CREATE TEMP VIEW alignment AS
  SELECT report FROM judge_report
   WHERE command = 'judge_align' AND report ->> 'judge' = 'ready_to_send@2'
   ORDER BY report_id LIMIT 1;
.mode box --wrap 88 --wordwrap on
SELECT note.value AS "what was learned"
  FROM alignment, json_each('["' || replace(replace(report ->> 'notes', '"', ''),
                                            '; ', '","') || '"]') note;
.mode box --wrap 31 --wordwrap on
SELECT report ->> 'judge' AS version,
       report ->> 'trained_on' AS "trained on", report ->> 'contested' AS contested,
       report ->> 'method' AS "measured by",
       iif(report ->> 'accepted', 'accepted', 'candidate') AS outcome,
       report ->> 'calls' AS "paid calls"
  FROM alignment;

.print
.print == 4. The gain, on labels that the judge did not learn from ==
.print
.print Each draft is rated by a version that saw neither it nor its labels.
SELECT printf('%.1f %%', 100 * (report ->> 'accuracy_before')) AS before,
       printf('%.1f %%', 100 * (report ->> 'accuracy_after')) AS after,
       printf('%+.1f points', 100 * (report ->> 'improvement')) AS gain,
       printf('%+.1f to %+.1f', 100 * (report ->> 'ci_low'),
              100 * (report ->> 'ci_high')) AS "95 % interval",
       printf('%.1f %%', 100 * (report ->> 'majority_baseline'))
         AS "always the same",
       printf('%.1f %%', 100 * (report ->> 'human_agreement')) AS "Mara and Jon"
  FROM alignment;
.once /dev/null
SELECT judge_run('ready_to_send@2');
.print The same by judge_compare, with p-values:
SELECT metric, n,
       printf('%.2f', original) AS original, printf('%.2f', aligned) AS aligned,
       printf('%+.2f', improvement) AS gain,
       printf('%+.2f to %+.2f', ci_low, ci_high) AS "95 % interval",
       iif(p_value < 0.0001, '< 0.0001', printf('%.4f', p_value)) AS p
  FROM judge_compare('ready_to_send@1', 'ready_to_send@2')
 WHERE improvement IS NOT NULL;

.print
.print == 5. In use under a name of its own ==
.print
.once /dev/null
SELECT judge_register('ready_to_send@2',
  'ready_to_send_aligned', '{"team":"support","alignment_date":"2026-11-23"}');
SELECT judge, state, parent, examples,
       iif(registered, 'yes', 'no') AS registered,
       tags ->> 'alignment_date' AS aligned
  FROM judges ORDER BY name, version;

.print
.print == 6. Who disagrees still ==
.print
.print Where Mara and Jon differ, no judge can please both. These are theirs to settle:
SELECT trace_id AS draft, inputs AS question, judge_value AS judge, human,
       human_value AS says, human_rationale AS because
  FROM judge_disagreements('ready_to_send') WHERE people_differ;
.print What it got wrong on drafts it had not seen, though both agree:
SELECT trace_id AS draft, t.inputs AS question, judge_value AS judge,
       human_value AS people, min(human_rationale) AS "one reason"
  FROM judge_pairs_all p JOIN judge_trace t USING (trace_id)
 WHERE judge = 'ready_to_send@2' AND cross_fitted AND NOT agree
 GROUP BY trace_id, judge_value HAVING count(*) = 2 ORDER BY trace_id;

.print
.print == 7. A draft that nobody has labelled ==
.print
.mode box --wrap 76 --wordwrap on
SELECT verdict ->> 'value' AS verdict, verdict ->> 'rationale' AS rationale
  FROM (SELECT judge_eval('ready_to_send_aligned',
    'The gate of my carabiner does not close by itself. Is it safe?',
    'It is safe as long as you close the gate by hand.') AS verdict);
.print
.print It counts words: it reads no meaning and writes no guidelines. It is the floor
.print that a language model must beat, with the same commands: docs/models.md.
