-- .import goes by position; an empty field counts as not given.
.quiet
SELECT judge_init();
.loud
.shell printf 'trace_id,experiment,request_time,duration_ms,state,inputs,outputs,expectations,session_id,user_id,tags,metadata,spans\nt1,,1000,,,q1,,"{""a"":1}",,,,,\n,lab,,5,ERROR,q2,a2,,s,u,{},,\n' > $TMP/traces.csv
.import $TMP/traces.csv traces 1
SELECT iif(trace_id LIKE 'tr-%', 'made', trace_id), experiment, request_time = 1000, duration_ms, state, inputs, quote(outputs), expectations, session_id, tags FROM traces ORDER BY inputs;
.shell printf ',t1,q,,Good,,,,ann,,,,,,,,,,\n,t1,q,,Bad,,,code,rules,,,,,,,,,2000,\n' > $TMP/labels.csv
.import $TMP/labels.csv assessments
SELECT trace_id, name, kind, value, value_type, quote(rationale), source_type, source_id, valid, created = 2000 FROM assessments WHERE kind = 'feedback' ORDER BY source_id;
