#!/usr/bin/python3
"""Several connections, threads and processes on one file: what one of them is
in the middle of stays whole whatever the others do."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "net"))
import host  # noqa: E402

SCALE = '{"feedback_value_type":["bad","good"]}'


class Local(host.Case):
    """No network: a judge on local:/lexical, aligned once."""

    script = None
    LEARNED = ("judge_guideline", "judge_example", "judge_crossfit")

    def aligned(self, wal=False):
        db = self.empty()
        if wal:
            db.rows("PRAGMA journal_mode = wal")
        db.make_judge(model="local:/lexical", options=SCALE)
        db.add_traces(24)
        db.add_labels(24)
        db.command("judge_align", "q")
        return db

    def learned(self, db):
        """Rows of each table, and those of a version that is not there."""
        return {t: db.rows(
            "SELECT count(*), count(*) FILTER (WHERE definition_id NOT IN"
            " (SELECT definition_id FROM judge_definition)) FROM %s" % t)[0]
            for t in self.LEARNED}

    def make_draft(self, db):
        """The aligned version becomes a draft again: what judge_align leaves
        behind when it is killed before it publishes."""
        db.rows("UPDATE judge_definition SET state = 'draft', version = NULL,"
                " judge = NULL WHERE version = 2")


class Drafts(Local):
    def test_a_sweep_takes_all_of_a_draft(self):
        db = self.aligned()
        self.assertEqual(self.learned(db)["judge_example"], (24, 0))
        self.make_draft(db)
        db.command("judge_run", "q")
        self.assertEqual(set(self.learned(db).values()), {(0, 0)})
        self.assertEqual(db.one("SELECT count(*) FROM judge_definition"), 1)

    def test_publishing_while_another_sweeps(self):
        """At every statement of the sweeping connection the other one
        publishes: the version is whole, or it is not there."""
        at = 0
        while True:
            db, fired = self.aligned(wal=True), []
            self.make_draft(db)
            other = self.open(db.path)

            def fire(_):
                fired.append(len(fired))
                if len(fired) - 1 == at:
                    other.conn.execute("PRAGMA busy_timeout = 0")
                    try:
                        other.rows("UPDATE judge_definition SET version = 2,"
                                   " judge = 'q@2', state = 'active'"
                                   " WHERE state = 'draft'")
                    except host.sqlite3.OperationalError:
                        pass  # the sweep holds the lock

            db.conn.set_trace_callback(fire)
            db.rows("SELECT judge_run('q', '{\"limit\":1}')")
            db.conn.set_trace_callback(None)
            whole = db.one("SELECT count(*) FROM judge_definition"
                           " WHERE state <> 'draft' AND version = 2")
            self.assertEqual(self.learned(db)["judge_example"],
                             (24, 0) if whole else (0, 0), at)
            if len(fired) <= at or at > 60:
                break
            at += 1
        self.assertGreater(at, 5)

    def test_a_version_deleted_by_hand(self):
        """Its number is free again: what it learned must not go to another."""
        db = self.aligned()
        db.rows("DELETE FROM judge_definition WHERE version = 2")
        self.assertEqual(set(self.learned(db).values()), {(0, 0)})
        db.command("judge_align", "q")
        self.assertEqual(self.learned(db)["judge_example"], (24, 0))

    def test_a_registered_copy_keeps_what_both_use(self):
        db = self.aligned()
        db.command("judge_register", "q@2", "copy")
        db.rows("DELETE FROM judge_definition WHERE judge = 'q@2'")
        self.assertEqual(self.learned(db)["judge_example"][0], 24)
        self.assertEqual(db.one("SELECT examples FROM judges"
                                " WHERE name = 'copy'"), 24)
        db.rows("DELETE FROM judge_definition WHERE name = 'copy'")
        self.assertEqual(set(self.learned(db).values()), {(0, 0)})


if __name__ == "__main__":
    sys.exit(host.main())
