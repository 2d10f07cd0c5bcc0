"""Browsers and their drivers as processes: how they start, end, break down, and what is left of them."""

from __future__ import annotations

import http.server
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from filelock import FileLock
from selenium.common.exceptions import WebDriverException

from browser_runs import SIZE, TEN, end_group_of, remote_ends, settings, take
from common.errors import BuilderError
from demo.presenter import ALL_PICTURES
from quick_builds import SMALL, wait_until
from slide_files import files_in, manifest_of, names_of, statuses, wait_for_pictures
from slides import browser as browser_module
from slides import browser_pool, browser_profile, capture
from slides.browser import Browser
from slides.browser_pool import BrowserPool
from slides.browser_profile import BrowserProfile, end_abandoned_browsers
from slides.chrome import Tools, find_tools
from slides.presenter import slide_url
from suite import NOWHERE
from systems import open_files_removed
from traces import left_over, let_be_abandoned, processes_of, profiles_in


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "en"
    folder.mkdir()
    return folder


@pytest.fixture
def site(stand_in, monkeypatch):
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    stand_in.presenter.short_course = 6
    return stand_in


def arguments_for(project: Path, *more: object) -> tuple:
    return ("--project-path", project, "--language-code", "en", "-c", "ten_session", *SMALL, *more)


# ---- one browser ----


@pytest.mark.browser
def test_a_closed_browser_leaves_no_process_and_no_profile(own_tmp, site):
    browser = Browser(*SIZE, find_tools())
    browser.start()
    browser.driver.get(slide_url("en", TEN, 1, "t1_b"))
    assert len(processes_of(own_tmp)) > 2
    assert len(profiles_in(own_tmp)) == 1
    # As Chrome's crash handlers do, which have groups of their own, where they do not end by themselves.
    stray = subprocess.Popen(["sleep", "600"], env=browser._profile.environment(), start_new_session=True)
    # For an instant after its start a process has no environment yet.
    wait_until(lambda: stray.pid in processes_of(own_tmp))

    browser.close()

    assert left_over(own_tmp) == ([], [])
    assert stray.wait(timeout=5) == -signal.SIGKILL
    browser.close()


def test_a_browser_whose_environment_the_system_does_not_show_is_known_by_its_command_line(own_tmp, monkeypatch):
    """As macOS does it with programs that are signed, which Chrome is."""
    monkeypatch.setattr(psutil.Process, "environ", lambda self: {})
    profile = BrowserProfile()
    code = "import time; time.sleep(600)"
    browser = subprocess.Popen([sys.executable, "-c", code, f"--user-data-dir={profile.path}/profile"])
    # Somebody who only looks into the folder.
    visitor = subprocess.Popen([sys.executable, "-c", code, str(profile.path)])
    try:
        profile.remove()

        assert browser.wait(timeout=5) != 0
        assert visitor.poll() is None
        assert not profile.path.exists()
    finally:
        for process in (browser, visitor):
            process.kill()
            process.wait()


def test_a_folder_that_a_process_still_uses_is_not_removed(own_tmp, monkeypatch):
    profile = BrowserProfile()
    (profile.path / "profile").mkdir()
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", f"--database={profile.path}/x"])
    try:
        with monkeypatch.context() as patch:
            patch.setattr(browser_profile, "_LONGEST_REMOVAL", 0.1)
            # As if it belonged to somebody else.
            patch.setattr(psutil.Process, "kill", lambda self: (_ for _ in ()).throw(psutil.AccessDenied(self.pid)))
            patch.setattr(psutil.Process, "environ", lambda self: {})
            profile.remove()
            assert (profile.path / "profile").is_dir()
    finally:
        process.kill()
        process.wait()
    let_be_abandoned(profile.path)
    end_abandoned_browsers()
    assert not profile.path.exists()


def test_the_lock_is_let_go_before_the_folder_is_removed(own_tmp, monkeypatch):
    """Windows removes no file that is open, and no folder with a file in it."""
    profile = BrowserProfile()
    order = []
    release, unlink = type(profile._lock).release, Path.unlink

    def note_release(self, force=False):
        order.append("let go")
        return release(self, force)

    def note_unlink(self, missing_ok=False):
        order.append(self.name)
        return unlink(self, missing_ok)

    monkeypatch.setattr(type(profile._lock), "release", note_release)
    monkeypatch.setattr(Path, "unlink", note_unlink)
    profile.remove()
    assert order[0] == "let go"
    assert browser_profile._LOCK in order
    assert not profile.path.exists()


