"""Finds a headless Chrome or Chromium with a fitting driver, starts it, and ends it with all that belongs to it."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _errors import BuilderError

if TYPE_CHECKING:
    from selenium.webdriver import ChromeOptions, ChromeService
    from selenium.webdriver.remote.webdriver import WebDriver

# Where to find Chrome when PATH does not say, for macOS and Windows.
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
)
_PORTS_TO_TRY = 3
_PROFILE_PREFIX = "zume-chrome-"

INSTALL = (
    "Install one: on Debian with apt-get install chromium chromium-driver, elsewhere Google Chrome. "
    "If it is installed in an unusual place, name it in the environment variable ZUME_CHROME."
)


@dataclass(frozen=True)
class Tools:
    """The browser to use, and its driver.

    Attributes:
        browser: the program's path.
        version: as the browser says it, e.g. ``156.0.8078.73``.
        driver: the driver's path, or None to let Selenium find one.
    """

    browser: str
    version: str
    driver: str | None


def find_browser() -> str:
    """Return the path of Chrome or Chromium: ``ZUME_CHROME``, else on PATH, else in the usual places.

    Raises:
        BuilderError: there is none; the message says what to install.
    """
    given = os.environ.get("ZUME_CHROME", "").strip()
    if given:
        if shutil.which(given):
            return given
        raise BuilderError(f"ZUME_CHROME names {given}, which is no program.", "Correct or unset it.")
    candidates = (*_NAMES, *(os.path.expandvars(place) for place in _PLACES))
    for candidate in candidates:
        if found := shutil.which(candidate):
            return found
    raise BuilderError("There is no Chrome or Chromium on this machine, which takes the pictures of slides.", INSTALL)


def find_tools() -> Tools:
    """Return the browser, and a driver that fits it.

    A driver on PATH of the same major version is taken, else webdriver-manager fetches
    one, else Selenium looks for one itself.

    Raises:
        BuilderError: there is no browser, or it does not run.
    """
    browser = find_browser()
    version = _version(browser)
    if not version:
        raise BuilderError(f"{browser} does not run.", INSTALL)
    on_path = shutil.which("chromedriver")
    if on_path and _major(_version(on_path)) == _major(version):
        return Tools(browser, version, on_path)
    return Tools(browser, version, _install_driver(browser, version))


def _version(program: str) -> str:
    """Return the version that a program prints, or an empty text if it does not run."""
    if os.name == "nt" and "chrome.exe" in program.lower():
        # Chrome for Windows prints nothing; its folder is named after its version.
        versions = sorted(path.name for path in Path(program).parent.glob("*.*.*.*"))
        return versions[-1] if versions else "0"
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    match = re.search(r"\d+(\.\d+)+", answer)
    return match[0] if match else ""


def _major(version: str) -> str:
    return version.partition(".")[0]


def _install_driver(browser: str, version: str) -> str | None:
    """Let webdriver-manager fetch a driver; return None if it cannot, so that Selenium tries."""
    from filelock import FileLock
    from webdriver_manager.chrome import ChromeDriverManager
    from webdriver_manager.core.os_manager import ChromeType

    kind = ChromeType.CHROMIUM if "chromium" in browser.lower() else ChromeType.GOOGLE
    # Two builds may need the driver at the same moment; a crash frees this lock.
    with FileLock(Path(tempfile.gettempdir()) / "zume-chromedriver.lock"):
        try:
            return str(ChromeDriverManager(driver_version=version, chrome_type=kind).install())
        except Exception:
            return None


class Browser:
    """One headless browser with one tab of exactly the asked size. Making it does nothing yet: see ``start``.

    Args:
        width, height: of the page in pixels.
        tools: the browser and driver to start; not used with a grid.
        grid_url: the address of a Selenium Grid, or empty for a browser on this machine.
    """

    def __init__(self, width: int, height: int, tools: Tools | None, grid_url: str = "") -> None:
        self._size = {"width": width, "height": height}
        self._tools = tools
        self._grid_url = grid_url
        self._profile = ""
        self._service: ChromeService | None = None
        self._driver: WebDriver | None = None
        self._closed = False
        self._lock = threading.Lock()

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
        from selenium.common.exceptions import WebDriverException
        from urllib3.exceptions import HTTPError

        try:
            self._driver = self._start_remote() if self._grid_url else self._start_local()
            # A window of this size would give a page that is lower by the height of the browser's own bars.
            self.command("Emulation.setDeviceMetricsOverride", **self._size, deviceScaleFactor=1, mobile=False)
        except (WebDriverException, HTTPError, OSError) as error:
            self.close()
            where = f"at {self._grid_url}" if self._grid_url else "on this machine"
            reason = (str(getattr(error, "msg", "") or error).splitlines() or [type(error).__name__])[0]
            raise BuilderError(f"No browser could be started {where}: {reason}", INSTALL) from error

    def _start_remote(self) -> WebDriver:
        from selenium import webdriver

        return webdriver.Remote(command_executor=self._grid_url, options=_options("", ""))

    def _start_local(self) -> WebDriver:
        from selenium import webdriver
        from selenium.common.exceptions import WebDriverException
        from selenium.webdriver.common.utils import free_port

        assert self._tools is not None, "a browser on this machine needs its tools"
        browser = self

        class Service(webdriver.ChromeService):
            """Starts no driver that nobody would end: another thread may close the browser at any moment."""

            def start(self) -> None:
                with browser._lock:
                    if browser._closed:
                        raise OSError("it was closed while it started")
                    self._start_on_a_free_port()

            def _start_on_a_free_port(self) -> None:
                """Another driver may take the port between Selenium's look for a free one and its use."""
                for _ in range(_PORTS_TO_TRY - 1):
                    try:
                        return super().start()
                    except WebDriverException:
                        self.port = free_port()
                return super().start()

        with self._lock:
            if self._closed:
                raise OSError("it was closed before it started")
            self._profile = tempfile.mkdtemp(prefix=_PROFILE_PREFIX)
        self._service = Service(
            executable_path=self._tools.driver,
            # Chrome leaves folders of its own behind when it is killed: they go the way of its profile.
            env={**os.environ, "TMPDIR": self._profile},
            # A group of its own: Ctrl-C must not reach the browser before this program has decided
            # what happens to it, and ending the group ends every process of the browser.
            popen_kw={"start_new_session": True},
        )
        return webdriver.Chrome(
            service=self._service, options=_options(self._tools.browser, f"{self._profile}/profile")
        )

    def command(self, name: str, **parameters: Any) -> dict[str, Any]:
        """Send a command of the Chrome DevTools Protocol and return its answer."""
        answer = self.driver.execute("executeCdpCommand", {"cmd": name, "params": parameters})
        return dict(answer["value"] or {})

    def picture(self) -> bytes:
        """Return a picture of the page as PNG."""
        return base64.b64decode(self.command("Page.captureScreenshot", format="png", optimizeForSpeed=True)["data"])

    def close(self) -> None:
        """End the browser, its driver and all their processes, and remove its profile folder."""
        with self._lock:
            self._closed = True
        process = getattr(self._service, "process", None)
        if process is not None:
            _end_group(process)
        elif self._driver is not None:
            with suppress(Exception):
                self._driver.quit()
        if self._profile:
            _remove_folder(self._profile)


def _options(browser: str, profile: str) -> ChromeOptions:
    from selenium import webdriver

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
        # No history to write: every jump inside the page costs half as much.
        "--incognito",
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
    if _needs_no_sandbox():
        options.add_argument("--no-sandbox")
    return options


def _needs_no_sandbox() -> bool:
    """Say whether Chrome cannot use its sandbox: it refuses to as root, and fails to in most containers."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root or any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv"))


def _remove_folder(path: str) -> None:
    """Remove a folder, also while processes that were just killed are still letting go of it."""
    deadline = time.monotonic() + 3
    while os.path.lexists(path) and time.monotonic() < deadline:
        shutil.rmtree(path, ignore_errors=True)
        time.sleep(0.02)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a driver with all the processes of its browser. There is nothing in them worth a slow goodbye."""
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
