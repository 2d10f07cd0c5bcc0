"""Whether an MP4 file ends too early, as far as its boxes tell."""

from __future__ import annotations

import pytest

from demo.make_videos import FOLDER
from videos.mp4 import ends_early


def box(kind, content, length=None):
    return (8 + len(content) if length is None else length).to_bytes(4, "big") + kind + content


START = box(b"ftyp", b"isom\0\0\0\0")
LONG = (1).to_bytes(4, "big") + b"mdat" + (16 + 5).to_bytes(8, "big") + b"video"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.mp4"))[:3], ids=lambda path: path.name)
def test_a_real_video_is_whole_and_any_beginning_of_it_is_not(path, tmp_path):
    content = path.read_bytes()
    cut = tmp_path / "cut.mp4"

    assert not ends_early(path)
    for size in (len(content) - 1, len(content) // 2, 100):
        cut.write_bytes(content[:size])
        assert ends_early(cut), size


@pytest.mark.parametrize(
    ("content", "is_early"),
    [
        (START, False),
        (START[:-1], True),
        (START + LONG, False),
        (START + LONG[:-1], True),
        (START + LONG[:12], True),
        (START + box(b"mdat", b"up to the end", length=0), False),
        (START + b"\0\0\0\0", False),
        (START + b"what follows is no box", False),
        (START + box(b"mdat", b"", length=7), False),
        (b"", False),
        (b"\0\0", False),
    ],
)
def test_what_the_boxes_say(tmp_path, content, is_early):
    path = tmp_path / "video.mp4"
    path.write_bytes(content)
    assert ends_early(path) == is_early


def test_a_box_that_is_longer_than_any_disk_is_one_that_has_not_come(tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(START + (1).to_bytes(4, "big") + b"mdat" + b"\xff" * 8)
    assert ends_early(path)
