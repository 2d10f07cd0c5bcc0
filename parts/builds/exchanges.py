"""What services answered, in words that may be sent to others: who was asked for what, and the shape of the answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from builds.answer_shapes import Shape, in_numbers
from builds.known_words import MEDIA_TYPES, OTHER_NAME, OTHER_WORD, QUALITIES, RENDITIONS, known_name, known_word
from common.console import counted
from common.watched_http import Exchange
from course.page_data import read_json

VIMEO, SITE, MIRROR, ELSEWHERE = "Vimeo", "the site", "the mirror", "another server"
# Of any other host, no name is told.
_HOSTS = frozenset({"api.vimeo.com", "zume.training", "storage.googleapis.com"})
_OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
# What a request of a service is for, by its path; the first that fits counts.
_PURPOSES = (
    (VIMEO, re.compile(r"/oauth/verify"), "what the token may do"),
    (VIMEO, re.compile(r"/.+/videos/?"), "the list of the folder's videos"),
    (VIMEO, re.compile(r"/.+/items/?"), "the list of what is in the folder"),
    (VIMEO, re.compile(r"/videos/[^/]+"), "one video"),
    (SITE, re.compile(r"/[^/]+/presenter"), "the presenter's page"),
    (SITE, re.compile(r"/?"), "the start page"),
    (SITE, re.compile(r"/.*"), "other files"),
    (MIRROR, re.compile(r"/.*"), "a video"),
)
_ENCODINGS = frozenset({"gzip", "br", "deflate", "zstd", "identity", "chunked"})
# fmt: off
_DIRECTIVES = frozenset((
    "public", "private", "no-cache", "no-store", "no-transform", "max-age", "s-maxage", "must-revalidate",
    "proxy-revalidate", "must-understand", "immutable", "stale-while-revalidate", "stale-if-error",
))
# fmt: on
_NUMBER = re.compile(r"[0-9]{1,15}")
_CHARSETS = frozenset({"utf-8", "us-ascii", "iso-8859-1", "windows-1252"})
_API_TYPE = re.compile(r"application/vnd\.vimeo\.([a-z.]{1,40})\+json")
_ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(Z|[+-][0-9:]{4,5})")
_RANGE = re.compile(r"bytes (?:[0-9]{1,15}-[0-9]{1,15}|\*)/(?:[0-9]{1,15}|\*)")


@dataclass(frozen=True)
class Services:
    """Where the services are, as addresses.

    Attributes:
        vimeo: of the API.
        site: of the presenter's site.
        mirror: of the videos' mirror; "" if it is not known.
    """

    vimeo: str
    site: str
    mirror: str

    def of(self, url: str) -> tuple[str, str]:
        """Return which service an address belongs to, and what it is for, in words."""
        for name, address in ((VIMEO, self.vimeo), (MIRROR, self.mirror), (SITE, self.site)):
            base = address.rstrip("/")
            if base and (url == base or url.startswith(f"{base}/")):
                path = url[len(base) :].partition("?")[0].partition("#")[0]
                return name, next(
                    (words for service, form, words in _PURPOSES if service == name and form.fullmatch(path)), "other"
                )
        return ELSEWHERE, "where a service led to, or what its page names"


def host_in_words(url: str) -> str:
    """Return the name of a host if it is a known one, else what kind of host it is."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        host = ""
    if host in _HOSTS:
        return host
    return "on this machine" if host in _OWN_HOSTS else "at an address of its own"


def by_service(exchanges: Iterable[Exchange], services: Services) -> dict[str, list[Exchange]]:
    """Sort exchanges by the service and by what it was asked for, under a title for each."""
    found: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        name, purpose = services.of(exchange.url)
        found.setdefault(f"{name}: {purpose}", []).append(exchange)
    return dict(sorted(found.items(), key=lambda item: _place_of(item[0])))


def _place_of(title: str) -> tuple[int, int]:
    names = (VIMEO, SITE, MIRROR, ELSEWHERE)
    service, _, purpose = title.partition(": ")
    return names.index(service), next((place for place, each in enumerate(_PURPOSES) if each[2] == purpose), 99)


def about_exchanges(title: str, exchanges: Sequence[Exchange]) -> list[str]:
    """Return lines about exchanges of one kind: how they ended, the headers, and the shape of what came.

    Args:
        title: whom they went to, and what for.
        exchanges: at least one.
    """
    lines = [f"{title}"]
    groups: dict[tuple[str, int | None, str], list[Exchange]] = {}
    for exchange in sorted(exchanges, key=lambda each: each.began):
        groups.setdefault((exchange.method, exchange.status, exchange.failure), []).append(exchange)
    for (method, status, failure), group in groups.items():
        how = f"answered {status}" if status is not None else f"failed ({failure})"
        lines.append(
            f"  {counted(len(group), 'request')} ({known_word(method, ('GET', 'HEAD'))}), {how}, {_time(group)}"
        )
        if status is not None:
            lines += [f"    {line}" for line in (*_headers(group), *_bodies(group))]
    return lines


def _time(group: Sequence[Exchange]) -> str:
    seconds = sorted(exchange.seconds for exchange in group)
    if len(seconds) == 1:
        return f"{seconds[0]:.2f} s"
    return f"{seconds[0]:.2f} to {seconds[-1]:.2f} s each"


