"""What is said of the changes of a package, and how its record keeps them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from course.curricula import Slide
from package.changes import (
    PackageChanges,
    SlideChanges,
    VideoChanges,
    changes_in_words,
    changes_of,
    for_programs,
    item_of_changes,
)
from package.record import RECORD_FILE, Record, read_record, write_record

AT = "2026-11-28T12:00:00+00:00"
ONE, TWO, THREE, FOUR = (Slide(number, 1, f"s{number}", "discuss", None) for number in range(1, 5))
FILM = Slide(5, 2, "t5_a", "video", 5)
ALL = PackageChanges(
    AT,
    "5e55104a",
    {"10": SlideChanges((ONE, FILM), (TWO,), (THREE, FOUR)), "intensive": SlideChanges(changed=(ONE,))},
    VideoChanges((5,), (7,), (8, 9)),
)


@pytest.mark.parametrize(
    ("slides", "videos", "words"),
    [
        (((ONE, TWO, FILM), (THREE,), (FOUR, FILM)), ((5,),), "3 slides changed, 1 new, 2 gone; video 5 replaced"),
        (((ONE,),), (), "1 slide changed"),
        (((), (ONE,), (TWO,)), (), "1 slide new, 1 gone"),
        (((), (), (ONE, TWO)), (), "2 slides gone"),
        ((), ((5, 9),), "videos 5 and 9 replaced"),
        ((), ((5, 7, 9), (), (8,)), "videos 5, 7 and 9 replaced, video 8 gone"),
        (((), (ONE,)), ((), (1,)), "1 slide new; video 1 new"),
    ],
)
def test_changes_are_said_in_one_line_without_what_is_zero(slides, videos, words):
    changed = {"10": SlideChanges(*slides)} if slides else {}

    assert changes_in_words(PackageChanges(AT, None, changed, VideoChanges(*videos))) == words


def test_the_slides_of_all_curricula_are_counted_together():
    assert (
        changes_in_words(ALL) == "3 slides changed, 1 new, 2 gone; video 5 replaced, video 7 new, videos 8 and 9 gone"
    )


def test_programs_get_the_keys_by_curriculum():
    assert for_programs(ALL) == {
        "made_at": AT,
        "curricula": {
            "ten_session": {"changed": ["s1", "t5_a"], "new": ["s2"], "gone": ["s3", "s4"]},
            "intensive_session": {"changed": ["s1"], "new": [], "gone": []},
        },
        "videos": {"replaced": [5], "new": [7], "gone": [8, 9]},
    }


def test_nothing_changed_is_no_change():
    assert not PackageChanges(AT)
    assert PackageChanges(AT, videos=VideoChanges(gone=(1,)))


def test_the_record_keeps_the_changes(tmp_path):
    write_record(tmp_path, Record("auto", changes=ALL))

    assert read_record(tmp_path).changes == ALL


def test_the_record_of_a_package_without_changes_says_nothing_of_them(tmp_path):
    write_record(tmp_path, Record("auto"))

    assert "changes" not in json.loads((tmp_path / RECORD_FILE).read_text(encoding="utf-8"))


GOOD = json.loads(json.dumps(item_of_changes(ALL)))
SLIDE = GOOD["slides"]["10"]["new"][0]


def with_slide(slide):
    return {**GOOD, "slides": {"10": {"changed": [slide], "new": [], "gone": []}}}


def test_the_changes_of_a_record_are_read_as_they_were():
    assert changes_of(GOOD) == ALL
    assert changes_of({**GOOD, "session_id": None}) == replace(ALL, session_id=None)


@pytest.mark.parametrize(
    "item",
    [
        None,
        7,
        [],
        "changed",
        {},
        {**GOOD, "made_at": "yesterday"},
        {**GOOD, "made_at": 5},
        {**GOOD, "session_id": ["5e55104a"]},
        {**GOOD, "slides": []},
        {**GOOD, "slides": {"../10": GOOD["slides"]["10"]}},
        {**GOOD, "slides": {"10": []}},
        {**GOOD, "slides": {"10": {"moved": []}}},
        {**GOOD, "slides": {"10": {"changed": 5}}},
        with_slide(None),
        with_slide({}),
        with_slide({**SLIDE, "position": "1"}),
        with_slide({**SLIDE, "position": 10**400}),
        with_slide({**SLIDE, "position": -1}),
        with_slide({**SLIDE, "key": ["s1"]}),
        with_slide({**SLIDE, "video": "5"}),
        {**GOOD, "videos": None},
        {**GOOD, "videos": {"replaced": ["5"]}},
        {**GOOD, "videos": {"replaced": [True]}},
        {**GOOD, "videos": {"lost": [5]}},
        {**GOOD, "slides": {}, "videos": {}},
    ],
    ids=lambda item: str(item)[:60],
)
def test_what_a_record_says_of_changes_and_cannot_be_true_counts_as_none(item):
    assert changes_of(item) is None
