"""build.py at a terminal of somebody without an account at Vimeo, or without its folder: what Enter means there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quick_builds import BUILD
from suite import Suite
from terminal import Terminal

TOKEN = "VIMEO_ACCESS_TOKEN (needed to download videos from Vimeo; Enter "
TO_MIRROR = "to take the videos from the site's public mirror): "
KNOWN = "The videos in Spanish are in Vimeo folder 269525. Use it? (Y/n)"
SAID = "Without a Vimeo token the videos come from the site's public mirror, in lower quality."


@pytest.fixture
def suite(suite: Suite, tmp_path: Path) -> Suite:
    """The scripts, and a folder for packages."""
    (tmp_path / "packages").mkdir()
    return suite


def build_at_terminal(suite: Suite, folder: Path, *arguments: object) -> Terminal:
    """Start a build of no more than the videos at a terminal."""
    skipped = ("--skip", "setup,slides,rename")
    place = ("-f", folder / "packages", "--session-id", "first")
    return Terminal(suite.command(BUILD, *arguments, *place, *skipped), suite.environment, folder)


def state(suite: Suite) -> dict:
    return suite.sessions()["first"]


def sources(suite: Suite) -> set[str]:
    """Return where the videos of the build came from."""
    record = Path(state(suite)["project_path"]) / "videos" / "download_results.json"
    return {entry["source"] for entry in json.loads(record.read_text(encoding="utf-8"))}


def test_enter_in_place_of_the_token_means_the_mirror_and_no_folder_is_asked_for(suite, stand_in, tmp_path):
    del suite.environment["VIMEO_ACCESS_TOKEN"]
    (tmp_path / "packages" / "es").mkdir()
    with build_at_terminal(suite, tmp_path, "-l", "es") as terminal:
        terminal.answer(TOKEN + TO_MIRROR, "")
        assert terminal.wait() == 0, terminal.screen

    assert terminal.screen.count(SAID) == 1
    assert "Vimeo folder" not in terminal.screen
    assert sources(suite) == {"mirror"}
    assert stand_in.vimeo.log.of_kind("api") == []


def test_where_the_mirror_is_chosen_neither_the_token_nor_the_folder_is_asked_for(suite, tmp_path):
    del suite.environment["VIMEO_ACCESS_TOKEN"]
    (tmp_path / "packages" / "es").mkdir()
    with build_at_terminal(suite, tmp_path, "-l", "es", "--video-source", "mirror") as terminal:
        assert terminal.wait() == 0, terminal.screen

    assert "Vimeo" not in terminal.screen
    assert sources(suite) == {"mirror"}


def test_enter_in_place_of_an_unknown_folder_means_the_mirror(suite, tmp_path):
    (tmp_path / "packages" / "ar_jo").mkdir()
    with build_at_terminal(suite, tmp_path, "-l", "ar_jo") as terminal:
        terminal.answer(f"Number of the Vimeo folder for Arabic (Jordanian) (Enter {TO_MIRROR}", "")
        assert terminal.wait() == 0, terminal.screen

    assert state(suite)["steps"]["videos"]["status"] == "done"
    # As soon as a folder is known, it is used.
    assert state(suite)["options"].get("video_source", "auto") == "auto"
    assert sources(suite) == {"mirror"}


def test_a_known_folder_can_be_declined_in_favour_of_the_mirror(suite, stand_in, tmp_path):
    (tmp_path / "packages" / "es").mkdir()
    with build_at_terminal(suite, tmp_path, "-l", "es") as terminal:
        terminal.answer(KNOWN, "n")
        terminal.answer(f"Number of the Vimeo folder for Spanish (Enter {TO_MIRROR}", "")
        terminal.expect("takes its videos from the mirror alone (--video-source mirror)")
        terminal.answer("Start the build?", "")
        assert terminal.wait() == 0, terminal.screen

    assert sources(suite) == {"mirror"}
    assert stand_in.vimeo.log.of_kind("api") == []
    resumed = suite.main(BUILD, "--resume", "first")
    assert "Videos: already done, nothing is missing." in resumed.stdout


def test_where_only_vimeo_will_do_enter_leaves_out_the_token_and_skips_the_videos(suite, tmp_path):
    del suite.environment["VIMEO_ACCESS_TOKEN"]
    (tmp_path / "packages" / "ar_jo").mkdir()
    with build_at_terminal(suite, tmp_path, "-l", "ar_jo", "--video-source", "vimeo") as terminal:
        terminal.answer(f"{TOKEN}to leave it out): ", "")
        terminal.answer("Number of the Vimeo folder for Arabic (Jordanian) (Enter to skip the videos): ", "")
        terminal.answer("Start the build?", "")
        assert terminal.wait() == 0, terminal.screen

    assert state(suite)["steps"]["videos"]["status"] == "skipped"
    assert SAID not in terminal.screen
