PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE judge_meta(key TEXT NOT NULL PRIMARY KEY, value TEXT);
INSERT INTO judge_meta VALUES('schema_version','2');
CREATE TABLE judge_experiment(
  experiment_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  tags TEXT,
  created BIGINT DEFAULT
    (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),
  created_text TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
INSERT INTO judge_experiment VALUES(1,'Default',NULL,1795974656382,'2026-11-29T17:50:56.382Z');
CREATE TABLE judge_trace(
  trace_id TEXT NOT NULL PRIMARY KEY
    DEFAULT ('tr-' || lower(hex(randomblob(16)))),
  experiment TEXT DEFAULT 'Default',
  request_time BIGINT DEFAULT
    (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))
    CONSTRAINT "request_time is unix milliseconds"
    CHECK(typeof(request_time) IN ('integer', 'null')),
  duration_ms INTEGER
    CONSTRAINT "duration_ms is a whole number of milliseconds"
    CHECK(typeof(duration_ms) IN ('integer', 'null')),
  state TEXT DEFAULT 'OK'
    CONSTRAINT "state is one of OK, ERROR, IN_PROGRESS"
    CHECK(state IN ('OK', 'ERROR', 'IN_PROGRESS')),
  inputs TEXT,
  outputs TEXT,
  session_id TEXT,
  user_id TEXT,
  tags TEXT,                  -- a JSON object, as metadata is
  metadata TEXT,
  spans TEXT,
  request_time_text TEXT,
  CONSTRAINT "trace_id is not empty" CHECK(trace_id <> ''),
  CONSTRAINT "trace_id is a text without NUL"
    CHECK(typeof(trace_id) = 'text' AND instr(trace_id, char(0)) = 0)
);
INSERT INTO judge_trace VALUES('t0','Default',1760000000000,NULL,'OK','question number 0 about topic 0','no idea','s1',NULL,'{"a":"b"}',NULL,NULL,'2025-10-09T08:53:20.000Z');
INSERT INTO judge_trace VALUES('t1','Default',1760000001000,NULL,'OK','question number 1 about topic 1','answer 1 about topic 1','s1',NULL,NULL,NULL,NULL,'2025-10-09T08:53:21.000Z');
INSERT INTO judge_trace VALUES('t2','Default',1760000002000,NULL,'OK','question number 2 about topic 2','no idea','s1',NULL,NULL,NULL,NULL,'2025-10-09T08:53:22.000Z');
INSERT INTO judge_trace VALUES('t3','Default',1760000003000,NULL,'OK','question number 3 about topic 0','answer 3 about topic 0',NULL,NULL,NULL,NULL,NULL,'2025-10-09T08:53:23.000Z');
INSERT INTO judge_trace VALUES('t4','Default',1760000004000,NULL,'OK','question number 4 about topic 1','no idea',NULL,NULL,NULL,NULL,NULL,'2025-10-09T08:53:24.000Z');
INSERT INTO judge_trace VALUES('t5','Default',1760000005000,NULL,'OK','question number 5 about topic 2','answer 5 about topic 2',NULL,NULL,NULL,NULL,NULL,'2025-10-09T08:53:25.000Z');
CREATE TABLE judge_assessment(
  assessment_id TEXT PRIMARY KEY DEFAULT ('a-' || lower(hex(randomblob(16)))),
  trace_id TEXT NOT NULL
    REFERENCES judge_trace(trace_id) DEFERRABLE INITIALLY DEFERRED,
  name TEXT NOT NULL
    CONSTRAINT "name is not empty" CHECK(trim(name) <> ''),
  kind TEXT DEFAULT 'feedback'
    CONSTRAINT "kind is one of feedback, expectation"
    CHECK(kind IN ('feedback', 'expectation')),
  value CONSTRAINT "value is a text or a number"
    CHECK(typeof(value) <> 'blob'),
  value_type TEXT,            -- str, int, float, bool, json
  rationale TEXT,
  source_type TEXT
    CONSTRAINT "source_type is one of HUMAN, LLM_JUDGE, CODE"
    CHECK(upper(source_type) IN ('HUMAN', 'LLM_JUDGE', 'CODE', 'AI_JUDGE')),
  source_id TEXT DEFAULT 'default',
  judge TEXT,
  error_code TEXT,
  error_message TEXT,
  metadata TEXT,              -- a JSON object
  span_id TEXT,
  run_id TEXT,
  overrides TEXT,             -- assessment_id of the row that this one replaces
  valid INTEGER DEFAULT 1     -- 0: replaced by another
    CONSTRAINT "valid is 1 or 0" CHECK(valid IN (0, 1)),
  created BIGINT DEFAULT
    (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))
    CONSTRAINT "created is unix milliseconds"
    CHECK(typeof(created) IN ('integer', 'null')),
  updated BIGINT CONSTRAINT "updated is unix milliseconds"
    CHECK(typeof(updated) IN ('integer', 'null')),
  value_text TEXT,
  value_num REAL,
  created_text TEXT,
  updated_text TEXT,          -- NULL: the row is not whole yet
  CONSTRAINT "value is given, or error_code says why there is none"
    CHECK(value IS NOT NULL OR error_code IS NOT NULL)
);
INSERT INTO judge_assessment VALUES('a-9936401ab262ca637b3eb71ebe49b04a','t0','triage','feedback','poor','str','because','HUMAN','ann',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1760000100000,1760000100000,'poor',NULL,'2025-10-09T08:55:00.000Z','2025-10-09T08:55:00.000Z');
INSERT INTO judge_assessment VALUES('a-331a4e91f70a288aaa28351e2d7ccd88','t1','triage','feedback','good','str','because','HUMAN','ann',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1760000100001,1760000100001,'good',NULL,'2025-10-09T08:55:00.001Z','2025-10-09T08:55:00.001Z');
INSERT INTO judge_assessment VALUES('a-0d88e61b2fac1468a12f3cabbffda520','t2','triage','feedback','poor','str','because','HUMAN','ann',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1760000100002,1760000100002,'poor',NULL,'2025-10-09T08:55:00.002Z','2025-10-09T08:55:00.002Z');
INSERT INTO judge_assessment VALUES('a-95cd63f89023ca0b5cfacaacf7d2171e','t3','triage','feedback','good','str','because','HUMAN','ann',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1760000100003,1760000100003,'good',NULL,'2025-10-09T08:55:00.003Z','2025-10-09T08:55:00.003Z');
INSERT INTO judge_assessment VALUES('a-2c8abcb79db43602aa0825d7dab9f3ba','t4','triage','feedback','poor','str','because','HUMAN','ann',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1760000100004,1760000100004,'poor',NULL,'2025-10-09T08:55:00.004Z','2025-10-09T08:55:00.004Z');
INSERT INTO judge_assessment VALUES('a-97098c3f5766a972bda79d014551f2ff','t5','triage','feedback','good','str','because','HUMAN','ann',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1760000100005,1760000100005,'good',NULL,'2025-10-09T08:55:00.005Z','2025-10-09T08:55:00.005Z');
INSERT INTO judge_assessment VALUES('a-6507bfc818dc364830c7374d0339e6e4','t0','triage','feedback','fair','str',NULL,'HUMAN','ann',NULL,NULL,NULL,NULL,NULL,NULL,'a-9936401ab262ca637b3eb71ebe49b04a',1,1795974656782,1795974656782,'fair',NULL,'2026-11-29T17:50:56.782Z','2026-11-29T17:50:56.782Z');
INSERT INTO judge_assessment VALUES('a-c7328b9d838851d9bf1b296599bf5796','t0','length','feedback',1,'bool',NULL,'HUMAN','bob',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1795974656798,1795974656798,'1',1.0,'2026-11-29T17:50:56.798Z','2026-11-29T17:50:56.798Z');
INSERT INTO judge_assessment VALUES('a-80c66d65ddd28eababcf34b35817a2c6','t1','expected_response','expectation','x','str',NULL,'HUMAN','default',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1795974656838,1795974656838,'x',NULL,'2026-11-29T17:50:56.838Z','2026-11-29T17:50:56.838Z');
INSERT INTO judge_assessment VALUES('a-bbdca6b5aaeca417d69c940a8814bdb6','t0','triage','feedback','poor','str','Word overlap (no language model): 0 of 4 words of the input are in the output (0 %); of 3 equal bins that is number 1.','CODE','local:/lexical','triage@1',NULL,NULL,'{}',NULL,'run-f57d6ade2807da8dd1f852357236bdb4',NULL,1,1795974656863,1795974656863,'poor',NULL,'2026-11-29T17:50:56.863Z','2026-11-29T17:50:56.863Z');
INSERT INTO judge_assessment VALUES('a-3ef00fa3c3d32a15edb6a4c404b5fdc5','t1','triage','feedback','poor','str','Word overlap (no language model): 0 of 1 words of the expected response are in the output (0 %); of 3 equal bins that is number 1.','CODE','local:/lexical','triage@1',NULL,NULL,'{}',NULL,'run-f57d6ade2807da8dd1f852357236bdb4',NULL,1,1795974656863,1795974656863,'poor',NULL,'2026-11-29T17:50:56.863Z','2026-11-29T17:50:56.863Z');
INSERT INTO judge_assessment VALUES('a-e0404f01af5ef5c382e8086481b54655','t2','triage','feedback','poor','str','Word overlap (no language model): 0 of 4 words of the input are in the output (0 %); of 3 equal bins that is number 1.','CODE','local:/lexical','triage@1',NULL,NULL,'{}',NULL,'run-f57d6ade2807da8dd1f852357236bdb4',NULL,1,1795974656863,1795974656863,'poor',NULL,'2026-11-29T17:50:56.863Z','2026-11-29T17:50:56.863Z');
INSERT INTO judge_assessment VALUES('a-a44fe574cb2cb87bbdc59bc3fcec1ffe','t3','triage','feedback','fair','str','Word overlap (no language model): 3 of 5 words of the input are in the output (60 %); of 3 equal bins that is number 2.','CODE','local:/lexical','triage@1',NULL,NULL,'{}',NULL,'run-f57d6ade2807da8dd1f852357236bdb4',NULL,1,1795974656863,1795974656863,'fair',NULL,'2026-11-29T17:50:56.863Z','2026-11-29T17:50:56.863Z');
INSERT INTO judge_assessment VALUES('a-56b098648867e5025554593921f174bc','t4','triage','feedback','poor','str','Word overlap (no language model): 0 of 5 words of the input are in the output (0 %); of 3 equal bins that is number 1.','CODE','local:/lexical','triage@1',NULL,NULL,'{}',NULL,'run-f57d6ade2807da8dd1f852357236bdb4',NULL,1,1795974656863,1795974656863,'poor',NULL,'2026-11-29T17:50:56.863Z','2026-11-29T17:50:56.863Z');
INSERT INTO judge_assessment VALUES('a-cca723ed8386754be162b8715df1ebdb','t5','triage','feedback','fair','str','Word overlap (no language model): 3 of 5 words of the input are in the output (60 %); of 3 equal bins that is number 2.','CODE','local:/lexical','triage@1',NULL,NULL,'{}',NULL,'run-f57d6ade2807da8dd1f852357236bdb4',NULL,1,1795974656863,1795974656863,'fair',NULL,'2026-11-29T17:50:56.863Z','2026-11-29T17:50:56.863Z');
CREATE TABLE judge_definition(
  definition_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER,
  judge TEXT,                 -- name@version
  feedback_name TEXT NOT NULL,
  kind TEXT NOT NULL,         -- instructions, builtin, memory_augmented
  state TEXT NOT NULL         -- draft, active, candidate
    CHECK(state IN ('draft', 'active', 'candidate')),
  instructions TEXT NOT NULL,
  effective_instructions TEXT NOT NULL,
  model TEXT NOT NULL,
  value_type TEXT NOT NULL,   -- str, bool, int, float or a JSON list
  variables TEXT NOT NULL,    -- JSON list
  description TEXT,
  inference_params TEXT,
  base_url TEXT,
  builtin TEXT,
  guidelines_param TEXT,      -- the argument of the built-in guidelines
  rationale_first INTEGER NOT NULL DEFAULT 0,
  retrieval_k INTEGER NOT NULL DEFAULT 0,
  embedding_model TEXT,
  local_model TEXT,           -- fitted local:/lexical model, JSON
  optimizer TEXT,
  parent TEXT,                -- name@version it was aligned from
  memory_id INTEGER,          -- definition whose examples and guidelines it uses
  digest TEXT,                -- of all that defines the version
  registered INTEGER NOT NULL DEFAULT 0,
  registered_at BIGINT,
  tags TEXT,
  experiment TEXT,
  note TEXT,                  -- why it is a candidate
  created BIGINT NOT NULL,
  created_text TEXT NOT NULL
);
INSERT INTO judge_definition VALUES(1,'triage',1,'triage@1','triage','instructions','active','How good is {{ outputs }} as an answer to {{ inputs }}?','How good is {{ outputs }} as an answer to {{ inputs }}?','local:/lexical','["poor","fair","good"]','["inputs","outputs"]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,NULL,NULL,NULL,1,'02c6d8b35d8e9d2504fd5f5452b602dd8dd5f5379ec2c2fbefba7dd86113e474',0,NULL,NULL,'Default',NULL,1795974656347,'2026-11-29T17:50:56.347Z');
INSERT INTO judge_definition VALUES(2,'length',1,'length@1','length','instructions','active','Is {{ outputs }} short?','Is {{ outputs }} short?','openai:/gpt-4.1-mini','bool','["outputs"]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,NULL,NULL,NULL,2,'e2a667604e42eea4a7ff7c833c36460b3d7c29902ecf69f4b70cea6cca89e50e',0,NULL,NULL,'Default',NULL,1795974656426,'2026-11-29T17:50:56.426Z');
INSERT INTO judge_definition VALUES(819,'triage',2,'triage@2','triage','memory_augmented','candidate','How good is {{ outputs }} as an answer to {{ inputs }}?','How good is {{ outputs }} as an answer to {{ inputs }}?','local:/lexical','["poor","fair","good"]','["inputs","outputs"]',NULL,NULL,NULL,NULL,NULL,0,5,NULL,'{"kind":"ridge","version":1,"rows":6,"features":["weighed_question_words","sentences","words","reference_words","answer_words_in_reference"],"mean":[0.33763395942220636,0.6931471805599453,1.4451858789480825,0.0,0.0],"scale":[0.34075979362433767,0.0,0.3465735902799726,0.0,0.0],"weights":[0.36172846977077544,0.0,0.4317482237967098,0.0,0.0],"intercept":1.1666666666666667,"low":0.0,"high":2.0,"levels":[0.0,1.0,2.0],"cuts":[0.37650815571300417,1.1177836235660417],"documents":12,"words":{"0":3,"1":3,"2":3,"3":2,"5":2,"about":9,"answer":3,"idea":3,"no":3,"number":6,"question":6,"topic":9}}','memalign','triage@1',819,'00cb1ae8df06a788cdefeb4833d3238622b6ee32014076d5ea9e123efadc6ed6',0,NULL,NULL,'Default','local:/lexical fitted to 6 labelled rows of 6 inputs: no language model, no guidelines; cross-fitted by input inside the training rows, quadratic kappa: word overlap as unaligned 0.323, learned overlap features 0.655, vote of the nearest examples -0.862; picked learned overlap features: it predicts the labels best; no gain shown: accuracy +0.333 (95 % interval -0.209 to 0.875) on labels of 6 held-out traces',1795974656919,'2026-11-29T17:50:56.919Z');
CREATE TABLE judge_guideline(
  guideline_id INTEGER PRIMARY KEY,
  definition_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  text TEXT NOT NULL,
  origin TEXT NOT NULL,       -- distilled or human
  created BIGINT NOT NULL
);
CREATE TABLE judge_guideline_source(
  guideline_id INTEGER NOT NULL,
  trace_id TEXT NOT NULL,
  assessment_id TEXT,
  PRIMARY KEY(guideline_id, trace_id, assessment_id)
) WITHOUT ROWID;
CREATE TABLE judge_example(
  example_id INTEGER PRIMARY KEY,
  definition_id INTEGER NOT NULL,
  trace_id TEXT NOT NULL,
  input_group TEXT NOT NULL,
  inputs TEXT,
  outputs TEXT,
  expectations TEXT,
  label,                      -- the one trained on
  labels TEXT NOT NULL,       -- JSON list of {assessment_id, source_id, value,
                              -- rationale, created}
  created BIGINT NOT NULL,
  embedding_model TEXT,       -- URI; NULL: examples are found by words
  embedding_dim INTEGER,      -- how many numbers
  embedding BLOB              -- they, each a float of 4 bytes, lowest first;
                              -- NULL: made when it is needed
);
INSERT INTO judge_example VALUES(1,819,'t0','13462c2ced43f962','question number 0 about topic 0','no idea',NULL,'fair','[{"assessment_id":"a-6507bfc818dc364830c7374d0339e6e4","source_id":"ann","value":"fair","rationale":null,"created":1795974656782}]',1795974656930,NULL,NULL,NULL);
INSERT INTO judge_example VALUES(2,819,'t1','6348d725b6ecaade','question number 1 about topic 1','answer 1 about topic 1','{"expected_response":"x"}','good','[{"assessment_id":"a-331a4e91f70a288aaa28351e2d7ccd88","source_id":"ann","value":"good","rationale":"because","created":1760000100001}]',1795974656930,NULL,NULL,NULL);
INSERT INTO judge_example VALUES(3,819,'t2','242a5794760f4025','question number 2 about topic 2','no idea',NULL,'poor','[{"assessment_id":"a-0d88e61b2fac1468a12f3cabbffda520","source_id":"ann","value":"poor","rationale":"because","created":1760000100002}]',1795974656930,NULL,NULL,NULL);
INSERT INTO judge_example VALUES(4,819,'t3','888455f20c99c40a','question number 3 about topic 0','answer 3 about topic 0',NULL,'good','[{"assessment_id":"a-95cd63f89023ca0b5cfacaacf7d2171e","source_id":"ann","value":"good","rationale":"because","created":1760000100003}]',1795974656930,NULL,NULL,NULL);
INSERT INTO judge_example VALUES(5,819,'t4','15b32ad9e6d61080','question number 4 about topic 1','no idea',NULL,'poor','[{"assessment_id":"a-2c8abcb79db43602aa0825d7dab9f3ba","source_id":"ann","value":"poor","rationale":"because","created":1760000100004}]',1795974656930,NULL,NULL,NULL);
INSERT INTO judge_example VALUES(6,819,'t5','b4b2ae24001a679f','question number 5 about topic 2','answer 5 about topic 2',NULL,'good','[{"assessment_id":"a-97098c3f5766a972bda79d014551f2ff","source_id":"ann","value":"good","rationale":"because","created":1760000100005}]',1795974656930,NULL,NULL,NULL);
CREATE TABLE judge_crossfit(
  definition_id INTEGER NOT NULL,
  trace_id TEXT NOT NULL,
  fold INTEGER NOT NULL,
  value,
  value_type TEXT,
  rationale TEXT,
  error_code TEXT,
  error_message TEXT,
  created BIGINT NOT NULL,
  PRIMARY KEY(definition_id, trace_id)
) WITHOUT ROWID;
INSERT INTO judge_crossfit VALUES(819,'t0',4,'poor','str','Overlap features weighed as 5 human labels taught (no language model): score 0.07 = 1.20 - 0.48 (weighed_question_words 0.00) - 0.66 (words 1.10). Cut points: 0.95, 0.95.',NULL,NULL,1795974656935);
INSERT INTO judge_crossfit VALUES(819,'t1',1,'poor','str','Word overlap (no language model): 0 of 1 words of the expected response are in the output (0 %); of 3 equal bins that is number 1.',NULL,NULL,1795974656935);
INSERT INTO judge_crossfit VALUES(819,'t2',0,'poor','str','Word overlap (no language model): 0 of 4 words of the input are in the output (0 %); of 3 equal bins that is number 1.',NULL,NULL,1795974656935);
INSERT INTO judge_crossfit VALUES(819,'t3',3,'good','str','Overlap features weighed as 5 human labels taught (no language model): score 2.09 = 1.00 + 0.58 (weighed_question_words 0.77) + 0.51 (words 1.79). Cut points: 0.37, 1.12.',NULL,NULL,1795974656935);
INSERT INTO judge_crossfit VALUES(819,'t4',0,'poor','str','Word overlap (no language model): 0 of 5 words of the input are in the output (0 %); of 3 equal bins that is number 1.',NULL,NULL,1795974656935);
INSERT INTO judge_crossfit VALUES(819,'t5',2,'good','str','Overlap features weighed as 5 human labels taught (no language model): score 2.09 = 1.00 + 0.58 (weighed_question_words 0.77) + 0.51 (words 1.79). Cut points: 0.37, 1.12.',NULL,NULL,1795974656935);
CREATE TABLE judge_split(
  feedback_name TEXT NOT NULL,
  input_group TEXT NOT NULL,
  part TEXT NOT NULL,         -- train or held_out
  PRIMARY KEY(feedback_name, input_group)
) WITHOUT ROWID;
CREATE TABLE judge_call(
  call_id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL,
  purpose TEXT NOT NULL,      -- judge, distill, embed, generate
  status TEXT NOT NULL,
  run_id TEXT,
  judge TEXT,
  trace_id TEXT,
  model TEXT,
  model_returned TEXT,
  host TEXT,
  http_status INTEGER,
  error_code TEXT,
  error_message TEXT,
  attempts INTEGER NOT NULL,
  latency_ms INTEGER,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cached_tokens INTEGER,
  cost REAL,
  created BIGINT NOT NULL,
  created_text TEXT NOT NULL
);
INSERT INTO judge_call VALUES(1,'d1','judge','ok','r1','length@1','t0','openai:/gpt-4.1-mini',NULL,'api.openai.com',200,NULL,NULL,1,109,100,20,NULL,NULL,1760000200000,'2025-10-09T08:56:40.000Z');
CREATE TABLE judge_call_body(
  digest TEXT NOT NULL PRIMARY KEY,
  response TEXT NOT NULL
);
INSERT INTO judge_call_body VALUES('d1','{"x":1}');
CREATE TABLE judge_price(
  model TEXT NOT NULL PRIMARY KEY, -- model URI
  input_per_million REAL NOT NULL,
  output_per_million REAL NOT NULL,
  cached_per_million REAL,
  CONSTRAINT "a price is a number from 0 on"
    CHECK(typeof(input_per_million) = 'real'
      AND typeof(output_per_million) = 'real'
      AND typeof(cached_per_million) IN ('real', 'null')
      AND min(input_per_million, output_per_million,
              coalesce(cached_per_million, 0)) >= 0)
);
INSERT INTO judge_price VALUES('openai:/gpt-4.1-mini',0.4000000000000000222,1.6000000000000000888,NULL);
CREATE TABLE judge_report(
  report_id INTEGER PRIMARY KEY,
  command TEXT NOT NULL,
  judge TEXT,
  run_id TEXT,
  report TEXT NOT NULL,       -- a JSON object
  created BIGINT NOT NULL,
  created_text TEXT NOT NULL
);
INSERT INTO judge_report VALUES(1,'judge_init',NULL,NULL,'{"schema_version":1,"created":true,"migrated":false}',1795974656330,'2026-11-29T17:50:56.330Z');
INSERT INTO judge_report VALUES(2,'make_judge','triage@1',NULL,'{"judge":"triage@1","name":"triage","version":1,"created":true,"kind":"instructions","model":"local:/lexical","value_type":["poor","fair","good"],"variables":["inputs","outputs"]}',1795974656347,'2026-11-29T17:50:56.347Z');
INSERT INTO judge_report VALUES(3,'make_judge','length@1',NULL,'{"judge":"length@1","name":"length","version":1,"created":true,"kind":"instructions","model":"openai:/gpt-4.1-mini","value_type":"bool","variables":["outputs"]}',1795974656426,'2026-11-29T17:50:56.426Z');
INSERT INTO judge_report VALUES(4,'judge_run','triage@1','run-f57d6ade2807da8dd1f852357236bdb4','{"run_id":"run-f57d6ade2807da8dd1f852357236bdb4","judge":"triage@1","model":"local:/lexical","traces":6,"verdicts":6,"errors":0,"cached":0,"skipped":0,"calls":0,"retries":0,"input_tokens":0,"output_tokens":0,"cost":0.0,"seconds":0.028}',1795974656890,'2026-11-29T17:50:56.890Z');
INSERT INTO judge_report VALUES(5,'judge_align','triage@1','run-fd241bdb141915589b6506f01ce8d96c','{"judge":"triage@2","parent":"triage@1","optimizer":"memalign","trained_on":6,"held_out":6,"method":"cross-fitting","contested":0,"skipped":0,"guidelines":0,"examples":6,"calls":0,"retries":0,"input_tokens":0,"output_tokens":0,"cost":0.0,"seconds":0.069,"accuracy_before":0.3333333333333333,"accuracy_after":0.6666666666666666,"improvement":0.3333333333333333,"ci_low":-0.20859290083115628,"ci_high":0.875259567497823,"p_value":0.17468781426411956,"kappa_before":0.07692307692307693,"kappa_after":0.45454545454545453,"quadratic_kappa_before":0.3225806451612903,"quadratic_kappa_after":0.5714285714285714,"human_agreement":null,"majority_baseline":0.5,"accepted":false,"notes":"local:/lexical fitted to 6 labelled rows of 6 inputs: no language model, no guidelines; cross-fitted by input inside the training rows, quadratic kappa: word overlap as unaligned 0.323, learned overlap features 0.655, vote of the nearest examples -0.862; picked learned overlap features: it predicts the labels best; no gain shown: accuracy +0.333 (95 % interval -0.209 to 0.875) on labels of 6 held-out traces","run_id":"run-fd241bdb141915589b6506f01ce8d96c","readiness":{"ready":true,"traces":6,"usable":6,"labels":6,"groups":6,"reviewers":1,"classes":3,"contested":0,"missing_fields":0,"negative":2,"negative_share":0.3333333333333333,"with_reason":5,"reason_share":0.8333333333333334,"per_class":[{"value":"good","traces":3},{"value":"poor","traces":2},{"value":"fair","traces":1}],"per_reviewer":[{"reviewer":"ann","labels":6}],"advice":["6 labelled traces are few: 50 to 100 give better results","one reviewer only: a second one shows how far people agree, which is the most that a judge can be held to"]},"options":{"min_traces":5}}',1795974656990,'2026-11-29T17:50:56.990Z');
CREATE TABLE judge_log(
  log_id INTEGER PRIMARY KEY,
  run_id TEXT,
  command TEXT,
  judge TEXT,
  step TEXT,
  message TEXT,
  data TEXT,                  -- JSON or NULL
  created BIGINT NOT NULL,
  created_text TEXT NOT NULL
);
INSERT INTO judge_log VALUES(1,'run-fd241bdb141915589b6506f01ce8d96c','judge_align','triage@1','readiness','6 labelled traces of triage@1','{"ready":true,"traces":6,"usable":6,"labels":6,"groups":6,"reviewers":1,"classes":3,"contested":0,"missing_fields":0,"negative":2,"negative_share":0.3333333333333333,"with_reason":5,"reason_share":0.8333333333333334,"per_class":[{"value":"good","traces":3},{"value":"poor","traces":2},{"value":"fair","traces":1}],"per_reviewer":[{"reviewer":"ann","labels":6}],"advice":["6 labelled traces are few: 50 to 100 give better results","one reviewer only: a second one shows how far people agree, which is the most that a judge can be held to"]}',1795974656906,'2026-11-29T17:50:56.906Z');
INSERT INTO judge_log VALUES(2,'run-fd241bdb141915589b6506f01ce8d96c','judge_align','triage@1','plan','cross-fitting of 6 traces in 6 groups',NULL,1795974656906,'2026-11-29T17:50:56.906Z');
INSERT INTO judge_log VALUES(3,'run-fd241bdb141915589b6506f01ce8d96c','judge_align','triage@1','fit','local:/lexical: word overlap as unaligned',NULL,1795974656906,'2026-11-29T17:50:56.906Z');
INSERT INTO judge_log VALUES(4,'run-fd241bdb141915589b6506f01ce8d96c','judge_align','triage@1','fit','local:/lexical: word overlap as unaligned',NULL,1795974656910,'2026-11-29T17:50:56.910Z');
INSERT INTO judge_log VALUES(5,'run-fd241bdb141915589b6506f01ce8d96c','judge_align','triage@1','fit','local:/lexical: learned overlap features',NULL,1795974656910,'2026-11-29T17:50:56.910Z');
INSERT INTO judge_log VALUES(6,'run-fd241bdb141915589b6506f01ce8d96c','judge_align','triage@1','fit','local:/lexical: learned overlap features',NULL,1795974656911,'2026-11-29T17:50:56.911Z');
INSERT INTO judge_log VALUES(7,'run-fd241bdb141915589b6506f01ce8d96c','judge_align','triage@1','fit','local:/lexical: learned overlap features',NULL,1795974656911,'2026-11-29T17:50:56.911Z');
INSERT INTO judge_log VALUES(8,'run-fd241bdb141915589b6506f01ce8d96c','judge_align','triage@1','fit','local:/lexical: learned overlap features',NULL,1795974656911,'2026-11-29T17:50:56.911Z');
INSERT INTO judge_log VALUES(9,'run-fd241bdb141915589b6506f01ce8d96c','judge_align','triage@1','publish','triage@2: candidate (local:/lexical fitted to 6 labelled rows of 6 inputs: no language model, no guidelines; cross-fitted by input inside the training rows, quadratic kappa: word overlap as unaligned 0.323, learned overlap features 0.655, vote of the nearest examples -0.862; picked learned overlap features: it predicts the labels best; no gain shown: accuracy +0.333 (95 % interval -0.209 to 0.875) on labels of 6 held-out traces)',NULL,1795974656974,'2026-11-29T17:50:56.974Z');
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 VALUES('judge_trace','sqlite_autoindex_judge_trace_1','250000 1');
INSERT INTO sqlite_stat1 VALUES('judge_trace','judge_trace_experiment','250000 50000 2');
INSERT INTO sqlite_stat1 VALUES('judge_trace','judge_trace_time','250000 2');
INSERT INTO sqlite_stat1 VALUES('judge_trace','judge_trace_session','250000 10');
INSERT INTO sqlite_stat1 VALUES('judge_assessment','sqlite_autoindex_judge_assessment_1','1000000 1');
INSERT INTO sqlite_stat1 VALUES('judge_assessment','judge_assessment_trace','1000000 4 2');
INSERT INTO sqlite_stat1 VALUES('judge_assessment','judge_assessment_name','1000000 100000 2');
INSERT INTO sqlite_stat1 VALUES('judge_assessment','judge_assessment_time','1000000 2');
INSERT INTO sqlite_stat1 VALUES('judge_assessment','judge_assessment_judge','500000 50000 1');
INSERT INTO sqlite_stat1 VALUES('judge_assessment','judge_assessment_overrides','10000 1');
INSERT INTO sqlite_stat1 VALUES('judge_definition','judge_definition_version','100 5 1');
INSERT INTO sqlite_stat1 VALUES('judge_definition','judge_definition_feedback','100 10');
INSERT INTO sqlite_stat1 VALUES('judge_definition','judge_definition_judge','100 1');
CREATE INDEX judge_trace_experiment ON judge_trace(experiment, request_time);
CREATE INDEX judge_trace_time ON judge_trace(request_time);
CREATE INDEX judge_trace_session ON judge_trace(session_id)
  WHERE session_id IS NOT NULL;
CREATE INDEX judge_assessment_trace ON judge_assessment(trace_id, name);
CREATE INDEX judge_assessment_name ON judge_assessment(name, created);
CREATE INDEX judge_assessment_time ON judge_assessment(created);
CREATE INDEX judge_assessment_judge ON judge_assessment(judge, trace_id)
  WHERE judge IS NOT NULL;
CREATE INDEX judge_assessment_overrides ON judge_assessment(overrides)
  WHERE overrides IS NOT NULL;
CREATE UNIQUE INDEX judge_definition_version
  ON judge_definition(name, version) WHERE version IS NOT NULL;
CREATE INDEX judge_definition_feedback ON judge_definition(feedback_name);
CREATE INDEX judge_definition_judge ON judge_definition(judge);
CREATE INDEX judge_guideline_definition ON judge_guideline(definition_id);
CREATE UNIQUE INDEX judge_example_trace
  ON judge_example(definition_id, trace_id);
CREATE INDEX judge_example_group ON judge_example(definition_id, input_group);
CREATE UNIQUE INDEX judge_call_digest ON judge_call(digest)
  WHERE status = 'ok';
CREATE INDEX judge_call_created ON judge_call(created);
CREATE INDEX judge_call_rated ON judge_call(trace_id, judge)
  WHERE status = 'ok' AND purpose = 'judge';
CREATE VIEW judge_assessment_fit AS
  SELECT a.rowid AS id, a.name AS name, a.value AS value,
         d.value_type AS scale,
         CASE
           WHEN d.value_type IS NULL OR a.value IS NULL
             OR a.kind = 'expectation' THEN a.value
           WHEN d.value_type = 'str' THEN CAST(a.value AS TEXT)
           WHEN d.value_type = 'bool' THEN
             CASE lower(trim(a.value, char(9, 10, 11, 12, 13, 32)))
               WHEN 'true' THEN 1 WHEN 'yes' THEN 1
               WHEN '1' THEN 1 WHEN '1.0' THEN 1
               WHEN 'false' THEN 0 WHEN 'no' THEN 0
               WHEN '0' THEN 0 WHEN '0.0' THEN 0
             END
           WHEN d.value_type IN ('int', 'float') THEN
             CASE
               WHEN NOT trim(a.value, char(9, 10, 11, 12, 13, 32)) =
                 CAST(trim(a.value, char(9, 10, 11, 12, 13, 32)) AS NUMERIC)
                 THEN NULL
               WHEN d.value_type = 'float'
                 THEN CAST(trim(a.value, char(9, 10, 11, 12, 13, 32)) AS REAL)
               WHEN typeof(CAST(trim(a.value, char(9, 10, 11, 12, 13, 32))
                 AS NUMERIC)) = 'integer'
                 THEN CAST(trim(a.value, char(9, 10, 11, 12, 13, 32))
                   AS NUMERIC)
             END
           WHEN d.value_type LIKE '[%' THEN
             (SELECT CASE j.type WHEN 'text' THEN trim(j.value,
                char(9, 10, 11, 12, 13, 32)) ELSE j.value END
              FROM json_each(d.value_type) j
              WHERE CASE j.type WHEN 'text'
                THEN lower(trim(j.value, char(9, 10, 11, 12, 13, 32))) =
                     lower(trim(a.value, char(9, 10, 11, 12, 13, 32)))
                ELSE trim(a.value, char(9, 10, 11, 12, 13, 32)) =
                     CAST(j.value AS NUMERIC)
                END
              LIMIT 1)
           ELSE a.value
         END AS fitted
  FROM judge_assessment a
  LEFT JOIN judge_definition d ON d.definition_id =
    (SELECT e.definition_id FROM judge_definition e
     WHERE e.feedback_name = a.name AND e.state NOT IN ('draft', 'candidate')
     ORDER BY e.definition_id DESC LIMIT 1);
CREATE TRIGGER judge_trace_whole AFTER INSERT ON judge_trace
  WHEN NEW.request_time_text IS NULL
BEGIN
  UPDATE judge_trace SET experiment = coalesce(experiment, 'Default'),
      request_time = coalesce(request_time,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))
    WHERE rowid = NEW.rowid AND (experiment IS NULL OR request_time IS NULL);
  UPDATE judge_trace SET state = coalesce(state, 'OK'),
      request_time_text = strftime('%Y-%m-%dT%H:%M:%fZ',
        request_time / 1000.0, 'unixepoch')
    WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER judge_trace_json AFTER INSERT ON judge_trace
  WHEN NEW.tags IS NOT NULL OR NEW.metadata IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'tags is not a JSON object')
    WHERE trim(NEW.tags, char(9, 10, 13, 32)) NOT GLOB '{*}';
  SELECT 1 FROM json_each(NEW.tags) LIMIT 1;
  SELECT RAISE(ABORT, 'metadata is not a JSON object')
    WHERE trim(NEW.metadata, char(9, 10, 13, 32)) NOT GLOB '{*}';
  SELECT 1 FROM json_each(NEW.metadata) LIMIT 1;
