-- Calls with their answers. Inserting here writes both tables by one statement,
-- which is how an answer is committed without a transaction of its own.
CREATE VIEW judge_call_answer AS
  SELECT c.digest, c.purpose, c.status, c.run_id, c.judge, c.trace_id, c.model,
         c.model_returned, c.host, c.http_status, c.error_code, c.error_message,
         c.attempts, c.latency_ms, c.input_tokens, c.output_tokens,
         c.cached_tokens, c.cost, c.created, c.created_text, b.response
  FROM judge_call c LEFT JOIN judge_call_body b ON b.digest = c.digest;

CREATE TRIGGER judge_call_answer_insert
  INSTEAD OF INSERT ON judge_call_answer
BEGIN
  INSERT OR IGNORE INTO judge_call(digest, purpose, status, run_id, judge,
      trace_id, model, model_returned, host, http_status, error_code,
      error_message, attempts, latency_ms, input_tokens, output_tokens,
      cached_tokens, cost, created, created_text)
    VALUES(NEW.digest, NEW.purpose, NEW.status, NEW.run_id, NEW.judge,
      NEW.trace_id, NEW.model, NEW.model_returned, NEW.host, NEW.http_status,
      NEW.error_code, NEW.error_message, NEW.attempts, NEW.latency_ms,
      NEW.input_tokens, NEW.output_tokens, NEW.cached_tokens, NEW.cost,
      NEW.created, NEW.created_text);
  INSERT OR IGNORE INTO judge_call_body(digest, response)
    SELECT NEW.digest, NEW.response WHERE NEW.response IS NOT NULL;
END;
