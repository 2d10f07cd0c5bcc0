"""Decks that are older than the package they lie in: they are named, with the way to new ones."""

from __future__ import annotations

import os
import re
import shlex
import sys

import pytest

import deck_files
from course.curricula import CURRICULA, Slide
from courses import INTENSIVE, SHORT, TEN, TWENTY
from deck_files import DeckFile, deck_of, deck_path, picture_of
from decks.old_decks import about_old_decks, why_not_current


@pytest.fixture
def old(published):
    """A package that has changed since its deck was made."""
    deck_of(published, deck_path(published))
    renew(published)
    published.publish()
    return published


def renew(course, position=3):
    """Take a picture of a slide anew."""
    picture_of(course, position).unlink()
    course.picture(TEN, SHORT[position - 1])


def test_part_4_names_a_deck_that_its_change_has_made_old_and_the_way_to_a_new_one(published, lone_suite):
    deck_of(published, deck_path(published))
    renew(published)

    done = lone_suite.main(4, "-p", published.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    (line,) = [line for line in done.stdout.splitlines() if "pptx" in line]
    assert line.startswith("Older than the package, or damaged: zume-es-ten_session.pptx. ")
    command = shlex.split(re.search(r"python parts/5-decks.py (.*)", line)[1], posix=sys.platform != "win32")
    assert lone_suite.main(5, *command).returncode == 0
    assert DeckFile(deck_path(published)).contents == list(published.expected(TEN, SHORT).values())
    assert "pptx" not in lone_suite.main(4, "-p", published.project.path).stdout


def test_part_4_says_it_as_long_as_it_is_so_and_also_when_something_is_missing(old, lone_suite):
    again = lone_suite.main(4, "-p", old.project.path)
    assert "Nothing has changed" in again.stdout
    assert "Older than the package, or damaged: zume-es-ten_session.pptx." in again.stdout

    old.manifest(TEN, [*SHORT, Slide(10, 3, "new", "pray", None)])
    lacking = lone_suite.main(4, "-p", old.project.path)

    assert lacking.returncode == 1
    assert "Older than the package, or damaged: zume-es-ten_session.pptx." in lacking.stdout


def test_of_the_curricula_that_part_4_leaves_alone_it_says_nothing(old, lone_suite):
    old.curriculum(INTENSIVE, SHORT)
    old.publish()

    assert "pptx" not in lone_suite.main(4, "-p", old.project.path, "-c", "intensive_session").stdout


def test_a_trial_run_says_nothing_of_decks(old, lone_suite):
    assert "pptx" not in lone_suite.main(4, "-p", old.project.path, "--dry-run").stdout


def test_all_old_decks_are_named_in_one_line_and_one_that_the_package_has_nothing_of_by_itself(published):
    deck_of(published, deck_path(published))
    published.curriculum(INTENSIVE, SHORT)
    published.publish()
    for curriculum in (INTENSIVE, TWENTY):
        deck_path(published, curriculum.name).write_bytes(b"half a deck")

    of_nothing, anew = about_old_decks(published.project, CURRICULA, "es")

    output = published.project.output
    assert of_nothing == (
        f"zume-es-twenty_session.pptx was made from an older package: the one in {output} has no slides of it."
    )
    assert "damaged: zume-es-ten_session.pptx, zume-es-intensive_session.pptx. " in anew


def test_of_decks_that_are_right_or_not_there_or_of_another_language_nothing_is_said(published):
    assert about_old_decks(published.project, CURRICULA, "es") == []
    deck_of(published, deck_path(published))
    assert about_old_decks(published.project, CURRICULA, "es") == []
    deck_path(published).rename(deck_path(published, code="fr"))
    renew(published)
    published.publish()
    assert about_old_decks(published.project, CURRICULA, "es") == []


@pytest.mark.parametrize("change", ["picture replaced", "picture added", "picture removed", "deck cut off"])
def test_a_change_by_hand_makes_a_deck_old(change, published):
    deck, folder = deck_path(published), published.project.output / "10"
    deck_of(published, deck)
    if change == "deck cut off":
        deck.write_bytes(deck.read_bytes()[:1000])
        assert why_not_current(published.project, TEN, "es") == "there is no whole deck of 10"
        return
    if change == "picture replaced":
        before = folder.stat()
        (folder / "3.png").write_bytes(deck_files.slide_png())
        os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "picture added":
        (folder / "77.png").write_bytes(b"")
        os.utime(folder / "77.png", (1, 1))
    else:
        (folder / "3.png").unlink()

    assert why_not_current(published.project, TEN, "es") == "the package has changed since the deck of 10 was made"


def test_what_a_file_manager_notes_makes_no_deck_old(published):
    deck, folder = deck_path(published), published.project.output / "10"
    (folder / ".DS_Store").write_bytes(b"")
    deck_of(published, deck)
    later = deck.stat().st_mtime + 10
    os.utime(folder / ".DS_Store", (later, later))

    assert why_not_current(published.project, TEN, "es") == ""


def test_a_place_with_a_blank_in_its_name_is_in_quotes(tmp_path):
    course = deck_files.real_course(tmp_path / "my packages" / "es")
    course.publish()
    deck_path(course).write_bytes(b"half a deck")

    (line,) = about_old_decks(course.project, CURRICULA, "es")

    assert str(course.project.path) in shlex.split(line)


def test_a_build_that_leaves_part_4_out_names_old_decks_in_its_last_lines(old, lone_suite):
    build = ("-l", "es", "-f", old.project.path.parent, "-y", "--quiet", "--skip", "setup,videos,slides,rename")
    done = lone_suite.build(*build)
    assert done.returncode == 0, done.stderr
    assert "Warning: Older than the package, or damaged: zume-es-ten_session.pptx. " in done.stderr

    with_decks = lone_suite.build(*build, "--decks")

    assert (with_decks.returncode, with_decks.stderr) == (0, "")


def test_a_build_that_makes_decks_anew_says_nothing_of_the_old_ones_before(old, lone_suite):
    steps = ("--skip", "setup,videos,slides", "--decks", "--allow-missing")
    done = lone_suite.build("-l", "es", "-f", old.project.path.parent, "-y", *steps)

    assert done.returncode == 0, done.stderr
    assert "zume-es-ten_session.pptx" in done.stdout
    assert "Older than the package" not in done.stdout + done.stderr
