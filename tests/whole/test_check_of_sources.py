"""``build.py --check``: what it says of the sources of the videos, and when the mirror may stand in."""

from __future__ import annotations

import shutil

import pytest

from check_rows import assert_wrong
from course.languages import find_language
from demo.vimeo_faults import NoDownload
from demo.vimeo_videos import StoredVideo
from quick_builds import BUILD, rows_of
from suite import NOWHERE

VIMEO_ROWS = {"Vimeo folder", "Vimeo token", "Token scopes"}
FROM_MIRROR = "The videos come from the site's public mirror, in lower quality."


@pytest.fixture
def check(suite, tmp_path):
    """Checks the videos alone; returns how that ended, and the rows."""

    def run(*arguments, language="es", **environment):
        command = ("-l", language, "-f", tmp_path, "--check", "--skip", "slides", *arguments)
        done = suite.main(BUILD, *command, **environment)
        return done, rows_of(done.stdout)

    return run


def doubtful(rows):
    return {name for name, (result, _) in rows.items() if result == "warning"}


def test_where_the_mirror_is_chosen_nothing_of_vimeo_is_looked_at(check, stand_in):
    done, rows = check("--video-source", "mirror", VIMEO_ACCESS_TOKEN="")

    assert done.returncode == 0, done.stdout
    assert not rows.keys() & VIMEO_ROWS
    assert rows["Videos"][0] == "ok"
    assert rows["Videos"][1].startswith("1 video from the mirror; ")
    assert stand_in.vimeo.log.of_kind("api") == []


@pytest.mark.parametrize("language", ["es", "ar_jo"])
def test_without_a_token_the_mirror_stands_in_and_the_folder_does_not_matter(language, check, stand_in):
    done, rows = check(language=language, VIMEO_ACCESS_TOKEN="")

    assert done.returncode == 0, done.stdout
    assert rows.keys() & VIMEO_ROWS == {"Vimeo token"}
    assert doubtful(rows) == {"Vimeo token"}
    assert "Without a Vimeo token the videos come from the site's public mirror" in rows["Vimeo token"][1]
    assert "parts/1-setup.py in a terminal stores it" in rows["Vimeo token"][1]
    assert "1 video from the mirror" in rows["Videos"][1]
    assert stand_in.vimeo.log.of_kind("api") == []


def test_a_token_without_a_folder_is_a_doubt_that_says_what_gives_the_folder(check):
    done, rows = check(language="ar_jo")

    assert done.returncode == 0, done.stdout
    assert doubtful(rows) == {"Vimeo folder"}
    assert f"No Vimeo folder is known for the language ar_jo. {FROM_MIRROR}" in rows["Vimeo folder"][1]
    assert "--folder-id ID" in rows["Vimeo folder"][1]
    assert "1 video from the mirror" in rows["Videos"][1]


@pytest.mark.parametrize(
    ("scope", "lacking", "words"),
    [
        ("public video_files", "private", FROM_MIRROR),
        ("public private", "video_files", "From the mirror, because Vimeo does not give them: 01."),
    ],
)
def test_a_token_without_a_scope_is_a_doubt_where_the_mirror_stands_in(scope, lacking, words, check, stand_in):
    stand_in.vimeo.scope = scope
    done, rows = check()

    assert done.returncode == 0, done.stdout
    assert doubtful(rows) == {"Token scopes", "Videos"}
    assert f"lacks the scope {lacking}. {FROM_MIRROR}" in rows["Token scopes"][1]
    assert words in rows["Videos"][1]
    # The table breaks long lines.
    assert "Found: 1 video from the mirror; " in " ".join(done.stdout.split())


def test_a_file_of_the_token_that_cannot_be_read_stays_an_error(check, suite):
    (suite.home / ".env").write_bytes(b"\xff")
    done, rows = check()

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for row in ("Vimeo token", "Token scopes", "Videos"):
        assert rows[row][0] == "error"
        assert ".env cannot be read: it is not UTF-8." in rows[row][1]


