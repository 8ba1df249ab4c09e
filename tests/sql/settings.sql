-- judge_config(): settings of this connection, never of the file.
.env MLFLOW_GENAI_JUDGE_DEFAULT_MODEL=
SELECT judge_config();
SELECT judge_config('concurrency', 64);
SELECT judge_config('timeout_s', '90');
SELECT judge_config('retries', 0);
SELECT judge_config('experiment', 'spring');
SELECT judge_config('model', 'local:/lexical');
SELECT judge_config('embedding_model', 'openai:/text-embedding-3-small');
SELECT judge_config('progress', 'off');
SELECT judge_config('replay', 'off');
SELECT judge_config('eval_in_transaction', 'on');
SELECT judge_config('allow_host', '127.0.0.1:8080, models.example.org');
SELECT judge_config('allow_host', 'openai=http://models.lan:8000, [::1]');
SELECT judge_config('allow_host', '["[::1]:9000"]');
-- Headers may hold keys: they are never shown.
SELECT judge_config('extra_headers', '{"Authorization":"Bearer planted-key"}');
SELECT judge_config('extra_headers');
SELECT judge_config();
SELECT typeof(judge_config('concurrency')), typeof(judge_config('experiment'));
-- NULL sets the default.
SELECT judge_config('concurrency', NULL), judge_config('experiment', NULL), judge_config('embedding_model', NULL);
SELECT judge_config('extra_headers', NULL), judge_config('allow_host', NULL);
-- A refused value changes nothing.
SELECT judge_config('concurrency', 0);
SELECT judge_config('concurrency', 257);
SELECT judge_config('concurrency', 2.5);
SELECT judge_config('concurrency', 'many');
SELECT judge_config('timeout_s', -1);
SELECT judge_config('retries', 21);
SELECT judge_config('experiment', '  ');
SELECT judge_config('experiment', 7);
SELECT judge_config('model', 'gpt-4');
SELECT judge_config('model', 'local:/llama');
SELECT judge_config('embedding_model', 'local:/lexical');
SELECT judge_config('progress', 'maybe');
SELECT judge_config('replay', 'perhaps');
SELECT judge_config('requests_per_minute', -1);
SELECT judge_config('tokens_per_minute', 'many');
SELECT judge_config('replay', 'only');
SELECT judge_config('replay', NULL);
SELECT judge_config('requests_per_minute', 500);
SELECT judge_config('requests_per_minute', NULL);
SELECT judge_config('eval_in_transaction', 2);
SELECT judge_config('allow_host', 'http://models.example.org/v1');
SELECT judge_config('allow_host', 'http://me:planted-key@models.example.org');
SELECT judge_config('allow_host', 'opnai=models.example.org');
SELECT judge_config('allow_host', '[7]');
SELECT judge_config('extra_headers', '{"Authorization":"planted-key' || char(10) || 'X: y"}');
SELECT judge_config('extra_headers', '{"Author ization":"planted-key"}');
SELECT judge_config('extra_headers', '{"Authorization":["planted-key"]}');
SELECT judge_config('extra_headers', 'planted-key');
SELECT judge_config('extra_headers') , judge_config('concurrency');
SELECT judge_config('concurency');
SELECT judge_config('something_else', 1);
SELECT judge_config(NULL);
-- Of this connection only, and nothing in the file.
SELECT judge_config('concurrency', 3);
.conn 1
SELECT judge_config('concurrency');
.conn 0
SELECT judge_config('concurrency'), (SELECT count(*) FROM sqlite_schema);
-- Not from a view or a trigger.
CREATE VIEW v AS SELECT judge_config('allow_host', 'evil.example.org') AS x;
SELECT * FROM v;
