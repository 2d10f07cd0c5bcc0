"""Ctrl-C and SIGTERM: every script stops at once, leaves nothing behind, and can be gone on with."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo import StandIn
from demo.vimeo_faults import Drip
from quick_builds import BUILD, QUICK, SMALL, patch
from refusals import (
    assert_refused,
    contents,
    files,
    folder,  # noqa: F401 - fixtures
)
from suite import Suite
from systems import signals_needed
from terminal import Terminal

pytestmark = signals_needed
SIGNALS = [signal.SIGINT, signal.SIGTERM]


class Scene:
    """A suite whose processes keep their temporary files in a folder of the test's own, so that leftovers are seen."""

    def __init__(self, suite: Suite, folder: Path, temporary: Path) -> None:
        suite.environment["TMPDIR"] = str(temporary)
        self.suite = suite
        self.folder = folder
        self.project = folder / "es"
        self.place = ("--project-path", str(self.project), "--language-code", "es")
        self.temporary = temporary

    @contextmanager
    def started(self, script: int | Path, *arguments: object) -> Iterator[subprocess.Popen[str]]:
        """Start a script in a process group of its own; whatever happens, it ends with the block."""
        process = self.suite.start(script, *arguments, start_new_session=True)
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            for pid in self.running():
                os.kill(pid, signal.SIGKILL)

    def interrupt(self, process: subprocess.Popen[str], number: signal.Signals) -> subprocess.CompletedProcess[str]:
        """Send a signal as it comes in life, and return how the process ended.

        A terminal's Ctrl-C reaches the whole group; SIGTERM is sent to one process.
        """
        assert process.poll() is None, "it ended before it could be interrupted"
        if number == signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def running(self) -> list[int]:
        """Return the processes that were started for this scene, whoever their parent is by now."""
        mark = os.fsencode(f"ZUME_HOME={self.suite.home}")
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in path.read_bytes().split(b"\0"):
                    found.append(int(path.parent.name))
            except OSError:
                continue
        return found

    def assert_nothing_is_left(self) -> None:
        """Check that no process of this scene runs, and that no browser profile stayed."""
        wait_until(lambda: not self.running(), "the end of every process", 5)
        assert list(self.temporary.glob("zume-chrome-*")) == []


@pytest.fixture
def scene(suite: Suite, folder: Path) -> Iterator[Scene]:
    if not Path("/proc/self/environ").exists():
        pytest.skip("looks for processes in /proc")
    # Not below tmp_path: Chromium makes a socket there, whose path must be short.
    temporary = Path(tempfile.mkdtemp(prefix="zume-"))
    yield Scene(suite, folder, temporary)
    shutil.rmtree(temporary, ignore_errors=True)


