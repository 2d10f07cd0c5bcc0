"""Starts a headless browser on this machine or in a grid, controls it, and ends it with all its processes."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import (
    JavascriptException,
    SessionNotCreatedException,
    TimeoutException,
    WebDriverException,
)
from selenium.webdriver.chrome.remote_connection import ChromeRemoteConnection
from selenium.webdriver.common.utils import free_port
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from common.errors import BuilderError
from common.processes import apart, descendants, kill
from slides.browser_profile import BrowserProfile
from slides.chrome import INSTALL, Tools

_PORTS_TO_TRY = 3
# How long each kind of work may take before the browser counts as hung, in seconds. In a grid
# a new session waits for a free browser, by default for up to 300 s.
_START_SECONDS = 60
_GRID_START_SECONDS = 330
_ANSWER_SECONDS = 20
_QUIT_SECONDS = 3
# How long an interrupt waits for a session that a remote end is just starting. It is less
# than the time that build.py gives a part to end (builds.process.SECONDS_TO_END).
_LATE_START_SECONDS = 20
_CONNECT_SECONDS = 5
# What a Grid answers when a request for a session was in its queue for too long.
_WAITED_TOO_LONG = "New session request timed out"
# The remote ends where Chrome cannot use its sandbox. What one browser finds out holds for all.
_without_sandbox: set[str] = set()

_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")

# What a call raises when the browser, its driver or the way to them is broken.
BREAKDOWN = (WebDriverException, HTTPError, OSError)


def reason_of(error: BaseException) -> str:
    """Return the first line of a broken browser's error, without Selenium's link to its documentation."""
    line = (str(getattr(error, "msg", "") or error).splitlines() or [type(error).__name__])[0]
    return line.partition("; For documentation on this error")[0].strip()


class Browser:
    """One headless browser with one tab of exactly the asked size. Call ``start`` before anything else.

    Args:
        width, height: of the page in pixels.
        tools: the browser and driver to start; None with a grid.
        grid_url: the address of a Selenium Grid or another W3C remote end, or empty for a browser on this machine.
    """

    def __init__(self, width: int, height: int, tools: Tools | None, grid_url: str = "") -> None:
        self._size = {"width": width, "height": height}
        self._tools = tools
        self._grid_url = grid_url
        self._profile: BrowserProfile | None = None
        self._service: webdriver.ChromeService | None = None
        self._connection: ChromeRemoteConnection | None = None
        self._driver: WebDriver | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._closing = threading.Lock()
        self._is_gone = False
        self._start_is_over = threading.Event()

    @property
    def driver(self) -> WebDriver:
        """Selenium's handle of the started browser."""
        assert self._driver is not None, "the browser was not started"
        return self._driver

    def start(self) -> None:
        """Start the browser.

        Raises:
            BuilderError: it does not start.
        """
        try:
            self._driver = self._start_remote() if self._grid_url else self._start_local()
            # In a window of this size, the page would be smaller by the browser's own bars.
            self.command("Emulation.setDeviceMetricsOverride", **self._size, deviceScaleFactor=1, mobile=False)
        # Something else may answer at a grid's address; Selenium then raises all kinds of errors.
        except Exception as error:
            self._start_is_over.set()
            self.close()
            where = f"at {self._grid_url}" if self._grid_url else "on this machine"
            remedy = "Check that the grid runs and has Chrome, and that not all its slots are taken."
            message = f"No browser could be started {where}: {reason_of(error).removesuffix('.')}."
            raise BuilderError(message, remedy if self._grid_url else INSTALL) from error
        finally:
            self._start_is_over.set()

    def _start_remote(self) -> WebDriver:
        sandbox = self._grid_url not in _without_sandbox
        try:
            return self._connect(self._grid_url, _options("", "", sandbox), _GRID_START_SECONDS)
        except SessionNotCreatedException as error:
            if not sandbox or _WAITED_TOO_LONG in str(error.msg):
                raise
        # Only the node knows whether Chrome can use its sandbox there.
        _without_sandbox.add(self._grid_url)
        return self._connect(self._grid_url, _options("", "", sandbox=False), _GRID_START_SECONDS)

    def _start_local(self) -> WebDriver:
        assert self._tools is not None, "a browser on this machine needs its tools"
        with self._lock:
            if self._closed:
                raise OSError("it was closed before it started")
            self._profile = BrowserProfile()
        self._service = _DriverService(self._tools.driver, self._profile, self._lock, lambda: self._closed)
        self._service.start()
        profile = f"{self._profile.path}/profile"
        options = _options(self._tools.browser, profile, sandbox=not _needs_no_sandbox())
        return self._connect(self._service.service_url, options, _START_SECONDS)

    def _connect(self, address: str, options: webdriver.ChromeOptions, seconds: float) -> WebDriver:
        config = ClientConfig(
            remote_server_addr=address,
            timeout=_limit(seconds),
            # No retries by urllib3: the other side may have carried out the first request.
            init_args_for_pool_manager={"init_args_for_pool_manager": {"retries": False}},
        )
        self._connection = ChromeRemoteConnection(
            remote_server_addr=address, ignore_proxy=not self._grid_url, client_config=config
        )
        driver = webdriver.Remote(command_executor=self._connection, options=options)
        if self._closed:
            self._quit(driver)
            raise OSError("it was closed while it started")
        return driver

    def load(self, url: str, seconds: float) -> bool:
        """Go to an address, and return whether its document came in time.

        Args:
            url: the address.
            seconds: how long the document may take.
        """
        driver = self._used_driver(seconds + _ANSWER_SECONDS)
        try:
            driver.set_page_load_timeout(seconds)
            driver.get(url)
        except TimeoutException:
            return False
        return True

    def command(self, name: str, *, seconds: float = _ANSWER_SECONDS, **parameters: Any) -> dict[str, Any]:
        """Send a command of the Chrome DevTools Protocol and return its answer.

        Args:
            name: the command.
            seconds: how long it may take before the browser counts as hung.
            parameters: of the command.
        """
        answer = self._used_driver(seconds).execute("executeCdpCommand", {"cmd": name, "params": parameters})
        return dict(answer["value"] or {})

    def evaluate(self, expression: str, seconds: float = 0.0) -> Any:
        """Return the value of an expression in the page, or what its promise resolves to.

        Args:
            expression: in JavaScript.
            seconds: how long the promise may take.

        Raises:
            WebDriverException: the expression throws, or the browser is broken.
        """
        # This takes half as long as WebDriver's own way to run scripts, which wraps them.
        answer = self.command(
            "Runtime.evaluate",
            seconds=seconds + _ANSWER_SECONDS,
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise JavascriptException(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def picture(self) -> bytes:
        """Return a picture of the page as PNG."""
        return base64.b64decode(self.command("Page.captureScreenshot", format="png", optimizeForSpeed=True)["data"])

    def close(self) -> None:
        """End the browser, its driver and all their processes, and remove its temporary folder."""
        with self._lock:
            self._closed = True
        with self._closing:  # a second caller waits until the first is done
            if not self._is_gone:
                self._end()
                self._is_gone = True

    def _end(self) -> None:
        process = getattr(self._service, "process", None)
        if process is not None:
            _end_with_browser(process)
        elif self._grid_url:
            # Nobody else would end a session that is just being started.
            self._start_is_over.wait(_LATE_START_SECONDS)
            if self._driver is not None:
                self._quit(self._driver)
        if self._profile is not None:
            self._profile.remove()

    def _quit(self, driver: WebDriver) -> None:
        assert self._connection is not None, "a driver has a connection"
        self._connection.client_config.timeout = _limit(_QUIT_SECONDS)
        with suppress(*BREAKDOWN):
            driver.quit()

    def _used_driver(self, seconds: float) -> WebDriver:
        """Return the handle, with a limit in seconds for the next answer."""
        if self._connection is not None:
            self._connection.client_config.timeout = _limit(seconds)
        return self.driver


def _limit(seconds: float) -> Any:
    """Return the limit for an answer in seconds, with a shorter one for the connection."""
    return Timeout(connect=min(seconds, _CONNECT_SECONDS), read=seconds)


class _DriverService(webdriver.ChromeService):
    """Starts a driver, unless its browser is closed by then: nobody would end such a driver.

    Args:
        driver: the driver's path.
        profile: the browser's folder. What Chrome leaves behind when it is killed is in there, too.
        lock: held while the process starts, and while the browser is marked as closed.
        is_closed: says whether the browser is closed. Another thread may close it at any moment.
    """

    def __init__(
        self, driver: str, profile: BrowserProfile, lock: threading.Lock, is_closed: Callable[[], bool]
    ) -> None:
        # Ctrl-C must not reach the browser before this program has decided what happens to it. Selenium has a name of
        # its own for the flags of Windows.
        options = {name.replace("creationflags", "creation_flags"): value for name, value in apart().items()}
        # Where the system shows nobody a driver's environment, its command line tells whose it is.
        log = [f"--log-path={profile.path / 'driver.log'}", "--log-level=WARNING"]
        super().__init__(executable_path=driver, service_args=log, env=profile.environment(), popen_kw=options)
        self._lock = lock
        self._is_closed = is_closed

    def start(self) -> None:
        """Start the driver, on another port if some program takes the free one that Selenium has found."""
        for _ in range(_PORTS_TO_TRY - 1):
            try:
                return super().start()
            except WebDriverException:
                self.port = free_port()
        return super().start()

    def _start_process(self, path: str) -> None:
        with self._lock:
            if self._is_closed():
                raise OSError("it was closed while it started")
            super()._start_process(path)


def _options(browser: str, profile: str, sandbox: bool) -> webdriver.ChromeOptions:
    options = webdriver.ChromeOptions()
    # The load event may never come: a video slide holds a frame that does not finish loading.
    options.page_load_strategy = "eager"
    if browser:
        options.binary_location = browser
        options.add_argument(f"--user-data-dir={profile}")
    for argument in (
        "--headless=new",
        "--hide-scrollbars",
        "--mute-audio",
        "--no-first-run",
        "--disable-gpu",
        # No history is written, which halves the time of a jump inside the page.
        "--incognito",
        # A picture does not wait for the next sixtieth of a second, which took a third of the time of a slide.
        "--disable-frame-rate-limit",
        # Big pictures are decoded before they are drawn, not some frames later.
        "--disable-checker-imaging",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-extensions",
        "--disable-sync",
        # Containers often have too little shared memory for pictures of this size.
        "--disable-dev-shm-usage",
        "--force-color-profile=srgb",
    ):
        options.add_argument(argument)
    if not sandbox:
        options.add_argument("--no-sandbox")
    return options


def _needs_no_sandbox() -> bool:
    """Say whether Chrome cannot use its sandbox, as for root and in most containers."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root or any(Path(mark).exists() for mark in _CONTAINER_MARKS)


def _end_with_browser(driver: subprocess.Popen[bytes]) -> None:
    """Kill a driver and all processes of its browser. They hold nothing that would have to be saved."""
    of_browser = descendants(driver.pid)
    driver.kill()
    kill(of_browser)
    with suppress(subprocess.TimeoutExpired):
        driver.wait(timeout=5)
