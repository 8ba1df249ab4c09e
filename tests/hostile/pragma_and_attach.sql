-- Statements that act when they are prepared, or on files.
-- victim
SELECT judge_generate('openai:/m', 'x', '{"from":"PRAGMA trusted_schema = 1"}');
-- expect: it must be one SELECT
SELECT judge_generate('openai:/m', 'x', '{"from":"ATTACH ''written'' AS w"}');
-- expect: it must be one SELECT
SELECT judge_generate('openai:/m', 'x', '{"from":"VACUUM INTO ''written''"}');
-- expect: it must be one SELECT
SELECT judge_generate('openai:/m', 'x', '{"from":"BEGIN"}');
-- expect: it must be one SELECT
SELECT judge_generate('openai:/m', 'x', '{"from":"WITH a AS (SELECT 1) INSERT INTO judge_trace(trace_id) SELECT * FROM a RETURNING trace_id"}');
-- expect: it must be one statement that only reads
SELECT judge_generate('openai:/m', 'x', '{"from":"SELECT * FROM pragma_table_info(''judge_trace'')"}');
-- expect: it reads pragma_table_info
SELECT judge_generate('openai:/m', 'x', '{"from":"SELECT * FROM pragma_writable_schema"}');
-- expect: it reads pragma_writable_schema | no such table
