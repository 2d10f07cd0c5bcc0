"""What a package is: when it was made, from where, which edition, with which version; at the foot of its page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from course.curricula import recorded_slides
from courses import SHORT, START, TEN, TWENTY
from package import publish as publishing
from package.about import about_package
from page_reader import page_of
from slides.entry import Entry
from slides.manifest import Manifest, write_manifest


def foot_of(page):
    return re.sub("<[^>]+>", "", page[page.index("<footer") : page.index("</footer>")]).split("\n")[1:-1]


@pytest.fixture
def days(monkeypatch):
    """Lets a test say on which day the package is published."""

    def go_to(day):
        monkeypatch.setattr(publishing, "now", lambda: f"{day}T23:30:00+00:00")

    return go_to


def test_the_foot_of_the_page_says_what_the_package_is(course, days):
    days("2026-03-01")
    course.downloads({1: "vimeo"})

    assert foot_of(page_of(course)) == [
        "Zúme course in Spanish (Español).",
        "Made on 2026-03-01 with the Zúme slide builder 1.0.0.",
        "Slides from zume.training; videos from Vimeo and added by those who made the package.",
    ]


def test_an_unchanged_package_keeps_its_day_and_its_page(course, days):
    days("2026-03-01")
    before = page_of(course)
    days("2026-04-01")
    course.downloads({})

    assert course.publish().changed is False
    assert page_of(course) == before

    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    assert "Made on 2026-04-01 with" in foot_of(page_of(course))[1]


def about(course, language="es"):
    return about_package(course.project, course.plan(language), language, "2026-03-01T10:00:00+00:00")


@pytest.mark.parametrize(("three_circles", "edition"), [(True, "three circles edition"), (False, "classic edition")])
def test_the_edition_is_that_of_the_slides(three_circles, edition, course):
    slides = recorded_slides(TEN, three_circles)
    write_manifest(course.project, TEN, Manifest("en", "", TEN.name, tuple(Entry(s, None, "ok", None) for s in slides)))

    assert about(course, "en").course == f"Zúme course in English, {edition}"


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("https://somebody:secret@zume.training:8443/es?key=1", "zume.training and zume.training.example"),
        ("curricula.json", "zume.training.example"),
        ("https://[odd", "zume.training.example"),
    ],
)
def test_of_a_site_only_its_host_is_named(site, words, course):
    course.curriculum(TWENTY, SHORT)
    entries = tuple(Entry(slide, None, "ok", None) for slide in SHORT)
    write_manifest(course.project, TEN, Manifest("es", site, TEN.name, entries))
    write_manifest(course.project, TWENTY, Manifest("es", "https://zume.training.example", TWENTY.name, entries))

    assert about(course).site == words


def test_of_an_unknown_language_its_code_is_named(course):
    assert about(course, "xx").course == "Zúme course in xx"
