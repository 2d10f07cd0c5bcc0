"""Whole builds, as a user runs them: one alone, one that fails, is stopped, or is gone on with."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from builds import runner
from common.errors import BuilderError
from demo.vimeo_faults import Drip
from quick_builds import BUILD, QUICK, SMALL
from suite import Suite

WRONG_TOKEN = "a-wrong-token-31415926"


def statuses(session: dict) -> dict[str, str]:
    """Return the status of each step of a build."""
    return {name: step["status"] for name, step in session["steps"].items()}


def assert_failed(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Check that a process ended as an expected failure does: exit code, sentence, and no traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def started(suite: Suite, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Start a build in a process group of its own, and interrupt it in the end if it still runs."""
    process = suite.start(BUILD, *arguments, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def wait_until(condition, what: str, seconds: float = 30) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come in {seconds} s"
        time.sleep(0.02)


# --- One build --------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_one_build_makes_the_whole_package_and_sums_it_up(suite, tmp_path):
    done = suite.build("-l", "es", "-f", tmp_path / "packages", "-y", *SMALL)

    assert done.returncode == 0, done.stdout + done.stderr
    project = tmp_path / "packages" / "es"
    for folder in ("10", "20", "intensive"):
        manifest = json.loads((project / folder / "manifest.json").read_text(encoding="utf-8"))
        expected = {f"{slide['position']}{'.mp4' if slide['video'] else '.png'}" for slide in manifest["slides"]}
        assert {path.name for path in (project / "output" / folder).iterdir()} == expected
        pictures, videos = sum(name.endswith(".png") for name in expected), sum("mp4" in name for name in expected)
        assert videos
        assert re.search(rf"output/{folder}\s+{pictures}\s+{videos}\b", done.stdout)
    assert [session["language_code"] for session in suite.sessions().values()] == ["es"]
    summary = done.stdout.rpartition("Build session")[2]
    for step in ("Setup", "Videos", "Slides", "Numbered sequences"):
        assert re.search(rf"{step}\s+done\s+(under )?[\d.]+ s", summary)
    assert f"The package is in {project / 'output'}" in summary
    assert done.stderr == ""


def test_the_state_says_what_was_built_and_how_each_step_went(suite, tmp_path):
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--session-id", "Mine-1", "--skip", "slides,rename")

    assert done.returncode == 0, done.stderr
    state = suite.sessions()["Mine-1"]
    assert {name: state[name] for name in ("session_id", "language_code", "folder_location", "project_path")} == {
        "session_id": "Mine-1",
        "language_code": "es",
        "folder_location": str(tmp_path),
        "project_path": str(tmp_path / "es"),
    }
    assert state["vimeo_folder_id"] == "269525"
    assert state["created_at"]
    assert statuses(state) == {"setup": "done", "videos": "done", "slides": "skipped", "rename": "skipped"}
    for name in ("setup", "videos"):
        step = state["steps"][name]
        assert step["exit_code"] == 0
        assert state["created_at"] <= step["started_at"] <= step["finished_at"]
        assert Path(step["log"]).parent == suite.home / "temp" / "Mine-1" / "logs"
    assert "3 downloaded" in Path(state["steps"]["videos"]["log"]).read_text(encoding="utf-8")
    # What a part printed reached the screen too.
    assert "3 downloaded" in done.stdout


def test_a_drawn_session_id_has_eight_hex_digits(suite, tmp_path):
    suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "videos,slides,rename")

    (name,) = suite.sessions()
    assert re.fullmatch("[0-9a-f]{8}", name)


def test_a_session_id_that_is_taken_is_refused_and_its_state_stays(suite, tmp_path):
    arguments = ("-f", tmp_path, "-y", "--session-id", "mine", "--skip", "videos,slides,rename")
    suite.main(BUILD, "-l", "es", *arguments)
    before = suite.sessions()

    done = suite.main(BUILD, "-l", "fr", *arguments)

    assert_failed(done, 1, "mine is taken", "--resume mine")
    assert suite.sessions() == before != {}


