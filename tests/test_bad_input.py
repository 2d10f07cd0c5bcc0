"""What is wrong from outside: each case gets a sentence and its exit code, and leaves nothing half-done behind."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from builds import QUICK, SMALL, patch, start_quick_pauses
from conftest import BUILD, NOWHERE, PARTS, Suite, clean_environment
from demo import StandIn
from demo.vimeo_faults import Drip
from terminal import Terminal

SECRET = "a-wrong-token-31415926"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of packages with one empty project, ``es``, and beside it a plain file, ``file``."""
    packages = tmp_path / "packages"
    (packages / "es").mkdir(parents=True)
    (tmp_path / "file").write_text("I am a file.", encoding="utf-8")
    return packages


class Row(NamedTuple):
    """One bad input.

    Attributes:
        script: which one: build.py or a part by its number.
        arguments: as in a shell; ``{folder}``, ``{project}`` and ``{file}`` stand for paths.
        code: the expected exit code.
        words: what the message must hold.
        environment: further variables.
        config: the content of ``.config.json``; ``{project}`` works here too.
    """

    script: int | Path
    arguments: str
    code: int
    words: tuple[str, ...]
    environment: Mapping[str, str] = {}
    config: str | None = None


def run_row(row: Row, suite: Suite, folder: Path) -> subprocess.CompletedProcess[str]:
    """Give a script a bad input."""
    names = {"folder": str(folder), "project": str(folder / "es"), "file": str(folder.parent / "file")}

    def fill(text: str) -> str:
        for name, value in names.items():
            text = text.replace("{" + name + "}", value)
        return text

    if row.config is not None:
        (suite.home / ".config.json").write_text(fill(row.config), encoding="utf-8")
    environment = {name: fill(value) for name, value in row.environment.items()}
    return suite.main(row.script, *map(fill, shlex.split(row.arguments)), **environment)


def contents(*folders: Path) -> dict[Path, bytes | None]:
    """Return every file below some folders with its content, and every folder; lock files do not count."""
    paths = [path for folder in folders for path in folder.rglob("*") if path.suffix != ".lock"]
    return {path: None if path.is_dir() else path.read_bytes() for path in paths}


def files(*folders: Path) -> dict[Path, bytes | None]:
    """Return the same without the folders."""
    return {path: content for path, content in contents(*folders).items() if content is not None}


