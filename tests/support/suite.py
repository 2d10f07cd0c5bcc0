"""The scripts as processes of their own, in an environment that leads nowhere outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from in_process import run_main
from quick_builds import BUILD, QUICK

ROOT = Path(__file__).resolve().parents[2]
PARTS = {
    1: ROOT / "parts" / "1-setup.py",
    2: ROOT / "parts" / "2-video-download.py",
    3: ROOT / "parts" / "3-slides-download.py",
    4: ROOT / "parts" / "4-rename-files.py",
    5: ROOT / "parts" / "5-decks.py",
}
# Nothing listens here. Programs get ports far above this one, and browsers try it (they refuse 1, 7, 9 and others).
NOWHERE = "http://127.0.0.1:2"

# What somebody who tests may have set for the scripts, for Python and for the terminal. PYTHONUNBUFFERED alone
# hides every output that is written too late or not at all.
SETTINGS = ("ZUME_", "VIMEO_", "PYTHON", "FORCE_COLOR", "NO_COLOR", "CLICOLOR", "TTY_", "COLUMNS", "LINES")


def clean_environment(**more: str) -> dict[str, str]:
    """Return an environment for child processes that leads nowhere outside and holds no setting of the user."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    return {
        **kept,
        "PYTHONPATH": str(ROOT / "tests" / "guard"),
        "http_proxy": NOWHERE,
        "https_proxy": NOWHERE,
        "HTTP_PROXY": NOWHERE,
        "HTTPS_PROXY": NOWHERE,
        "no_proxy": "127.0.0.1,localhost",
        "NO_PROXY": "127.0.0.1,localhost",
        **more,
    }


class Suite:
    """Runs the scripts as a user does, with a home of their own.

    Attributes:
        home: ``ZUME_HOME``.
        environment: of every process; a test may add to it.

    Args:
        warm_browser: returns the argument that gives builds a browser that runs already.
    """

    def __init__(
        self, home: Path, environment: dict[str, str], warm_browser: Callable[[], tuple[str, ...]] = tuple
    ) -> None:
        self.home = home
        self.environment = {**environment, "ZUME_HOME": str(home)}
        self._warm_browser = warm_browser

    def quick(self) -> tuple[str, ...]:
        """Return the arguments of the quickest way to real pictures, for builds that end in order."""
        return (*QUICK, *self._warm_browser())

    def command(self, script: int | Path, *arguments: object) -> list[str]:
        """Return the command line of a part (by number) or of build.py."""
        path = PARTS[script] if isinstance(script, int) else script
        return [sys.executable, str(path), *map(str, arguments)]

    def run(self, script: int | Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script to its end, with stdin closed to questions."""
        return self.call(self.command(script, *arguments), **environment)

    def call(
        self, command: Sequence[str], folder: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run any command in the suite's environment to its end, from a folder or from where the tests run."""
        return subprocess.run(
            command,
            cwd=folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )

    def main(self, script: int | Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script as ``run`` does, but in this process: for what its own process has no part in."""
        path = PARTS[script] if isinstance(script, int) else script
        return run_main(path, [str(argument) for argument in arguments], {**self.environment, **environment})

    def part(self, number: int, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one of the parts."""
        return self.run(number, *arguments, **environment)

    def build(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run build.py."""
        return self.run(BUILD, *arguments, **environment)

    def start(self, script: int | Path, *arguments: object, **options: object) -> subprocess.Popen[str]:
        """Start a script and return its process; the test has to end it."""
        settings: dict = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(self.command(script, *arguments), env=self.environment, encoding="utf-8", **settings)

    def sessions(self) -> dict[str, dict]:
        """Return the state of every build session, by id."""
        files = (self.home / "temp").glob("*/build_config.json")
        return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in files}
