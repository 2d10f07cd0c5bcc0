"""The command line that does without questions what they have settled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import build
import pytest

from cli.command_line import without_questions
from suite import ROOT
from systems import words_of


def test_it_has_all_that_was_given_or_answered_and_nothing_else():
    words = ["-l", "Spanish", "-c", "intensive_session,ten_session", "--no-decks", "--skip", "slides", "--wait", "7"]
    words += ["--number", "6=100", "--number", "7=200", "--keep-going", "--json", "--session-id", "mine", "--quiet"]
    arguments = build.parse(words)

    line = without_questions(arguments, "es", "/packages")
    assert line.replace('"', "").partition(" --")[2] == (
        "language es --folder /packages --quiet --keep-going --no-decks "
        "--curriculum ten_session,intensive_session --number 06=100 --number 07=200 --wait 7 "
        "--skip slides --json --yes"
    )


@pytest.mark.parametrize("folder", ["/my packages", "/it's", '/"so"', "/$HOME;x", "/*", "/日本 語"])
def test_it_is_quoted_for_the_shell(folder):
    line = without_questions(build.parse([]), "es", folder)

    assert build.parse(words_of(line)[2:]).folder == folder
    if sys.platform == "win32":
        return
    there = subprocess.run(["sh", "-c", f'set -- {line}; printf %s "$6"'], capture_output=True, text=True, check=True)
    assert there.stdout == folder


def test_it_is_quoted_for_the_prompt_of_windows(monkeypatch):
    # With Windows' own way to look for programs, which newer Pythons take, nothing could be found here.
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr(sys, "platform", "win32")

    line = without_questions(build.parse(["--skip", "slides,rename"]), "es", r"C:\my packages")
    # PowerShell makes two words out of one with a comma.
    assert r'--folder "C:\my packages" --skip "slides,rename" --yes' in line
    assert r" --folder C:\zume-1 " in without_questions(build.parse([]), "es", r"C:\zume-1")
    assert r' --folder "C:\a;b\\" ' in without_questions(build.parse([]), "es", "C:\\a;b\\")


def test_it_is_run_by_the_same_python_from_the_same_place(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    python = Path(".venv", "bin", "python")
    monkeypatch.setattr(sys, "executable", str(ROOT / python))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert without_questions(build.parse([]), "es", "/p").startswith(f"{python} build.py --language")

    monkeypatch.chdir(tmp_path)
    words = words_of(without_questions(build.parse([]), "es", "/p"))
    assert words[:2] == [str(ROOT / python), str(ROOT / "build.py")]


def test_where_python_is_that_python_it_is_called_so(tmp_path, monkeypatch):
    python = tmp_path / ("python.exe" if sys.platform == "win32" else "python")
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(python))
    assert without_questions(build.parse([]), "es", "/p").startswith("python ")
