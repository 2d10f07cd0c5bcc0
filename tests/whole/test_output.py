"""What a run does with its last words where nobody can read them, and that the tests see what users see."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from quick_builds import BUILD
from suite import ROOT, clean_environment
from terminal import open_terminal

SAYING = """
from common.console import say, warn
from common.errors import BuilderError
from common.script import run
def main(_):
    {say}("last words")
    {end}
raise SystemExit(run(main))
"""
ENDS = {
    "done": ("return 0", 0),
    "failed": ("raise BuilderError('It failed.')", 1),
    "terminal lost": ("raise KeyboardInterrupt(1)", 129),
}


def gone_terminal():
    ours, theirs = open_terminal()
    os.close(ours)
    return theirs


def gone_reader():
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("gone", [gone_terminal, gone_reader])
def test_words_that_nobody_can_read_do_not_change_how_a_run_ends(gone, stream, end):
    statement, code = ENDS[end]
    say, other = ("say", "stderr") if stream == "stdout" else ("warn", "stdout")
    nowhere = gone()
    try:
        done = subprocess.run(
            [sys.executable, "-c", SAYING.format(say=say, end=statement)],
            env=clean_environment(PYTHONPATH=str(ROOT / "parts")),
            check=False,
            text=True,
            **{stream: nowhere, other: subprocess.PIPE},
        )
    finally:
        os.close(nowhere)

    assert done.returncode == code
    # Python says so when it fails to write at its own end.
    assert "Exception ignored" not in getattr(done, other)


def test_a_defect_keeps_its_traceback_also_where_nobody_reads_the_output():
    nowhere = gone_terminal()
    done = subprocess.run(
        [sys.executable, "-c", SAYING.format(say="say", end="raise ZeroDivisionError")],
        env=clean_environment(PYTHONPATH=str(ROOT / "parts")),
        check=False,
        text=True,
        stdout=nowhere,
        stderr=subprocess.PIPE,
    )
    os.close(nowhere)

    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("ZeroDivisionError")


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
@pytest.mark.parametrize("setting", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "command", [(BUILD, "--list-sessions", "--json"), (2, "--list-languages")], ids=["line", "table"]
)
def test_an_answer_that_its_file_cannot_take_is_a_failure(command, setting, lone_suite, tmp_path):
    # No file may grow at all: as good as a full disk, and just as real.
    limited = f'ulimit -f 0; trap "" XFSZ; exec "$@" >{tmp_path}/answer.json'
    done = lone_suite.call(["sh", "-c", limited, "sh", *lone_suite.command(*command)], **setting)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: The output could not be written: File too large.\n  Free some space there")
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("name", ["PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "FORCE_COLOR", "NO_COLOR", "COLUMNS"])
def test_the_scripts_do_not_see_what_is_set_for_those_who_test(name, monkeypatch):
    monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PATH_TO_SOMETHING", "kept")

    environment = clean_environment()

    assert name not in environment
    assert environment["PATH_TO_SOMETHING"] == "kept"
    assert clean_environment(**{name: "2"})[name] == "2", "unless a test sets it"
