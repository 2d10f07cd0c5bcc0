"""A site of one page, whatever that page is."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from course.curricula import CURRICULA

Handler = http.server.BaseHTTPRequestHandler


@contextmanager
def site_that_answers(monkeypatch, content: str | bytes | Callable[[Handler], None], status=200) -> Iterator[list[str]]:
    """Serve one page to whoever asks, and lead this process there.

    Args:
        content: the page, or what writes the whole answer itself.
        status: of the answer.

    Yields:
        The paths that were asked for.
    """
    asked: list[str] = []

    class Answering(Handler):
        def do_GET(self):
            asked.append(self.path)
            if callable(content):
                content(self)
                return
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content.encode() if isinstance(content, str) else content)

        def log_message(self, *_):
            pass

    with _Server(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        monkeypatch.setenv("ZUME_SITE_URL", f"http://127.0.0.1:{server.server_port}")
        try:
            yield asked
        finally:
            server.shutdown()
            thread.join()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        """Say nothing: who asked may have gone before the end."""


def page_with(content, **constants) -> str:
    """Return a page with this ``jsObject``, and with other constants."""
    scripts = {"jsObject": content, **constants}
    lines = "\n".join(f"const {name} = [{json.dumps(value)}][0]" for name, value in scripts.items())
    return f"<script>\nvar a = [1];\n{lines}\n</script>"


def course_page(*slides, language="es", **fields) -> str:
    """Return a page whose three curricula have one session each, with these slides."""
    return page_with({"language": language, **fields}, **{each.constant: [list(slides)] for each in CURRICULA})


def video_slide(number, center=None, **fields) -> dict[str, object]:
    """Return a slide that shows a video, as the page has it."""
    return {"key": f"v_{number}", "type": "video", "alt_video_id": number, "center": center, **fields}
