"""Which rendition of a video is taken, what its file is called, and what is there already."""

from __future__ import annotations

import random
import time
import unicodedata
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import http
from common.errors import BuilderError
from common.http import asked_pause
from demo.vimeo import BURMESE_TITLE, HOSTILE_TITLES
from demo.vimeo_faults import (
    LacksFields,
)
from downloads import rendition, video_of
from videos import files
from videos.files import DownloadResult, file_names, is_there, videos_on_disk
from videos.numbers import course_number
from videos.renditions import choose_rendition

# Choosing


FULL = [
    rendition("1080p", 1920, 1080, 150),
    rendition("720p", 1280, 720, 90),
    rendition("540p", 960, 540, 60),
    rendition("360p", 640, 360, 36),
]


BIG_SOURCE = rendition("source", 3840, 2160, 900)


SMALL_SOURCE = rendition("source", 1280, 800, 900)


QUICKTIME = rendition("source", 3840, 2160, 900, type="video/quicktime")


UNTYPED_SOURCE = rendition("source", 3840, 2160, 900, type="")


@pytest.mark.parametrize(
    ("renditions", "quality", "expected"),
    [
        ([*FULL, BIG_SOURCE], "best", "source"),
        ([*FULL, SMALL_SOURCE], "best", "1080p"),
        ([*FULL, QUICKTIME], "best", "1080p"),
        ([*FULL, UNTYPED_SOURCE], "best", "1080p"),
        ([*FULL, QUICKTIME], "source", "source"),
        ([*FULL, SMALL_SOURCE], "source", "source"),
        ([QUICKTIME], "source", "source"),
        ([*FULL, BIG_SOURCE], "2160p", "source"),
        ([*FULL, BIG_SOURCE], "1440p", "1080p"),
        ([*FULL, BIG_SOURCE], "1080p", "1080p"),
        ([*FULL, BIG_SOURCE], "1079p", "720p"),
        ([*FULL, BIG_SOURCE], "720p", "720p"),
        ([*FULL, SMALL_SOURCE], "800p", "source"),
        ([*FULL, BIG_SOURCE], "240p", "360p"),
        ([BIG_SOURCE], "360p", "source"),
        ([rendition("360p", 640, 360), rendition("720p", 1280, 720, type="")], "best", "720p"),
        ([rendition("a", 640, 360, 5), rendition("b", 640, 360, 7), rendition("c", 640, 360)], "best", "b"),
    ],
)
def test_the_rendition_is_chosen_whatever_the_order(renditions, quality, expected):
    for seed in range(4):
        shuffled = random.Random(seed).sample(renditions, len(renditions))
        assert choose_rendition(video_of(shuffled), quality).name == expected


def test_a_quality_that_is_asked_for_by_its_height_is_not_the_upload_of_the_same_height():
    upload = rendition("source", 1920, 1080, 900)

    assert choose_rendition(video_of([upload, *FULL]), "1080p").name == "1080p"
    assert choose_rendition(video_of([upload, *FULL]), "best").name == "source"


@pytest.mark.parametrize(
    ("renditions", "quality", "told"),
    [
        ([], "best", "no download link"),
        ([], "720p", "no download link"),
        ([], "source", "no download link"),
        ([QUICKTIME], "best", "video/quicktime"),
        ([QUICKTIME], "720p", "video/quicktime"),
        (FULL, "source", "source file"),
    ],
)
def test_where_no_rendition_fits_the_reason_is_told(renditions, quality, told):
    with pytest.raises(BuilderError, match=told) as caught:
        choose_rendition(video_of(renditions), quality)

    assert caught.value.remedy


def test_a_video_without_links_names_the_plans_and_scopes_that_vimeo_wants():
    with pytest.raises(BuilderError) as caught:
        choose_rendition(video_of([]), "best")

    for word in ("Standard", "Enterprise", "public", "private", "video_files"):
        assert word in caught.value.remedy


@pytest.mark.parametrize(
    "fields", [("rendition",), ("width", "height", "md5"), ("type",), ("md5",), ("rendition", "md5")], ids="+".join
)
def test_entries_that_lack_fields_can_still_be_chosen(fields, client):
    client.server.faults.append(LacksFields(fields=fields))

    results = client.fetch("720p")

    assert {result.status for result in results.values()} == {"success"}
    assert client.on_disk() == {number: client.content(number, "720p") for number in (1, 6, 9)}
    assert results[6].quality == "720p"