END;
CREATE TRIGGER judge_trace_json_changed AFTER UPDATE OF tags, metadata ON judge_trace
  WHEN NEW.tags IS NOT NULL OR NEW.metadata IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'tags is not a JSON object')
    WHERE trim(NEW.tags, char(9, 10, 13, 32)) NOT GLOB '{*}';
  SELECT 1 FROM json_each(NEW.tags) LIMIT 1;
  SELECT RAISE(ABORT, 'metadata is not a JSON object')
    WHERE trim(NEW.metadata, char(9, 10, 13, 32)) NOT GLOB '{*}';
  SELECT 1 FROM json_each(NEW.metadata) LIMIT 1;
END;
CREATE TRIGGER judge_trace_experiment AFTER INSERT ON judge_trace
  WHEN NOT EXISTS (SELECT 1 FROM judge_experiment
                   WHERE name = coalesce(NEW.experiment, 'Default'))
BEGIN
  INSERT INTO judge_experiment(name)
    VALUES(coalesce(NEW.experiment, 'Default'));
END;
CREATE TRIGGER judge_trace_moved AFTER UPDATE OF experiment ON judge_trace
  WHEN NEW.experiment IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM judge_experiment WHERE name = NEW.experiment)
BEGIN
  INSERT INTO judge_experiment(name) VALUES(NEW.experiment);
