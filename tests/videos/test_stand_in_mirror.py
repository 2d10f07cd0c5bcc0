"""The stand-in for the mirror of the videos: it answers as Google's storage does, and makes the faults it is told."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

import pytest
import requests

from course.languages import find_language
from demo.mirror_faults import Changed, HeadRefused, Missing, NoMd5, XmlPage
from demo.vimeo_faults import (
    CdnError,
    Cut,
    Drip,
    EmptyBody,
    HtmlPage,
    RangeIgnored,
    RangeRefused,
    Stall,
    Unannounced,
    WrongBytes,
    WrongLength,
)
from demo.vimeo_videos import RENDITIONS, StoredVideo, course_numbers


@pytest.fixture
def mirror(stand_in, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    return Mirror(stand_in)


class Mirror:
    """Asks for the Spanish video 6, unless for another one."""

    def __init__(self, stand_in):
        self.settings = stand_in.mirror
        self.vimeo = stand_in.vimeo
        self.site_log = stand_in.presenter_log
        self.base = stand_in.mirror_url

    @property
    def faults(self):
        return self.settings.faults

    @property
    def file(self):
        """The file that is there now."""
        return self.settings.file(video(6))

    @property
    def content(self):
        return b"".join(self.file.read())

    def get(self, path="es/6.mp4", **headers):
        return self.ask("GET", path, **headers)

    def head(self, path="es/6.mp4", **headers):
        return self.ask("HEAD", path, **headers)

    def ask(self, method, path, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, self.base + path, headers=named, timeout=10)

    def log(self, name):
        """Return one field of every request so far."""
        return [getattr(request, name) for request in self.settings.log.requests]


def video(number, code="es"):
    return StoredVideo(find_language(code), number)


def sum_of(content):
    return b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


# --- What is there ----------------------------------------------------------------------------------------------------


def test_a_video_is_told_with_its_length_its_sums_and_what_tells_it_from_a_later_one(mirror):
    answer = mirror.get()

    assert answer.status_code == 200
    assert answer.content == mirror.content
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"] == f'"{hashlib.md5(answer.content, usedforsecurity=False).hexdigest()}"'
    assert re.fullmatch(r"\w{3}, \d\d \w{3} 2020 \d\d:\d\d:\d\d GMT", answer.headers["Last-Modified"])
    assert answer.raw.headers.getlist("x-goog-hash")[1:] == [f"md5={sum_of(answer.content)}"]
    assert re.fullmatch(r"crc32c=[\w+/]{6}==", answer.raw.headers.getlist("x-goog-hash")[0])


def test_both_sums_can_stand_in_one_header(mirror):
    two = ", ".join(mirror.get().raw.headers.getlist("x-goog-hash"))
    mirror.settings.one_hash_header = True
    assert mirror.get().raw.headers.getlist("x-goog-hash") == [two]


def test_a_head_tells_the_same_without_the_video(mirror):
    whole, head = mirror.get(), mirror.head()

    assert head.status_code == 200
    assert head.content == b""
    assert {**head.headers, "Date": ""} == {**whole.headers, "Date": ""}


def test_the_videos_are_small_and_others_than_vimeos(mirror):
    files = {mirror.settings.file(video(number)) for number in course_numbers(find_language("es"))}
    theirs = {mirror.vimeo.file(file.video, rendition) for file in files for rendition in RENDITIONS}

    assert not {file.md5 for file in files} & {file.md5 for file in theirs}
    assert not {file.size for file in files} & {file.size for file in theirs}
    assert max(file.size for file in files) < 60_000
    assert mirror.get().content != mirror.get("fr/6.mp4").content


def test_a_video_has_the_size_that_is_set(mirror):
    mirror.settings.sizes[6] = 70_000
    assert mirror.head().headers["Content-Length"] == "70000"


@pytest.mark.parametrize(("code", "has_33"), [("es", True), ("hr", False)])
def test_it_has_the_videos_of_the_languages_own_edition(code, has_33, mirror):
    assert {mirror.head(f"{code}/{number}.mp4").status_code for number in course_numbers(find_language(code))} == {200}
    assert (mirror.head(f"{code}/33.mp4").status_code == 200) is has_33


def test_it_has_only_the_numbers_that_are_set(mirror):
    mirror.settings.numbers = {1, 20}
    found = [number for number in range(40) if mirror.head(f"es/{number}.mp4").status_code == 200]
    assert found == [1, 20]


@pytest.mark.parametrize("path", ["es/06.mp4", "es/99.mp4", "es/6.mov", "sw/6.mp4", "xx/6.mp4", "/es/6.mp4", ""])
def test_what_is_not_there_is_said_in_xml(path, mirror):
    answer = mirror.get(path)

    assert answer.status_code == 404
    assert answer.history == []
    assert answer.headers["Content-Type"] == "application/xml"
    assert "<Code>NoSuchKey</Code>" in answer.text
    assert f"zume-file-mirror/{path}" in answer.text


def test_only_the_sites_own_code_is_a_language(mirror):
    assert mirror.get("swa/6.mp4").content == b"".join(mirror.settings.file(video(6, "swa")).read())


# --- Parts ------------------------------------------------------------------------------------------------------------


def test_a_part_is_sent_as_asked(mirror):
    answer = mirror.get(Range="bytes=1000-1999")

    assert answer.status_code == 206
    assert answer.content == mirror.content[1000:2000]
    assert answer.headers["Content-Range"] == f"bytes 1000-1999/{mirror.file.size}"
    assert answer.headers["ETag"] == mirror.head().headers["ETag"]


def test_a_part_behind_the_end_is_refused_with_the_size(mirror):
    answer = mirror.get(Range=f"bytes={mirror.file.size}-")
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{mirror.file.size}")


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
def test_a_part_of_another_file_is_not_sent(name, mirror):
    known = mirror.head().headers[name]
    same = mirror.get(Range="bytes=1000-", If_Range=known)
    mirror.faults.append(Changed())
    other = mirror.get(Range="bytes=1000-", If_Range=known)

    assert (same.status_code, other.status_code) == (206, 200)
    assert other.content == mirror.content


@pytest.mark.parametrize(("header", "name"), [("If_None_Match", "ETag"), ("If_Modified_Since", "Last-Modified")])
def test_what_the_client_has_is_not_sent_again(header, name, mirror):
    known = mirror.head().headers
    same = mirror.get(**{header: known[name]})
    mirror.faults.append(Changed())
    other = mirror.get(**{header: known[name]})

    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", known["ETag"])
    assert (other.status_code, other.content) == (200, mirror.content)


def test_what_may_only_be_the_file_that_the_client_knows_is_refused_once_it_is_another_one(mirror):
    known = mirror.head().headers["ETag"]
    assert mirror.get(If_Match=known).status_code == 200
    assert mirror.get(If_Match='"other"').status_code == 412


# --- The log ----------------------------------------------------------------------------------------------------------


def test_the_log_tells_what_came(mirror):
    mirror.get(Authorization="bearer x", Range="bytes=0-9", If_Range='"other"')
    mirror.head("es/99.mp4")
    [first, second] = mirror.settings.log.requests

    assert (first.method, first.path, first.status, first.video) == ("GET", "/zume-file-mirror/es/6.mp4", 200, video(6))
    assert first.host == mirror.base.split("/")[2]
    assert (first.carried_authorization, first.range, first.if_range) == (True, "bytes=0-9", '"other"')
    assert (second.method, second.path, second.status) == ("HEAD", "/zume-file-mirror/es/99.mp4", 404)
    assert (second.carried_authorization, second.range, second.if_range, second.video) == (False, None, None, None)
    assert mirror.site_log.requests == []


# --- Faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "code"), [(404, "NoSuchKey"), (403, "AccessDenied")])
def test_a_video_is_missing(status, code, mirror):
    mirror.faults.append(Missing(status=status, numbers={6}))
    answer = mirror.get()

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/xml")
    assert f"<Code>{code}</Code>" in answer.text
    assert mirror.head().status_code == status
    assert mirror.head("es/9.mp4").status_code == 200


@pytest.mark.parametrize("kind", ["application/xml", "video/mp4"])
def test_an_xml_page_comes_in_place_of_the_video(kind, mirror):
    mirror.faults.append(XmlPage(content_type=kind))
    for answer in (mirror.get(), mirror.head()):
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
        assert int(answer.headers["Content-Length"]) < 1000
        assert "x-goog-hash" not in answer.headers
    assert mirror.get().text.startswith("<?xml")


def test_a_video_has_no_md5_told(mirror):
    mirror.faults.append(NoMd5(numbers={6}))
    answer = mirror.get()

    assert re.fullmatch("crc32c=[^,]+", answer.headers["x-goog-hash"])
    assert answer.content == mirror.content
    assert mirror.file.md5 not in answer.headers["ETag"]
    assert "Last-Modified" in answer.headers
    assert "md5=" in mirror.head("es/9.mp4").headers["x-goog-hash"]


def test_a_video_has_nothing_that_tells_it_from_a_later_one(mirror):
    mirror.faults.append(NoMd5(validators=False))
    for answer in (mirror.get(), mirror.head()):
        assert answer.status_code == 200
        assert {"ETag", "Last-Modified"} & answer.headers.keys() == set()
        assert "md5" not in answer.headers["x-goog-hash"]
    assert mirror.get(Range="bytes=5-", If_Range='"known"').status_code == 200


@pytest.mark.parametrize("size", [None, 45_000])
def test_another_video_lies_at_the_same_address(size, mirror):
    before = mirror.get()
    mirror.faults.append(Changed(numbers={6}, size=size))
    after = mirror.get()

    assert after.content == mirror.content != before.content
    assert len(after.content) == (size or len(before.content))
    assert after.headers["x-goog-hash"].endswith(f"md5={sum_of(after.content)}")
    assert after.headers["ETag"] == mirror.head().headers["ETag"] != before.headers["ETag"]
    assert after.headers["Last-Modified"] != before.headers["Last-Modified"]


def test_another_video_comes_after_the_first_get_whatever_became_of_that(mirror):
    mirror.faults.extend([Cut(after=1000, times=1), Changed(after=1)])
    etag = mirror.head().headers["ETag"]
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        mirror.get()
    later = mirror.get()

    assert later.headers["ETag"] != etag
    assert later.content == mirror.content


def test_heads_alone_are_refused(mirror):
    mirror.faults.append(HeadRefused())
    assert (mirror.head().status_code, mirror.get().status_code) == (405, 200)


@pytest.mark.parametrize(
    ("methods", "statuses"),
    [(None, (429, 429)), ({"GET"}, (200, 429)), ({"HEAD"}, (429, 200))],
    ids=["all", "GET", "HEAD"],
)
def test_an_error_strikes_the_methods_that_are_named(methods, statuses, mirror):
    mirror.faults.append(CdnError(status=429, retry_after=1, methods=methods))
    answers = (mirror.head(), mirror.get())

    assert tuple(answer.status_code for answer in answers) == statuses
    assert [answer.headers.get("Retry-After") for answer in answers] == [
        "1" if status == 429 else None for status in statuses
    ]


@pytest.mark.parametrize("fault", [Cut(times=1), WrongBytes(times=1), Drip(times=1), Stall(times=1, seconds=0)])
def test_a_fault_of_the_body_is_not_used_up_by_a_head(fault, mirror):
    mirror.faults.append(fault)
    assert mirror.head().status_code == 200
    assert fault.strikes(video(6))


@pytest.mark.parametrize(
    ("fault", "status", "is_the_video"),
    [
        (HtmlPage(), 200, False),
        (EmptyBody(), 200, False),
        (WrongBytes(), 206, False),
        (RangeIgnored(), 200, True),
        (RangeRefused(), 416, False),
        (Unannounced(), 206, True),
        (Drip(piece=20_000, pause=0), 206, True),
        (Stall(seconds=0), 206, True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_faults_of_vimeos_cdn_are_made_here_too(fault, status, is_the_video, mirror):
    mirror.faults.append(fault)
    answer = mirror.get(Range="bytes=0-")

    assert answer.status_code == status
    assert (answer.content == mirror.content) is is_the_video
    assert ("Content-Length" in answer.headers) is not isinstance(fault, Unannounced)


def test_a_length_can_be_wrong_here_too(mirror):
    mirror.faults.append(WrongLength(difference=5))
    assert mirror.head().headers["Content-Length"] == str(mirror.file.size + 5)
