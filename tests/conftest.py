"""What the tests share: a home of their own, the stand-ins, and the scripts run as processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import deck_files
from common.typed import set_typed
from courses import SHORT, TEN, Course
from demo import StandIn
from downloads import client, pauses, project  # noqa: F401  (fixtures)
from quick_builds import build
from suite import NOWHERE, ROOT, SETTINGS, Suite, clean_environment
from traces import SHORT_TMP, clear

if TYPE_CHECKING:
    from shared_browser import SharedBrowser

# In this process too, no test may reach another host.
sys.path.append(str(ROOT / "tests" / "guard"))
import sitecustomize as guard  # noqa: F401


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask for the shared browser; those that start one of their own have the mark already."""
    for item in items:
        takes_long = item.get_closest_marker("stress") or item.get_closest_marker("grid")
        if takes_long or "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell that runs pytest in the background makes it, and whatever it starts, deaf to SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def nothing_is_typed() -> Iterator[None]:
    """What a test has run of build.py in this process is not what the next one has typed."""
    yield
    set_typed(lambda: False)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """The stand-ins, with the shortest course and as few videos as belong to it, so that a build takes seconds."""
    with short_stand_in() as running:
        yield running


@contextmanager
def short_stand_in() -> Iterator[StandIn]:
    """Run stand-ins with the shortest course, and as few videos as belong to it."""
    with StandIn() as running:
        running.presenter.short_course = 2
        running.vimeo.numbers = {1, 6, 9}
        yield running


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ``ZUME_HOME`` of the test's own, also for code that runs in this process."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in list(os.environ):
        if name.startswith(SETTINGS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ZUME_HOME", str(folder))
    return folder


@pytest.fixture
def suite(home: Path, stand_in: StandIn, request: pytest.FixtureRequest) -> Suite:
    """The scripts, led to the stand-ins."""

    def warm_browser() -> tuple[str, ...]:
        assert request.node.get_closest_marker("browser"), "what needs a browser is marked with it"
        return request.getfixturevalue("warm_browser")

    return Suite(home, clean_environment(**stand_in.environment()), warm_browser)


@pytest.fixture(scope="session")
def finished_build(tmp_path_factory: pytest.TempPathFactory, warm_browser: tuple[str, ...]) -> Path:
    """A folder with ``packages``, made by one build, and the ``home`` that knows of it."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "home").mkdir()
    with short_stand_in() as running:
        suite = Suite(folder / "home", clean_environment(**running.environment()), lambda: warm_browser)
        done = build(suite, folder / "packages", "--session-id", "first")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def done(suite: Suite, stand_in: StandIn, finished_build: Path, tmp_path: Path) -> Suite:
    """A suite with one finished build, ``first``, of a package in ``packages``: a copy of one that was made once."""
    shutil.copytree(finished_build / "packages", tmp_path / "packages")
    shutil.copytree(finished_build / "home", suite.home, dirs_exist_ok=True)
    state = suite.home / "temp" / "first" / "build_config.json"
    state.write_text(state.read_text(encoding="utf-8").replace(str(finished_build), str(tmp_path)), encoding="utf-8")
    # The site of that build is gone; the same one is at another port now.
    for manifest in (tmp_path / "packages").glob("*/*/manifest.json"):
        text = manifest.read_text(encoding="utf-8")
        old, new = json.loads(text)["site"].rpartition(":")[2], stand_in.site_url.rpartition(":")[2]
        manifest.write_text(text.replace(f":{old}/", f":{new}/"), encoding="utf-8")
    return suite


@pytest.fixture(scope="session")
def browser() -> Iterator[SharedBrowser]:
    """A browser for pictures of the size ``SMALL`` that all tests of this process share."""
    from shared_browser import SharedBrowser

    shared = SharedBrowser()
    yield shared
    shared.end()


@pytest.fixture(scope="session")
def warm_browser(browser: SharedBrowser) -> Iterator[tuple[str, ...]]:
    """The argument that makes builds use the shared browser, as that of a grid: theirs takes longer to start."""
    from warm_browser import WarmBrowser

    with WarmBrowser(browser) as running:
        yield ("--grid-url", running.url)


@pytest.fixture
def browser_at_hand(browser: SharedBrowser, monkeypatch: pytest.MonkeyPatch) -> SharedBrowser:
    """Whatever needs one browser in this process gets the shared one."""
    from slides import browser_pool

    monkeypatch.setattr(browser_pool, "Browser", lambda *_: browser)
    browser.forget()
    return browser


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses between the tries of what this process asks of a site."""
    from common import retries
    from slides import presenter

    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(presenter, "_PAUSE_WHEN_TOO_MANY", 0.05)


@pytest.fixture
def take_slides(
    suite: Suite, browser_at_hand: SharedBrowser, quick_retries: None
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs part 3 in this process, with the shared browser and short pauses between its tries."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        with browser_at_hand.lent():
            return suite.main(3, *arguments, "--browsers", "1", **environment)

    return run


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
def real_course(tmp_path: Path) -> Course:
    """A short curriculum, complete, with pictures and videos that programs can show."""
    return deck_files.real_course(tmp_path / "es")


@pytest.fixture
def published(real_course: Course) -> Course:
    """The same with its package."""
    real_course.publish()
    return real_course


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The same, made once for all that only look at it."""
    course = deck_files.real_course(tmp_path_factory.mktemp("whole") / "es")
    course.publish()
    return course


@pytest.fixture(scope="session")
def deck(whole: Course) -> deck_files.DeckFile:
    """The deck of ``whole``, to be looked at only."""
    return deck_files.deck_of(whole, whole.project.path.parent / "deck.pptx")


@pytest.fixture
def own_tmp(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for temporary files, by which processes are known. Short, because browsers make sockets in it."""
    tmp_path_factory.getbasetemp()  # made when it is first asked for, it must not lie in the folder that goes
    folder = Path(tempfile.mkdtemp(prefix="zt", dir=SHORT_TMP))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    clear(folder)
