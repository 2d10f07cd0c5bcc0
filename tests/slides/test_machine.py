"""The browser and the fonts that take the pictures, as they are known before any browser runs."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from course.page import site_url
from served_pages import site_that_answers
from slides.chrome import Tools
from slides.fonts import families_with, fonts_digest
from slides.grid import browser_version_of
from slides.machine import Machine, machine_of
from systems import shell_needed

pytestmark = pytest.mark.usefixtures("home")
TOOLS = Tools("/usr/bin/chromium", "156.0.8078.73", "/usr/bin/chromedriver", "156.0.8078.73", "on PATH")


@pytest.fixture
def fonts(tmp_path, monkeypatch):
    """Makes fc-list print something; it gets its arguments as ``$*``."""

    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def make(script: str) -> None:
        path = folder / "fc-list"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    return make


@shell_needed
def test_the_digest_names_each_font_with_its_version_once_whatever_the_order(fonts):
    fonts("printf 'A:Bold:1\\nB:Regular:2\\n'")
    before = fonts_digest("es")
    fonts("printf 'B:Regular:2\\nA:Bold:1\\nB:Regular:2\\n'")
    assert len(before) == 64
    assert fonts_digest("es") == before
    fonts("printf 'A:Bold:1\\nB:Regular:3\\n'")
    assert fonts_digest("es") != before


@shell_needed
def test_the_fonts_are_asked_for_the_letters_of_the_language(fonts):
    fonts('printf "%s\\n" "$*"')
    assert families_with(["a", "ñ"]) == [":charset=61 f1 family"]
    assert fonts_digest("es") != fonts_digest("hi")


@pytest.mark.parametrize("script", ["exit 1", "exit 0"])
def test_without_an_answer_the_fonts_are_unknown(script, fonts):
    fonts(script)
    assert fonts_digest("es") == ""


def test_without_fontconfig_or_letters_the_fonts_are_unknown(monkeypatch):
    assert fonts_digest("no-such-language") == ""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert fonts_digest("es") == ""


def node(*versions: object, name: str = "chrome") -> dict[str, object]:
    return {"slots": [{"stereotype": {"browserName": name, "browserVersion": version}} for version in versions]}


@pytest.mark.parametrize(
    ("value", "version"),
    [
        ({"nodes": [node("156.0", "156.0"), node("156.0"), node("99.0", name="firefox")]}, "156.0"),
        ({"nodes": [node("156.0"), node("157.0")]}, ""),
        ({"nodes": [node("156.0"), node(None)]}, ""),
        ({"nodes": [node("stable")]}, ""),
        ({"nodes": [node(["x"])]}, ""),
        ({"nodes": []}, ""),
        ({"nodes": "x"}, ""),
        ({"nodes": [{"slots": [7]}]}, ""),
        ({"ready": True}, ""),
        ([], ""),
    ],
)
def test_a_grid_tells_the_version_of_its_browsers_if_they_have_only_one(value, version, monkeypatch):
    with site_that_answers(monkeypatch, json.dumps({"value": value})) as asked:
        assert browser_version_of([site_url(), site_url()]) == version
    assert asked == ["/status", "/status"]


def test_this_machine_tells_its_browser_and_its_fonts(fonts):
    fonts("echo A:Bold:1")
    assert machine_of("es", TOOLS, ()) == Machine("156.0.8078.73", fonts_digest("es"))
    assert machine_of("es", None, ()).browser == ""


def test_the_fonts_of_other_machines_are_unknown(fonts, monkeypatch):
    fonts("echo A:Bold:1")
    with site_that_answers(monkeypatch, "no"):
        assert machine_of("es", None, (site_url(),)) == Machine("", "")