@pytest.mark.browser
def test_the_output_is_shown_as_it_comes(suite, stand_in, tmp_path):
    stand_in.presenter.short_course = 2
    stand_in.presenter.picture_delay = 0.5
    with started(suite, "-l", "es", "-f", tmp_path, "-y", *QUICK) as process:
        came = {}
        for line in process.stdout:
            for words in ("Folders made", "3 downloaded", "4 to take"):
                if words in line:
                    (state,) = suite.sessions().values()
                    came[words] = statuses(state)["slides"]

    assert process.returncode == 0
    assert came["Folders made"] == "pending"
    assert came["3 downloaded"] in ("pending", "running")
    assert came["4 to take"] == "running"


def test_build_never_writes_the_config_file_nor_heeds_one_or_the_environment(suite, tmp_path):
    config = suite.home / ".config.json"
    content = json.dumps({"project_path": str(tmp_path / "file" / "fr"), "language_code": "fr"})
    config.write_text(content, encoding="utf-8")
    elsewhere = {"ZUME_PROJECT_PATH": str(tmp_path / "environment" / "sw"), "ZUME_LANGUAGE_CODE": "sw"}

    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename", **elsewhere)

    assert done.returncode == 0, done.stderr
    assert config.read_text(encoding="utf-8") == content
    assert len(list((tmp_path / "es" / "videos").glob("*Español.mp4"))) == 3
    assert not (tmp_path / "file").exists()
    assert not (tmp_path / "environment").exists()


def test_without_a_config_file_a_build_makes_none(suite, tmp_path):
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename")

    assert done.returncode == 0, done.stderr
    assert {path.name for path in suite.home.iterdir()} == {"temp"}


# --- What build.py tells the parts ------------------------------------------------------------------------------------


