"""Builds that are gone on with where they stopped, and say why each step runs or does not."""

from __future__ import annotations

import json
import os
import re
import shutil

import pytest
from PIL import Image

from builds.session import BuildSession, all_sessions, claim_session_id
from demo.presenter import ALL_ICONS
from demo.vimeo_faults import NoDownload
from quick_builds import BUILD, build, statuses

# --- Going on ---------------------------------------------------------------------------------------------------------


def test_a_resumed_build_says_why_each_step_runs_or_does_not(done, tmp_path):
    project = tmp_path / "packages" / "es"
    next((project / "10").glob("*_s1_1_1.png")).unlink()

    again = done.main(BUILD, "--resume", "first")

    assert again.returncode == 0, again.stderr
    assert "Setup: already done, nothing is missing." in again.stdout
    assert "Videos: already done, nothing is missing." in again.stdout
    assert "It runs because 10 has no good picture of session_1_s1_1_1." in again.stdout
    assert "It runs because its input may have changed." in again.stdout
    assert statuses(done, "first") == ["done"] * 4
    assert len(list((project / "10").glob("*_s1_1_1.png"))) == 1


DAMAGES = {
    "20 is missing": lambda project: (project / "20").rmdir(),
    "not of the size": lambda project: next((project / "videos").glob("*.mp4")).write_bytes(b"short"),
    "no record of the videos": lambda project: (project / "videos" / "download_results.json").unlink(),
    "10 has no manifest": lambda project: (project / "10" / "manifest.json").unlink(),
    "manifest.json cannot be read": lambda project: (project / "10" / "manifest.json").write_text("{"),
    "there is no package": lambda project: shutil.rmtree(project / "output"),
    "10/1.png in the package is not up to date": lambda project: (project / "output" / "10" / "1.png").unlink(),
}


def test_what_was_done_and_does_not_hold_any_more_is_done_again(done, tmp_path):
    for words, damage in DAMAGES.items():
        damage(tmp_path / "packages" / "es")
        again = done.main(BUILD, "--resume", "first")

        assert again.returncode == 0, again.stderr
        assert re.search(f"It runs because .*{re.escape(words)}", again.stdout)
    assert (tmp_path / "packages" / "es" / "output" / "10" / "1.png").is_file()


def test_a_flag_goes_before_the_setting_of_the_session(done, tmp_path):
    again = done.main(BUILD, "--resume", "first", "--width", "640")

    assert again.returncode == 0, again.stderr
    assert "It runs because --width has changed." in again.stdout
    with Image.open(tmp_path / "packages" / "es" / "output" / "10" / "1.png") as picture:
        assert picture.size == (640, 336)
    assert done.sessions()["first"]["options"]["width"] == 640


def test_the_build_to_go_on_with_is_the_newest_of_that_language_and_folder(suite, tmp_path):
    for session, language, folder in (
        ("a1", "es", "a"),
        ("b2", "fr", "a"),
        ("c3", "es", "b"),
    ):
        arguments = ("-l", language, "-f", tmp_path / folder, "-y", "--skip", "slides,rename", "--session-id", session)
        assert suite.main(BUILD, *arguments, VIMEO_ACCESS_TOKEN="a-wrong-token-31415926").returncode == 1

    def resumed(*arguments):
        found = suite.main(BUILD, "--resume", *arguments, VIMEO_ACCESS_TOKEN="a-wrong-token-31415926")
        return re.search(r"Build session (\w+):", found.stdout)[1]

    assert resumed() == "c3"
    assert resumed("-l", "es", "-f", tmp_path / "a") == "a1"
    assert resumed("-l", "fr") == "b2"
    assert resumed("-f", tmp_path / "b") == "c3"
    missing = suite.main(BUILD, "--resume", "-l", "fr", "-f", tmp_path / "b")
    assert missing.returncode == 1
    assert "no unfinished build of fr in" in missing.stderr


@pytest.mark.browser
def test_keep_going_makes_a_package_of_what_is_there_and_still_fails(suite, stand_in, tmp_path):
    stand_in.vimeo.faults = [NoDownload(numbers={1})]
    failed = build(suite, tmp_path, "--video-source", "vimeo", "--keep-going", "--session-id", "first")

    assert failed.returncode == 1
    assert "2 downloaded, 0 already there, 1 failed" in failed.stdout
    assert "video 1 is missing" in failed.stderr
    assert statuses(suite, "first") == ["done", "failed", "done", "failed"]
    assert list((tmp_path / "es" / "output" / "10").glob("*.png"))
    # The setting is the session's own.
    again = suite.main(BUILD, "--resume", "first")
    assert again.returncode == 1
    assert "Slides: already done" in again.stdout
    assert "3/4" not in again.stdout
    assert "4/4" in again.stdout


