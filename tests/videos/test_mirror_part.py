"""Part 2 with the public mirror, as a user runs it."""

from __future__ import annotations

import json

import pytest

from demo.mirror_faults import Missing, NoMd5
from demo.page_data import SITE_API_KEY
from demo.vimeo_faults import Drip, NoDownload
from demo.vimeo_videos import StoredVideo
from downloads import kill_in_download
from suite import NOWHERE
from videos.results import read_results

WITHOUT_TOKEN = "Without a Vimeo token the videos come from the site's public mirror, in lower quality."


@pytest.fixture
def arguments(stand_in, project, quick_retries):
    """The course needs three videos."""
    stand_in.presenter.more_videos = (6, 9)
    return ("--project-path", project.path, "--language-code", "es")


@pytest.fixture
def lone(suite):
    """The scripts of somebody without an account."""
    del suite.environment["VIMEO_ACCESS_TOKEN"]
    return suite


def lines_of(done):
    return [line.removeprefix("es: ") for line in done.stdout.splitlines()]


def numbers_on_disk(project):
    return sorted(result.number for result in read_results(project).values() if result.path)


def test_without_a_token_the_mirrors_videos_come_and_that_is_said_in_one_line(lone, stand_in, project, arguments):
    done = lone.main(2, *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    [line] = [line for line in lines_of(done) if "Vimeo token" in line]
    assert line.startswith(f"{WITHOUT_TOKEN} With one they come from Vimeo: ")
    assert lines_of(done)[-2:] == [
        f"3 downloaded, 0 already there, 0 failed: {project.videos}",
        "Now in the project: 3 from the mirror.",
    ]
    assert sorted(path.name for path in project.videos.glob("*.mp4")) == ["(01).mp4", "(06).mp4", "(09).mp4"]
    assert stand_in.vimeo.log.requests == []
    assert {entry["source"] for entry in json.loads((project.videos / "download_results.json").read_text())} == {
        "mirror"
    }


def test_the_keys_on_the_page_are_neither_used_nor_shown_nor_stored(suite, stand_in, project, arguments, home):
    done = suite.main(2, *arguments, "--verbose")

    assert done.returncode == 0, done.stderr
    assert SITE_API_KEY not in done.stdout + done.stderr
    files = [path for folder in (project.path, home) for path in folder.rglob("*") if path.is_file()]
    assert not any(SITE_API_KEY.encode() in path.read_bytes() for path in files)
    asked = [f"{request.path}?{request.query}" for request in stand_in.vimeo.log.requests]
    assert not any(SITE_API_KEY in text for text in (*asked, *map(str, stand_in.presenter_log.requests)))


def test_with_a_token_the_mirror_gives_what_vimeo_does_not(suite, stand_in, project, arguments):
    stand_in.vimeo.numbers = {1, 6}
    stand_in.vimeo.faults.append(NoDownload(numbers={6}))

    done = suite.main(2, *arguments)

    assert done.returncode == 0
    assert "Warning: From the mirror, because Vimeo does not give them: 06. No download link." in done.stderr
    assert "From the mirror, because Vimeo does not list them: 09." in lines_of(done)
    assert lines_of(done)[-1] == "Now in the project: 1 from Vimeo, 2 from the mirror."
    assert "Vimeo token" not in done.stdout


def test_a_number_that_no_source_has_is_named_and_ends_with_1(suite, stand_in, project, arguments):
    stand_in.presenter.more_videos = (6, 9, 33)
    stand_in.mirror.numbers = {1}

    done = suite.main(2, *arguments)

    assert done.returncode == 1
    assert "The course's video 33 is neither on Vimeo nor on the mirror (http://localhost:" in done.stderr
    assert "--allow-missing" in done.stderr
    assert numbers_on_disk(project) == [1, 6, 9]


def test_a_number_that_no_source_has_may_be_left_out(suite, stand_in, project, arguments):
    stand_in.presenter.more_videos = (6, 9, 33)
    stand_in.mirror.numbers = {1}

    done = suite.main(2, *arguments, "--allow-missing")

    assert done.returncode == 0
    assert "Warning: The course's video 33 is neither on Vimeo nor on the mirror" in done.stderr


def test_a_file_that_somebody_puts_there_is_missing_no_longer(lone, stand_in, project, arguments):
    stand_in.mirror.faults.append(Missing(numbers={9}))
    assert lone.main(2, *arguments).returncode == 1
    content = b"".join(stand_in.vimeo.find_file(StoredVideo(stand_in.vimeo.language_of("269525"), 9), "360p").read())
    (project.videos / "(09) from a friend.mp4").write_bytes(content)

    done = lone.main(2, *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    assert lines_of(done)[-2:] == [
        f"0 downloaded, 3 already there, 0 failed: {project.videos}",
        "Now in the project: 2 from the mirror, 1 of your own.",
    ]


def test_a_language_that_the_mirror_does_not_have_is_one_sentence(lone, stand_in, project, arguments):
    stand_in.presenter.short_course = None
    stand_in.mirror.faults.append(Missing())

    done = lone.main(2, *arguments)

    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith("Error: The course's 29 videos are not on the mirror (http")
    assert len(done.stdout.splitlines() + done.stderr.splitlines()) == 4
    assert not list(project.videos.glob("*.mp4"))


def test_a_mirror_that_nobody_reaches_is_one_sentence(lone, project, arguments):
    done = lone.main(2, *arguments, ZUME_MIRROR_URL=f"{NOWHERE}/mirror")

    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: The mirror cannot be reached at {NOWHERE}/mirror/es/")
    assert len(done.stderr.splitlines()) == 2


def test_an_address_of_the_mirror_that_is_none_is_wrong_usage_and_changes_nothing(lone, project, arguments):
    done = lone.main(2, *arguments, ZUME_MIRROR_URL="mirror.example")

    assert done.returncode == 2
    assert "ZUME_MIRROR_URL is not a web address: 'mirror.example'" in done.stderr
    assert list(project.videos.iterdir()) == []


def test_what_has_no_effect_on_the_mirror_is_warned_about(suite, project, arguments):
    done = suite.main(2, *arguments, "--video-source", "mirror", "--quality", "720p", "--number", "06=123")

    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "Warning: --quality 720p has no effect: the mirror has one file for each video.",
        "Warning: --number has no effect: it is about the videos of a Vimeo folder, and none is read.",
    ]
    assert not (project.videos / "numbers.json").exists()


def test_vimeo_alone_needs_a_token(lone, stand_in, project, arguments):
    done = lone.main(2, *arguments, "--video-source", "vimeo")

    assert done.returncode == 1
    assert "There is no Vimeo access token" in done.stderr
    assert stand_in.mirror.log.requests == []


def test_the_mirror_alone_is_remembered_and_vimeo_not_asked(suite, stand_in, project, arguments):
    assert suite.main(2, *arguments, "--video-source", "mirror").returncode == 0

    done = suite.main(2, *arguments)

    assert lines_of(done)[0] == "As before: videos from the mirror alone"
    assert stand_in.vimeo.log.requests == []


def test_a_page_that_cannot_be_read_is_told_and_the_recorded_course_stands_in(suite, stand_in, project, arguments):
    stand_in.presenter.garbled_data = "javascript"
    stand_in.vimeo.numbers = None

    done = suite.main(2, *arguments, "--quality", "360p", ZUME_MIRROR_URL=NOWHERE)

    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("Warning: The site does not say which videos the course needs: The course data of")
    assert lines_of(done)[-1] == "Now in the project: 29 from Vimeo."


def test_the_sites_own_ids_settle_what_a_title_leaves_open_and_what_differs_is_told(
    suite, stand_in, project, arguments
):
    stand_in.vimeo.titles[6] = "no number"
    stand_in.presenter.site_video_ids = {1: "123", 9: "https://vimeo.com/"}

    done = suite.main(2, *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    assert numbers_on_disk(project) == [1, 6, 9]
    first = StoredVideo(stand_in.vimeo.language_of("269525"), 1).id
    assert f"The site shows other Vimeo videos than this folder has: 01 (site: 123, folder: {first})." in lines_of(done)
    assert "The site names no Vimeo video for 09." in lines_of(done)


def test_what_the_site_settled_holds_when_its_page_cannot_be_read(suite, stand_in, project, arguments):
    stand_in.vimeo.titles[6] = "no number"
    assert suite.main(2, *arguments).returncode == 0
    stand_in.presenter.garbled_data = "absent"

    suite.main(2, *arguments, "--allow-missing", ZUME_MIRROR_URL=NOWHERE)

    assert numbers_on_disk(project) == [1, 6, 9]


def test_a_title_without_a_number_is_shown_beside_the_open_numbers(suite, stand_in, project, arguments):
    stand_in.vimeo.titles[6] = "no number"
    stand_in.presenter.site_video_ids = {6: ""}

    done = suite.main(2, *arguments)

    assert "has no place in the course without a number. These numbers are open: 06. Give it one" in done.stderr
    assert lines_of(done)[-1] == "Now in the project: 2 from Vimeo, 1 from the mirror."


def test_the_list_has_the_mirrors_videos_with_sizes_and_says_what_is_there(lone, stand_in, project, arguments):
    stand_in.mirror.sizes = {1: 1_500_000, 6: 2_500_000, 9: 3_500_000}
    stand_in.mirror.faults.append(Missing(numbers={9}))
    lone.main(2, *arguments)
    stand_in.mirror.faults.clear()
    stand_in.mirror.log.clear()

    done = lone.main(2, "--list-only", *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines() if "mirror:" in line]
    assert rows == [
        ["01", "(01)", "mirror:1", "mirror", "1.5", "MB", "yes"],
        ["06", "(06)", "mirror:6", "mirror", "2.5", "MB", "yes"],
        ["09", "(09)", "mirror:9", "mirror", "3.5", "MB", "no"],
    ]
    assert {request.method for request in stand_in.mirror.log.requests} == {"HEAD"}


def test_the_list_names_what_no_source_has_and_knows_a_video_of_vimeo(suite, stand_in, project, arguments):
    assert suite.main(2, *arguments).returncode == 0
    stand_in.presenter.more_videos = (6, 9, 33)
    stand_in.mirror.numbers = {6}

    done = suite.main(2, "--list-only", *arguments, "--video-source", "mirror")

    assert done.returncode == 0
    [row] = [line.split() for line in done.stdout.splitlines() if "mirror:" in line]
    assert (row[0], row[-2:]) == ("06", ["from", "Vimeo"])
    assert "Warning: The course's video 33 is not on the mirror" in done.stderr


def test_after_kill_9_a_video_of_the_mirror_goes_on_where_its_file_stands(lone, stand_in, project, arguments):
    stand_in.mirror.faults += [Drip(times=1, numbers={6}, methods={"GET"}), NoMd5(numbers={6})]
    process = lone.start(2, *arguments)
    there = kill_in_download(process, project.videos, ".mirror-6-*.part")
    stand_in.mirror.log.clear()

    assert lone.main(2, *arguments).returncode == 0

    asked = [request for request in stand_in.mirror.log.requests if request.method == "GET"]
    assert [request.range for request in asked if request.video.number == 6] == [f"bytes={there}-"]
    video = StoredVideo(stand_in.vimeo.language_of("269525"), 6)
    assert (project.videos / "(06).mp4").read_bytes() == b"".join(stand_in.mirror.file(video).read())


def test_a_list_of_the_mirror_needs_a_language(lone):
    done = lone.main(2, "--list-only", "--video-source", "mirror", "--folder-id", "269525")

    assert done.returncode == 1
    assert "--language-code" in done.stderr


def test_a_list_of_a_folder_without_a_language_needs_a_token(lone):
    done = lone.main(2, "--list-only", "--folder-id", "269525")

    assert done.returncode == 1
    assert "There is no Vimeo access token" in done.stderr


def test_vimeo_alone_does_not_mind_where_the_mirror_is(suite, project, arguments):
    done = suite.main(2, *arguments, "--video-source", "vimeo", ZUME_MIRROR_URL="mirror.example")

    assert (done.returncode, done.stderr) == (0, "")


def test_with_a_token_and_no_folder_the_mirror_is_used_and_that_is_said_in_one_line(suite, stand_in, project):
    stand_in.presenter.more_videos = (6, 9)
    (project.path.parent / "ky" / "videos").mkdir(parents=True)

    done = suite.main(2, "--project-path", project.path.parent / "ky", "--language-code", "ky")

    assert (done.returncode, done.stderr) == (0, "")
    assert lines_of(done)[0].startswith("No Vimeo folder is known for the language ky. The videos come from the site's")
    assert "Give its number with --folder-id ID" in lines_of(done)[0]
    assert stand_in.vimeo.log.requests == []


def test_two_files_of_the_user_with_one_number_are_named(lone, stand_in, project, arguments):
    video = StoredVideo(stand_in.vimeo.language_of("269525"), 9)
    content = b"".join(stand_in.vimeo.find_file(video, "360p").read())
    for name in ("(09) one.mp4", "09 two.mp4"):
        (project.videos / name).write_bytes(content)

    done = lone.main(2, *arguments)

    assert done.returncode == 0
    assert "Warning: Video 9 is there more than once: (09) one.mp4 and 09 two.mp4. Remove all but one." in done.stderr


def test_what_the_user_can_do_fits_what_is_missing(lone, stand_in, project, arguments):
    stand_in.presenter.short_course = None
    done = lone.main(2, *arguments, ZUME_MIRROR_URL=f"{stand_in.mirror_url}mistyped/")
    assert "Check ZUME_MIRROR_URL. Use another source, or leave the videos out: build.py --skip videos" in done.stderr

    done = lone.main(2, *arguments, ZUME_MIRROR_URL=NOWHERE)
    assert "Check ZUME_MIRROR_URL. Check the internet connection" in done.stderr


def test_an_account_without_downloads_is_told_of_the_mirror(suite, stand_in, project, arguments):
    stand_in.vimeo.faults.append(NoDownload())

    done = suite.main(2, *arguments, "--video-source", "vimeo")

    assert done.returncode == 1
    assert "Without --video-source vimeo the mirror stands in for what Vimeo does not give." in done.stderr
