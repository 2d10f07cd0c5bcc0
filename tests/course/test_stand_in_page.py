"""What the stand-in presenter's page tells of the videos to whoever reads it over plain HTTP."""

from __future__ import annotations

import json
import re
from itertools import chain

import pytest
import requests

from course.curricula import CURRICULA
from course.languages import Language, find_language
from course.slide_texts import SlideTexts, heading_and_text
from demo.course import CourseChanges, course
from demo.page_data import SITE_API_KEY
from demo.vimeo_videos import StoredVideo

KLINGON = Language("tlh_kx", "Klingon", "tlhIngan Hol", "ltr", True, None, ())


class Page:
    """A presenter page as it comes."""

    def __init__(self, stand_in, code="es"):
        self.text = requests.get(f"{stand_in.site_url}/{code}/presenter?type=10", timeout=10).text

    def constant(self, name):
        """Read a constant as JSON; ValueError if it is none or not there."""
        begin = re.search(rf"\bconst {name} = \[", self.text)
        return json.JSONDecoder().raw_decode(self.text, begin.end() if begin else len(self.text))[0]

    @property
    def slides(self):
        """All slides of all curricula, in the page's order."""
        return [slide for each in CURRICULA for session in self.constant(each.constant) for slide in session]

    @property
    def centers(self):
        """What ``center`` is by course number, None where there is none."""
        return {slide["alt_video_id"]: slide.get("center") for slide in self.slides if slide["type"] == "video"}


def player(video_id):
    return [f"https://player.vimeo.com/video/{video_id}?badge=0&autopause=0&player_id=0"]


def test_the_page_tells_the_mirror_under_the_other_name_of_its_host(stand_in):
    told = Page(stand_in).constant("jsObject")["mirror_url"]

    assert told == stand_in.mirror_url
    assert told == stand_in.site_url.replace("127.0.0.1", "localhost") + "/zume-file-mirror/"
    assert requests.head(f"{told}es/6.mp4", timeout=10).status_code == 200
    assert "ZUME_MIRROR_URL" not in stand_in.environment()


def test_another_host_of_pictures_does_not_move_the_mirror(stand_in):
    stand_in.presenter.picture_host = "http://127.0.0.1:9"
    assert Page(stand_in).constant("jsObject")["mirror_url"] == stand_in.mirror_url


@pytest.mark.parametrize(("setting", "told"), [("no address", "no address"), ("", None)])
def test_the_page_tells_another_mirror_or_none(setting, told, stand_in):
    stand_in.presenter.mirror_url = setting
    assert Page(stand_in).constant("jsObject").get("mirror_url") == told


def test_a_video_slide_names_the_sites_own_video_and_no_other_slide_changes(stand_in):
    stand_in.presenter.short_course = None
    spanish = find_language("es")
    page = Page(stand_in)
    plain = [
        slide.page_data()
        for sessions in course(spanish, True, CourseChanges()).values()
        for session in sessions
        for slide in session
    ]

    assert 33 in page.centers
    assert page.centers == {number: player(StoredVideo(spanish, number).id) for number in page.centers}
    without_players = [
        {name: value for name, value in slide.items() if name != "center" or slide["type"] != "video"}
        for slide in page.slides
    ]
    assert without_players == plain
    assert all(("center" in slide) is (slide["type"] != "video") for slide in plain)


def test_the_sites_own_video_can_be_another_one_or_none(stand_in):
    stand_in.presenter.short_course = None
    stand_in.presenter.site_video_ids = {1: "https://vimeo.com/", 2: "4711", 3: ""}
    centers = Page(stand_in).centers

    assert (centers[1], centers[2], centers[3]) == (["https://vimeo.com/"], player("4711"), None)
    assert centers[4] == player(StoredVideo(find_language("es"), 4).id)


def test_a_language_that_only_the_site_has_shows_no_videos_of_the_stand_in(stand_in):
    stand_in.presenter.more_languages = [KLINGON]
    assert set(Page(stand_in, "tlh_kx").centers.values()) == {None}