END;
CREATE TRIGGER judge_trace_retimed AFTER UPDATE OF request_time ON judge_trace
BEGIN
  UPDATE judge_trace SET request_time_text = strftime('%Y-%m-%dT%H:%M:%fZ',
      request_time / 1000.0, 'unixepoch')
    WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER judge_trace_renamed AFTER UPDATE OF trace_id ON judge_trace
  WHEN NEW.trace_id <> OLD.trace_id
BEGIN
  UPDATE judge_assessment SET trace_id = NEW.trace_id
    WHERE trace_id = OLD.trace_id;
END;
CREATE TRIGGER judge_trace_deleted AFTER DELETE ON judge_trace
  WHEN EXISTS (SELECT 1 FROM judge_assessment WHERE trace_id = OLD.trace_id)
BEGIN
  INSERT OR IGNORE INTO judge_meta VALUES('deleted by', 'DELETE');
  INSERT OR IGNORE INTO judge_meta VALUES('deleted by', 'OR REPLACE');
  DELETE FROM judge_assessment WHERE trace_id = OLD.trace_id
    AND (SELECT value FROM judge_meta WHERE key = 'deleted by') = 'DELETE';
  DELETE FROM judge_meta WHERE key = 'deleted by';
END;
CREATE TRIGGER judge_assessment_check BEFORE INSERT ON judge_assessment
BEGIN
  SELECT RAISE(ABORT, 'no such trace: insert it into judge_trace first')
    WHERE NOT EXISTS (SELECT 1 FROM judge_trace
                      WHERE trace_id = NEW.trace_id);
  SELECT RAISE(ABORT, 'overrides names no assessment of this trace')
    WHERE NEW.overrides IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM judge_assessment
                      WHERE assessment_id = NEW.overrides
                        AND trace_id = NEW.trace_id);
  SELECT RAISE(IGNORE)
    FROM judge_assessment e
    WHERE NEW.overrides IS NULL AND NEW.valid IS NOT 0
      AND e.trace_id = NEW.trace_id AND e.name = trim(NEW.name)
      AND (e.valid = 1 OR (NEW.updated_text IS NULL AND e.created = NEW.created
           AND NEW.created < CAST(round((julianday('now') - 2440587.5)
                                        * 86400000.0) AS INTEGER) - 1000))
      AND e.kind = coalesce(NEW.kind, 'feedback')
      AND e.span_id IS NEW.span_id
      AND CASE
            WHEN NEW.judge IS NOT NULL THEN e.judge = NEW.judge
            ELSE e.judge IS NULL
              AND e.source_id = coalesce(NEW.source_id, 'default')
              AND e.source_type = CASE upper(NEW.source_type)
                WHEN 'AI_JUDGE' THEN 'LLM_JUDGE'
                ELSE coalesce(upper(NEW.source_type), 'HUMAN') END
          END
      AND e.rationale IS NEW.rationale
      AND e.error_code IS NEW.error_code
      AND e.error_message IS NEW.error_message
      AND (e.value IS NEW.value
           OR (e.kind = 'feedback' AND EXISTS
               (SELECT 1 FROM judge_definition d
                WHERE d.feedback_name = e.name AND d.state = 'active'
                  AND CASE d.value_type
                    WHEN 'str' THEN e.value_text = CAST(NEW.value AS TEXT)
                    WHEN 'bool' THEN e.value =
                      CASE lower(trim(NEW.value,
                                      char(9, 10, 11, 12, 13, 32)))
                        WHEN 'true' THEN 1 WHEN 'yes' THEN 1
                        WHEN '1' THEN 1 WHEN '1.0' THEN 1
                        WHEN 'false' THEN 0 WHEN 'no' THEN 0
                        WHEN '0' THEN 0 WHEN '0.0' THEN 0 END
                    ELSE lower(e.value_text) = lower(trim(NEW.value,
                        char(9, 10, 11, 12, 13, 32)))
                      OR trim(NEW.value, char(9, 10, 11, 12, 13, 32)) =
                         CAST(e.value_num AS NUMERIC)
                    END)));
