"""Paths that are too long for Windows are told before anything is made, and names of videos leave room for folders."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from _config import resolve
from common import path_length
from common.errors import BuilderError
from common.path_length import LONGEST_NAME_ON_WINDOWS, length_on_windows, require_short_path
from downloads import video_of
from videos.names import file_names
from videos.replaced import FOLDER

LONG = Path("C:\\") / ("x" * 150)


@pytest.fixture
def windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(path_length, "_long_paths_are_allowed", lambda: False)


def test_a_path_that_is_too_long_is_refused_with_both_lengths(windows):
    with pytest.raises(BuilderError, match=f"{len(str(LONG))} characters, and {259 - 117} are the most") as refusal:
        require_short_path(LONG)
    assert str(LONG) in refusal.value.message
    assert "shorter" in refusal.value.remedy


def test_the_longest_path_that_is_taken_has_room_for_all_that_is_made_in_it(windows):
    longest = Path("C:/" + "x" * (259 - 117 - 3))
    require_short_path(longest)
    with pytest.raises(BuilderError):
        require_short_path(Path(f"{longest}y"))
    name = file_names([video_of((), "Makers, Not Takers " * 20, "1"), video_of((), "Makers, Not Takers " * 20, "2")])
    assert all(length_on_windows(f"{longest}/videos/{FOLDER}/{each}") <= 259 for each in name.values())
    assert len(set(name.values())) == 2


def test_where_long_paths_are_allowed_and_on_other_systems_nothing_is_refused(windows, monkeypatch):
    monkeypatch.setattr(path_length, "_long_paths_are_allowed", lambda: True)
    require_short_path(LONG)
    monkeypatch.setattr(path_length, "_long_paths_are_allowed", lambda: False)
    monkeypatch.setattr(sys, "platform", "darwin")
    require_short_path(LONG)


def test_every_part_refuses_it(windows, monkeypatch):
    monkeypatch.delenv("ZUME_PROJECT_PATH", raising=False)
    arguments = argparse.Namespace(
        project_path=str(Path.cwd().joinpath("x" * 150)), language_code="es", session_id=None
    )
    with pytest.raises(BuilderError, match="too long for Windows"):
        resolve(arguments, ("project_path", "language_code"))


@pytest.mark.parametrize("title", ["a" * 300, "မြန်မာ" * 60, "\U0001f600" * 120])
def test_on_windows_the_name_of_a_video_is_short_and_whole(title, windows):
    (name,) = file_names([video_of((), title, "1")]).values()
    assert name.endswith(".mp4")
    assert length_on_windows(name) <= LONGEST_NAME_ON_WINDOWS
    assert length_on_windows(name) > 80 or len(name.encode()) > 240  # no file system takes more than 255 bytes
    name.encode()  # no half of a letter
