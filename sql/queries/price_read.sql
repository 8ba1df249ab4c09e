-- What is no price counts as none, so that max_cost asks for one.
SELECT model, input_per_million, output_per_million,
  coalesce(cached_per_million, input_per_million)
FROM main.judge_price
WHERE typeof(model) = 'text'
  AND typeof(input_per_million) IN ('integer', 'real')
  AND typeof(output_per_million) IN ('integer', 'real')
  AND typeof(cached_per_million) IN ('integer', 'real', 'null')
  AND min(input_per_million, output_per_million,
          coalesce(cached_per_million, 0)) >= 0
  AND max(input_per_million, output_per_million,
          coalesce(cached_per_million, 0)) < 9e999
