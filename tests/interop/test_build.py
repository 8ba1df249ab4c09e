#!/usr/bin/python3
"""What make would run: the compiler that was asked for, the library that the
system's SQLite looks for. Nothing is built."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def commands(*arguments, path=None, **environment):
    """The commands of a build from nothing."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("CC", "LD_PRELOAD", "MAKEFLAGS", "MFLAGS", "SAN")}
    env.update(environment)
    if path:
        env["PATH"] = "%s:%s" % (path, env["PATH"])
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["make", "-n", "V=1", "B=%s/b" % folder, *arguments], cwd=ROOT,
            env=env, capture_output=True, text=True, check=True)
    return done.stdout


class Compiler(unittest.TestCase):
    def uses(self, said, compiler):
        lines = [line.split() for line in said.splitlines() if " -c -o " in line
                 or " -shared " in line]
        self.assertGreater(len(lines), 50)
        self.assertEqual({line[0] for line in lines}, {compiler})

    def test_default(self):
        self.uses(commands(), "gcc")

    def test_environment(self):
        self.uses(commands(CC="clang"), "clang")

    def test_argument(self):
        self.uses(commands("CC=clang", CC="other"), "clang")


class Library(unittest.TestCase):
    def test_here(self):
        said = commands()
        self.assertIn("/b/judge.so", said)
        self.assertIn("--no-undefined", said)

    def test_macos(self):
        with tempfile.TemporaryDirectory() as folder:
            uname = Path(folder, "uname")
            uname.write_text("#!/bin/sh\necho Darwin\n")
            uname.chmod(0o755)
            said = commands("install", path=folder)
        self.assertIn("-undefined dynamic_lookup", said)
        self.assertNotIn("--no-undefined", said)
        self.assertIn("/usr/local/lib/judge.dylib", said)
        self.assertNotIn("judge.so", said)


def main():
    result = unittest.TextTestRunner(stream=sys.stderr).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    failed = len(result.failures) + len(result.errors)
    print("%d passed, %d failed" % (result.testsRun - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
