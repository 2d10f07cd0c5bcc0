"""A mirror with manners of its own: one file under every address, and whatever headers a test likes."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

CONTENT = b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\x27\x18mdat" + bytes(range(250)) * 40


@dataclass
class OddMirror:
    """What the mirror answers, and what it was asked.

    Attributes:
        address: where it is, with a slash at its end.
        head: returns status and headers for HEAD, given the path; None: HEAD is not known to it (501).
        get: the same for GET; the content follows if the status is 200.
        asked: method, path and headers of each request.
    """

    address: str = ""
    head: Callable[[str], tuple[int, dict[str, str]]] | None = None
    get: Callable[[str], tuple[int, dict[str, str]]] = lambda _: (200, {"Content-Length": str(len(CONTENT))})
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def odd_mirror(**answers) -> Iterator[OddMirror]:
    """Run such a mirror."""
    mirror = OddMirror(**answers)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(*mirror.get(self.path), content=CONTENT)

        def do_HEAD(self):
            self.answer(*(mirror.head(self.path) if mirror.head else (501, {})), content=b"")

        def answer(self, status, headers, content):
            mirror.asked.append((self.command, self.path, dict(self.headers)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content if status == 200 else b"")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        mirror.address = f"http://127.0.0.1:{server.server_port}/m/"
        try:
            yield mirror
        finally:
            server.shutdown()
            thread.join()
