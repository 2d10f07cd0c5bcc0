"""What is read out of the data of the presenter's page, which people type in and which may hold anything."""

from __future__ import annotations

import json

import pytest

from course.curricula import CURRICULA, Slide
from course.page_data import find_literal, listed_course, site_vimeo_ids
from served_pages import video_slide

TEN, TWENTY, INTENSIVE = (curriculum.name for curriculum in CURRICULA)


# --- Constants --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        'const jsObject = [{"a": 1}][0]',
        'var jsObject=[{"a":1}][0];',
        'let  jsObject\n=\n[\n  {"a": 1}\n][0]',
        'jsObject.forEach(x); if (jsObject == [1]) {} const jsObject = [{"a": 1}][0]',
        'const other = [jsObject]; /* jsObject = [none] */ const jsObject = [{"a": 1}][0]',
        'const jsObject = [[1]][0]; const jsObject = [{"a": 1}][0]',
        'const jsObject = [{"a": 1}][0]; const jsObject = [{"a": 2}][0]',
        'const myjsObject = [{"a": 2}][0]; const jsObject = [{"a": 1}][0]; this is "not" {a page',
        'const jsObject = [{"a": 2, ][0]; const jsObject = [{"a": 1}][0]',
    ],
)
def test_a_constant_is_found_at_the_first_place_that_can_be_read(script):
    assert find_literal(script, "jsObject", dict) == {"a": 1}


@pytest.mark.parametrize(
    "script",
    [
        "",
        "<h1>Log in</h1>",
        "const jsObject = [",
        'const jsObject = [{"a": 1',
        "const jsObject = [{a: 1}][0]",
        "const jsObject = [null][0]",
        "const jsObject = [" + '{"a":' * 200_000,
        "const jsObject = [" + "[" * 200_000,
        "jsObject = [" * 200_000,
        "jsObject" + " " * 200_000,
    ],
    ids=range(10),
)
def test_what_is_torn_or_nested_without_end_is_no_constant(script):
    assert find_literal(script, "jsObject", dict) is None


def test_a_number_of_thousands_of_digits_makes_only_itself_unreadable():
    script = f'const jsObject = [{{"a": {"9" * 5000}, "b": 1}}][0]'
    assert find_literal(script, "jsObject", dict) == {"a": None, "b": 1}


# --- Slides -----------------------------------------------------------------------------------------------------------


def test_the_slides_are_numbered_in_course_order():
    sessions = [[{"key": "a", "type": "title"}, video_slide(6)], [{"key": "final"}]]

    assert listed_course({TEN: sessions}) == {
        TEN: [
            Slide(1, 1, "a", "title", None),
            Slide(2, 1, "v_6", "video", 6),
            Slide(3, 2, "final", "", None),
        ]
    }


@pytest.mark.parametrize(
    ("kind", "given", "number"),
    [
        ("video", 6, 6),
        ("video", "6", 6),
        ("video", "06", 6),
        ("video", None, None),
        ("video", "", None),
        ("video", "six", None),
        ("video", "-6", None),
        ("video", "²", None),
        ("video", 0, None),
        ("video", "0", None),
        ("video", -6, None),
        ("video", 6.5, None),
        ("video", True, None),
        ("video", [6], None),
        ("video", {"id": 6}, None),
        ("video", "9" * 5000, None),
        ("title", 6, None),
        (None, 6, None),
        (["video"], 6, None),
    ],
)
def test_a_slide_shows_a_video_if_that_is_its_type_and_it_has_a_number(kind, given, number):
    [slide] = listed_course({TEN: [[{"key": "a", "type": kind, "alt_video_id": given}]]})[TEN]
    assert slide.video == number


def test_a_video_slide_without_the_field_of_its_number_shows_none():
    [slide] = listed_course({TEN: [[{"key": "a", "type": "video"}]]})[TEN]
    assert slide == Slide(1, 1, "a", "video", None)


@pytest.mark.parametrize(("key", "read"), [({}, ""), ({"key": None}, ""), ({"key": ["a"]}, ""), ({"key": 7}, "7")])
def test_a_slide_without_key_keeps_its_place_and_its_video(key, read):
    slides = listed_course({TEN: [[{"type": "video", "alt_video_id": 6, **key}, video_slide(7)]]})[TEN]
    assert slides == [Slide(1, 1, read, "video", 6), Slide(2, 1, "v_7", "video", 7)]


@pytest.mark.parametrize(
    "sessions",
    [None, [], [[]], [[video_slide(1)], []], {}, "text", 5, [5], ["text"], [{"key": "a"}], [[None]], [[["a"]]]],
    ids=json.dumps,
)
def test_a_curriculum_that_is_not_listed_as_it_should_be_is_absent_and_the_others_are_not(sessions):
    listed = {TEN: sessions, INTENSIVE: [[video_slide(3)]]}

    assert list(listed_course(listed)) == [INTENSIVE]
    assert site_vimeo_ids(listed) == {}


# --- The site's own videos --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("center", "vimeo_id"),
    [
        (["https://player.vimeo.com/video/247062938?badge=0&autopause=0"], "247062938"),
        (["https://vimeo.com/247062938"], "247062938"),
        (["http://www.vimeo.com/247062938/0a1b2c"], "247062938"),
        ([" //player.vimeo.com/video/247062938"], "247062938"),
        ("https://vimeo.com/247062938", "247062938"),
        (["https://vimeo.com/"], None),
        (["https://vimeo.com/channels/staff"], None),
        (["https://vimeo.com/12ab"], None),
        (["https://vimeo.com/" + "9" * 5000], None),
        (["https://notvimeo.com/5"], None),
        (["https://example.com/?to=https://vimeo.com/5"], None),
        (["Look at this:", "https://vimeo.com/5"], None),
        ([247062938], None),
        ([None, {}], None),
        ([["https://vimeo.com/5"]], None),
        ({"0": "https://vimeo.com/5"}, None),
        ([], None),
        (None, None),
        ("", None),
        (5, None),
    ],
)
def test_the_vimeo_id_stands_in_the_address_in_the_middle_of_a_slide(center, vimeo_id):
    assert site_vimeo_ids({TEN: [[video_slide(6, center)]]}) == ({6: vimeo_id} if vimeo_id else {})


def test_a_slide_without_middle_names_no_vimeo_id():
    slide = video_slide(6)
    del slide["center"]
    assert site_vimeo_ids({TEN: [[slide]]}) == {}


def test_an_address_on_a_slide_that_shows_no_course_video_is_not_taken():
    address = ["https://vimeo.com/5"]
    other = {"key": "a", "type": "watch", "alt_video_id": 6, "center": address}
    assert site_vimeo_ids({TEN: [[other, video_slide(None, address)]]}) == {}


def test_a_number_with_different_ids_has_none_and_one_that_is_named_once_or_always_alike_has_it():
    one, two = ["https://vimeo.com/1"], ["https://vimeo.com/2"]
    listed = {
        TEN: [[video_slide(1, one), video_slide(2, one), video_slide(3, two), video_slide(4, one)]],
        TWENTY: [[video_slide(1, one), video_slide(2, one), video_slide(3, ["https://vimeo.com/"])]],
        INTENSIVE: [[video_slide("01", ["https://player.vimeo.com/video/1?a"]), video_slide(2, two)]],
    }
    assert site_vimeo_ids(listed) == {1: "1", 3: "2", 4: "1"}
