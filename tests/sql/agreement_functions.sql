-- agreement_raters(), agreement_difference(), agreement_rate(), states.
CREATE TABLE r(item, rater, value);
INSERT INTO r VALUES ('i1', 'a', 1), ('i1', 'b', 1), ('i1', 'c', 2), ('i2', 'a', 2), ('i2', 'b', 2), ('i2', 'c', 2), ('i3', 'a', 3), ('i3', 'b', 2), ('i4', 'a', 1), ('i4', 'b', 1), ('i4', 'c', 1), ('i5', 'c', 3), ('i6', 'a', NULL), (NULL, 'a', 1);
SELECT agreement_raters(item, rater, value), agreement_raters(item, rater, value, 'n_items'), agreement_raters(item, rater, value, 'n_raters'), agreement_raters(item, rater, value, 'n_ratings') FROM r;
SELECT agreement_raters(item, rater, value, 'fleiss_kappa'), agreement_raters(item, rater, value, 'conger_kappa'), agreement_raters(item, rater, value, 'light_kappa'), agreement_raters(item, rater, value, 'gwet_ac'), agreement_raters(item, rater, value, 'brennan_prediger'), agreement_raters(item, rater, value, 'percent_agreement') FROM r;
SELECT agreement_raters(item, rater, value, 'krippendorff_alpha', '{"metric":"ordinal"}'), agreement_raters(item, rater, value, 'krippendorff_alpha', '{"metric":"interval"}'), agreement_raters(item, rater, value, 'krippendorff_alpha', '{"metric":"ratio"}') FROM r;
SELECT agreement_raters(item, rater, value, 'kendall_w'), agreement_raters(item, rater, value, 'icc_2_1'), agreement_raters(item, rater, value, 'icc_2_k_ci_low') FROM r;
-- Without names what needs none still works; what does is NULL.
SELECT agreement_raters(item, NULL, value, 'n_raters'), agreement_raters(item, NULL, value, 'fleiss_kappa'), agreement_raters(item, NULL, value, 'conger_kappa'), agreement_raters(item, NULL, value, 'all') ->> '$.undefined.conger_kappa' FROM r;
-- A rater who rates an item twice.
SELECT agreement_raters(1, 'a', value, 'light_kappa'), agreement_raters(1, 'a', value, 'fleiss_kappa') FROM r;
SELECT agreement_raters(item, rater, 'x' || value, 'kendall_w') FROM r;
SELECT agreement_raters(item, rater, value, 'kappa') FROM r;
SELECT agreement_raters(item, rater, x'00') FROM r;
CREATE TABLE d(a, b, h);
INSERT INTO d VALUES ('p', 'p', 'p'), ('p', 'f', 'p'), ('f', 'f', 'f'), ('f', 'p', 'f'), ('p', 'p', 'f'), ('f', 'f', 'f'), ('p', 'f', 'p'), ('p', NULL, 'p');
SELECT agreement_difference(a, b, h), agreement_difference(a, b, h, 'n'), agreement_difference(a, b, h, 'both_right'), agreement_difference(a, b, h, 'only_a_right'), agreement_difference(a, b, h, 'only_b_right'), agreement_difference(a, b, h, 'both_wrong') FROM d;
SELECT agreement_difference(a, b, h, 'mcnemar_p'), agreement_difference(a, b, h, 'mcnemar_p', '{"method":"midp"}'), agreement_difference(a, b, h, 'mcnemar_stat', '{"method":"chi2cc"}') FROM d;
SELECT agreement_difference(a, b, h, 'cohen_kappa_diff'), agreement_difference(a, b, h, 'cohen_kappa_diff_ci_low'), agreement_difference(a, b, h, 'cohen_kappa', '{"judge":"judge_b"}'), agreement_difference(a, b, h, 'mcc') FROM d;
SELECT agreement_difference(a, b, h, 'mcc', '{"judge":"b"}') FROM d;
SELECT agreement_difference(a, a, h, 'mcnemar_p'), agreement_difference(a, a, h, 'mcnemar_p', '{"method":"chi2"}'), agreement_difference(a, a, h, 'accuracy_diff_p') FROM d;
CREATE TABLE p(j, h);
INSERT INTO p VALUES (1, 1), (1, 1), (0, 1), (0, 0), (0, 0), (1, 0), (1, NULL), (1, NULL), (0, NULL), (1, NULL), (0, NULL), (NULL, 1);
SELECT agreement_rate(j, h), agreement_rate(j, h, 'rogan_gladen_se'), agreement_rate(j, h, 'tpr'), agreement_rate(j, h, 'tnr'), agreement_rate(j, h, 'n_labelled'), agreement_rate(j, h, 'n_judge_only') FROM p;
SELECT agreement_rate(j, h, 'ppi_mean'), agreement_rate(j, h, 'ppi_mean', '{"lam":0}') = agreement_rate(j, h, 'classical_mean'), agreement_rate(j, h, 'ppi_lambda') FROM p;
-- A judge that is no better than chance: NULL, with the reason.
SELECT agreement_rate(1 - j, h), agreement_rate(1 - j, h, 'all') ->> '$.undefined.rogan_gladen' FROM p;
SELECT agreement_rate(iif(j, 'yes', 'no'), iif(h, 'yes', iif(h = 0, 'no', NULL)), 'rogan_gladen', '{"pos":"yes"}') FROM p WHERE j IS NOT NULL;
SELECT agreement_rate('yes', 'yes') FROM p;
SELECT agreement_rate(NULL, NULL, 'rogan_gladen_ci_low', '{"p":0.4,"n":1000,"tpr":0.9,"tnr":0.7,"m0":200,"m1":200,"method":"lang-reiczigel"}');
SELECT agreement_rate(0.5, 0.25, 'rogan_gladen'), agreement_rate(0.5, 0.25, 'classical_mean');
SELECT agreement_merge(s, 'cohen_kappa') = (SELECT agreement(a, h, 'cohen_kappa') FROM d), agreement_merge(s), typeof(s) FROM (SELECT agreement_state(a, h) AS s FROM d GROUP BY b);
SELECT hex(agreement_state(j, h)) FROM p;
SELECT agreement_state(a, h, '{"categories":["p"]}') FROM d;
SELECT agreement_merge('no state');
SELECT agreement_merge(x'00');
SELECT agreement_merge(agreement_state, 'nope') FROM (SELECT agreement_state(a, h) AS agreement_state FROM d);
-- All at once: what the data allow.
SELECT json_valid(v), v ->> '$.n', v ->> '$.categories', v ->> '$.tpr', v ->> '$.confusion.counts', v ->> '$.undefined.mae' FROM (SELECT agreement(a, h, 'all', '{"pos":"p"}') AS v FROM d);
SELECT v ->> '$.mae', v ->> '$.ece', v ->> '$.spearman', v ->> '$.cohen_kappa_boot', v ->> '$.undefined.bowker' FROM (SELECT agreement(j, j, 'all') AS v FROM p);
SELECT agreement(1.5, 1, 'brier');
SELECT agreement(0.5, 'yes', 'brier');
SELECT agreement(0.5, 'yes', 'brier', '{"pos":"yes"}'), agreement(0.3, 1, 'ece', '{"bins":10}');
SELECT agreement(1, 1, 'accuracy_ci_low', '{"level":1}');
SELECT agreement(1, 1, 'accuracy_ci_low', '{"level":0.9,"alpha":0.1}');
SELECT agreement(1, 1, 'accuracy_ci_low', '{"method":"wald"}');
SELECT count(*) > 90, count(DISTINCT function) FROM agreement_metrics;
-- Declared categories have no order: the interval distance still reads numbers.
SELECT agreement(n, m, 'krippendorff_alpha', '{"metric":"interval","categories":["1","5","9"]}') = agreement(n, m, 'krippendorff_alpha', '{"metric":"interval"}') FROM (SELECT '1' AS n, '1' AS m UNION ALL SELECT '5', '1' UNION ALL SELECT '5', '5');
SELECT agreement('a', 'b', 'krippendorff_alpha', '{"metric":"interval","categories":["a","b"]}');
SELECT agreement_raters(1, 1, 'a', 'krippendorff_alpha', '{"metric":"ordinal","categories":["a","b"]}');
