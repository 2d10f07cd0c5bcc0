"""Watching HTTP: each exchange is taken down once, and nothing about it is different from one that nobody watches."""

from __future__ import annotations

import pytest
import requests

from common.http import new_http_session
from common.watched_http import watching
from course.page_fetch import fetch_page
from served_pages import site_that_answers
from suite import NOWHERE


def leading_on(handler):
    steps = {"/1": "/2", "/2": "/3"}
    handler.send_response(302 if handler.path in steps else 200)
    if handler.path in steps:
        handler.send_header("Location", steps[handler.path])
    handler.send_header("X-Step", handler.path)
    handler.end_headers()
    handler.wfile.write(b"content")


@pytest.fixture
def site(monkeypatch):
    """Where a site is that leads from one address to the next."""
    import os

    with site_that_answers(monkeypatch, leading_on):
        yield os.environ["ZUME_SITE_URL"]


def paths(seen, site):
    return [(each.url.removeprefix(site), each.status) for each in sorted(seen, key=lambda each: each.began)]


def test_each_address_of_a_redirect_is_taken_down_once(site):
    seen = []
    with watching(seen.append):
        new_http_session(1).get(f"{site}/1", timeout=5)
        new_http_session(1).get(f"{site}/1", timeout=5, allow_redirects=False)

    assert paths(seen, site) == [("/1", 302), ("/2", 302), ("/3", 200), ("/1", 302)]
    assert dict(seen[0].headers)["X-Step"] in ("/1", "/2", "/3")
    assert all(each.content == b"content" for each in seen)


def test_a_body_that_is_read_piece_by_piece_is_left_alone(site):
    seen = []
    with watching(seen.append), new_http_session(1).get(f"{site}/3", timeout=5, stream=True) as answer:
        assert answer.raw.read(4) == b"cont"
        assert b"".join(answer.iter_content(2)) == b"ent"

    assert [each.content for each in seen] == [None]


def test_a_page_is_watched_too(site):
    seen = []
    with watching(seen.append):
        assert fetch_page(f"{site}/1", 5)[0] == "content"

    assert paths(seen, site) == [("/1", 302), ("/2", 302), ("/3", 200)]


def test_a_failure_is_taken_down_by_its_kind_and_raised(site):
    seen = []
    with watching(seen.append), pytest.raises(requests.ConnectionError):
        new_http_session(1).get(NOWHERE, timeout=5)

    assert [(each.status, each.failure) for each in seen] == [(None, "ConnectionError")]


def test_after_the_block_nobody_watches(site):
    seen, inner = [], []
    with watching(seen.append):
        with watching(inner.append):
            new_http_session(1).get(f"{site}/3", timeout=5)
        assert seen == []
    new_http_session(1).get(f"{site}/3", timeout=5)

    assert seen == []
    assert len(inner) == 1
