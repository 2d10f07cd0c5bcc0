"""The record of a package, as it is in the packages that users have."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from common.records import NewerRecordError
from common.version import VERSION
from course.curricula import Slide
from package.record import RECORD_FILE, FileRecord, Record, Stamp, read_record, write_record
from package.thumbnails import ImageStats

SOURCE = "10/20260101_120000_session_1_t1_b.png"
ON_DISK = {
    "link": "auto",
    "files": {
        "10/1.png": {
            "stamp": {"size": 10, "time": 11},
            "source_stamp": {"size": 10, "time": 12},
            "look": None,
            "source": SOURCE,
            "digest": "",
        },
        "index.html": {
            "stamp": {"size": 20, "time": 21},
            "source_stamp": None,
            "look": None,
            "source": "",
            "digest": "5f",
        },
        "thumbnails/10/1.jpg": {
            "stamp": {"size": 5, "time": 13},
            "source_stamp": {"size": 10, "time": 12},
            "look": {"width": 3000, "height": 1680, "digest": "a0", "content": 0.25},
            "source": SOURCE,
            "digest": "",
        },
    },
    "slides": {"10": [{"position": 1, "session": 1, "key": "t1_b", "type": "video", "video": 1}]},
}
SOURCES = {"10/1.mp4": "vimeo", "10/2.mp4": "mirror", "20/1.mp4": "own"}
RECORD = Record(
    "auto",
    {
        "10/1.png": FileRecord(Stamp(10, 11), SOURCE, Stamp(10, 12)),
        "index.html": FileRecord(Stamp(20, 21), digest="5f"),
        "thumbnails/10/1.jpg": FileRecord(Stamp(5, 13), SOURCE, Stamp(10, 12), "", ImageStats(3000, 1680, "a0", 0.25)),
    },
    {"10": [Slide(1, 1, "t1_b", "video", 1)]},
)


def test_the_record_on_disk_has_the_names_that_it_always_had(tmp_path):
    write_record(tmp_path, RECORD)

    written = json.loads((tmp_path / RECORD_FILE).read_text(encoding="utf-8"))
    assert datetime.fromisoformat(written.pop("made_at")).utcoffset() == timedelta()
    assert written == {"schema": 2, "version": VERSION, **ON_DISK}


def test_a_record_on_disk_is_read(tmp_path):
    (tmp_path / RECORD_FILE).write_text(json.dumps(ON_DISK), encoding="utf-8")

    assert read_record(tmp_path) == RECORD


def test_the_record_says_where_the_videos_came_from_if_there_is_something_to_say(tmp_path):
    write_record(tmp_path, replace(RECORD, sources=SOURCES))

    assert json.loads((tmp_path / RECORD_FILE).read_text(encoding="utf-8"))["sources"] == SOURCES
    assert read_record(tmp_path) == replace(RECORD, sources=SOURCES)


@pytest.mark.parametrize("sources", [None, 7, ["mirror"], {"10/1.mp4": ["mirror"], "10/2.mp4": None, "10/3.mp4": "x"}])
def test_what_a_record_says_of_sources_and_cannot_be_true_costs_nothing_else(sources, tmp_path):
    (tmp_path / RECORD_FILE).write_text(json.dumps({**ON_DISK, "sources": sources}), encoding="utf-8")

    assert read_record(tmp_path) == RECORD


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"link": "auto", "files": 5}'])
def test_a_record_that_cannot_be_read_counts_as_none_and_that_is_said(text, tmp_path):
    (tmp_path / RECORD_FILE).write_text(text, encoding="utf-8")

    record = read_record(tmp_path)
    assert record == Record()
    assert [doubt for doubt in record.doubts if str(tmp_path / RECORD_FILE) in doubt and "cannot be read" in doubt]


def test_where_there_is_no_record_nothing_is_doubted(tmp_path):
    assert read_record(tmp_path).doubts == ()


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("../../x.png", ON_DISK["files"]["10/1.png"]),
        ("/etc/passwd", ON_DISK["files"]["10/1.png"]),
        ("10\\..\\..\\x.png", ON_DISK["files"]["10/1.png"]),
        ("10/2.png", {**ON_DISK["files"]["10/1.png"], "source": "../../x.png"}),
        ("10/2.png", {**ON_DISK["files"]["10/1.png"], "stamp": {"size": "10", "time": 11}}),
        ("10/2.png", {**ON_DISK["files"]["10/1.png"], "stamp": 10}),
        ("10/2.png", {}),
        ("10/2.png", None),
    ],
)
def test_what_a_record_says_of_a_file_and_cannot_be_true_is_left_out_and_said(name, entry, tmp_path):
    content = {**ON_DISK, "files": {**ON_DISK["files"], name: entry}}
    (tmp_path / RECORD_FILE).write_text(json.dumps(content), encoding="utf-8")

    record = read_record(tmp_path)
    assert record == RECORD
    assert [name in doubt for doubt in record.doubts] == [True]


def test_a_record_of_a_later_version_is_refused(tmp_path):
    (tmp_path / RECORD_FILE).write_text(json.dumps({**ON_DISK, "schema": 3}), encoding="utf-8")

    with pytest.raises(NewerRecordError, match="newer version"):
        read_record(tmp_path)
