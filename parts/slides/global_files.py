"""Fetches the files that all slides share, as the browser fetches them: what of them is global for pictures."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from common.errors import RemoteError
from common.retries import with_retries
from common.workers import work_off
from course.file_fetch import Kind, fetch_file
from course.page import PresenterPage
from course.page_files import PageFile, absolute
from slides.global_state import (
    CAPTURE_VERSION,
    UNREACHED,
    VOLATILE,
    GlobalState,
    is_font,
    same_file,
    same_files,
    sorted_assets,
)

_WORKERS = 12
_AT_ONE_HOST = 4
_TRIES = 2
# Style sheets that import each other: how many one may lead to, and how deep.
_MOST_IMPORTS = 30
_DEEPEST_IMPORT = 5
# What stands for the content of a file that the site does not have.
_NO_SUCH_FILE = hashlib.sha256(b"no such file").hexdigest()
_SPACE_OR_COMMENT = re.compile(r"(?:\s+|/\*)")
_IMPORT = re.compile(r"""@import\s*(?:url\(\s*)?(?:"([^"\n]*)"|'([^'\n]*)'|([^"'()\s]+))""", re.IGNORECASE)
# What may stand before imports.
_BEFORE_IMPORTS = re.compile(r"@(?:charset|layer)\b[^;{]*;", re.IGNORECASE)


@dataclass(frozen=True)
class _Wanted:
    """A file to fetch: where it is, what it is, and what names it."""

    address: str
    kind: Kind
    referrer: str


@dataclass(frozen=True)
class _Content:
    """The content of a file: its digest, and the style sheets that it imports; or why it could not be had."""

    digest: str
    imports: tuple[str, ...] = ()
    base: str = ""
    failure: RemoteError | None = None


@dataclass(frozen=True)
class _Found:
    """A digest that counts, and the file that it is of; None for what stands in the page itself."""

    digest: str
    wanted: _Wanted | None
    failure: RemoteError | None = None


