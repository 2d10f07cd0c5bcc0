"""The command line that does without questions what they have settled."""

from __future__ import annotations

import shlex
import subprocess
import sys

import build
import pytest

from cli.command_line import without_questions


def test_it_has_all_that_was_given_or_answered_and_nothing_else():
    words = ["-l", "Spanish", "-c", "intensive_session,ten_session", "--no-decks", "--skip", "slides", "--wait", "7"]
    words += ["--number", "6=100", "--number", "7=200", "--keep-going", "--json", "--session-id", "mine", "--quiet"]
    arguments = build.parse(words)

    assert without_questions(arguments, "es", "/packages") == (
        "python build.py --language es --folder /packages --quiet --keep-going --no-decks "
        "--curriculum ten_session,intensive_session --number 06=100 --number 07=200 --wait 7 "
        "--skip slides --json --yes"
    )


@pytest.mark.parametrize("folder", ["/my packages", "/it's", '/"so"', "/$HOME;x", "/*", "/日本 語"])
def test_it_is_quoted_for_the_shell(folder):
    line = without_questions(build.parse([]), "es", folder)

    assert build.parse(shlex.split(line)[2:]).folder == folder
    there = subprocess.run(["sh", "-c", f'set -- {line}; printf %s "$6"'], capture_output=True, text=True, check=True)
    assert there.stdout == folder


def test_it_is_quoted_for_the_prompt_of_windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")

    line = without_questions(build.parse([]), "es", r"C:\my packages")
    assert r'--folder "C:\my packages" --yes' in line
