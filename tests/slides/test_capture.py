"""Pictures of slides in a real browser: which are kept, which are taken again, and which are given up."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from selenium.common.exceptions import WebDriverException

from common import retries
from common.errors import RemoteError
from demo.course import QR_CODES
from presenting import (  # noqa: F401 - fixtures
    INTENSIVE,
    TEN,
    TWENTY,
    going_down_after,
    picture_host,
    project,
    run,
    site,
    slide_with,
    slides_named,
    take,
)
from shared_browser import SharedBrowser
from slide_files import files_in, manifest_of, statuses
from slides.scope import Scope


def test_a_hiccup_of_the_picture_host_costs_no_slide(site, take):
    content = slide_with(qr=True, backdrop="")
    with picture_host(fails_once=content.look.qr) as host:
        site.presenter.picture_host = host
        taken = take([content.slide])
    assert [(one.status, one.error) for one in taken.values()] == [("ok", None)]


@pytest.mark.parametrize("allow_flawed", [False, True])
def test_a_font_picture_or_icon_that_the_site_lacks_is_kept_only_if_allowed(site, take, tmp_path, allow_flawed):
    site.presenter.font_missing = True
    checkin, plain_one = slides_named("1_s1_1_2", "1_s1_1_3")
    site.presenter.picture_missing = {slide_with(key="s1_1_2").look.qr}
    site.presenter.icon_missing = {"check"}

    taken = take([checkin, plain_one], allow_flawed=allow_flawed)

    assert [one.status for one in taken.values()] == ["flawed" if allow_flawed else "failed"] * 2
    assert all("Poppins did not load" in one.error for one in taken.values())
    files = {path.name for path in tmp_path.glob("*.png")}
    assert files == ({one.file for one in taken.values()} if allow_flawed else set())
    if allow_flawed:
        error = taken[checkin.name].error
        assert re.search(r"font .*picture .*/qr-.*icon .*/check\.svg did not load", error), error


@pytest.mark.parametrize("allow_flawed", [False, True])
@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ({"blank": {"s1_1_4"}}, "the picture is blank"),
        (
            {"never_settles": {"s1_1_4"}},
            r"the layout did not settle in 1\.5 s|two pictures in a row are never equal|the slide changed .*",
        ),
        ({"removed_slide": "s1_1_4"}, "the page shows slide s1_1_1 instead"),
    ],
    ids=["blank", "never settles", "unknown key"],
)
def test_a_wrong_slide_is_never_kept(site, take, tmp_path, trouble, error, allow_flawed):
    for name, value in trouble.items():
        setattr(site.presenter, name, value)
    wrong, right = slides_named("1_s1_1_4", "1_s1_1_3")

    taken = take([wrong, right], allow_flawed=allow_flawed, wait=1.5)

    assert (taken[wrong.name].status, taken[wrong.name].file) == ("failed", None)
    assert re.fullmatch(error, taken[wrong.name].error)
    assert taken[right.name].status == "ok"
    assert [path.name for path in tmp_path.glob("*.png")] == [taken[right.name].file]


def test_a_flawed_slide_is_kept_until_the_site_has_mended(site, run, project, capsys):
    site.presenter.short_course = 3
    site.presenter.picture_missing = set(QR_CODES)
    run(allow_flawed=True)
    kept = statuses(project.path)
    assert Counter(kept.values()) == {"ok": 4, "flawed": 2}

    run(scope=Scope.MISSING, allow_flawed=True)
    assert "10: 6 slides, 0 to take" in capsys.readouterr().out
    assert statuses(project.path) == kept
    assert all(slide["error"] for slide in manifest_of(project.path)["slides"] if slide["status"] == "flawed")

    site.presenter.picture_missing = set()
    run(scope=Scope.MISSING)
    assert "10: 6 slides, 2 to take" in capsys.readouterr().out
    assert list(statuses(project.path).values()) == ["ok"] * 6
    assert [slide["error"] for slide in manifest_of(project.path)["slides"]] == [None] * 6


def test_a_flawed_slide_does_not_become_a_good_one_by_failing_again(site, run, project):
    site.presenter.short_course = 2
    site.presenter.picture_missing = set(QR_CODES)
    run(allow_flawed=True)
    [flawed] = [name for name, status in statuses(project.path).items() if status == "flawed"]

    for _ in range(2):
        run(scope=Scope.MISSING)
        assert statuses(project.path)[flawed] == "failed"


def test_a_flawed_slide_does_not_become_a_good_one_by_a_resumed_run(site, run, project, monkeypatch):
    monkeypatch.setattr(retries, "TRIES", 2)
    site.presenter.short_course = 2
    site.presenter.picture_missing = set(QR_CODES)
    with going_down_after(4, site, project), pytest.raises(RemoteError):
        run(TEN, TWENTY, INTENSIVE, allow_flawed=True)
    before = statuses(project.path)
    assert Counter(before.values()) == {"ok": 3, "flawed": 1}

    run(TEN, allow_flawed=True, resume=True)

    assert statuses(project.path) == before


def test_a_picture_stays_when_a_later_run_cannot_take_it(site, run, project):
    site.presenter.short_course = 2
    run()
    before = files_in(project.path)
    site.presenter.blank = {"s1_1_1"}

    run()

    failed = manifest_of(project.path)["slides"][0]
    assert (failed["status"], failed["error"]) == ("failed", "the picture is blank")
    assert failed["file"] in before
    assert before <= files_in(project.path)


def test_a_resumed_run_without_an_interrupted_one_takes_all(site, run, project, capsys):
    site.presenter.short_course = 1
    run()
    run(resume=True)
    assert re.search(r"10: no interrupted run to resume\.\n10: 2 slides, 2 to take", capsys.readouterr().out)


def test_a_picture_of_another_size_is_not_kept(take, tmp_path):
    taken = take(slides_named("1_s1_1_3"), width=601)
    assert [one.error for one in taken.values()] == ["the picture is 600 x 336 instead of 601 x 336"]
    assert not list(tmp_path.glob("*.png"))


def test_a_slide_that_changes_while_its_picture_is_taken_is_not_kept(take, browser, monkeypatch, tmp_path):
    def disturbed() -> bytes:
        picture = SharedBrowser.picture(browser)
        browser.driver.execute_script("document.querySelector('h1').append('!')")
        return picture

    slides = slides_named("1_s1_1_3")
    monkeypatch.setattr(browser, "picture", disturbed)
    taken = take(slides, wait=0.5)
    assert [one.status for one in taken.values()] == ["failed"]
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("allow_flawed", [False, True])
def test_a_slide_that_keeps_changing_without_a_visible_difference_is_given_up(
    site, take, browser, monkeypatch, tmp_path, allow_flawed
):
    site.presenter.picture_missing = set(QR_CODES)
    pictures = []

    def counted() -> bytes:
        if "dataset" not in browser.driver.execute_script("return window.unrest || ''"):
            unrest = "document.querySelector('h1').dataset.now = performance.now()"
            browser.driver.execute_script(f'window.unrest = "{unrest}"; setInterval(window.unrest, 5)')
        pictures.append(SharedBrowser.picture(browser))
        if len(pictures) > 100:
            raise RuntimeError("it would go on for ever")
        return pictures[-1]

    monkeypatch.setattr(browser, "picture", counted)
    [slide] = slides_named("1_s1_1_2" if allow_flawed else "1_s1_1_3")
    [taken] = take([slide], wait=0.5, allow_flawed=allow_flawed).values()
    assert taken.status == "failed"
    assert not list(tmp_path.glob("*.png"))


def test_a_slide_at_which_the_browser_always_breaks_down_fails_alone(take, browser, monkeypatch, capsys):
    slides = slides_named("1_s1_1_3", "1_s1_1_4")

    def broken() -> bytes:
        if "slide=s1_1_3" in browser.driver.current_url:
            raise WebDriverException("tab crashed")
        return SharedBrowser.picture(browser)

    monkeypatch.setattr(browser, "picture", broken)
    taken = take(slides)

    assert [one.status for one in (taken[slide.name] for slide in slides)] == ["failed", "ok"]
    assert taken[slides[0].name].error == "the browser broke down again and again (tab crashed)"
    assert "session" not in capsys.readouterr().err
