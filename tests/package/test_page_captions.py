"""What stands on the slides, on the page to look through a package: as captions, and for who cannot see them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from courses import SHORT, START, TEN, TWENTY
from page_reader import Reader, browser, page_of, tiles  # noqa: F401 - fixture
from slides.entry import Entry
from slides.manifest import Manifest, write_manifest

LONG = "Una frase larga que no cabe en una sola línea del título y sigue " + "x" * 50
TEXTS = {
    1: ('Aprender <juntos> & "más"', "Línea uno\n“Línea” dos"),
    2: ("Miren juntos", ""),
    3: (LONG, "y mucho más texto " * 100),
    4: ("", ""),
    5: ("نتعلّم معًا", "سطر"),
}


@pytest.fixture
def told(course):
    """The short course, in which it is known of some slides what stands on them."""
    course.texts(TEN, SHORT, TEXTS)
    return course


@pytest.fixture
def reader(browser):
    yield Reader(browser)
    browser.command("Emulation.clearDeviceMetricsOverride")


def list_pictures(course, **texts):
    """Let the manifest list its picture of each slide, with the same texts for all."""
    files = {slide: next((course.project.path / "10").glob(f"*_{slide.name}.png")).name for slide in SHORT}
    entries = [Entry(slide, files[slide], "ok", None, **texts) for slide in SHORT]
    write_manifest(course.project, TEN, Manifest("es", "", TEN.name, tuple(entries)))


def plain(html):
    return unescape(re.sub(r"<[^>]*>", "", html)).split()


# Its text


def test_a_tile_shows_position_and_heading_with_the_key_beside_it(told):
    found = tiles(page_of(told))

    caption = re.search(r"<figcaption>(.*?)</figcaption>", found["10-1"], re.S)[1]
    assert plain(caption) == ["1", "Aprender", "<juntos>", "&", '"más"', "s1_1_1"]
    assert '<span class="key for-builders">s1_1_1</span>' in caption
    assert '<b>4</b> <span class="key for-builders">final</span>' in found["10-4"]


def test_heading_and_text_are_the_alternative_text_of_a_picture_and_else_its_key(told):
    found = {name: re.search(r' alt="([^"]*)"', tile) for name, tile in tiles(page_of(told)).items()}

    assert unescape(found["10-1"][1]) == 'Aprender <juntos> & "más"\nLínea uno\n“Línea” dos'
    assert unescape(found["10-3"][1]) == f"{LONG}\n{TEXTS[3][1]}"
    assert found["10-4"][1] == "final"
    assert "s1_1_1" not in found["10-1"][1]


def test_a_video_is_called_by_its_heading_and_else_by_its_title(told):
    found = tiles(page_of(told))

    assert 'aria-label="Miren juntos"' in found["10-2"]
    assert 'aria-label="(06) title"' in found["10-6"]
    assert '<span class="title"><bdi>(06) title</bdi></span>' in found["10-6"]


def test_texts_that_come_in_change_the_page_once(told):
    told.publish()
    assert told.publish().changed is False

    told.texts(TEN, SHORT, {1: ("Otra", "")})
    assert told.publish().changed is True
    assert told.publish().changed is False


def test_texts_are_those_of_the_picture_that_is_shown(course):
    list_pictures(course, heading="Head", text="Text")
    assert page_of(course).count('<span class="heading">') == len(SHORT)

    course.picture(TEN, SHORT[2], START + timedelta(hours=1))  # of which the manifest says nothing
    assert [name for name, tile in tiles(page_of(course)).items() if "Head" not in tile] == ["10-3"]


def test_a_curriculum_that_stays_keeps_its_captions_until_it_has_other_pictures(course):
    course.curriculum(TWENTY, SHORT)
    list_pictures(course, heading="Head", text="Text")
    course.publish()
    course.publish(curricula=(TWENTY,))
    page = (course.project.output / "index.html").read_text(encoding="utf-8")
    assert page.count('alt="Head\nText"') == 6
    assert 'aria-label="Head"' in tiles(page)["10-2"]

    files = {slide: "20300101_120000_" + slide.name + ".png" for slide in SHORT}
    entries = tuple(Entry(slide, files[slide], "ok", None, heading="New", text="") for slide in SHORT)
    write_manifest(course.project, TEN, Manifest("es", "", TEN.name, entries))
    course.publish(curricula=(TWENTY,))
    page = (course.project.output / "index.html").read_text(encoding="utf-8")
    # The pictures in the package are still the former ones.
    assert re.findall(r' alt="([^"]*)"', tiles(page)["10-3"]) == ["t1_c"]
    assert "New" not in tiles(page)["10-3"]


# In a real browser


def names(reader, role):
    """Return the names under which what has a role is told to who cannot see it."""
    tree = reader.browser.command("Accessibility.getFullAXTree")["nodes"]
    return [
        each["name"]["value"]
        for each in tree
        if not each.get("ignored") and each.get("role", {}).get("value") == role and each.get("name")
    ]


def test_pictures_and_videos_are_told_by_what_stands_on_them(reader, told):
    reader.open(told)
    pictures, players = names(reader, "image"), names(reader, "Video")

    assert 'Aprender <juntos> & "más" Línea uno “Línea” dos' in [" ".join(name.split()) for name in pictures]
    assert [name for name in pictures if name == "final"] == ["final"] * 3
    assert players == ["Miren juntos", "(06) title", "(01) title"]


def size(reader, width):
    reader.browser.command(
        "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False
    )


@pytest.mark.parametrize("language", ["es", "ar"])
@pytest.mark.parametrize("width", [1200, 390])
def test_a_heading_takes_two_lines_at_most_in_the_direction_of_the_course(language, width, reader, told):
    reader.open(told, language)
    size(reader, width)
    heights = reader.value(
        "[...document.querySelectorAll('.tile .heading')].map((each) => each.getBoundingClientRect().height"
        " / parseFloat(getComputedStyle(each).lineHeight))"
    )
    told_of = "[...document.querySelectorAll('.tile .heading bdi')].map((each) => %s)"

    assert [round(height) for height in heights] == [1, 1, 2, 1]
    assert reader.value("document.documentElement.scrollWidth <= innerWidth")
    assert reader.value(
        "[...document.querySelectorAll('.tile')].every((tile) => [...tile.querySelectorAll('figcaption *')].every("
        "(each) => each.closest('bdi') || each.getBoundingClientRect().right"
        " <= tile.getBoundingClientRect().right + 1))"
    )
    assert set(reader.value(told_of % "getComputedStyle(each).direction")) == {"rtl" if language == "ar" else "ltr"}
    assert set(reader.value(told_of % "each.closest('[lang]').lang")) == {language}
    side = "right" if language == "ar" else "left"
    assert reader.value(
        f"Math.abs(document.querySelector('.tile .heading b').getBoundingClientRect().{side}"
        f" - document.querySelector('.tile figcaption').getBoundingClientRect().{side}) < 20"
    )


@pytest.mark.parametrize("language", ["es", "ar"])
def test_the_viewer_has_heading_and_text_too(language, reader, told):
    reader.open(told, language)
    size(reader, 390)
    forth = "ArrowLeft" if language == "ar" else "ArrowRight"
    reader.press(forth)
    reader.wait("document.querySelector('.stage img').alt.startsWith('Aprender')")
    told_there = "[...document.querySelectorAll('dialog .where > *')]"
    shown = f"JSON.stringify({told_there}.map((each) => [each.textContent, each.closest('[lang]').lang]))"

    assert (
        reader.value("document.querySelector('.stage img').alt") == 'Aprender <juntos> & "más"\nLínea uno\n“Línea” dos'
    )
    assert json.loads(reader.value(shown)) == [
        ['Aprender <juntos> & "más"', language],
        ["10 sessions · session 1 · 1", "en"],
    ]
    reader.press(forth)
    reader.wait("document.querySelector('.stage video')?.ariaLabel === 'Miren juntos'")
    reader.press(forth)
    reader.wait("document.querySelector('.stage img')?.alt.startsWith('Una frase')")
    assert reader.value(
        "['.back', '.forth', '.close', '.where'].every((name) => { const box = document.querySelector(`dialog ${name}`)"
        ".getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight; })"
    )
    assert reader.value("document.querySelector('.stage img').getBoundingClientRect().height > 400")
    reader.press(forth)
    reader.wait("document.querySelector('.stage img')?.alt === 'final'")
    assert json.loads(reader.value(shown))[0][0] == ""
