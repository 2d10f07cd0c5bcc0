"""Where part 3 has the course from: the page over HTTP while browsers start, else a browser, else what was recorded."""

from __future__ import annotations

import pytest

from common.errors import BuilderError, RemoteError
from course.page import OtherLanguageError
from presenting import (  # noqa: F401 - fixtures
    INTENSIVE,
    TEN,
    TWENTY,
    project,
    run,
    settings,
    site,
)
from quick_builds import wait_until
from served_pages import page_with, site_that_answers, video_slide
from slide_files import manifest_of, statuses
from slides.browser_pool import BrowserPool
from slides.page_of_course import page_of_course
from slides.scope import Scope
from slides.take_slides import take_slides
from suite import NOWHERE


@pytest.fixture
def asked(monkeypatch):
    """The curricula of which browsers were asked for the course."""
    asked = []
    page = BrowserPool.page

    def ask(pool, curriculum):
        asked.append(curriculum)
        return page(pool, curriculum)

    monkeypatch.setattr(BrowserPool, "page", ask)
    return asked


# ---- the page over HTTP ----


def test_no_browser_is_asked_for_the_course_that_the_page_lists(site, run, project, asked, capsys):
    site.presenter.short_course = 2
    run(TEN, TWENTY)

    assert asked == []
    assert manifest_of(project.path)["site"] == site.site_url
    assert list(statuses(project.path, TWENTY).values()) == ["ok"] * 4
    assert capsys.readouterr().err == ""


def test_the_page_is_read_while_the_browsers_start(site, run, browser, monkeypatch, project):
    site.presenter.short_course = 1
    monkeypatch.setattr(browser, "start", lambda: wait_until(lambda: site.presenter_log.page_loads))
    run()
    assert list(statuses(project.path).values()) == ["ok"] * 2


def test_a_page_in_another_language_ends_the_run_before_a_browser_sees_it(site, run, project, asked):
    site.presenter.answers_in = "fr"
    with pytest.raises(OtherLanguageError, match="does not serve the language en: it answers in fr"):
        run()
    assert (asked, len(site.presenter_log.page_loads)) == ([], 1)
    assert not (project.path / "10").exists()


def test_a_page_that_turns_into_another_language_after_it_was_read_gives_no_picture(
    site, run, browser, monkeypatch, project
):
    site.presenter.short_course = 1

    def start() -> None:
        wait_until(lambda: site.presenter_log.page_loads)
        site.presenter.answers_in = "fr"

    monkeypatch.setattr(browser, "start", start)
    with pytest.raises(RemoteError, match="does not serve the language en: it answers in fr"):
        run()
    assert not list(project.path.glob("*/*.png"))


@pytest.mark.parametrize("readable", [True, False])
def test_without_any_browser_nothing_is_written(site, project, readable):
    site.presenter.garbled_data = None if readable else "javascript"
    begun = []
    with pytest.raises(BuilderError, match="No browser could be started"):
        take_slides(project, [TEN], settings(grid_urls=(NOWHERE,)), 1, Scope.ALL, False, begin=lambda: begun.append(1))
    assert (begun, project.path.exists()) == ([], False)


# ---- a browser, where that fails ----


@pytest.mark.parametrize("how", ["trailing_comma", "javascript", "absent"])
def test_a_browser_is_asked_where_the_page_cannot_be_read_over_http(site, run, project, asked, how, capsys):
    site.presenter.short_course = 2
    site.presenter.garbled_data = how
    run(TWENTY, INTENSIVE)

    assert asked == [TWENTY]
    said = capsys.readouterr()
    assert f"{site.site_url}/en/presenter?type=10 cannot be read. A browser is asked instead.\n" in said.out
    assert said.err == ""
    assert manifest_of(project.path, TWENTY)["site"] == site.site_url
    for curriculum in (TWENTY, INTENSIVE):
        assert list(statuses(project.path, curriculum).values()) == ["ok"] * 4
        assert None not in {entry["fingerprint"] for entry in manifest_of(project.path, curriculum)["slides"]}


def test_a_site_that_is_down_is_told_by_the_browser_as_before(site, run, asked, monkeypatch):
    monkeypatch.setattr("common.retries.TRIES", 1)
    site.presenter.status = 503
    with pytest.raises(RemoteError, match=r"answered with an error \(503\)"):
        run()
    assert asked == [TEN]


def test_the_recorded_course_stands_in_where_neither_lists_any(site, run, project, asked, monkeypatch, capsys):
    site.presenter.sessions_constant_missing = True
    monkeypatch.setattr(BrowserPool, "take_all", lambda *_: iter(()))
    run(TEN)

    assert asked == [TEN]
    said = capsys.readouterr()
    assert "The slides of ten_session cannot be read from the page" in said.out
    assert "the site does not list the slides of ten_session; taking the three circles edition" in said.err
    assert manifest_of(project.path)["site"] == "curricula.json"


@pytest.mark.parametrize(
    ("curricula", "unlisted"),
    [([TEN], ""), ([TWENTY], "twenty_session"), ([TEN, TWENTY, INTENSIVE], "twenty_session and intensive_session")],
    ids=["listed", "unlisted", "all"],
)
def test_the_page_counts_only_if_it_lists_all_curricula_that_are_wanted(curricula, unlisted, home, monkeypatch, capsys):
    content = page_with({"language": "es"}, zume10Sessions=[[video_slide(1)]], zume20Sessions=[[]])
    with site_that_answers(monkeypatch, content):
        page = page_of_course("es", curricula)

    assert (page is None) == bool(unlisted)
    said = capsys.readouterr().out
    assert said.count("\n") == bool(unlisted)
    assert f"The slides of {unlisted} cannot be read from the page" in said or not unlisted
