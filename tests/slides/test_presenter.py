"""The presenter page in a real browser: its course, the way from slide to slide, and what a slide may be like."""

from __future__ import annotations

import random
import re
import time
from io import BytesIO

import pytest
from PIL import Image

from course.curricula import CURRICULA, recorded_slides
from presenting import (  # noqa: F401 - fixtures
    EVERYTHING_IS_IN,
    INTENSIVE,
    PLAIN_JUMP,
    TEN,
    TWENTY,
    beginning,
    contents,
    differing,
    impatient,
    plain,
    present,
    project,
    run,
    shown,
    site,
    slides_named,
    take,
)
from quick_builds import wait_until
from shared_browser import SIZE
from slides.course_slides import slides_of_course
from slides.presenter import DoesNotFollow, slide_url

# ---- the address and the course ----


def test_the_address_of_a_slide_has_the_form_that_is_made_for_screenshots(monkeypatch):
    monkeypatch.delenv("ZUME_SITE_URL", raising=False)
    assert slide_url("pt_br", INTENSIVE, 3, "t4_c") == (
        "https://zume.training/pt_br/presenter?session=3&type=intensive&view=slideshow&screenshot=&slide=t4_c"
    )


@pytest.mark.parametrize(
    ("code", "only_here"),
    [pytest.param("es", ("t10_g", 33), id="three circles"), pytest.param("hr", ("t10_i", None), id="classic")],
)
def test_the_page_tells_the_course_of_the_languages_own_edition(site, present, code, only_here):
    site.presenter.short_course = None
    presenter = present(code)
    presenter.load(TEN)

    listed = presenter.page().slides

    assert list(listed) == [curriculum.name for curriculum in CURRICULA]
    for curriculum in CURRICULA:
        assert list(listed[curriculum.name]) == [content.slide for content in contents(code, curriculum)]
        recorded = recorded_slides(curriculum, three_circles=code == "es")
        assert [(one.position, one.session, one.key, one.video) for one in listed[curriculum.name]] == [
            (one.position, one.session, one.key, one.video) for one in recorded
        ]
    assert only_here in [(slide.key, slide.video) for slide in listed["ten_session"]]


def test_every_curriculum_is_told_whatever_type_the_page_was_loaded_with(site, present):
    site.presenter.short_course = None
    presenter = present()
    presenter.load(INTENSIVE)
    assert [len(slides) for slides in presenter.page().slides.values()] == [
        len(recorded_slides(curriculum, three_circles=True)) for curriculum in CURRICULA
    ]


@pytest.mark.parametrize(("code", "edition"), [("es", "three circles"), ("hr", "classic")])
def test_the_recorded_course_stands_in_when_the_page_tells_none(site, present, capsys, code, edition):
    site.presenter.sessions_constant_missing = True
    presenter = present(code)
    presenter.load(TEN)

    listed = presenter.page().slides
    slides, source = slides_of_course(listed, TWENTY, code)

    assert listed == {}
    assert (slides, source) == (recorded_slides(TWENTY, edition == "three circles"), "curricula.json")
    assert f"the site does not list the slides of twenty_session; taking the {edition}" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["trailing_comma", "javascript", "absent"])
def test_a_browser_reads_the_course_where_its_data_is_not_json(site, present, how):
    site.presenter.garbled_data = how
    site.presenter.short_course = None
    presenter = present("es")
    presenter.load(TEN)

    assert list(presenter.page().slides["ten_session"]) == [content.slide for content in contents("es")]
    assert presenter.jump_to(TEN, slides_named("1_t1_b", code="es")[0], tolerant=False) is None


def test_a_slide_of_one_more_video_is_a_video_slide_like_the_others(site, present):
    site.presenter.more_videos = [33]
    presenter = present("es")
    presenter.load(TEN)
    last = presenter.page().slides["ten_session"][-1]

    assert (last.type, last.video) == ("video", 33)
    assert presenter.jump_to(TEN, last, tolerant=False) is None


