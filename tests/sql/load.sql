-- Loading writes nothing; both entry points; loading twice.
SELECT count(*) FROM sqlite_schema;
SELECT judge_version() GLOB '[0-9]*.[0-9]*.[0-9]*';
SELECT judge_debug() ->> 'entry', judge_debug() ->> 'sqlite' = sqlite_version();
SELECT count(*) FROM sqlite_schema;
CREATE TABLE mine(x);
-- A file that cannot be written.
.readonly
SELECT judge_version() IS NOT NULL;
SELECT judge_config('concurrency', 4);
SELECT make_judge('quality', '{{ outputs }}');
.reopen
PRAGMA query_only = 1;
SELECT judge_debug() ->> 'entry';
SELECT judge_config('experiment');
SELECT group_concat(name) FROM sqlite_schema;
-- What neither sends, spends nor writes.
.entry sqlite3_judge_no_network_init
SELECT judge_debug() ->> 'entry';
SELECT agreement(1, 1);
SELECT judge_run('quality');
SELECT judge_config('experiment');
SELECT make_judge('quality', '{{ outputs }}');
SELECT judge_init();
-- Renamed files find their entry point.
.entry sqlite3_modjudge_init
SELECT judge_debug() ->> 'entry';
.entry sqlite3_sqlitejudge_init
SELECT judge_debug() ->> 'entry';
.entry sqlite3_judgenonet_init
SELECT judge_debug() ->> 'entry';
.entry sqlite3_judgenonetwork_init
SELECT judge_debug() ->> 'entry';
