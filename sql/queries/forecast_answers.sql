-- How long a model's answers are, and how much of its input was cached: of its
-- last thousand for this purpose, and of this judge where it has ten.
SELECT CASE WHEN count(*) FILTER (WHERE own) >= 10
         THEN avg(output_tokens) FILTER (WHERE own)
         ELSE avg(output_tokens) END,
       coalesce(1.0 * sum(CASE WHEN input_tokens > 0 THEN cached_tokens END) /
                nullif(sum(CASE WHEN cached_tokens IS NOT NULL
                           THEN input_tokens END), 0), 0)
FROM (SELECT output_tokens, input_tokens, cached_tokens, judge IS @judge AS own
      FROM main.judge_call
      WHERE model = @model AND status = 'ok' AND purpose = @purpose
        AND typeof(output_tokens) = 'integer' AND output_tokens >= 0
      ORDER BY call_id DESC LIMIT 1000)
