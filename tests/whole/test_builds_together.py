"""Two whole builds at the same time: each makes what it makes alone, and neither disturbs the other."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import StandIn
from quick_builds import BUILD, SMALL
from suite import Suite, clean_environment

pytestmark = pytest.mark.browser


class Builds:
    """Builds of two languages: each alone with a home of its own, and both at the same time in one home.

    Attributes:
        alone: the suite and the folder of packages of the lone build of each language.
        together: the home and the folder of the two at once.
        processes: how the two ended, by language.
        written: the paths that each of the two wrote, by language.
        config_seen: how often ``.config.json`` was there, and how often it was looked for.
    """

    LANGUAGES = ("es", "fr")

    def __init__(self, root: Path, stand_in: StandIn) -> None:
        self._environment = clean_environment(**stand_in.environment())
        self.alone = {code: self._suite(root / f"alone-{code}") for code in self.LANGUAGES}
        self.together = self._suite(root / "together")
        for code, suite in self.alone.items():
            done = suite.build(*self._arguments(code, suite))
            assert done.returncode == 0, done.stdout + done.stderr
        self.processes: dict[str, subprocess.CompletedProcess[str]] = {}
        self.written: dict[str, set[Path]] = {}
        self.config_seen = [0, 0]
        self._run_together(root)

    def _suite(self, root: Path) -> Suite:
        (root / "home").mkdir(parents=True)
        return Suite(root / "home", self._environment)

    def _arguments(self, code: str, suite: Suite) -> tuple[object, ...]:
        # One worker: the order of the lines in the log is then no matter of luck.
        few = ("--browsers", "1", "--max-workers", "1")
        return ("-l", code, "-f", self.folder(suite), "-y", *SMALL, *few)

    @staticmethod
    def folder(suite: Suite) -> Path:
        return suite.home.parent / "packages"

    def _run_together(self, root: Path) -> None:
        ended = threading.Event()
        watch = threading.Thread(target=self._look_for_config, args=(ended,))
        watch.start()
        running = {}
        for code in self.LANGUAGES:
            logs = root / f"writes-{code}"
            logs.mkdir()
            # A working directory of its own: a name that is relative to some open folder is logged as if it were here.
            folder = root / f"working-{code}"
            folder.mkdir()
            suite = Suite(self.together.home, {**self._environment, "ZUME_TEST_WRITES": str(logs)})
            running[code] = suite.start(BUILD, *self._arguments(code, suite), cwd=folder)
        for code, process in running.items():
            out, err = process.communicate(timeout=240)
            self.processes[code] = subprocess.CompletedProcess(process.args, process.returncode, out, err)
            lines = b"".join(path.read_bytes() for path in (root / f"writes-{code}").iterdir()).split(b"\n")
            self.written[code] = {Path(os.fsdecode(line)) for line in lines if line}
        ended.set()
        watch.join()

    def _look_for_config(self, ended: threading.Event) -> None:
        while not ended.wait(0.002):
            self.config_seen[0] += (self.together.home / ".config.json").exists()
            self.config_seen[1] += 1

    def files(self, suite: Suite, code: str) -> dict[str, object]:
        """Return the files of one build, project and session, without what has to differ: times, ids and places."""
        ((session, _),) = [(name, state) for name, state in suite.sessions().items() if state["language_code"] == code]
        found: dict[str, object] = {}
        for root in (self.folder(suite) / code, suite.home / "temp" / session):
            for path in root.rglob("*"):
                if path.is_file():
                    name = f"{root.parent.name}/{path.relative_to(root)}"
                    found[_without_stamp(name)] = self._content(path, suite, session)
        return found

    def _content(self, path: Path, suite: Suite, session: str) -> object:
        from PIL import Image

        if path.suffix == ".png":
            with Image.open(path) as picture:
                return picture.size, picture.mode, picture.tobytes()
        if path.suffix in (".mp4", ".jpg"):
            return path.read_bytes()
        text = path.read_text(encoding="utf-8")
        for word, name in ((str(suite.home.parent), "<root>"), (session, "<session>")):
            text = text.replace(word, name)
        return _without_stamp(re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", "<time>", text))


def _without_stamp(text: str) -> str:
    return re.sub(r"\d{8}_\d{6}_|(?<=\"time\": )\d+", "", text)


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builds]:
    with StandIn() as stand_in:
        stand_in.presenter.short_course = 2
        stand_in.vimeo.numbers = {1, 6}
        yield Builds(tmp_path_factory.mktemp("builds"), stand_in)


@pytest.mark.parametrize("code", Builds.LANGUAGES)
def test_a_build_beside_another_makes_what_it_makes_alone(builds, code):
    done = builds.processes[code]
    assert done.returncode == 0, done.stdout + done.stderr

    beside, alone = builds.files(builds.together, code), builds.files(builds.alone[code], code)

    assert beside.keys() == alone.keys()
    assert {name for name in alone if beside[name] != alone[name]} == set()
    # What is compared is really the whole: pictures, videos, package and state.
    endings = {Path(name).suffix for name in alone}
    assert {".png", ".mp4", ".html", ".json", ".log"} <= endings
    assert sum(name.startswith("packages/output/") and name.endswith(".png") for name in alone) == 9
    assert "temp/build_config.json" in alone


def test_the_two_languages_really_differ(builds):
    es, fr = (builds.files(builds.together, code) for code in Builds.LANGUAGES)
    pictures = [name for name in es if name.startswith("packages/10/") and name.endswith(".png")]

    assert pictures
    assert all(es[name] != fr[name] for name in pictures)


def test_two_builds_at_the_same_time_write_no_file_in_common(builds):
    es, fr = (builds.written[code] for code in Builds.LANGUAGES)
    watched = (builds.together.home, Builds.folder(builds.together))

    # A watch that sees nothing proves nothing: it has to have seen the work of every step, and of build.py itself.
    for code, written in builds.written.items():
        project = Builds.folder(builds.together) / code
        for name in ("videos", "10/manifest.json", "videos/download_results.json", "output"):
            assert project / name in written
        assert any(path.parent.parent == builds.together.home / "temp" for path in written)
        assert any(path.suffix == ".lock" for path in written)
    common = {path for path in es & fr if any(path.is_relative_to(folder) for folder in watched)}
    assert {path for path in common if not path.is_dir()} == set()


def test_two_builds_at_the_same_time_never_make_a_config_file(builds):
    found, looked = builds.config_seen

    assert looked > 100
    assert found == 0
    assert not any(path.name == ".config.json" for written in builds.written.values() for path in written)


def test_two_builds_at_the_same_time_have_a_session_each(builds):
    sessions = builds.together.sessions()

    assert sorted(state["language_code"] for state in sessions.values()) == sorted(Builds.LANGUAGES)
    assert all(step["status"] == "done" for state in sessions.values() for step in state["steps"].values())