@pytest.fixture
def build_script(home: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of build.py, with credentials, in this process."""
    monkeypatch.setenv("VIMEO_ACCESS_TOKEN", "a-token")
    specification = importlib.util.spec_from_file_location("build", BUILD)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def commands(monkeypatch, tmp_path):
    """The command lines of the parts, which are not run."""
    commands = []

    def run_part(command: list[str], *_: object) -> int:
        commands.append(command)
        for name in ("videos", "10", "20", "intensive"):
            (tmp_path / "es" / name).mkdir(exist_ok=True)
        return 0

    monkeypatch.setattr(runner, "run_logged", run_part)
    return commands


@pytest.mark.browser
def test_each_part_is_told_its_place_and_what_belongs_to_it(build_script, commands, tmp_path):
    code = build_script.main(["-l", "es", "-f", str(tmp_path), "-y", "--session-id", "mine"])

    assert code == 0
    assert [Path(command[1]).name for command in commands] == [
        "1-setup.py",
        "2-video-download.py",
        "3-slides-download.py",
        "4-rename-files.py",
    ]
    place = f"--project-path {tmp_path / 'es'} --language-code es --session-id mine".split()
    assert all(command[0] == sys.executable and command[-6:] == place for command in commands)
    own = [" ".join(sorted_pairs(command[2:-6])) for command in commands]
    assert own == [
        f"--folder {tmp_path} --language es",
        "--folder-id 269525",
        "--curriculum all --height 1680 --missing-only --wait 5 --width 3000",
        "--curriculum all",
    ]


@pytest.mark.browser
def test_the_later_parts_are_told_what_was_left_out_on_purpose(build_script, commands, tmp_path):
    left_out = ["--skip", "videos", "--curriculum", "intensive_session", "--decks"]

    assert build_script.main(["-l", "es", "-f", str(tmp_path), "-y", *left_out]) == 0

    own = {Path(command[1]).name: " ".join(sorted_pairs(command[2:-6])) for command in commands}
    assert own["4-rename-files.py"] == own["5-decks.py"] == "--curriculum intensive_session --without-videos"


def sorted_pairs(arguments: list[str]) -> list[str]:
    """Return flags with their values, ordered by flag."""
    return sorted(" ".join(arguments).replace(" --", "\n--").split("\n")) if arguments else []


def test_a_setup_that_makes_no_folders_has_failed(build_script, monkeypatch, tmp_path, home, capsys):
    monkeypatch.setattr(runner, "run_logged", lambda *_: 0)

    with pytest.raises(BuilderError, match="These steps failed: Setup"):
        build_script.main(["-l", "es", "-f", str(tmp_path), "-y", "--skip", "slides"])

    complaints = capsys.readouterr().err
    assert all(f"has not made {tmp_path / 'es' / name}" in complaints for name in ("videos", "10", "20", "intensive"))
    (state,) = Suite(home, {}).sessions().values()
    assert statuses(state) == {"setup": "failed", "videos": "pending", "slides": "skipped", "rename": "pending"}


def test_the_setup_cannot_be_skipped_for_a_project_that_is_not_there(suite, tmp_path):
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "setup")

    assert_failed(done, 1, f"{tmp_path / 'es'} does not exist", "Do not skip the setup")
    assert not (tmp_path / "es").exists()
    assert suite.sessions() == {}


# --- Failure, and going on --------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_build_stops_at_the_first_part_that_fails(suite, tmp_path):
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", VIMEO_ACCESS_TOKEN=WRONG_TOKEN)

    ((name, state),) = suite.sessions().items()
    assert_failed(done, 1, "Vimeo refuses the access token", "Videos", f"--resume {name}")
    assert statuses(state) == {"setup": "done", "videos": "failed", "slides": "pending", "rename": "pending"}
    assert state["steps"]["videos"]["exit_code"] == 1
    assert "Vimeo refuses the access token" in Path(state["steps"]["videos"]["log"]).read_text(encoding="utf-8")
    assert state["steps"]["slides"]["log"] is None
    summary = done.stdout.rpartition("Build session")[2]
    assert re.search(r"Videos\s+failed \(exit code 1\)\s+(under )?[\d.]+ s", summary)
    assert re.search(r"Slides\s+not run", summary)


@pytest.mark.browser
def test_with_keep_going_the_later_parts_run_though_one_has_failed(suite, stand_in, tmp_path):
    stand_in.presenter.short_course = 2
    arguments = ("-l", "es", "-f", tmp_path, "-y", *suite.quick(), "--keep-going", "--allow-missing")

    done = suite.main(BUILD, *arguments, VIMEO_ACCESS_TOKEN=WRONG_TOKEN)

    assert_failed(done, 1, "failed: Videos")
    (state,) = suite.sessions().values()
    assert statuses(state) == {"setup": "done", "videos": "failed", "slides": "done", "rename": "done"}
    # Where the video is missing stands the picture of its slide.
    assert {path.name for path in (tmp_path / "es" / "output" / "10").iterdir()} == {f"{n}.png" for n in range(1, 5)}


def test_skipped_steps_do_not_run(suite, tmp_path):
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "videos, rename,slides", VIMEO_ACCESS_TOKEN="")

    assert done.returncode == 0, done.stderr
    (state,) = suite.sessions().values()
    assert statuses(state) == {"setup": "done", "videos": "skipped", "slides": "skipped", "rename": "skipped"}
    assert sorted(path.name for path in (tmp_path / "es").iterdir() if path.is_dir()) == [
        "10",
        "20",
        "intensive",
        "videos",
    ]
    assert list((tmp_path / "es" / "videos").iterdir()) == []
    assert re.search(r"Slides\s+skipped", done.stdout)


def test_a_build_is_resumed_by_its_id_or_as_the_last_unfinished_one(suite, tmp_path):
    arguments = ("-f", tmp_path, "-y", "--skip", "slides,rename", "--quality", "360p")
    suite.main(BUILD, "-l", "es", *arguments, "--session-id", "first", VIMEO_ACCESS_TOKEN=WRONG_TOKEN)
    suite.main(BUILD, "-l", "fr", *arguments, "--session-id", "second", VIMEO_ACCESS_TOKEN=WRONG_TOKEN)

    first = suite.main(BUILD, "--resume", "first")

    assert first.returncode == 0, first.stderr
    assert {name: statuses(state)["videos"] for name, state in suite.sessions().items()} == {
        "first": "done",
        "second": "failed",
    }
    assert re.search(r"Setup\s+done before", first.stdout)
    assert "Folders made" not in first.stdout
    results = json.loads((tmp_path / "es" / "videos" / "download_results.json").read_text(encoding="utf-8"))
    assert [(result["status"], result["quality"]) for result in results] == [("success", "360p")] * 3
    last = suite.main(BUILD, "--resume")
    assert last.returncode == 0, last.stderr
    assert "session second" in last.stdout
    assert len(list((tmp_path / "fr" / "videos").glob("*.mp4"))) == 3
    assert set(suite.sessions()) == {"first", "second"}
    assert_failed(suite.main(BUILD, "--resume"), 1, "no unfinished build", "--language")


@pytest.mark.browser
def test_a_resumed_build_takes_its_pictures_in_the_size_it_began_with(suite, stand_in, tmp_path):
    from PIL import Image

    stand_in.presenter.short_course = 2
    stand_in.presenter.status = 404
    failed = suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "videos", *suite.quick())
    stand_in.presenter.status = 200

    done = suite.main(BUILD, "--resume")

    assert failed.returncode == 1
    assert done.returncode == 0, done.stderr
    pictures = list((tmp_path / "es" / "output" / "10").glob("*.png"))
    assert len(pictures) == 4
    assert {Image.open(path).size for path in pictures} == {(600, 336)}
    assert list((tmp_path / "es" / "20").iterdir()) == []


@pytest.mark.parametrize(
    ("given", "code", "words"), [("unknown", 1, "no build session unknown"), ("../temp", 2, "cannot be a session id")]
)
def test_a_session_that_is_not_there_cannot_be_resumed(given, code, words, lone_suite):
    assert_failed(lone_suite.main(BUILD, "--resume", given), code, words)


def test_the_sessions_are_listed_newest_first(suite, tmp_path):
    arguments = ("-f", tmp_path, "-y", "--skip", "slides,rename")
    suite.main(BUILD, "-l", "es", *arguments, "--session-id", "older")
    # The times in the state are whole seconds.
    time.sleep(1)
    suite.main(BUILD, "-l", "fr", *arguments, "--session-id", "newer", VIMEO_ACCESS_TOKEN=WRONG_TOKEN)
    (suite.home / "temp" / "broken").mkdir()
    (suite.home / "temp" / "broken" / "build_config.json").write_text("{", encoding="utf-8")

    done = suite.main(BUILD, "--list-sessions")

    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if "older" in line or "newer" in line]
    assert re.search(r"newer\s+fr\s.* failed: videos", lines[0])
    assert re.search(r"older\s+es\s.* done", lines[1])


# --- Several builds ---------------------------------------------------------------------------------------------------


def test_a_second_build_of_the_same_project_is_told_who_holds_it(suite, stand_in, tmp_path):
    stand_in.vimeo.faults = [Drip(piece=1024, pause=0.05)]
    arguments = ("-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename")
    with started(suite, *arguments, "--session-id", "first") as first:
        wait_until(lambda: list((tmp_path / "es" / "videos").glob(".*.part")), "a partial file")
        before = suite.sessions()

        second = suite.main(BUILD, *arguments)
        resumed = suite.main(BUILD, "--resume", "first")
        part = suite.main(4, "--project-path", tmp_path / "es")

        assert first.poll() is None
        holder = f"build.py (session first, process {first.pid}, since "
        assert_failed(second, 1, f"{tmp_path / 'es'} is in use by {holder}")
        assert_failed(resumed, 1, "is in use by", "session first")
        assert_failed(part, 1, holder)
        assert suite.sessions() == before
        assert [path.name for path in (suite.home / "temp").iterdir()] == ["first"]


def test_a_build_that_was_killed_holds_its_project_no_longer(suite, stand_in, tmp_path):
    stand_in.vimeo.faults = [Drip(piece=1024, pause=0.05)]
    arguments = ("-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename")
    with started(suite, *arguments, "--session-id", "first") as first:
        partial = tmp_path / "es" / "videos"
        wait_until(lambda: list(partial.glob(".*.part")), "a partial file")
        holder = json.loads((tmp_path / "es" / ".zume-part.holder.json").read_text(encoding="utf-8"))
        first.kill()
        first.wait()
        psutil.Process(holder["process"]).kill()
        stand_in.vimeo.faults = []

        again = suite.main(BUILD, "--resume")

    assert again.returncode == 0, again.stderr
    assert len(list(partial.glob("*.mp4"))) == 3