def wait_until(
    condition: Callable[[], object], what: str, seconds: float = 30, process: subprocess.Popen[str] | None = None
) -> None:
    """Wait until something is so; a process that has to bring it about must not end before."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process is None or process.poll() is None, f"it ended before {what} came: {process.communicate()}"
        assert time.monotonic() < deadline, f"{what} did not come in {seconds} s"
        time.sleep(0.02)


def assert_interrupted(done: subprocess.CompletedProcess[str], number: int) -> None:
    assert_refused(done, 128 + number, "Interrupted")
    assert "Exception" not in done.stderr


def drip(stand_in: StandIn) -> None:
    """Make every video take some ten seconds."""
    stand_in.vimeo.faults = [Drip(piece=1024, pause=0.05)]


@pytest.mark.parametrize("number", SIGNALS)
def test_the_videos_stop_when_interrupted_and_go_on_next_time(number, scene, stand_in):
    drip(stand_in)
    videos = scene.project / "videos"
    with scene.started(2, *scene.place) as process:
        wait_until(lambda: list(videos.glob(".7*.part")), "a partial file", process=process)
        done = scene.interrupt(process, number)

        assert_interrupted(done, number)
        scene.assert_nothing_is_left()
    records = {"package.json", "download_results.json"}
    assert {path.suffix for path in files(scene.project) if path.name not in records} == {".part"}
    stand_in.vimeo.faults = []
    again = scene.suite.part(2, *scene.place)
    assert again.returncode == 0, again.stderr
    assert len(list(videos.glob("*.mp4"))) == 3
    assert list(videos.glob(".*.part")) == []


@pytest.mark.browser
@pytest.mark.parametrize("number", SIGNALS)
def test_the_slides_stop_when_interrupted_and_go_on_next_time(number, scene, stand_in):
    stand_in.presenter.picture_delay = 0.5
    stand_in.presenter.short_course = 4
    pictures = scene.project / "10"
    with scene.started(3, *scene.place, *QUICK) as process:
        wait_until(lambda: list(pictures.glob("*.png")), "the first picture", process=process)
        done = scene.interrupt(process, number)

        assert_interrupted(done, number)
        scene.assert_nothing_is_left()
    taken = set(pictures.glob("*.png"))
    assert {path.name for path in files(scene.project)} - {path.name for path in taken} <= {
        "package.json",
        "manifest.json",
        "10_progress.json",
    } | {path.name for path in files(scene.project) if path.suffix == ".part"}
    stand_in.presenter.picture_delay = 0
    again = scene.suite.part(3, *scene.place, *QUICK, "--missing-only", "--resume")
    assert again.returncode == 0, again.stderr
    assert taken < set(pictures.glob("*.png"))
    assert len(list(pictures.glob("*.png"))) == 8
    scene.assert_nothing_is_left()


@pytest.mark.browser
@pytest.mark.parametrize("number", SIGNALS)
def test_the_slides_stop_while_their_browser_is_still_starting(number, scene):
    with scene.started(3, *scene.place, *QUICK) as process:
        wait_until(lambda: list(scene.temporary.glob("zume-chrome-*")), "a browser profile", process=process)
        done = scene.interrupt(process, number)

        assert_interrupted(done, number)
        scene.assert_nothing_is_left()


@pytest.mark.parametrize("number", SIGNALS)
def test_the_package_stops_when_interrupted_and_is_made_next_time(number, scene, tmp_path):
    make_pictures(scene.project)
    (scene.project / "output").mkdir()
    (scene.project / "output" / "own.txt").write_text("The user's own.", encoding="utf-8")
    before = files(scene.project)
    environment = dict(scene.suite.environment)
    patch(
        scene.suite,
        tmp_path / "slow",
        "import os, time\nreal = os.link\n"
        "def link(*paths, **options):\n    real(*paths, **options)\n    time.sleep(1)\n"
        "os.link = link\n",
    )
    with scene.started(4, *scene.place, "--allow-missing") as process:
        wait_until(lambda: list(scene.project.glob(".output*/10/*")), "the first file of the package", process=process)
        done = scene.interrupt(process, number)

        assert_interrupted(done, number)
        scene.assert_nothing_is_left()
    after = files(scene.project)
    assert {path for path in after.keys() - before.keys() if ".part" not in {part[-5:] for part in path.parts}} == set()
    assert before.items() <= after.items()
    scene.suite.environment = environment
    again = scene.suite.part(4, *scene.place, "--allow-missing")
    assert again.returncode == 0, again.stderr
    assert {path.name for path in (scene.project / "output" / "10").iterdir()} == {"1.png", "2.png", "3.png"}
    # Whose output that was nobody knows.
    (old,) = scene.project.glob("output.old-*")
    assert [path.name for path in old.iterdir()] == ["own.txt"]


@pytest.mark.parametrize("number", SIGNALS)
def test_the_setup_stops_at_a_question_and_makes_nothing(number, scene):
    scene.suite.environment.pop("VIMEO_ACCESS_TOKEN")
    before = contents(scene.folder, scene.suite.home)
    with Terminal(scene.suite.command(1), scene.suite.environment, scene.folder) as terminal:
        terminal.expect("Language")
        terminal.interrupt(number)

        assert terminal.wait(20) == 128 + number
        assert "Interrupted" in terminal.screen
        assert "Traceback" not in terminal.screen
        scene.assert_nothing_is_left()
    assert contents(scene.folder, scene.suite.home) == before
    again = scene.suite.part(1, "-l", "es", "-f", scene.folder)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("number", SIGNALS)
def test_a_build_stops_in_its_videos_and_can_be_resumed(number, scene, stand_in):
    drip(stand_in)
    with scene.started(BUILD, "-l", "es", "-f", scene.folder, "-y", "--skip", "slides,rename") as process:
        wait_until(lambda: list(scene.project.glob("videos/.*.part")), "a partial file", process=process)
        done = scene.interrupt(process, number)

        assert_interrupted(done, number)
        scene.assert_nothing_is_left()
    ((session, state),) = scene.suite.sessions().items()
    assert done.stderr.splitlines()[-1].endswith(f"Continue with: python build.py --resume {session}")
    assert "run the same command again" not in done.stderr
    assert [step["status"] for step in state["steps"].values()] == ["done", "interrupted", "skipped", "skipped"]
    assert state["steps"]["videos"]["exit_code"] == 128 + number
    assert state["steps"]["videos"]["finished_at"]
    assert "interrupted" in done.stdout
    stand_in.vimeo.faults = []
    again = scene.suite.build("--resume")
    assert again.returncode == 0, again.stderr
    assert len(list(scene.project.glob("videos/*.mp4"))) == 3


@pytest.mark.browser
@pytest.mark.parametrize("number", SIGNALS)
def test_a_build_stops_in_its_slides_with_every_browser(number, scene, stand_in):
    stand_in.presenter.picture_delay = 0.5
    with scene.started(BUILD, "-l", "es", "-f", scene.folder, "-y", "--skip", "videos", *QUICK) as process:
        wait_until(lambda: list(scene.project.glob("10/*.png")), "the first picture", process=process)
        done = scene.interrupt(process, number)

        assert_interrupted(done, number)
        scene.assert_nothing_is_left()
    (state,) = scene.suite.sessions().values()
    assert [step["status"] for step in state["steps"].values()] == ["done", "skipped", "interrupted", "pending"]
    assert state["steps"]["slides"]["exit_code"] == 128 + number
    # The part's own farewell is in its log: it was asked to end, not killed.
    assert "Interrupted" in Path(state["steps"]["slides"]["log"]).read_text(encoding="utf-8")


@pytest.mark.browser
@pytest.mark.parametrize("script", [3, BUILD])
def test_ctrl_c_pressed_again_and_again_still_leaves_nothing_behind(script, scene, stand_in):
    stand_in.presenter.picture_delay = 0.5
    three = (*SMALL, "--browsers", "3", "--curriculum", "ten_session")
    arguments = scene.place if script == 3 else ("-l", "es", "-f", scene.folder, "-y", "--skip", "videos")
    with scene.started(script, *arguments, *three) as process:
        pictures = scene.project / "10"
        wait_until(lambda: list(pictures.glob("*.png")), "the first picture", process=process)
        for _ in range(6):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.02)
            if process.poll() is not None:
                break
        out, err = process.communicate(timeout=30)

        done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
        assert_interrupted(done, signal.SIGINT)
        scene.assert_nothing_is_left()


@pytest.mark.browser
def test_a_driver_whose_port_another_one_took_meanwhile_is_started_again(scene, tmp_path):
    """Selenium looks for a free port, and the driver binds it later: with many builds at once two get the same."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        patch(
            scene.suite,
            tmp_path / "patched",
            "import selenium.webdriver.common.utils as utils\nreal = utils.free_port\n"
            f"ports = [{taken.getsockname()[1]}]\nutils.free_port = lambda: ports.pop() if ports else real()\n",
        )
        done = scene.suite.part(3, *scene.place, *QUICK)

    assert done.returncode == 0, done.stderr
    assert len(list((scene.project / "10").glob("*.png"))) > 3


@pytest.mark.browser
def test_a_run_of_the_slides_leaves_nothing_in_the_temporary_folder(scene):
    done = scene.suite.part(3, *scene.place, *QUICK)

    assert done.returncode == 0, done.stderr
    assert list(scene.temporary.iterdir()) == []


def make_pictures(project: Path) -> None:
    """Give a project three pictures of one curriculum, with a manifest."""
    from PIL import Image

    slides = []
    for position, key in enumerate(("one", "two", "three"), start=1):
        name = f"20260101_120000_session_1_{key}.png"
        (project / "10").mkdir(exist_ok=True)
        Image.effect_noise((60, 34), 50).save(project / "10" / name)
        slide = {"position": position, "session": 1, "key": key, "type": "title", "video": None}
        slides.append({**slide, "file": name, "status": "ok", "error": None})
    manifest = {"language_code": "es", "site": "a test", "curriculum": "ten_session", "slides": slides}
    (project / "10" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
