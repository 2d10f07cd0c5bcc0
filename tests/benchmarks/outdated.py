#!/usr/bin/env python3
"""How long ``build.py --outdated`` takes for all languages, what it asks, and how much memory it needs.

The packages are those of a build of today in every language, with all three curricula and records that are true, but
with pictures and videos that have no content. The stand-ins answer each request after a pause.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "parts"), str(ROOT / "tests" / "support")]

from course.languages import all_languages  # noqa: E402
from demo import StandIn, standin  # noqa: E402
from made_packages import MadePackage  # noqa: E402

PAUSE = 0.3
LANGUAGES = 48
MOST_SECONDS, MOST_MEMORY = 60.0, 200_000_000


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print what was found, and say whether the marks hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--languages", type=int, default=LANGUAGES, metavar="N")
    parser.add_argument("--pause", type=float, default=PAUSE, metavar="SECONDS", help="before each answer")
    arguments = parser.parse_args(argv)
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    answers = Answers()
    with tempfile.TemporaryDirectory() as folder, answers.slowed(), StandIn() as stand_in:
        environment = {**stand_in.environment(), "ZUME_HOME": folder, "NO_PROXY": "127.0.0.1,localhost"}
        packages = Path(folder) / "packages"
        packages.mkdir()
        stand_in.vimeo.rate_limit = 100_000
        codes = [language.code for language in all_languages() if language.vimeo_folder_id][: arguments.languages]
        with mock.patch.dict(os.environ, environment):
            for code in codes:
                MadePackage(packages, code)
        print(f"{len(codes)} packages, an answer takes {arguments.pause} s more than the stand-ins need themselves")
        for name, token in (("with a token", stand_in.vimeo.token), ("without a token", "")):
            answers.begin(arguments.pause)
            measure(name, packages, {**environment, "VIMEO_ACCESS_TOKEN": token}, answers)
    return 0


class Answers:
    """The answers of the stand-ins: how long each of them waits, and how many there were of each kind."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.pause = 0.0

    def begin(self, pause: float) -> None:
        """Count from nothing, and wait so many seconds before each answer."""
        self.kinds, self.pause = Counter(), pause

    def slowed(self) -> mock._patch:
        """Return what makes the stand-ins that start from now on count and wait."""
        real = standin.LocalServer
        return mock.patch.object(standin, "LocalServer", lambda app, port=0: real(self._waiting(app), port))

    def _waiting(self, app: Callable) -> Callable:
        def answer(environment, start_response):
            path = environment["PATH_INFO"].strip("/").split("/")
            self.kinds[path[-1] if path[0] != "static" else "static"] += 1
            time.sleep(self.pause)
            return app(environment, start_response)

        return answer


def measure(name: str, packages: Path, environment: dict[str, str], answers: Answers) -> None:
    """Run build.py once and print what it took."""
    command = [sys.executable, str(ROOT / "build.py"), "--outdated", "-f", str(packages)]
    start = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    out = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds, memory = time.perf_counter() - start, usage.ru_maxrss * 1024
    kinds = ", ".join(f"{count} {kind}" for kind, count in answers.kinds.most_common())
    print(f"{name:<16} {out.splitlines()[-1]}")
    print(f"  requests: {kinds}")
    print(f"  {seconds:.1f} s (mark: less than {MOST_SECONDS:.0f})")
    print(f"  {memory / 1e6:.0f} MB of memory at most (mark: less than {MOST_MEMORY / 1e6:.0f})")


if __name__ == "__main__":
    raise SystemExit(main())