def test_the_page_shows_more_videos_once_in_each_curriculum(stand_in):
    shown = set(Page(stand_in).centers)
    stand_in.presenter.more_videos = [33, min(shown)]
    page = Page(stand_in)

    assert page.centers.keys() == {*shown, 33}
    for curriculum in CURRICULA:
        sessions = page.constant(curriculum.constant)
        numbers = [slide.get("alt_video_id") for session in sessions for slide in session]
        assert (numbers.count(33), numbers.count(min(shown))) == (1, 1)
        assert sessions[-1][-1]["alt_video_id"] in (33, min(shown))


def test_the_page_shows_the_sites_own_key_and_a_nonce_of_its_own(stand_in):
    one, other = Page(stand_in), Page(stand_in)

    assert one.constant("zumeApiShare") == {"zume_vimeo_api_key": SITE_API_KEY}
    assert one.constant("jsObject")["nonce"] != other.constant("jsObject")["nonce"]
    assert one.slides == other.slides


def test_the_page_has_a_training_item_of_each_video_whose_title_is_missing_as_a_rule(stand_in):
    numbers = {str(number) for number in Page(stand_in).centers}
    assert Page(stand_in).constant("zumeTrainingItems") == {number: {"key": number} for number in numbers}

    stand_in.presenter.video_titles = {1: "One"}
    items = Page(stand_in).constant("zumeTrainingItems")
    assert items == {**{number: {"key": number} for number in numbers}, "1": {"key": "1", "title_en": "One"}}


def test_a_text_can_change_in_all_curricula_and_only_after_some_pages(stand_in):
    key = "t1_b"
    before = Page(stand_in).slides
    stand_in.presenter.changed_texts = {key: "Something else."}
    stand_in.presenter.pages_before_change = 2

    assert [Page(stand_in).slides == before for _ in range(3)] == [True, True, False]
    expected = [
        {**slide, "right": ["<strong>Something else.</strong>"]} if slide["key"] == key else slide for slide in before
    ]
    assert Page(stand_in).slides == expected
    assert [slide["key"] for slide in expected].count(key) > 1


@pytest.mark.parametrize("code", ["en", "fr", "ar", "hi"])
def test_slides_have_the_fields_of_the_real_ones_with_texts_in_html_and_addresses_beside_them(code, stand_in):
    stand_in.presenter.short_course = None
    page = Page(stand_in, code)
    fields = {"key", "type", "menu", "length", "center", "left", "right", "progress_bar"}
    assert all(fields <= slide.keys() for slide in page.slides)
    assert {*chain.from_iterable(page.slides)} - fields == {
        *("id", "qr", "alt_video_id", "script_id"),
        *("marker", "number"),  # its own
    }
    everything = json.dumps(page.slides)
    assert all(written in everything for written in ("<strong>", "</p><p>", '"/pictures/', '", ["', "false"))
    for curriculum in CURRICULA:
        bars = [
            json.dumps(slide["progress_bar"]) for session in page.constant(curriculum.constant) for slide in session
        ]
        assert len(set(bars)) == len(bars)


@pytest.mark.parametrize("code", ["en", "fr", "ar", "hi"])
def test_what_stands_on_a_slide_is_found_in_its_data(code, stand_in):
    stand_in.presenter.short_course = None
    language = find_language(code)
    slides = [
        slide for content in course(language, language.three_circles, CourseChanges()).values() for slide in content
    ]
    looks = list(chain.from_iterable(slides))

    found = [heading_and_text(slide) for slide in Page(stand_in, code).slides]
    assert found == [SlideTexts(look.heading, "\n".join(look.text)) for look in looks]


@pytest.mark.parametrize("how", ["trailing_comma", "javascript", "absent"])
def test_constants_can_be_such_that_they_are_not_read_without_a_browser(how, stand_in):
    stand_in.presenter.garbled_data = how
    page = Page(stand_in)

    for name in ("jsObject", "zumeApiShare", *(curriculum.constant for curriculum in CURRICULA)):
        with pytest.raises(ValueError, match=r"."):
            page.constant(name)
    assert ("jsObject" in page.text) is (how != "absent")


def test_a_script_with_the_constants_of_an_unknown_language_is_missing(stand_in):
    assert requests.get(f"{stand_in.site_url}/xx/constants.js", timeout=10).status_code == 404
