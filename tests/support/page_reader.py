"""The page to look through a package, for tests: its text, and a browser in which it is open."""

from __future__ import annotations

import json
import re
import time

import pytest

from slides.browser import Browser
from slides.chrome import find_tools


def page_of(course, language="es"):
    course.publish(language=language)
    return (course.project.output / "index.html").read_text(encoding="utf-8")


def tiles(page):
    """Return the HTML of each tile, by its id."""
    return {match[1]: match[0] for match in re.finditer(r'<figure class="[^"]*" id="([^"]+)".*?</figure>', page, re.S)}


class Reader:
    """A browser with the page open, as a user has it."""

    def __init__(self, browser):
        self.browser = browser

    def open(self, course, language="es"):
        course.publish(language=language)
        assert self.browser.load((course.project.output / "index.html").as_uri(), 20)
        self.wait("document.readyState === 'complete'")

    def value(self, expression):
        return self.browser.evaluate(expression)

    def wait(self, expression):
        deadline = time.monotonic() + 10
        while not (value := self.value(expression)):
            assert time.monotonic() < deadline, expression
            time.sleep(0.02)
        return value

    def press(self, key, code=0):
        for kind in ("keyDown", "keyUp"):
            self.browser.command("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)

    def click(self, selector):
        self.value(f"document.querySelector(`{selector}`).scrollIntoView({{block: 'center'}})")
        box = json.loads(
            self.value(
                f"(() => {{ const b = document.querySelector(`{selector}`).getBoundingClientRect();"
                "return JSON.stringify([b.x + b.width / 2, b.y + b.height / 2]); })()"
            )
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.browser.command("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    @property
    def shown(self):
        """The file that the viewer shows; "missing" for a gap, None if it is closed."""
        return self.value(
            "document.querySelector('dialog').open ? (document.querySelector('.stage').firstElementChild"
            ".getAttribute('src') ?? document.querySelector('.stage').textContent) : null"
        )


@pytest.fixture(scope="module")
def browser():
    started = Browser(1200, 900, find_tools())
    started.start()
    yield started
    started.close()