def assert_refused(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Check that a process ended as an expected failure does: exit code, sentence, and no traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    # A program that wraps its lines at the width of a screen that is not there still says the same.
    message = " ".join(done.stderr.split())
    for word in words:
        assert word in message
    assert "Traceback" not in done.stdout + done.stderr
    assert len(message) > 20


def assert_nothing_half_done(*folders: Path) -> None:
    """Check that there is no partial file, and none of what only a finished step may make."""
    paths = [path for folder in folders for path in folder.rglob("*")]
    assert [path for path in paths if path.suffix in (".part", ".mp4", ".png", ".html")] == []
    assert [path for path in paths if path.name.startswith(".output")] == []


# --- What the program can know before it does anything ----------------------------------------------------------------

THREE_WAYS = ("--language-code", "ZUME_LANGUAGE_CODE", ".config.json")
NOT_A_CODE = ("is not a language code", "2 to 16 letters")

NO_LANGUAGE = [
    Row(BUILD, "-f {folder} -y", 1, ("No language", "--language")),
    Row(1, "-f {folder}", 1, ("No language", "--language")),
    Row(2, "--project-path {project}", 1, THREE_WAYS),
    Row(3, "--project-path {project}", 1, THREE_WAYS),
    Row(2, "--project-path {project} --language-code ' '", 1, THREE_WAYS, {"ZUME_LANGUAGE_CODE": " "}),
    Row(2, "--project-path {project}", 1, THREE_WAYS, config='{"language_code": ""}'),
]
NO_PROJECT = [
    Row(BUILD, "-l es -y", 1, ("No folder", "--folder")),
    Row(BUILD, "-l es -y -f ~nobody-at-all/x", 1, ("cannot be a folder", "Check the path")),
    Row(BUILD, f"-l es -y -f {'x' * 300}", 1, ("cannot be a folder", "too long")),
    Row(1, "-l es -f ~nobody-at-all/x", 1, ("cannot be a folder", "Check the path")),
    Row(4, "--project-path ~nobody-at-all/es", 1, ("cannot be a folder", "Check the path")),
    Row(1, "-l es", 1, ("No folder", "--folder")),
    *(
        Row(part, "--language-code es", 1, ("--project-path", "ZUME_PROJECT_PATH", ".config.json"))
        for part in (2, 3, 4, 5)
    ),
]
BAD_CODES = [
    *(
        Row(script, f"{flag} {code} {place}", 2, (*NOT_A_CODE, code))
        for script, flag, place in (
            (BUILD, "-l", "-f {folder} -y"),
            (1, "-l", "-f {folder}"),
            *((part, "--language-code", "--project-path {project}") for part in (2, 3, 4, 5)),
        )
        for code in ("../x", "e")
    ),
    *(
        Row(part, place, 1, (*NOT_A_CODE, code, "ZUME_LANGUAGE_CODE"), {"ZUME_LANGUAGE_CODE": code})
        for part, place in ((1, "-f {folder}"), *((part, "--project-path {project}") for part in (2, 3, 4, 5)))
        for code in ("../x", "e")
    ),
    *(
        Row(part, place, 1, (*NOT_A_CODE, "../x", ".config.json"), config='{"language_code": "../x"}')
        for part, place in ((1, "-f {folder}"), *((part, "--project-path {project}") for part in (2, 3, 4, 5)))
    ),
    Row(BUILD, "-l es -f {folder} -y --session-id ../x", 2, ("session id",), {"VIMEO_ACCESS_TOKEN": SECRET}),
    Row(2, "--project-path {project} --language-code es --session-id a/b", 2, ("session id",)),
    Row(4, "--project-path {project}", 1, ("session id", "ZUME_SESSION_ID"), {"ZUME_SESSION_ID": "a/b"}),
]
BAD_FOLDERS = [
    Row(BUILD, "-l es -f {file} -y", 1, ("is a file, not a folder", "file"), {"VIMEO_ACCESS_TOKEN": SECRET}),
    Row(BUILD, "-l es -f {file}/deeper -y", 1, ("is a file, not a folder",), {"VIMEO_ACCESS_TOKEN": SECRET}),
    Row(1, "-l es -f {file}", 1, ("is a file, not a folder", "--folder")),
    *(Row(part, "--project-path {file} --language-code es", 1, ("{file}",)) for part in (2, 3, 4, 5)),
    # In /proc and /sys nobody can make anything, root neither.
    Row(BUILD, "-l es -f /proc/zume -y", 1, ("/proc", "cannot be", "--folder"), {"VIMEO_ACCESS_TOKEN": SECRET}),
    Row(1, "-l es -f /proc/zume", 1, ("/proc/zume", "cannot be made", "--folder")),
    *(
        Row(part, "--project-path /sys/kernel --language-code es", 1, ("/sys/kernel cannot be written",))
        for part in (2, 3, 4, 5)
    ),
    *(
        Row(part, "--project-path {folder}/fr --language-code fr", 1, ("/fr does not exist", "--project-path"))
        for part in (2, 3, 4, 5)
    ),
]
BROKEN_FILES = [
    *(
        Row(part, "", 1, (".config.json", f"line {line}", "delete the file", "--project-path"), config=config)
        for part in PARTS
        for config, line in (('{"language_code": "es",\n  "project_path"\n}', 3), ('["es"]', 1))
    ),
    Row(3, "--project-path {project}", 1, (".config.json", "language_code"), config='{"language_code": 5}'),
]
WRONG_USAGE = [
    Row(BUILD, "-l es -f {folder} -y --curriculum fifty", 2, ("--curriculum", "fifty", "ten_session")),
    Row(3, "--project-path {project} --language-code es -c fifty", 2, ("--curriculum", "fifty", "ten_session")),
    Row(BUILD, "-l es -f {folder} -y --skip foo", 2, ("--skip", "foo", "setup, videos, slides, rename")),
    Row(1, "-l es -f {folder} --skip foo", 2, ("--skip", "foo", "vimeo")),
    Row(1, "-l es -f {folder} -i", 2, ("--force-interactive", "terminal")),
    *(
        Row(script, f"{place} {argument} {value}", 2, (argument, value))
        for script, place, arguments in (
            (BUILD, "-l es -f {folder} -y", ("--max-workers", "--browsers", "--width", "--wait", "--quality")),
            (2, "--project-path {project} --language-code es", ("--max-workers", "--quality")),
            (3, "--project-path {project} --language-code es", ("--browsers", "--width", "--wait", "--settle")),
        )
        for argument in arguments
        for value in {"--width": ("abc",), "--wait": ("-1", "nan"), "--settle": ("-1",), "--quality": ("hd",)}.get(
            argument, ("0",)
        )
    ),
    Row(BUILD, "-l es -f {folder} -y --folder-id abc", 2, ("--folder-id", "abc", "number")),
    Row(BUILD, f"-l es -f {{folder}} -y --grid-url http://me:{SECRET}@127.0.0.1:4444", 2, ("--grid-url", "password")),
    Row(3, f"--project-path {{project}} --grid-url http://me:{SECRET}@127.0.0.1:4444", 2, ("--grid-url", "password")),
    Row(2, "--project-path {project} --language-code es --folder-id 12x", 2, ("--folder-id", "12x", "number")),
    Row(4, "--project-path {project} --link soft", 2, ("--link", "soft", "hard")),
]
NO_BROWSER = [
    Row(3, "--project-path {project} --language-code es", 1, ("no Chrome", "apt-get install chromium"), {"PATH": "-"}),
    Row(
        BUILD,
        "-l es -f {folder} -y",
        1,
        ("no Chrome", "apt-get install chromium"),
        {"PATH": "-", "VIMEO_ACCESS_TOKEN": SECRET},
    ),
    Row(BUILD, "--demo", 1, ("no Chrome", "apt-get install chromium"), {"PATH": "-"}),
    Row(
        3,
        "--project-path {project} --language-code es",
        1,
        ("ZUME_CHROME", "/nowhere/chrome"),
        {"ZUME_CHROME": "/nowhere/chrome"},
    ),
    Row(BUILD, "--demo", 1, ("ZUME_CHROME", "/nowhere/chrome"), {"ZUME_CHROME": "/nowhere/chrome"}),
]
NO_TOKEN = [
    Row(BUILD, "-l es -f {folder} -y", 1, ("VIMEO_ACCESS_TOKEN", ".env", "--skip videos")),
    Row(2, "--project-path {project} --language-code es", 1, ("VIMEO_ACCESS_TOKEN", ".env", "1-setup.py")),
    Row(
        2,
        "--project-path {project} --language-code es",
        1,
        ("VIMEO_ACCESS_TOKEN",),
        {"VIMEO_ACCESS_TOKEN": " ", "VIMEO_CLIENT_SECRET": SECRET},
    ),
]


def named(rows: list[Row]) -> list:
    """Return the rows as parameters, each named after its command line."""
    names = [f"{row.script if isinstance(row.script, int) else row.script.name} {row.arguments}" for row in rows]
    return [
        pytest.param(row, id=f"{number} {name}") for number, (row, name) in enumerate(zip(rows, names, strict=True))
    ]


@pytest.mark.parametrize(
    "row",
    named([*NO_LANGUAGE, *NO_PROJECT, *BAD_CODES, *BAD_FOLDERS, *BROKEN_FILES, *WRONG_USAGE, *NO_BROWSER, *NO_TOKEN]),
)
def test_a_bad_input_is_named_and_nothing_is_touched(row, lone_suite, folder, tmp_path):
    if row.environment.get("PATH"):
        (tmp_path / "empty").mkdir()
        row = row._replace(environment={**row.environment, "PATH": str(tmp_path / "empty")})
    if row.config is not None:
        (lone_suite.home / ".config.json").write_text("", encoding="utf-8")
    before = contents(folder, lone_suite.home)

    done = run_row(row, lone_suite, folder)

    words = [word.replace("{file}", str(tmp_path / "file")) for word in row.words]
    assert_refused(done, row.code, *words)
    after = contents(folder, lone_suite.home)
    assert after.keys() - before.keys() <= made_on_the_way(row, folder)
    assert before.keys() - after.keys() == set()
    assert SECRET not in done.stdout + done.stderr


def made_on_the_way(row: Row, folder: Path) -> set[Path]:
    """Return the folders that a part may have made before it came upon what is wrong."""
    if row in NO_TOKEN and row.script == 2:
        return {folder / "es" / name for name in ("videos", "10", "20", "intensive")}
    return set()


@pytest.mark.parametrize("part", [2, 3, 4, 5])
def test_a_broken_config_file_does_not_matter_where_nothing_is_asked_of_it(part, lone_suite, folder):
    (lone_suite.home / ".config.json").write_text("{", encoding="utf-8")

    done = lone_suite.main(part, "--project-path", folder / "es", "--language-code", "es", "--show-config")

    assert done.returncode == 0, done.stderr
    assert str(folder / "es") in done.stdout
    assert done.stderr == ""


def test_the_setup_goes_on_without_a_token_but_says_what_that_means(lone_suite, folder):
    done = lone_suite.main(1, "-l", "es", "-f", folder)

    assert done.returncode == 0
    assert "VIMEO_ACCESS_TOKEN" in done.stderr
    assert "no videos" in done.stderr
    assert (folder / "es" / "videos").is_dir()


def test_the_demo_looks_for_a_browser_before_it_makes_anything(lone_suite, tmp_path):
    (tmp_path / "empty").mkdir()
    started = time.monotonic()

    done = lone_suite.build("--demo", PATH=str(tmp_path / "empty"))

    assert_refused(done, 1, "no Chrome or Chromium", "apt-get install chromium chromium-driver", "ZUME_CHROME")
    assert time.monotonic() - started < 10
    assert contents(lone_suite.home) == {}


def test_a_failed_check_names_everything_that_is_missing_at_once(lone_suite, folder, tmp_path):
    (tmp_path / "empty").mkdir()

    done = lone_suite.main(BUILD, "-l", "ar_jo", "-f", tmp_path / "file", "--check", PATH=str(tmp_path / "empty"))

    assert_refused(done, 1, "is a file", "No Vimeo folder", "VIMEO_ACCESS_TOKEN", "no Chrome")
    assert "--folder-id" in done.stdout
    assert contents(lone_suite.home) == {}


# --- Closed and empty stdin -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stdin", ["<&-", "</dev/null", "< <(:)"])
@pytest.mark.parametrize(
    ("script", "arguments", "words"),
    [
        (BUILD, "", "--language"),
        (BUILD, "-l es", "--folder"),
        (PARTS[1], "", "--language"),
        (PARTS[2], "", "--project-path"),
    ],
)
def test_with_nobody_to_ask_a_missing_value_is_an_error_that_names_its_flag(
    stdin, script, arguments, words, lone_suite, folder
):
    command = shlex.join([sys.executable, str(script)])
    line = f"{command} {arguments.replace('{folder}', shlex.quote(str(folder)))} {stdin}"

    done = subprocess.run(
        ["/bin/bash", "-c", line],
        env=lone_suite.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert_refused(done, 1, words)
    assert contents(lone_suite.home) == {}


def test_a_build_with_stdin_closed_runs_and_keeps_its_logs(suite, folder):
    arguments = ["-l", "es", "-f", str(folder), "--skip", "slides,rename"]
    line = f"{shlex.join([sys.executable, str(BUILD), *arguments])} <&-"

    done = subprocess.run(
        ["/bin/bash", "-c", line], env=suite.environment, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    (state,) = suite.sessions().values()
    assert "3 downloaded" in Path(state["steps"]["videos"]["log"]).read_text(encoding="utf-8")
    assert "3 downloaded" in done.stdout


# --- What only the services can tell ----------------------------------------------------------------------------------


def with_token(value: str) -> Callable[[StandIn], dict[str, str]]:
    return lambda stand_in: {"VIMEO_ACCESS_TOKEN": value}


def with_empty_folder(stand_in: StandIn) -> dict[str, str]:
    stand_in.vimeo.empty_folders = {"269525"}
    return {}


def with_vimeo_down(stand_in: StandIn) -> dict[str, str]:
    return {"VIMEO_API_URL": NOWHERE}


def with_everything_well(stand_in: StandIn) -> dict[str, str]:
    return {}


def with_site_down(stand_in: StandIn) -> dict[str, str]:
    # Not NOWHERE: a browser does not even try some ports.
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return {"ZUME_SITE_URL": f"http://127.0.0.1:{unused.getsockname()[1]}"}


def with_status(status: int) -> Callable[[StandIn], dict[str, str]]:
    def trouble(stand_in: StandIn) -> dict[str, str]:
        stand_in.presenter.status = status
        return {}

    return trouble


def with_answers_in(code: str) -> Callable[[StandIn], dict[str, str]]:
    def trouble(stand_in: StandIn) -> dict[str, str]:
        stand_in.presenter.answers_in = code
        return {}

    return trouble


def with_unknown_codes_in_english(stand_in: StandIn) -> dict[str, str]:
    stand_in.presenter.unknown_code = "english"
    return {}


VIMEO_TROUBLES = [
    ("a token that is refused", with_token(SECRET), "", ("token", "1-setup.py")),
    ("an unknown folder", with_everything_well, "--folder-id 999999", ("no folder 999999", "team")),
    ("an empty folder", with_empty_folder, "", ("folder 269525 is empty",)),
    ("no Vimeo", with_vimeo_down, "", ("Vimeo cannot be reached", "internet connection")),
]
SITE_TROUBLES = [
    ("no site", with_site_down, "es", ("cannot be reached", "ZUME_SITE_URL")),
    ("404", with_status(404), "es", ("404", "language es")),
    ("500", with_status(500), "es", ("500",)),
    ("another language", with_answers_in("fr"), "es", ("does not serve the language es", "answers in fr")),
    ("an unknown code that gets 404", with_everything_well, "qqq", ("404", "language qqq")),
    ("an unknown code that gets English", with_unknown_codes_in_english, "qqq", ("the language qqq", "in en")),
]


def troubles(rows: list[tuple]) -> list:
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


@pytest.mark.parametrize(("trouble", "arguments", "words"), troubles(VIMEO_TROUBLES))
def test_a_trouble_with_vimeo_is_named_by_part_2(trouble, arguments, words, suite, stand_in, folder, quick_retries):
    suite.environment.update(trouble(stand_in))
    before = files(folder, suite.home)

    done = suite.main(2, "--project-path", folder / "es", "--language-code", "es", *arguments.split())

    assert_refused(done, 1, *words)
    assert files(folder, suite.home) == before


@pytest.mark.parametrize(("trouble", "arguments", "words"), troubles(VIMEO_TROUBLES))
def test_a_trouble_with_vimeo_fails_the_build_at_its_videos(
    trouble, arguments, words, suite, stand_in, folder, tmp_path
):
    start_quick_pauses(suite, tmp_path / "quick")
    suite.environment.update(trouble(stand_in))

    done = suite.main(BUILD, "-l", "es", "-f", folder, "-y", *arguments.split())

    assert_refused(done, 1, *words, "--resume")
    assert_nothing_half_done(folder, suite.home)
    (state,) = suite.sessions().values()
    assert {name: step["status"] for name, step in state["steps"].items()} == {
        "setup": "done",
        "videos": "failed",
        "slides": "pending",
        "rename": "pending",
    }


@pytest.mark.parametrize(("trouble", "language", "words"), troubles(SITE_TROUBLES))
def test_a_trouble_with_the_site_is_named_by_part_3(trouble, language, words, suite, take_slides, stand_in, folder):
    suite.environment.update(trouble(stand_in))
    (folder / language).mkdir(exist_ok=True)
    before = files(folder, suite.home)

    done = take_slides("--project-path", folder / language, "--language-code", language, *QUICK)

    assert_refused(done, 1, *words)
    assert files(folder, suite.home) == before


def test_a_trouble_with_the_site_fails_the_build_at_its_slides(suite, stand_in, folder):
    stand_in.presenter.status = 404

    done = suite.main(BUILD, "-l", "es", "-f", folder, "-y", *suite.quick())

    assert_refused(done, 1, "404", "--resume")
    (state,) = suite.sessions().values()
    assert [step["status"] for step in state["steps"].values()] == ["done", "done", "failed", "pending"]
    assert_nothing_half_done(folder / "es" / "10", suite.home)
    assert not (folder / "es" / "output").exists()


def test_no_secret_is_ever_shown_or_written(suite, folder):
    secrets = {
        "VIMEO_ACCESS_TOKEN": SECRET,
        "VIMEO_CLIENT_ID": "client-id-27182818",
        "VIMEO_CLIENT_SECRET": "client-secret-16180339",
    }
    suite.environment.update(secrets)
    place = ("--project-path", folder / "es", "--language-code", "es")

    with command_lines() as seen:
        runs = runs_of(suite, folder, place)

    assert [done.returncode for done in runs] == [0, 0, 1, 1, 1, 1, 0]
    assert [session["steps"]["videos"]["status"] for session in suite.sessions().values()] == ["failed"]
    everything = "".join(done.stdout + done.stderr for done in runs).encode()
    everything += b"".join(content for content in files(folder, suite.home).values() if content)
    assert b"refuses the access token" in everything
    assert [line for line in seen if b"2-video-download.py" in line]
    for secret in secrets.values():
        assert secret.encode() not in everything
        assert not [line for line in seen if secret.encode() in line]


def test_no_secret_is_shown_or_written_by_a_build_that_succeeds(suite, stand_in, folder):
    """With the token that counts; the one before is refused at the first request."""
    stand_in.vimeo.token = token = "a-good-token-27182818"
    suite.environment["VIMEO_ACCESS_TOKEN"] = token
    arguments = ("-l", "es", "-f", folder, "-y", *suite.quick(), "--verbose", "--json", "--session-id", "first")

    with command_lines() as seen:
        runs = [suite.build(*arguments, "--skip", "rename"), suite.build("--resume", "first", "--skip", "", "--json")]

    assert [done.returncode for done in runs] == [0, 0], runs
    everything = "".join(done.stdout + done.stderr for done in runs).encode()
    everything += b"".join(content for content in files(folder, suite.home).values() if content)
    assert b"received" in everything
    assert token.encode() not in everything
    assert [line for line in seen if b"2-video-download.py" in line]
    assert not [line for line in seen if token.encode() in line]


@contextmanager
def command_lines() -> Iterator[set[bytes]]:
    """Collect the command lines of all processes on the machine, as anybody on it can see them."""
    seen: set[bytes] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.01):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(path.read_bytes())

    watcher = threading.Thread(target=look)
    watcher.start()
    yield seen
    ended.set()
    watcher.join()


def runs_of(suite: Suite, folder: Path, place: Sequence[object]) -> list[subprocess.CompletedProcess[str]]:
    """Run everything that has to do with credentials."""
    return [
        suite.part(1, "-l", "es", "-f", folder, "--save-config"),
        suite.part(1, "--show-config"),
        suite.part(2, *place),
        suite.part(2, *place, "--list-only"),
        suite.build("-l", "es", "-f", folder, "--check"),
        suite.build("-l", "es", "-f", folder, "-y"),
        suite.build("--list-sessions"),
    ]


# --- Ctrl-C and SIGTERM -----------------------------------------------------------------------------------------------

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
        wait_until(lambda: list(videos.glob(".*.part")), "a partial file", process=process)
        done = scene.interrupt(process, number)

        assert_interrupted(done, number)
        scene.assert_nothing_is_left()
    assert [path.suffix for path in files(scene.project)] == [".part"] * len(files(scene.project))
    assert files(scene.project)
    stand_in.vimeo.faults = []
    again = scene.suite.part(2, *scene.place)
    assert again.returncode == 0, again.stderr
    assert len(list(videos.glob("*.mp4"))) == 3
    assert list(videos.glob(".*.part")) == []


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
        "manifest.json",
        "10_progress.json",
    } | {path.name for path in files(scene.project) if path.suffix == ".part"}
    stand_in.presenter.picture_delay = 0
    again = scene.suite.part(3, *scene.place, *QUICK, "--missing-only", "--resume")
    assert again.returncode == 0, again.stderr
    assert taken < set(pictures.glob("*.png"))
    assert len(list(pictures.glob("*.png"))) == 8
    scene.assert_nothing_is_left()


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
    assert (scene.project / "output" / "own.txt").exists()


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
    (state,) = scene.suite.sessions().values()
    assert [step["status"] for step in state["steps"].values()] == ["done", "interrupted", "skipped", "skipped"]
    assert state["steps"]["videos"]["exit_code"] == 128 + number
    assert state["steps"]["videos"]["finished_at"]
    assert "interrupted" in done.stdout
    stand_in.vimeo.faults = []
    again = scene.suite.build("--resume")
    assert again.returncode == 0, again.stderr
    assert len(list(scene.project.glob("videos/*.mp4"))) == 3


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


def test_the_guard_lets_no_process_reach_another_host():
    done = subprocess.run(
        [sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 1)"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "a test must not reach 192.0.2.1" in done.stderr
