-- Every paid call is a row: when two commands pay for the same answer at once,
-- the one that comes second has status 'twice', and its answer is not kept. What
-- belongs to no command was recorded elsewhere: it is taken once.
DROP TRIGGER IF EXISTS main.judge_call_answer_insert;
CREATE TRIGGER judge_call_answer_insert
  INSTEAD OF INSERT ON judge_call_answer
BEGIN
  INSERT INTO judge_call(digest, purpose, status, run_id, judge,
      trace_id, model, model_returned, host, http_status, error_code,
      error_message, attempts, latency_ms, input_tokens, output_tokens,
      cached_tokens, cost, created, created_text)
    SELECT NEW.digest, NEW.purpose,
      CASE WHEN NEW.status = 'ok'
                AND EXISTS (SELECT 1 FROM judge_call c
                            WHERE c.digest = NEW.digest AND c.status = 'ok')
        THEN 'twice' ELSE NEW.status END,
      NEW.run_id, NEW.judge,
      NEW.trace_id, NEW.model, NEW.model_returned, NEW.host, NEW.http_status,
      NEW.error_code, NEW.error_message, NEW.attempts, NEW.latency_ms,
      NEW.input_tokens, NEW.output_tokens, NEW.cached_tokens, NEW.cost,
      NEW.created, NEW.created_text
    WHERE NEW.status <> 'ok'
       OR NOT EXISTS (SELECT 1 FROM judge_call c
                      WHERE c.digest = NEW.digest AND c.status = 'ok'
                        AND (NEW.run_id IS NULL OR c.run_id = NEW.run_id));
  INSERT OR IGNORE INTO judge_call_body(digest, response)
    SELECT NEW.digest, NEW.response WHERE NEW.response IS NOT NULL;
END;

-- What a call cost: at the price of its time, or, where the model had none then,
-- at today's. unpriced: it took something, and its cost is not known, for want
-- of a price or of the usage; untold: the usage is not known. A failed call of
-- which nobody says what it took is neither, and costs NULL.
DROP VIEW IF EXISTS main.judge_cost_call;
CREATE VIEW judge_cost_call AS
  SELECT call_id, run_id, judge, trace_id, purpose, model, status, attempts,
         input_tokens, cached_tokens, output_tokens, cost,
         CASE WHEN cost IS NULL AND status <> 'cached'
                   AND (status <> 'error' OR input_tokens IS NOT NULL)
           THEN 1 ELSE 0 END AS unpriced,
         created, created_text,
         CASE WHEN status IN ('ok', 'twice')
                   AND (input_tokens IS NULL OR output_tokens IS NULL)
           THEN 1 ELSE 0 END AS untold,
         latency_ms
  FROM (SELECT c.call_id, c.run_id, c.judge, c.trace_id, c.purpose, c.model,
               c.status, c.attempts, c.input_tokens, c.cached_tokens,
               c.output_tokens,
               CASE WHEN c.status = 'cached' THEN 0.0
                    WHEN c.cost IS NOT NULL THEN c.cost
                    WHEN c.cached_tokens BETWEEN 1 AND c.input_tokens
                    THEN ((c.input_tokens - c.cached_tokens)
                            * p.input_per_million
                          + c.cached_tokens
                            * coalesce(p.cached_per_million,
                                       p.input_per_million)
                          + c.output_tokens * p.output_per_million) / 1e6
                    ELSE (c.input_tokens * p.input_per_million
                          + c.output_tokens * p.output_per_million) / 1e6
               END AS cost, c.created, c.created_text, c.latency_ms
        FROM judge_call c
        LEFT JOIN judge_price p ON p.model = c.model);

-- The same by command. Its report may be missing: it was interrupted. In sums a
-- part that is not known makes the whole NULL, unpriced and untold tell how many
-- calls that are; failed calls alone have no cost either, stored answers cost
-- nothing.
DROP VIEW IF EXISTS main.judge_cost_run;
CREATE VIEW judge_cost_run AS
  SELECT c.run_id AS run_id, r.command AS command,
         coalesce(r.judge, c.judge) AS judge, c.calls AS calls,
         c.errors AS errors, c.cached AS cached,
         c.input_tokens AS input_tokens, c.cached_tokens AS cached_tokens,
         c.output_tokens AS output_tokens, c.cost AS cost,
         c.unpriced AS unpriced, f.created AS started,
         f.created_text AS started_text, c.untold AS untold
  FROM (SELECT run_id, max(judge) AS judge,
               sum(CASE WHEN status <> 'cached' THEN 1 ELSE 0 END) AS calls,
               sum(CASE WHEN status = 'error' THEN 1 ELSE 0 END) AS errors,
               sum(CASE WHEN status = 'cached' THEN 1 ELSE 0 END) AS cached,
               CASE WHEN sum(untold) = 0 THEN coalesce(sum(input_tokens), 0)
                 END AS input_tokens,
               coalesce(sum(cached_tokens), 0) AS cached_tokens,
               CASE WHEN sum(untold) = 0 THEN coalesce(sum(output_tokens), 0)
                 END AS output_tokens,
               CASE WHEN sum(unpriced) > 0 THEN NULL
                    WHEN min(status) = 'cached' AND max(status) = 'cached'
                    THEN 0.0
                    ELSE sum(CASE WHEN status <> 'cached' THEN cost END)
               END AS cost,
               sum(unpriced) AS unpriced, min(call_id) AS first,
               sum(untold) AS untold
        FROM judge_cost_call WHERE run_id IS NOT NULL GROUP BY run_id) c
  JOIN judge_call f ON f.call_id = c.first
  LEFT JOIN judge_report r ON r.run_id = c.run_id;

