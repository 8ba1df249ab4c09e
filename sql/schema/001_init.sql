-- Schema 1. Everything here is built-in SQL, so that the file works without the
-- extension. Times are unix milliseconds, with RFC 3339 text beside them.

CREATE TABLE judge_meta(
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT
);

CREATE TABLE judge_experiment(
  experiment_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  tags TEXT,
  created INTEGER,
  created_text TEXT
);

CREATE TABLE judge_trace(
  trace_id TEXT NOT NULL PRIMARY KEY,
  experiment TEXT,
  request_time INTEGER,
  duration_ms INTEGER,
  state TEXT,
  inputs TEXT,
  outputs TEXT,
  session_id TEXT,
  user_id TEXT,
  tags TEXT,
  metadata TEXT,
  spans TEXT,
  request_time_text TEXT
);

CREATE TABLE judge_assessment(
  assessment_id TEXT UNIQUE,
  trace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT,
  value,
  value_type TEXT,
  rationale TEXT,
  source_type TEXT,
  source_id TEXT,
  judge TEXT,
  error_code TEXT,
  error_message TEXT,
  metadata TEXT,
  span_id TEXT,
  run_id TEXT,
  overrides TEXT,
  valid INTEGER,
  created INTEGER,
  updated INTEGER,
  value_text TEXT,
  value_num REAL,
  created_text TEXT,
  updated_text TEXT
);

-- One row a version of a judge. A draft has no version yet and is seen by
-- nobody; publishing it is one UPDATE.
CREATE TABLE judge_definition(
  definition_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER,
  judge TEXT,                 -- name@version
  feedback_name TEXT NOT NULL,
  kind TEXT NOT NULL,         -- instructions, builtin, memory_augmented
  state TEXT NOT NULL,        -- draft, active, candidate
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
  registered_at INTEGER,
  tags TEXT,
  experiment TEXT,
  note TEXT,                  -- why it is a candidate
  created INTEGER NOT NULL,
  created_text TEXT NOT NULL
);
CREATE UNIQUE INDEX judge_definition_version
  ON judge_definition(name, version) WHERE version IS NOT NULL;
CREATE INDEX judge_definition_feedback ON judge_definition(feedback_name);
CREATE INDEX judge_definition_judge ON judge_definition(judge);

CREATE TABLE judge_guideline(
  guideline_id INTEGER PRIMARY KEY,
  definition_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  text TEXT NOT NULL,
  origin TEXT NOT NULL,       -- distilled or human
  created INTEGER NOT NULL
);
CREATE INDEX judge_guideline_definition ON judge_guideline(definition_id);

-- Lineage: which trace and which assessment taught a guideline.
CREATE TABLE judge_guideline_source(
  guideline_id INTEGER NOT NULL,
  trace_id TEXT NOT NULL,
  assessment_id TEXT,
  PRIMARY KEY(guideline_id, trace_id, assessment_id)
) WITHOUT ROWID;

-- What a version learned from: a snapshot, so that a label edited later does
-- not change the judge.
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
  created INTEGER NOT NULL
);
CREATE UNIQUE INDEX judge_example_trace
  ON judge_example(definition_id, trace_id);

-- Verdicts of the fold versions of a cross-fitted alignment: each row was
-- scored by a version that did not see its group.
CREATE TABLE judge_crossfit(
  definition_id INTEGER NOT NULL,
  trace_id TEXT NOT NULL,
  fold INTEGER NOT NULL,
  value,
  value_type TEXT,
  rationale TEXT,
  error_code TEXT,
  error_message TEXT,
  created INTEGER NOT NULL,
  PRIMARY KEY(definition_id, trace_id)
) WITHOUT ROWID;

-- The stable 70/30 split of alignments with 200 input groups and more.
CREATE TABLE judge_split(
  feedback_name TEXT NOT NULL,
  input_group TEXT NOT NULL,
  part TEXT NOT NULL,         -- train or held_out
  PRIMARY KEY(feedback_name, input_group)
) WITHOUT ROWID;

-- Every call to a model. status: ok, error, cached (answered from an earlier
-- call, at no cost).
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
  created INTEGER NOT NULL,
  created_text TEXT NOT NULL
);
CREATE UNIQUE INDEX judge_call_digest ON judge_call(digest)
  WHERE status = 'ok';
CREATE INDEX judge_call_created ON judge_call(created);

-- Answers stand apart, so that scans of judge_call stay narrow.
CREATE TABLE judge_call_body(
  digest TEXT NOT NULL PRIMARY KEY,
  response TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE judge_price(
  model TEXT NOT NULL PRIMARY KEY, -- model URI
  input_per_million REAL NOT NULL,
  output_per_million REAL NOT NULL,
  cached_per_million REAL
);

CREATE TABLE judge_report(
  report_id INTEGER PRIMARY KEY,
  command TEXT NOT NULL,
  judge TEXT,
  run_id TEXT,
  report TEXT NOT NULL,       -- JSON object
  created INTEGER NOT NULL,
  created_text TEXT NOT NULL
);

CREATE TABLE judge_log(
  log_id INTEGER PRIMARY KEY,
  run_id TEXT,
  command TEXT,
  judge TEXT,
  step TEXT,
  message TEXT,
  data TEXT,                  -- JSON or NULL
  created INTEGER NOT NULL,
  created_text TEXT NOT NULL
);