END;
CREATE TRIGGER judge_assessment_whole AFTER INSERT ON judge_assessment
  WHEN NEW.updated_text IS NULL
BEGIN
  UPDATE judge_assessment SET name = trim(name),
      assessment_id = coalesce(assessment_id,
        'a-' || lower(hex(randomblob(16)))),
      created = coalesce(created,
        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))
    WHERE rowid = NEW.rowid AND (name <> trim(name) OR assessment_id IS NULL
                                 OR created IS NULL);
  UPDATE judge_assessment SET kind = coalesce(kind, 'feedback'),
      source_type = CASE
        WHEN upper(source_type) = 'AI_JUDGE' THEN 'LLM_JUDGE'
        WHEN source_type IS NOT NULL THEN upper(source_type)
        WHEN judge IS NULL THEN 'HUMAN'
        WHEN source_id LIKE 'local:%' THEN 'CODE'
        ELSE 'LLM_JUDGE' END,
      source_id = coalesce(source_id, 'default'),
      valid = coalesce(valid, 1),
      updated = coalesce(updated, created),
      created_text = strftime('%Y-%m-%dT%H:%M:%fZ', created / 1000.0,
                              'unixepoch'),
      updated_text = strftime('%Y-%m-%dT%H:%M:%fZ',
                              coalesce(updated, created) / 1000.0,
                              'unixepoch'),
      (value, value_type, value_text, value_num) =
        (SELECT CASE
                  WHEN f.fitted IS NOT NULL THEN f.fitted
                  WHEN f.value IS NULL
                    OR coalesce(upper(NEW.source_type),
                         CASE WHEN NEW.judge IS NULL THEN 'HUMAN' END)
                       IS NOT 'HUMAN' THEN f.value
                  ELSE RAISE(ABORT, 'value is not among those that the judge of this name declares')
                END,
                CASE
                  WHEN f.fitted IS NOT NULL AND NEW.kind IS NOT 'expectation'
                    AND f.scale IN ('bool', 'int', 'float') THEN f.scale
                  WHEN NEW.value_type IS NOT NULL
                    AND (f.scale IS NULL OR NEW.kind = 'expectation')
                    THEN NEW.value_type
                  ELSE CASE typeof(coalesce(f.fitted, f.value))
                    WHEN 'integer' THEN CASE WHEN NEW.value_type = 'bool'
                      THEN 'bool' ELSE 'int' END
                    WHEN 'real' THEN 'float'
                    WHEN 'text' THEN CASE
                      WHEN NEW.kind = 'expectation'
                        AND trim(f.value, char(9, 10, 13, 32))
                          GLOB '[[{]*[]}]' THEN 'json'
                      ELSE 'str' END
                    END
                END,
                CAST(coalesce(f.fitted, f.value) AS TEXT),
                CASE WHEN typeof(coalesce(f.fitted, f.value))
                  IN ('integer', 'real') THEN coalesce(f.fitted, f.value) END
         FROM judge_assessment_fit f WHERE f.id = NEW.rowid)
    WHERE rowid = NEW.rowid;
  UPDATE judge_assessment SET valid = 0
    WHERE assessment_id = NEW.overrides AND trace_id = NEW.trace_id;
  UPDATE judge_assessment SET overrides =
      (SELECT e.assessment_id
       FROM judge_assessment a
       JOIN judge_assessment e ON e.trace_id = a.trace_id AND e.name = a.name
       WHERE a.rowid = NEW.rowid AND e.rowid <> a.rowid AND e.valid = 1
         AND e.kind = a.kind AND e.span_id IS a.span_id AND e.judge IS a.judge
         AND (a.judge IS NOT NULL OR (e.source_type = a.source_type
                                      AND e.source_id = a.source_id))
       ORDER BY e.rowid DESC LIMIT 1)
    WHERE rowid = NEW.rowid AND valid = 1 AND overrides IS NULL
      AND (SELECT count(*) FROM (SELECT 1 FROM judge_assessment e
             WHERE e.trace_id = NEW.trace_id AND e.name = trim(NEW.name)
               AND e.valid = 1 LIMIT 2)) > 1;
  UPDATE judge_assessment SET valid = 0
    WHERE trace_id = NEW.trace_id AND name = trim(NEW.name) AND valid = 1
      AND rowid <> NEW.rowid
      AND EXISTS
        (SELECT 1 FROM judge_assessment a
         WHERE a.rowid = NEW.rowid AND a.valid = 1
           AND a.kind = judge_assessment.kind
           AND a.span_id IS judge_assessment.span_id
           AND a.judge IS judge_assessment.judge
           AND (a.judge IS NOT NULL
                OR (a.source_type = judge_assessment.source_type
                    AND a.source_id = judge_assessment.source_id)));
