"""``build.py --check``: a row for everything that a build needs, and a build that looks at the quick ones first."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from builds import preflight, services
from builds.session import DEFAULT_OPTIONS, BuildSession
from check_rows import assert_wrong
from common.errors import BuilderError
from courses import SHORT, TEN, files_below, old_outputs
from demo.vimeo_faults import ApiError
from old_projects import OldProject
from quick_builds import BUILD, patch, rows_of
from suite import NOWHERE, ROOT
from terminal import Terminal
from traces import left_over


@pytest.mark.browser
def test_a_good_check_names_what_it_found_and_makes_nothing(suite, stand_in, tmp_path):
    stand_in.presenter.short_course = 6
    done = suite.build("-l", "es", "-f", tmp_path / "packages", "--check")

    assert done.returncode == 0, done.stdout + done.stderr
    rows = rows_of(done.stdout)
    expected = {
        "Python": "all packages",
        "Builder's folder": str(suite.home / "temp"),
        "Project folder": str(tmp_path / "packages" / "es"),
        "Other builds": "no other build",
        "Vimeo folder": "269525",
        "Vimeo token": "VIMEO_ACCESS_TOKEN (…",
        "Edition": "Spanish has the three circles edition",
        "Disk": "B free",
        "Memory": "browsers",
        "Browser": "driver",
        "Fonts": "and others",
        "Packages": "requirements.txt",
        "Token scopes": "video_files",
        "Videos": "3 videos from Vimeo; ",
        "Site": "serves es, 36 slides",
    }
    assert rows.keys() == expected.keys()
    for name, words in expected.items():
        assert rows[name][0] == "ok", rows[name]
        assert words in rows[name][1]
    assert not (tmp_path / "packages").exists()
    assert list(suite.home.iterdir()) == []


def check(suite, folder, *arguments, **environment):
    done = suite.main(BUILD, "-l", "es", "-f", folder, "--check", *arguments, **environment)
    return done, rows_of(done.stdout)


def program(folder: Path, name: str, script: str) -> str:
    """Put a program first on PATH; return that PATH."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("environment", "name", "words"),
    [
        ({"VIMEO_ACCESS_TOKEN": "a-wrong-token-31415926"}, "Videos", ["refuses the access token", "Make a new token"]),
        ({"VIMEO_API_URL": NOWHERE}, "Videos", ["cannot be reached"]),
        pytest.param({"ZUME_SITE_URL": NOWHERE}, "Site", ["cannot be reached"], marks=pytest.mark.browser),
        ({"ZUME_CHROME": "/nowhere/chrome"}, "Browser", ["/nowhere/chrome"]),
    ],
)
def test_what_cannot_be_used_is_an_error_with_a_way_out(environment, name, words, suite, tmp_path):
    skipped = {"Videos": "slides", "Site": "videos", "Browser": "videos"}[name]
    done, rows = check(suite, tmp_path, "--skip", skipped, **environment)

    if name == "Browser":
        assert rows.pop("Site")[0] == "error"  # for the same reason
    assert_wrong(done, rows, name, "error", *words)
    assert rows[name][1].split(". ", 1)[0] in done.stderr


@pytest.mark.browser
def test_the_browser_that_a_build_is_to_use_is_the_one_that_is_looked_at(suite, tmp_path):
    for flag in ("--chrome", "--chromedriver"):
        done, rows = check(suite, tmp_path, "--skip", "videos", flag, "/nowhere/program")

        assert rows.pop("Site")[0] == "error"  # for the same reason
        assert_wrong(done, rows, "Browser", "error", f"{flag} names /nowhere/program")


def test_where_only_vimeo_will_do_a_missing_token_and_an_unknown_folder_are_errors_of_their_own(suite, tmp_path):
    arguments = ("-l", "ar_jo", "-f", tmp_path, "--check", "--skip", "slides", "--video-source", "vimeo")
    done = suite.main(BUILD, *arguments, VIMEO_ACCESS_TOKEN="")
    rows = rows_of(done.stdout)

    assert done.returncode == 1
    assert rows["Vimeo folder"][0] == rows["Vimeo token"][0] == rows["Videos"][0] == "error"
    assert "--folder-id" in rows["Vimeo folder"][1]
    assert "VIMEO_ACCESS_TOKEN" in rows["Vimeo token"][1]
    assert "--video-source mirror" in rows["Vimeo folder"][1]


