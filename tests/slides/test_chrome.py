"""Which browser and which driver are used, and where a driver comes from."""

from __future__ import annotations

import http.server
import io
import json
import ntpath
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from common.errors import BuilderError
from quick_builds import SMALL
from slides import chrome
from slides.chrome import Tools, find_browser, find_tools
from suite import ROOT

VERSION = "156.0.8078.73"


@pytest.fixture
def programs(home, tmp_path, monkeypatch):
    """A PATH of one folder; makes programs in it that print a version, and returns their paths."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(chrome, "_PLACES", ())

    def make(name: str, prints: str = "", exit_code: int = 0) -> str:
        if sys.platform == "win32":
            (folder / f"{name}.bat").write_text(f"@echo.{prints}\n@exit /b {exit_code}\n", encoding="utf-8")
            # As Windows has its ending, in small letters or capitals.
            return str(shutil.which(name, path=str(folder)))
        path = folder / name
        path.write_text(f"#!/bin/sh\necho '{prints}'\nexit {exit_code}\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    return make


@pytest.fixture
def fetched(programs, monkeypatch):
    """Stands in for the two that fetch drivers; a test says what each gives: a path, or an error."""
    gives = {}

    def downloader(name: str):
        def fetch(browser: str, version: str, folder: Path) -> str:
            asked.append((name, browser, version))
            if isinstance(gives.get(name), Exception):
                raise gives[name]
            return gives[name]

        return fetch

    asked: list[tuple[str, str, str]] = []
    monkeypatch.setattr(chrome, "_by_webdriver_manager", downloader("webdriver-manager"))
    monkeypatch.setattr(chrome, "_by_selenium", downloader("selenium"))
    gives["asked"] = asked
    return gives


def test_the_browser_named_by_the_user_is_used(programs, monkeypatch):
    programs("chromium")
    mine = programs("my-chrome")
    monkeypatch.setenv("ZUME_CHROME", mine)
    assert find_browser() == mine


def test_a_browser_named_by_an_argument_goes_before_the_environment(programs, monkeypatch):
    monkeypatch.setenv("ZUME_CHROME", programs("my-chrome"))
    other = programs("other-chrome")
    assert find_browser(other) == other


@pytest.mark.parametrize("how", ["environment", "argument"])
def test_a_named_browser_that_does_not_exist_is_an_error(programs, monkeypatch, how):
    programs("chromium")
    if how == "environment":
        monkeypatch.setenv("ZUME_CHROME", "/opt/no/chrome")
        with pytest.raises(BuilderError, match="ZUME_CHROME names /opt/no/chrome"):
            find_browser()
    else:
        with pytest.raises(BuilderError, match="--chrome names /opt/no/chrome"):
            find_browser("/opt/no/chrome")


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"])
def test_a_browser_on_the_path_is_found_under_each_of_its_names(programs, name):
    path = programs(name)
    assert find_browser() == path


def test_the_first_of_two_browsers_on_the_path_is_used(programs, tmp_path, monkeypatch):
    first = programs("chromium")
    (tmp_path / "later").mkdir()
    shutil.copy(first, tmp_path / "later" / Path(first).name)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), str(tmp_path / "later")]))
    assert find_browser() == first


def test_no_browser_at_all_is_an_error_that_says_what_to_install(programs):
    with pytest.raises(BuilderError, match="no Chrome or Chromium") as error:
        find_browser()
    assert "on Debian with apt-get install chromium chromium-driver" in error.value.remedy
    assert "on Ubuntu and elsewhere Google Chrome" in error.value.remedy
    assert "ZUME_CHROME" in error.value.remedy


def test_a_browser_that_does_not_run_is_an_error(programs):
    path = programs("chromium", exit_code=1)
    with pytest.raises(BuilderError, match=f"{re.escape(path)} does not run"):
        find_tools()


def test_a_driver_of_the_same_major_version_is_used(programs, fetched):
    browser = programs("chromium", f"Chromium {VERSION} built on Debian")
    driver = programs("chromedriver", "ChromeDriver 156.0.7000.1 (abc)")
    tools = find_tools()
    assert tools == Tools(browser, VERSION, driver, "156.0.7000.1", "on PATH")
    assert str(tools) == f"{browser} {VERSION}, driver {driver} 156.0.7000.1 (on PATH)"
    assert fetched["asked"] == []


@pytest.mark.parametrize("how", ["environment", "argument"])
def test_a_named_driver_goes_before_one_on_the_path(programs, fetched, monkeypatch, how):
    browser = programs("chromium", VERSION)
    programs("chromedriver", VERSION)
    mine = programs("my-driver", "156.1")
    if how == "environment":
        monkeypatch.setenv("ZUME_CHROMEDRIVER", mine)
        assert find_tools() == Tools(browser, VERSION, mine, "156.1", "ZUME_CHROMEDRIVER")
    else:
        monkeypatch.setenv("ZUME_CHROMEDRIVER", "/nowhere")
        assert find_tools(chromedriver=mine) == Tools(browser, VERSION, mine, "156.1", "--chromedriver")


@pytest.mark.parametrize(
    ("prints", "exit_code", "message"),
    [
        (
            "ChromeDriver 155.0.1",
            0,
            r"The driver .*my-driver(\.\w+)? \(ZUME_CHROMEDRIVER\) has version 155.0.1, .* has 156",
        ),
        ("", 1, r"The driver .*my-driver(\.\w+)? \(ZUME_CHROMEDRIVER\) does not run"),
    ],
)
def test_a_named_driver_that_does_not_fit_is_an_error(programs, fetched, monkeypatch, prints, exit_code, message):
    programs("chromium", VERSION)
    programs("chromedriver", VERSION)
    monkeypatch.setenv("ZUME_CHROMEDRIVER", programs("my-driver", prints, exit_code))
    with pytest.raises(BuilderError, match=message) as error:
        find_tools()
    assert "Debian's Chromium: apt-get install chromium-driver" in error.value.remedy
    assert "on Ubuntu, from googlechromelabs.github.io/chrome-for-testing" in error.value.remedy


def test_a_named_driver_that_is_not_there_is_an_error(programs, monkeypatch):
    programs("chromium", VERSION)
    monkeypatch.setenv("ZUME_CHROMEDRIVER", "/nowhere/driver")
    with pytest.raises(BuilderError, match="ZUME_CHROMEDRIVER names /nowhere/driver, which is not a program"):
        find_tools()


@pytest.mark.parametrize(
    "driver", ["ChromeDriver 155.0.8078.73 (abc)", "ChromeDriver 15.0.1 (abc)", ""], ids=["older", "much older", "bad"]
)
def test_a_driver_of_another_version_is_not_used_and_that_is_said(programs, fetched, capsys, driver):
    browser = programs("chromium", VERSION)
    on_path = programs("chromedriver", driver)
    fetched["webdriver-manager"] = programs("fetched", "156.0.1")
    tools = find_tools()
    assert tools == Tools(browser, VERSION, fetched["webdriver-manager"], "156.0.1", "from webdriver-manager")
    assert fetched["asked"] == [("webdriver-manager", browser, VERSION)]
    assert f"{on_path} " in capsys.readouterr().out


def test_selenium_looks_for_a_driver_that_webdriver_manager_cannot_fetch(programs, fetched):
    browser = programs("chromium", VERSION)
    fetched["webdriver-manager"] = ValueError("There is no such driver version")
    fetched["selenium"] = programs("fetched", "156.0.2")
    assert find_tools() == Tools(browser, VERSION, fetched["selenium"], "156.0.2", "from Selenium Manager")


def test_a_fetched_driver_that_does_not_run_here_is_not_the_last_word(programs, fetched):
    browser = programs("chromium", VERSION)
    fetched["webdriver-manager"] = programs("for-another-processor", exit_code=126)
    fetched["selenium"] = programs("fetched", "156.0.2")
    assert find_tools() == Tools(browser, VERSION, fetched["selenium"], "156.0.2", "from Selenium Manager")


def test_when_nobody_has_a_driver_each_reason_is_said_and_what_to_do(programs, fetched):
    programs("chromium", VERSION)
    fetched["webdriver-manager"] = ValueError("Could not reach host.\nAre you offline?")
    fetched["selenium"] = OSError("no such mirror")
    with pytest.raises(BuilderError) as error:
        find_tools()
    assert f"There is no driver for {shutil.which('chromium')} {VERSION}" in error.value.message
    assert "webdriver-manager: Could not reach host.; Selenium Manager: no such mirror" in error.value.message
    assert "ZUME_CHROMEDRIVER" in error.value.remedy


# ---- a driver that has to be fetched: the real webdriver-manager, with a mirror on this machine ----


class Mirror(http.server.ThreadingHTTPServer):
    """Offers the driver that is installed here as Chrome for Testing does, slowly, and counts its downloads."""

    def __init__(self, version: str, driver: Path) -> None:
        super().__init__(("127.0.0.1", 0), MirrorRequest)
        self.version = version
        self.address = f"http://127.0.0.1:{self.server_port}"
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as content:
            content.write(driver, "chromedriver-linux64/chromedriver")
        self.archive = archive.getvalue()
        self.pause = 1.0
        self.downloads = 0
        self.under_way = 0
        self.most_at_once = 0
        self.count = threading.Lock()


class MirrorRequest(http.server.BaseHTTPRequestHandler):
    """Answers with the index of versions, or with the archive."""

    server: Mirror

    def do_GET(self) -> None:
        if self.path.endswith(".zip"):
            self._give_archive()
        elif self.path.endswith("latest-patch-versions-per-build.json"):
            build = self.server.version.rpartition(".")[0]
            self._give(json.dumps({"builds": {build: {"version": self.server.version}}}).encode())
        elif self.path.endswith("known-good-versions-with-downloads.json"):
            download = {"platform": "linux64", "url": f"{self.server.address}/chromedriver-linux64.zip"}
            version = {"version": self.server.version, "downloads": {"chromedriver": [download]}}
            self._give(json.dumps({"versions": [version]}).encode())
        else:
            self.send_error(404)

    def _give_archive(self) -> None:
        with self.server.count:
            self.server.downloads += 1
            self.server.under_way += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.under_way)
        time.sleep(self.server.pause)
        try:
            self._give(self.server.archive)
        finally:
            with self.server.count:
                self.server.under_way -= 1

    def _give(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def mirror():
    with Mirror(find_tools().version, Path(shutil.which("chromedriver"))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def suite_without_driver(suite, mirror, tmp_path):
    """The scripts, on a PATH that has the browser only, and with the mirror in place of the hosts of drivers."""
    folder = tmp_path / "only-chromium"
    folder.mkdir()
    (folder / "chromium").symlink_to(find_tools().browser)
    redirect = tmp_path / "redirect"
    redirect.mkdir()
    guard = ROOT / "tests" / "guard" / "sitecustomize.py"
    (redirect / "sitecustomize.py").write_text(
        guard.read_text(encoding="utf-8")
        + f"""
