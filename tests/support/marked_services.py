"""The stand-ins with a mark in everything that a service could tell of people, videos and itself, and in odd names."""

from __future__ import annotations

import json
import re

from werkzeug.wrappers import Response

MARK = "Zq7Mark"
# Names of fields that are data: an id, an address of mail, a title, one that looks like a plain field, an empty one.
ODD_KEYS = (MARK, MARK.lower(), f"me@{MARK}.org", f"/videos/{MARK}", f"{MARK.lower()}_size", "700042060", "", "Español")
ODD_HEADERS = {
    f"X-{MARK}-Owner": "1",
    "Set-Cookie": f"session={MARK}",
    "ETag": f'"{MARK}"',
    "Server": MARK,
    "Via": f"1.1 {MARK}.example",
    "Cache-Control": f"private, {MARK}=1, max-age=60, no-cache={MARK}",
    "Content-Encoding": "identity",
    "X-RateLimit-Remaining": MARK,
    "X-RateLimit-Reset": f"2026-11-22T12:00:30+00:00 {MARK}",
}
# Fields whose texts something is made of: they keep their meaning.
_HARDLY = {"uri": ":{}", "link": "?token={}", "next": "&token={}"}
_NOT_AT_ALL = {"md5", "quality", "rendition"}


def marked(app):
    """Return an application that answers as another does, with marks."""

    def answer(environ, start_response):
        response = Response.from_app(app, environ, buffered=True)
        kind = response.mimetype
        if kind == "application/json":
            content = with_marks(json.loads(response.get_data()))
            response.set_data(json.dumps(content))
            response.headers["Content-Type"] = f"application/vnd.vimeo.{MARK}+json; charset={MARK}"
        elif kind == "text/html" and environ["PATH_INFO"].endswith("/presenter"):
            response.set_data(marked_page(response.get_data(as_text=True)))
        for name, value in ODD_HEADERS.items():
            response.headers[name] = value
        return response(environ, start_response)

    return answer


def with_marks(value, name=""):
    """Return what JSON holds with a mark in each text, and with odd keys in each object."""
    if isinstance(value, dict):
        odd = {key: [MARK, {MARK: [[MARK]]}, 1] for key in ODD_KEYS}
        return {**{key: with_marks(inner, key) for key, inner in value.items()}, **odd}
    if isinstance(value, list):
        return [with_marks(inner, name) for inner in value]
    if isinstance(value, str) and name not in _NOT_AT_ALL:
        return value + _HARDLY.get(name, " {}").format(MARK)
    return value


def marked_page(text: str) -> str:
    """Return the presenter's page with marks in its texts, and in names of fields, slides and types."""
    odd = json.dumps({key: {MARK: [MARK]} for key in ODD_KEYS})[1:-1]
    text = text.replace('"nonce": "', f'{odd}, "nonce": "{MARK}')
    text = text.replace('"marker": "', f'{odd}, "marker": "{MARK}')
    text = text.replace('"t1_b"', f'"{MARK}_1"').replace('"s1_1_1"', f'"me@{MARK}.org"', 1)
    text = text.replace('"type": "checkin"', f'"type": "{MARK.lower()}"')
    return re.sub(r"<html\b", f'<html data-x="{MARK}" class="{MARK}"', text)
