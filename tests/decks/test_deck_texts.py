"""What stands on the slides is in a deck: as titles, and as alternative texts; and nobody sees it on the slides."""

from __future__ import annotations

import pptx
import pytest
from pptx.oxml.ns import qn

import deck_files
from courses import SHORT, TEN
from deck_files import SPACES, DeckFile, deck_of, faults_of, faults_of_order

LONG = "Una frase larga que no cabe en una línea, " * 2
TEXTS = {
    1: ("Aprender <juntos> & más", "Línea uno\n“Línea” dos"),
    2: ("Miren juntos", ""),
    3: (LONG.strip(), "Texto"),
    4: ("", ""),
    5: ("نتعلّم معًا", "سطر"),
}


@pytest.fixture
def told(tmp_path):
    """A package in which it is known of some slides what stands on them."""
    course = deck_files.real_course(tmp_path / "es")
    course.texts(TEN, SHORT, TEXTS)
    course.publish()
    return course


def titles(path):
    """Return the title of each slide, as python-pptx reads it; None for one that has none."""
    shapes = [slide.shapes.title for slide in pptx.Presentation(path).slides]
    return [title and title.text_frame.text for title in shapes]


def test_the_heading_of_a_slide_is_its_title_and_else_the_title_of_its_video(told, tmp_path):
    deck_of(told, tmp_path / "deck.pptx")

    assert titles(tmp_path / "deck.pptx") == [
        *("Aprender <juntos> & más", "Miren juntos", LONG.strip(), None, "نتعلّم معًا"),
        *("(06) title", None, "(01) title", None),
    ]


def test_heading_and_text_are_the_alternative_text_and_the_key_stays_the_name(told, tmp_path):
    deck = deck_of(told, tmp_path / "deck.pptx")

    assert [each.description for each in deck.slides[:6]] == [
        "Aprender <juntos> & más\nLínea uno\n“Línea” dos",
        "Miren juntos",
        f"{LONG.strip()}\nTexto",
        "Spanish, session 1, final",
        "نتعلّم معًا\nسطر",
        "Spanish, session 2, t6_b, video 6",
    ]
    names = [each.xml.find(".//p:pic//p:cNvPr", SPACES).get("name") for each in deck.slides]
    assert names == [slide.name for slide in SHORT]
    slides = pptx.Presentation(tmp_path / "deck.pptx").slides
    read = [shape._element.xpath(".//p:cNvPr")[0].get("descr") for shape in slides[0].shapes]
    assert read == [None, deck.slides[0].description]


@pytest.mark.parametrize(
    ("code", "tag", "is_rtl"), [("es", "es", False), ("ar_jo", "ar-JO", True), ("swa", "sw", False)]
)
def test_a_title_has_the_language_and_the_direction_of_the_course(code, tag, is_rtl, told, tmp_path):
    deck_of(told, tmp_path / "deck.pptx", code)

    (paragraph,) = pptx.Presentation(tmp_path / "deck.pptx").slides[0].shapes.title.text_frame.paragraphs
    (run,) = paragraph.runs
    assert run._r.rPr.get("lang") == tag
    properties = paragraph._p.find(qn("a:pPr"))
    assert (properties is not None and properties.get("rtl")) == ("1" if is_rtl else False)


def test_a_title_is_read_before_the_picture_and_lies_outside_of_the_slide(told, tmp_path):
    deck = deck_of(told, tmp_path / "deck.pptx")
    presentation = pptx.Presentation(tmp_path / "deck.pptx")

    for slide in presentation.slides:
        shapes = list(slide.shapes)
        if slide.shapes.title is not None:
            title = shapes[0]
            assert title.is_placeholder
            assert title.top + title.height <= 0
            assert title.width == presentation.slide_width
        assert len(shapes) == (1 if slide.shapes.title is None else 2)
        assert len({shape.shape_id for shape in shapes}) == len(shapes)
    # The timing of a video still means the video.
    (video,) = deck.slides[1].xml.findall(".//p:pic//p:cNvPr", SPACES)
    assert {each.get("spid") for each in deck.slides[1].xml.findall(".//p:spTgt", SPACES)} == {video.get("id")}
    assert deck.contents == list(told.expected(TEN, SHORT).values())


@pytest.mark.parametrize("code", ["es", "fa"])
def test_a_deck_with_titles_is_as_the_rules_want_it(code, told, tmp_path):
    deck = deck_of(told, tmp_path / "deck.pptx", code)

    assert faults_of(deck) == []
    assert [fault for name in deck.names if name.endswith(".xml") for fault in faults_of_order(deck.xml(name))] == []


def test_a_deck_without_texts_has_no_titles_nor_a_place_for_them(deck, whole, tmp_path):
    path = whole.project.path.parent / "deck.pptx"
    assert set(titles(path)) == {None}
    layout = DeckFile(path).xml("ppt/slideLayouts/slideLayout1.xml")
    assert layout.get("type") == "blank"
    assert layout.findall(".//p:sp", SPACES) == []


def test_the_same_texts_give_the_same_deck(told, tmp_path):
    paths = [tmp_path / "one.pptx", tmp_path / "other.pptx"]
    for path in paths:
        deck_of(told, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