import re
import requests
request = requests.Session.request
def redirected(self, method, url, **options):
    hosts = "https://(googlechromelabs.github.io|storage.googleapis.com)"
    return request(self, method, re.sub(hosts, {mirror.address!r}, url), **options)
requests.Session.request = redirected
""",
        encoding="utf-8",
    )
    suite.environment.update(PATH=str(folder), PYTHONPATH=str(redirect))
    return suite


def arguments_for(project: Path) -> tuple:
    project.mkdir(exist_ok=True)
    return ("--project-path", project, "--language-code", project.name, "-c", "ten_session", "--browsers", 1, *SMALL)


@pytest.mark.browser
def test_two_runs_that_need_the_driver_at_once_fetch_it_once(suite_without_driver, stand_in, mirror, tmp_path):
    stand_in.presenter.short_course = 1
    runs = [suite_without_driver.start(3, *arguments_for(tmp_path / code)) for code in ("es", "fr")]
    outputs = [run.communicate(timeout=120) for run in runs]

    assert [run.returncode for run in runs] == [0, 0], outputs
    assert mirror.downloads == 1
    drivers = {re.search(r"driver (\S+) \S+ \(from webdriver-manager\)", output)[1] for output, _ in outputs}
    assert len(drivers) == 1
    assert Path(drivers.pop()).is_relative_to(suite_without_driver.home / ".drivers")


@pytest.mark.browser
def test_a_run_that_is_killed_while_it_fetches_the_driver_is_in_nobodys_way(
    suite_without_driver, stand_in, mirror, tmp_path
):
    stand_in.presenter.short_course = 1
    mirror.pause = 5.0
    killed = suite_without_driver.start(3, *arguments_for(tmp_path / "es"))
    deadline = time.monotonic() + 30
    while not mirror.under_way:
        assert killed.poll() is None, killed.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    stranded = list((suite_without_driver.home / ".drivers").rglob(".wdm-lock-*"))
    mirror.pause = 0.0

    done = suite_without_driver.part(3, *arguments_for(tmp_path / "es"))

    assert stranded, "webdriver-manager no longer strands its lock: the guard against that can go"
    assert done.returncode == 0, done.stderr
    assert "(from webdriver-manager)" in done.stdout
    assert mirror.downloads == 2


@pytest.mark.browser
def test_a_driver_that_nobody_can_fetch_is_an_error_that_says_what_to_do(suite, tmp_path):
    folder = tmp_path / "only-chromium"
    folder.mkdir()
    (folder / "chromium").symlink_to(find_tools().browser)
    suite.environment.update(PATH=str(folder), SE_OFFLINE="true", HOME=str(tmp_path))

    done = suite.part(3, *arguments_for(tmp_path / "es"))

    assert done.returncode == 1
    assert "There is no driver for" in done.stderr
    assert "webdriver-manager: " in done.stderr
    assert "Selenium Manager: " in done.stderr
    assert "chromium-driver" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("place", ["Applications/Google Chrome.app/Contents/MacOS/Google Chrome"])
def test_a_chrome_that_somebody_has_installed_for_himself_on_a_mac_is_found(place, tmp_path, monkeypatch):
    program = tmp_path / place
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.delenv("ZUME_CHROME", raising=False)

    assert chrome.find_browser() == str(program)


def test_a_program_that_is_asked_for_its_version_does_not_get_the_stdin_of_the_part(monkeypatch):
    """A part waits at its stdin; on Windows, what is started with the same stdin hangs until that ends."""
    streams = []

    def run(command, **options):
        streams.append(options["stdin"])
        return subprocess.CompletedProcess(command, 0, "Chromium 140.0.1.2\n")

    monkeypatch.setattr(subprocess, "run", run)

    assert chrome._version("chromium") == "140.0.1.2"
    assert streams == [subprocess.DEVNULL]


def test_on_windows_the_version_of_chrome_is_its_newest_folder_as_a_number(tmp_path, monkeypatch):
    for name in ("99.0.1.2", "100.0.4896.60", "100.0.4896.127", "101.0.1.notes"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "platform", "win32")

    assert chrome._version(str(tmp_path / "chrome.exe")) == "100.0.4896.127"
    assert chrome._version(str(tmp_path / "99.0.1.2" / "CHROME.EXE")) == ""


def test_an_update_that_waits_until_chrome_is_closed_is_not_the_version_of_chrome(tmp_path, monkeypatch):
    for name in ("140.0.1.2", "141.0.1.2"):
        (tmp_path / name).mkdir()
    (tmp_path / "new_chrome.exe").touch()
    monkeypatch.setattr(sys, "platform", "win32")

    assert chrome._version(str(tmp_path / "chrome.exe")) == "140.0.1.2"
    (tmp_path / "140.0.1.2").rmdir()
    assert chrome._version(str(tmp_path / "chrome.exe")) == "141.0.1.2"


WINDOWS_FOLDERS = ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")


@pytest.mark.parametrize(
    ("variable", "inside"),
    [(name, r"\Google\Chrome\Application\chrome.exe") for name in WINDOWS_FOLDERS]
    + [("LocalAppData", r"\Chromium\Application\chrome.exe")],
)
def test_on_windows_chrome_is_found_where_it_was_installed_for_all_or_for_one_user(variable, inside, monkeypatch):
    monkeypatch.delenv("ZUME_CHROME", raising=False)
    for name in WINDOWS_FOLDERS:
        monkeypatch.setenv(name, rf"X:\{name}")
    # Both kinds of variables are resolved there.
    monkeypatch.setattr(chrome.os.path, "expandvars", ntpath.expandvars)
    there = rf"X:\{variable}{inside}"
    monkeypatch.setattr(shutil, "which", lambda name: name if name == there else None)

    assert find_browser() == there


def test_a_user_without_a_home_has_the_browser_on_path(monkeypatch):
    def no_home(self):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("ZUME_CHROME", raising=False)
    monkeypatch.setattr(Path, "expanduser", no_home)
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "chromium" else None)

    assert find_browser() == "chromium"
