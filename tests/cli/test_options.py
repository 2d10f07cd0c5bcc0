"""The options that scripts share: one name, one meaning and one value, from build.py's command line to the part's."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace

import build
import pytest

from builds.resume import with_settings
from builds.session import DEFAULT_OPTIONS, REQUIRED_STEPS, BuildSession, Step
from builds.settings import take_options
from builds.steps import STEPS, command
from cli.arguments import numbers_of
from cli.options import KEPT, OPTIONS
from in_process import module_of
from suite import PARTS, ROOT
from systems import absolute
from workspace.package_settings import take_settings

HANDED_ON = [option for option in KEPT if option.parts]
# A value of each option that is not its default, as a user writes it, and as a part has it.
EXAMPLES = {
    "curriculum": (["-c", "ten_session"], "ten_session"),
    "allow_missing": (["--allow-missing"], True),
    "recursive": (["--recursive"], True),
    "max_workers": (["--max-workers", "7"], 7),
    "quality": (["--quality", "720p"], "720p"),
    "video_source": (["--video-source", "mirror"], "mirror"),
    "number": (["--number", "6=100", "--number", "07=200"], ["06=100", "07=200"]),
    "width": (["-w", "640"], 640),
    "height": (["-ht", "360"], 360),
    "wait": (["-wt", "0"], 0.0),
    "settle": (["--settle", "0.25"], 0.25),
    "browsers": (["--browsers", "9"], 9),
    "grid_url": (
        ["--grid-url", "http://127.0.0.1:4444/,http://127.0.0.1:5555"],
        "http://127.0.0.1:4444,http://127.0.0.1:5555",
    ),
    "chrome": (["--chrome", "google-chrome"], "google-chrome"),
    "chromedriver": (["--chromedriver", "/opt/driver"], absolute("/opt/driver")),
    "allow_flawed": (["--allow-flawed"], True),
    "only_changed": (["--only-changed"], True),
    "link": (["--link", "copy"], "copy"),
}


def new_session(*arguments: str) -> BuildSession:
    """Return a build that the command line of build.py sets up."""
    options = dict(DEFAULT_OPTIONS)
    session = BuildSession("5e55104a", "es", "/packages", "/packages/es", "269525", options=options)
    session.steps["decks"] = Step()
    take_options(session, build.parse(arguments))
    return session


def parsed_by(name: str, *words: str):
    """Return what the part of a step reads from a command line."""
    return module_of(ROOT / "parts" / STEPS[name].script).parse(words)


def taken_by(name: str, words=()) -> dict:
    """Return what a part takes that is given a command line, where no package says otherwise."""
    arguments = parsed_by(name, *words)
    take_settings(arguments, None)
    return vars(arguments)


def test_every_option_is_of_parts_that_there_are():
    assert {part for option in OPTIONS.values() for part in option.parts} <= STEPS.keys()
    assert EXAMPLES.keys() == {option.name for option in HANDED_ON}


@pytest.mark.parametrize("option", HANDED_ON, ids=lambda option: option.name)
def test_what_build_py_is_given_its_parts_are_given_also_after_the_state_was_read_back(option):
    words, value = EXAMPLES[option.name]
    session = new_session(*words)
    session.options = json.loads(json.dumps(session.options))

    for name in STEPS:
        read = vars(parsed_by(name, *command(name, session)[2:]))
        if name in option.parts:
            assert read[option.name] == value
        else:
            assert option.name not in read


def test_a_part_by_itself_takes_what_a_build_takes_that_was_told_nothing():
    for option in HANDED_ON:
        for part in option.parts:
            alone = taken_by(part)[option.name]
            in_build = taken_by(part, command(part, new_session())[2:])[option.name]
            assert alone == in_build, option.name
            assert new_session().option(option.name) == (tuple(alone) if option.is_list else alone)


@pytest.mark.parametrize("option", HANDED_ON, ids=lambda option: option.name)
def test_another_value_repeats_the_steps_whose_outcome_it_changes_and_no_others(option, monkeypatch):
    for step in STEPS.values():
        monkeypatch.setitem(STEPS, step.name, as_if_it_held(step))
    words, value = EXAMPLES[option.name]
    session = new_session()
    for step in session.steps.values():
        step.status = "done"

    session, reasons = with_settings(session, build.parse(words))

    changed = {name for name, reason in reasons.items() if reason == f"{option.flag} has changed"}
    assert changed == (set(option.parts) if option.remakes else set())
    assert bool(reasons) == option.remakes
    assert session.options[option.name] == value
    for step in session.steps.values():
        step.status = "done"
    for again in ((), words):
        assert with_settings(session, build.parse(again)) == (session, {})
    assert session.options[option.name] == value


def as_if_it_held(step):
    return replace(step, why_not_current=lambda _: "")


def test_the_default_given_to_a_build_that_was_told_nothing_changes_nothing():
    session = new_session()

    assert take_options(session, build.parse(["--quality", "best", "--link", "auto", "--no-recursive"])) == []


@pytest.mark.parametrize("name", ["allow_missing", "allow_flawed", "recursive", "keep_going"])
def test_what_is_allowed_can_be_taken_back(name):
    option = OPTIONS[name]
    session = new_session(option.flag)

    assert take_options(session, build.parse([f"--no-{option.flag[2:]}"])) == [option]
    assert session.option(name) is False


def test_course_numbers_that_are_given_later_join_the_earlier_ones():
    session = new_session("--number", "6=100", "--number", "7=200")
    take_options(session, build.parse(["--number", "07=201", "--number", "8=300"]))

    assert numbers_of(session.option("number")) == {6: "100", 7: "201", 8: "300"}


def test_a_program_with_a_path_is_found_from_any_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    session = new_session("--chrome", "bin/chrome", "--chromedriver", "~/driver")

    assert session.option("chrome") == str(tmp_path / "bin" / "chrome")
    assert session.option("chromedriver").endswith(f"{os.sep}driver")
    assert "~" not in session.option("chromedriver")


@pytest.mark.parametrize("number", PARTS)
@pytest.mark.parametrize(
    ("flags", "name"),
    [(("-p", "--project-path"), "project_path"), (("-l", "--language", "--language-code"), "language_code")],
    ids=["project", "language"],
)
def test_every_part_has_the_same_names_for_its_project_and_language(flags, name, number):
    for flag in flags:
        assert vars(module_of(PARTS[number]).parse([flag, "es"]))[name] == "es"


@pytest.mark.parametrize("flag", ["-l", "--language", "--language-code"])
def test_build_py_has_the_same_names_for_the_language(flag):
    assert build.parse([flag, "es"]).language_code == "es"


@pytest.mark.parametrize("script", [build.parse, *(module_of(PARTS[number]).parse for number in (3, 4, 5))])
@pytest.mark.parametrize("flag", ["-c", "--curriculum"])
def test_every_script_that_has_a_curriculum_has_the_same_names_for_it(flag, script):
    assert script([flag, "ten_session"]).curriculum == "ten_session"


def test_build_py_says_of_each_option_nothing_until_it_is_given():
    arguments = vars(build.parse([]))

    assert {option.name: arguments[option.name] for option in KEPT} == dict.fromkeys(option.name for option in KEPT)


def test_the_steps_that_every_build_has_are_all_but_the_decks():
    assert tuple(STEPS) == (*REQUIRED_STEPS, "decks")


def test_the_readme_says_which_options_are_handed_on_and_which_of_them_repeat_a_part():
    rows = re.findall(r"^\| (\d) \| (.*) \| ?(.*) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = {number: [set(re.findall("--[a-z-]+", column)) for column in columns] for number, *columns in rows}

    for number, (name, step) in enumerate(STEPS.items(), start=1):
        options = [option for option in (*KEPT, OPTIONS["folder_id"]) if name in option.parts]
        expected = [{option.flag for option in options if option.remakes is remakes} for remakes in (True, False)]
        assert told.get(str(number), [set(), set()]) == expected, step.script
