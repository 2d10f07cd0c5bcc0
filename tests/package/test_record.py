"""The record of a package, as it is in the packages that users have."""

from __future__ import annotations

import json

import pytest

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

    assert json.loads((tmp_path / RECORD_FILE).read_text(encoding="utf-8")) == ON_DISK


def test_a_record_on_disk_is_read(tmp_path):
    (tmp_path / RECORD_FILE).write_text(json.dumps(ON_DISK), encoding="utf-8")

    assert read_record(tmp_path) == RECORD


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"link": "auto", "files": {"10/1.png": {}}}'])
def test_a_record_that_cannot_be_read_counts_as_none(text, tmp_path):
    (tmp_path / RECORD_FILE).write_text(text, encoding="utf-8")

    assert read_record(tmp_path) == Record()
