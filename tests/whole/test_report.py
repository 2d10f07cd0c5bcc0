"""``build.py --check --report``: a text that somebody can send to others, with much of use and nothing private."""

from __future__ import annotations

import json
import os
import platform
import re
import time
from pathlib import Path

import pytest

from builds import preflight, report, report_requests
from common.errors import BuilderError
from courses import files_below
from demo import StandIn, standin
from demo.vimeo_faults import ApiError, LacksFields, NoDownload
from marked_services import MARK, marked
from quick_builds import BUILD, rows_of
from served_pages import site_that_answers
from suite import NOWHERE
from workspace.folders import Project, create_folders

SECTIONS = (
    "1. Versions",
    "2. System",
    "3. Where the packages are",
    "4. What was checked",
    "5. Checks",
    "6. What the services answered",
    "7. The presenter's page",
)


@pytest.fixture
def check(suite, tmp_path):
    """Checks the videos, and whatever else a test wants, with a report; returns how that ended, and the report."""

    def run(*arguments, file=None, skip="slides", **environment):
        file = file or tmp_path / "report.txt"
        skipped = ("--skip", skip) if skip else ()
        command = ("-l", "es", "-f", tmp_path / "packages", "--check", "--report", file, *skipped, *arguments)
        done = suite.main(BUILD, *command, **environment)
        return done, file.read_text(encoding="utf-8") if file.is_file() else ""

    return run


@pytest.fixture
def marked_stand_in(monkeypatch):
    """Has the stand-ins of this test put marks into all that they answer."""
    for name in ("vimeo_app", "presenter_app", "mirror_app"):
        real = getattr(standin, name)
        monkeypatch.setattr(standin, name, lambda *settings, real=real: marked(real(*settings)))


def sections_of(text):
    """Return the lines of each section of a report, by its title."""
    found, title = {}, ""
    for line, following in zip(lines := text.splitlines(), [*lines[1:], ""], strict=True):
        if following and set(following) == {"-"}:
            title = line
            found[title] = []
        elif title and set(line) != {"-"}:
            found[title].append(line)
    return found


def one_line(text):
    return " ".join(text.split())


def assert_harmless(text, *private):
    for word in (MARK, *private):
        assert word.casefold() not in text.casefold(), [line for line in text.splitlines() if word in line]
    assert "://" not in text
    assert "@" not in text


@pytest.mark.browser
def test_a_report_says_what_those_who_look_after_the_program_want_to_know(check, stand_in):
    stand_in.vimeo.page_size_limit = 2
    stand_in.vimeo.faults += [
        NoDownload(numbers={9}, shape="null"),
        LacksFields(numbers={6}, fields=("md5", "width"), renditions={"720p"}),
    ]
    stand_in.vimeo.sizes = {(1, "1080p"): 2_345_678}
    stand_in.presenter.more_videos = [6, 9]
    stand_in.presenter.extra_slide = True
    stand_in.presenter.removed_slide = "s1_1_2"
    done, text = check()
    found = sections_of(text)

    assert done.returncode == 0, done.stderr
    assert re.search(r"^(All \d+ checks went well|Of \d+ checks: warning in [\w ,]+)\.$", text, re.M)
    assert tuple(found) == SECTIONS
    for title, lines in found.items():
        assert len([line for line in lines if line.strip()]) >= 5, title
    versions, system, place, wishes, checks, answers, page = ("\n".join(lines) for lines in found.values())

    assert f"Python: {platform.python_version()}" in versions
    for name in [requirement.name for requirement in preflight.required_packages()]:
        assert re.search(rf"^{name}: \d+\.\d", versions, re.M), name
    assert re.search(r"^browser: \S+ \d+\.\d+", versions, re.M)
    assert re.search(r"^driver: \d+\.\d+", versions, re.M)
    assert re.search(r"^system: (Linux|macOS|Windows) \d+", system, re.M)
    assert re.search(r"^free space: \d+\.\d [MG]B$", place, re.M)
    assert re.search(r"^hard links: (yes|no)", place, re.M)
    assert "Vimeo folder: from languages.json" in wishes
    assert "Vimeo token: from the environment" in wishes
    rows = rows_of(done.stdout)
    for name, (result, _) in rows.items():
        assert re.search(rf"^{name} +{result} +\d+\.\d\d s", checks, re.M), name

    answers = one_line(answers)
    assert "pages: 2, with 2 + 1 entries; 1 name a next page" in answers
    assert "data[].download: list 2 or null 1 (3 of 3), entries: 5" in answers
    assert "data[].download[].md5: 32 hex digits (9 of 10, missing in 1)" in answers
    assert "data[].download[].height: whole number (10 of 10), 360 to 1080 (median 720)" in answers
    assert "files to download, 1080p: 2, of bytes: " in answers
    assert "to 2345678 (median " in answers
    assert "total: whole number (2 of 2), 3" in answers
    assert "scope: text (2 of 2), private (2) public (2) video_files (2)" in answers
    assert "x-ratelimit-limit: 1000" in answers
    assert answers.count("content-range: bytes 0-1023/") == 2
    assert answers.count("begins like an MP4") == 2
    for host in ("Vimeo's delivery servers", "the mirror"):
        assert re.search(rf"{host}: the first kilobyte of one video \d requests? \(HEAD\), answered", answers)
    assert re.findall(r"\((?:HEAD|GET)\), answered (\d+)", answers)[-6:] == ["302", "200", "302", "206", "200", "206"]
    assert "the site: the presenter's page 2 requests (GET), answered 200" in answers

    page = one_line(page)
    assert "constants of the page that were read: 5 of 5" in page
    assert "session_2_extra_1" in page
    assert re.search(r"gone \(\d+\): session_1_s1_1_2, ", page)
    assert "fields that this program does not read: id (" in page
    assert "alt_video_id: whole number (" in page


