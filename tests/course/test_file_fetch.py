"""The files of a page fetched as the browser fetches them, and what is said of those that do not come."""

from __future__ import annotations

import sys

import pytest

from common.errors import RemoteError
from course import file_fetch
from course.file_fetch import Kind, bare, fetch_file
from served_pages import site_that_answers
from suite import NOWHERE

pytestmark = pytest.mark.usefixtures("home")


def headers_of(monkeypatch, kind: Kind, referrer: str, browser: str = "156.0.8078.73") -> dict[str, str]:
    """Return the headers with which a file is asked for; SITE in the referrer stands for its own site."""
    found = {}

    def answer(handler):
        found.update(handler.headers)
        handler.send_response(200)
        handler.end_headers()

    with site_that_answers(monkeypatch, answer):
        site = site_address()
        fetch_file(f"{site}/a", kind, referrer.replace("SITE", site), browser)
    return {name: value.replace(site, "SITE") for name, value in found.items()}


def site_address() -> str:
    from course.page import site_url

    return site_url()


def test_a_style_sheet_is_asked_for_as_headless_chrome_does(monkeypatch):
    headers = headers_of(monkeypatch, Kind.STYLE, "https://site.example/es/presenter?type=10#x")
    assert headers["Accept"] == "text/css,*/*;q=0.1"
    assert headers["Sec-Fetch-Dest"] == "style"
    assert headers["Sec-Fetch-Mode"] == "no-cors"
    assert headers["Sec-Fetch-Site"] == "cross-site"
    assert "HeadlessChrome/156.0.0.0 " in headers["User-Agent"]
    assert "Origin" not in headers
    # A page of HTTPS is not named to a host without.
    assert "Referer" not in headers


@pytest.mark.parametrize(
    ("kind", "destination", "accepted"),
    [(Kind.SCRIPT, "script", "*/*"), (Kind.PICTURE, "image", "image/avif,"), (Kind.FONT, "font", "*/*")],
)
def test_each_kind_of_file_has_its_own_request(kind, destination, accepted, monkeypatch):
    headers = headers_of(monkeypatch, kind, "http://site.example/es/presenter?key=1")
    assert headers["Sec-Fetch-Dest"] == destination
    assert headers["Accept"].startswith(accepted)
    assert headers["Referer"] == "http://site.example/"
    assert headers.get("Origin") == ("http://site.example" if kind is Kind.FONT else None)


def test_the_sites_own_files_are_told_the_page(monkeypatch):
    headers = headers_of(monkeypatch, Kind.SCRIPT, "SITE/es/presenter?type=10#x")
    assert headers["Referer"] == "SITE/es/presenter?type=10"
    assert headers["Sec-Fetch-Site"] == "same-origin"


def test_a_browser_of_unknown_version_is_still_one(monkeypatch):
    assert "HeadlessChrome/150.0.0.0 " in headers_of(monkeypatch, Kind.STYLE, "SITE/", "")["User-Agent"]


@pytest.mark.parametrize(
    ("platform", "system"),
    [
        ("darwin", "Macintosh; Intel Mac OS X 10_15_7"),  # also of a Mac with Apple's own processors
        ("win32", "Windows NT 10.0; Win64; x64"),
        ("linux", "X11; Linux x86_64"),
    ],
)
def test_the_system_is_called_as_chrome_calls_it_there(platform, system, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    assert file_fetch._user_agent("156.0.8078.73").startswith(f"Mozilla/5.0 ({system}) AppleWebKit/537.36 ")


def test_no_credentials_of_the_machine_are_sent(monkeypatch, home):
    (home / ".netrc").write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(home / ".netrc"))
    assert "Authorization" not in headers_of(monkeypatch, Kind.STYLE, "SITE/")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_what_the_browser_would_not_get_either_is_no_file(status, monkeypatch):
    with site_that_answers(monkeypatch, "no", status):
        assert fetch_file(f"{site_address()}/a", Kind.STYLE, "http://x/", "") is None


@pytest.mark.parametrize("url", ["http://[bad", "http://a..b/", "http://127.0.0.1:999999/"])
def test_what_is_no_address_is_no_file(url):
    assert fetch_file(url, Kind.STYLE, "http://x/", "") is None


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_pass_is_an_error_that_does_not_quote_the_address(status, monkeypatch):
    with site_that_answers(monkeypatch, "no", status), pytest.raises(RemoteError) as caught:
        fetch_file(f"{site_address()}/a.css?key=secret", Kind.STYLE, "http://x/", "")
    assert "/a.css" in caught.value.message
    assert "secret" not in f"{caught.value.message} {caught.value.remedy}"


def test_a_host_that_cannot_be_reached_is_an_error_that_may_pass():
    with pytest.raises(RemoteError) as caught:
        fetch_file(f"{NOWHERE}/a.css?key=secret", Kind.STYLE, "http://x/", "")
    assert caught.value.retryable
    assert "secret" not in caught.value.message


def test_an_address_is_told_without_what_may_be_a_key():
    assert bare("https://me:pw@host.example:8443/a/b.css?key=1#2") == "https://host.example:8443/a/b.css"
    assert bare("http://[bad") == "an address"