-- By judge and model. The calls that made a version count for its parent.
DROP VIEW IF EXISTS main.judge_cost_judge;
CREATE VIEW judge_cost_judge AS
  SELECT judge, model,
         sum(CASE WHEN status <> 'cached' THEN 1 ELSE 0 END) AS calls,
         sum(CASE WHEN status = 'error' THEN 1 ELSE 0 END) AS errors,
         sum(CASE WHEN status = 'cached' THEN 1 ELSE 0 END) AS cached,
         CASE WHEN sum(untold) = 0 THEN coalesce(sum(input_tokens), 0) END
           AS input_tokens,
         coalesce(sum(cached_tokens), 0) AS cached_tokens,
         CASE WHEN sum(untold) = 0 THEN coalesce(sum(output_tokens), 0) END
           AS output_tokens,
         CASE WHEN sum(unpriced) > 0 THEN NULL
              WHEN min(status) = 'cached' AND max(status) = 'cached' THEN 0.0
              ELSE sum(CASE WHEN status <> 'cached' THEN cost END)
         END AS cost,
         sum(unpriced) AS unpriced, sum(untold) AS untold
  FROM judge_cost_call GROUP BY judge, model;

-- By day (UTC).
DROP VIEW IF EXISTS main.judge_cost_day;
CREATE VIEW judge_cost_day AS
  SELECT substr(created_text, 1, 10) AS day,
         sum(CASE WHEN status <> 'cached' THEN 1 ELSE 0 END) AS calls,
         sum(CASE WHEN status = 'error' THEN 1 ELSE 0 END) AS errors,
         sum(CASE WHEN status = 'cached' THEN 1 ELSE 0 END) AS cached,
         CASE WHEN sum(untold) = 0 THEN coalesce(sum(input_tokens), 0) END
           AS input_tokens,
         coalesce(sum(cached_tokens), 0) AS cached_tokens,
         CASE WHEN sum(untold) = 0 THEN coalesce(sum(output_tokens), 0) END
           AS output_tokens,
         CASE WHEN sum(unpriced) > 0 THEN NULL
              WHEN min(status) = 'cached' AND max(status) = 'cached' THEN 0.0
              ELSE sum(CASE WHEN status <> 'cached' THEN cost END)
         END AS cost,
         sum(unpriced) AS unpriced, sum(untold) AS untold
  FROM judge_cost_call GROUP BY substr(created_text, 1, 10);

-- Calls a day. Answers from earlier calls cost nothing and are counted apart;
-- p50 and p95 are nearest-rank percentiles of the calls that went well: the
-- place is the first whole number from half of them, or 95 %, on.
DROP VIEW IF EXISTS main.judge_usage;
CREATE VIEW judge_usage AS
  SELECT day, judge, model,
         sum(CASE WHEN status <> 'cached' THEN 1 ELSE 0 END) AS calls,
         sum(CASE WHEN status = 'error' THEN 1 ELSE 0 END) AS errors,
         sum(CASE WHEN status = 'cached' THEN 1 ELSE 0 END) AS cached,
         sum(CASE WHEN status <> 'cached' AND attempts > 1
             THEN attempts - 1 ELSE 0 END) AS retries,
         CASE WHEN sum(untold) = 0
           THEN sum(CASE WHEN status <> 'cached'
                    THEN coalesce(input_tokens, 0) ELSE 0 END) END
           AS input_tokens,
         CASE WHEN sum(untold) = 0
           THEN sum(CASE WHEN status <> 'cached'
                    THEN coalesce(output_tokens, 0) ELSE 0 END) END
           AS output_tokens,
         CASE WHEN sum(unpriced) > 0 THEN NULL
              WHEN min(status) = 'cached' AND max(status) = 'cached' THEN 0.0
              ELSE sum(CASE WHEN status <> 'cached' THEN cost END)
         END AS cost,
         max(CASE WHEN timed = 1 AND 2 * place - timings BETWEEN 0 AND 1
             THEN latency_ms END) AS p50_ms,
         max(CASE WHEN timed = 1
                       AND 100 * place - 95 * timings BETWEEN 0 AND 99
             THEN latency_ms END) AS p95_ms,
         sum(unpriced) AS unpriced, sum(untold) AS untold
  FROM (SELECT *,
               row_number() OVER (PARTITION BY day, judge, model, timed
                                  ORDER BY latency_ms) AS place,
               count(*) OVER (PARTITION BY day, judge, model, timed)
                 AS timings
        FROM (SELECT substr(created_text, 1, 10) AS day, judge, model, status,
                     attempts, input_tokens, output_tokens, cost, latency_ms,
                     unpriced, untold,
                     CASE WHEN status = 'ok' AND latency_ms IS NOT NULL
                       THEN 1 ELSE 0 END AS timed
              FROM judge_cost_call))
  GROUP BY day, judge, model;