def test_the_videos_are_counted_by_where_they_are(check, stand_in, suite, tmp_path):
    stand_in.presenter.more_videos = [6, 9, 14]
    stand_in.vimeo.numbers = {1, 6}
    file = tmp_path / "es" / "videos" / "(14) of my own.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"".join(stand_in.mirror.file(stand_in.mirror.find_video("es", 14)).read()))
    before = sorted(tmp_path.rglob("*"))
    done, rows = check()

    assert done.returncode == 0, done.stdout
    assert rows["Videos"][0] == "ok"
    assert rows["Videos"][1].startswith("4 videos (2 from Vimeo, 1 from the mirror, 1 already there); ")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_video_that_no_source_has_is_an_error_unless_it_may_be_missing(check, stand_in):
    stand_in.presenter.more_videos = [33]
    stand_in.mirror.numbers = {1}
    why = "The course's video 33 is neither on Vimeo nor on the mirror"
    done, rows = check()
    assert_wrong(done, rows, "Videos", "error", why, "or go on without it: --allow-missing")

    done, rows = check("--allow-missing")
    assert_wrong(done, rows, "Videos", "warning", why, "Found: 3 videos from Vimeo")


@pytest.mark.parametrize(("more", "result"), [((), "error"), (("--allow-missing",), "warning")])
def test_a_course_of_which_the_mirror_has_nothing_is_an_error_unless_videos_may_be_missing(
    more, result, check, stand_in
):
    stand_in.mirror.numbers = set()
    done, rows = check(*more, "--video-source", "mirror")

    assert_wrong(done, rows, "Videos", result, "The course's video 1 is not on the mirror")


def test_a_video_that_vimeo_does_not_give_is_an_error_where_nothing_stands_in(check, stand_in):
    stand_in.vimeo.faults = [NoDownload(numbers={6})]
    done, rows = check("--video-source", "vimeo")

    assert_wrong(done, rows, "Videos", "error", "1 of 3 videos cannot be downloaded.", "No download link.")


@pytest.mark.parametrize(("token", "message"), [(True, "2 of 3 videos cannot be downloaded."), (False, "")])
def test_a_mirror_that_does_not_answer_is_an_error_in_one_sentence(token, message, check, stand_in):
    stand_in.presenter.more_videos = [6, 9]
    stand_in.vimeo.numbers = {1}
    done, rows = check(ZUME_MIRROR_URL=NOWHERE, **({} if token else {"VIMEO_ACCESS_TOKEN": ""}))

    assert_wrong(done, rows, "Videos", "error", message, f"The mirror cannot be reached at {NOWHERE}")
    assert rows["Videos"][1].count("The mirror cannot be reached") == 1


def test_a_mirror_that_is_not_needed_may_be_down(check):
    done, rows = check(ZUME_MIRROR_URL=NOWHERE)

    assert done.returncode == 0
    assert rows["Videos"][0] == "ok"


def test_an_address_of_the_mirror_that_is_none_is_an_error(check):
    done, rows = check(ZUME_MIRROR_URL="no address")

    assert_wrong(done, rows, "Videos", "error", "ZUME_MIRROR_URL is not a web address")


def test_a_page_that_does_not_tell_the_videos_is_a_doubt(check, stand_in):
    stand_in.vimeo.numbers = None
    done, rows = check(ZUME_SITE_URL=NOWHERE)

    assert_wrong(done, rows, "Videos", "warning", "The site does not say which videos the course needs")


def test_a_video_without_a_number_is_a_doubt_until_it_has_one(check, stand_in):
    key = StoredVideo(find_language("es"), 6).id
    stand_in.vimeo.titles = {6: "Without a number"}
    stand_in.presenter.more_videos = [6]
    stand_in.presenter.site_video_ids = {6: ""}
    done, rows = check()
    assert_wrong(done, rows, "Videos", "warning", f"--number NN={key}", "Found: 4 videos (3 from Vimeo, 1 from the ")

    done, rows = check("--number", f"06={key}")
    assert rows["Videos"][0] == "ok", done.stdout
    assert rows["Videos"][1].startswith("3 videos from Vimeo; ")


def test_where_the_mirror_has_one_file_for_each_no_smaller_rendition_is_proposed(check, monkeypatch):
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real(path)._replace(free=10))
    done, rows = check("--video-source", "mirror")

    assert_wrong(done, rows, "Videos", "error", "The disk is too small", "Free space.")
    assert "--quality" not in rows["Videos"][1]
