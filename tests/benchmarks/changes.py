#!/usr/bin/env python3
"""What it costs to bring a package up to date: with nothing changed, with a few slides changed, after a deployment.

All figures come from one run on one machine, against the stand-ins for Vimeo and the presenter: 615 slides of
3000 x 1680. Each part runs as a process of its own, as users run it. Pages and files are counted as the site was
asked for them, pictures as files that are new.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "parts"))

from demo import StandIn  # noqa: E402
from slides.chrome import find_tools  # noqa: E402

LANGUAGE = "en"
CHANGED = {
    "s1_1_2": "This sentence is another one now.",
    "s2_1_2": "This one, too.",
    "s1_2_4": "And this one.",
}
# In seconds, and pictures.
MOST_PART, MOST_BUILD, MOST_SAMPLES = 3.0, 6.0, 24


def main() -> int:
    """Measure, print the figures, and say whether the marks hold; exit code 1 if one does not."""
    print(f"{platform.platform()}, {os.cpu_count()} cores, {find_tools()}\n")
    with tempfile.TemporaryDirectory() as folder, StandIn() as stand_in:
        os.environ.update(stand_in.environment(), ZUME_HOME=str(Path(folder) / "home"))
        return 0 if Measurement(stand_in, Path(folder) / "packages").run() else 1


class Measurement:
    """One package, brought up to date again and again.

    Args:
        stand_in: the services.
        packages: the folder of the package's folder.
    """

    def __init__(self, stand_in: StandIn, packages: Path) -> None:
        self._stand_in = stand_in
        self._packages = packages
        self._project = packages / LANGUAGE
        self._holds = True

    def run(self) -> bool:
        """Measure everything once; return whether all marks hold."""
        self._measure("a first build", self._build())
        for _ in range(2):
            self._measure("nothing changed, part 3", self._part(), MOST_PART, pictures=0)
        for _ in range(2):
            self._measure("nothing changed, whole build", self._build("--only-changed"), MOST_BUILD, pictures=0)
        self._stand_in.presenter.changed_texts = CHANGED
        self._measure(f"{len(CHANGED)} slides changed, part 3", self._part(), pictures=len(CHANGED))
        self._stand_in.presenter.deployment += 1
        self._measure("deployed again, same contents, part 3", self._part(), MOST_PART, pictures=0)
        self._stand_in.presenter.same_look_deployment = True
        self._measure("deployed again, same look, part 3", self._part(), samples=MOST_SAMPLES)
        self._stand_in.presenter.other_look = True
        self._measure("deployed again, another look, part 3", self._part())
        return self._holds

    def _build(self, *arguments: str) -> list[str]:
        where = ("-l", LANGUAGE, "-f", str(self._packages), "-y")
        return [sys.executable, str(ROOT / "build.py"), *where, *arguments]

    def _part(self) -> list[str]:
        where = ("--project-path", str(self._project), "--language-code", LANGUAGE)
        return [sys.executable, str(ROOT / "parts" / "3-slides-download.py"), *where, "--only-changed"]

    def _measure(
        self,
        what: str,
        command: list[str],
        most_seconds: float | None = None,
        pictures: int | None = None,
        samples: int | None = None,
    ) -> None:
        """Run a command, print what it cost, and note whether its marks hold."""
        before = set(self._project.rglob("*_session_*.png"))
        self._stand_in.presenter_log.clear()
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"{what} failed:\n{done.stdout}\n{done.stderr}")
        taken = len(set(self._project.rglob("*_session_*.png")) - before)
        compared = sum(int(line.split()[-2]) for line in done.stdout.splitlines() if "is compared:" in line)
        asked = Counter(path for path, _ in self._stand_in.presenter_log.requests)
        pages = sum(number for path, number in asked.items() if path.endswith("/presenter"))
        files = sum(asked.values()) - pages
        marks = [
            most_seconds is None or seconds < most_seconds,
            pictures is None or taken == pictures,
            samples is None or (compared <= samples and taken == 0),
        ]
        self._holds = self._holds and all(marks)
        print(
            f"{what:40} {seconds:6.2f} s, {taken:3} new pictures, {compared:2} compared; "
            f"site asked for {pages} pages, {files} files{'' if all(marks) else '  MISSED'}",
            flush=True,
        )


if __name__ == "__main__":
    raise SystemExit(main())