INDIA = timezone(timedelta(hours=5, minutes=30))


def in_seconds(seconds):
    return datetime.now(timezone.utc) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (lambda: {"Retry-After": "7"}, 7),
        (lambda: {"Retry-After": " 2.5 "}, 2.5),
        (lambda: {"Retry-After": "0"}, 1),
        (lambda: {"Retry-After": format_datetime(in_seconds(30), usegmt=True)}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(30).isoformat(timespec="seconds")}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(30).isoformat(timespec="milliseconds")}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(30).strftime("%Y-%m-%dT%H:%M:%SZ")}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(30).strftime("%Y-%m-%dT%H:%M:%S")}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(30).astimezone(INDIA).isoformat()}, 30),
        (lambda: {"X-RateLimit-Reset": str(int(time.time()) + 30)}, 30),
        (lambda: {"X-RateLimit-Reset": in_seconds(-30).isoformat()}, 1),
        (lambda: {"X-RateLimit-Reset": str(int(time.time()) - 30)}, 1),
        (lambda: {"Retry-After": "7", "X-RateLimit-Reset": in_seconds(30).isoformat()}, 7),
        (lambda: {"Retry-After": "soon", "X-RateLimit-Reset": in_seconds(30).isoformat()}, 30),
        (lambda: {}, None),
        (lambda: {"Retry-After": ""}, None),
        (lambda: {"Retry-After": "soon", "X-RateLimit-Reset": "later"}, None),
    ],
)
def test_the_pause_that_an_answer_asks_for_is_understood(headers, expected):
    pause = asked_pause(headers(), "Retry-After", "X-RateLimit-Reset")

    assert pause == (None if expected is None else pytest.approx(expected, abs=2 if expected == 30 else 0.01))


def test_a_time_in_world_time_is_understood_as_python_3_10_reads_times(monkeypatch):
    class OldDatetime(datetime):
        @classmethod
        def fromisoformat(cls, text):
            if text.endswith("Z"):
                raise ValueError("Invalid isoformat string")
            return super().fromisoformat(text)

    monkeypatch.setattr(http, "datetime", OldDatetime)
    moment = in_seconds(30).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert asked_pause({"X-RateLimit-Reset": moment}, "X-RateLimit-Reset") == pytest.approx(30, abs=2)


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("(06) Makers, Not Takers", 6),
        ("  (06) Makers", 6),
        ("06_Makers", 6),
        ("06 Makers", 6),
        ("6. Makers", 6),
        ("Zúme 6 Makers", 6),
        ("Makers (06)", 6),
        ("(33) Three Circles", 33),
        ("(06) 2 Makers 10", 6),
        ("06 (2)", 6),
        ("(06) Makers.mp4", 6),
        ("(၀၆) မြန်မာ", 6),
        ("(٠٦) عربي", 6),
        ("Makers", None),
        ("", None),
    ],
)
def test_the_course_number_stands_in_the_title(title, number):
    assert course_number(title) == number


# Names


def names_of(titles):
    return file_names([video_of((), title, str(number)) for number, title in enumerate(titles, start=1)])