@pytest.mark.browser
def test_a_quiet_build_says_once_why_a_step_failed(suite, tmp_path):
    failed = build(suite, tmp_path, "--quiet", VIMEO_ACCESS_TOKEN="a-wrong-token-31415926")

    assert failed.stderr.count("Vimeo refuses the access token") == 1
    assert "These steps failed: Videos." in failed.stderr
    assert failed.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-l", "fr"), "builds es in"),
        (("-f", "/somewhere/else"), "builds es in"),
        (("--session-id", "new"), "--session-id names a new build"),
    ],
)
def test_what_contradicts_the_build_to_go_on_with_is_wrong_usage(arguments, words, suite, tmp_path):
    first = suite.main(BUILD, "-l", "es", "-f", tmp_path, "-y", "--skip", "videos,slides,rename", "--session-id", "a1")
    assert first.returncode == 0, first.stderr
    before = suite.sessions()
    refused = suite.main(BUILD, "--resume", "a1", *arguments)

    assert refused.returncode == 2
    assert words in refused.stderr
    assert suite.sessions() == before
    agreeing = suite.main(BUILD, "--resume", "a1", "-l", "es", "-f", tmp_path)
    assert agreeing.returncode == 0, agreeing.stderr


@pytest.mark.browser
def test_what_is_allowed_is_handed_on_kept_and_can_be_taken_back(suite, stand_in, tmp_path):
    stand_in.vimeo.numbers = {9}
    stand_in.mirror.numbers = ()
    stand_in.presenter.icon_missing = set(ALL_ICONS)
    allowed = build(suite, tmp_path, "--session-id", "first", "--allow-missing", "--allow-flawed")
    assert allowed.returncode == 0, allowed.stderr
    assert "flawed" in allowed.stdout
    (tmp_path / "es" / "output" / "10" / "1.png").unlink()
    assert suite.main(BUILD, "--resume", "first").returncode == 0

    strict = suite.main(BUILD, "--resume", "first", "--no-allow-missing", "--keep-going")
    assert strict.returncode == 1, strict.stdout
    assert "It runs because --allow-missing has changed." in strict.stdout
    assert "Slides: already done" in strict.stdout
    assert suite.sessions()["first"]["options"]["allow_missing"] is False
    assert suite.sessions()["first"]["options"]["allow_flawed"] is True


def test_of_two_builds_that_began_in_one_second_the_later_one_is_resumed(home):
    for session_id in ("bbbb", "aaaa", "cccc"):
        claim_session_id(session_id)
        session = BuildSession(session_id, "es", "/p", "/p/es", None, created_at="2026-11-22T10:00:00+00:00")
        session.save()
        os.utime(session.folder / "build_config.json", (0, {"bbbb": 30, "aaaa": 10, "cccc": 20}[session_id]))

    assert [session.session_id for session in all_sessions()] == ["bbbb", "cccc", "aaaa"]


def test_what_was_left_out_is_caught_up_when_skip_is_given_anew(suite, tmp_path):
    arguments = ("-l", "es", "-f", tmp_path, "-y", "--skip", "videos,slides,rename", "--session-id", "first")
    assert suite.main(BUILD, *arguments).returncode == 0
    still = suite.main(BUILD, "--resume", "first")
    assert "Videos: skipped, as requested." in still.stdout

    caught_up = suite.main(BUILD, "--resume", "first", "--skip", "slides,rename")
    assert caught_up.returncode == 0, caught_up.stderr
    assert "It runs because it has not been run yet." in caught_up.stdout
    assert statuses(suite, "first") == ["done", "done", "skipped", "skipped"]


def test_videos_that_were_left_out_for_want_of_a_folder_come_with_one(suite, tmp_path):
    session = {"-l": "ky", "-f": tmp_path, "--session-id": "first", "--skip": "videos,slides,rename"}
    assert suite.main(BUILD, *(part for pair in session.items() for part in pair), "-y").returncode == 0

    resumed = suite.main(BUILD, "--resume", "first", "--folder-id", "269525")
    assert resumed.returncode == 0, resumed.stderr
    assert statuses(suite, "first") == ["done", "done", "skipped", "skipped"]


def test_another_pace_is_no_reason_to_do_anything_again(done):
    again = done.main(BUILD, "--resume", "first", "--browsers", "2", "--max-workers", "2", "--wait", "7")

    assert again.returncode == 0, again.stderr
    assert again.stdout.count("already done, nothing is missing.") == 4
    assert done.sessions()["first"]["options"]["browsers"] == 2


def test_an_option_of_one_part_reaches_it_through_a_build_is_kept_and_repeats_its_step(done, tmp_path):
    picture = tmp_path / "packages" / "es" / "output" / "10" / "1.png"

    again = done.main(BUILD, "--resume", "first", "--link", "copy", "--settle", "0.1", "--max-workers", "2")

    assert again.returncode == 0, again.stderr
    assert again.stdout.count("already done, nothing is missing.") == 3
    assert "It runs because --link has changed." in again.stdout
    picture.unlink()
    assert done.main(BUILD, "--resume", "first").returncode == 0
    # Without the option it would be a link.
    assert picture.stat().st_nlink == 1
    kept = done.sessions()["first"]["options"]
    assert {name: kept[name] for name in ("link", "settle", "max_workers")} == {
        "link": "copy",
        "settle": 0.1,
        "max_workers": 2,
    }


def test_another_vimeo_folder_is_a_reason_to_look_at_the_videos_again(done):
    again = done.main(BUILD, "--resume", "first", "--folder-id", "269526", "--skip", "slides,rename")

    assert "It runs because --folder-id has changed." in again.stdout