def test_where_only_vimeo_will_do_a_token_without_the_scope_is_named_with_the_scope(suite, stand_in, tmp_path):
    stand_in.vimeo.scope = "public private"
    done, rows = check(suite, tmp_path, "--skip", "slides", "--video-source", "vimeo")

    assert rows.pop("Videos")[0] == "error"  # for the same reason
    assert_wrong(done, rows, "Token scopes", "error", "video_files", "Make a new token")


def test_a_language_that_the_site_does_not_serve_is_an_error(suite, stand_in, browser_at_hand, tmp_path):
    stand_in.presenter.languages = {"en", "fr"}
    done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "--check", "--skip", "videos")
    rows = rows_of(done.stdout)

    assert_wrong(done, rows, "Site", "error", "es")


@pytest.mark.browser
def test_a_project_that_is_in_use_is_an_error_that_says_by_whom(suite, stand_in, tmp_path):
    stand_in.presenter.picture_delay = 1
    with suite.start(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "videos", "--session-id", "first") as process:
        while not list((tmp_path / "es").glob(".zume-part.lock")):
            assert process.poll() is None
        done, rows = check(suite, tmp_path, "--skip", "slides")
        process.terminate()
        process.communicate(timeout=60)

    assert_wrong(done, rows, "Other builds", "error", "session first", f"process {process.pid}")


@pytest.mark.parametrize(
    ("script", "result", "words"), [("exit 0", "error", "fonts-noto"), (None, "ok", "the browser is asked")]
)
def test_a_language_without_fonts_is_an_error(script, result, words, suite, browser_at_hand, tmp_path):
    """Without fonts nothing else would report it: every letter becomes an empty box."""
    if script:
        path = program(tmp_path / "bin", "fc-list", script)
    else:
        (tmp_path / "bin").mkdir()
        for name in ("chromium", "chromedriver"):
            (tmp_path / "bin" / name).symlink_to(f"/usr/bin/{name}")
        path = str(tmp_path / "bin")
    done = suite.main(BUILD, "-l", "hi", "-f", tmp_path, "--check", "--skip", "videos", PATH=path)
    rows = rows_of(done.stdout)

    assert rows["Fonts"][0] == result, done.stdout
    assert words in rows["Fonts"][1]


@pytest.mark.browser
def test_a_driver_that_does_not_fit_is_a_doubt_and_nothing_is_fetched(suite, tmp_path):
    path = program(tmp_path / "bin", "chromedriver", "echo ChromeDriver 99.0.0.0")
    done, rows = check(suite, tmp_path, "--skip", "videos", PATH=path)

    assert_wrong(done, rows, "Browser", "warning", "fetched when it is needed")
    assert rows["Site"][0] == "warning"
    assert "looking for another" not in done.stdout + done.stderr
    assert list(suite.home.iterdir()) == []


def test_a_disk_that_is_too_small_is_an_error_with_both_sizes(suite, browser_at_hand, monkeypatch, tmp_path):
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real(path)._replace(free=100_000))
    done, rows = check(suite, tmp_path, "--skip", "slides")
    assert_wrong(done, rows, "Videos", "error", "The disk is too small", "0.1 MB are free", "Free space.")

    done, rows = check(suite, tmp_path, "--skip", "videos", "--width", "300", "--height", "168")
    assert_wrong(done, rows, "Disk", "warning", "0.1 MB are free", "may need 3.0 MB", "--width")


@pytest.mark.parametrize(
    ("change", "row", "result", "words"),
    [
        ("raise PackageNotFoundError", "Python", "error", "Packages are missing: selenium."),
        ("return '0.1'", "Packages", "warning", "Packages do not fit: selenium 0.1 is too old (tried: >=4.40,<5)."),
        ("return '5.0'", "Packages", "warning", "Packages do not fit: selenium 5.0 is too new (tried: >=4.40,<5)."),
    ],
)
def test_a_package_that_is_missing_or_old_or_new_is_named(change, row, result, words, suite, tmp_path):
    patch(
        suite,
        tmp_path / "patches",
        "from importlib import metadata\nfrom importlib.metadata import PackageNotFoundError\n"
        "real = metadata.version\n"
        f"def version(name):\n    if name == 'selenium':\n        {change}\n    return real(name)\n"
        "metadata.version = version\n",
    )
    done = suite.build("-l", "es", "-f", tmp_path, "--check", "--skip", "videos,slides")
    rows = rows_of(done.stdout)

    assert_wrong(done, rows, row, result, words, "pip install -r requirements.txt")


