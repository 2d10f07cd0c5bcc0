"""Finds Chrome or Chromium on this machine, and a driver that fits it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from common.console import say
from common.errors import BuilderError
from common.files import make_folder
from workspace.home import home

# Where to find Chrome when PATH does not say, for macOS and Windows.
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    # Whoever may not install for all users has it here.
    "~/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "~/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Chromium\Application\chrome.exe",
)
# How long a build waits in seconds while another one fetches a driver, which is a download of some 10 MB.
_LONGEST_INSTALL = 180.0

# Ubuntu has no package chromium-driver, and its Chromium is a snap, which sees neither /tmp nor hidden folders.
INSTALL = (
    "Install one: on Debian with apt-get install chromium chromium-driver, on Ubuntu and elsewhere Google Chrome "
    "(macOS: brew install google-chrome; Windows: winget install Google.Chrome). "
    "If it is installed in an unusual place, name it with --chrome or in the environment variable ZUME_CHROME."
)
INSTALL_DRIVER = (
    "Install a driver of the browser's version (for Debian's Chromium: apt-get install chromium-driver; for Google "
    "Chrome, also on Ubuntu, from googlechromelabs.github.io/chrome-for-testing), and put it on PATH or name it with "
    "--chromedriver or in the environment variable ZUME_CHROMEDRIVER."
)


@dataclass(frozen=True)
class Tools:
    """The browser to use, and its driver.

    Attributes:
        browser: the program's path.
        version: as the browser says it, e.g. ``156.0.8078.73``.
        driver: the driver's path.
        driver_version: as the driver says it.
        source: where the driver was found, e.g. ``on PATH``.
    """

    browser: str
    version: str
    driver: str
    driver_version: str
    source: str

    def __str__(self) -> str:
        """Return one line that names both programs with their versions."""
        return f"{self.browser} {self.version}, driver {self.driver} {self.driver_version} ({self.source})"


@overload
def find_tools(chrome: str = "", chromedriver: str = "") -> Tools: ...


@overload
def find_tools(chrome: str = "", chromedriver: str = "", *, may_fetch: bool) -> Tools | None: ...


def find_tools(chrome: str = "", chromedriver: str = "", *, may_fetch: bool = True) -> Tools | None:
    """Return the browser, and a driver that fits it.

    The driver is the one that was named, else one on PATH of the browser's major version,
    else one that webdriver-manager fetches, else one that Selenium's own manager finds.

    Args:
        chrome: the browser's path, as an argument gave it; ``ZUME_CHROME`` if empty.
        chromedriver: the driver's path, as an argument gave it; ``ZUME_CHROMEDRIVER`` if empty.
        may_fetch: whether a driver may be fetched. If not, the answer is None where it would have to be.

    Raises:
        BuilderError: there is no browser or no driver, one does not run, or the named driver does not fit.
    """
    browser = find_browser(chrome)
    version = _version(browser)
    if not version:
        raise BuilderError(f"{browser} does not run.", INSTALL)
    name, driver = _given("--chromedriver", chromedriver, "ZUME_CHROMEDRIVER")
    if driver:
        return Tools(browser, version, driver, _require_fit(driver, name, version), name)
    on_path = shutil.which("chromedriver")
    if on_path:
        driver_version = _version(on_path)
        if _fits(driver_version, version):
            return Tools(browser, version, on_path, driver_version, "on PATH")
        if may_fetch:
            reason = f"is for version {driver_version}, not for" if driver_version else "does not run; it is needed for"
            say(f"The driver {on_path} {reason} {browser} {version}; looking for another.")
    return _install_driver(browser, version) if may_fetch else None


def find_browser(chrome: str = "") -> str:
    """Return the path of Chrome or Chromium: the named one, else on PATH, else in the usual places.

    Args:
        chrome: as for ``find_tools``.

    Raises:
        BuilderError: there is none; the message says what to install.
    """
    _, given = _given("--chrome", chrome, "ZUME_CHROME")
    if given:
        return given
    # Where a user has no home, Path would raise.
    places = (str(Path(os.path.expanduser(os.path.expandvars(place)))) for place in _PLACES)  # noqa: PTH111
    for candidate in (*_NAMES, *places):
        if found := shutil.which(candidate):
            return found
    raise BuilderError("There is no Chrome or Chromium on this machine. It takes the pictures of slides.", INSTALL)


def _given(argument: str, value: str, variable: str) -> tuple[str, str]:
    """Return how a program was named and its path; two empty texts if it was not.

    Raises:
        BuilderError: what was named is not a program.
    """
    name = argument if value.strip() else variable
    path = value.strip() or os.environ.get(variable, "").strip()
    if path and not shutil.which(path):
        raise BuilderError(f"{name} names {path}, which is not a program.", "Correct the path, or leave it out.")
    return (name, path) if path else ("", "")


def _require_fit(driver: str, source: str, browser_version: str) -> str:
    """Return the version of a driver.

    Raises:
        BuilderError: it does not run, or is for another browser version.
    """
    version = _version(driver)
    if not version:
        raise BuilderError(f"The driver {driver} ({source}) does not run.", INSTALL_DRIVER)
    if not _fits(version, browser_version):
        message = f"The driver {driver} ({source}) has version {version}, but the browser has {browser_version}."
        raise BuilderError(message, INSTALL_DRIVER)
    return version


def _fits(driver_version: str, browser_version: str) -> bool:
    """Say whether driver and browser have the same major version, as Chrome requires."""
    return driver_version.partition(".")[0] == browser_version.partition(".")[0]


def _version(program: str) -> str:
    """Return the version that a program prints, or an empty text if it does not run."""
    if sys.platform == "win32" and Path(program).name.lower() == "chrome.exe":
        return _version_beside(Path(program))
    try:
        answer = subprocess.run(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=30,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    match = re.search(r"\d+(\.\d+)+", answer)
    return match[0] if match else ""


def _version_beside(chrome: Path) -> str:
    """Return the version of a Chrome for Windows, which prints none: a folder beside it is named after it.

    An update leaves the folders of older versions. If it comes while Chrome runs, the newest folder belongs to
    ``new_chrome.exe``, which takes the place of ``chrome.exe`` later (chromium, chrome/installer/setup).
    """
    names = {path.name for path in chrome.parent.glob("*.*.*.*") if re.fullmatch(r"[0-9.]+", path.name)}
    in_order = sorted(names, key=_as_numbers)
    if len(in_order) > 1 and (chrome.parent / "new_chrome.exe").exists():
        in_order.pop()
    return in_order[-1] if in_order else ""


def _as_numbers(version: str) -> tuple[int, ...]:
    """Return a version so that 100 is more than 99."""
    return tuple(int(number) for number in version.split(".") if number)


def _install_driver(browser: str, version: str) -> Tools:
    """Fetch a driver with the first tool that can.

    Raises:
        BuilderError: no tool can fetch one; the message has the reason of each.
    """
    from filelock import FileLock, Timeout

    folder = home() / ".drivers"
    make_folder(folder, "Choose another ZUME_HOME.")
    # Two builds may need the driver at the same time. The system frees this lock when its holder dies.
    reasons = []
    try:
        with FileLock(folder / "install.lock", timeout=_LONGEST_INSTALL):
            for source, fetch in (("webdriver-manager", _by_webdriver_manager), ("Selenium Manager", _by_selenium)):
                try:
                    driver = fetch(browser, version, folder)
                    driver_version = _require_fit(driver, source, version)
                    return Tools(browser, version, driver, driver_version, f"from {source}")
                except Exception as error:  # both tools raise errors of many kinds
                    reasons.append(f"{source}: {(str(error).splitlines() or [type(error).__name__])[0]}")
    except Timeout:
        reasons.append(f"another build has been fetching one for {_LONGEST_INSTALL:.0f} s")
    raise BuilderError(f"There is no driver for {browser} {version}: {'; '.join(reasons)}.", INSTALL_DRIVER)


def _by_webdriver_manager(browser: str, version: str, folder: Path) -> str:
    from webdriver_manager.chrome import ChromeDriverManager
    from webdriver_manager.core.driver_cache import DriverCacheManager
    from webdriver_manager.core.os_manager import OperationSystemManager

    class ThisBrowser(OperationSystemManager):
        """Knows the browser that will be used, whichever others are installed."""

        def get_browser_version_from_os(self, browser_type: str | None = None) -> str:
            return version

    # webdriver-manager's own lock is a file that stays behind after a crash. Only the holder of
    # our lock uses this folder, so the process that made such a file has ended.
    for stranded in folder.rglob(".wdm-lock-*"):
        stranded.unlink()
    system = ThisBrowser()  # type: ignore[no-untyped-call]
    cache = DriverCacheManager(root_dir=str(folder), os_system_manager=system)  # type: ignore[no-untyped-call]
    return str(ChromeDriverManager(cache_manager=cache, os_system_manager=system).install())


def _by_selenium(browser: str, version: str, folder: Path) -> str:
    from selenium.webdriver import ChromeOptions, ChromeService
    from selenium.webdriver.common.driver_finder import DriverFinder

    options = ChromeOptions()
    options.binary_location = browser
    return DriverFinder(ChromeService(), options).get_driver_path()
