"""Asks a browser whether it can draw the letters of a language: without a font for them they become empty boxes.

The browser that takes the pictures knows best, and this is the one way that works on every system and in a Grid.
"""

from __future__ import annotations

import json

from common.errors import BuilderError
from slides.browser import Browser
from slides.fonts import INSTALL_FONTS, letters_of

# What a browser draws for a letter that no font has is what it draws for a code point that is none (Unicode has not
# assigned U+0378). On macOS that is another box for each script, but a Mac has fonts for all scripts of the course.
_LACKING = """
((letters) => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const drawn = (letter) => {
    context.clearRect(0, 0, 64, 64);
    context.font = '32px sans-serif';
    context.fillText(letter, 8, 44);
    return context.getImageData(0, 0, 64, 64).data.join();
  };
  const box = drawn('\\u0378');
  // A browser that lets nobody read what was drawn shows the same for all.
  return drawn('A') === box ? [] : letters.filter((letter) => drawn(letter) === box);
})
"""


def require_letters(browser: Browser, language_code: str) -> None:
    """Make sure that a browser has a font for each letter of a language's own name, as far as those are known.

    Args:
        browser: started.
        language_code: as the site writes it.

    Raises:
        BuilderError: it has none for some letters.
        BREAKDOWN: the browser is broken.
    """
    if lacking := lacking_letters(browser, letters_of(language_code)):
        raise BuilderError(
            f"The browser has no font with the letters {''.join(lacking)}: they would become empty boxes.",
            INSTALL_FONTS,
        )


def lacking_letters(browser: Browser, letters: list[str]) -> list[str]:
    """Return those of some letters for which a browser has no font."""
    if not letters:
        return []
    found = browser.evaluate(f"{_LACKING.strip()}({json.dumps(letters)})")
    return [letter for letter in letters if letter in found]
