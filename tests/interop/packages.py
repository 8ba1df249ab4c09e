"""Python packages that a test needs and Debian has not: they are installed from
PyPI into build/venv, once. Debian's own come from tools/deps.sh test."""
import os
import re
import subprocess
import sys
from importlib import util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / "build" / "venv"
PYTHON = VENV / "bin" / "python"
# What pip and venv say when there is no way to the registry.
UNREACHABLE = re.compile(r"Max retries|NewConnectionError|Temporary failure in name"
                         r"|Connection (refused|reset)|timed out|ProxyError"
                         r"|Network is unreachable", re.IGNORECASE)


def environment():
    """Without what tests/run preloads for the library's sake."""
    return {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}


def missing(requirements):
    """Those of "name==version" that build/venv lacks."""
    if not PYTHON.exists():
        return list(requirements)
    code = ("import sys\nfrom importlib.metadata import version\n"
            "for r in sys.argv[1:]:\n"
            "  try: here = version(r.split('==')[0])\n"
            "  except Exception: here = None\n"
            "  if here is None or '==' in r and here != r.split('==')[1]:\n"
            "    print(r)\n")
    done = subprocess.run([PYTHON, "-c", code, *requirements], text=True,
                          capture_output=True, check=True, env=environment())
    return done.stdout.split()


def python_with(*requirements):
    """The Python to run, and None; or None and why there is none. What fails
    for another reason than an unreachable registry is an error."""
    steps = []
    if not PYTHON.exists():
        steps.append([sys.executable, "-m", "venv", str(VENV)])
    lacking = missing(requirements)
    if lacking:
        steps.append([str(PYTHON), "-m", "pip", "install", "-q", *lacking])
    for step in steps:
        done = subprocess.run(step, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=environment())
        if done.returncode != 0 and UNREACHABLE.search(done.stdout):
            return None, "PyPI cannot be reached for " + ", ".join(lacking)
        if done.returncode != 0 and not util.find_spec("ensurepip"):
            return None, "python3-venv is not installed (make deps-test)"
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(step)}: {done.stdout}")
    return str(PYTHON), None