def folded(name):
    """Return what names are the same by on file systems that know no case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def assert_safe(name):
    assert name.endswith(".mp4")
    assert len(name.encode()) <= 255
    assert unicodedata.is_normalized("NFC", name)
    assert not set(name) & set('<>:"/\\|?*')
    assert not [letter for letter in name if letter < " " or letter == "\x7f"]
    stem = name.removesuffix(".mp4")
    assert stem == stem.strip(" .")
    assert stem
    assert stem.upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}


def assert_apart(names):
    assert len({folded(name) for name in names.values()}) == len(names)


@pytest.mark.parametrize("title", HOSTILE_TITLES.values(), ids=map(str, HOSTILE_TITLES))
def test_a_hostile_title_becomes_a_safe_name(title):
    assert_safe(names_of([title])["1"])


def test_hostile_titles_become_names_within_the_folder_and_apart(tmp_path):
    names = names_of(HOSTILE_TITLES.values())

    for name in names.values():
        assert_safe(name)
        assert (tmp_path / name).resolve().parent == tmp_path.resolve()
        (tmp_path / name).write_bytes(b"")
    assert_apart(names)


@pytest.mark.parametrize(
    "title",
    [BURMESE_TITLE, "é" * 300, "x" * 300, "🎬" * 100, "e\u0301" * 200],
    ids=["Burmese", "two bytes a letter", "one byte", "four bytes", "combining accents"],
)
@pytest.mark.parametrize("copies", [1, 2])
def test_a_long_title_is_cut_to_255_bytes_and_keeps_its_beginning(title, copies, tmp_path):
    for name in names_of([title] * copies).values():
        assert_safe(name)
        assert len(name.encode()) > 240
        assert name.startswith(unicodedata.normalize("NFC", title)[:20])
        (tmp_path / name).write_bytes(b"")
    assert len(list(tmp_path.iterdir())) == copies


@pytest.mark.parametrize(
    "titles",
    [
        ["Same", "Same"],
        ["Same", "SAME", "same"],
        ["café", "cafe\u0301"],
        ["CAFE\u0301", "café"],
        ["Straße", "STRASSE"],
        ["a/b", "a\\b", "ab"],
        ["", " ", ".", "..", "untitled"],
        [BURMESE_TITLE + "1", BURMESE_TITLE + "2"],
        ["x", "X", "x [1]"],
        ["x", "X", "X [2]"],
        ["x [2]", "x", "x"],
    ],
)
def test_videos_whose_names_would_be_the_same_are_kept_apart(titles):
    names = names_of(titles)

    assert_apart(names)
    for name in names.values():
        assert_safe(name)


def test_names_do_not_depend_on_the_order_of_the_folder():
    videos = [video_of((), title, video_id) for title, video_id in [("Same", "1"), ("same", "2"), ("Other", "3")]]

    assert file_names(videos) == file_names(videos[::-1])


def test_a_plain_title_stays_as_it_is():
    assert names_of(["(06) Makers, Not Takers – မြန်မာ"]) == {"1": "(06) Makers, Not Takers – မြန်မာ.mp4"}


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_titles_become_safe_names_apart(titles):
    names = names_of(titles)

    assert len(names) == len(titles)
    for name in names.values():
        assert_safe(name)
    assert_apart(names)


# What is there already


def recorded(**changes):
    fields = {"id": "1", "title": "t", "status": "success", "path": "/p/a.mp4", "quality": "720p", "size": 5}
    return DownloadResult(**{"width": 1, "height": 1, "error": None, "number": 6, **fields, **changes})


@pytest.mark.parametrize(
    ("content", "record", "size", "expected"),
    [
        (b"12345", recorded(), 5, True),
        (b"12345", recorded(status="skipped"), 5, True),
        (b"12345", recorded(path="/moved/since/a.mp4"), 5, True),
        (b"12345", recorded(), None, True),
        (b"12345", None, 5, False),
        (b"12345", recorded(status="failed"), 5, False),
        (b"12345", recorded(path=None), 5, False),
        (b"12345", recorded(path="/p/b.mp4"), 5, False),
        (b"12345", recorded(), 6, False),
        (b"12345", recorded(size=4), 4, False),
        (b"1234", recorded(), 5, False),
        (b"", recorded(size=0), None, False),
        (None, recorded(), 5, False),
    ],
)
def test_a_file_counts_as_there_only_when_all_agrees(content, record, size, expected, tmp_path):
    if content is not None:
        (tmp_path / "a.mp4").write_bytes(content)

    assert is_there(tmp_path / "a.mp4", rendition("720p", size=size), record) is expected


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"7", b"[7]", b"null", b"\xff"])
def test_a_record_that_cannot_be_read_is_as_good_as_none(content, project):
    (project.videos / "download_results.json").write_bytes(content)

    assert files.read_results(project) == {}
    (project.videos / "06 Makers.mp4").write_bytes(b"x")
    assert videos_on_disk(project) == [(6, project.videos / "06 Makers.mp4")]
