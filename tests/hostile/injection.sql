-- Texts that try to end the parentheses that they are put into.
-- victim
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"1)) UNION SELECT load_extension(''./canary''),2,3,4,5,6,7,8,9,10 --"}');
-- expect: a closing parenthesis has no opening one
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"1 /*"}');
-- expect: a quote or comment does not end
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"1 = $a('')) UNION SELECT load_extension(''./canary'') --''"}');
-- expect: a parameter has no value here
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"1 = :a::b('')) UNION SELECT load_extension(''./canary'') --''"}');
-- expect: a parameter has no value here
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"(SELECT load_extension(''./canary''))"}');
-- expect: load_extension() can do more than compute
SELECT * FROM agreement_report('q', '{"by":"1) FROM judge_trace UNION SELECT load_extension(''./canary''), (2"}');
-- expect: a closing parenthesis has no opening one
SELECT * FROM agreement_report('q', '{"by":"1; SELECT load_extension(''./canary'')"}');
-- expect: a semicolon cannot be part of an expression
SELECT judge_generate('openai:/m', 'x', '{"from":"SELECT 1 UNION SELECT load_extension(''./canary'')"}');
-- expect: load_extension() can do more than compute
SELECT judge_generate('openai:/m', 'x', '{"from":"SELECT 1; SELECT load_extension(''./canary'')"}');
-- expect: it must be one SELECT
SELECT judge_generate('openai:/m', 'x', '{"from":"EXPLAIN SELECT 1"}');
-- expect: it must be one SELECT
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"1","where":"load_extension(''./canary'')"}');
-- expect: twice | load_extension() can do more | where
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"1\u0000) UNION"}');
-- expect: \u0000 | NUL | error
