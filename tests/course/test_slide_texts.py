"""Heading and text of a slide, out of what the page lists for it, which may be anything."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from course.slide_texts import (
    LONGEST_HEADING,
    LONGEST_TEXT,
    SlideTexts,
    can_be_heading,
    can_be_text,
    heading_and_text,
)

PLAYER = "https://player.vimeo.com/video/247063338?badge=0&autopause=0&player_id=0"
RLE, PDF, FSI, PDI = "\u202b", "\u202c", "\u2068", "\u2069"


def texts(video_title="", **data):
    found = heading_and_text(data, video_title)
    return found.heading, found.text


def test_the_middle_comes_before_the_left_and_the_right_and_its_first_text_is_the_heading():
    data = {"right": ["C", "D"], "left": ["B"], "center": ["Head", "A"], "key": "t1_b", "type": "activity"}
    assert heading_and_text(data) == SlideTexts("Head", "A\nB\nC\nD")
    assert texts(left=["Head", ["one", ["two"]], "three"], right=[]) == ("Head", "one\ntwo\nthree")


def test_a_slide_has_its_heading_and_text_in_one_for_who_cannot_see_it():
    assert SlideTexts("Head", "A\nB").whole == "Head\nA\nB"
    assert (SlideTexts("Head", "").whole, SlideTexts().whole) == ("Head", "")


@pytest.mark.parametrize(
    "value", [None, False, True, 7, 1.5, "", [], {}, [None, False, 3, ""], [[[]]], " \n", ["<br>"]]
)
def test_a_field_without_text_is_none(value):
    assert texts(center=value, left=value, right=value, menu=value) == ("", "")
    assert texts(center=value, left=["Head"]) == ("Head", "")


def test_a_text_alone_and_an_object_are_read_as_a_list_is():
    assert texts(center="Head", left={"0": "A", "2": ["B", {"x": "C"}]}) == ("Head", "A\nB\nC")


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("one<br>two<br/>three<BR />four", ["one", "two", "three", "four"]),
        ("<p>one</p><p class='x'>two</p>", ["one", "two"]),
        ("<ul><li>one</li><li><strong>two</strong>, and more</li></ul>", ["one", "two, and more"]),
        ("<h2>one</h2>two<div>three</div>four", ["one", "two", "three", "four"]),
        ("one <em>word</em>, <a href='https://zume.training/x.png'>a link</a>.", ["one word, a link."]),
        ("one\n two\t\u00a0 three", ["one two three"]),
        ("Tom &amp; Ana&nbsp;&#8211; &lt;both&gt; L&#039;un &eacute;t&eacute;", ["Tom & Ana – <both> L'un été"]),
        ("<style>p { color: red }</style>one<script>alert('x')</script> two<!-- three -->", ["one two"]),
        ("<table><tr><td>one</td><td>two</td></tr><tr><th>three</th></tr></table>", ["one two", "three"]),
        ("one<img src='a.png' alt='x'>two", ["onetwo"]),
        ("3 < 4 & 5 > 2", ["3 < 4 & 5 > 2"]),
        ("<p>one<p>two</strong>", ["one", "two"]),
        ("<p>—</p>one<p>•</p>", ["one"]),
    ],
)
def test_html_becomes_lines_of_plain_text(html, lines):
    assert texts(center=[html]) == (lines[0], "\n".join(lines[1:]))


@pytest.mark.parametrize(
    "address",
    [
        PLAYER,
        "//player.vimeo.com/video/1",
        "https://vimeo.com/",
        "https://zume.training/wp-content/themes/x/images/98.png",
        "https://api.qrserver.com/v1/create-qr-code/?size=300x300&data=https://zume5.com/app",
        "/wp-content/themes/x/es/104.png",
        "/pictures/my globe.svg?x=1",
        "pictures/globe.SVG",
        "98.png",
        "file:/x/98.jpeg#a",
        "data:image/png;base64,AAAA",
    ],
)
def test_the_address_of_a_picture_or_a_video_is_no_text(address):
    assert texts(center=[address, "Head"], left=[address], right=f"{address}<br>text") == ("Head", "text")
    assert texts(center=[address]) == ("", "")


def test_an_address_that_people_are_to_type_in_stays_in_its_sentence():
    assert texts(center=["Head", "Go to https://zume.training/checkin, and zume5.com"])[1] == (
        "Go to https://zume.training/checkin, and zume5.com"
    )
    assert texts(center=["Head (98.png)", f"Look: {PLAYER}"]) == ("Head", "Look:")


def test_what_is_not_in_the_picture_is_no_text():
    data = {"key": "s1_1_1", "type": "title", "progress_bar": ["One", "Two"], "length": "10 min", "menu": ["Menu"]}
    assert texts(**data, qr="A", id="B", script_id="C", center=["Head"]) == ("Head", "")


def test_a_slide_without_text_is_called_as_its_video_else_as_in_the_menu():
    assert texts("God <b>uses</b>", center=[PLAYER], menu=["Menu", "5 min"]) == ("God uses", "")
    assert texts(center=[PLAYER], menu=["", "Menu<br>x", "5 min"]) == ("Menu", "")
    assert texts("God uses", center=[PLAYER, "Head"]) == ("Head", "")
    assert texts("", menu="Menu") == ("Menu", "")


def test_a_heading_that_is_too_long_ends_at_a_word_and_the_text_goes_on_from_there():
    words = " ".join(f"word{number}" for number in range(40))
    heading, text = texts(center=[words, "More"])

    assert len(heading) <= LONGEST_HEADING
    assert heading.endswith(" …")
    assert text.startswith("… word")
    assert f"{heading[:-2]} {text.splitlines()[0][2:]}" == words
    assert text.splitlines()[1] == "More"
    exact = "a" * 59 + " " + "b" * 60
    assert texts(center=[exact]) == (exact, "")


@pytest.mark.parametrize("letter", ["字", "กำ", "का", "👨‍👩‍👧", "é"])
def test_a_heading_without_spaces_is_cut_between_letters(letter):
    heading, text = texts(center=[letter * 130])

    assert len(heading) <= LONGEST_HEADING
    assert heading[:-1] + text[2:] == letter * 130
    assert re.fullmatch(f"(?:{letter})+", heading[:-1])


def test_a_text_is_bounded():
    _, text = texts(center=["Head", *["Some words in a line"] * 500])
    assert LONGEST_TEXT - 40 < len(text) <= LONGEST_TEXT
    assert text.endswith((" …", "\n…"))


@pytest.mark.parametrize("odd", ["\x00", "\x1b", "\x7f", "\x9b", "\ud800", "\ufffe", "\U0001ffff", "\ufeff"])
def test_what_controls_something_is_left_out(odd):
    assert texts(center=[f"He{odd}ad", f"te{odd}xt"]) == ("Head", "text")
    assert not can_be_heading(f"He{odd}ad")
    assert not can_be_text(f"te{odd}xt")


@pytest.mark.parametrize(
    ("line", "balanced"),
    [
        (f"a {RLE}b", f"a {RLE}b{PDF}"),
        (f"a {FSI}b{PDI} c", f"a {FSI}b{PDI} c"),
        (f"a{PDI} b{PDF}", "a b"),
        (f"{FSI}a {RLE}b{PDI} c", f"{FSI}a {RLE}b{PDF}{PDI} c"),
        (f"{RLE * 17}a{PDF}", "a"),
        ("\u200fשלום\u200e می‌خواهم", "\u200fשלום\u200e می‌خواهم"),
    ],
)
def test_marks_of_direction_end_with_their_line(line, balanced):
    assert texts(center=[line, f"x<br>{line}<br>y"]) == (balanced, f"x\n{balanced}\ny")


def test_what_can_be_recorded_is_bounded():
    assert can_be_heading("a" * LONGEST_HEADING)
    assert not can_be_heading("a" * 200)
    assert not can_be_heading("a\nb")
    assert can_be_text("a\nb" * 600)
    assert not can_be_text("a" * 5000)


def test_what_is_nested_deeply_or_endless_is_read():
    deep = ["text"]
    for _ in range(100_000):
        deep = [deep]
    assert texts(center=deep) == ("text", "")
    for piece in ("<", "<!--", "<!", "<a ", "&", "&#", "x.png", "//", "<a b='", "</", "\u2068", "<![CDATA["):
        assert texts(center=["Head", piece * 1_000_000], left=[piece] * 1000)[0] == "Head"


letters = st.text(
    st.one_of(st.characters(codec=None), st.sampled_from([*"<>&;/.:", " ", "\n", RLE, PDF, FSI, PDI, "\u200d"])),
    max_size=60,
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), letters),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(letters, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["center", "left", "right", "menu", "key"]), anything), letters)
def test_whatever_json_holds_the_texts_can_be_recorded_and_stand_in_xml(data, title):
    found = heading_and_text(data, title)

    assert can_be_heading(found.heading)
    assert can_be_text(found.text)
    assert bool(found.heading) or not found.text
    for line in (found.heading, *found.text.split("\n")):
        assert line == " ".join(line.split())
        assert sum(line.count(each) for each in "\u202a\u202b\u202d\u202e") == line.count(PDF)
        assert sum(line.count(each) for each in "\u2066\u2067\u2068") == line.count(PDI)
        assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in line)
    etree.Element("x", descr=found.whole)
