"""The number of a video in the course, the name of its file, and whether that is there already."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.path_length import length_on_windows
from demo.vimeo_settings import BURMESE_TITLE, HOSTILE_TITLES
from downloads import rendition, video_of
from videos.files import is_there, sources_in_words, videos_by_source, videos_on_disk
from videos.names import file_names
from videos.numbers import course_number
from videos.results import REPLACED, DownloadResult, doubts_about_results, read_results, write_results


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
    # To Windows, what follows a point makes no difference.
    assert stem.partition(".")[0].rstrip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}


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
        assert len(name.encode()) > 240 or (sys.platform == "win32" and length_on_windows(name) > 95)
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


@pytest.mark.parametrize("title", ["CON", "aux.mp4", "nul.6. Makers", "con .x", "CON" + " " * 260 + "x", " prn"])
def test_no_name_is_that_of_a_device_on_windows(title):
    (name,) = names_of([title]).values()

    assert_safe(name)
    assert name.casefold().startswith(title.strip()[:3].casefold())


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
    fields = {"id": "1", "title": "t", "status": "success", "path": "videos/a.mp4", "quality": "720p", "size": 5}
    return DownloadResult(**{"width": 1, "height": 1, "error": None, "number": 6, **fields, **changes})


@pytest.mark.parametrize(
    ("content", "record", "size", "expected"),
    [
        (b"12345", recorded(), 5, True),
        (b"12345", recorded(status="skipped"), 5, True),
        (b"12345", recorded(), None, True),
        (b"12345", None, 5, False),
        (b"12345", recorded(status="failed"), 5, False),
        (b"12345", recorded(status="failed", sha256="5994471a"), 5, True),
        (b"1234", recorded(status="failed", sha256="5994471a"), 4, False),
        (b"12345", recorded(path=None), 5, False),
        (b"12345", recorded(path="videos/b.mp4"), 5, False),
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


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"7", b"[7]", b"null", b"\xff", b"[" * 100_000])
def test_a_record_that_cannot_be_read_is_as_good_as_none_but_told(content, project):
    (project.videos / "download_results.json").write_bytes(content)

    assert read_results(project) == {}
    (doubt,) = doubts_about_results(project)
    assert str(project.videos / "download_results.json") in doubt
    (project.videos / "06 Makers.mp4").write_bytes(b"x")
    assert videos_on_disk(project) == [(6, project.videos / "06 Makers.mp4")]


# Where the videos came from


def downloaded(project, number, source="vimeo", name=None, **changes):
    """Make a video's file, and return its entry for the record."""
    name = name or f"({number:02}) {source}.mp4"
    (project.videos / name).write_bytes(b"12345")
    return recorded(id=f"{source}:{number}", path=f"videos/{name}", number=number, source=source, **changes)


def test_the_course_videos_are_counted_by_where_they_came_from(project):
    entries = [downloaded(project, 1), downloaded(project, 2), downloaded(project, 3, "mirror")]
    write_results(project, entries)
    (project.videos / "(04) filmed by us.mp4").write_bytes(b"x")

    assert videos_by_source(project) == {"vimeo": 2, "mirror": 1, "own": 1}
    assert videos_by_source(project, {1, 3, 9}) == {"vimeo": 1, "mirror": 1}


def test_only_the_files_that_count_as_the_courses_are_counted_and_each_number_once(project):
    gone = downloaded(project, 2, "mirror")
    twice = [downloaded(project, 1), downloaded(project, 1, "mirror", "(01) again.mp4")]
    numberless = downloaded(project, None, name="greeting.mp4")
    write_results(project, [gone, *twice, numberless])
    (project.videos / str(gone.file_name)).unlink()
    (project.videos / "(01) passed over.mp4").write_bytes(b"x")

    assert sum(videos_by_source(project).values()) == 1


def test_a_video_that_is_about_to_be_moved_away_counts_where_it_came_from_until_its_successor_is_there(project):
    old = downloaded(project, 6, "mirror", status=REPLACED)
    write_results(project, [old])
    assert videos_by_source(project) == {"mirror": 1}
    write_results(project, [old, downloaded(project, 6)])

    assert videos_by_source(project) == {"vimeo": 1}


def test_the_disk_may_spell_the_name_of_a_video_in_another_way_than_its_record(project):
    name = "(06) Hac\u00e9.mp4"
    write_results(project, [downloaded(project, 6, "mirror", name)])
    (project.videos / name).rename(project.videos / unicodedata.normalize("NFD", name))

    assert videos_by_source(project) == {"mirror": 1}


def test_a_record_from_before_there_was_a_mirror_is_about_vimeo(project):
    (project.videos / "(06) old.mp4").write_bytes(b"x")
    entry = '[{"id": "1", "title": "(06) old", "status": "success", "path": "/somewhere/videos/(06) old.mp4"}]'
    (project.videos / "download_results.json").write_text(entry)

    assert videos_by_source(project) == {"vimeo": 1}


@pytest.mark.parametrize("content", ["{", "[7]", '[{"id": "1", "source": ["mirror"]}]', '{"schema": 2}'])
def test_a_video_of_which_the_record_says_nothing_that_can_be_true_is_ones_own(content, project):
    (project.videos / "(06) title.mp4").write_bytes(b"x")
    (project.videos / "download_results.json").write_text(content)

    assert videos_by_source(project) == {"own": 1}


def test_a_source_that_nobody_knows_is_not_named(project):
    write_results(project, [downloaded(project, 6, "a friend")])

    assert videos_by_source(project) == {"own": 1}


@pytest.mark.parametrize(
    ("by_source", "words"),
    [
        ({"mirror": 2, "own": 1, "vimeo": 27}, "27 from Vimeo, 2 from the mirror, 1 of your own"),
        ({"vimeo": 27, "mirror": 0}, "27 from Vimeo"),
        ({"mirror": 1}, "1 from the mirror"),
        ({}, ""),
    ],
)
def test_it_is_said_in_words_how_many_videos_came_from_where(by_source, words):
    assert sources_in_words(by_source) == words
