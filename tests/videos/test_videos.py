"""Part 2 as a user runs it."""

from __future__ import annotations

import hashlib
import re

import pytest

from course.languages import all_languages, find_language
from demo.vimeo_faults import (
    CdnError,
    Drip,
    ListOmits,
    NoDownload,
)
from demo.vimeo_videos import StoredVideo
from downloads import SPANISH, kill_in_download
from terminal import Terminal
from videos.files import videos_on_disk
from videos.numbers import course_number
from videos.results import read_results


def tree(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_the_script_downloads_the_languages_own_folder_and_ends_with_0(suite, stand_in, project):
    done = suite.part(2, "--project-path", project.path, "--language-code", "es")

    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(project.videos.glob("*.mp4"))) == 3
    assert "3 downloaded" in done.stdout
    assert stand_in.vimeo.log.of_kind("api")[0].path.split("/")[3] == SPANISH
    assert stand_in.vimeo.token not in done.stdout


def test_the_script_takes_another_folder_when_told(suite, stand_in, project):
    stand_in.vimeo.folder_languages["4711"] = "fr"
    done = suite.main(2, "--project-path", project.path, "--language-code", "es", "--folder-id", "4711")

    assert done.returncode == 0, done.stderr
    assert {request.video.language.code for request in stand_in.vimeo.log.of_kind("cdn")} == {"fr"}


def test_one_bad_video_does_not_stop_the_rest_and_the_script_ends_with_1(suite, stand_in, project):
    stand_in.vimeo.faults.append(NoDownload(numbers={6}))
    arguments = ("--project-path", project.path, "--language-code", "es", "--video-source", "vimeo")
    done = suite.main(2, *arguments, "--max-workers", 1)

    assert done.returncode == 1
    assert sorted(course_number(path.name) for path in project.videos.glob("*.mp4")) == [1, 9]
    assert "(06)" in done.stderr
    assert "video_files" in done.stderr
    assert "(01)" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_lists_fewer_videos_than_it_says_ends_with_1(suite, stand_in, project):
    stand_in.vimeo.faults.append(ListOmits(numbers={6}))
    done = suite.main(2, "--project-path", project.path, "--language-code", "es")

    assert done.returncode == 1
    assert "3 videos" in done.stderr
    assert "only 2" in done.stderr


@pytest.mark.parametrize(
    ("trouble", "told"), [("empty", "is empty"), ("unknown", "no folder"), ("token", "token"), ("scope", "scope")]
)
def test_a_folder_that_gives_nothing_ends_with_1_and_one_message(trouble, told, suite, stand_in, project):
    if trouble == "empty":
        stand_in.vimeo.empty_folders.add(SPANISH)
    if trouble == "token":
        stand_in.vimeo.token = "another one"
    if trouble == "scope":
        stand_in.vimeo.scope = "public"
    folder = "123456" if trouble == "unknown" else SPANISH
    arguments = ("--project-path", project.path, "--language-code", "es", "--video-source", "vimeo")
    done = suite.main(2, *arguments, "--folder-id", folder)

    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(project.videos.glob("*.mp4"))


def test_a_language_without_a_folder_needs_its_number(suite, project):
    done = suite.main(2, "--project-path", project.path, "--language-code", "ky", "--video-source", "vimeo")

    assert done.returncode == 1
    assert "No Vimeo folder is known for the language ky." in done.stderr
    assert "--folder-id" in done.stderr


@pytest.mark.parametrize("arguments", [("--folder-id", SPANISH), ("--language-code", "es")])
def test_a_folder_can_be_listed_without_a_project(arguments, suite, stand_in, tmp_path):
    before = tree(tmp_path)
    done = suite.main(2, "--list-only", *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    for number in (1, 6, 9):
        assert StoredVideo(find_language("es"), number).title in done.stdout
    assert "source" in done.stdout
    assert stand_in.vimeo.log.of_kind("link") + stand_in.vimeo.log.of_kind("cdn") == []
    assert tree(tmp_path) == before


def test_listing_needs_to_know_which_folder(suite):
    done = suite.main(2, "--list-only")

    assert done.returncode == 1
    assert "--language-code" in done.stderr


def test_the_languages_can_be_listed_without_anything(lone_suite):
    done = lone_suite.main(2, "--list-languages")

    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    for language in all_languages():
        assert language.native_name in rows[language.code]
        assert rows[language.code].split()[-1] == (language.vimeo_folder_id or "unknown")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--folder-id", "../1"),
        ("--folder-id", "abc"),
        ("--max-workers", "0"),
        ("--max-workers", "many"),
        ("--quality", "good"),
        ("--quality", "0p"),
    ],
)
def test_wrong_arguments_end_with_2(arguments, lone_suite):
    done = lone_suite.main(2, *arguments)

    assert done.returncode == 2
    assert arguments[0] in done.stderr


def test_doubled_and_missing_numbers_are_warned_about_and_can_be_settled(suite, stand_in, project):
    stand_in.vimeo.second_titles[6] = "(06) the same number"
    stand_in.vimeo.titles[9] = "no number"
    arguments = ("--project-path", project.path, "--language-code", "es", "--quality", "360p")
    first, second = (StoredVideo(find_language("es"), 6, copy).id for copy in (0, 1))
    ninth = StoredVideo(find_language("es"), 9).id

    done = suite.main(2, *arguments)

    assert done.returncode == 0, done.stderr
    assert "Video 6 is there more than once: “(06) " in done.stderr
    assert f"--number 06={min(first, second)}" in done.stderr or f"--number 06={max(first, second)}" in done.stderr
    assert f"“no number” ({ninth}) has no place in the course without a number." in done.stderr

    settled = suite.main(2, *arguments, "--number", f"06={second}", "--number", f"9={ninth}")
    again = suite.main(2, *arguments)

    for done in (settled, again):
        assert done.returncode == 0
        assert f"({first}) has no place" in done.stderr
        assert "more than once" not in done.stderr
    found = {number: path.name for number, path in videos_on_disk(project) if number}
    assert found == {1: found[1], 6: "(06) the same number.mp4", 9: "no number.mp4"}


