-- A report belongs to the version that it is about: that of an alignment to the
-- version made, with the one that it began with beside it. Forecasts (explain)
-- are kept, marked as such.
ALTER TABLE main.judge_report ADD COLUMN parent TEXT;
ALTER TABLE main.judge_report ADD COLUMN forecast INTEGER NOT NULL DEFAULT 0;
UPDATE main.judge_report
  SET parent = json_extract(report, '$.parent'),
      judge = json_extract(report, '$.judge')
  WHERE command = 'judge_align' AND json_extract(report, '$.judge') IS NOT NULL;

DROP VIEW IF EXISTS main.judge_report_item;
-- As before, with both: likely() leaves the view to SQLite in DuckDB, whose
-- json_each() has other values.
CREATE VIEW judge_report_item AS
  SELECT r.report_id AS report_id, r.command AS command, r.judge AS judge,
         r.run_id AS run_id, j.key AS key, j.value AS value,
         r.created AS created, r.created_text AS created_text,
         CAST(j.value AS TEXT) AS value_text, r.parent AS parent,
         r.forecast AS forecast
  FROM judge_report r, json_each(r.report) j WHERE likely(j.key IS NOT NULL);
