#!/usr/bin/python3
"""Every option of every function is given SQL text that does harm. Options and
functions are found in the sources and on the connection, not listed here, so
that a new one cannot be forgotten: a function that is in neither table below
fails the test."""
import json
import re
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "net"))
import host  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
OPTION = re.compile(r'"(\w+)",\s*JG_OPTION_(\w+)')
# The arguments before the options; %s is where they go.
CALLS = {
    "judge_init": "SELECT judge_init(%s)",
    "make_judge": "SELECT make_judge('n', 'Rate {{ outputs }}.',"
                  " 'local:/lexical', %s)",
    "judge_register": "SELECT judge_register('q@1', 'n', '{}', %s)",
    "judge_run": "SELECT judge_run('q', %s)",
    "judge_align": "SELECT judge_align('q', %s)",
    "judge_generate": "SELECT judge_generate('openai:/m', '{{ inputs }}', %s)",
    "agreement": "SELECT agreement(a, a, 'accuracy', %s) FROM pair",
    "agreement_raters": "SELECT agreement_raters(1, a, a,"
                        " 'percent_agreement', %s) FROM pair",
    "agreement_difference": "SELECT agreement_difference(a, a, a, 'accuracy',"
                            " %s) FROM pair",
    "agreement_rate": "SELECT agreement_rate(a, a, 'classical_mean', %s) FROM pair",
    "judge_compare": "SELECT * FROM judge_compare('q@1', 'q@2', %s)",
    "agreement_report": "SELECT * FROM agreement_report('q', %s)",
    "agreement_drift": "SELECT * FROM agreement_drift('q', %s)",
}
# No argument of theirs is an options object.
WITHOUT_OPTIONS = {
    "judge_version", "judge_debug", "judge_instructions", "judge_prompt",
    "judge_config", "judge_unregister", "judge_eval", "agreement_state",
    "agreement_merge", "traces", "assessments", "judges",
    "judge_disagreements", "agreement_metrics",
}
HARM = ("load_extension('./canary')", "host(1)",
        "judge_config('model', 'openai:/x')", "judge_init()")


def options():
    """(key, type) of every row of a table of options in the sources."""
    found = []
    for path in sorted((ROOT / "ext").rglob("*.[ch]")):
        if path.name != "options.h" or path.parent.name != "core":
            found += OPTION.findall(path.read_text())
    return found


def ours(db, pragma):
    """What loading added, against a connection without it."""
    plain = sqlite3.connect(":memory:")
    names = "SELECT DISTINCT name FROM %s" % pragma
    before = {row[0] for row in plain.execute(names)}
    plain.close()
    return {row[0] for row in db.rows(names)
            if not row[0].startswith("pragma_")} - before - {"host"}


def texts(harm):
    """The ways in which it may stand in an option."""
    for sql in (harm, harm + " IS NULL", "SELECT %s AS inputs" % harm,
                "1) UNION SELECT (%s" % harm, "'); SELECT %s; --" % harm):
        yield sql
    yield [harm]
    yield {"sql": harm, "inputs": harm}


class SqlOptions(host.Case):
    script = None

    def setUp(self):
        super().setUp()
        self.setenv(OPENAI_API_KEY=None, OPENAI_BASE_URL=None)
        self.called = []

    def ready(self):
        db = self.empty()
        for words in "well", "badly":
            db.rows("SELECT make_judge('q', ?, 'local:/lexical', ?)",
                    "Rate {{ outputs }} %s." % words, host.SCALE)
        db.add_traces(4)
        db.add_labels(4)
        db.rows("SELECT judge_run('q@1'), judge_run('q@2')")
        db.rows("CREATE TABLE pair(a)")
        db.rows("INSERT INTO pair VALUES ('x'), ('y')")
        db.conn.create_function("host", 1, self.called.append)
        return db

    def test_every_function_is_known(self):
        db = self.ready()
        names = ours(db, "pragma_function_list") | ours(db,
                                                        "pragma_module_list")
        self.assertEqual(names, set(CALLS) | WITHOUT_OPTIONS)
        for name in CALLS:
            with self.subTest(name):
                self.assertIn("no_such_option",
                              db.error(CALLS[name] % '\'{"no_such_option":1}\''))

    def test_every_option(self):
        db = self.ready()
        keys = sorted({key for key, _ in options()})
        self.assertGreater(len(keys), 30)
        checked = set()
        for name, call in CALLS.items():
            for key in keys:
                for harm in HARM:
                    for text in texts(harm):
                        said = self.say(db, call % "?",
                                        json.dumps({key: text}))
                        if "never runs from SQL text" in said:
                            checked.add((name, key))
                        self.assertEqual(self.called, [], (name, key, text))
                        # What it says when it was called: there is no file.
                        self.assertNotIn("cannot open", said)
        self.assertEqual(db.one("SELECT judge_config('model')"),
                         "openai:/gpt-4.1-mini")
        declared = [key for key, kind in options() if kind == "SQL"]
        self.assertEqual(sorted(key for _, key in checked), sorted(declared))
        self.views(db, {name for name, _ in checked})

    def test_a_replaced_function_of_ours(self):
        """agreement() may be called, but not what a host puts in its place."""
        db = self.ready()
        call = "SELECT * FROM agreement_report('q', ?)"
        text = {"by": "(SELECT agreement(a, a) FROM pair)"}
        self.assertNotIn("allow_function",
                         self.say(db, call, json.dumps(text)))
        db.conn.create_function("agreement", 2, lambda *a: self.called.append(a))
        said = self.say(db, call, json.dumps(text))
        self.assertIn("agreement() is a function that this connection added",
                      said)
        self.assertEqual(self.called, [])

    def say(self, db, sql, *values):
        try:
            return repr(db.rows(sql, *values))
        except sqlite3.Error as error:
            return str(error)

    def views(self, db, taking_sql):
        """Of the file: not what takes SQL text, and all else as before."""
        for name in ours(db, "pragma_module_list") & set(CALLS):
            with self.subTest(name):
                db.rows("CREATE VIEW v AS " + CALLS[name] % "NULL")
                said = self.say(db, "SELECT * FROM v")
                self.assertEqual("unsafe use of virtual table" in said,
                                 name in taking_sql, said)
                db.rows("DROP VIEW v")
                db.rows("CREATE TEMP VIEW v AS " + CALLS[name] % "NULL")
                self.assertNotIn("unsafe", self.say(db, "SELECT * FROM v"))
                db.rows("DROP VIEW v")


if __name__ == "__main__":
    sys.exit(host.main())