END;
CREATE TRIGGER judge_assessment_json AFTER INSERT ON judge_assessment
  WHEN NEW.metadata IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'metadata is not a JSON object')
    WHERE trim(NEW.metadata, char(9, 10, 13, 32)) NOT GLOB '{*}';
  SELECT 1 FROM json_each(NEW.metadata) LIMIT 1;
END;
CREATE TRIGGER judge_assessment_json_changed AFTER UPDATE OF metadata ON judge_assessment
  WHEN NEW.metadata IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'metadata is not a JSON object')
    WHERE trim(NEW.metadata, char(9, 10, 13, 32)) NOT GLOB '{*}';
  SELECT 1 FROM json_each(NEW.metadata) LIMIT 1;
END;
CREATE TRIGGER judge_report_json AFTER INSERT ON judge_report
BEGIN
  SELECT RAISE(ABORT, 'report is not a JSON object')
    WHERE NEW.report NOT GLOB '{*}';
  SELECT 1 FROM json_each(NEW.report) LIMIT 1;
END;
CREATE TRIGGER judge_assessment_moved
  BEFORE UPDATE OF trace_id, kind ON judge_assessment
BEGIN
  SELECT RAISE(ABORT, 'no such trace: insert it into judge_trace first')
    WHERE NOT EXISTS (SELECT 1 FROM judge_trace
                      WHERE trace_id = NEW.trace_id);
  SELECT RAISE(ABORT, 'a feedback cannot become an expectation, nor the other way round')
    WHERE OLD.updated_text IS NOT NULL AND NEW.kind IS NOT OLD.kind;
