"""Heading and text of a slide, out of the data that the page lists for it: plain text for who cannot see the picture.

The data are typed in by hand in many languages. ``center``, ``left`` and ``right`` are as a rule lists, which hold
texts with HTML in them beside the addresses of pictures and videos; but any of them may be missing, or hold anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

# In letters, with the sign for what was left out.
LONGEST_HEADING = 120
LONGEST_TEXT = 2000
# Of the marks that begin a direction, in a line.
_MOST_MARKS = 16
# In letters, of HTML. No slide holds as much.
_MOST_READ = 8_000
_CUT = "…"
# In the order in which a slide is read: what stands in the middle is its heading where there are two columns.
_FIELDS = ("center", "left", "right")
# fmt: off
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
    "nav", "ol", "p", "pre", "section", "summary", "table", "tr", "ul",
))
# fmt: on
_CELLS = frozenset(("td", "th"))
_UNSEEN = frozenset(("script", "style", "template", "title"))
_ENDING = r"\.(?:png|jpe?g|jfif|gif|svg|webp|avif|bmp|ico|tiff?|mp4|m4v|mov|webm|m3u8)(?:[?#]\S*)?"
# A text that is nothing but an address, of whatever it may be.
_ADDRESS = re.compile(
    rf"(?:[a-z][a-z0-9+.-]*:)?//[^\s<>]*|data:[^\s<>]*|(?:[a-z][a-z0-9+.-]*:/)?/[^<>\n]*{_ENDING}", re.IGNORECASE
)
# A word in a text that leads to a picture or a video.
_MEDIA = re.compile(rf"\S*\w{_ENDING}|(?:https?:)?//\S*\bvimeo\.com/\S*|data:(?:image|video)/\S*", re.IGNORECASE)
_AROUND = "()[]{}<>\"'“”‘’«»,.;:!?"
_OPENING = {**dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"), **dict.fromkeys("\u2066\u2067\u2068", "\u2069")}
_CLOSING = frozenset(_OPENING.values())
# What no page and no presentation can hold: characters that control something, half letters, those that are none.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufeff"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_JOINER = "\u200d"


@dataclass(frozen=True)
class SlideTexts:
    """What stands on a slide.

    Attributes:
        heading: in one line of at most ``LONGEST_HEADING`` letters, or "" if the slide has no text.
        text: all that follows, in the order in which it is read, in lines; at most ``LONGEST_TEXT`` letters.
    """

    heading: str = ""
    text: str = ""

    @property
    def whole(self) -> str:
        """Heading and text, as an alternative text for the picture of the slide."""
        return "\n".join(filter(None, (self.heading, self.text)))


# Of a slide on which nothing stands, or of which nobody knows what does.
NO_TEXTS = SlideTexts()


def heading_and_text(data: Mapping[str, Any], video_title: str = "") -> SlideTexts:
    """Return what stands on a slide, as plain text in lines.

    The heading is the first line on it. If that is too long, the heading ends at a word of it, and the text goes on
    from there. A slide without any text has the title that the page shows of its video for a heading, else the first
    text by which the menu of the presenter calls it (the menu itself is not part of the picture).

    Args:
        data: all that the page lists for the slide; whatever JSON can hold.
        video_title: the title that the page shows of its video, or "".
    """
    lines = list(_lines_of([data.get(name) for name in _FIELDS]))
    if not lines:
        lines = [*_lines_of(video_title), *_lines_of(data.get("menu"))][:1]
    if not lines:
        return NO_TEXTS
    heading, rest = _split(lines[0], LONGEST_HEADING)
    following = [f"{_CUT} {rest}", *lines[1:]] if rest else lines[1:]
    text, _ = _split("\n".join(following), LONGEST_TEXT)
    return SlideTexts(_balanced(heading), "\n".join(map(_balanced, text.splitlines())))


def can_be_heading(text: str) -> bool:
    """Say whether a text can be the ``heading`` of ``SlideTexts``, with what a person may have changed of it."""
    return len(text) <= LONGEST_HEADING + _MOST_MARKS and not _FORBIDDEN.search(text)


def can_be_text(text: str) -> bool:
    """Say whether a text can be the ``text`` of ``SlideTexts``, with what a person may have changed of it."""
    # Each mark of a line may have got one that ends it.
    return len(text) <= 2 * LONGEST_TEXT and not _FORBIDDEN.search(text.replace("\n", ""))


def _lines_of(value: object) -> Iterator[str]:
    """Yield the lines of all texts in a value, but for those that say nothing."""
    left = _MOST_READ
    for text in _strings(value):
        piece = text[:left].strip()
        left -= len(piece)
        for line in _plain(piece).split("\n"):
            if says := _without_addresses(_FORBIDDEN.sub("", " ".join(line.split()))):
                yield says
        if left <= 0:
            return


def _without_addresses(line: str) -> str:
    """Return the words of a line that are no addresses of pictures or videos; nothing if they say nothing."""
    if _ADDRESS.fullmatch(line.strip()):
        return ""
    words = " ".join(word for word in line.split() if not _MEDIA.fullmatch(word.strip(_AROUND)))
    return words if any(unicodedata.category(letter)[0] in "LNS" for letter in words) else ""


def _strings(value: object) -> Iterator[str]:
    """Yield the strings in what JSON can hold, in their order, however deep they are nested."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list | tuple):
            waiting.extend(reversed(each))
        elif isinstance(each, Mapping):
            waiting.extend(reversed(list(each.values())))


