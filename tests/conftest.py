"""What the tests share: a home of their own, the stand-ins, and the scripts run as processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from builds import build
from courses import SHORT, TEN, Course
from demo import StandIn
from traces import clear

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    1: ROOT / "parts" / "1-setup.py",
    2: ROOT / "parts" / "2-video-download.py",
    3: ROOT / "parts" / "3-slides-download.py",
    4: ROOT / "parts" / "4-rename-files.py",
    5: ROOT / "parts" / "5-decks.py",
}
BUILD = ROOT / "build.py"
# A port on which nothing listens: whatever is not on this machine cannot be reached.
NOWHERE = "http://127.0.0.1:9"

# In this process too, no test may reach another host.
sys.path.append(str(ROOT / "tests" / "guard"))
import sitecustomize as guard  # noqa: E402, F401


def clean_environment(**more: str) -> dict[str, str]:
    """Return an environment for child processes that leads nowhere outside and holds no setting of the user."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZUME_", "VIMEO_"))}
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
    """

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home = home
        self.environment = {**environment, "ZUME_HOME": str(home)}

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
            text=True,
            timeout=240,
            check=False,
        )

    def part(self, number: int, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one of the parts."""
        return self.run(number, *arguments, **environment)

    def build(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run build.py."""
        return self.run(BUILD, *arguments, **environment)

    def start(self, script: int | Path, *arguments: object, **options: object) -> subprocess.Popen[str]:
        """Start a script and return its process; the test has to end it."""
        settings: dict = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(self.command(script, *arguments), env=self.environment, text=True, **settings)

    def sessions(self) -> dict[str, dict]:
        """Return the state of every build session, by id."""
        files = (self.home / "temp").glob("*/build_config.json")
        return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in files}


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell that runs pytest in the background makes it, and whatever it starts, deaf to SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """The stand-ins, with the shortest course and as few videos as belong to it, so that a build takes seconds."""
    with short_stand_in() as running:
        yield running


@contextmanager
def short_stand_in() -> Iterator[StandIn]:
    """Run stand-ins with the shortest course, and as few videos as belong to it."""
    with StandIn() as running:
        running.presenter.short_course = 6
        running.vimeo.numbers = {1, 6, 9}
        yield running


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ``ZUME_HOME`` of the test's own, also for code that runs in this process."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in list(os.environ):
        if name.startswith(("ZUME_", "VIMEO_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ZUME_HOME", str(folder))
    return folder


@pytest.fixture
def suite(home: Path, stand_in: StandIn) -> Suite:
    """The scripts, led to the stand-ins."""
    return Suite(home, clean_environment(**stand_in.environment()))


@pytest.fixture(scope="session")
def finished_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``packages``, made by one build, and the ``home`` that knows of it."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "home").mkdir()
    with short_stand_in() as running:
        suite = Suite(folder / "home", clean_environment(**running.environment()))
        done = build(suite, folder / "packages", "--session-id", "first")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def done(suite: Suite, finished_build: Path, tmp_path: Path) -> Suite:
    """A suite with one finished build, ``first``, of a package in ``packages``: a copy of one that was made once."""
    shutil.copytree(finished_build / "packages", tmp_path / "packages")
    shutil.copytree(finished_build / "home", suite.home, dirs_exist_ok=True)
    state = suite.home / "temp" / "first" / "build_config.json"
    state.write_text(state.read_text(encoding="utf-8").replace(str(finished_build), str(tmp_path)), encoding="utf-8")
    return suite


@pytest.fixture
def lone_suite(home: Path) -> Suite:
    """The scripts, with no service to talk to and no credentials."""
    return Suite(home, clean_environment(VIMEO_API_URL=NOWHERE, ZUME_SITE_URL=NOWHERE))


@pytest.fixture
def bare(tmp_path: Path) -> Course:
    """A project with empty folders."""
    return Course(tmp_path / "es")


@pytest.fixture
def course(bare: Course) -> Course:
    """A short curriculum, complete."""
    bare.curriculum(TEN, SHORT)
    bare.video(1)
    bare.video(6)
    return bare


@pytest.fixture
def own_tmp(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for temporary files, by which processes are known. Short, because browsers make sockets in it."""
    tmp_path_factory.getbasetemp()  # pytest makes its own folder when it is first wanted, which must not be in here
    folder = Path(tempfile.mkdtemp(prefix="zt", dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    clear(folder)