END;
CREATE TRIGGER judge_assessment_changed
  AFTER UPDATE OF name, value, rationale, source_type, error_code,
                  error_message, metadata ON judge_assessment
  WHEN OLD.updated_text IS NOT NULL AND NEW.updated_text IS NOT NULL
BEGIN
  UPDATE judge_assessment SET name = trim(name)
    WHERE rowid = NEW.rowid AND name <> trim(name);
  UPDATE judge_assessment SET
      source_type = CASE upper(source_type) WHEN 'AI_JUDGE' THEN 'LLM_JUDGE'
                    ELSE coalesce(upper(source_type), OLD.source_type) END
    WHERE rowid = NEW.rowid
      AND (source_type IS NULL
           OR source_type NOT IN ('HUMAN', 'LLM_JUDGE', 'CODE'));
  SELECT RAISE(ABORT, 'value is not among those that the judge of this name declares')
    FROM judge_assessment_fit f
    WHERE f.id = NEW.rowid AND f.fitted IS NULL AND f.value IS NOT NULL
      AND NEW.kind = 'feedback' AND upper(NEW.source_type) = 'HUMAN'
      AND (NEW.value IS NOT OLD.value OR NEW.name <> OLD.name
           OR NEW.source_type IS NOT OLD.source_type);
  UPDATE judge_assessment SET value = (SELECT f.fitted
      FROM judge_assessment_fit f WHERE f.id = NEW.rowid)
    WHERE rowid = NEW.rowid
      AND (SELECT f.fitted IS NOT NULL
             AND (f.fitted IS NOT f.value OR typeof(f.fitted) <> typeof(f.value))
           FROM judge_assessment_fit f WHERE f.id = NEW.rowid);
  UPDATE judge_assessment SET
      value_type = CASE
        WHEN kind = 'feedback' AND (SELECT f.scale FROM judge_assessment_fit f
            WHERE f.id = NEW.rowid AND f.fitted IS NOT NULL)
          IN ('bool', 'int', 'float')
          THEN (SELECT f.scale FROM judge_assessment_fit f
                WHERE f.id = NEW.rowid)
        WHEN NEW.value_type IS NOT OLD.value_type
          OR NEW.value IS OLD.value THEN NEW.value_type
        ELSE CASE typeof(value)
          WHEN 'integer' THEN CASE WHEN OLD.value_type = 'bool'
            AND value IN (0, 1) THEN 'bool' ELSE 'int' END
          WHEN 'real' THEN 'float'
          WHEN 'text' THEN CASE
            WHEN kind = 'expectation' AND trim(value, char(9, 10, 13, 32))
              GLOB '[[{]*[]}]' THEN 'json'
            ELSE 'str' END
          END
        END,
      value_text = CAST(value AS TEXT),
      value_num = CASE WHEN typeof(value) IN ('integer', 'real') THEN value END,
      updated = CASE WHEN NEW.updated IS NOT OLD.updated THEN NEW.updated
        ELSE CAST(round((julianday('now') - 2440587.5) * 86400000.0)
             AS INTEGER) END
    WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER judge_assessment_retimed
  AFTER UPDATE OF created, updated ON judge_assessment
  WHEN OLD.updated_text IS NOT NULL
