"""What remote ends say of themselves, and what becomes of a run while they are away. Their place is taken by a
little server, or by a driver that listens for itself; Selenium's own Grid has tests of its own."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from browser_runs import SIZE, end_group, end_group_of, remote_ends, take
from common.errors import BuilderError, CheckWarning
from slides import browser_pool, capture
from slides.browser import Browser
from slides.grid import announce, look_at
from suite import NOWHERE


@contextmanager
def server(answer: Callable[[str, dict], tuple[int, object]]) -> Iterator[str]:
    """Answer each request by its path and content; yields the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, text = answer(self.path, json.loads(content or "{}"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write((text if isinstance(text, str) else json.dumps(text)).encode())

        do_POST = do_GET

        def log_message(self, *_) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()


# ---- what they say of themselves ----


def slot(taken: bool = False, browser: str = "chrome") -> dict:
    return {"session": {"sessionId": "3141"} if taken else None, "stereotype": {"browserName": browser}}


def node(*slots: dict, **more: object) -> dict:
    return {"availability": "UP", "maxSessions": len(slots), "slots": list(slots), **more}


def grid(*nodes: dict, ready: bool = True) -> dict:
    return {"value": {"ready": ready, "message": "Selenium Grid …", "nodes": list(nodes)}}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (grid(node(slot(), slot(True)), node(slot(), slot())), ": 4 slots, 3 free"),
        (grid(node(slot())), ": 1 slot, 1 free"),
        (grid(node(slot()), node(slot(), availability="DOWN"), node(slot(), availability="DRAINING")), ": 1 slot, 1 "),
        (grid(node(slot(), slot(), slot(browser="firefox"), slot(browser="firefox"))), ": 2 slots, 2 free"),
        (grid(node(*[slot()] * 3, slot(True, "firefox"), maxSessions=2)), ": 2 slots, 1 free"),
        ({"value": {"ready": True, "nodes": [{"slots": [{"session": None}, {"session": {}}]}]}}, ": 2 slots, 1 free"),
        ({"value": {"ready": True, "message": "ChromeDriver ready for new sessions."}}, " is ready"),
    ],
)
def test_a_remote_end_says_what_it_has(answer, words):
    with server(lambda path, _: (200 if path == "/status" else 404, answer)) as url:
        assert look_at(url).startswith(url + words)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (grid(node(slot(True), slot(True)), ready=False), CheckWarning, r"has 2 slots, 0 free\."),
        (grid(node(slot(), slot(True, "firefox"), maxSessions=1)), CheckWarning, r"has 1 slot, 0 free\."),
        (grid(node(slot(browser="firefox"))), CheckWarning, "has no slot for Chrome"),
        (grid(ready=False), CheckWarning, "has no slot for Chrome"),
        (
            {"value": {"ready": False, "message": "All slots are taken"}},
            CheckWarning,
            "takes no new sessions .* All slots",
        ),
        ({"value": {"message": "Welcome"}}, BuilderError, "No Selenium Grid answers"),
        ({"value": {"ready": True, "nodes": ["a name"]}}, BuilderError, "No Selenium Grid answers"),
        ({"value": {"ready": True, "nodes": [{"slots": None}]}}, BuilderError, "No Selenium Grid answers"),
        (["a list"], BuilderError, "No Selenium Grid answers"),
        ("no JSON", BuilderError, "No Selenium Grid answers"),
    ],
)
def test_a_remote_end_that_cannot_be_used_is_known_before_a_browser_is_asked_for(answer, error, words):
    with server(lambda *_: (200, answer)) as url, pytest.raises(BuilderError, match=words) as caught:
        look_at(url)
    assert type(caught.value) is error
    assert caught.value.remedy


def test_what_a_run_waits_for_is_said_and_a_remote_end_that_is_down_stops_nobody(capsys):
    with (
        server(lambda *_: (200, grid(node(slot(True)), ready=False))) as full,
        server(lambda *_: (200, grid(node(slot())))) as free,
    ):
        announce([NOWHERE, full, free])

    said = capsys.readouterr()
    assert f"The Grid at {full} has 1 slot, 0 free. Part 3 waits in its queue" in said.err
    assert said.out == f"{free}: 1 slot, 1 free\n"


# ---- sessions that are not made ----


def not_created(reason: str) -> tuple[int, dict]:
    return 500, {"value": {"error": "session not created", "message": reason, "stacktrace": ""}}


def test_whoever_has_waited_in_the_queue_for_too_long_does_not_do_so_again():
    asked = []

    def answer(path: str, content: dict) -> tuple[int, dict]:
        asked.append(path)
        return not_created("Could not start a new session. New session request timed out \nHost info: host: 'vm'")

    with server(answer) as url, pytest.raises(BuilderError, match=r"New session request timed out\.$") as caught:
        Browser(*SIZE, None, url).start()
    assert asked == ["/session"]
    assert "slots are taken" in caught.value.remedy


def test_that_chrome_needs_no_sandbox_at_a_remote_end_is_found_out_once():
    asked = []

    def answer(path: str, content: dict) -> tuple[int, dict]:
        options = content["capabilities"]["alwaysMatch"]["goog:chromeOptions"]
        asked.append("--no-sandbox" in options["args"])
        return not_created("session not created: Chrome instance exited.")

    with server(answer) as url:
        for _ in range(2):
            with pytest.raises(BuilderError, match=r"Chrome instance exited\.$"):
                Browser(*SIZE, None, url).start()
    assert asked == [False, True, True]


# ---- remote ends that are away for a while ----


@pytest.fixture
def site(stand_in, monkeypatch):
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    monkeypatch.setattr(browser_pool, "_OUTAGE_PAUSE", 0.1)
    stand_in.presenter.short_course = 6
    return stand_in


def restarted(command: list[str], url: str, folder: Path) -> subprocess.Popen:
    """Start a driver anew, at the address that it had."""
    port = url.split(":")[2].partition("/")[0]
    return subprocess.Popen(
        [command[0], f"--port={port}", "--url-base=/wd/hub"],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.browser
def test_a_run_goes_on_when_its_only_remote_end_comes_back(site, own_tmp, tmp_path, monkeypatch):
    with remote_ends(1, own_tmp) as [(driver, url)]:
        again = []

        def start_again(text: str) -> None:
            if "keeps trying" in text:
                assert f"No browser could be started at {url}" in text
                again.append(restarted(driver.args, url, own_tmp))

        monkeypatch.setattr(capture, "say", start_again)
        monkeypatch.setattr(browser_pool, "say", start_again)
        try:
            found = take(tmp_path, 1, lambda number: end_group_of(driver) if number == 3 else None, grid_urls=(url,))
        finally:
            for another in again:
                end_group(another)

    assert len(again) == 1
    assert list(found.values()) == ["ok"] * 12


@pytest.mark.browser
def test_a_run_whose_only_remote_end_is_lost_for_good_ends_and_says_how_to_go_on(
    site, own_tmp, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(browser_pool, "_OUTAGE_SECONDS", 0.3)
    with (
        remote_ends(1, own_tmp) as [(driver, url)],
        pytest.raises(BuilderError, match=f"No browser could be started at {url}: .*refused") as caught,
    ):
        take(tmp_path, 1, lambda number: end_group_of(driver) if number == 3 else None, grid_urls=(url,))

    assert "--missing-only" in caught.value.remedy
    assert "Part 3 keeps trying for" in capsys.readouterr().out