def test_a_demo_is_resumed_as_a_demo(lone_suite, tmp_path):
    started = lone_suite.main(
        BUILD, "--demo", "-f", tmp_path, "--skip", "slides,rename", "--session-id", "first", "--quiet"
    )
    assert started.returncode == 0, started.stderr

    arguments = ("-l", "es", "-f", tmp_path, "-y", "--skip", "videos,slides,rename", "--session-id", "no-demo")
    assert lone_suite.main(BUILD, *arguments).returncode == 0
    assert lone_suite.main(BUILD, "--demo", "--resume", "no-demo").returncode == 2

    for arguments in (("first",), (), ("first", "--demo"), ("--demo",)):
        next((tmp_path / "en" / "videos").glob("*.mp4")).unlink()
        again = lone_suite.main(BUILD, "--resume", *arguments, "--skip", "slides")
        # There are no pictures to make a package of.
        assert again.returncode == 1
        assert re.search(r"29 already there|1 downloaded, 28 already there", again.stdout), again.stdout + again.stderr


# --- Decks ------------------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_decks_are_a_fifth_step_of_builds_that_are_asked_for_them(suite, tmp_path):
    plain = build(suite, tmp_path / "plain", "--session-id", "plain", "--json")
    assert plain.returncode == 0, plain.stderr
    assert list(suite.sessions()["plain"]["steps"]) == ["setup", "videos", "slides", "rename"]
    assert not list((tmp_path / "plain").rglob("*.pptx"))
    listed = suite.main(BUILD, "--list-sessions", "--verbose")
    assert re.search(r"plain: setup done .*, rename done \([^,]*\)\n", listed.stdout)

    added = suite.main(BUILD, "--resume", "plain", "--decks", "--json")
    assert added.returncode == 0, added.stderr
    assert "5/5 Decks" in added.stdout
    assert "It runs because it has not been run yet." in added.stdout
    assert json.loads(added.stdout.splitlines()[-1])["steps"]["decks"]["status"] == "done"
    (deck,) = (tmp_path / "plain").rglob("*.pptx")
    assert deck == tmp_path / "plain" / "es" / "output" / "zume-es-ten_session.pptx"
    listed = suite.main(BUILD, "--list-sessions", "--verbose")
    assert re.search(r"plain: setup done .*, decks done \([^,]*\)\n", listed.stdout)


@pytest.mark.browser
def test_decks_are_made_again_when_there_is_a_reason(suite, tmp_path):
    first = build(suite, tmp_path, "--session-id", "first", "--decks")
    assert first.returncode == 0, first.stderr
    deck = tmp_path / "es" / "output" / "zume-es-ten_session.pptx"

    again = suite.main(BUILD, "--resume", "first")
    assert "Decks: already done, nothing is missing." in again.stdout
    whole = deck.read_bytes()
    deck.write_bytes(whole[: len(whole) // 2])
    again = suite.main(BUILD, "--resume", "first", "--json")
    assert "It runs because there is no whole deck of 10." in again.stdout
    assert f"Deck: {deck.name}\n" in again.stdout
    assert json.loads(again.stdout.splitlines()[-1])["decks"] == [deck.name]
    assert deck.read_bytes() == whole
    next((tmp_path / "es" / "10").glob("*_s1_1_1.png")).unlink()
    again = suite.main(BUILD, "--resume", "first")
    assert again.stdout.count("It runs because its input may have changed.") == 2
    # Somebody has put a picture of their own into the package.
    picture = tmp_path / "es" / "output" / "10" / "1.png"
    picture.with_suffix(".new").write_bytes(picture.read_bytes())
    picture.with_suffix(".new").replace(picture)
    again = suite.main(BUILD, "--resume", "first")
    assert "It runs because the package has changed since the deck of 10 was made." in again.stdout
    assert again.returncode == 0, again.stderr


@pytest.mark.browser
def test_decks_can_be_left_out_and_know_what_is_allowed(suite, stand_in, tmp_path):
    stand_in.vimeo.numbers = {9}
    stand_in.mirror.numbers = ()
    skipped = build(suite, tmp_path / "skipped", "--decks", "--skip", "decks", "--allow-missing", "--session-id", "a1")
    assert skipped.returncode == 0, skipped.stderr
    assert statuses(suite, "a1") == ["done"] * 4 + ["skipped"]

    wanted = suite.main(BUILD, "--resume", "-l", "es", "--decks", "--skip=")
    assert wanted.returncode == 0, wanted.stderr
    assert statuses(suite, "a1") == ["done"] * 5

    kept = build(suite, tmp_path / "kept", "--decks", "--keep-going", "--session-id", "b2")
    assert kept.returncode == 1
    assert statuses(suite, "b2") == ["done", "failed", "done", "failed", "failed"]
    assert list((tmp_path / "kept").rglob("*.pptx"))
    allowed = suite.main(BUILD, "--resume", "b2", "--allow-missing")
    assert allowed.returncode == 0, allowed.stderr
    assert statuses(suite, "b2") == ["done"] * 5
