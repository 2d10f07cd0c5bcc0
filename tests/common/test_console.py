"""What becomes of output that does not arrive, and of text that a terminal would obey instead of showing it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from common import console, prompts
from common.formats import duration
from quick_builds import BUILD
from suite import ROOT, clean_environment
from terminal import Terminal

FULL = "/dev/full"
needs_full_disk = pytest.mark.skipif(not Path(FULL).exists(), reason="only Linux has a disk that is always full")
# ESC, BEL, DEL and a C1 control, all of which a terminal obeys, and an override of the direction of writing.
HOSTILE = "\x1b]0;owned\x07\x1b[31mred\x7f\x9b2J\u202eend"
HARMLESS = "�]0;owned��[31mred��2J�end"


@pytest.fixture(autouse=True)
def nothing_lost(monkeypatch):
    """Forget what earlier tests have lost, and how much they have said."""
    monkeypatch.setattr(console, "_MANNER", console._Manner())


# --- Output that does not arrive --------------------------------------------------------------------------------------


def call(suite, script, *arguments, buffered=True, **streams):
    """Run a script whose streams go to special places; return its exit code and what it said on stderr."""
    # Python's own setting: without it output waits in a buffer, and is tried again at the end.
    environment = {name: value for name, value in suite.environment.items() if name != "PYTHONUNBUFFERED"}
    if not buffered:
        environment["PYTHONUNBUFFERED"] = "1"
    streams = {"stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE, **streams}
    done = subprocess.run(suite.command(script, *arguments), env=environment, text=True, check=False, **streams)
    return done.returncode, done.stderr


@pytest.fixture
def full():
    """A file that takes nothing."""
    with Path(FULL).open("w") as file:
        yield file


@needs_full_disk
@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        (BUILD, ("--list-sessions", "--json")),
        (BUILD, ("--list-sessions",)),
        (BUILD, ("-l", "es", "-f", "{folder}", "--skip", "setup,videos,slides,rename", "--json")),
        (2, ("--list-languages",)),
        (3, ("--show-config",)),
        (4, ("--dry-run", "--allow-missing")),
    ],
)
def test_an_answer_that_cannot_be_written_is_a_failure(script, arguments, buffered, full, course, lone_suite):
    lone_suite.environment["ZUME_PROJECT_PATH"] = str(course.project.path)
    filled = [word.format(folder=course.project.path.parent) for word in arguments]

    code, said = call(lone_suite, script, *filled, buffered=buffered, stdout=full)

    assert code == 1
    assert said.splitlines() == [
        "Error: The output could not be written: No space left on device.",
        "  Free some space there, or send the output elsewhere.",
    ]


@pytest.mark.browser
@needs_full_disk
@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_a_check_whose_table_cannot_be_written_has_failed(arguments, full, suite, tmp_path):
    code, said = call(suite, BUILD, "-l", "es", "-f", tmp_path, "--check", *arguments, stdout=full)

    assert code == 1
    assert said.startswith("Error: The output could not be written")


@needs_full_disk
@pytest.mark.parametrize("buffered", [True, False])
def test_lines_about_the_work_that_cannot_be_written_end_nothing(buffered, full, suite, tmp_path):
    place = ("--language", "es", "--folder", tmp_path)

    assert call(suite, 1, *place, buffered=buffered, stdout=full) == (0, "")
    assert (tmp_path / "es" / "intensive").is_dir()


@needs_full_disk
def test_a_build_whose_lines_cannot_be_written_is_done_to_its_end(full, suite, tmp_path):
    place = ("-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename", "--session-id", "one", "--json")
    code, said = call(suite, BUILD, *place, stdout=full)

    assert code == 1
    assert said.startswith("Error: The output could not be written")
    assert suite.sessions()["one"]["steps"]["videos"]["status"] == "done"


@needs_full_disk
def test_errors_that_cannot_be_written_leave_the_exit_code_as_it_is(full, lone_suite):
    code, _ = call(lone_suite, BUILD, "--resume", "none", stderr=full)

    assert code == 1


@pytest.mark.parametrize("buffered", [True, False])
def test_a_closed_pipe_is_no_failure(buffered, lone_suite):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert call(lone_suite, 2, "--list-languages", buffered=buffered, stdout=writing) == (0, "")
    finally:
        os.close(writing)


WORKING = """
import time
import common.console, common.script

def main(_):
    while True:
        common.console.print_result("working")
        time.sleep(0.01)

raise SystemExit(common.script.run(main))
"""


def test_a_terminal_that_was_taken_away_is_no_failure_of_its_own(tmp_path):
    environment = clean_environment(PYTHONPATH=str(ROOT / "parts"))
    environment.pop("PYTHONUNBUFFERED", None)
    with Terminal([sys.executable, "-c", WORKING], environment, tmp_path) as terminal:
        terminal.expect("working")
        terminal.hang_up()

        assert terminal.process.wait(timeout=30) == 129


def test_what_could_not_be_written_is_not_written_again_with_the_next_line(monkeypatch, capsys):
    def fail():
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(sys.stdout, "flush", fail)
        console.say("one")
    capsys.readouterr()
    console.say("two")

    assert capsys.readouterr().out == "two\n"


SHOW_AND_LOOK = """
import time
import common.console
content = common.console.table("Title")
content.add_row("a word")
common.console.show(content)
while common.console.stdout().width != 66:
    time.sleep(0.01)
