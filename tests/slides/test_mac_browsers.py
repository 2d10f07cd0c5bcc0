"""Browsers on a Mac: where they are, and how those that a killed run has left are known."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psutil
import pytest

from slides import chrome
from slides.browser import _DriverService
from slides.browser_profile import BrowserProfile, end_abandoned_browsers
from slides.fonts import has_fontconfig
from traces import let_be_abandoned

PLACE = "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


class Process:
    """Stands for a process as psutil shows it on a Mac.

    Args:
        environ: its environment, or the error of whoever asks.
        cmdline: its command line, or the error of whoever asks.
    """

    pid = 4711

    def __init__(self, environ, cmdline):
        self._environ = environ
        self._cmdline = cmdline
        self.is_killed = False

    def environ(self):
        return self._told(self._environ)

    def cmdline(self):
        return self._told(self._cmdline)

    def kill(self):
        self.is_killed = True

    @staticmethod
    def _told(what):
        if isinstance(what, Exception):
            raise what
        return what


@pytest.fixture
def running(monkeypatch):
    """Lets nothing run but these processes, until they are killed."""

    def run(*processes):
        monkeypatch.setattr(psutil, "process_iter", lambda: [each for each in processes if not each.is_killed])

    return run


@pytest.fixture
def own_temp(tmp_path, monkeypatch):
    """A folder for temporary files that is a link, as /var is one to /private/var."""
    (tmp_path / "private").mkdir()
    (tmp_path / "var").symlink_to(tmp_path / "private")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "var"))
    return tmp_path / "private"


NOT_SHOWN = [{}, psutil.AccessDenied(4711), psutil.ZombieProcess(4711), PermissionError("no")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such links for everybody")
@pytest.mark.parametrize("environ", NOT_SHOWN, ids=["empty", "refused", "zombie", "error"])
def test_a_browser_is_known_by_either_name_of_the_folder_for_temporary_files(environ, own_temp, running):
    profile = BrowserProfile()
    places = (profile.path, own_temp / profile.path.name)
    assert places[0] != places[1] and places[0].samefile(places[1])
    browsers = [Process(environ, ["Google Chrome", f"--user-data-dir={place}/profile"]) for place in places]
    others = [
        Process(environ, ["Google Chrome", f"--user-data-dir={own_temp}/zume-chrome-other/profile"]),
        Process(environ, ["Google Chrome"]),
        Process(environ, psutil.AccessDenied(4711)),
        Process(environ, psutil.ZombieProcess(4711)),
    ]
    running(*browsers, *others)

    profile.remove()

    assert [each.is_killed for each in (*browsers, *others)] == [True, True, False, False, False, False]
    assert not profile.path.exists()


def test_what_a_killed_run_has_left_is_ended_also_where_no_environment_is_shown(tmp_path, running, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    profile = BrowserProfile()
    profile._lock.release()  # as the system does when its holder is killed
    browser = Process({}, ["Google Chrome Helper", "--type=renderer", f"--user-data-dir={profile.path}/profile"])
    running(browser)
    let_be_abandoned(profile.path)

    assert end_abandoned_browsers() == 1
    assert (browser.is_killed, profile.path.exists()) == (True, False)


def test_a_driver_tells_by_its_command_line_which_browser_it_is_for(tmp_path, running, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    profile = BrowserProfile()
    service = _DriverService("chromedriver", profile, threading.Lock(), lambda: False)
    driver = Process({}, ["chromedriver", *service.command_line_args()])
    running(driver)

    profile.remove()

    assert driver.is_killed


def test_on_windows_ctrl_c_reaches_this_program_and_not_the_driver(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200, raising=False)
    service = _DriverService("chromedriver", BrowserProfile(), threading.Lock(), lambda: False)

    # Selenium hands on all that is in popen_kw, and the flags by a name of its own.
    assert service.creation_flags == 0x200
    assert "creationflags" not in service.popen_kw


def test_chrome_puts_temporary_files_into_its_folder_on_every_system(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    profile = BrowserProfile()
    environment = profile.environment()
    profile.remove()

    names = ("MAC_CHROMIUM_TMPDIR", "TMPDIR", "TEMP", "TMP")
    assert {environment[name] for name in names} == {str(profile.path)}


@pytest.mark.parametrize("others", [[], ["~"], ["chromium"]], ids=["alone", "also at home", "another on PATH"])
def test_a_chrome_for_all_users_of_a_mac_goes_before_one_at_home_and_after_one_on_path(others, monkeypatch):
    for_all = str(Path(f"/{PLACE}"))
    there = {for_all, *(str(Path.home() / PLACE) if each == "~" else each for each in others)}
    monkeypatch.delenv("ZUME_CHROME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda program: program if program in there else None)

    assert chrome.find_browser() == ("chromium" if "chromium" in others else for_all)


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a script")
@pytest.mark.parametrize(
    "answer", ["Google Chrome 156.0.8078.73 ", "Google Chrome for Testing 156.0.8078.73", "Chromium 156.0.8078.73 "]
)
def test_on_a_mac_chrome_tells_its_version_itself(answer, tmp_path, monkeypatch):
    program = tmp_path / "Google Chrome"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "platform", "darwin")

    assert chrome._version(str(program)) == "156.0.8078.73"


@pytest.mark.parametrize("platform", ["darwin", "win32", "linux"])
def test_fontconfig_is_asked_only_where_browsers_ask_it(platform, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(shutil, "which", lambda program: f"/opt/homebrew/bin/{program}")

    assert has_fontconfig() == (platform == "linux")
