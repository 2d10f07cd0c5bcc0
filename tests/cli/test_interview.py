"""What the questions about the language, the folder and the settings make of every answer."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from answering import Answers
from cli.ask_settings import ask_curricula, ask_decks, ask_quality
from cli.interview import ask_folder, ask_language
from common.errors import BuilderError, Quit
from common.prompts import choose
from suite import NOWHERE


@pytest.fixture(autouse=True)
def _nobody_else_is_asked(monkeypatch):
    monkeypatch.setenv("ZUME_SITE_URL", NOWHERE)


def test_enter_is_no_language_that_could_be_wrong(monkeypatch, capsys):
    asked = Answers(monkeypatch, ["", "fr"])

    assert ask_language() == "fr"
    assert len(asked.questions) == 2
    assert "is not" not in capsys.readouterr().out


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_what_follows_a_question_without_an_answer_does_not_stand_behind_it(end, monkeypatch, capsys):
    def stop(question):
        print(question, end="")
        raise end

    monkeypatch.setattr("builtins.input", stop)

    with pytest.raises((BuilderError, KeyboardInterrupt)):
        ask_language()
    assert capsys.readouterr().out.endswith(": \n")


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (["es"], "es"),
        (["ES"], "es"),
        (["ar-jo"], "ar_jo"),
        (["AR_JO"], "ar_jo"),
        (["Spanish"], "es"),
        (["  español\t"], "es"),
        ([unicodedata.normalize("NFD", "ESPAÑOL")], "es"),
        (["sw"], "swa"),
        (["Kiswahili"], "swa"),
        # As a name comes along from a page that is read from right to left.
        (["\u200f\u2067العربية\u2069 "], "ar"),
        # A name that several have, by number, by code, by name, and by one that is no better.
        (["Chinese", "2"], "zhtw"),
        (["Chinese", "zhcn"], "zhcn"),
        (["chinese", "Chinese (Traditional)"], "zhtw"),
        (["中文", "中文", "1"], "zhcn"),
        (["Chinese", "", "fr"], "fr"),
        (["Chinese", "3", "2"], "zhtw"),
        (["Chinese", "0", "fr"], "fr"),
        (["Chinese", "?", "1"], "zhcn"),
        # Near misses.
        (["Spansh", ""], "es"),
        (["Portugese", "y"], "pt"),
        (["Portugese", "n", "fr"], "fr"),
        (["Spansh", "?", "y"], "es"),
        (["no such language", "fr"], "fr"),
        (["9" * 5000, "fr"], "fr"),
        (["?", "fr"], "fr"),
    ],
)
def test_a_language_is_understood_by_any_of_its_names_or_asked_about(answers, code, monkeypatch):
    asked = Answers(monkeypatch, answers)

    assert ask_language() == code
    assert len(asked.questions) == len(answers)


def test_a_near_miss_is_suggested_and_a_shared_name_lists_whom_it_may_mean(monkeypatch, capsys):
    asked = Answers(monkeypatch, ["Spansh", "n", "Chinese", "1"])
    ask_language()

    assert asked.questions[1] == "Did you mean Spanish (es)? (Y/n): "
    assert asked.questions[3] == "Which one (number, code or name; Enter for none): "
    shown = capsys.readouterr().out.splitlines()
    assert "  1  zhcn  Chinese (Simplified), 中文（简体）" in shown
    assert "  2  zhtw  Chinese (Traditional), 中文（繁體）" in shown


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("", "twenty_session"),
        ("1", "all"),
        ("2", "ten_session"),
        ("2,4", "ten_session,intensive_session"),
        (" 4 , 2 ", "ten_session,intensive_session"),
        ("2,3,4", "all"),
        ("ALL", "all"),
        ("Ten_Session", "ten_session"),
        # 10 is no number of the list, and the name of a folder.
        ("10", "ten_session"),
        ("10 sessions, intensive", "ten_session,intensive_session"),
        ("20", "twenty_session"),
    ],
)
def test_curricula_are_named_by_numbers_or_words_and_enter_takes_what_is_offered(answer, value, monkeypatch):
    asked = Answers(monkeypatch, ["5", "nine", ",", answer])

    assert ask_curricula("twenty_session") == value
    assert "[twenty_session]" in asked.questions[0]


@pytest.mark.parametrize(
    ("answer", "value"),
    [("", "480p"), ("1", "best"), ("2", "1080p"), ("3", "480p"), ("1080P", "1080p"), ("720", "720p"), ("best", "best")],
)
def test_the_quality_is_named_by_number_or_word_and_sizes_stand_beside_the_choices(answer, value, monkeypatch, capsys):
    Answers(monkeypatch, ["4k", "9", answer])

    assert ask_quality("480p", {"best": "6.4 GB", "1080p": "1.1 GB"}) == value
    shown = capsys.readouterr().out.splitlines()
    assert "  1  best     6.4 GB" in shown
    assert "  2  1080p    1.1 GB" in shown
    # What the package has may not be among the choices.
    assert "  3  480p" in shown


def test_a_folder_that_is_named_q_can_be_given_and_nothing_is_made_by_the_question(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    asked = Answers(monkeypatch, ["./file", "?", "./q", "y"])

    assert ask_folder(Path("/offered")) == tmp_path / "q"
    assert len(asked.questions) == 4
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.parametrize("answer", ["q", "Q", " q "])
@pytest.mark.parametrize(
    ("ask", "before"),
    [
        (ask_language, []),
        (ask_language, ["Spansh"]),
        (ask_language, ["Chinese"]),
        (ask_language, ["zz"]),
        (lambda: ask_folder(Path("/offered")), []),
        (lambda: ask_folder(Path("/offered")), ["./there-is-none"]),
        (lambda: ask_curricula("all"), []),
        (lambda: ask_decks(False), ["?"]),
        (lambda: ask_quality("best", {}), []),
    ],
)
def test_every_question_is_left_with_q(ask, before, answer, monkeypatch):
    asked = Answers(monkeypatch, [*before, answer])

    with pytest.raises(Quit):
        ask()
    assert len(asked.questions) == len(before) + 1


def test_q_at_a_question_of_a_step_is_its_own_quit(monkeypatch):
    Answers(monkeypatch, ["c", "q"])

    assert choose("Setup:", {"y": "continue", "q": "quit"}, {}, {"c": "Once c meant cancel."}) == "quit"