"""


def test_the_console_looks_at_the_width_of_the_screen_anew_also_after_a_table(tmp_path):
    command = [sys.executable, "-c", SHOW_AND_LOOK]
    with Terminal(command, clean_environment(PYTHONPATH=str(ROOT / "parts")), tmp_path) as terminal:
        terminal.expect("a word")
        terminal.resize(rows=50, columns=66)

        assert terminal.wait(20) == 0


# --- Text that is only text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speak", [console.say, console.print_result, console.warn, console.print_error])
def test_a_line_shows_control_characters_and_obeys_none(speak, capsys):
    speak(f"one\n\t{HOSTILE}\ntwo")

    shown = "".join(capsys.readouterr())
    assert f"one\n        {HARMLESS}\ntwo\n" in shown


def test_a_remedy_shows_control_characters_and_obeys_none(capsys):
    console.print_error("It failed.", HOSTILE)

    assert f"  {HARMLESS}\n" in capsys.readouterr().err


@pytest.mark.parametrize("prepare", [str, console.literal])
def test_a_table_shows_control_characters_and_keeps_its_columns(prepare, capsys):
    content = console.table("Title", "Id")
    content.add_row(prepare(HOSTILE), "first")
    content.add_row("x" * len(HARMLESS), "second")
    console.show(content)

    rows = capsys.readouterr().out.splitlines()[3:5]
    assert rows[0].startswith(f" {HARMLESS}  ")
    assert rows[0].index("first") == rows[1].index("second")


def test_a_row_of_a_table_is_one_line_where_there_is_no_terminal(capsys):
    row = "a row with words in it " * 30
    content = console.table("Title", "Id")
    content.add_row(row, "first")
    console.show(content)

    assert f" {row.strip()}  " in capsys.readouterr().out


def test_a_lone_half_of_a_letter_is_shown_and_isolates_and_letters_stay(capsys):
    console.say("\ud83c \u2067\u0645\u0631\u062d\u0628\u0627\u2069 Zúme 👍")

    assert capsys.readouterr().out == "\ufffd \u2067\u0645\u0631\u062d\u0628\u0627\u2069 Zúme 👍\n"


def test_colours_of_our_own_are_left(tmp_path):
    script = f"import common.console; common.console.print_error({HOSTILE!r})"
    with Terminal([sys.executable, "-c", script], clean_environment(PYTHONPATH=str(ROOT / "parts")), tmp_path) as shown:
        assert shown.wait() == 0

    assert f"\x1b[1;31mError: {HARMLESS}\x1b[0m" in shown.raw


def test_a_question_shows_control_characters_and_obeys_none(monkeypatch):
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "")
    prompts.ask("Folder", default=HOSTILE)

    assert asked == [f"Folder [{HARMLESS}]: "]


BAR = """
import sys, time
from rich.progress import TextColumn
import common.console
with common.console.Bars(TextColumn("{task.description}")) as bars, bars.bar(sys.argv[1], 2) as bar:
    bar.move(1)
    time.sleep(0.2)
"""


def test_a_bar_shows_control_characters_and_obeys_none(tmp_path):
    command = [sys.executable, "-c", BAR, HOSTILE]
    with Terminal(command, clean_environment(PYTHONPATH=str(ROOT / "parts")), tmp_path) as terminal:
        assert terminal.wait() == 0

    assert HARMLESS in terminal.raw
    assert "owned\x07" not in terminal.raw


def test_a_title_reaches_neither_the_terminal_nor_the_log_as_commands(suite, stand_in, tmp_path):
    stand_in.vimeo.titles = {1: f"(01) {HOSTILE}"}
    place = ("-l", "es", "-f", tmp_path, "-y", "--skip", "slides,rename", "--session-id", "one")
    with Terminal(suite.command(BUILD, *place), suite.environment, tmp_path) as terminal:
        assert terminal.wait() == 0

    log = (suite.home / "temp" / "one" / "logs" / "videos.log").read_text(encoding="utf-8")
    for text in (terminal.raw, log):
        assert f"(01) {HARMLESS}" in text
        assert "owned\x07" not in text
        assert not {"\x7f", "\x9b", "\u202e"} & set(text)


@pytest.mark.parametrize(("number", "words"), [(0, "0 slides"), (1, "1 slide"), (2, "2 slides")])
def test_one_thing_is_counted_in_the_singular(number, words):
    assert console.counted(number, "slide") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under 1 s"),
        (0.3, "0.3 s"),
        (1.0, "1 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (12.4, "12 s"),
        (59.7, "1 min 00 s"),
        (73, "1 min 13 s"),
        (3720, "1 h 02 min"),
    ],
)
def test_a_time_span_has_tenths_only_where_they_tell_something(seconds, words):
    assert duration(seconds) == words