BEGIN
  UPDATE judge_assessment SET
      created_text = strftime('%Y-%m-%dT%H:%M:%fZ', created / 1000.0,
                              'unixepoch'),
      updated_text = strftime('%Y-%m-%dT%H:%M:%fZ',
                              coalesce(updated, created) / 1000.0,
                              'unixepoch')
    WHERE rowid = NEW.rowid;
END;
CREATE TRIGGER judge_assessment_deleted AFTER DELETE ON judge_assessment
  WHEN OLD.overrides IS NOT NULL
BEGIN
  UPDATE judge_assessment SET valid = 1
    WHERE assessment_id = OLD.overrides
      AND NOT EXISTS (SELECT 1 FROM judge_assessment o
                      WHERE o.overrides IN (OLD.overrides, OLD.assessment_id));
  UPDATE judge_assessment SET overrides = OLD.overrides
    WHERE overrides = OLD.assessment_id;
END;
CREATE TRIGGER judge_definition_published AFTER INSERT ON judge_definition
  WHEN NEW.state = 'active'
BEGIN
  UPDATE judge_assessment SET value = value
    WHERE rowid IN (SELECT f.id FROM judge_assessment_fit f
                    WHERE f.name = NEW.feedback_name AND f.fitted IS NOT NULL
                      AND (f.fitted IS NOT f.value
                           OR typeof(f.fitted) <> typeof(f.value)));
END;
CREATE TRIGGER judge_definition_deleted AFTER DELETE ON judge_definition
  WHEN NOT EXISTS (SELECT 1 FROM judge_definition d
    WHERE coalesce(OLD.memory_id, OLD.definition_id)
      IN (d.definition_id, d.memory_id))
BEGIN
  DELETE FROM judge_guideline_source WHERE guideline_id IN
    (SELECT guideline_id FROM judge_guideline
     WHERE definition_id = coalesce(OLD.memory_id, OLD.definition_id));
  DELETE FROM judge_guideline
    WHERE definition_id = coalesce(OLD.memory_id, OLD.definition_id);
  DELETE FROM judge_example
    WHERE definition_id = coalesce(OLD.memory_id, OLD.definition_id);
  DELETE FROM judge_crossfit WHERE definition_id
    IN (OLD.definition_id, coalesce(OLD.memory_id, OLD.definition_id));
END;
CREATE TRIGGER judge_definition_fixed
  BEFORE UPDATE OF name, feedback_name, instructions, effective_instructions,
                   model, value_type, variables, inference_params, base_url,
                   builtin, guidelines_param, rationale_first, retrieval_k,
                   embedding_model, local_model, memory_id, digest
  ON judge_definition WHEN OLD.version IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a version of a judge never changes: make the next one');
END;
CREATE VIEW judge_pairs_all AS
  SELECT d.name AS name, v.judge AS judge, v.source_id AS model,
         v.trace_id AS trace_id, t.experiment AS experiment,
         t.session_id AS session_id, v.value AS judge_value,
         h.value AS human_value, h.source_id AS human,
         v.value = h.value AS agree, v.rationale AS judge_rationale,
         h.rationale AS human_rationale, v.created AS judge_time,
         h.created AS human_time,
         EXISTS (SELECT 1 FROM judge_example x
                 WHERE x.definition_id =
                       coalesce(d.memory_id, d.definition_id)
                   AND x.trace_id = v.trace_id) AS seen,
         0 AS cross_fitted, v.assessment_id AS judge_assessment_id,
         h.assessment_id AS human_assessment_id, 0 AS recorded
  FROM judge_definition d
  JOIN judge_assessment v ON v.judge = d.judge
  JOIN judge_trace t ON t.trace_id = v.trace_id
  JOIN judge_assessment h
    ON h.trace_id = v.trace_id AND h.name = d.feedback_name
  WHERE d.state <> 'draft' AND d.version IS NOT NULL
    AND v.kind = 'feedback' AND v.valid = 1 AND v.error_code IS NULL
    AND v.value IS NOT NULL
    AND h.source_type = 'HUMAN' AND h.kind = 'feedback' AND h.valid = 1
    AND h.error_code IS NULL AND h.value IS NOT NULL
  UNION ALL
  SELECT v.name, v.judge, v.source_id, v.trace_id, t.experiment,
         t.session_id, v.value, h.value, h.source_id, v.value = h.value,
         v.rationale, h.rationale, v.created, h.created, 0, 0,
         v.assessment_id, h.assessment_id, 1
  FROM judge_assessment v
  JOIN judge_trace t ON t.trace_id = v.trace_id
  JOIN judge_assessment h ON h.trace_id = v.trace_id AND h.name = v.name
  WHERE (v.judge IS NULL
         OR NOT EXISTS (SELECT 1 FROM judge_definition d
                        WHERE d.judge = v.judge))
    AND v.source_type IN ('LLM_JUDGE', 'CODE')
    AND v.kind = 'feedback' AND v.valid = 1 AND v.error_code IS NULL
    AND v.value IS NOT NULL
    AND h.source_type = 'HUMAN' AND h.kind = 'feedback' AND h.valid = 1
    AND h.error_code IS NULL AND h.value IS NOT NULL
  UNION ALL
  SELECT d.name, d.judge, d.model, v.trace_id, t.experiment,
         t.session_id, v.value, h.value, h.source_id, v.value = h.value,
         v.rationale, h.rationale, v.created, h.created, 0, 1,
         NULL, h.assessment_id, 0
  FROM judge_definition d
  JOIN judge_crossfit v
    ON v.definition_id IN (d.definition_id, coalesce(d.memory_id, 0))
  JOIN judge_trace t ON t.trace_id = v.trace_id
  JOIN judge_assessment h
    ON h.trace_id = v.trace_id AND h.name = d.feedback_name
  WHERE d.state <> 'draft' AND d.version IS NOT NULL
    AND v.error_code IS NULL AND v.value IS NOT NULL
    AND h.source_type = 'HUMAN' AND h.kind = 'feedback' AND h.valid = 1
    AND h.error_code IS NULL AND h.value IS NOT NULL;
