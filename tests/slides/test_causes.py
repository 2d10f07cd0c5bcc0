"""What is wrong with many slides is told by its causes: each cause once, each slide once."""

from __future__ import annotations

import pytest

from course.curricula import Slide
from slides.causes import SlideTrouble, cause_of, named, number_of, slide_names, told_by_cause

HOST = "http://localhost:1/pictures"
LACKS = f"picture {HOST}/tree.svg did not load"


def troubles(reason, *names, folders=("10",), heading=""):
    return [SlideTrouble(folder, name, reason, heading) for folder in folders for name in names]


def test_a_picture_that_the_site_lacks_is_said_once_with_all_its_slides():
    lacking = troubles(LACKS, "t2_a", "t7_d", folders=("10", "20", "intensive"))

    assert told_by_cause(lacking, "--allow-flawed keeps them") == [
        "2 slides lack tree.svg: t2_a, t7_d (10, 20 and intensive) (--allow-flawed keeps them)"
    ]
    assert number_of(lacking) == 2


def test_slides_that_are_in_other_curricula_are_told_with_where_they_are():
    found = [*troubles(LACKS, "t2_a", folders=("10", "20")), *troubles(LACKS, "s1_1_4")]

    assert named(found) == "t2_a (10 and 20); s1_1_4 (10)"
    assert number_of(found) == 2


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (LACKS, "1 slide lacks tree.svg: t2_a (10)"),
        ("font normal 700 16px Poppins did not load", "1 slide lacks the font Poppins: t2_a (10)"),
        (f"icon {HOST}/b%20c.svg?v=1 did not load", "1 slide lacks b c.svg: t2_a (10)"),
        (f"{LACKS} in 5 s", "1 slide did not get tree.svg within 5 s (--wait): t2_a (10)"),
        (
            f"{LACKS}; font normal 700 16px Poppins did not load",
            "1 slide lacks tree.svg and the font Poppins: t2_a (10)",
        ),
        (
            f"font normal 700 16px Poppins did not load; {LACKS} in 5 s",
            "1 slide lacks the font Poppins and did not get tree.svg within 5 s (--wait): t2_a (10)",
        ),
        ("the layout did not settle in 5 s", "t2_a (10): the layout did not settle in 5 s"),
        ("the page shows slide t1 instead", "t2_a (10): the page shows slide t1 instead"),
        ("", "1 slide: t2_a (10)"),
    ],
)
def test_what_befell_a_slide_is_told_shortly(reason, told):
    assert told_by_cause(troubles(reason, "t2_a")) == [told]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "The site answered with an error (503) at http://h/es/presenter?session=1&type=10&screenshot=&slide=t2_a.",
            "The site answered with an error (503) at http://h/es/presenter?session=2&type=20&screenshot=&slide=t7_d.",
        ),
        (
            "http://h/es/presenter?session=1&slide=a did not load in 30 s.",
            "http://h/es/presenter?session=2&slide=b did not load in 30 s.",
        ),
        (
            "the browser broke down again and again (invalid session id)",
            "the browser broke down again and again (disconnected: Unable to receive message)",
        ),
        ("the page shows slide t1 instead", "the page shows another slide t2"),
        ("font normal 400 16px Poppins did not load", "font italic 700 16px Poppins did not load"),
    ],
    ids=["the site fails", "it is slow", "the browser is lost", "another slide", "a font"],
)
def test_one_cause_is_told_once_though_its_reasons_name_the_slides(one, other):
    (told,) = told_by_cause([*troubles(one, "t2_a"), *troubles(other, "t7_d")])

    assert "2 slides" in told
    assert told.endswith(": t2_a, t7_d (10)")


def test_what_concerns_other_files_stays_apart_and_the_most_slides_come_first():
    other = LACKS.replace("tree", "path")
    told = told_by_cause([*troubles(LACKS, "t1"), *troubles(other, "t2", "t3")])

    assert told == ["2 slides lack path.svg: t2, t3 (10)", "1 slide lacks tree.svg: t1 (10)"]


def test_a_long_list_is_cut_and_says_where_the_rest_is():
    (many,) = told_by_cause(troubles(LACKS, *(f"t{number}" for number in range(40))))
    assert many.startswith("40 slides lack tree.svg: t0, t1, ")
    assert many.endswith("t11 (10) and 28 more, which manifest.json lists")

    *_, last = told_by_cause(each for number in range(40) for each in troubles(f"fault {number}", f"t{number}"))
    assert last == "and 28 slides more, which manifest.json lists"


def test_few_slides_are_told_by_their_headings_too_if_that_is_short():
    assert named(troubles(LACKS, "t2_a", heading="Orar")) == "t2_a “Orar” (10)"
    assert named(troubles(LACKS, "t2_a", heading="x" * 80)) == "t2_a (10)"
    assert "Orar" not in named(troubles(LACKS, "a", "b", "c", "d", heading="Orar"))


def test_a_key_that_several_sessions_have_is_told_with_its_session():
    slides = [Slide(1, 1, "t1", "", None), Slide(2, 1, "final", "", None), Slide(3, 2, "final", "", None)]

    assert list(slide_names(slides).values()) == ["t1", "final of session 1", "final of session 2"]


@pytest.mark.parametrize(
    "reason",
    ["", "x" * 10_000, "picture  did not load", "?session=", "; ", "“မြန်မာ”\n", "picture http://[ did not load"],
)
def test_any_reason_of_a_manifest_can_be_told(reason):
    assert len(told_by_cause(troubles(reason, "t1"))) == 1
    assert isinstance(cause_of(reason), str)
