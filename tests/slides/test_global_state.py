"""What is global for the pictures of a language, and what counts as a difference of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from slides.global_state import GlobalState, differences, from_json, to_json

A, B, C, D = (letter * 64 for letter in "abcd")
LOGO, FONT = "https://site.example/img/logo.svg?key=1", "https://fonts.example/poppins.woff2"
STATE = GlobalState(1, "156.0.8078.73", D, (A, B), (C,), ((FONT, A), (LOGO, B)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ()),
        ({"capture": 2}, ("the way pictures are taken",)),
        ({"browser": "157.0.1"}, ("the browser (156.0.8078.73 before, 157.0.1 now)",)),
        ({"browser": ""}, ()),
        ({"fonts": A}, ("the fonts of this machine",)),
        ({"fonts": ""}, ()),
        ({"styles": (A, C)}, ("a style sheet",)),
        ({"styles": (B, A)}, ("a style sheet",)),
        ({"styles": (A,)}, ("a style sheet",)),
        ({"scripts": (C, D)}, ("a script",)),
        ({"assets": ((FONT, A), (LOGO, C))}, ("the picture logo.svg",)),
        ({"assets": ((FONT, C), (LOGO, C))}, ("the font poppins.woff2", "the picture logo.svg")),
        ({"assets": ((FONT, A), ("https://site.example/other.svg", C))}, ()),
        ({"assets": ()}, ()),
        ({"styles": (C, C), "scripts": ()}, ("a style sheet", "a script")),
    ],
)
def test_what_differs_is_said_in_short_phrases(changes, said):
    assert differences(STATE, replace(STATE, **changes)) == said


def test_what_was_unknown_before_is_no_difference():
    assert differences(replace(STATE, browser="", fonts="", assets=()), STATE) == ()


def test_a_file_that_is_another_each_time_is_no_difference():
    assert differences(STATE, replace(STATE, styles=(A, ""), scripts=("",))) == ()
    assert differences(replace(STATE, scripts=("",)), replace(STATE, scripts=("",))) == ()


def test_a_file_that_was_another_each_time_and_is_no_longer_may_have_been_replaced():
    assert differences(replace(STATE, scripts=("",)), STATE) == ("a script",)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://site.example/", "the picture"),
        ("https://site.example/a%20b%0Ac.png", "the picture a b?c.png"),
        (f"https://site.example/{'x' * 200}.png", f"the picture {'x' * 60}"),
        ("http://[bad", "the picture"),
    ],
)
def test_a_picture_is_told_by_its_name_alone(address, said):
    before, now = (replace(STATE, assets=((address, digest),)) for digest in (A, B))
    assert differences(before, now) == (said,)


def test_a_state_is_the_same_after_it_was_written():
    assert from_json(json.loads(json.dumps(to_json(STATE)))) == STATE
    assert hash(STATE)