def test_nothing_private_gets_into_a_report(monkeypatch, marked_stand_in, stand_in, suite, tmp_path):
    stand_in.vimeo.token = f"{MARK}-31415926"
    stand_in.vimeo.page_size_limit = 2
    stand_in.vimeo.folder_languages = {"27182818": "es"}
    monkeypatch.setattr(platform, "node", lambda: MARK)
    monkeypatch.setattr(platform, "release", lambda: f"6.1.0-{MARK}")
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": MARK.lower(), "VERSION_ID": f"1-{MARK}"})
    here = tmp_path / MARK
    (here / "home").mkdir(parents=True)
    names = dict.fromkeys(("USER", "LOGNAME", "USERNAME", "COMPUTERNAME", "HOSTNAME"), MARK)
    environment = {
        **names,
        "HOME": str(here),
        "ZUME_HOME": str(here / "home"),
        "VIMEO_ACCESS_TOKEN": stand_in.vimeo.token,
    }
    file = here / f"{MARK}.txt"
    command = ("-l", "es", "-f", here / "packages", "--check", "--report", file, "--skip", "slides")
    done = suite.main(BUILD, *command, "--folder-id", "27182818", **environment)
    text = file.read_text(encoding="utf-8")

    assert done.returncode == 0, done.stdout + done.stderr
    assert MARK in done.stdout  # what is shown here is no business of others
    assert_harmless(text, str(tmp_path), "27182818", "31415926", "Español", "700042", str(stand_in.site_url))
    words = one_line(text)
    assert "Vimeo folder: given" in words
    assert "pages: 2, with 2 + 1 entries" in words
    assert re.search(r"data\[\]\.<key>: list \(\d+\)", words)
    assert "and others (1)" in words
    assert "cache-control: private, other, max-age=60, no-cache" in words
    assert "types that are unknown: <key> (" in words
    assert "new (2): session_1_<key>, session_1_<key>" in words


def assert_good_but_harmless(done, text):
    assert "Traceback" not in done.stderr
    assert tuple(sections_of(text)) == SECTIONS
    assert_harmless(text)


