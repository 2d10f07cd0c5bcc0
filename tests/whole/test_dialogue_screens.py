"""The questions as they stand on screens of several sizes: columns, lines that fit, and how they end."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from course.languages import Language, all_languages
from quick_builds import BUILD
from suite import Suite
from terminal import Terminal

SIZES = [(24, 80), (40, 140)]
# The control sequence that sets the column, counted from 1.
_TO_COLUMN = re.compile(r"\x1b\[(\d+)G")


def at_terminal(suite: Suite, folder: Path, script: int | Path, size: tuple[int, int], *arguments: object) -> Terminal:
    rows, columns = size
    return Terminal(suite.command(script, *arguments), suite.environment, folder, rows, columns)


def places(line: str) -> dict[int, str]:
    """Return the pieces of a line by the columns, from 0, where the terminal is told to write them."""
    first, *others = _TO_COLUMN.split(line)
    return {0: first, **{int(column) - 1: text for column, text in zip(others[::2], others[1::2], strict=True)}}


@pytest.mark.parametrize(("size", "lists"), [((24, 40), 1), *zip(SIZES, (2, 3), strict=True)])
def test_the_languages_stand_in_columns_that_break_no_word(size, lists, lone_suite, tmp_path):
    from rich.cells import cell_len

    with at_terminal(lone_suite, tmp_path, BUILD, size) as terminal:
        terminal.answer("? lists them): ", "?")
        terminal.answer("? lists them): ", "q")
        assert terminal.wait() == 1

    listed = [
        places(line) for line in re.split("\r?\n", terminal.raw) if re.match(r"[a-z_]{2,5} +[A-Z]| {6}[A-Z( ]", line)
    ]
    starts = {column for line in listed for column in line}
    assert len(starts) == lists
    assert max(column + cell_len(text.rstrip()) for line in listed for column, text in line.items()) <= size[1]
    found = {}
    for start in starts:
        for text in (line[start] for line in listed if start in line):
            if text[:1].strip():
                code, first, words = text.split()[0], text, found.setdefault(text.split()[0], [])
            words += text.split()
            # A native name is whole, and has its code before it in the line.
            assert language_named(code).native_name in first
    assert found.keys() == {language.code for language in all_languages()}
    for language in all_languages():
        assert set(language.name.split()) <= set(found[language.code])


def language_named(code: str) -> Language:
    return next(language for language in all_languages() if language.code == code)


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_the_dialogue_fits_the_screen_and_its_last_line_builds_the_same(size, suite, tmp_path):
    with at_terminal(suite, tmp_path, BUILD, size) as terminal:
        terminal.answer("At every question, q quits and ? explains what is asked.\nLanguage (", "Chinese")
        terminal.expect("“Chinese” may be any of these:\n  1  zhcn  Chinese (Simplified), 中文（简体）\n  2  zhtw")
        terminal.answer("Which one (number, code or name; Enter for none): ", "Spansh")
        terminal.answer("Did you mean Spanish (es)? (Y/n): ", "")
        terminal.answer("Folder for the packages", "?")
        terminal.answer("given as ./q.\nFolder for the packages", "my packages")
        terminal.answer("(Y/n): ", "")
        terminal.answer("Use it? (Y/n): ", "?")
        terminal.answer("Use it? (Y/n): ", "")
        terminal.answer("with commas between) [all]: ", "2")
        terminal.answer("(decks)? (y/N): ", "y")
        terminal.expect("Quality of the videos, and what is still to be downloaded:\n  1  best ")
        terminal.answer("Which (number or word) [best]: ", "720")
        terminal.expect("\nWhat this build needs:\n")
        needs = terminal.expect("The same without questions:\n")
        line = terminal.expect("\n")
        terminal.answer("Setup: [y] continue, [s] skip, [q] quit [y]: ", "?")
        terminal.answer("Setup: [y] continue, [s] skip, [q] quit [y]: ", "q")
        assert terminal.wait() == 1

    assert re.search(r"Videos    0\.\d MB, less than a minute at 10 megabits a second\n", needs)
    assert re.search(r"Pictures  4 slides, 1.2 MB, less than a minute with 2 cores\n", needs)
    assert re.search(r"Together  1\.\d MB, less than a minute\n", needs)
    # What follows the questions is as long as the paths are.
    questions = terminal.screen[: terminal.screen.index("The same without questions:")]
    assert [text for text in questions.splitlines() if len(text) > size[1] and str(tmp_path) not in text] == []
    command = ["--language", "es", "--folder", str(tmp_path / "my packages"), "--decks"]
    command += ["--curriculum", "ten_session", "--folder-id", "269525", "--quality", "720p", "--yes"]
    assert shlex.split(line)[2:] == command
    (asked,) = suite.sessions().values()
    suite.main(BUILD, *command, "--skip", "setup,videos,slides,rename,decks", "--session-id", "again")
    # The package remembers the defaults by now, and a build keeps them then.
    assert suite.sessions()["again"]["options"].items() >= asked["options"].items()
    for name in ("language_code", "folder_location", "project_path", "vimeo_folder_id"):
        assert suite.sessions()["again"][name] == asked[name]
    assert suite.sessions()["again"]["steps"].keys() == asked["steps"].keys()


@pytest.mark.parametrize("script", [BUILD, 1])
def test_q_at_the_token_leaves_nothing_behind_and_ends_with_a_plain_line(script, suite, tmp_path):
    del suite.environment["VIMEO_ACCESS_TOKEN"]
    with at_terminal(suite, tmp_path, script, SIZES[0], "-l", "es") as terminal:
        terminal.answer("Folder for the packages", "new")
        terminal.answer("(Y/n): ", "")
        terminal.answer("VIMEO_ACCESS_TOKEN (", "?")
        terminal.expect("Without an account, press Enter.\nVIMEO_ACCESS_TOKEN (needed")
        # A question that is longer than the screen is wide is broken between words.
        terminal.answer("Enter to take the\nvideos from the site's public mirror): ", "q")
        assert terminal.wait() == 1
        assert terminal.echoes

    assert terminal.screen.endswith("Nothing was started or changed.\n")
    assert "Error" not in terminal.screen
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert list(suite.home.iterdir()) == []


@pytest.mark.browser
def test_where_the_services_do_not_answer_that_is_said_in_a_line_and_the_build_goes_on(suite, stand_in, tmp_path):
    suite.environment |= {"VIMEO_API_URL": "http://127.0.0.1:2", "ZUME_SITE_URL": "http://127.0.0.1:2"}
    with at_terminal(
        suite, tmp_path, BUILD, SIZES[0], "-l", "es", "-f", ".", "--folder-id", "7", "--decks"
    ) as terminal:
        terminal.answer("with commas between) [all]: ", "")
        terminal.expect("How large the videos are is not known: ")
        terminal.answer("Which (number or word) [best]: ", "2")
        terminal.expect("  Videos    not known: ")
        terminal.expect("  Pictures  615 slides, 184.5 MB")
        terminal.expect("--quality 1080p --yes")
        terminal.answer("Start the build? (Y/n): ", "")
        terminal.expect("1/5 Setup")
