"""What a report says about disks that behave otherwise than those of Linux."""

from __future__ import annotations

import sys

import pytest

from builds.machine_facts import about_file_system
from odd_disks import APFS, EXFAT, HFS_PLUS, lay_disk


@pytest.mark.skipif(sys.platform == "win32", reason="the disk below ignores case itself")
@pytest.mark.parametrize(
    ("kind", "links", "letters", "accents"),
    [
        (HFS_PLUS, "yes", "the same", "stored in another form"),
        (APFS, "yes", "the same", "kept"),
        (EXFAT["Windows"], "no (EINVAL)", "the same", "kept"),
        (EXFAT["Linux"], "no (EPERM)", "the same", "kept"),
    ],
)
def test_a_report_says_what_an_odd_disk_can_do(kind, links, letters, accents, tmp_path, monkeypatch):
    lay_disk(monkeypatch, tmp_path, kind)

    lines = dict(line.split(": ", 1) for line in about_file_system(tmp_path / "package", tmp_path))

    assert lines["hard links"] == links
    assert lines["large and small letters in names"] == letters
    assert lines["accents in names"] == accents
    assert [path.name for path in tmp_path.iterdir()] == []
