"""What a package remembers of how it was built: the file, and what a part takes from it."""

from __future__ import annotations

import argparse
import json

import pytest

from cli.options import IN_PACKAGE, OPTIONS
from common.errors import BuilderError
from common.records import NewerRecordError
from common.version import VERSION
from workspace.folders import Project
from workspace.package_settings import remember, remembered_settings, take_settings

SETTINGS = {
    "curriculum": "ten_session,intensive_session",
    "width": 640,
    "height": 360,
    "quality": "720p",
    "video_source": "mirror",
    "folder_id": "77/269525",
    "recursive": True,
    "decks": True,
    "link": "copy",
    "allow_flawed": True,
}


@pytest.fixture
def place(tmp_path):
    return Project(tmp_path)


def stored(place):
    return json.loads((place.path / "package.json").read_text(encoding="utf-8"))


def store(place, content):
    (place.path / "package.json").write_text(json.dumps(content), encoding="utf-8")


def open_arguments(**given):
    return argparse.Namespace(**{**{option.name: None for option in IN_PACKAGE}, **given})


def test_these_are_all_the_options_that_a_package_remembers():
    assert SETTINGS.keys() == {option.name for option in IN_PACKAGE}


def test_what_is_remembered_is_read_again(place):
    remember(place, "es", SETTINGS)

    assert remembered_settings(place, ()) == SETTINGS
    assert stored(place) == {
        "schema": 1,
        "version": VERSION,
        "language_code": "es",
        "curricula": ["ten_session", "intensive_session"],
        **{name: value for name, value in SETTINGS.items() if name != "curriculum"},
    }


def test_all_curricula_are_named_in_the_file(place):
    remember(place, "es", {"curriculum": "all"})

    assert stored(place)["curricula"] == ["ten_session", "twenty_session", "intensive_session"]
    assert remembered_settings(place, ()) == {"curriculum": "all"}


def test_what_a_run_does_not_know_stays_as_it_was(place):
    remember(place, "es", SETTINGS)
    remember(place, None, {"quality": "360p"})

    assert remembered_settings(place, ()) == {**SETTINGS, "quality": "360p"}
    assert stored(place)["language_code"] == "es"


def test_a_file_that_says_the_same_already_is_not_written(place):
    remember(place, "es", SETTINGS)
    before = (place.path / "package.json").stat()
    remember(place, "es", SETTINGS)

    after = (place.path / "package.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_file_says_which_version_has_built_the_package_last(place):
    remember(place, "es", SETTINGS)
    store(place, {**stored(place), "version": "0.9.0"})
    remember(place, "es", SETTINGS)

    assert stored(place)["version"] == VERSION


def test_a_package_without_a_file_remembers_nothing(place, capsys):
    assert remembered_settings(place, ()) == {}
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"'])
def test_a_torn_file_ends_the_run_in_one_sentence_and_stays(text, place):
    """With the defaults in its place, another package would be made."""
    (place.path / "package.json").write_text(text, encoding="utf-8")

    for attempt in (lambda: remembered_settings(place, ()), lambda: remember(place, "es", {"width": 640})):
        with pytest.raises(BuilderError, match=r"package\.json cannot be read") as caught:
            attempt()
        assert "remove it" in caught.value.remedy
    assert (place.path / "package.json").read_text(encoding="utf-8") == text


def test_what_is_taken_back_is_not_in_the_file(place):
    remember(place, "es", SETTINGS)
    remember(place, "es", {"folder_id": None})

    assert "folder_id" not in stored(place)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("curricula", ["eleven_session"]),
        ("curricula", []),
        ("curricula", 5),
        ("width", "wide"),
        ("width", 10**9),
        ("width", True),
        ("quality", "../../x"),
        ("folder_id", "../../x"),
        ("recursive", "yes"),
        ("decks", 1),
        ("link", "soft"),
    ],
)
def test_a_value_that_no_option_can_have_ends_a_run_that_needs_it_and_no_other(name, value, place):
    remember(place, "es", SETTINGS)
    store(place, {**stored(place), name: value})
    option = OPTIONS["curriculum" if name == "curricula" else name]

    with pytest.raises(BuilderError, match=rf"package\.json is wrong about {name}: ") as caught:
        remembered_settings(place, SETTINGS)
    assert option.flag in caught.value.remedy
    others = {key: kept for key, kept in SETTINGS.items() if key != option.name}
    assert remembered_settings(place, others) == others
    with pytest.raises(BuilderError):
        take_settings(open_arguments(), place)
    take_settings(open_arguments(**{option.name: "given"}), place)


def test_a_file_of_a_later_version_is_refused_and_not_written(place):
    store(place, {"schema": 2, "width": 640})

    with pytest.raises(NewerRecordError, match="newer version") as caught:
        remembered_settings(place, ())
    assert str(place.path / "package.json") in caught.value.message
    with pytest.raises(NewerRecordError):
        remember(place, "es", SETTINGS)
    assert stored(place) == {"schema": 2, "width": 640}


def test_a_part_takes_from_the_package_what_its_command_line_leaves_open_and_says_so(place, capsys):
    remember(place, "es", SETTINGS)
    arguments = open_arguments(width=800, link="hard")

    assert take_settings(arguments, place) == SETTINGS
    assert vars(arguments) == {**SETTINGS, "width": 800, "link": "hard"}
    assert capsys.readouterr().out.splitlines() == [
        "As before: ten_session and intensive_session, height 360, videos from the mirror alone, 720p, "
        "Vimeo folder 77/269525, with subfolders, decks, flawed slides kept"
    ]


def test_the_size_is_said_as_people_say_it(place, capsys):
    remember(place, "es", {"width": 640, "height": 1680})
    take_settings(open_arguments(), place)

    assert capsys.readouterr().out == "As before: 640 x 1680\n"


def test_what_is_the_same_as_in_a_new_package_is_not_said(place, capsys):
    remember(place, "es", {option.name: option.default for option in IN_PACKAGE if option.default is not None})
    arguments = open_arguments()
    take_settings(arguments, place)

    assert vars(arguments) == {option.name: option.default for option in IN_PACKAGE}
    assert capsys.readouterr() == ("", "")


def test_without_a_package_the_defaults_count():
    arguments = open_arguments(width=800)

    assert take_settings(arguments, None) == {}
    assert vars(arguments) == {**{option.name: option.default for option in IN_PACKAGE}, "width": 800}


def test_an_option_that_a_part_does_not_have_is_not_given_to_it(place):
    remember(place, "es", SETTINGS)
    arguments = argparse.Namespace(link=None)
    take_settings(arguments, place)

    assert vars(arguments) == {"link": "copy"}
    assert OPTIONS["link"].default == "auto"