class GlobalFiles:
    """The contents of the site's shared files. Each is fetched once, whoever asks for it; any thread may ask.

    Args:
        browser_version: of the browser that takes the pictures, e.g. ``156.0.8078.73``; "" if it is not known. The
            files are asked for as it would, because some hosts answer with other contents to other browsers.
    """

    def __init__(self, browser_version: str) -> None:
        self._browser_version = browser_version
        self._lock = threading.Lock()
        # By address and by which look at it.
        self._contents: dict[tuple[str, int], Future[_Content]] = {}
        self._hosts: dict[str, threading.Semaphore] = {}

    def state(
        self, page: PresenterPage, assets: Collection[str], browser: str, fonts: str, known: GlobalState | None = None
    ) -> GlobalState:
        """Return what is global for the pictures of a language.

        Args:
            page: the presenter's page of the language.
            assets: the addresses of the fixed pictures, icons and fonts that its slides show.
            browser: the browser's version, "" if it is not known.
            fonts: a digest of the machine's fonts for the language, see ``slides.fonts``; "" if it is not known.
            known: what was global before. A file of which it knows another content is fetched twice, to tell one that
                was replaced from one that is another each time.

        Raises:
            RemoteError: a file that was there before could not be had, for a reason that may pass.
        """
        files = [(Kind.STYLE, each) for each in page.style_sheets] + [(Kind.SCRIPT, each) for each in page.scripts]
        files += [
            (_kind_of_asset(address), PageFile(address)) for address in sorted(set(assets)) if absolute(address, "")
        ]
        jobs = range(len(files))
        found = dict(work_off(lambda place: self._found(*files[place], page.address), jobs, _WORKERS))
        styles, scripts, others = (
            [each for place in jobs if (files[place][0] in kinds) for each in found[place]]
            for kinds in ((Kind.STYLE,), (Kind.SCRIPT,), (Kind.PICTURE, Kind.FONT))
        )
        if known:
            _require_reached(styles, known.styles)
            _require_reached(scripts, known.scripts)
            _require_assets_reached(others, dict(known.assets))
            styles = self._compared(styles, known.styles)
            scripts = self._compared(scripts, known.scripts)
            others = self._compared_assets(others, dict(known.assets))
        return GlobalState(
            CAPTURE_VERSION,
            browser,
            fonts,
            tuple(each.digest for each in styles),
            tuple(each.digest for each in scripts),
            sorted_assets({each.wanted.address: each.digest for each in others if each.wanted}),
        )

    def _found(self, kind: Kind, file: PageFile, page: str) -> list[_Found]:
        """Return a file and, after a style sheet, all that it imports."""
        wanted = _Wanted(file.address, kind, page) if file.content is None else None
        if wanted:
            content = self._content(wanted)
        else:
            text = file.content or ""
            content = _Content(_digest(text.encode(errors="replace")), _imports(text, file.address), page)
        return [
            _Found(content.digest, wanted, content.failure),
            *self._imported(content, {file.address} if wanted else set()),
        ]

    def _imported(self, content: _Content, seen: set[str], depth: int = 1) -> Iterable[_Found]:
        for address in content.imports:
            if address in seen or len(seen) > _MOST_IMPORTS or depth > _DEEPEST_IMPORT:
                continue
            seen.add(address)
            wanted = _Wanted(address, Kind.STYLE, content.base)
            inner = self._content(wanted)
            yield _Found(inner.digest, wanted, inner.failure)
            yield from self._imported(inner, seen, depth + 1)

    def _compared(self, found: Sequence[_Found], known: Sequence[str]) -> list[_Found]:
        """Look a second time at the files that were not known, if any was not."""
        if same_files(known, [each.digest for each in found]):
            return list(found)
        return self._looked_at_again(found, [each for each in found if each.digest not in known])

    def _compared_assets(self, found: Sequence[_Found], known: Mapping[str, str]) -> list[_Found]:
        replaced = [
            each
            for each in found
            if each.wanted and not same_file(known.get(each.wanted.address, each.digest), each.digest)
        ]
        return self._looked_at_again(found, replaced)

    def _looked_at_again(self, found: Sequence[_Found], doubtful: Sequence[_Found]) -> list[_Found]:
        """Return what was found, with ``VOLATILE`` for the doubtful files that are another at a second look."""
        wanted = {each.wanted for each in doubtful if each.wanted and not each.failure}
        again = dict(work_off(lambda one: self._content(one, look=2).digest, wanted, _WORKERS))
        volatile = {each.wanted for each in found if each.wanted and _is_another(each.digest, again.get(each.wanted))}
        return [replace(each, digest=VOLATILE) if each.wanted in volatile else each for each in found]

    def _content(self, wanted: _Wanted, look: int = 1) -> _Content:
        """Return what is in a file, which one thread fetches; the others wait for it."""
        name = (wanted.address, look)
        with self._lock:
            is_first = name not in self._contents
            future = self._contents.setdefault(name, Future())
        if is_first:
            try:
                future.set_result(self._fetch(wanted))
            except BaseException as error:
                future.set_exception(error)
        return future.result()

    def _fetch(self, wanted: _Wanted) -> _Content:
        def fetch() -> _Content:
            with self._turn_at(wanted.address):
                answer = fetch_file(wanted.address, wanted.kind, wanted.referrer, self._browser_version)
            if answer is None:
                return _Content(_NO_SUCH_FILE)
            is_sheet = wanted.kind is Kind.STYLE
            text = answer.content.decode("utf-8-sig", errors="replace") if is_sheet else ""
            return _Content(_digest(answer.content), _imports(text, answer.address), answer.address)

        try:
            return with_retries(fetch, lambda _: None, tries=_TRIES)
        except RemoteError as error:
            return _Content(UNREACHED, failure=error)

    def _turn_at(self, address: str) -> threading.Semaphore:
        with self._lock:
            return self._hosts.setdefault(urlsplit(address).netloc, threading.Semaphore(_AT_ONE_HOST))


def _is_another(digest: str, again: str | None) -> bool:
    return again not in (None, UNREACHED, digest)


def _require_reached(found: Sequence[_Found], known: Sequence[str]) -> None:
    """Make sure that every file was had, except one that could not be had before either.

    Raises:
        RemoteError: one was not.
    """
    before = known if len(known) == len(found) else [""] * len(found)
    for each, digest in zip(found, before, strict=True):
        if each.failure and digest != UNREACHED:
            raise each.failure


def _require_assets_reached(found: Sequence[_Found], known: Mapping[str, str]) -> None:
    for each in found:
        if each.failure and each.wanted and known.get(each.wanted.address, UNREACHED) != UNREACHED:
            raise each.failure


def _kind_of_asset(address: str) -> Kind:
    return Kind.FONT if is_font(address) else Kind.PICTURE


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _imports(text: str, base: str) -> tuple[str, ...]:
    """Return the addresses of the style sheets that one imports: they stand at its beginning."""
    found, place = [], 0
    while True:
        place = _after_space(text, place)
        if match := _IMPORT.match(text, place):
            found.append(absolute(match[1] or match[2] or match[3] or "", base))
            end = text.find(";", match.end())
            place = end + 1 if end >= 0 else len(text)
        elif match := _BEFORE_IMPORTS.match(text, place):
            place = match.end()
        else:
            return tuple(filter(None, found))


def _after_space(text: str, place: int) -> int:
    """Return where something begins that is neither space nor comment."""
    while match := _SPACE_OR_COMMENT.match(text, place):
        if match[0] != "/*":
            place = match.end()
            continue
        end = text.find("*/", match.end())
        place = end + 2 if end >= 0 else len(text)
    return place