@pytest.mark.parametrize("jump", [True, False], ids=["jump", "fresh load"])
@pytest.mark.parametrize("tolerant", [True, False], ids=["tolerant", "strict"])
def test_the_first_slide_is_not_taken_for_one_that_the_site_does_not_know(site, present, browser, jump, tolerant):
    site.presenter.removed_slide = "s1_1_3"
    presenter = present()
    known, unknown = slides_named("1_s1_1_4", "1_s1_1_3")
    assert presenter.jump_to(TEN, known, tolerant) is None

    fault = (presenter.jump_to if jump else presenter.load_slide)(TEN, unknown, tolerant)

    assert browser.driver.execute_script("return document.querySelector('slide-switcher > *').id") == "s1_1_1"
    assert fault.message == "the page shows slide s1_1_1 instead"
    assert not fault.tolerable


def test_the_screenshot_form_shows_no_controls_and_no_player(present, browser):
    [video] = slides_named("1_t1_b")
    visible = """return ['.controls', '.player', '.video-box'].map(
        (name) => Boolean(document.querySelector(name)?.checkVisibility()))"""
    assert present().load_slide(TEN, video, tolerant=False) is None
    assert browser.driver.execute_script(visible) == [False, False, True]

    browser.driver.get(browser.driver.current_url.replace("screenshot=&", ""))
    browser.driver.execute_async_script(EVERYTHING_IS_IN)
    assert browser.driver.execute_script(visible) == [True, True, False]


# ---- from slide to slide ----


def test_all_sessions_of_a_curriculum_are_reached_from_one_page_load(site, present, browser):
    site.presenter.short_course = None
    firsts = {content.slide.session: content.slide for content in reversed(contents())}
    assert len(firsts) == 10

    shown(presenter := present(), browser, [firsts[session] for session in (1, 5, 10, 2, 9, 3, 8, 4, 7, 6)])
    assert len(site.presenter_log.page_loads) == 1

    shown(presenter, browser, slides_named("1_s3_1_1", "5_t24_a", curriculum=INTENSIVE), INTENSIVE)
    types = [re.search(r"type=(\w+)", query)[1] for _, query in site.presenter_log.page_loads]
    assert types == ["10", "intensive"]


@pytest.mark.parametrize("arrangement", ["course order", "backwards", "by type", "shuffled"])
def test_pictures_do_not_depend_on_the_slide_before(plain, present, browser, arrangement):
    slides = beginning()
    expected = plain.pictures("en", slides)
    arranged = {
        "course order": slides,
        "backwards": slides[::-1],
        "by type": sorted(slides, key=lambda slide: (slide.type, -slide.position)),
        "shuffled": random.Random(7).sample(slides, len(slides)),
    }[arrangement]

    assert differing(shown(present(), browser, arranged), expected) == []


def test_a_reused_element_would_give_wrong_pictures(plain, site, browser):
    slides = beginning()
    expected = plain.pictures("en", slides)
    plain.load("en", TEN, slides[0], site.site_url)
    pictures = {slides[0].name: browser.picture()}

    for slide in slides[1:]:
        browser.driver.execute_script(PLAIN_JUMP, slide.session, slide.key)
        browser.driver.execute_async_script(EVERYTHING_IS_IN)
        pictures[slide.name] = browser.picture()

    wrong = differing(pictures, expected)
    assert 2 <= len(wrong) < len(slides), "the stand-in has lost the trap that the other tests rely on"


def test_a_key_that_stands_in_several_sessions_is_taken_from_each(plain, site, present, browser):
    site.presenter.short_course = None
    finals = slides_named("1_final", "2_final", "3_final")
    expected = plain.pictures("en", finals)
    assert len(set(expected.values())) == 3

    assert differing(shown(present(), browser, finals), expected) == []


def test_a_slide_that_is_on_show_already_is_made_anew(plain, present, browser):
    [slide] = slides_named("1_s1_1_4")
    expected = plain.pictures("en", [slide])
    presenter = present()
    shown(presenter, browser, [slide])
    browser.driver.execute_script("document.getElementById('s1_1_4').className = 'from the first time'")

    assert differing(shown(presenter, browser, [slide]), expected) == []
    assert browser.driver.execute_script("return document.getElementById('s1_1_4').className") == ""


def test_video_slides_in_a_row_show_each_its_own_number(present, browser):
    presenter = present()
    for slide in slides_named("1_t1_b", "1_t2_b", "2_t6_b"):
        assert presenter.jump_to(TEN, slide, tolerant=False) is None
        number = browser.driver.execute_script("return document.querySelector('.video-number').textContent")
        assert number == str(slide.video)


