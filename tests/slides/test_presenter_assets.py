"""Fonts, pictures and icons of a slide: each is waited for, and named if it does not come."""

from __future__ import annotations

import re
import time

import pytest

from demo.presenter import presenter_app
from demo.server import LocalServer
from presenting import TEN, differing, picture_host, plain, present, same_pixels, shown, site, slide_with, slides_named  # noqa: F401 - fixtures
from slides.presenter import Presenter

# ---- fonts ----


@pytest.mark.parametrize("code", ["en", "hi", "ar", "zhcn"])
def test_a_late_font_changes_no_picture(plain, site, present, browser, code):
    slides = slides_named("1_s1_1_2", "1_s1_1_4", "1_t1_b", "1_s1_1_3", code=code)
    expected = plain.pictures(code, slides)
    site.presenter.font_delay = 1.0
    plain.load(code, TEN, slides[0], site.site_url)
    if same_pixels(browser.picture(), expected[slides[0].name]):
        pytest.fail("the stand-in has lost its trap: a text fitted before the font is there looks no different")

    presenter = present(code)
    assert presenter.load_slide(TEN, slides[0], tolerant=False) is None
    pictures = {slides[0].name: browser.picture(), **shown(presenter, browser, slides[1:])}

    assert differing(pictures, expected) == []


def test_a_late_font_changes_no_picture_taken_after_the_first_jump(plain, site, present, browser):
    slides = slides_named("1_s1_1_2", "1_s1_1_4")
    expected = plain.pictures("en", slides)
    site.presenter.font_delay = 1.0

    assert differing(shown(present(), browser, slides), expected) == []


def test_a_missing_font_is_named(site, present):
    site.presenter.font_missing = True
    [slide] = slides_named("1_s1_1_3")
    presenter = present()

    strict = presenter.jump_to(TEN, slide, tolerant=False)
    tolerant = presenter.jump_to(TEN, slide, tolerant=True)

    assert re.fullmatch(r"font .*Poppins did not load", strict.message)
    assert not strict.tolerable
    assert "Poppins did not load" in tolerant.message
    assert tolerant.tolerable


def test_a_font_that_is_too_late_is_named(site, present):
    site.presenter.font_delay = 20
    [slide] = slides_named("1_s1_1_3")
    assert re.fullmatch(
        r"font .*Poppins did not load in 1(\.0)? s", present(wait=1).jump_to(TEN, slide, tolerant=False).message
    )


def test_a_font_host_that_cannot_be_reached_is_said_aloud(site, browser):
    """Without the host's style sheet the page does not even know that there is a font to wait for."""
    said = []
    with picture_host() as stopped:
        site.presenter.picture_host = stopped
    Presenter(browser, "en", 5.0, said.append).load(TEN)
    assert any("style sheet" in sentence and stopped in sentence and "font" in sentence for sentence in said)


def test_a_missing_font_does_not_keep_the_others_from_being_waited_for(site, present, browser):
    [slide] = slides_named("1_s1_1_3")
    with picture_host(missing_font="400.ttf") as prompt:
        site.presenter.picture_host = prompt
        assert present().load_slide(TEN, slide, tolerant=True).tolerable
        expected = browser.picture()
    with picture_host(missing_font="400.ttf", late="700.ttf") as late:
        site.presenter.picture_host = late
        assert present().load_slide(TEN, slide, tolerant=True).tolerable
        assert same_pixels(browser.picture(), expected)


# ---- pictures and icons ----


PICTURE_KINDS = [
    pytest.param({"qr": True, "backdrop": ""}, "qr", id="QR code"),
    pytest.param({"picture": True}, "picture", id="drawing"),
    pytest.param({"backdrop": True, "qr": ""}, "backdrop", id="CSS background"),
]


@pytest.mark.parametrize(("wanted", "kind"), PICTURE_KINDS)
def test_a_slow_picture_is_waited_for(plain, site, present, browser, wanted, kind):
    slide = slide_with(**wanted).slide
    [other] = slides_named("1_s1_1_3")
    expected = plain.pictures("en", [other, slide])
    site.presenter.picture_delay = 0.7

    assert differing(shown(present(), browser, [other, slide]), expected) == []


