-- The victim's own option reads a view of the file, which calls a function.
CREATE VIEW reviewed AS SELECT trace_id FROM judge_trace WHERE host_write('written') IS NULL;
CREATE VIEW checked AS SELECT trace_id FROM judge_trace WHERE writefile('written', 'x');
-- victim
SELECT judge_run('q', '{"redo":true,"where":"trace_id IN (SELECT trace_id FROM reviewed)"}');
-- expect: host_write() is a function that this connection added
SELECT judge_run('q', '{"sample":2,"where":"trace_id IN (SELECT trace_id FROM reviewed)"}');
-- expect: host_write() is a function that this connection added
SELECT judge_align('q', '{"where":"trace_id IN (SELECT trace_id FROM reviewed)"}');
-- expect: host_write() is a function that this connection added
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"trace_id IN (SELECT trace_id FROM reviewed)"}');
-- expect: host_write() is a function that this connection added
-- alone
SELECT * FROM agreement_report('q', '{"by":"trace_id IN (SELECT trace_id FROM reviewed)"}');
-- expect: host_write() is a function that this connection added
SELECT judge_generate('openai:/m', '{{ trace_id }}', '{"from":"SELECT trace_id FROM reviewed"}');
-- expect: host_write() is a function that this connection added
SELECT judge_run('q', '{"where":"trace_id IN (SELECT trace_id FROM checked)"}');
-- expect: unsafe use of writefile() | no such function: writefile
