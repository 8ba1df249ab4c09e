#!/usr/bin/python3
"""Opens somebody else's file, loads judge and runs statements: a process of its
own, since one that ends by a signal is one of the things that are looked for.

Usage: victim.py LIBRARY ENTRY FILE TRUSTED_SCHEMA < statements as a JSON list
Prints a JSON list of what each said, rows or the error's text.
"""
import json
import sqlite3
import sys


def say(db, sql):
    try:
        return repr(db.execute(sql).fetchall())
    except sqlite3.Error as error:
        return "error: " + str(error)


def write(path, text="x"):
    """What a careless host might offer."""
    with open(path, "w") as file:
        file.write(text)


def main():
    library, entry, path, trusted = sys.argv[1:]
    db = sqlite3.connect(path, isolation_level=None)
    # As README has it, which leaves load_extension() usable.
    db.enable_load_extension(True)
    db.execute("SELECT load_extension(?, ?)", (library, entry))
    db.create_function("host_write", 1, write, deterministic=True)
    db.execute("PRAGMA trusted_schema = " + trusted)
    print(json.dumps([say(db, sql) for sql in json.load(sys.stdin)]))


main()
