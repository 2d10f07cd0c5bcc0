"""The page over all packages: what it says, where its links lead, and how it behaves in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from builds.outdated_page import write_page
from builds.package_state import CurriculumState, DeckState, PackageState, VideosState
from page_checkers import barriers_in, faults_of, needs_axe, needs_vnu

HOSTILE = '<script>alert("x")</script>'


def curriculum(**changes):
    return CurriculumState("10 sessions", 205, 203, **changes)


@pytest.fixture
def states(tmp_path):
    """Packages in every state, two of them with a page of their own."""

    def path(code):
        return str(tmp_path / "the packages #1" / code)

    for code in ("es", "fr"):
        output = Path(path(code)) / "output"
        output.mkdir(parents=True)
        (output / "index.html").write_text("<title>its own</title>", encoding="utf-8")
    changed = {"ten_session": curriculum(changed=("s1_2_4", HOSTILE), new=("extra_1",))}
    videos = VideosState((1, 2, 33), (2, 33), (33,), (1,), (), {33: "Three Circles", 2: HOSTILE})
    return [
        PackageState("es", "Spanish", path("es"), "outdated", "2026-10-02T10:00:00+00:00", 900_000_000, None, changed),
        PackageState(
            "fr", "French", path("fr"), "incomplete", "2026-11-20T10:00:00+00:00", 8_000_000, None, changed, videos
        ),
        PackageState("hi", "Hindi", path("hi"), "unknown", error=f"It cannot be reached: {HOSTILE}."),
        PackageState(
            *("ar", "Arabic", path("ar"), "current", "2026-11-01T10:00:00+00:00", 70_000_000, None),
            {"ten_session": curriculum(flawed=("t1_a",))},
            decks=(DeckState("zume-ar-ten_session.pptx", False, True, False),),
        ),
    ]


@pytest.fixture
def page(tmp_path, states):
    path = tmp_path / "all.html"
    write_page(path, tmp_path / "the packages #1", states)
    return path


@needs_vnu
def test_the_page_is_valid(page, tmp_path):
    write_page(tmp_path / "none.html", tmp_path, [])

    assert faults_of(page, tmp_path / "none.html") == []
    assert re.findall(r' id="([^"]+)"', page.read_text(encoding="utf-8")) == ["es", "fr", "hi", "ar"]


def test_nothing_that_a_record_or_the_site_says_becomes_part_of_the_page(page):
    text = page.read_text(encoding="utf-8")

    assert HOSTILE not in text
    assert text.count("&lt;script&gt;") >= 3


def test_each_package_that_has_a_page_is_linked_relatively(page):
    links = re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8"))

    assert [unquote(link) for link in links] == [
        "./the packages #1/es/output/index.html",
        "./the packages #1/fr/output/index.html",
    ]
    assert all((page.parent / unquote(link)).is_file() for link in links)


def test_what_a_coordinator_asks_for_is_said(page):
    text = page.read_text(encoding="utf-8")

    assert "2 changed, 1 new" in text
    assert "videos that no source has: 33 Three Circles" in text
    assert "kept though the site did not deliver something: t1_a" in text
    assert "203 of 205" in text
    assert "900.0 MB" in text


def test_the_page_is_replaced_as_a_whole_and_leaves_nothing_else(page, states):
    write_page(page, page.parent, states[:1])

    assert page.read_text(encoding="utf-8").count("<tr id=") == 1
    assert sorted(path.name for path in page.parent.iterdir()) == ["all.html", "the packages #1"]


# ---- in a browser ----


@pytest.fixture
def shown(browser, page):
    """The browser with the page open."""
    browser.forget()
    assert browser.load(page.as_uri(), 20)
    yield browser
    browser.forget()


def rows(browser):
    return browser.evaluate("[...document.querySelectorAll('tbody tr')].map((row) => row.id).join(' ')")


def press(browser, number):
    browser.evaluate(f"document.querySelectorAll('thead button')[{number}].click()")
    return browser.evaluate("[...document.querySelectorAll('thead th')].map((th) => th.ariaSort).join(' ')")


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (0, "ar es fr hi"),
        (1, "fr es hi ar"),
        (5, "hi es ar fr"),
        (6, "hi fr ar es"),
    ],
)
def test_a_heading_sorts_and_says_so_and_a_second_press_turns_it_round(column, order, shown):
    sorts = ["none"] * 7
    sorts[column] = "ascending"
    assert (press(shown, column).split(), rows(shown)) == (sorts, order)

    sorts[column] = "descending"
    assert (press(shown, column).split(), rows(shown).split()) == (sorts, order.split()[::-1])


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_is_wider_than_the_screen(width, shown):
    shown.command(
        "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
    )
    shown.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    # Also where it looks like cards it is a table for those who listen.
    assert shown.evaluate("document.querySelector('tbody tr td').role") == "cell"
    assert shown.evaluate("getComputedStyle(document.querySelector('tbody tr')).display") == (
        "table-row" if width == 1280 else "block"
    )


def test_details_open_to_be_printed_and_close_again(shown):
    shown.evaluate("document.querySelector('details').open = true")
    count = "document.querySelectorAll('details[open]').length"
    shown.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert shown.evaluate(count) == 4

    shown.evaluate("dispatchEvent(new Event('afterprint'))")
    assert shown.evaluate(count) == 1


@needs_axe
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_shuts_nobody_out_folded_or_open_or_sorted(width, shown):
    shown.command(
        "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
    )
    assert barriers_in(shown) == []
    shown.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    press(shown, 0)
    assert barriers_in(shown) == []
