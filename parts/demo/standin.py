"""The stand-ins for Vimeo, for the presenter page and for the mirror of the videos, started and stopped together."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from common.errors import BuilderError
from demo.mirror import MIRROR_PATH, mirror_app
from demo.mirror_settings import MirrorSettings
from demo.presenter import PresenterLog, presenter_app
from demo.presenter_settings import PresenterSettings
from demo.server import OTHER_HOST, LocalServer
from demo.vimeo import vimeo_app
from demo.vimeo_settings import VimeoSettings

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from Python 3.11 on


class StandIn:
    """A Vimeo and a presenter on 127.0.0.1, each on a port of its own; also a context manager.

    The mirror is on the presenter's port; the presenter's page says where. Run a part against all of them::

        with StandIn() as stand_in:
            subprocess.run([...], env={**os.environ, **stand_in.environment()})

    Attributes:
        vimeo: how the Vimeo behaves; may be changed while it runs.
        presenter: how the presenter behaves; may be changed while it runs.
        mirror: how the mirror behaves; may be changed while it runs.
        presenter_log: what the presenter was asked; the other logs are ``vimeo.log`` and ``mirror.log``.

    Args:
        vimeo: the settings to begin with; those of a well-behaved Vimeo if left out.
        presenter: the same for the presenter.
        mirror: the same for the mirror.
        port: of the Vimeo; the presenter has the next one. Two free ones if left out.
    """

    def __init__(
        self,
        vimeo: VimeoSettings | None = None,
        presenter: PresenterSettings | None = None,
        mirror: MirrorSettings | None = None,
        port: int | None = None,
    ) -> None:
        self.vimeo = vimeo or VimeoSettings()
        self.presenter = presenter or PresenterSettings()
        self.mirror = mirror or MirrorSettings()
        self.presenter_log = PresenterLog()
        self._ports = (port, port + 1) if port else (0, 0)
        self._servers: list[LocalServer] = []

    @property
    def vimeo_url(self) -> str:
        """The address of the Vimeo API, without a slash at its end. Only after ``start``."""
        return self._servers[0].address

    @property
    def site_url(self) -> str:
        """The address of the presenter's site, without a slash at its end. Only after ``start``."""
        return self._servers[1].address

    @property
    def mirror_url(self) -> str:
        """The address of the mirror as the page tells it, with a slash at its end. Only after ``start``."""
        return f"http://{OTHER_HOST}:{self._servers[1].port}{MIRROR_PATH}/"

    def environment(self) -> dict[str, str]:
        """Return the variables that lead a part of the suite here instead of to the real services."""
        return {
            "VIMEO_API_URL": self.vimeo_url,
            "ZUME_SITE_URL": self.site_url,
            "VIMEO_ACCESS_TOKEN": self.vimeo.token,
        }

    def start(self) -> Self:
        """Start both; they answer when this returns.

        Raises:
            BuilderError: a port cannot be used; neither runs.
        """
        self.presenter.stopping.clear()
        presenter = presenter_app(self.presenter, self.presenter_log)
        site = DispatcherMiddleware(presenter, {MIRROR_PATH: mirror_app(self.mirror)})
        apps: tuple[Callable[..., Any], ...] = (vimeo_app(self.vimeo), site)
        try:
            for app, port in zip(apps, self._ports, strict=True):
                self._servers.append(LocalServer(app, port).start())
        except BuilderError:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop both, and cut what they are still answering."""
        self.presenter.stopping.set()  # lets go of the requests that it holds back
        while self._servers:
            self._servers.pop().stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