CREATE VIEW judge_current AS
  SELECT d.name AS name, d.judge AS judge, d.definition_id AS definition_id
  FROM judge_definition d
  WHERE d.state = 'active'
    AND d.version =
      (SELECT max(e.version) FROM judge_definition e
       WHERE e.name = d.name AND e.state = 'active'
         AND EXISTS (SELECT 1 FROM judge_assessment w
                     WHERE w.judge = e.judge AND w.kind = 'feedback'
                       AND w.valid = 1 AND w.error_code IS NULL
                       AND w.value IS NOT NULL));
CREATE VIEW judge_pairs AS
  SELECT name, judge, model, trace_id, experiment, session_id, judge_value,
         human_value, human, agree, judge_rationale, human_rationale,
         judge_time, human_time, seen, judge_assessment_id,
         human_assessment_id
  FROM judge_pairs_all
  WHERE cross_fitted = 0
    AND (recorded OR judge IN (SELECT judge FROM judge_current));
CREATE VIEW judge_label_count AS
  SELECT name, source_id AS human, value, count(*) AS labels,
         count(rationale) AS rationales, max(created) AS newest
  FROM judge_assessment
  WHERE source_type = 'HUMAN' AND kind = 'feedback' AND valid = 1
    AND error_code IS NULL AND value IS NOT NULL
  GROUP BY name, source_id, value;
CREATE VIEW judge_usage AS
  SELECT day, judge, model,
         sum(status <> 'cached') AS calls,
         sum(status = 'error') AS errors,
         sum(status = 'cached') AS cached,
         sum(CASE WHEN status <> 'cached' AND attempts > 1
             THEN attempts - 1 ELSE 0 END) AS retries,
         sum(CASE WHEN status <> 'cached' THEN input_tokens END)
           AS input_tokens,
         sum(CASE WHEN status <> 'cached' THEN output_tokens END)
           AS output_tokens,
         sum(CASE WHEN status <> 'cached' THEN cost END) AS cost,
         max(CASE WHEN timed AND place = (timings + 1) / 2
             THEN latency_ms END) AS p50_ms,
         max(CASE WHEN timed AND place = (timings * 95 + 99) / 100
             THEN latency_ms END) AS p95_ms
  FROM (SELECT *,
               row_number() OVER (PARTITION BY day, judge, model, timed
                                  ORDER BY latency_ms) AS place,
               count(*) OVER (PARTITION BY day, judge, model, timed)
                 AS timings
        FROM (SELECT substr(created_text, 1, 10) AS day, judge, model, status,
                     attempts, input_tokens, output_tokens, cost, latency_ms,
                     status = 'ok' AND latency_ms IS NOT NULL AS timed
              FROM judge_call))
  GROUP BY day, judge, model;
CREATE VIEW judge_cost_call AS
  SELECT call_id, run_id, judge, trace_id, purpose, model, status, attempts,
         input_tokens, cached_tokens, output_tokens, cost,
         status = 'ok' AND cost IS NULL AS unpriced, created, created_text
  FROM (SELECT c.call_id, c.run_id, c.judge, c.trace_id, c.purpose, c.model,
               c.status, c.attempts, c.input_tokens, c.cached_tokens,
               c.output_tokens,
               CASE WHEN c.status = 'cached' THEN 0.0
                    WHEN c.cost IS NOT NULL THEN c.cost
                    ELSE ((c.input_tokens - w.warm) * p.input_per_million
                          + w.warm * coalesce(p.cached_per_million,
                                              p.input_per_million)
                          + coalesce(c.output_tokens, 0)
                            * p.output_per_million) / 1e6
               END AS cost, c.created, c.created_text
        FROM judge_call c
        JOIN (SELECT call_id, CASE
                WHEN cached_tokens BETWEEN 1 AND input_tokens THEN cached_tokens
                ELSE 0 END AS warm FROM judge_call) w USING (call_id)
        LEFT JOIN judge_price p ON p.model = c.model);
CREATE VIEW judge_cost_run AS
  SELECT c.run_id AS run_id, r.command AS command,
         coalesce(r.judge, c.judge) AS judge, c.calls AS calls,
         c.errors AS errors, c.cached AS cached,
         c.input_tokens AS input_tokens, c.cached_tokens AS cached_tokens,
         c.output_tokens AS output_tokens, c.cost AS cost,
         c.unpriced AS unpriced, c.started AS started,
         strftime('%Y-%m-%dT%H:%M:%fZ', c.started / 1000.0, 'unixepoch')
           AS started_text
  FROM (SELECT run_id, max(judge) AS judge, sum(status <> 'cached') AS calls,
               sum(status = 'error') AS errors,
               sum(status = 'cached') AS cached,
               coalesce(sum(input_tokens), 0) AS input_tokens,
               coalesce(sum(cached_tokens), 0) AS cached_tokens,
               coalesce(sum(output_tokens), 0) AS output_tokens, sum(cost) AS cost,
               sum(unpriced) AS unpriced, min(created) AS started
        FROM judge_cost_call WHERE run_id IS NOT NULL GROUP BY run_id) c
  LEFT JOIN judge_report r ON r.run_id = c.run_id;
CREATE VIEW judge_cost_judge AS
  SELECT judge, model, sum(status <> 'cached') AS calls,
         sum(status = 'error') AS errors, sum(status = 'cached') AS cached,
         coalesce(sum(input_tokens), 0) AS input_tokens,
         coalesce(sum(cached_tokens), 0) AS cached_tokens,
         coalesce(sum(output_tokens), 0) AS output_tokens, sum(cost) AS cost,
         sum(unpriced) AS unpriced
  FROM judge_cost_call GROUP BY judge, model;
CREATE VIEW judge_cost_day AS
  SELECT substr(created_text, 1, 10) AS day, sum(status <> 'cached') AS calls,
         sum(status = 'error') AS errors, sum(status = 'cached') AS cached,
         coalesce(sum(input_tokens), 0) AS input_tokens,
         coalesce(sum(cached_tokens), 0) AS cached_tokens,
         coalesce(sum(output_tokens), 0) AS output_tokens, sum(cost) AS cost,
         sum(unpriced) AS unpriced
  FROM judge_cost_call GROUP BY day;
CREATE VIEW judge_report_item AS
  SELECT r.report_id AS report_id, r.command AS command, r.judge AS judge,
         r.run_id AS run_id, j.key AS key, j.value AS value,
         r.created AS created, r.created_text AS created_text
  FROM judge_report r, json_each(r.report) j;
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
COMMIT;