class _TextOfHtml(HTMLParser):
    """Takes down what a browser shows of HTML, with the ends of lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN and not self._unseen:
            self._unseen = tag
        self._end_line(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_line(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = ""
        self._end_line(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            # An end of line in HTML is a space.
            self.pieces.append(" ".join(re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", data)))

    def _end_line(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag in _CELLS:
            self.pieces.append(" ")


def _plain(html: str) -> str:
    """Return HTML as text; every block, item of a list and ``<br>`` is a line of its own."""
    parser = _TextOfHtml()
    try:
        parser.feed(html)
        parser.close()
    except (AssertionError, ValueError):  # its way to say that something is no HTML
        pass
    return "".join(parser.pieces)


def _split(text: str, longest: int) -> tuple[str, str]:
    """Return the beginning of a text, which ends with ``…`` if something is left, and what is left of the text."""
    if len(text) <= longest:
        return text, ""
    most = longest - len(f" {_CUT}")
    if (end := max(text.rfind(" ", 0, most + 1), text.rfind("\n", 0, most + 1))) > 0:
        return f"{text[:end]} {_CUT}", text[end:].strip()
    # Where no spaces are between words, at any letter, but behind all that belongs to it.
    end = next((place for place in range(most, 0, -1) if not _belongs_to_letter_before(text, place)), most)
    return f"{text[:end]}{_CUT}", text[end:].strip()


def _belongs_to_letter_before(text: str, place: int) -> bool:
    return unicodedata.category(text[place])[0] == "M" or _JOINER in text[place - 1 : place + 1]


def _balanced(line: str) -> str:
    """Return a line in which each mark that begins a direction is ended, and none is ended that was not begun."""
    if not any(letter in _OPENING or letter in _CLOSING for letter in line):
        return line
    if sum(letter in _OPENING for letter in line) > _MOST_MARKS:
        return "".join(letter for letter in line if letter not in _OPENING and letter not in _CLOSING)
    written: list[str] = []
    awaited: list[str] = []
    for letter in line:
        if letter in _OPENING:
            awaited.append(_OPENING[letter])
        elif letter in _CLOSING:
            if letter not in awaited:
                continue
            while awaited[-1] != letter:
                written.append(awaited.pop())
            awaited.pop()
        written.append(letter)
    return "".join([*written, *reversed(awaited)])
