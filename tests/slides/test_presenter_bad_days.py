"""The presenter page on a bad day of the site, of the network or of its own script."""

from __future__ import annotations

import re
import threading

import pytest

from common import retries
from common.errors import RemoteError
from demo.presenter import PresenterSettings, presenter_app
from demo.server import LocalServer
from presenting import (  # noqa: F401 - fixtures
    TEN,
    TWENTY,
    going_down_after,
    impatient,
    picture_host,
    present,
    project,
    run,
    site,
    slide_with,
    slides_named,
    take,
)
from slide_files import files_in, statuses
from slides import browser_pool
from slides import presenter as presenter_module
from slides.browser_pool import BrowserPool
from slides.presenter import Presenter


@pytest.mark.parametrize(
    ("trouble", "loads", "part_of_message"),
    [
        ({"status": 503}, retries.TRIES, "answered with an error (503)"),
        ({"status": 403}, 1, "answered with an error (403)"),
        ({"too_many": 99}, retries.TRIES, "answered with an error (429)"),
        ({"languages": {"es"}}, 1, "has no page at"),
        ({"languages": {"es", "fr"}, "answers_in": "fr"}, 1, "does not serve the language en: it answers in fr."),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_site_that_does_not_give_the_page_is_an_error(site, present, trouble, loads, part_of_message, monkeypatch):
    monkeypatch.setattr(presenter_module, "_PAUSE_WHEN_TOO_MANY", 0.1)
    for name, value in trouble.items():
        setattr(site.presenter, name, value)

    with pytest.raises(RemoteError, match=re.escape(part_of_message)):
        present().load(TEN)

    assert len(site.presenter_log.page_loads) == loads


def test_course_data_that_is_nested_too_deeply_is_an_error(present, monkeypatch):
    presenter = present()
    presenter.load(TEN)
    monkeypatch.setattr(presenter, "_call", lambda *_: "[" * 100_000)
    with pytest.raises(RemoteError, match="The course data of the page cannot be read"):
        presenter.page()


def test_an_unknown_code_that_is_answered_in_english_is_refused(site, present):
    site.presenter.unknown_code = "english"
    with pytest.raises(RemoteError, match="does not serve the language xx: it answers in en"):
        present("xx").load(TEN)


def test_a_site_that_nobody_answers_is_an_error(present, monkeypatch):
    presenter = present()
    with LocalServer(presenter_app(PresenterSettings())) as stopped:
        monkeypatch.setenv("ZUME_SITE_URL", stopped.address)
    monkeypatch.setattr(retries, "TRIES", 2)
    with pytest.raises(RemoteError, match="cannot be reached"):
        presenter.load(TEN)


def test_a_page_without_the_presenter_is_an_error(present, monkeypatch):
    def answer(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<!doctype html><title>Welcome to the hotel's network</title>"]

    presenter = present()
    with LocalServer(answer) as hotel:
        monkeypatch.setenv("ZUME_SITE_URL", hotel.address)
        with pytest.raises(RemoteError, match="There is no course presenter at"):
            presenter.load(TEN)


@pytest.mark.parametrize(
    "trouble",
    [{"too_many": 2}, {"too_many": 2, "retry_after": True}, {"fail_every": 1}],
    ids=["429", "429 with Retry-After", "500"],
)
def test_what_may_pass_is_tried_again(site, present, trouble, monkeypatch):
    monkeypatch.setattr(presenter_module, "_PAUSE_WHEN_TOO_MANY", 0.1)
    for name, value in trouble.items():
        setattr(site.presenter, name, value)
    presenter = present()
    said = present.said

    def get_well(sentence: str) -> None:
        said.append(sentence)
        if len(said) == 2:
            site.presenter.fail_every = 0

    presenter._announce = get_well
    presenter.load(TEN)

    assert len(site.presenter_log.page_loads) == 3
    assert [bool(re.search(r"\((429|500)\).*Trying again", sentence)) for sentence in said] == [True, True]


def test_a_page_that_hangs_is_given_up_and_the_browser_is_still_good(site, present, monkeypatch):
    monkeypatch.setattr(presenter_module, "_LOAD_SECONDS", 1)
    monkeypatch.setattr(retries, "TRIES", 2)
    site.presenter.hangs = True
    presenter = present()

    with pytest.raises(RemoteError, match="did not load in 1 s"):
        presenter.load(TEN)
    assert len(site.presenter_log.page_loads) == 2

    site.presenter.hangs = False
    assert presenter.jump_to(TEN, slides_named("1_s1_1_3")[0], tolerant=False) is None


def test_a_site_that_goes_down_ends_the_run_and_a_resumed_one_does_the_rest(site, run, project, monkeypatch):
    monkeypatch.setattr(retries, "TRIES", 2)
    site.presenter.short_course = 4
    with going_down_after(1, site, project), pytest.raises(RemoteError, match="503"):
        run(TEN, TWENTY)
    assert list(statuses(project.path, TEN).values()) == ["ok"] * 8
    # Some were tried before the site was given up.
    assert set(statuses(project.path, TWENTY).values()) == {"failed", "missing"}
    before = files_in(project.path, TEN)

    run(TEN, TWENTY, resume=True)

    assert list(statuses(project.path, TWENTY).values()) == ["ok"] * 8
    assert files_in(project.path, TEN) == before


def test_what_is_taken_when_the_site_is_given_up_is_saved_all_the_same(site, run, project, monkeypatch):
    monkeypatch.setattr(retries, "TRIES", 2)
    site.presenter.short_course = 4
    given_up, late = threading.Event(), []
    wait, check = BrowserPool._wait_until_all_is_saved, browser_pool.picture_fault

    def check_one_late(*arguments):
        if site.presenter.status == 503 and not late:
            late.append("one picture")
            given_up.wait(30)
        return check(*arguments)

    def give_up(pool) -> None:
        given_up.set()
        wait(pool)

    monkeypatch.setattr(BrowserPool, "_wait_until_all_is_saved", give_up)
    monkeypatch.setattr(browser_pool, "picture_fault", check_one_late)
    with going_down_after(1, site, project), pytest.raises(RemoteError, match="503"):
        run(TEN, TWENTY)

    assert (given_up.is_set(), late) == (True, ["one picture"])
    assert list(statuses(project.path, TEN).values()) == ["ok"] * 8


def test_one_address_that_always_fails_costs_one_slide(site, take, impatient, monkeypatch):
    monkeypatch.setattr(retries, "TRIES", 2)
    load = Presenter._load_once

    def load_once(presenter, curriculum, session, key) -> None:
        if key == "s1_1_4":
            raise RemoteError("The site answered with an error (500).", retryable=True)
        load(presenter, curriculum, session, key)

    monkeypatch.setattr(Presenter, "_load_once", load_once)
    site.presenter.ignores_popstate = True
    slides = slides_named("1_s1_1_1", "1_s1_1_2", "1_s1_1_3", "1_s1_1_4", "1_t1_a")

    taken = take(slides)

    assert [taken[slide.name].status for slide in slides] == ["ok", "ok", "ok", "failed", "ok"]
    assert taken[slides[3].name].error == "The site answered with an error (500)."


def test_a_style_sheet_that_comes_at_the_second_load_costs_nothing(site, browser, monkeypatch):
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.01)
    with picture_host() as stopped:
        site.presenter.picture_host = stopped
    said = []

    def announce(sentence: str) -> None:
        said.append(sentence)
        site.presenter.picture_host = None

    presenter = Presenter(browser, "en", 5.0, announce)
    presenter.load(TEN)

    assert len(said) == 1
    assert "did not load at" in said[0]
    assert "Trying again" in said[0]
    assert len(site.presenter_log.page_loads) == 2


def test_a_picture_that_comes_onto_the_slide_while_it_is_looked_at_is_checked_too(site, present, browser):
    """It has a box of its own, so that its loading changes neither the page nor the layout."""
    site.presenter.icon_delay = 1.0
    site.presenter.picture_missing = {"qr-share.png"}
    presenter = present()
    presenter.load(TEN)
    [slide] = slides_named("1_s1_1_3")
    browser.evaluate(
        """setTimeout(() => {
            const image = new Image(100, 100);
            image.src = jsObject.pictures_url + 'qr-share.png';
            document.querySelector('slide-switcher > *').append(image);
        }, 500)"""
    )

    fault = presenter.jump_to(TEN, slide, tolerant=False)

    assert "qr-share.png did not load" in fault.message


def test_what_never_comes_does_not_hold_up_the_slides_after_it(site, present):
    presenter = present(wait=1.0)
    presenter.load(TEN)
    content = slide_with(qr=True, backdrop="")
    site.presenter.picture_never = {content.look.qr}
    assert "did not load in 1 s" in presenter.jump_to(TEN, content.slide, tolerant=False).message
    site.presenter.picture_never = set()
    site.presenter_log.clear()

    assert presenter.jump_to(TEN, slides_named("1_s1_1_4")[0], tolerant=False) is None
    assert len(site.presenter_log.page_loads) == 1


def test_a_page_whose_script_fails_is_a_fault_of_the_slide_and_not_of_the_browser(site, present, browser):
    presenter = present()
    presenter.load(TEN)
    slide, other = slides_named("1_s1_1_3", "1_s1_1_4")
    browser.evaluate("delete window.slideBuilder.getReady")

    assert presenter.jump_to(TEN, slide, tolerant=False).message.startswith("the page failed (TypeError")
    assert presenter.jump_to(TEN, other, tolerant=False) is None