def test_a_number_for_a_video_that_is_not_in_the_folder_is_an_error(suite, project):
    done = suite.main(2, "--project-path", project.path, "--language-code", "es", "--number", "06=12345")
    assert done.returncode == 1
    assert "There is no video 12345 in the folder, for number 06." in done.stderr


@pytest.mark.parametrize("value", ["6", "06=", "=5", "six=5", "06=abc", "1234=5"])
def test_a_number_in_another_form_is_wrong_usage(lone_suite, value):
    done = lone_suite.main(2, "--list-only", "--number", value)
    assert done.returncode == 2
    assert "06=VIDEO_ID" in done.stderr


def test_the_list_is_ordered_by_number_and_says_what_is_there(suite, stand_in, project):
    stand_in.vimeo.titles[1] = "[bold]no number[/bold]"
    stand_in.presenter.site_video_ids = {1: ""}
    arguments = ("--project-path", project.path, "--language-code", "es")
    stand_in.vimeo.faults.append(CdnError(status=400, numbers={9}))
    suite.main(2, *arguments)

    done = suite.main(2, *arguments, "--list-only")

    rows = [line.split() for line in done.stdout.splitlines() if "0:02" in line]
    assert [row[0] for row in rows] == ["06", "09", "[bold]no"]
    assert [row[-1] for row in rows] == ["yes", "no", "yes"]


def test_a_folder_in_the_folder_is_named_by_the_script_and_taken_with_recursive(suite, stand_in, project):
    stand_in.vimeo.subfolders = {"9990001": [SPANISH]}
    arguments = ("--project-path", project.path, "--language-code", "es", "--folder-id", "9990001")
    arguments = (*arguments, "--video-source", "vimeo", "--quality", "360p")

    empty = suite.main(2, *arguments)
    taken = suite.main(2, *arguments, "--recursive")

    assert empty.returncode == 1
    assert "The Vimeo folder 9990001 is empty. Its subfolders are left out: Spanish." in empty.stderr
    assert "Add --recursive" in empty.stderr
    assert taken.returncode == 0, taken.stderr
    assert "3 downloaded" in taken.stdout


def test_lines_tell_parallel_builds_apart(suite, project):
    done = suite.main(2, "--project-path", project.path, "--language-code", "es", "--quality", "360p")
    assert [line[:9] for line in done.stdout.splitlines() if "received" in line] == [
        f"es: [{number}/3]" for number in (1, 2, 3)
    ]


def test_a_terminal_shows_each_running_download_and_all_of_them(suite, stand_in, project, tmp_path):
    stand_in.vimeo.faults.append(Drip())
    command = suite.command(2, "--project-path", project.path, "--language-code", "es", "--quality", "360p")
    with Terminal(command, suite.environment, tmp_path) as terminal:
        terminal.expect("All 3 videos")
        assert terminal.wait() == 0
        assert re.search(r"All 3 videos\s+[━╸╺ ]+\s*[\d.]+ of [\d.]+ MB", terminal.screen)
        assert re.search(r"\(06\)[^\n]*━", terminal.screen)


def test_the_folder_is_listed_by_two_requests_and_a_rerun_makes_no_other(suite, stand_in, project):
    stand_in.vimeo.numbers = None
    arguments = ("--project-path", project.path, "--language-code", "es", "--quality", "360p")
    assert suite.main(2, *arguments).returncode == 0
    stand_in.vimeo.log.clear()

    done = suite.main(2, *arguments)

    assert "0 downloaded, 29 already there, 0 failed" in done.stdout
    assert [request.kind for request in stand_in.vimeo.log.requests] == ["api", "api"]


def test_after_kill_9_the_next_run_goes_on_where_the_file_stands(suite, stand_in, project):
    stand_in.vimeo.numbers = {6}
    stand_in.vimeo.faults.append(Drip(times=1))
    arguments = ("--project-path", project.path, "--language-code", "es", "--quality", "360p")
    arguments = (*arguments, "--video-source", "vimeo", "--allow-missing")
    process = suite.start(2, *arguments)
    there = kill_in_download(process, project.videos, ".*.part")
    assert list(project.videos.glob("*.mp4")) == []
    stand_in.vimeo.log.clear()

    done = suite.main(2, *arguments)

    assert done.returncode == 0, done.stderr
    assert [request.range for request in stand_in.vimeo.log.of_kind("cdn")] == [f"bytes={there}-"]
    video = StoredVideo(find_language("es"), 6)
    [path] = project.videos.glob("*.mp4")
    content = b"".join(stand_in.vimeo.find_file(video, "360p").read())
    assert path.read_bytes() == content
    assert list(project.videos.glob(".*.part")) == []
    (result,) = read_results(project).values()
    assert (result.md5, result.sha256) == (hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest())


def test_videos_that_fail_for_the_same_reason_are_told_together_and_each_once(suite, stand_in, project):
    stand_in.vimeo.faults = [CdnError(status=400, numbers={1, 9})]
    done = suite.main(2, "--project-path", project.path, "--language-code", "es", "--video-source", "vimeo")

    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if "(400)" in line]
    titles = r"“\(01\)[^”]*”, “\(09\)[^”]*”"
    assert re.fullmatch(rf"  2 videos \({titles}\): The server answered with an error \(400\)\..*", line)