def torn(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", f"application/json; charset={MARK}")
    handler.end_headers()
    handler.wfile.write(b'{"total": 3, "data": [{"uri": "/videos/' + MARK.encode())


def to_a_login_page(handler):
    if "login" in handler.path:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(f"<html><title>{MARK}</title>".encode())
        return
    handler.send_response(302)
    handler.send_header("Location", f"/login?to={MARK}")
    handler.end_headers()


def huge(handler):
    if not handler.path.partition("?")[0].endswith("/videos"):
        handler.send_error(404)
        return
    entry = {"uri": "/videos/1", "name": MARK * 100, MARK: [[[[MARK]]]], f"a{MARK}@b.c": {MARK: MARK}}
    content = json.dumps({"total": 1, "data": [entry] * 15_000}).encode()
    assert len(content) > 10_000_000
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(content)


def deep(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"' + MARK.encode() + b'":' + b"[" * 90_000)


def not_utf_8(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"name": "\xff\xfe' + MARK.encode("utf-16") + b'"}')


def silent(handler):
    time.sleep(1.2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (torn, "JSON that is torn or wrong"),
        (to_a_login_page, "answered 302"),
        (huge, "entries: 15000"),
        (deep, "JSON that is torn or wrong"),
        (not_utf_8, "text that is not UTF-8"),
        (silent, "failed (ReadTimeout)"),
        (f"<html><title>{MARK}</title>", "a page (HTML or XML), not JSON"),
        (f'["{MARK}", [["{MARK}"]], null]', "the answer itself: list (1), entries: 3"),
        ("", "nothing in it"),
    ],
)
def test_whatever_vimeo_answers_there_is_a_report_without_anything_of_it(answer, words, check, monkeypatch):
    monkeypatch.setattr("videos.vimeo._HURRIED_SECONDS", 0.3 if answer is silent else 20)
    with site_that_answers(monkeypatch, answer):
        done, text = check(VIMEO_API_URL=os.environ["ZUME_SITE_URL"])

    assert_good_but_harmless(done, text)
    assert words in one_line(text)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (to_a_login_page, "constants of the page that were read: 0 of 5"),
        (not_utf_8, "constants of the page that were read: 0 of 5"),
        (deep, "constants of the page that were read: 0 of 5"),
        (silent, "it did not come (RemoteError)"),
    ],
)
def test_whatever_the_site_answers_there_is_a_report_without_anything_of_it(answer, words, check, monkeypatch):
    monkeypatch.setattr("course.page._ANSWER_SECONDS", 0.3 if answer is silent else 20)
    with site_that_answers(monkeypatch, answer):
        done, text = check(
            "--video-source", "mirror", ZUME_SITE_URL=os.environ["ZUME_SITE_URL"], ZUME_MIRROR_URL=NOWHERE
        )

    assert_good_but_harmless(done, text)
    assert words in one_line(text)


@pytest.mark.parametrize(
    ("status", "html"), [(401, False), (403, False), (404, False), (429, False), (500, False), (500, True)]
)
def test_a_refusal_is_told_by_its_status_and_its_shape(status, html, check, marked_stand_in, stand_in):
    stand_in.vimeo.faults.append(ApiError(status=status, html=html, error_code=1234, retry_after=2))
    done, text = check("--video-source", "vimeo")
    answers = one_line(text)

    assert done.returncode == 1
    assert f"answered {status}" in answers
    assert "retry-after: 2" in answers
    assert ("a page (HTML or XML), not JSON" if html else "error_code: whole number (1 of 1), 1234") in answers
    assert_harmless(text)


def test_a_check_that_fails_still_writes_the_report_with_the_kind_of_error_and_its_place(check):
    done, text = check(VIMEO_API_URL=NOWHERE)
    checks = one_line("\n".join(sections_of(text)["5. Checks"]))

    assert done.returncode == 1
    assert re.search(
        r"Videos error \d+\.\d\d s RemoteError because of ConnectionError( because of \w+)+ "
        r"\(videos/vimeo\.py, line \d+\)",
        checks,
    )
    assert "failed (ConnectionError)" in text
    assert re.search(r"^Of \d+ checks: error in [\w ,]*Videos", text, re.M)
    assert NOWHERE not in text


def test_a_report_of_the_slides_tells_the_browser_and_what_the_site_answered(check, browser_at_hand):
    done, text = check(skip="videos")

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^Site +ok +\d", text, re.M)
    assert "the site: the start page" in text
    assert "first kilobyte" not in text


def test_a_report_alone_makes_no_sense_and_is_refused_in_words(suite, tmp_path):
    for others in (("-l", "es", "-f", tmp_path, "-y"), ("--outdated", "-f", tmp_path)):
        done = suite.main(BUILD, *others, "--report", tmp_path / "report.txt")

        assert done.returncode == 2
        assert "--report is only for --check." in done.stderr
        assert list(suite.home.iterdir()) == []
        assert not (tmp_path / "report.txt").exists()


