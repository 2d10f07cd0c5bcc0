"""What people are told of slides that have changed: how many, which, and what takes them again."""

from __future__ import annotations

from slides.about_pictures import about_changed, about_gone, about_new, about_unknown


def test_nothing_is_said_of_nothing():
    assert [about_changed([]), about_new([]), about_gone([]), about_unknown(0)] == [""] * 4


def test_one_slide_is_told_in_the_singular():
    assert about_changed(["t5_a"]) == (
        "1 slide has changed since its picture was taken (t5_a): --only-changed takes it again."
    )
    assert about_unknown(1) == (
        "1 picture is unknown: no record says what the site showed when it was taken. --only-changed takes it again."
    )
    assert about_gone(["t5_a"]) == "1 slide is gone from the site: t5_a."


def test_slides_of_one_key_are_counted_each_and_named_once():
    keys = ["t5_a", "final", "t5_b", *["final"] * 9]
    assert about_changed(keys) == (
        "12 slides have changed since their pictures were taken (t5_a, final (10 times), t5_b): "
        "--only-changed takes them again."
    )


def test_of_many_slides_the_first_ten_are_named():
    assert about_new([f"t{number}" for number in range(13)]) == (
        "13 slides are new on the site: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 3 more."
    )
