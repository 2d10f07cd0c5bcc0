"""The fixed pictures, icons and fonts that slides show, as the browser hands them over with the pictures."""

from __future__ import annotations

import pytest

from demo.course import CourseSlide
from presenting import (  # noqa: F401
    TEN,
    CaptureJob,
    beginning,
    present,
    same_pixels,
    settings,
    shown,
    site,
    slide_with,
)
from slides import browser_pool
from slides.browser_pool import BrowserPool

pytestmark = pytest.mark.usefixtures("home")


# The types of slides that show a fixed picture.
FIXED_TYPES = ("title", "final", "video", "activity", "left_image")


def slide_of(type_: str):
    return slide_with(type=type_).slide


def paths(assets, site) -> set[str]:
    """Return the assets without their host: fonts come from the same machine under its other name."""
    return {"/" + address.split("/", 3)[3] for address in assets}


def proof_of(presenter, slide):
    assert presenter.jump_to(TEN, slide, tolerant=False) is None
    return presenter.prove(TEN, slide)


def test_what_a_slide_shows_that_its_data_does_not_name_is_handed_over_once(site, present):
    presenter = present()
    first = paths(proof_of(presenter, slide_of("title")).assets, site)
    assert {"/fixed/logo.svg", "/icons/book.svg"} <= first
    assert not any(path.startswith(("/static", "/pictures", "/fonts/poppins.css")) for path in first)
    video = paths(proof_of(presenter, slide_of("video")).assets, site)
    assert "/fixed/video.svg" in video
    assert not video & first
    assert proof_of(presenter, slide_of("title")).assets == frozenset()


@pytest.mark.parametrize("wanted", [{"picture": True}, {"qr": True}, {"backdrop": True}])
def test_what_the_slides_data_names_is_not_handed_over(wanted, site, present):
    site.presenter.short_course = None
    presenter = present()
    assets = paths(proof_of(presenter, slide_with(**wanted).slide).assets, site)
    assert assets
    assert not [path for path in assets if path.startswith("/pictures/")]


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("See SITE/fixed/logo.svg", True),
        ("<img src='/fixed/logo.svg'>", True),
        ('<img src="SITE/fixed/logo.svg?a=1&amp;b=2">', True),
        ("url(/fixed/logo.svg)", True),
        ("logo.svg", True),
        ("https://elsewhere.example/fixed/logo.svg", False),
        ("the logo.svg", False),
    ],
)
def test_what_any_slide_of_the_page_names_is_its_own(text, is_named, site, present, monkeypatch):
    monkeypatch.setattr(CourseSlide, "_texts", lambda slide: list(slide.text))
    site.presenter.changed_texts = {"s1_1_2": text.replace("SITE", site.site_url)}
    assets = paths(proof_of(present(), slide_of("title")).assets, site)
    assert ("/fixed/logo.svg" not in assets) == is_named


def test_fonts_that_the_sites_own_style_sheets_bring_are_handed_over(site, present):
    # Browsers do not tell what style sheets of other hosts bring.
    site.presenter.picture_host = site.site_url
    assets = paths(proof_of(present(), slide_of("title")).assets, site)
    assert {"/fonts/poppins-400.ttf", "/fonts/poppins-700.ttf"} <= assets
    assert "/fonts/poppins.css" not in assets


def test_a_pool_collects_what_all_slides_show(site, browser, monkeypatch):
    monkeypatch.setattr(browser_pool, "Browser", lambda *_: browser)
    browser.forget()
    slides = [slide_of("title"), slide_of("video")]
    with BrowserPool(settings(), 1) as pool:
        pool.start()
        jobs = [CaptureJob(TEN, slide, lambda *_: "x.png") for slide in slides]
        results = [taken.status for _, taken in pool.take_all(jobs)]
        assets = paths(pool.assets, site)
    assert results == ["ok", "ok"]
    assert {"/fixed/logo.svg", "/fixed/video.svg"} <= assets


def test_another_look_shows_in_every_picture_and_a_replaced_picture_where_it_is(site, present, browser):
    without = next(slide for slide in beginning() if slide.type not in FIXED_TYPES)
    slides = [slide_of("title"), slide_of("video"), without]
    before = shown(present(), browser, slides)
    site.presenter.deployment, site.presenter.same_look_deployment = 1, True
    anew = shown(present(), browser, slides)
    assert all(same_pixels(before[name], anew[name]) for name in before)
    site.presenter.deployment, site.presenter.replaced_pictures = 2, {"logo.svg"}
    replaced = shown(present(), browser, slides)
    assert [same_pixels(before[slide.name], replaced[slide.name]) for slide in slides] == [False, True, True]
    site.presenter.deployment, site.presenter.other_look = 3, True
    other = shown(present(), browser, slides)
    assert not any(same_pixels(replaced[name], other[name]) for name in replaced)