def test_a_place_where_no_report_can_be_is_told_before_anything_is_asked(check, stand_in, tmp_path):
    own, package = Project(tmp_path / "packages" / "es"), Project(tmp_path / "packages" / "fr")
    own.path.mkdir(parents=True)
    package.path.mkdir()
    create_folders(package)
    places = {
        tmp_path: "is a folder",
        tmp_path / "nowhere" / "report.txt": "There is no folder",
        own.path / "report.txt": "would lie in the package",
        package.path / "videos" / "report.txt": "would lie in the package",
    }
    if os.name == "posix":
        places[Path(os.devnull)] = "is no file"
    for file, words in places.items():
        done, _ = check(file=file)

        assert done.returncode == 2
        assert words in done.stderr
        assert "--report packages/report.txt" in done.stderr
        assert rows_of(done.stdout) == {}
    assert stand_in.vimeo.log.requests == []
    assert list((tmp_path / "packages").rglob("*.txt")) == []


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_asked(check, monkeypatch, stand_in):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(report.tempfile, "TemporaryFile", refuse)
    done, text = check()

    assert done.returncode == 1
    assert "report.txt cannot be written: Permission denied." in done.stderr
    assert text == ""
    assert stand_in.vimeo.log.requests == []


def test_a_report_replaces_the_one_that_is_there_in_one_step(check, tmp_path):
    (tmp_path / "report.txt").write_text("of last week")
    os.link(tmp_path / "report.txt", tmp_path / "old.txt")
    _, text = check("--video-source", "mirror")

    assert text.startswith("Zúme slide builder: report of a check")
    assert (tmp_path / "old.txt").read_text() == "of last week"
    assert {path.name for path in tmp_path.iterdir()} == {"home", "old.txt", "report.txt"}


def test_a_report_that_cannot_be_written_in_the_end_leaves_the_old_one(check, monkeypatch, tmp_path):
    def fail(*_):
        raise BuilderError("The disk is full.")

    (tmp_path / "report.txt").write_text("of last week")
    monkeypatch.setattr(report, "write_atomically", fail)
    done, text = check("--video-source", "mirror")

    assert done.returncode == 1
    assert "The disk is full." in done.stderr
    assert text == "of last week"


def test_a_report_changes_neither_the_package_nor_the_program_s_own_folder(check, suite, tmp_path):
    package = Project(tmp_path / "packages" / "es")
    package.path.mkdir(parents=True)
    create_folders(package)
    (package.videos / "(01).mp4").write_bytes(b"mine")
    before = files_below(tmp_path / "packages")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "packages", *(tmp_path / "packages").rglob("*"))}
    _, text = check(file=tmp_path / "packages" / "report.txt")
    (tmp_path / "packages" / "report.txt").unlink()

    assert "hard links: " in text
    assert files_below(tmp_path / "packages") == before
    del times[tmp_path / "packages"]  # the report was in it
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert list(suite.home.iterdir()) == []


def test_with_a_line_for_programs_and_without_a_word_the_report_is_the_same(check):
    done, text = check("--json", "--quiet", "--video-source", "vimeo", VIMEO_ACCESS_TOKEN="")
    summary = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == summary["exit_code"] == 1
    results = dict(re.findall(r"^(\w[\w' ]*?) +(ok|warning|error) +\d", text, re.M))
    assert {each["check"]: each["result"] for each in summary["checks"]} == results
    assert "The report:" not in done.stdout
    assert "Vimeo token: none" in text


def test_only_the_beginning_of_a_video_is_read(monkeypatch):
    with StandIn() as running:
        url = f"{running.mirror_url}es/1.mp4"
        beginning = report_requests.ask_for_beginning(url)

        assert beginning.outcome == "1024 bytes were read; what came begins like an MP4"
        assert [(each.method, each.status) for each in beginning.exchanges] == [("HEAD", 200), ("GET", 206)]
        assert [request.range for request in running.mirror.log.requests] == [None, "bytes=0-1023"]
        assert not any(request.carried_authorization for request in running.mirror.log.requests)
