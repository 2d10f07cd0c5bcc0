"""The texts beside a picture are those of what was photographed, or of a page that would give the same picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course.curricula import Slide
from course.page import read_page
from presenting import TEN, project, run, site  # noqa: F401 - fixtures
from slide_files import manifest_of
from slides.captions import texts_of, with_texts
from slides.entry import Entry
from slides.fingerprint import ShownSlide, fingerprint, slides_of_page

SLIDE = Slide(1, 1, "one", "title", None)
SIZE = (600, 336)
SHOWN = ShownSlide({"key": "one", "center": ["Head", "Text<br>more"], "menu": ["Menu"]}, "es", "es", "ltr", "")
OTHER = replace(SHOWN, data={**SHOWN.data, "center": ["Other"]})
PICTURE = Entry(SLIDE, "20261122_120000_session_1_one.png", "ok", None, width=SIZE[0], height=SIZE[1])


def filled(entry, shown=SHOWN):
    """Return heading and text that an entry has after today's page was read."""
    (found,) = with_texts([entry], {SLIDE.name: shown})
    assert replace(found, heading=entry.heading, text=entry.text) == entry
    return found.heading, found.text


def test_a_slide_has_the_texts_of_its_data_and_else_the_title_of_its_video():
    assert texts_of(SHOWN) == {"heading": "Head", "text": "Text\nmore"}
    video = replace(SHOWN, data={"center": ["https://vimeo.com/1"]}, video_title="A title")
    assert texts_of(video) == {"heading": "A title", "text": ""}
    assert texts_of(replace(SHOWN, data={})) == {"heading": "", "text": ""}
    assert texts_of(None) == {"heading": None, "text": None}


def test_a_picture_of_what_the_page_shows_today_gets_its_texts():
    assert filled(replace(PICTURE, fingerprint=fingerprint(SHOWN, *SIZE))) == ("Head", "Text\nmore")


@pytest.mark.parametrize("size", [(600, 337), (None, None)])
def test_the_texts_of_a_picture_of_something_else_stay_unknown(size):
    of_today = replace(PICTURE, fingerprint=fingerprint(SHOWN, *SIZE))
    assert filled(of_today, OTHER) == (None, None)
    assert filled(replace(of_today, width=size[0], height=size[1])) == (None, None)


def test_a_picture_of_which_nobody_knows_what_it_shows_gets_the_texts_of_today():
    assert filled(PICTURE) == ("Head", "Text\nmore")
    assert filled(Entry(SLIDE, None, "missing", None)) == ("Head", "Text\nmore")


@pytest.mark.parametrize("recorded", [("Old", "Old text"), ("", ""), ("Old", None)])
def test_texts_that_are_recorded_stay(recorded):
    entry = replace(PICTURE, heading=recorded[0], text=recorded[1])
    assert filled(entry) == recorded


def test_a_slide_that_the_page_does_not_have_stays_as_it_is_and_all_keep_their_order():
    other = replace(PICTURE, slide=Slide(2, 1, "two", "title", None))
    assert with_texts([other, PICTURE], {SLIDE.name: SHOWN}) == [other, replace(PICTURE, **texts_of(SHOWN))]


def test_a_run_writes_the_texts_of_what_was_photographed(site, run, project):
    site.presenter.short_course = 3
    site.presenter.changed_texts = {"s1_1_2": "Something else."}
    run()

    shown = slides_of_page(read_page("en", [].append), TEN.name)
    written = {
        f"session_{slide['session']}_{slide['key']}": {"heading": slide["heading"], "text": slide["text"]}
        for slide in manifest_of(project.path)["slides"]
    }
    assert written == {name: texts_of(slide) for name, slide in shown.items()}
    assert written["session_1_s1_1_2"]["text"] == "Something else."
    assert all(texts["heading"] for texts in written.values())