def test_two_pictures_of_a_ready_slide_are_the_same_file(present, browser):
    for slide in slides_named("1_s1_1_1", "1_s1_1_2", "1_t1_b"):
        assert present().jump_to(TEN, slide, tolerant=False) is None
        assert browser.picture() == browser.picture()


def test_a_page_that_takes_its_time_to_follow_is_waited_for(plain, site, present, browser):
    slides = slides_named("1_s1_1_2", "1_s1_1_4", "2_s1_2_4", "2_s1_2_5")
    expected = plain.pictures("en", slides)
    site.presenter.slow_jump = 0.4

    assert differing(shown(present(), browser, slides), expected) == []
    assert len(site.presenter_log.page_loads) == 1


def test_a_page_that_ignores_popstate_is_said_not_to_follow(site, present, impatient):
    site.presenter.ignores_popstate = True
    first, second = slides_named("1_s1_1_1", "1_s1_1_2")
    presenter = present()
    assert presenter.jump_to(TEN, first, tolerant=False) is None

    with pytest.raises(DoesNotFollow):
        presenter.jump_to(TEN, second, tolerant=False)


@pytest.mark.parametrize("font_delay", [0.0, 1.0], ids=["prompt font", "late font"])
def test_a_page_that_ignores_popstate_is_loaded_for_each_slide(
    plain, site, take, tmp_path, capsys, impatient, font_delay
):
    slides = slides_named("1_s1_1_3", "1_s1_1_2", "1_s1_1_4")
    expected = plain.pictures("en", slides)
    site.presenter.ignores_popstate = True
    site.presenter.font_delay = font_delay

    taken = take(slides)

    assert {one.status for one in taken.values()} == {"ok"}
    assert differing({name: (tmp_path / one.file).read_bytes() for name, one in taken.items()}, expected) == []
    assert capsys.readouterr().out.count("each slide is now loaded separately. This is slower.") == 1
    assert len(site.presenter_log.page_loads) == len(slides)


# ---- what else a slide may be like ----


def test_a_page_from_right_to_left_is_taken_as_it_is(plain, present, browser):
    slides = slides_named("1_s1_1_2", "1_t1_b", code="ar")
    expected = plain.pictures("ar", slides)

    assert differing(shown(present("ar"), browser, slides), expected) == []
    assert browser.driver.execute_script("return document.documentElement.dir") == "rtl"


@pytest.mark.parametrize("jump", [True, False], ids=["jump", "fresh load"])
def test_a_frame_that_never_loads_holds_nothing_up(site, present, jump):
    first, video, after = slides_named("1_s1_1_3", "1_t1_b", "1_s1_1_4")
    presenter = present()
    if jump:
        assert presenter.jump_to(TEN, first, tolerant=False) is None

    assert (presenter.jump_to if jump else presenter.load_slide)(TEN, video, tolerant=False) is None
    # The slide is ready before its frame has even been asked for, perhaps.
    wait_until(lambda: "/iframe-that-never-loads" in [path for path, _ in site.presenter_log.requests])
    assert presenter.jump_to(TEN, after, tolerant=False) is None


def test_the_frame_of_a_video_slide_holds_the_load_event_back(plain, site, browser):
    [video] = slides_named("1_t1_b")
    plain.load("en", TEN, video, site.site_url)
    time.sleep(0.3)
    assert browser.driver.execute_script("return document.readyState") == "interactive", "the stand-in lost its trap"


def test_a_change_of_the_slide_after_it_was_ready_is_noticed(present, browser):
    [slide] = slides_named("1_s1_1_4")
    presenter = present()
    assert presenter.jump_to(TEN, slide, tolerant=False) is None

    browser.driver.execute_script("document.body.append(document.createElement('aside'))")
    assert presenter.prove(TEN, slide)
    browser.driver.execute_script("document.querySelector('h1').append('!')")
    assert presenter.prove(TEN, slide) is None


def test_the_page_is_as_large_as_asked_on_every_load(present, browser):
    presenter = present()
    for slide in slides_named("1_s1_1_3", "2_s1_2_4"):
        assert presenter.load_slide(TEN, slide, tolerant=False) is None
        assert browser.driver.execute_script("return [innerWidth, innerHeight, devicePixelRatio]") == [*SIZE, 1]
        with Image.open(BytesIO(browser.picture())) as picture:
            assert picture.size == SIZE
