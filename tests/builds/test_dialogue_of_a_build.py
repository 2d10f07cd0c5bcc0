"""What build.py asks about a new build, what it makes of the answers, and what becomes of nothing if one quits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import build
import pytest

from answering import Answers, sit_down_at
from builds.session import BuildSession
from common.errors import Quit
from in_process import module_of
from suite import PARTS
from systems import words_of
from videos.download_sizes import DownloadSizes
from workspace import credentials

SETUP = module_of(PARTS[1])
TOKEN = "a-token-that-is-typed"


@pytest.fixture
def user(suite, tmp_path, monkeypatch):
    """Somebody at a terminal, in a folder of their own, whose scripts are led to the stand-ins."""
    for name, value in suite.environment.items():
        if name.startswith(("ZUME_", "VIMEO_")):
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(credentials, "_ANSWERED", {})
    for script in (build, SETUP):
        sit_down_at(script, monkeypatch)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return suite


@pytest.fixture
def answer(user, monkeypatch):
    """Start a new build with arguments and answers; return the build and the questions that were asked."""

    def start(arguments: str, *answers: str, step_by_step: bool = True) -> tuple[BuildSession, list[str]]:
        asked = Answers(monkeypatch, answers)
        return build.new_session(build.parse(arguments.split()), step_by_step), asked.questions

    return start


def remember(folder: Path, **settings: object) -> None:
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"schema": 1, **settings}), encoding="utf-8")


def files(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def test_the_answers_are_the_options_of_the_build_and_lead_to_the_line_without_questions(answer, capsys):
    session, questions = answer("--keep-going", "es", "my packages", "y", "", "2,4", "y", "3")
    line = capsys.readouterr().out.rstrip().splitlines()[-1]

    assert len(questions) == 7
    assert re.match(r"\S*python\S* \S*build.py --language es --folder ", line)
    assert line.endswith(" --yes")
    again = build.new_session(build.parse(words_of(line)[2:]))
    for each in (session, again):
        assert each.option("curriculum") == "ten_session,intensive_session"
        assert each.option("quality") == "720p"
        assert each.option("keep_going") is True
        assert "decks" in each.steps
    for name in ("language_code", "folder_location", "project_path", "vimeo_folder_id", "options", "steps"):
        assert getattr(session, name) == getattr(again, name), name
    # It asks nothing.
    assert len(questions) == 7


@pytest.mark.parametrize(
    ("arguments", "answers"),
    [
        ("-l ar_jo -f . --video-source vimeo", ["", "", ""]),
        ("-l es -f . --skip slides,rename,decks", ["n", ""]),
        ("-l es -f . --skip slides,rename,decks", ["n", "709009", ""]),
        ("-l es -f .", ["", "", "n", ""]),
    ],
    ids=["no videos", "the mirror", "another folder", "no decks"],
)
def test_every_other_answer_stands_in_the_line_too(arguments, answers, answer, capsys, tmp_path):
    remember(tmp_path / "here" / "es", decks=True)
    session, _ = answer(arguments, *answers)
    line = capsys.readouterr().out.rstrip().splitlines()[-1]
    again = build.new_session(build.parse(words_of(line)[2:]))

    assert {name: step.status for name, step in session.steps.items()} == {
        name: step.status for name, step in again.steps.items()
    }
    assert (session.vimeo_folder_id if session.option("video_source") != "mirror" else None) == (
        again.vimeo_folder_id if again.option("video_source") != "mirror" else None
    )
    assert session.options == again.options


def test_what_the_package_was_built_with_is_offered_and_enter_takes_it(answer, tmp_path, capsys):
    remember(tmp_path / "here" / "es", curricula=["ten_session"], quality="720p", decks=True, width=600, height=336)
    session, questions = answer("-l es -f .", "", "", "", "")

    assert "[ten_session]" in questions[1]
    assert questions[2].endswith("(decks)? (Y/n): ")
    assert "[720p]" in questions[3]
    assert (session.option("curriculum"), session.option("quality")) == ("ten_session", "720p")
    assert "decks" in session.steps
    # What was not asked about is said, and nothing else.
    assert "As before: 600 x 336\n" in capsys.readouterr().out


def test_a_deck_that_is_declined_is_taken_from_the_build(answer, tmp_path):
    remember(tmp_path / "here" / "es", decks=True)
    session, _ = answer("-l es -f .", "", "", "n", "")

    assert "decks" not in session.steps


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ("-l es -f . --curriculum all", ["Vimeo folder", "decks", "word"]),
        ("-l es -f . --no-decks --folder-id 269525", ["commas", "word"]),
        # Vimeo has no such folder: the mirror gives all videos.
        ("-l es -f . --no-decks --folder-id 7", ["commas"]),
        ("-l es -f . --quality best --decks -c all", ["Vimeo folder"]),
        ("-l es -f . --video-source mirror", ["commas", "decks"]),
        ("-l es -f . --skip videos", ["commas", "decks"]),
        ("-l es -f . --skip slides,rename", ["Vimeo folder", "word"]),
        ("-l es -f . --skip decks --folder-id 269525", ["commas", "word"]),
        ("-l es -f . --skip setup,videos,slides,rename", []),
        ("-l es -f . --yes", []),
        ("-l es -f . --check", []),
    ],
)
def test_only_what_is_not_given_and_of_use_is_asked(arguments, asked, answer):
    _, questions = answer(arguments, *[""] * len(asked))

    assert len(questions) == len(asked), questions
    for question, word in zip(questions, asked, strict=True):
        assert word in question


def test_somebody_who_has_nothing_to_answer_is_shown_no_other_line(answer, capsys):
    answer("-l es -f . --yes")
    answer("-l es -f . --folder-id 7 -c all --decks --quality best")

    assert "without questions" not in capsys.readouterr().out


@pytest.mark.parametrize("script", ["build", "setup"])
def test_whoever_quits_at_any_question_has_changed_nothing(script, user, monkeypatch, tmp_path):
    monkeypatch.delenv("VIMEO_ACCESS_TOKEN")
    new = ["es", "new", "y", TOKEN]
    answers = {
        "build": [*new, "n", "709009", "2", "y", "1"],
        "setup": [*new, "n", "a-client-id", "a-client-secret"],
    }[script]

    def start() -> None:
        build.Build(build.parse([]), False).run() if script == "build" else SETUP.main(["--force-interactive"])

    before = files(tmp_path)
    for count in range(len(answers)):
        credentials._ANSWERED.clear()
        asked = Answers(monkeypatch, answers[:count])
        with pytest.raises(Quit):
            start()
        assert len(asked.questions) == count + 1
        assert files(tmp_path) == before, asked.questions


@pytest.mark.parametrize("script", ["build", "setup"])
def test_the_folder_of_the_newest_build_is_offered(script, user, monkeypatch, tmp_path):
    place = tmp_path / "before"
    place.mkdir()
    session = BuildSession("5e55104a", "es", str(place), str(place / "es"), None)
    session.folder.mkdir(parents=True)
    session.save()
    asked = Answers(monkeypatch, ["es"])
    with pytest.raises(Quit):
        build.new_session(build.parse([])) if script == "build" else SETUP.main([])

    assert asked.questions[1].split() == ["Folder", "for", "the", "packages", f"[{place}]:"]


def test_the_line_and_what_is_needed_hold_no_secret(answer, monkeypatch, capsys):
    monkeypatch.delenv("VIMEO_ACCESS_TOKEN")
    answer("", "es", ".", TOKEN, "", "", "", "")

    assert TOKEN not in capsys.readouterr().out


def test_who_is_not_asked_before_each_step_is_asked_once_whether_to_start(answer):
    session, questions = answer("-l es -c intensive_session", "packages", "y", "", "n", "1", "y", step_by_step=False)
    assert questions[-1].startswith("Start the build?")
    assert session.option("curriculum") == "intensive_session"

    for reply in ("n", "q"):
        with pytest.raises(Quit):
            answer("-l es -c intensive_session", "packages", "y", "", "n", "1", reply, step_by_step=False)


def test_the_qualities_stand_in_the_same_order_whatever_is_still_to_be_downloaded(answer, monkeypatch, capsys):
    sizes = {"1080p": 400, "best": 3, "720p": 20, "source": 900, "360p": 1000}
    monkeypatch.setattr(
        "builds.download_sizes.download_sizes", lambda session: DownloadSizes(sizes, dict.fromkeys(sizes, 0))
    )
    answer("-l es", "packages", "y", "", "all", "n", "best")
    shown = capsys.readouterr().out.partition("Quality of the videos")[2]
    assert re.findall(r"^ +\d  (\w+)", shown, re.M) == ["best", "source", "1080p", "720p", "360p"]
