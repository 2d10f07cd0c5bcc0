"""Which style sheets and scripts a page names, as far as a browser loads them.

The inline scripts of the presenter's page hold up to 1 MB of data, and keys: they are passed over, not read.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit, urlunsplit

# Of either kind. The real page names some ten.
_MOST_FILES = 60
_MOST_TAGS = 2000
_LONGEST_ADDRESS = 4000
# Those that browsers take for JavaScript, without the oldest names.
_JAVASCRIPT = re.compile(r"((text|application)/(x-)?(java|ecma)script|module)?", re.IGNORECASE)
# The tags that matter, and what begins a comment. Bounded, so that a torn page is read in one go: an HTML parser takes
# minutes for some torn pages of this size, so one sees single tags only.
_TAG = re.compile(r"<!--|<(/?)(base|link|noscript|script|style|template)\b[^<>]{0,8000}>", re.IGNORECASE)
_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
_SPACE = " \t\n\r\f"


@dataclass(frozen=True)
class PageFile:
    """A style sheet or script of a page.

    Attributes:
        address: where it is, absolute; of one that stands in the page itself, what its addresses are relative to.
        content: what stands in the page; None if it is a file of its own.
    """

    address: str
    content: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class PageFiles:
    """The files of a page, in page order.

    Attributes:
        style_sheets: those that the page names, and those that stand in it.
        scripts: those that it names.
    """

    style_sheets: tuple[PageFile, ...] = ()
    scripts: tuple[PageFile, ...] = ()


def files_of_page(text: str, address: str) -> PageFiles:
    """Return which files a page names; those that come first if they are very many.

    Args:
        text: the page, which may be torn.
        address: where it came from.
    """
    reader = _Reader(address)
    place = 0
    for _ in range(_MOST_TAGS):
        tag = _TAG.search(text, place)
        if tag is None:
            break
        if tag[0] == "<!--":
            end = text.find("-->", tag.end())
            place = end + len("-->") if end >= 0 else len(text)
            continue
        name, place = tag[2].lower(), tag.end()
        if tag[1]:
            reader.end(name)
            continue
        content = ""
        if name in _ENDS:
            # What does not end goes on to the end of the page.
            found = _ENDS[name].search(text, place)
            content = text[place : found.start()] if found else text[place:]
            place += len(content)
        reader.begin(name, _attributes(tag[0]), content)
    return PageFiles(tuple(reader.style_sheets[:_MOST_FILES]), tuple(reader.scripts[:_MOST_FILES]))


def absolute(address: str, base: str) -> str:
    """Return an address of HTTP as a browser asks for it, without a fragment; "" for whatever is none.

    Args:
        address: as a page or a style sheet has it, maybe relative.
        base: what it is relative to.
    """
    try:
        parts = urlsplit(urljoin(base, address.strip(_SPACE)))
        _ = parts.port  # makes no sense if it is no number
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    full = urlunsplit(parts._replace(fragment=""))
    return full if len(full) <= _LONGEST_ADDRESS and full.isprintable() else ""


def _attributes(tag: str) -> dict[str, str]:
    parser = _TagParser()
    with suppress(AssertionError, ValueError):  # its way to say that something is no HTML
        parser.feed(tag)
    return parser.attributes


class _TagParser(HTMLParser):
    """Takes down the attributes of one tag."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Of two with one name, browsers take the first.
        self.attributes = {name: value or "" for name, value in reversed(attrs)}


class _Reader:
    """Takes down the files that tags name. What a browser with scripts does not look at is passed over."""

    _UNSEEN = frozenset({"noscript", "template"})

    def __init__(self, address: str) -> None:
        self.style_sheets: list[PageFile] = []
        self.scripts: list[PageFile] = []
        self._base = address
        self._has_base = False
        self._unseen = 0

    def begin(self, tag: str, attributes: dict[str, str], content: str) -> None:
        if tag in self._UNSEEN:
            self._unseen += 1
        if self._unseen:
            return
        if tag == "base" and "href" in attributes and not self._has_base:
            self._has_base = True
            self._base = absolute(attributes["href"], self._base) or self._base
        elif tag == "link" and "href" in attributes:
            self._link(attributes)
        elif tag == "script" and "src" in attributes:
            self._script(attributes)
        elif tag == "style":
            self.style_sheets.append(PageFile(self._base, content))

    def end(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._unseen = max(self._unseen - 1, 0)

    def _link(self, attributes: dict[str, str]) -> None:
        kinds = attributes.get("rel", "").lower().split()
        if "stylesheet" in kinds and "alternate" not in kinds:
            self._add(self.style_sheets, attributes["href"])

    def _script(self, attributes: dict[str, str]) -> None:
        # Browsers that know modules pass over what is for others.
        if _JAVASCRIPT.fullmatch(attributes.get("type", "").strip(_SPACE)) and "nomodule" not in attributes:
            self._add(self.scripts, attributes["src"])

    def _add(self, files: list[PageFile], address: str) -> None:
        if address.strip(_SPACE) and (full := absolute(address, self._base)):
            files.append(PageFile(full))
