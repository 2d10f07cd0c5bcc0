"""What is wrong from outside: each case gets a sentence and its exit code, and leaves nothing half-done behind."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from quick_builds import BUILD
from refusals import (
    SECRET,
    assert_refused,
    contents,
    folder,  # noqa: F401 - fixtures
)
from suite import PARTS, Suite, clean_environment
from systems import shell_needed


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


# On Windows no path has so many characters, whatever the length of its names.
TOO_LONG = ("too long for Windows",) if sys.platform == "win32" else ("cannot be a folder", "too long")


NO_PROJECT = [
    Row(BUILD, "-l es -y", 1, ("No folder", "--folder")),
    Row(BUILD, "-l es -y -f ~nobody-at-all/x", 1, ("cannot be a folder", "Check the path")),
    Row(BUILD, f"-l es -y -f {'x' * 300}", 1, TOO_LONG),
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
    Row(
        BUILD,
        "-l es -f {file} -y",
        1,
        ("file is a file, not a folder. Choose another --folder.",),
        {"VIMEO_ACCESS_TOKEN": SECRET},
    ),
    Row(BUILD, "-l es -f {file}/deeper -y", 1, ("is a file, not a folder",), {"VIMEO_ACCESS_TOKEN": SECRET}),
    Row(1, "-l es -f {file}", 1, ("is a file, not a folder", "--folder")),
    *(
        Row(
            part,
            f"--project-path {{file}}{more} --language-code es",
            1,
            ("file is a file, not a folder", "--project-path"),
        )
        for part in (2, 3, 4, 5)
        for more in ("", "/es")
    ),
    *(
        Row(part, "--project-path {folder}/fr --language-code fr", 1, (f"{os.sep}fr does not exist", "--project-path"))
        for part in (2, 3, 4, 5)
    ),
]


# In /proc and /sys nobody can make anything, root neither; Windows has no such place.
FOLDERS_OF_THE_SYSTEM = [
    Row(
        BUILD,
        "-l es -f /proc/zume -y --skip slides,rename",
        1,
        ("/proc", "cannot be", "--folder"),
        {"VIMEO_ACCESS_TOKEN": SECRET},
    ),
    Row(1, "-l es -f /proc/zume", 1, ("/proc/zume", "cannot be made", "--folder")),
    *(
        Row(part, "--project-path /sys/kernel --language-code es", 1, ("/sys/kernel cannot be written",))
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


NO_BER = [
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


PART_2 = "--project-path {project} --language-code es"
NO_TOKEN = [
    Row(BUILD, "-l es -f {folder} -y --video-source vimeo", 1, ("VIMEO_ACCESS_TOKEN", ".env", "--skip videos")),
    Row(2, f"{PART_2} --video-source vimeo", 1, ("VIMEO_ACCESS_TOKEN", ".env", "1-setup.py", "--video-source mirror")),
    Row(
        2,
        f"{PART_2} --video-source vimeo",
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
    named([*NO_LANGUAGE, *NO_PROJECT, *BAD_CODES, *BAD_FOLDERS, *BROKEN_FILES, *WRONG_USAGE, *NO_BER, *NO_TOKEN]),
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


def test_the_demo_looks_for_a_browser_before_it_makes_anything(lone_suite, tmp_path):
    (tmp_path / "empty").mkdir()
    started = time.monotonic()

    done = lone_suite.build("--demo", PATH=str(tmp_path / "empty"))

    assert_refused(done, 1, "no Chrome or Chromium", "apt-get install chromium chromium-driver", "ZUME_CHROME")
    assert time.monotonic() - started < 30
    assert contents(lone_suite.home) == {}


def test_a_failed_check_names_everything_that_is_missing_at_once(lone_suite, folder, tmp_path):
    (tmp_path / "empty").mkdir()

    arguments = ("-l", "ar_jo", "-f", tmp_path / "file", "--check", "--video-source", "vimeo")
    done = lone_suite.main(BUILD, *arguments, PATH=str(tmp_path / "empty"))

    assert_refused(done, 1, "is a file", "No Vimeo folder", "VIMEO_ACCESS_TOKEN", "no Chrome")
    assert "--folder-id" in done.stdout
    assert contents(lone_suite.home) == {}


# --- Closed and empty stdin -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stdin", [pytest.param("closed", marks=shell_needed), "the null device", "a pipe with nothing in it"]
)
@pytest.mark.parametrize(
    ("script", "arguments", "words"),
    [
        (BUILD, (), "--language"),
        (BUILD, ("-l", "es"), "--folder"),
        (PARTS[1], (), "--language"),
        (PARTS[2], (), "--project-path"),
    ],
)
def test_with_nobody_to_ask_a_missing_value_is_an_error_that_names_its_flag(
    stdin, script, arguments, words, lone_suite
):
    command = lone_suite.command(script, *arguments)

    done = subprocess.run(
        with_stdin_closed(command) if stdin == "closed" else command,
        env=lone_suite.environment,
        **({"input": ""} if stdin == "a pipe with nothing in it" else {"stdin": subprocess.DEVNULL}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert_refused(done, 1, words)
    assert contents(lone_suite.home) == {}


@shell_needed
def test_a_build_with_stdin_closed_runs_and_keeps_its_logs(suite, folder):
    command = suite.command(BUILD, "-l", "es", "-f", folder, "--skip", "slides,rename")

    done = suite.call(with_stdin_closed(command))

    assert done.returncode == 0, done.stdout + done.stderr
    (state,) = suite.sessions().values()
    assert "3 downloaded" in Path(state["steps"]["videos"]["log"]).read_text(encoding="utf-8")
    assert "3 downloaded" in done.stdout


def with_stdin_closed(command: list[str]) -> list[str]:
    """Return a command that runs another one with no stdin at all."""
    return ["/bin/bash", "-c", '"$@" <&-', "bash", *command]


def test_the_guard_lets_no_process_reach_another_host():
    done = subprocess.run(
        [sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 1)"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "a test must not reach 192.0.2.1" in done.stderr
