"""Secrets that the tests plant, and the search for them (law 9).

Whatever a test sends as a key, a token or a password is planted first; each
scenario then ends with a search of every byte of its files (database, WAL,
journal), of what its statements gave back, errors included, and of what came
out on stderr. The search is part of host.Case and net_bench.Bench, so that no
test can forget it.

    SECRET = leaks.plant("azure-9c51d2e87f3a")
    leaks.search_folder(folder)
    with leaks.stderr_searched(): ...
"""
import base64
import contextlib
import os
import sqlite3
import sys
import tempfile
from pathlib import Path

CUT = 4  # the last characters may be missing: a cut key is one, too
_FORMS = {}


def plant(secret):
    """Gives the secret back, which is looked for from now on: as it is, in
    hexadecimal, and as Basic authorization has it."""
    raw = secret.encode()
    assert len(raw) >= 3 * CUT, "too short to be looked for"
    basic = base64.b64encode(raw)
    _FORMS[secret] = (raw[:-CUT], raw[:-CUT].hex().encode(), basic[:-2 * CUT])
    return secret


def search(data, where):
    data = data.encode(errors="surrogateescape") if isinstance(
        data, str) else data
    for forms in _FORMS.values():
        for form in forms:
            if form in data:
                at = data.index(form)
                raise AssertionError("a secret stands in %s: %r" % (
                    where, data[max(0, at - 60):at + len(form) + 20]))


def searched_rows(db, sql, values):
    """The rows of a statement; what it gives back, error or rows, is
    searched."""
    try:
        rows = db.execute(sql, values).fetchall()
    except sqlite3.Error as error:
        search(str(error), "the error of " + sql)
        raise
    search(repr(rows), "the rows of " + sql)
    return rows


def search_file(path):
    try:
        search(Path(path).read_bytes(), path)
    except FileNotFoundError:
        pass  # a journal that has just gone


def search_database(path):
    """The file and what SQLite keeps beside it."""
    for ending in ("", "-wal", "-journal"):
        search_file(str(path) + ending)


def search_folder(folder):
    for path in Path(folder).rglob("*"):
        if path.is_file():
            search_file(path)


@contextlib.contextmanager
def stderr_searched():
    """Descriptor 2 goes into a file meanwhile; it is shown and searched."""
    with tempfile.TemporaryFile() as errors:
        terminal = os.dup(2)
        os.dup2(errors.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            errors.seek(0)
            text = errors.read()
            sys.stderr.write(text.decode(errors="replace"))
            search(text, "stderr")
