"""The fingerprint beside a picture is that of what was photographed, and the same as that of the page over HTTP."""

from __future__ import annotations

import pytest

from course.curricula import CURRICULA
from course.page import read_page
from demo.course import QR_CODES, SLIDE_TYPES
from presenting import (  # noqa: F401 - fixtures
    INTENSIVE,
    TEN,
    present,
    project,
    run,
    site,
    slides_named,
)
from shared_browser import SIZE
from slide_files import manifest_of, statuses
from slides.fingerprint import fingerprint, slides_of_page


def over_http(code: str = "en", curriculum=TEN) -> dict[str, str]:
    """Return the fingerprints that the site's page has now, by slide name."""
    shown = slides_of_page(read_page(code, [].append), curriculum.name)
    return {name: fingerprint(slide, *SIZE) for name, slide in shown.items()}


def in_manifest(project, curriculum=TEN) -> dict[str, str]:
    slides = manifest_of(project.path, curriculum)["slides"]
    return {f"session_{slide['session']}_{slide['key']}": slide["fingerprint"] for slide in slides}


def one_of_each_type(page) -> dict[str, tuple]:
    """Return a curriculum and a slide of it for each type that the page has."""
    return {slide.type: (each, slide) for each in CURRICULA for slide in page.slides[each.name]}


# ---- the two places agree ----


@pytest.mark.parametrize("code", ["es", "ar"])
def test_every_type_of_slide_has_the_same_fingerprint_over_http_and_in_a_browser(site, present, code):
    site.presenter.short_course = None
    site.presenter.video_titles = {number: f"Title {number}" for number in range(1, 30, 2)}
    page = read_page(code, [].append)
    slides = one_of_each_type(page)
    assert slides.keys() == set(SLIDE_TYPES)
    presenter = present(code)

    found, expected = {}, {}
    for kind, (curriculum, slide) in sorted(slides.items(), key=lambda each: each[1][0].folder):
        assert presenter.jump_to(curriculum, slide, tolerant=False) is None
        shown = presenter.prove(curriculum, slide).shown
        found[kind] = shown, fingerprint(shown, *SIZE)
        known = slides_of_page(page, curriculum.name)[slide.name]
        expected[kind] = known, fingerprint(known, *SIZE)

    assert found == expected
    assert {shown.direction for shown, _ in found.values()} == {"rtl" if code == "ar" else "ltr"}


def test_a_whole_run_writes_the_fingerprints_that_the_page_has(site, run, project):
    site.presenter.short_course = 4
    run(TEN, INTENSIVE)

    assert in_manifest(project) == over_http()
    assert in_manifest(project, INTENSIVE) == over_http(curriculum=INTENSIVE)
    assert len({*in_manifest(project).values(), *in_manifest(project, INTENSIVE).values()}) == 16
    assert set(statuses(project.path).values()) == {"ok"}


def test_what_the_pages_own_scripts_write_into_a_slide_does_not_count(present, browser):
    [slide] = slides_named("1_s1_1_4")
    presenter = present()
    fingerprints = []
    for _ in range(2):
        assert presenter.jump_to(TEN, slide, tolerant=False) is None
        fingerprints.append(fingerprint(presenter.prove(TEN, slide).shown, *SIZE))

    written = browser.driver.execute_script(
        "return Object.keys(document.querySelector('course-slideshow').currentSlide)"
    )
    assert {"element", "renders"} <= set(written), "the stand-in has lost the trap"
    assert fingerprints == [over_http()[slide.name]] * 2


@pytest.mark.parametrize("how", ["trailing_comma", "javascript", "absent"])
def test_data_that_only_a_browser_reads_has_the_fingerprint_that_it_would_have_over_http(site, present, how):
    expected = over_http()
    site.presenter.garbled_data = how
    [slide] = slides_named("1_t1_b")
    presenter = present()
    assert presenter.jump_to(TEN, slide, tolerant=False) is None

    assert fingerprint(presenter.prove(TEN, slide).shown, *SIZE) == expected[slide.name]


def test_a_slide_of_which_the_page_says_nothing_is_proven_all_the_same(site, present):
    site.presenter.sessions_constant_missing = True
    [slide] = slides_named("1_t1_b")
    presenter = present()
    assert presenter.jump_to(TEN, slide, tolerant=False) is None

    proof = presenter.prove(TEN, slide)
    assert proof is not None
    assert proof.shown is None


def test_a_flawed_picture_has_a_fingerprint_too(site, run, project):
    site.presenter.short_course = 2
    site.presenter.picture_missing = set(QR_CODES)
    run(allow_flawed=True)

    assert set(statuses(project.path).values()) == {"ok", "flawed"}
    assert in_manifest(project) == over_http()


# ---- what changes them ----


def test_a_changed_text_changes_the_fingerprint_of_its_slide_alone(site, run, project):
    site.presenter.short_course = 3
    run()
    before = in_manifest(project)
    site.presenter.changed_texts = {"s1_1_2": "Something else."}

    assert {name for name, value in over_http().items() if value != before[name]} == {"session_1_s1_1_2"}
    run()
    assert in_manifest(project) == over_http()


def test_titles_of_videos_change_the_fingerprints_of_video_slides_alone(site, present, browser):
    before = over_http()
    site.presenter.video_titles = {1: "God Uses Ordinary People"}
    [video] = slides_named("1_t1_b")
    presenter = present()
    assert presenter.jump_to(TEN, video, tolerant=False) is None

    assert "God Uses" in browser.driver.execute_script("return document.querySelector('.video-box').textContent")
    assert fingerprint(presenter.prove(TEN, video).shown, *SIZE) == over_http()[video.name]
    assert {name for name, value in over_http().items() if value != before[name]} == {video.name}


def test_the_nonce_which_is_new_on_each_page_changes_nothing(site):
    assert over_http() == over_http()


def test_a_text_that_changes_after_the_course_was_read_has_the_fingerprint_of_what_was_photographed(site, run, project):
    site.presenter.short_course = 3
    old = over_http()
    site.presenter.changed_texts = {"s1_1_2": "Something else."}
    new = over_http()
    site.presenter.pages_before_change = 1
    site.presenter_log.clear()

    run()

    assert site.presenter.pages_before_change == 0
    assert site.presenter_log.page_loads[0] == ("/en/presenter", "type=10")
    assert in_manifest(project) == new
    assert new["session_1_s1_1_2"] != old["session_1_s1_1_2"]