@pytest.mark.parametrize(
    ("version", "amiss"),
    [
        ("14.0.9", "old"),
        ("14.1", ""),
        ("14.1.20", ""),
        ("14.10", ""),
        ("15.0rc1", ""),
        ("19.9", ""),
        ("20.0rc1", "new"),
        ("20", "new"),
        # A row of its own says that it is missing.
        ("", ""),
    ],
)
def test_a_release_fits_from_the_oldest_to_the_newest_that_was_tried(version, amiss, monkeypatch):
    monkeypatch.setattr(preflight.metadata, "version", lambda name: version)

    misfit = preflight._misfit(Requirement("av>=14.1,<20"))

    assert misfit == (amiss and f"av {version} is too {amiss} (tried: >=14.1,<20)")


def test_every_requirement_names_the_oldest_and_the_newest_release_that_were_tried():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]

    assert len(requirements) > len(preflight.required_packages()) > 10
    for requirement in requirements:
        assert sorted(bound.operator for bound in requirement.specifier) == ["<", ">="], requirement


def test_a_package_that_is_not_there_at_all_is_no_traceback(lone_suite, tmp_path):
    patch(lone_suite, tmp_path / "patches", "import sys\nsys.modules['rich'] = None\n")
    done = lone_suite.build("--list-sessions")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: The package rich is missing.")
    assert "requirements.txt" in done.stderr


@pytest.mark.browser
def test_a_build_says_its_doubts_before_it_starts(suite, tmp_path):
    path = program(tmp_path / "bin", "fc-list", "exit 0")
    done = suite.main(BUILD, "-l", "hi", "-f", tmp_path, "-y", "--skip", "videos", PATH=path)

    assert done.returncode == 1
    assert "No font on this machine has the letters" in done.stderr
    assert suite.sessions() == {}


@pytest.mark.parametrize(
    ("place", "row"), [("home", "Builder's folder"), ("es", "Project folder"), ("es/20", "Project folder")]
)
def test_a_folder_that_cannot_be_written_is_an_error(place, row, suite, monkeypatch, tmp_path):
    """Root may write everywhere: what the system would say to others is put into its mouth."""
    (tmp_path / "es" / "20").mkdir(parents=True)
    refused = str(suite.home if place == "home" else tmp_path / place)
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, *mode: str(path) != refused and real(path, *mode))
    done, rows = check(suite, tmp_path, "--skip", "videos,slides")

    assert_wrong(done, rows, row, "error", f"{refused} cannot be written", "Change its permissions")


def test_a_file_in_place_of_a_folder_is_an_error(suite, tmp_path):
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "intensive").write_text("")
    done, rows = check(suite, tmp_path, "--skip", "videos,slides")

    assert_wrong(done, rows, "Project folder", "error", "intensive is a file")


def test_an_old_output_is_a_doubt_that_says_what_becomes_of_it(suite, tmp_path):
    output = OldProject(tmp_path / "es").output({}, {})
    (output / "videos" / "1.mp4").write_bytes(b"precious")
    before = files_below(tmp_path / "es")
    done, rows = check(suite, tmp_path, "--skip", "videos,slides")

    words = f"{output} was not made by this program", f"The old output becomes {output}.old-"
    assert_wrong(done, rows, "Old output", "warning", *words)
    assert files_below(tmp_path / "es") == before
    for skipped in ("videos,slides,rename", "videos,slides"):
        assert "Old output" not in check(suite, tmp_path, "--skip", skipped)[1]
        (output / "videos" / "1.mp4").unlink(missing_ok=True)


def test_an_old_output_that_cannot_be_written_or_is_a_file_is_no_error(suite, monkeypatch, tmp_path):
    output = OldProject(tmp_path / "es").output({}, {})
    (output / "videos" / "1.mp4").write_bytes(b"precious")
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, *mode: str(path) != str(output) and real(path, *mode))
    for _ in range(2):
        done, rows = check(suite, tmp_path, "--skip", "videos,slides")
        assert_wrong(done, rows, "Old output", "warning", "The old output becomes")
        shutil.rmtree(output, ignore_errors=True)
        output.write_bytes(b"precious")


