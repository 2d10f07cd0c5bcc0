"""Records with a schema number: which are read, which are refused, and what becomes of one that cannot be read."""

from __future__ import annotations

import json

import pytest

from common.errors import BuilderError
from common.records import NewerRecordError, read_record_file, set_aside


def record(folder, content):
    path = folder / "record.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "content", [{}, {"schema": 1}, {"schema": 2}, [], [{"schema": 2}, {}], [{"id": 1}, 7], [{"schema": "x"}], 7, None]
)
def test_a_record_of_a_known_schema_or_of_none_is_read(content, tmp_path):
    assert read_record_file(record(tmp_path, content), newest=2) == content


@pytest.mark.parametrize("content", [{"schema": 3}, [{"schema": 2}, {"schema": 3}], [{}, {"schema": 99}]])
def test_a_record_of_a_newer_schema_is_refused_in_one_sentence(content, tmp_path):
    with pytest.raises(NewerRecordError) as caught:
        read_record_file(record(tmp_path, content), newest=2)

    assert caught.value.message == f"{tmp_path / 'record.json'} was written by a newer version of this program."
    assert "newer" in caught.value.remedy


@pytest.mark.parametrize("schema", ["2", None, 2.5, [2]])
def test_a_schema_that_is_no_number_makes_a_record_unreadable(schema, tmp_path):
    with pytest.raises(ValueError, match="its schema is"):
        read_record_file(record(tmp_path, {"schema": schema}), newest=2)


def test_a_record_that_somebody_has_saved_with_notepad_is_read(tmp_path):
    path = tmp_path / "record.json"
    path.write_bytes(b"\xef\xbb\xbf" + b'{"schema": 1}')

    assert read_record_file(path, newest=1) == {"schema": 1}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"{'a': 1}", b"[" * 100_000])
def test_a_torn_record_is_a_value_error(content, tmp_path):
    path = tmp_path / "record.json"
    path.write_bytes(content)

    with pytest.raises(ValueError):
        read_record_file(path, newest=1)


def test_what_is_set_aside_keeps_its_content_and_takes_the_place_of_nothing(tmp_path):
    path = tmp_path / "record.json"
    for text in ("one", "two", "three"):
        path.write_text(text, encoding="utf-8")
        set_aside(path)

    kept = {each.name: each.read_text(encoding="utf-8") for each in tmp_path.iterdir()}
    assert kept == {
        "record.json.unreadable": "one",
        "record.json.unreadable2": "two",
        "record.json.unreadable3": "three",
    }


def test_a_record_that_cannot_be_set_aside_is_an_error_that_names_it(tmp_path):
    with pytest.raises(BuilderError, match=r"record\.json cannot be renamed"):
        set_aside(tmp_path / "record.json")
