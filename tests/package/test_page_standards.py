"""The page to look through a package is valid and shuts nobody out, however it is shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from course.curricula import number_slides
from courses import SHORT, START, TEN, TWENTY
from page_checkers import barriers_in, faults_of, needs_axe, needs_vnu
from slides.entry import Entry
from slides.manifest import Manifest, write_manifest

MANY = number_slides([[(f"s{number}", "discuss", None) for number in range(15)]])
SIZES = {"wide": (1280, 900), "telephone": (390, 844)}


@pytest.fixture
def full(course):
    """A package whose page has everything that a page can have."""
    course.curriculum(TWENTY, MANY)
    course.downloads({1: "vimeo", 6: "mirror"})
    course.publish()
    for slide in MANY:
        course.picture(TWENTY, slide, START + timedelta(hours=1))
    course.picture(TEN, SHORT[3], START + timedelta(hours=1))
    files = {slide: next((course.project.path / "10").glob(f"*_{slide.name}.png")).name for slide in SHORT}
    entries = [Entry(slide, files[slide], "unproven", None, heading="<Uno> & dos", text="tres") for slide in SHORT]
    entries[6] = Entry(SHORT[6], files[SHORT[6]], "flawed", "picture tree.svg did not load")
    entries[2] = Entry(SHORT[2], None, "failed", "picture tree.svg did not load")
    (course.project.path / "10" / files[SHORT[2]]).unlink()
    (course.project.videos / "(01) title.mp4").unlink()
    write_manifest(course.project, TEN, Manifest("es", "https://zume.training", TEN.name, tuple(entries)))
    return course


@needs_vnu
def test_the_page_is_valid(full, tmp_path):
    pages = []
    for language in ("es", "ar", "zhtw", "swa"):
        full.publish(language=language)
        pages.append(tmp_path / f"{language}.html")
        pages[-1].write_bytes((full.project.output / "index.html").read_bytes())
        text = pages[-1].read_text(encoding="utf-8")
        assert all(words in text for words in ("Missing: ", "Look at these: ", "unproven", "other slides<", "mirror"))

    assert faults_of(*pages) == []


@needs_vnu
def test_a_page_that_is_not_valid_is_found(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>A page</title><p><a>", encoding="utf-8")

    assert faults_of(page) != []


@needs_axe
@pytest.mark.parametrize("language", ["es", "ar"])
def test_the_page_shuts_nobody_out_folded_or_not_or_with_the_full_view_open(language, browser, full):
    full.publish(language=language)
    steps = {
        "folded": "0",
        "all open": "document.querySelectorAll('details').forEach((each) => { each.open = true; })",
        "the full view": "document.querySelector(`[id='10-1'] a`).click()",
    }
    found = {}
    for size, (width, height) in SIZES.items():
        browser.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 900
        )
        assert browser.load((full.project.output / "index.html").as_uri(), 20)
        for step, action in steps.items():
            browser.evaluate(action)
            found[size, step] = barriers_in(browser)
    browser.forget()

    assert {shown: barriers for shown, barriers in found.items() if barriers} == {}
    assert len(found) == len(SIZES) * len(steps)
