"""A web server on 127.0.0.1, in a thread of this process."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from common.errors import BuilderError

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from Python 3.11 on

HOST = "127.0.0.1"
OTHER_HOST = "localhost"  # another name of the same host, so that a client sees a change of host
_LOOK_FOR_STOP_EVERY = 0.01  # seconds; werkzeug's own default makes every stop() last half a second


class LocalServer:
    """Serves one WSGI application until it is stopped; also a context manager.

    Args:
        app: the application, e.g. a Flask one.
        port: where to listen; 0: on any free port.

    Raises:
        BuilderError: the port cannot be used.
    """

    def __init__(self, app: Callable[..., Any], port: int = 0) -> None:
        self._server = _Server(HOST, port, app, _QuietHandler)
        self._thread = threading.Thread(target=self._serve, name="local-server", daemon=True)

    @property
    def port(self) -> int:
        """The port, known (and taken) from the beginning."""
        return self._server.port

    @property
    def address(self) -> str:
        """The address without a slash at its end, e.g. ``http://127.0.0.1:40123``."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering, and cut what is still being answered. A second call does nothing."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._server.cut_connections()

    def _serve(self) -> None:
        self._server.serve_forever(_LOOK_FOR_STOP_EVERY)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadedWSGIServer):
    """Knows its open connections, so that a stop can cut those that are being held open."""

    daemon_threads = True  # otherwise closing the server waits for the last held request

    def __init__(self, *args: Any, **options: Any) -> None:
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(*args, **options)

    def server_bind(self) -> None:
        """Take the port. Werkzeug itself would print its own message and end the program."""
        try:
            super().server_bind()
        except OSError as error:
            port = self.server_address[1]
            raise BuilderError(
                f"Port {port} cannot be used: {error.strerror}.",
                "Choose another --port; it and the next port must be free.",
            ) from error

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):  # the client may have gone first
                    connection.shutdown(socket.SHUT_RDWR)


class _QuietHandler(WSGIRequestHandler):
    """Logs no requests (an application's own errors are still reported)."""

    def make_environ(self) -> dict[str, Any]:
        """Add this handler, for an answer that changes its connection (see ``close_delimited``)."""
        return {**super().make_environ(), "demo.handler": self}

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def log_error(self, format: str, *args: Any) -> None:
        pass


def close_delimited(environ: dict[str, Any]) -> None:
    """Answer this request as HTTP/1.0 does, where without Content-Length the body ends when the connection does.

    Under HTTP/1.1 the server would send chunks, and a client could tell a cut body from a whole one.
    """
    handler = environ.get("demo.handler")
    if handler is not None:
        handler.protocol_version = "HTTP/1.0"
