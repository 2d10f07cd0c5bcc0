"""Which folder is offered for the packages."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from builds.offered_folder import folder_to_offer
from builds.session import BuildSession
from suite import ROOT
from systems import USERS_HOME, links_needed


@pytest.fixture
def elsewhere(home, tmp_path, monkeypatch) -> Path:
    """A working directory of the user."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def build_in(folder: Path, name: str, created_at: str) -> BuildSession:
    session = BuildSession(name, "es", str(folder), str(folder / "es"), None, created_at)
    session.folder.mkdir(parents=True)
    session.save()
    return session


def test_that_of_the_newest_build_whose_folder_is_there(elsewhere, tmp_path):
    for number, name in enumerate(("old", "new", "gone"), start=1):
        (tmp_path / name).mkdir()
        build_in(tmp_path / name, f"session-{number}", f"2026-11-2{number}T10:00:00+00:00")
    (tmp_path / "gone").rmdir()

    assert folder_to_offer() == tmp_path / "new"


def test_without_a_build_the_working_directory(elsewhere):
    assert folder_to_offer() == elsewhere


@pytest.mark.parametrize("wrong", [7, None, ["x"], "a\0b", "~nobody-at-all/x", "", {}])
def test_a_torn_state_is_passed_over(wrong, elsewhere, tmp_path):
    session = build_in(tmp_path, "torn", "2026-11-28T10:00:00+00:00")
    state = session.folder / "build_config.json"
    content = json.loads(state.read_text(encoding="utf-8"))
    state.write_text(json.dumps({**content, "folder_location": wrong}), encoding="utf-8")

    assert folder_to_offer() == elsewhere


@pytest.mark.parametrize(
    "place", ["program", "parts", "home", "inside home", pytest.param("linked", marks=links_needed)]
)
def test_never_the_programs_own_folder_nor_what_is_in_it(place, elsewhere, home, tmp_path, monkeypatch):
    (home / "packages").mkdir()
    if place == "linked":
        (tmp_path / "linked").symlink_to(ROOT / "parts", target_is_directory=True)
    ours = {"program": ROOT, "parts": ROOT / "parts", "home": home, "inside home": home / "packages"}
    folder = ours.get(place, tmp_path / place)
    build_in(folder, "newest", "2026-11-28T10:00:00+00:00")
    assert folder_to_offer() == elsewhere

    monkeypatch.chdir(folder)
    monkeypatch.setenv(USERS_HOME, str(tmp_path / "user"))
    assert folder_to_offer() == tmp_path / "user" / "zume-packages"


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps the working directory of a process")
def test_a_working_directory_that_is_gone_is_not_offered(elsewhere, tmp_path, monkeypatch):
    monkeypatch.setenv(USERS_HOME, str(tmp_path))
    elsewhere.rmdir()

    assert folder_to_offer() == tmp_path / "zume-packages"