@pytest.mark.parametrize(("wanted", "kind"), PICTURE_KINDS)
@pytest.mark.parametrize("trouble", ["missing", "broken", "never"])
def test_a_picture_that_does_not_come_is_named(site, present, wanted, kind, trouble):
    content = slide_with(**wanted)
    name = getattr(content.look, kind)
    setattr(site.presenter, f"picture_{trouble}", {name})
    presenter = present(wait=1.0 if trouble == "never" else 5.0)
    [other] = slides_named("1_s1_1_3")

    strict = presenter.jump_to(TEN, content.slide, tolerant=False)
    tolerant = presenter.jump_to(TEN, content.slide, tolerant=True)

    in_time = r" in 1(\.0)? s" if trouble == "never" else ""
    address = rf"http://localhost:\d+/pictures/{re.escape(name)}"
    assert re.fullmatch(f"picture {address} did not load{in_time}", strict.message)
    assert not strict.tolerable
    assert tolerant.tolerable
    assert name in tolerant.message
    assert presenter.jump_to(TEN, other, tolerant=False) is None


@pytest.fixture
def natural_sizes(browser, present):
    """Lets the pictures be as large as they are themselves: until they are there, they take up no room at all."""
    style = ".picture { width: auto !important; height: auto !important; padding: 0 !important; max-width: 40% }"
    add = f"document.head.append(Object.assign(document.createElement('style'), {{textContent: '{style}'}}))"
    presenter = present()
    browser.command(
        "Page.addScriptToEvaluateOnNewDocument", source=f"addEventListener('DOMContentLoaded', () => {add})"
    )
    return presenter


def test_a_slow_picture_as_large_as_itself_is_waited_for(site, natural_sizes, browser):
    site.presenter.picture_delay = 1.0
    assert natural_sizes.jump_to(TEN, slide_with(qr=True, backdrop="").slide, tolerant=False) is None
    assert browser.driver.execute_script("return document.querySelector('.picture').naturalWidth") > 0


def test_a_missing_picture_as_large_as_itself_is_named(site, natural_sizes):
    content = slide_with(qr=True, backdrop="")
    site.presenter.picture_missing = {content.look.qr}
    fault = natural_sizes.jump_to(TEN, content.slide, tolerant=False)
    assert fault is not None
    assert content.look.qr in fault.message


def test_a_missing_picture_does_not_keep_the_others_from_being_waited_for(site, present, browser):
    site.presenter.short_course = None
    content = slide_with(qr=True, backdrop=True)
    site.presenter.picture_missing = {content.look.backdrop}
    assert present().load_slide(TEN, content.slide, tolerant=True).tolerable
    expected = browser.picture()

    app = presenter_app(site.presenter)

    def answer(environ, start_response):
        if environ["PATH_INFO"].endswith(content.look.qr):
            time.sleep(1)
        return app(environ, start_response)

    with LocalServer(answer) as host:
        site.presenter.picture_host = host.address
        assert present().load_slide(TEN, content.slide, tolerant=True).tolerable
        assert same_pixels(browser.picture(), expected)


@pytest.mark.parametrize("key", ["s1_1_1", "s1_1_3"], ids=["fetch", "XMLHttpRequest"])
def test_a_slow_icon_is_waited_for(plain, site, present, browser, key):
    slides = slides_named(f"1_{key}")
    expected = plain.pictures("en", slides)
    site.presenter.icon_delay = 0.7

    assert differing(shown(present(), browser, slides), expected) == []


@pytest.mark.parametrize(
    ("key", "icon"), [pytest.param("s1_1_1", "book", id="fetch"), pytest.param("s1_1_3", "cup", id="XMLHttpRequest")]
)
def test_a_missing_icon_is_named_and_spoils_no_other_slide(site, present, key, icon):
    site.presenter.icon_missing = {icon}
    slide, other = slides_named(f"1_{key}", "1_s1_1_2")
    presenter = present()

    fault = presenter.jump_to(TEN, slide, tolerant=False)
    assert re.fullmatch(rf"icon .*/icons/{icon}\.svg did not load", fault.message)
    assert presenter.jump_to(TEN, slide, tolerant=True).tolerable
    assert presenter.jump_to(TEN, other, tolerant=False) is None

    site.presenter.icon_missing = set()
    assert presenter.jump_to(TEN, slide, tolerant=False) is None


def test_an_icon_that_is_too_late_is_named(site, present):
    site.presenter.icon_delay = 20
    [slide] = slides_named("1_s1_1_1")
    message = present(wait=1).jump_to(TEN, slide, tolerant=False).message
    assert re.fullmatch(r"icon .*/icons/book\.svg did not load in 1(\.0)? s", message)