def test_what_a_first_look_misses_ends_with_its_folder_all_the_same(own_tmp, monkeypatch):
    profile = BrowserProfile()
    process = subprocess.Popen([sys.executable, "-c", RESTLESS], env=profile.environment())
    wait_until((profile.path / "profile" / "state").exists)
    # For an instant after its start a process has no environment, and nobody sees whose it is.
    blind_looks, look = [[]], psutil.process_iter
    monkeypatch.setattr(psutil, "process_iter", lambda: blind_looks.pop() if blind_looks else look())

    try:
        profile.remove()

        assert process.wait(timeout=5) == (-signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    finally:
        process.kill()
    assert profiles_in(own_tmp) == []


# It ends only when it is killed, also if its folder vanishes between two of its steps.
RESTLESS = """
import os
from contextlib import suppress
from pathlib import Path
folder = Path(os.environ["TMPDIR"], "profile")
while True:
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "state").touch()
"""


def test_a_folder_that_resists_is_removed_by_the_next_run(own_tmp, monkeypatch):
    profile = BrowserProfile()
    (profile.path / "profile").mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(browser_profile, "_LONGEST_REMOVAL", 0.1)
        patched.setattr(shutil, "rmtree", fails)
        profile.remove()
    assert profiles_in(own_tmp) == [profile.path.name]

    let_be_abandoned(profile.path)
    assert end_abandoned_browsers() == 1
    assert profiles_in(own_tmp) == []


def fails(*_arguments, **_options):
    raise PermissionError("busy")


def test_a_browser_that_does_not_start_is_an_error_and_leaves_nothing(own_tmp, tmp_path):
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    browser = Browser(*SIZE, Tools(str(program), "156.0", shutil.which("chromedriver"), "156.0", "on PATH"))

    with pytest.raises(BuilderError, match="No browser could be started on this machine"):
        browser.start()

    assert left_over(own_tmp) == ([], [])


@pytest.mark.browser
def test_a_browser_that_is_closed_while_it_starts_leaves_nothing(own_tmp, monkeypatch):
    browser = Browser(*SIZE, find_tools())
    make_options = browser_module._options

    def interrupted(*arguments) -> object:
        browser.close()
        return make_options(*arguments)

    monkeypatch.setattr(browser_module, "_options", interrupted)
    with suppress(BuilderError):
        browser.start()

    assert left_over(own_tmp) == ([], [])


@pytest.mark.parametrize(("is_root", "marks", "wanted"), [(True, (), True), (False, (), False), (False, ("/",), True)])
def test_the_sandbox_is_only_given_up_where_chrome_cannot_use_it(monkeypatch, is_root, marks, wanted):
    monkeypatch.setattr(browser_module.os, "geteuid", lambda: 0 if is_root else 1000, raising=False)
    monkeypatch.setattr(browser_module, "_CONTAINER_MARKS", marks)
    assert browser_module._needs_no_sandbox() is wanted
    assert ("--no-sandbox" in browser_module._options("", "", sandbox=not wanted).arguments) is wanted


@pytest.mark.browser
def test_an_expression_that_throws_is_an_error(own_tmp):
    browser = Browser(*SIZE, find_tools())
    browser.start()
    try:
        assert browser.evaluate("Promise.resolve([1, 'two', null])") == [1, "two", None]
        with pytest.raises(browser_module.BREAKDOWN, match="nobodyKnowsThis is not defined"):
            browser.evaluate("nobodyKnowsThis()")
    finally:
        browser.close()


# ---- several browsers ----


@pytest.mark.browser
def test_browsers_that_are_still_starting_are_ended_too(own_tmp):
    with pytest.raises(KeyboardInterrupt), BrowserPool(settings(), 3) as pool:
        pool.start()
        while not profiles_in(own_tmp):
            time.sleep(0.005)
        raise KeyboardInterrupt

    assert left_over(own_tmp) == ([], [])


@pytest.mark.stress
@pytest.mark.parametrize("victim", ["browser", "driver"])
def test_a_browser_that_hangs_is_replaced(own_tmp, site, tmp_path, monkeypatch, capsys, victim):
    monkeypatch.setattr(browser_module, "_ANSWER_SECONDS", 1)
    mark = "--user-data-dir" if victim == "browser" else "--port="

    def stop_one(number: int) -> None:
        if number == 3:
            for pid, command in processes_of(own_tmp).items():
                if mark in command and "--type=" not in command:
                    os.kill(pid, signal.SIGSTOP)
                    return

    found = take(tmp_path, 1, stop_one)

    assert list(found.values()) == ["ok"] * 12
    assert "the browser broke down and is replaced" in capsys.readouterr().out
    assert left_over(own_tmp) == ([], [])


@pytest.mark.browser
def test_browsers_that_break_down_while_the_course_is_read_are_an_expected_failure(own_tmp, site, monkeypatch):
    def break_down(*_):
        raise WebDriverException("tab crashed")

    monkeypatch.setattr(capture.SlideCapturer, "page", break_down)
    with BrowserPool(settings(), 1) as pool:
        pool.start()
        with pytest.raises(BuilderError, match=r"cannot be read: .* again and again \(tab crashed\)") as caught:
            pool.page(TEN)
    assert "install the browser" in caught.value.remedy


@pytest.mark.browser
def test_a_browser_is_retired_after_a_number_of_pictures(own_tmp, site, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(browser_pool, "_PICTURES_PER_BROWSER", 5)
    seen = set()

    found = take(tmp_path, 1, lambda number: seen.update(profiles_in(own_tmp)))

    assert list(found.values()) == ["ok"] * 12
    assert len(seen) == 3
    assert "broke down" not in capsys.readouterr().out
    assert left_over(own_tmp) == ([], [])


@pytest.mark.browser
@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"])
def test_within_five_seconds_nothing_is_left_also_of_a_run_that_waits_for_the_site(
    suite, stand_in, project, own_tmp, how
):
    stand_in.presenter.short_course = 6
    stand_in.presenter.picture_never = set(ALL_PICTURES)
    suite.environment["TMPDIR"] = str(own_tmp)
    process = suite.start(3, *arguments_for(project, "--browsers", 3, "--wait", 60))
    deadline = time.monotonic() + 60
    while len(stand_in.presenter_log.page_loads) < 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(getattr(signal, how))
    _, errors = process.communicate(timeout=5)

    assert process.returncode == 128 + getattr(signal, how), errors
    assert (list(processes_of(own_tmp).values()), profiles_in(own_tmp)) == ([], [])


def test_a_thread_that_gives_a_browser_back_does_not_overtake_one_that_waits():
    pool = BrowserPool(settings(grid_urls=(NOWHERE,)), 1)
    pool._idle.put(SimpleNamespace(taken=0))
    order = []

    def use(name) -> None:
        with pool._idle_capturer():
            order.append(name)

    def is_waiting() -> bool:
        frame = sys._current_frames()[waiter.ident]
        while frame and frame.f_code.co_name != "next_item":
            frame = frame.f_back
        return frame is not None

    for _ in range(20):
        order.clear()
        with pool._idle_capturer():
            waiter = threading.Thread(target=use, args=("the one that waits",), daemon=True)
            waiter.start()
            wait_until(is_waiting)
        for _ in range(20):
            use("the one that had it")
        waiter.join(30)
        assert order[0] == "the one that waits"


# ---- what a killed run leaves ----


@pytest.mark.browser
def test_a_picture_with_a_flaw_is_still_known_for_it_after_kill_9(suite, stand_in, project, own_tmp):
    stand_in.presenter.short_course = 6
    stand_in.presenter.picture_missing = set(ALL_PICTURES)
    suite.environment["TMPDIR"] = str(own_tmp)
    process = suite.start(3, *arguments_for(project, "--browsers", 1, "--settle", 0.2, "--allow-flawed"))
    deadline = time.monotonic() + 60
    while not (project / "10" / "manifest.json").exists() or "flawed" not in statuses(project).values():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    flawed = {slide["file"] for slide in manifest_of(project)["slides"] if slide["status"] == "flawed"}
    stand_in.presenter.picture_missing = set()

    done = suite.part(3, *arguments_for(project, "--browsers", 1, "--missing-only", "--no-allow-flawed"))

    assert done.returncode == 0, done.stderr
    assert set(statuses(project).values()) == {"ok"}
    assert flawed
    assert not flawed & {slide["file"] for slide in manifest_of(project)["slides"]}


@pytest.mark.browser
def test_after_kill_9_the_next_run_clears_up_and_takes_exactly_what_is_missing(suite, stand_in, project, own_tmp):
    stand_in.presenter.short_course = 6
    suite.environment["TMPDIR"] = str(own_tmp)
    process = suite.start(3, *arguments_for(project, "--browsers", 2, "--settle", 0.1))
    wait_for_pictures(process, project / "10", 4)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    abandoned = processes_of(own_tmp)
    before = files_in(project)
    assert abandoned, "nothing was left: the test proves nothing"

    done = suite.part(3, *arguments_for(project, "--browsers", 1, "--missing-only"))

    assert done.returncode == 0, done.stderr
    assert f"10: 12 slides, {12 - len(before)} to take" in done.stdout
    assert "An earlier run was killed and left 2 browsers running, which part 3 has ended." in done.stdout
    new = files_in(project) - before
    assert names_of(new) == sorted(set(statuses(project)) - set(names_of(before)))
    assert {slide["file"] for slide in manifest_of(project)["slides"]} == before | new
    assert left_over(own_tmp) == ([], [])


@pytest.mark.browser
def test_the_browsers_of_a_living_run_are_not_ended(own_tmp, site):
    browser = Browser(*SIZE, find_tools())
    browser.start()
    try:
        # Also not by another process, which sees the same folder.
        code = "import sys; sys.path.insert(0, 'parts'); from slides import browser_profile as profile\n"
        code += "print(profile.end_abandoned_browsers())"
        other = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
        )
        assert (end_abandoned_browsers(), other.stdout.strip()) == (0, "0")
        assert browser.evaluate("1 + 1") == 2
        assert len(profiles_in(own_tmp)) == 1
    finally:
        browser.close()


def test_a_folder_that_is_just_being_made_is_not_removed(own_tmp):
    (own_tmp / "zume-chrome-new").mkdir()
    assert end_abandoned_browsers() == 0
    assert profiles_in(own_tmp) == ["zume-chrome-new"]


def test_a_folder_that_nobody_has_gone_on_making_is_removed(own_tmp):
    folder = own_tmp / "zume-chrome-old"
    folder.mkdir()
    os.utime(folder, (time.time() - 120, time.time() - 120))
    assert end_abandoned_browsers() == 1
    assert profiles_in(own_tmp) == []


@open_files_removed
def test_a_folder_that_was_removed_before_it_was_locked_is_made_anew(own_tmp, monkeypatch):
    taken = []

    class RemovedAtOnce(FileLock):
        """The first one's folder is gone by the time that the lock is held."""

        def acquire(self, *arguments, **options) -> object:
            answer = super().acquire(*arguments, **options)
            taken.append(Path(self.lock_file).parent)
            if len(taken) == 1:
                shutil.rmtree(taken[0])
            return answer

    monkeypatch.setattr(browser_profile, "FileLock", RemovedAtOnce)
    profile = BrowserProfile()

    assert len(taken) == 2
    assert profile.path == taken[1]
    with pytest.raises(TimeoutError):
        FileLock(profile.path / "lock", timeout=0).acquire()
    profile.remove()
    assert profiles_in(own_tmp) == []


# ---- remote ends ----


class Portal(http.server.BaseHTTPRequestHandler):
    """Answers everything with a page, as a login page in a grid's place does."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Please log in</html>")

    do_GET = do_DELETE = do_POST

    def log_message(self, *_) -> None:
        pass


def test_a_page_in_a_grids_place_is_an_error(suite, project):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        url = f"http://127.0.0.1:{server.server_port}/wd/hub"
        done = suite.part(3, *arguments_for(project, "--grid-url", url, "--browsers", 2))
        server.shutdown()

    assert done.returncode == 1
    assert f"No browser could be started at {url}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.browser
def test_an_interrupt_while_sessions_start_at_a_remote_end_leaves_none_there(suite, site, project, own_tmp):
    with remote_ends(1, own_tmp) as [(_, url)]:
        alone = processes_of(own_tmp).keys()
        process = suite.start(3, *arguments_for(project, "--grid-url", url, "--browsers", 2))
        while processes_of(own_tmp).keys() == alone:
            assert process.poll() is None, process.communicate()
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        deadline = time.monotonic() + 10
        while processes_of(own_tmp).keys() != alone and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes_of(own_tmp).keys() == alone
    assert process.returncode == 130


@pytest.mark.browser
def test_two_remote_ends_take_the_same_pictures_and_are_left_as_they_were(suite, site, project, own_tmp):
    site.presenter.short_course = 2
    with remote_ends(2, own_tmp) as ends:
        alone = processes_of(own_tmp).keys()
        urls = ",".join(url for _, url in ends)
        done = suite.part(3, *arguments_for(project, "--grid-url", urls, "--browsers", 2))
        deadline = time.monotonic() + 5
        while processes_of(own_tmp).keys() != alone and time.monotonic() < deadline:
            time.sleep(0.05)
        left = processes_of(own_tmp).keys()
    by_remote = {path.name.partition("_session")[2]: path.read_bytes() for path in (project / "10").glob("*.png")}
    shutil.rmtree(project / "10")
    local = suite.part(3, *arguments_for(project, "--browsers", 1))

    assert (done.returncode, local.returncode) == (0, 0), done.stderr + local.stderr
    assert f"Browsers: 2 x {urls}" in done.stdout
    assert all(f"\n{url} is ready\n" in done.stdout for _, url in ends)
    assert by_remote == {
        path.name.partition("_session")[2]: path.read_bytes() for path in (project / "10").glob("*.png")
    }
    assert left == alone
    # Each run reads it once over HTTP, and each of the browsers loads it at most once.
    assert len(site.presenter_log.page_loads) <= 2 + 3


@pytest.mark.browser
def test_a_remote_end_that_is_lost_in_mid_run_costs_only_the_slide_it_had(suite, site, project, own_tmp):
    with remote_ends(2, own_tmp) as ends:
        urls = ",".join(url for _, url in ends)
        process = suite.start(3, *arguments_for(project, "--grid-url", urls, "--browsers", 2, "--settle", 0.1))
        wait_for_pictures(process, project / "10", 4)
        end_group_of(ends[0][0])
        output, errors = process.communicate(timeout=120)

    assert process.returncode == 0, errors
    assert output.count("the browser broke down and is replaced") == 1
    assert list(statuses(project).values()) == ["ok"] * 12
    assert len(files_in(project)) == 12


@pytest.mark.browser
def test_a_run_goes_on_with_the_browsers_that_it_can_get(site, own_tmp, tmp_path, capsys):
    """As when a grid has fewer places than were asked for: here the only one dies, and none takes its place."""
    with remote_ends(2, own_tmp) as ends:
        first, second = (driver for driver, _ in ends)
        lost = threading.Event()

        def lose_one(number: int) -> None:
            if number == 3:
                lost.set()
                end_group_of(first)

        monkey = pytest.MonkeyPatch()
        fill = BrowserPool._fill_slot
        # Nobody else may stand in for the lost one.
        monkey.setattr(
            BrowserPool, "_fill_slot", lambda self, slot: give_up(self) if lost.is_set() else fill(self, slot)
        )
        try:
            found = take(tmp_path, 2, lose_one, grid_urls=tuple(url for _, url in ends), settle=0.2)
        finally:
            monkey.undo()
        assert second.poll() is None

    assert list(found.values()) == ["ok"] * 12
    assert "Continuing with fewer browsers: 1." in capsys.readouterr().err


def give_up(pool: BrowserPool) -> None:
    pool._give_up_slot(BuilderError("There is no other."))


@pytest.mark.browser
def test_an_interrupt_ends_the_sessions_at_a_remote_end(suite, site, project, own_tmp):
    with remote_ends(1, own_tmp) as [(_, url)]:
        alone = processes_of(own_tmp).keys()
        process = suite.start(3, *arguments_for(project, "--grid-url", url, "--browsers", 2, "--settle", 0.2))
        wait_for_pictures(process, project / "10", 2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        deadline = time.monotonic() + 10
        while processes_of(own_tmp).keys() != alone and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes_of(own_tmp).keys() == alone

    assert process.returncode == 130, errors


def test_a_grid_that_does_not_answer_is_named():
    with pytest.raises(BuilderError, match=f"No browser could be started at {NOWHERE}") as error:
        Browser(*SIZE, None, NOWHERE).start()
    assert "grid" in error.value.remedy
