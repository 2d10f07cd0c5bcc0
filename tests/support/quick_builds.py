"""What the tests of unattended builds share."""

from __future__ import annotations

import re
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
BUILD = TESTS.parent / "build.py"
GUARD = TESTS / "guard" / "sitecustomize.py"

# Pictures of this size take a fraction of the time of real ones.
SMALL = ("--width", "600", "--height", "336")
# The quickest way to real pictures: one browser, one curriculum.
QUICK = (*SMALL, "--browsers", "1", "--curriculum", "ten_session")


def build(suite, folder, *arguments, **environment):
    """Build quickly: build.py in this process, and the parts in their own."""
    return suite.main(BUILD, "-l", "es", "-f", folder, "-y", *suite.quick(), *arguments, **environment)


def statuses(suite, session):
    return [step["status"] for step in suite.sessions()[session]["steps"].values()]


def wait_until(condition, process=None, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def patch(suite, folder, code):
    """Run a piece of code at the start of every Python process of a suite, before the guard."""
    folder.mkdir()
    load = f"import runpy\nrunpy.run_path({str(GUARD)!r})\n"
    (folder / "sitecustomize.py").write_text(code + load, encoding="utf-8")
    suite.environment["PYTHONPATH"] = str(folder)


def start_quick_pauses(suite, folder):
    """Make the pauses between tries short in the processes of a suite."""
    patch(suite, folder, "import time\nreal = time.sleep\ntime.sleep = lambda seconds: real(seconds / 50)\n")


def rows_of(table):
    """Return what a check found, by name of the row: its result and the rest."""
    rows = [re.split(r"  +", line.strip(), maxsplit=2) for line in table.splitlines()]
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 3 and row[1] in ("ok", "warning", "error")}