def test_a_build_says_at_its_start_what_becomes_of_an_old_output(lone_suite, course):
    OldProject(course.project.path).output({TEN: sorted((course.project.path / "10").glob("*.png"))}, {})
    folder = course.project.path.parent
    done = lone_suite.main(BUILD, "-l", "es", "-f", folder, "-y", "--skip", "videos,slides", "--quiet")

    assert done.returncode == 0, done.stderr
    (place,) = old_outputs(course.project)
    assert f"es: {course.project.output} was not made by this program" in done.stderr
    assert f"The old output becomes {place} when the new one is complete" in done.stderr
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_an_api_that_fails_is_asked_once(suite, stand_in, tmp_path):
    stand_in.vimeo.faults = [ApiError(times=99)]
    done, rows = check(suite, tmp_path, "--skip", "slides")

    assert_wrong(done, rows, "Videos", "error", "answered with an error (500)")
    assert "Trying again" not in done.stdout
    asked = [request.path for request in stand_in.vimeo.log.of_kind("api")]
    assert len(asked) == len(set(asked))


def session_of(folder, **options):
    return BuildSession("", "es", str(folder), str(folder / "es"), None, options={**DEFAULT_OPTIONS, **options})


@pytest.mark.browser
def test_a_site_that_hangs_is_an_error_within_the_time_for_it(stand_in, own_tmp, monkeypatch, tmp_path):
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    monkeypatch.setattr(services, "_PAGE_SECONDS", 3)
    stand_in.presenter.hangs = True

    with pytest.raises(BuilderError, match=f"{stand_in.site_url} showed no slide in 3 s"):
        services.check_site(session_of(tmp_path))
    assert left_over(own_tmp) == ([], [])


def test_a_grid_that_is_down_is_an_error(suite, tmp_path):
    done, rows = check(suite, tmp_path, "--skip", "videos", "--grid-url", NOWHERE)

    assert rows.pop("Site")[0] == "error"  # for the same reason
    assert_wrong(done, rows, "Grid", "error", f"No Selenium Grid answers at {NOWHERE}", "--grid-url")


def test_a_check_for_programs_has_every_row_in_the_last_line(suite, tmp_path):
    done, rows = check(suite, tmp_path, "--skip", "slides", "--json", "--video-source", "vimeo", VIMEO_ACCESS_TOKEN="")
    summary = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == summary["exit_code"] == 1
    assert {found["check"]: found["result"] for found in summary["checks"]} == {
        name: result for name, (result, _) in rows.items()
    }
    (token,) = (found for found in summary["checks"] if found["check"] == "Vimeo token")
    assert "There is no Vimeo access token" in token["message"]
    assert list(suite.home.iterdir()) == []


def test_a_check_at_a_terminal_asks_for_no_secret_and_stores_none(suite, tmp_path):
    suite.environment["VIMEO_ACCESS_TOKEN"] = ""
    command = suite.command(BUILD, "-l", "es", "-f", tmp_path, "--check", "--skip", "slides")
    with Terminal(command, suite.environment, tmp_path) as terminal:
        assert terminal.wait(30) == 0
    assert "Without a Vimeo token" in terminal.screen
    assert list(suite.home.iterdir()) == []


def test_pictures_that_are_there_need_no_space_and_videos_that_are_not_kept_do(suite, monkeypatch, tmp_path):
    size = 50_000_000
    for name in ("videos/01 Welcome.mp4", "20/20261122_101112_session_1_t1_a.png"):
        path = tmp_path / "es" / name
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            file.truncate(size)
    real = shutil.disk_usage
    for free, result in [(255_000_000, "ok"), (245_000_000, "error")]:
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: real(path)._replace(free=free))
        done = suite.main(BUILD, "-l", "es", "-f", tmp_path, "--check", "--grid-url", NOWHERE)
        assert rows_of(done.stdout)["Videos"][0] == result, done.stdout


def test_a_token_whose_scopes_are_not_told_is_a_doubt(suite, stand_in, tmp_path):
    stand_in.vimeo.faults = [ApiError(path="/oauth", times=99)]
    done, rows = check(suite, tmp_path, "--skip", "slides")

    assert_wrong(done, rows, "Token scopes", "warning", "does not say which scopes")
