"""What the site's own choice of Vimeo videos decides about course numbers, and how it differs from the folder."""

from __future__ import annotations

import pytest

from downloads import rendition, video_of
from videos.numbers import course_numbers, number_troubles, site_differences

NEEDED = (1, 6, 9)


def videos(**titles):
    """Return videos with these titles; ``v6`` has the id 6."""
    return [video_of([rendition("720p")], title, key.removeprefix("v")) for key, title in titles.items()]


@pytest.mark.parametrize(
    ("titles", "settled", "site", "numbers"),
    [
        ({"v106": "no number"}, {}, {6: "106"}, {"106": 6}),
        ({"v106": "no number"}, {}, {}, {"106": None}),
        ({"v106": "2024 course"}, {}, {6: "106"}, {"106": 6}),
        ({"v106": "2024 course"}, {}, {}, {"106": 2024}),
        # A number of the course in the title goes before the site's typing.
        ({"v106": "(06)"}, {}, {9: "106"}, {"106": 6}),
        # Two videos have one number: the site's is the one.
        ({"v106": "(06)", "v206": "(06) again"}, {}, {6: "206"}, {"106": None, "206": 6}),
        ({"v106": "(06)", "v206": "(06) again"}, {}, {6: "306"}, {"106": 6, "206": 6}),
        ({"v106": "(06)", "v206": "(06) again"}, {}, {6: "206", 9: "106"}, {"106": 9, "206": 6}),
        # What the user has settled goes before everything.
        ({"v106": "(06)", "v206": "(06) again"}, {6: "106"}, {6: "206"}, {"106": 6, "206": None}),
        ({"v106": "no number"}, {9: "106"}, {6: "106"}, {"106": 9}),
        ({"v106": "(06)", "v206": "x"}, {1: "206"}, {6: "206"}, {"106": 6, "206": 1}),
        # Another video has the number.
        ({"v106": "(06)", "v206": "x"}, {}, {6: "206"}, {"106": 6, "206": None}),
        # The site has one video under two numbers that are open: nothing tells which is meant.
        ({"v106": "x"}, {}, {6: "106", 9: "106"}, {"106": None}),
        ({"v106": "x", "v109": "(09)"}, {}, {6: "106", 9: "106"}, {"106": 6, "109": 9}),
    ],
)
def test_whose_number_it_is(titles, settled, site, numbers):
    assert course_numbers(videos(**titles), settled, site, NEEDED) == numbers


def test_a_title_without_a_number_is_shown_beside_the_numbers_that_are_open():
    found = videos(v101="(01)", v106="no number")
    numbers = course_numbers(found, {}, {}, NEEDED)

    assert number_troubles(found, numbers, NEEDED) == [
        "“no number” (106) has no place in the course without a number. These numbers are open: 06, 09. "
        "Give it one: --number NN=106"
    ]


def test_without_an_open_number_none_is_named():
    found = videos(v101="(01)", v106="(06)", v109="(09)", v110="no number")

    assert number_troubles(found, course_numbers(found, {}, {}, NEEDED), NEEDED) == [
        "“no number” (110) has no place in the course without a number. Give it one: --number NN=110"
    ]


def test_how_the_site_differs_is_told():
    numbers = {"101": 1, "106": 6, "206": 6, "109": 9, "110": None}

    assert site_differences(numbers, {1: "999", 6: "106", 9: "109"}, (1, 6, 9, 33)) == [
        "The site shows other Vimeo videos than this folder has: 01 (site: 999, folder: 101).",
        "The site names no Vimeo video for 33.",
    ]
    assert site_differences(numbers, {1: "101", 6: "106", 9: "109"}, NEEDED) == []
    assert site_differences(numbers, {}, NEEDED) == []
