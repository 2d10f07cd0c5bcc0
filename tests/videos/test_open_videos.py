"""Videos that a player has open: Windows lets nobody replace or remove them meanwhile."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from common import files_in_use
from demo.vimeo_faults import WrongBytes

QUALITY = "720p"


@pytest.fixture
def windows(monkeypatch):
    """Refusals are taken for files that are open, as on Windows, and soon given up."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(files_in_use, "_PAUSE", 0)
    monkeypatch.setattr(files_in_use, "_PATIENCE", 0.05)


@pytest.fixture
def refuse(windows, monkeypatch):
    """Lets nobody replace or remove a file, for so many tries."""

    def make(name, is_open, tries=10**9):
        real, left = getattr(Path, name), [tries]

        def do(self, *arguments, **options):
            if left[0] and is_open(self, *arguments):
                left[0] -= 1
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
            return real(self, *arguments, **options)

        monkeypatch.setattr(Path, name, do)
        return left

    return make


def test_a_video_that_plays_while_its_new_content_comes_stays_and_the_download_is_used_later(client, refuse):
    old = client.fetch("360p")[6]
    path = client.file_of(old)
    left = refuse("replace", lambda source, target: source.suffix == ".part" and Path(target) == path)

    failed = client.fetch(QUALITY)[6]

    assert failed.status == "failed"
    assert f"{path} cannot be written: Permission denied. Close the video in all players" in failed.error
    assert path.read_bytes() == client.content(6, "360p")
    left[0] = 0
    client.server.log.clear()
    assert client.fetch(QUALITY)[6].status == "success"
    assert client.requests("cdn", 6) == []
    assert path.read_bytes() == client.content(6, QUALITY)


def test_an_old_file_that_plays_stays_with_a_warning_when_its_video_has_come_under_a_new_name(client, refuse, capsys):
    old = client.file_of(client.fetch("360p")[6])
    client.server.titles[6] = "(06) A new name"
    left = refuse("unlink", lambda path: path == old)

    results = client.fetch(QUALITY)

    assert results[6].status == "success"
    assert client.file_of(results[6]).read_bytes() == client.content(6, QUALITY)
    assert f"{old} is no longer used, but cannot be moved away: Permission denied" in capsys.readouterr().err
    assert left[0] < 10**9
    assert old.read_bytes() == client.content(6, "360p")


def test_a_wrong_download_that_a_virus_scanner_looks_at_for_a_moment_comes_again(client, refuse):
    client.server.faults.append(WrongBytes(times=1, numbers={6}))
    left = refuse("unlink", lambda path: path.suffix == ".part" and path.exists(), tries=2)

    assert client.fetch(QUALITY)[6].status == "success"
    assert left == [0]
    assert client.on_disk()[6] == client.content(6, QUALITY)


def test_a_video_that_plays_when_its_successor_has_come_is_moved_away_by_a_later_run(client, refuse, capsys):
    old = client.file_of(client.fetch(QUALITY)[6])
    client.server.remade_titles[6] = "(06) Anew"
    left = refuse("unlink", lambda path: path == old)

    assert client.fetch(QUALITY)[6].status == "success"
    assert f"{old} is no longer used, but cannot be moved away: Permission denied" in capsys.readouterr().err
    assert old.exists()
    left[0] = 2
    client.fetch(QUALITY)
    assert not old.exists()
    assert [path.read_bytes() for path in (client.project.videos / "replaced").iterdir()] == [
        client.content(6, QUALITY)
    ]
