"""Builds by people without an account at Vimeo, or without its folder: the mirror gives the videos."""

from __future__ import annotations

import json
from hashlib import md5

import pytest
from PIL import Image

from quick_builds import BUILD, build, statuses
from suite import NOWHERE

SAID = "Without a Vimeo token the videos come from the site's public mirror, in lower quality."
# Nothing can be fetched with these.
OFFLINE = {"VIMEO_API_URL": NOWHERE, "ZUME_SITE_URL": NOWHERE, "ZUME_MIRROR_URL": NOWHERE}


def sources(project):
    """Return where the videos of a project came from, by number, as its record says."""
    record = json.loads((project / "videos" / "download_results.json").read_text(encoding="utf-8"))
    return {entry["number"]: entry["source"] for entry in record}


def assert_whole_package_of_the_mirror(stand_in, project):
    """Check that a package has its pictures, and that each of its videos is the mirror's."""
    output = project / "output"
    assert sources(project) == dict.fromkeys((1, 6, 9), "mirror")
    wanted = {f"{number}.mp4": stand_in.mirror.find_video(project.name, number) for number in (1, 6, 9)}
    assert {path.name: md5(path.read_bytes()).hexdigest() for path in (output / "videos").iterdir()} == {
        name: stand_in.mirror.file(video).md5 for name, video in wanted.items()
    }
    assert {path.name for path in (output / "10").iterdir()} >= {"1.png", "2.mp4", "3.png"}
    with Image.open(output / "10" / "1.png") as picture:
        assert picture.size == (600, 336)


@pytest.mark.browser
def test_without_a_token_a_build_makes_a_whole_package_and_says_once_where_the_videos_come_from(
    suite, stand_in, tmp_path
):
    suite.environment["VIMEO_ACCESS_TOKEN"] = ""
    stand_in.presenter.more_videos = [6, 9]
    done = build(suite, tmp_path, "--session-id", "first")

    assert done.returncode == 0, done.stdout + done.stderr
    assert_whole_package_of_the_mirror(stand_in, tmp_path / "es")
    assert (done.stdout + done.stderr).count(SAID) == 1
    assert f"Warning: es: {SAID} With one they come from Vimeo" in done.stderr
    assert stand_in.vimeo.log.of_kind("api") == []

    again = suite.main(BUILD, "--resume", "first", **OFFLINE)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("already done, nothing is missing.") == 4


@pytest.mark.browser
def test_a_build_from_the_mirror_alone_asks_vimeo_nothing_and_says_once_what_the_mirror_cannot_do(
    suite, stand_in, tmp_path
):
    stand_in.presenter.more_videos = [6, 9]
    done = build(suite, tmp_path, "--video-source", "mirror", "--quality", "720p")

    assert done.returncode == 0, done.stdout + done.stderr
    assert_whole_package_of_the_mirror(stand_in, tmp_path / "es")
    assert (done.stdout + done.stderr).count("--quality 720p has no effect") == 1
    assert "Without a Vimeo token" not in done.stdout + done.stderr
    assert stand_in.vimeo.log.of_kind("api") == []


def test_the_demo_can_take_its_videos_from_the_mirror_whatever_mirror_is_set(lone_suite, tmp_path):
    arguments = ("--demo", "-f", tmp_path, "--video-source", "mirror", "--skip", "slides,rename")
    done = lone_suite.main(BUILD, *arguments, ZUME_MIRROR_URL=NOWHERE)

    assert done.returncode == 0, done.stdout + done.stderr
    videos = sources(tmp_path / "en")
    assert len(videos) == 29
    assert set(videos.values()) == {"mirror"}


@pytest.mark.browser
def test_a_video_that_no_source_has_can_be_allowed_to_be_missing(suite, stand_in, tmp_path):
    suite.environment["VIMEO_ACCESS_TOKEN"] = ""
    stand_in.presenter.more_videos = [33]
    stand_in.mirror.numbers = {1, 6, 9}
    failed = build(suite, tmp_path, "--session-id", "first")

    assert failed.returncode == 1
    assert "The course's video 33 is not on the mirror" in failed.stderr
    assert "or go on without it: --allow-missing" in failed.stderr
    assert statuses(suite, "first")[1] == "failed"

    done = suite.main(BUILD, "--resume", "first", "--allow-missing")
    assert done.returncode == 0, done.stdout + done.stderr
    assert statuses(suite, "first") == ["done"] * 4

    again = suite.main(BUILD, "--resume", "first", **OFFLINE)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("already done, nothing is missing.") == 4


def test_another_source_is_a_reason_to_look_at_the_videos_again(done, tmp_path):
    again = done.main(BUILD, "--resume", "first", "--video-source", "vimeo", "--skip", "slides,rename")

    assert again.returncode == 0, again.stderr
    assert "It runs because --video-source has changed." in again.stdout
    assert json.loads((tmp_path / "packages" / "es" / "package.json").read_text())["video_source"] == "vimeo"


def test_a_language_without_a_folder_has_its_videos_from_the_mirror_until_it_gets_one(suite, stand_in, tmp_path):
    arguments = ("-l", "ar_jo", "-f", tmp_path, "-y", "--skip", "slides,rename", "--session-id", "first")
    done = suite.main(BUILD, *arguments)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning: ar_jo: No Vimeo folder is known for the language ar_jo." in done.stderr
    assert "Give its number with --folder-id ID" in done.stderr
    assert set(sources(tmp_path / "ar_jo").values()) == {"mirror"}

    again = suite.main(BUILD, "--resume", "first", "--folder-id", "269525")
    assert "It runs because --folder-id has changed." in again.stdout
    assert again.returncode == 0, again.stderr
    assert set(sources(tmp_path / "ar_jo").values()) >= {"vimeo"}
