-- The beginning of a source: the column expectations and its end follow.
(SELECT t.rowid AS judge_rowid, t.trace_id, t.experiment, t.request_time,
   t.duration_ms, t.state, t.inputs, t.outputs, t.session_id, t.user_id,
   t.tags, t.metadata, t.spans,