def _headers(group: Sequence[Exchange]) -> Iterable[str]:
    """Yield which headers there are, and the values of those that are harmless."""
    values: dict[str, list[str]] = {}
    for exchange in group:
        for name, value in exchange.headers:
            values.setdefault(name.lower(), []).append(value)
    others = len([values.pop(name) for name in list(values) if known_name(name) == OTHER_NAME])
    names = [_how_often(name, len(found), len(group)) for name, found in sorted(values.items())]
    yield f"headers: {', '.join(names) or 'none'}{f', and others ({others})' if others else ''}"
    for name, found in sorted(values.items()):
        if name in _VALUES:
            yield f"  {name}: {_told(name, found)}"


def _how_often(name: str, count: int, most: int) -> str:
    return name if count >= most else f"{name} ({count} of {most})"


def _told(name: str, values: Sequence[str]) -> str:
    if all(_NUMBER.fullmatch(value) for value in values):
        return in_numbers(map(int, values))
    said = list(dict.fromkeys(_VALUES[name](value.strip().lower()) for value in values))
    return " / ".join(said[:10])


def _number(value: str) -> str:
    return value if _NUMBER.fullmatch(value) else "something that is no number"


def _moment(value: str) -> str:
    """Return how a time is written: what it says is of no use to others."""
    if _ISO_TIME.fullmatch(value.upper()):
        return "a time (ISO 8601)"
    return value if _NUMBER.fullmatch(value) else "a time in another form"


def _media_type(value: str) -> str:
    kind, _, parameters = (part.strip() for part in value.partition(";"))
    match = _API_TYPE.fullmatch(kind)
    is_known = kind in MEDIA_TYPES or (match and all(known_name(part) != OTHER_NAME for part in match[1].split(".")))
    name, _, charset = parameters.partition("=")
    more = f"; charset={known_word(charset.strip(chr(34)), _CHARSETS)}" if name.strip() == "charset" else ""
    return (kind if is_known else OTHER_WORD) + more


def _directives(value: str) -> str:
    found = []
    for directive in value.split(",")[:12]:
        name, equals, argument = directive.strip().partition("=")
        known = known_word(name, _DIRECTIVES)
        has_number = known != OTHER_WORD and equals and _NUMBER.fullmatch(argument)
        found.append(f"{known}={argument}" if has_number else known)
    return ", ".join(found)


# The headers whose values are told, and how.
_VALUES: Mapping[str, Callable[[str], str]] = {
    "accept-ranges": lambda value: known_word(value, ("bytes", "none")),
    "cache-control": _directives,
    "content-encoding": lambda value: known_word(value, _ENCODINGS),
    "content-length": _number,
    "content-range": lambda value: value if _RANGE.fullmatch(value) else "something else",
    "content-type": _media_type,
    "retry-after": _moment,
    "transfer-encoding": lambda value: known_word(value, _ENCODINGS),
    "x-ratelimit-limit": _number,
    "x-ratelimit-remaining": _number,
    "x-ratelimit-reset": _moment,
}


def _bodies(group: Sequence[Exchange]) -> Iterable[str]:
    """Yield what came: how much of it, and the shape of what is JSON."""
    contents = [exchange.content for exchange in group if exchange.content is not None]
    if not contents:
        return
    yield f"bytes: {in_numbers(map(len, contents))}"
    shape, others, answers = Shape(), [], []
    for content in contents:
        value, what = read_answer(content)
        if what:
            others.append(what)
        else:
            shape.add(value)
            answers.append(value)
    for what in dict.fromkeys(others):
        yield f"{others.count(what)} of {len(contents)}: {what}"
    yield from _pages(answers)
    yield from _files(answers)
    yield from (f"  {line}" for line in shape.lines())


def read_answer(content: bytes) -> tuple[Any, str]:
    """Return what is in an answer that is JSON, or in words what is there instead."""
    if not content.strip():
        return None, "nothing in it"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None, "text that is not UTF-8, or no text"
    try:
        return read_json(text.strip()), ""
    except (ValueError, RecursionError):
        if text.lstrip().startswith("<"):
            return None, "a page (HTML or XML), not JSON"
        return None, "JSON that is torn or wrong" if text.lstrip()[0] in "{[" else "text that is no JSON"


def _pages(answers: Sequence[Any]) -> Iterable[str]:
    """Yield how a list came in pages, if it is one."""
    lists = [answer for answer in answers if isinstance(answer, dict) and isinstance(answer.get("data"), list)]
    if not lists:
        return
    entries = [len(answer["data"]) for answer in lists]
    following = sum(1 for answer in lists if isinstance(paging := answer.get("paging"), dict) and paging.get("next"))
    yield f"pages: {len(lists)}, with {' + '.join(map(str, entries[:30]))} entries; {following} name a next page"


def _files(answers: Sequence[Any]) -> Iterable[str]:
    """Yield how large the files are that videos can be downloaded as, by their renditions."""
    sizes: dict[str, list[int]] = {}
    for entry in download_entries(answers):
        size, name = entry.get("size"), entry.get("rendition") or entry.get("quality")
        if isinstance(size, int) and not isinstance(size, bool):
            known = known_word(name, RENDITIONS | QUALITIES) if isinstance(name, str) else OTHER_WORD
            sizes.setdefault(known, []).append(size)
    for name, found in sorted(sizes.items()):
        yield f"files to download, {name}: {len(found)}, of bytes: {in_numbers(found)}"


def download_entries(answers: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
    """Yield what listings of videos have about files to download."""
    for answer in answers:
        data = answer.get("data") if isinstance(answer, dict) else None
        for video in data if isinstance(data, list) else ():
            downloads = video.get("download") if isinstance(video, dict) else None
            yield from (entry for entry in downloads if isinstance(entry, dict)) if isinstance(downloads, list) else ()
