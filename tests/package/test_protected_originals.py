"""Originals that somebody has protected: their copies in the package can be replaced all the same."""

from __future__ import annotations

import os
import stat
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.filesystem import unprotect
from courses import SHORT, START, TEN, leftovers


@pytest.mark.parametrize("link", ["hard", "copy"])
def test_a_package_of_protected_originals_is_replaced_and_leaves_nothing(link, course):
    for path in course.project.videos.glob("*.mp4"):
        path.chmod(stat.S_IREAD)
    course.publish(link)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    course.publish(link)

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert leftovers(course.project) == []


def test_on_windows_a_file_that_is_read_only_is_made_writable_before_it_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(stat.S_IREAD)

    unprotect(tmp_path / "file")

    assert (tmp_path / "file").stat().st_mode & stat.S_IWRITE


@pytest.mark.parametrize(("flags", "wanted"), [(stat.UF_IMMUTABLE | stat.UF_HIDDEN, [stat.UF_HIDDEN]), (0, [])])
def test_on_a_mac_a_file_that_is_locked_is_unlocked_before_it_is_removed(flags, wanted, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "chflags", lambda path, new, **_: made.append((path, new)), raising=False)
    monkeypatch.setattr(Path, "lstat", lambda _: SimpleNamespace(st_mode=stat.S_IFREG | 0o644, st_flags=flags))

    unprotect(tmp_path / "file")

    assert made == [(tmp_path / "file", new) for new in wanted]


def test_elsewhere_a_file_stays_as_it_is(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(stat.S_IREAD)
    if sys.platform == "linux":
        unprotect(tmp_path / "file")
        assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == stat.S_IREAD
