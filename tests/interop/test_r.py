#!/usr/bin/python3
"""A whole round in R. RSQLite brings a SQLite of its own: on Debian 12 that is
3.40.0, the oldest that is supported."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LIBRARY = os.path.abspath(os.environ["JUDGE_SO"])
ROUND = r"""
library(DBI)
given <- commandArgs(TRUE)
db <- dbConnect(RSQLite::SQLite(), given[1], loadable.extensions = TRUE)
ask <- function(sql) dbGetQuery(db, sql)
invisible(ask(sprintf("SELECT load_extension('%s')", given[2])))
invisible(ask("SELECT judge_init()"))
invisible(ask("SELECT make_judge('q', 'How good is {{ outputs }} as an answer to
  {{ inputs }}?', 'local:/lexical', '{\"feedback_value_type\":[\"bad\",\"good\"]}')"))
n <- 60
good <- seq_len(n) %% 2 == 0
dbWriteTable(db, "judge_trace", append = TRUE, data.frame(
  trace_id = sprintf("t%02d", seq_len(n)),
  inputs = sprintf("Where is town %d?", seq_len(n)),
  outputs = ifelse(good, sprintf("Town %d is there.", seq_len(n)), "No idea.")))
dbWriteTable(db, "judge_assessment", append = TRUE, data.frame(
  trace_id = sprintf("t%02d", seq_len(n)), name = "q",
  value = ifelse(good, "good", "bad"), source_type = "HUMAN",
  source_id = "ann"))
run <- ask("SELECT judge_run('q')")[[1]]
align <- ask("SELECT judge_align('q')")[[1]]
rows <- ask("SELECT count(*) FROM judge_compare('q@1', 'q@2')")[[1]]
same <- ask("SELECT agreement(judge_value, human_value) FROM judge_pairs")[[1]]
whole <- ask("PRAGMA integrity_check")[[1]]
cat(sprintf('{"sqlite":"%s","run":%s,"align":%s,"rows":%d,"same":%f,
  "whole":"%s"}', ask("SELECT sqlite_version()")[[1]], run, align, rows, same,
  whole))
dbDisconnect(db)
"""


def r(*arguments):
    environment = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
    return subprocess.run(["Rscript", "-e", *arguments], env=environment,
                          capture_output=True, text=True)


def why_not():
    try:
        done = r("library(RSQLite)")
    except FileNotFoundError:
        return "Rscript is not installed"
    if done.returncode != 0:
        return "R has no package RSQLite"
    if b"__asan_init" in Path(LIBRARY).read_bytes():
        return "a library with ASan needs the program's help"
    return None


def main():
    reason = why_not()
    if reason:
        print("skipped: %s" % reason)
        print("0 passed, 0 failed, 1 skipped")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        done = r(ROUND, os.path.join(folder, "r.db"), LIBRARY)
    try:
        said = json.loads(done.stdout)
        assert said["run"]["verdicts"] == 60, said
        assert said["align"]["judge"] == "q@2", said
        assert said["rows"] > 0 and said["same"] > 0.9, said
        assert said["whole"] == "ok", said
    except (ValueError, AssertionError) as error:
        print("FAILED a_round_in_r: %s\n%s%s" % (error, done.stdout,
                                                 done.stderr))
        print("0 passed, 1 failed")
        return 1
    print("R's SQLite is %s" % said["sqlite"])
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
