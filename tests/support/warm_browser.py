"""A WebDriver remote end whose every new session is one warm browser, as the node of a grid may keep it."""

from __future__ import annotations

import http.server
import json
import threading
from http import HTTPStatus

import urllib3

from shared_browser import SharedBrowser

_ADD_SCRIPT = "Page.addScriptToEvaluateOnNewDocument"


class WarmBrowser(http.server.ThreadingHTTPServer):
    """Hands one shared browser from run to run; a context manager that serves while it lasts.

    It is for runs that use one browser, one run after the other, and end in order.

    Args:
        browser: the browser, which stays open.
    """

    daemon_threads = True

    def __init__(self, browser: SharedBrowser) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.browser = browser
        self.pool = urllib3.PoolManager(maxsize=4)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        """The address for ``--grid-url``."""
        return f"http://127.0.0.1:{self.server_port}"

    def session(self) -> dict[str, object]:
        """Return the session as an end answers that has just made it, and forget who had it before."""
        self.browser.forget()
        self.browser.driver.get("about:blank")
        driver = self.browser.driver
        return {"sessionId": driver.session_id, "capabilities": driver.capabilities}

    def __exit__(self, *exception: object) -> None:
        self.shutdown()
        super().__exit__(*exception)


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers for the making and the end of sessions itself, and hands everything else on to the driver."""

    server: WarmBrowser
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command == "POST" and self.path == "/session":
            self._send(HTTPStatus.OK, json.dumps({"value": self.server.session()}).encode())
        elif self.command == "DELETE" and self.path.count("/") == 2:
            self._send(HTTPStatus.OK, b'{"value": null}')
        else:
            self._hand_on(body)

    do_GET = do_POST = do_DELETE = _answer

    def _hand_on(self, body: bytes) -> None:
        answer = self.server.pool.request(
            self.command,
            self.server.browser.address + self.path,
            body=body or None,
            headers={"Content-Type": "application/json"},
            retries=False,
        )
        if body and json.loads(body).get("cmd") == _ADD_SCRIPT:
            self.server.browser.remember(answer.json()["value"])
        self._send(answer.status, answer.data)

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass
