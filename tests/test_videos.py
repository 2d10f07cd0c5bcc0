"""The videos: what Vimeo has, what it is called on disk, and that a file under its name is whole."""

from __future__ import annotations

import errno
import json
import random
import re
import threading
import time
import unicodedata
from argparse import ArgumentTypeError
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import _fetch
import _retry
import _transfer
import _videos
import _vimeo
from _arguments import vimeo_folder
from _errors import BuilderError, RemoteError
from _fetch import Fetcher
from _languages import all_languages, find_language
from _project import Project
from _renditions import Rendition, Video, choose_rendition
from _videos import (
    DownloadResult,
    course_number,
    file_names,
    is_there,
    number_troubles,
    settle_numbers,
    videos_on_disk,
)
from _videos import course_numbers as numbers_of
from _vimeo import Vimeo, asked_pause, new_http_session
from demo.server import LocalServer
from demo.vimeo import BURMESE_TITLE, HOSTILE_TITLES
from demo.vimeo_faults import (
    ApiError,
    CdnError,
    CdnExpired,
    Cut,
    Drip,
    EmptyBody,
    HtmlPage,
    LacksFields,
    LinkError,
    LinkExpired,
    ListOmits,
    NoDownload,
    QuicktimeSource,
    RangeIgnored,
    RangeRefused,
    RedirectLoop,
    RedirectRefused,
    SourceOnly,
    Stall,
    Unannounced,
    WrongBytes,
    WrongLength,
    WrongMd5,
    WrongSize,
)
from demo.vimeo_videos import Video as StoredVideo
from demo.vimeo_videos import course_numbers
from downloads import SPANISH
from terminal import Terminal

KEYS = {"number", "id", "title", "status", "path", "quality", "width", "height", "size", "error", "language_code"}


# Choosing


def rendition(name, width=0, height=0, size=None, **more):
    fields = {"quality": "source" if name == "source" else "hd", "type": "video/mp4", "md5": None, "link": "x", **more}
    return Rendition(name=name, width=width, height=height, size=size, **fields)


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


def video_of(renditions, title="(06) title", video_id="1"):
    return Video(video_id, f"/videos/{video_id}", title, 60, tuple(renditions))


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

    assert _videos.read_results(project) == {}
    (project.videos / "06 Makers.mp4").write_bytes(b"x")
    assert videos_on_disk(project) == [(6, project.videos / "06 Makers.mp4")]


# Listing


def test_all_pages_of_a_folder_are_read(client):
    client.server.numbers = None
    client.server.page_size_limit = 4

    listing = client.vimeo.folder(SPANISH)

    expected = [str(StoredVideo(find_language("es"), number).id) for number in course_numbers(find_language("es"))]
    assert sorted(video.id for video in listing.videos) == sorted(expected)
    assert listing.total == len(expected) == 29
    assert len([request for request in client.requests("api") if request.path.endswith("/videos")]) == 8


def test_a_video_that_no_page_holds_shows_in_the_total(client):
    client.server.faults.append(ListOmits(numbers={6}))

    listing = client.vimeo.folder(SPANISH)

    assert (len(listing.videos), listing.total) == (2, 3)


@pytest.mark.parametrize("only", ["projects_only", "folders_only"])
def test_a_folder_is_found_under_either_name(only, client):
    setattr(client.server, only, {SPANISH})

    assert len(client.vimeo.folder(SPANISH).videos) == 3


def test_an_unknown_folder_is_an_error_that_tells_where_to_look(client):
    with pytest.raises(BuilderError, match="no folder 123456") as caught:
        client.vimeo.folder("123456")

    assert "team" in caught.value.remedy


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (ApiError(status=401), "token"),
        (ApiError(status=403), "not allow"),
        (ApiError(status=400), "400"),
        (ApiError(status=500), "500"),
        (ApiError(status=502, html=True), "502"),
        (ApiError(status=200, html=True), "not what its API promises"),
        (ApiError(status=302, html=True), "302"),
        (ApiError(status=429, reset="none"), "pause"),
    ],
)
def test_an_api_that_refuses_is_an_error_that_says_why(fault, told, client):
    client.server.faults.append(fault)

    with pytest.raises(BuilderError, match=told) as caught:
        client.vimeo.folder(SPANISH)

    assert caught.value.remedy
    assert client.server.token not in f"{caught.value.message} {caught.value.remedy}"


@pytest.mark.parametrize(("status", "tries"), [(400, 1), (401, 1), (403, 1), (500, 5), (503, 5)])
def test_only_what_may_succeed_later_is_tried_again(status, tries, client):
    client.server.faults.append(ApiError(status=status))

    with pytest.raises(BuilderError):
        client.vimeo.folder(SPANISH)
    assert len([request for request in client.requests("api") if request.path.endswith("/videos")]) == tries


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_api_that_stumbles_once_is_asked_again(status, client):
    client.server.faults.append(ApiError(status=status, times=1))

    assert len(client.vimeo.folder(SPANISH).videos) == 3
    assert len(client.said) == 1


def test_a_pause_that_vimeo_asks_for_is_made_before_the_next_request(client, pauses):
    client.server.faults.append(ApiError(status=429, times=1, retry_after=7, reset="none"))

    assert len(client.vimeo.folder(SPANISH).videos) == 3
    assert [request.status for request in client.requests("api")] == [429, 200, 200]
    assert pauses == [7]
    assert "pause" in client.said[0]


@pytest.mark.parametrize("reset", ["iso", "unix"])
def test_a_ban_is_waited_out_until_the_moment_that_vimeo_names(reset, client, pauses):
    client.server.faults.append(ApiError(status=429, times=1, reset=reset, reset_in=20))

    assert len(client.vimeo.folder(SPANISH).videos) == 3
    assert pauses == [pytest.approx(20, abs=2)]


def test_a_ban_without_any_moment_is_waited_out_too(client, pauses):
    client.server.faults.append(ApiError(status=429, times=2, reset="none"))

    assert len(client.vimeo.folder(SPANISH).videos) == 3
    assert len(pauses) == 2
    assert pauses[0] < pauses[1] * 3


def test_the_rate_limit_is_kept_over_many_pages(client, monkeypatch):
    monkeypatch.setattr(_vimeo, "with_retries", _retry.with_retries)
    client.server.page_size_limit = 1
    client.server.rate_limit = 2
    client.server.rate_window = 0.5

    assert len(client.vimeo.folder(SPANISH).videos) == 3
    # Six requests, two in each window: what is refused is waited out once.
    assert [request.status for request in client.requests("api")].count(429) <= 3


def test_an_overloaded_server_is_not_taken_for_an_exceeded_rate_limit(client, pauses):
    client.vimeo.folder(SPANISH)
    # The headers of the rate limit are on every answer; its window of a minute has nothing to do with this one.
    client.server.faults.append(ApiError(status=503, times=1))
    client.vimeo.folder(SPANISH)

    assert len(pauses) == 1
    assert pauses[0] < 5


def test_a_server_that_cannot_be_reached_is_an_error_that_names_it(pauses):
    with pytest.raises(BuilderError, match=r"127\.0\.0\.1:9") as caught:
        Vimeo("secret-token", lambda _: None, "http://127.0.0.1:9").folder(SPANISH)

    assert "secret-token" not in f"{caught.value.message} {caught.value.remedy}"


class Recorded:
    """A server that answers every request with the same JSON, and keeps the Authorization headers."""

    def __init__(self, answers):
        self.answers = answers
        self.authorizations = []

    def __call__(self, environment, start_response):
        self.authorizations.append(environment.get("HTTP_AUTHORIZATION"))
        query = environment.get("QUERY_STRING", "")
        body = json.dumps(self.answers[1 if "page=2" in query else 0]).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def entry(number):
    return {"uri": f"/videos/{number}", "name": f"({number:02}) title", "download": []}


def test_the_token_does_not_follow_a_next_page_to_another_host():
    last = {"total": 2, "data": [entry(2)]}
    elsewhere = Recorded([last, last])
    with LocalServer(elsewhere) as other:
        first = {"total": 2, "data": [entry(1)], "paging": {"next": f"{other.address}/me/projects/1/videos?page=2"}}
        api = Recorded([first, last])
        with LocalServer(api) as server:
            listing = Vimeo("secret", lambda _: None, server.address).folder("1")

    assert elsewhere.authorizations == []
    assert api.authorizations == ["bearer secret"] * 4
    assert [video.id for video in listing.videos] == ["1", "2"]


def test_pages_that_lead_in_a_circle_come_to_an_end():
    page = {"total": 2, "data": [entry(1)], "paging": {"next": "/me/projects/1/videos?page=2"}}
    with LocalServer(Recorded([page, page])) as server:
        assert [video.id for video in Vimeo("t", lambda _: None, server.address).folder("1").videos] == ["1"]


@pytest.mark.parametrize(
    "answer",
    [
        [],
        "text",
        None,
        {"data": 7},
        {"data": [None]},
        {"data": ["x"]},
        {"data": [{"uri": None}]},
        {"data": [{"uri": "/videos/1", "download": 7}]},
        {"data": [], "paging": "x"},
    ],
    ids=json.dumps,
)
def test_an_answer_in_another_shape_is_an_expected_failure(answer, pauses):
    with (
        LocalServer(Recorded([answer, answer])) as server,
        pytest.raises(RemoteError),
    ):
        Vimeo("t", lambda _: None, server.address).folder("1")


def test_an_entry_in_the_users_netrc_does_not_take_the_tokens_place(client, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    assert len(client.vimeo.folder(SPANISH).videos) == 3


# Downloading


def test_whole_files_of_the_announced_size_come_down(client):
    results = client.fetch()

    assert client.on_disk() == {number: client.content(number) for number in (1, 6, 9)}
    for number, result in results.items():
        assert (result.status, result.error, result.quality) == ("success", None, "source")
        assert result.size == len(client.content(number))
    assert sorted(path.suffix for path in client.project.videos.iterdir()) == [".json", ".mp4", ".mp4", ".mp4"]


def test_the_record_has_exactly_the_agreed_keys(client):
    client.server.faults.append(NoDownload(numbers={6}))
    client.fetch()

    records = {course_number(record["title"]): record for record in client.recorded()}
    assert all(record.keys() == KEYS for record in records.values())


def test_the_record_says_what_became_of_each_video(client):
    client.server.faults.append(NoDownload(numbers={6}))
    client.fetch("720p")
    client.fetch("720p")

    records = {course_number(record["title"]): record for record in client.recorded()}
    assert {number: record["status"] for number, record in records.items()} == {1: "skipped", 6: "failed", 9: "skipped"}
    good, bad = records[1], records[6]
    assert good["id"] == str(StoredVideo(find_language("es"), 1).id)
    assert good["title"].startswith("(01) ")
    assert (good["quality"], good["width"], good["height"], good["error"]) == ("720p", 1280, 720, None)
    assert good["size"] == len(client.content(1, "720p"))
    assert course_number(good["path"].rpartition("/")[2]) == 1
    assert (bad["path"], bad["size"], bad["quality"]) == (None, None, None)
    assert "No download link" in bad["error"]


@pytest.mark.parametrize(
    ("quality", "expected"),
    [("best", "source"), ("source", "source"), ("1000p", "720p"), ("540p", "540p"), ("100p", "360p")],
)
def test_the_wanted_quality_comes_down(quality, expected, client):
    assert {result.quality for result in client.fetch(quality).values()} == {expected}
    assert client.on_disk() == {number: client.content(number, expected) for number in (1, 6, 9)}


def test_a_quicktime_upload_is_not_saved_as_mp4(client):
    client.server.faults.append(QuicktimeSource())

    assert {result.quality for result in client.fetch().values()} == {"1080p"}
    assert client.on_disk() == {number: client.content(number, "1080p") for number in (1, 6, 9)}


SPOILING = {
    "size too large": WrongSize(difference=1),
    "size too small": WrongSize(difference=-1),
    "md5 of another file": WrongMd5(),
    "damaged bytes": WrongBytes(),
    "page as 200": HtmlPage(),
    "page as 500": HtmlPage(status=500),
    "empty body": EmptyBody(),
    "nothing but a cut": Cut(after=0),
    "cut that looks like the end": Cut(after=0, announced=False),
    "error of the CDN": CdnError(status=503),
    "missing on the CDN": CdnError(status=404),
    "address always expired": CdnExpired(times=None, after=0),
    "link always expired": LinkExpired(times=None),
    "link with an error": LinkError(status=500),
    "link with a page": LinkError(status=502, html=True),
    "link in a circle": RedirectLoop(),
    "link to nowhere": RedirectRefused(),
    "no list of downloads": NoDownload(),
    "downloads are null": NoDownload(shape="null"),
    "downloads are empty": NoDownload(shape="empty"),
    "nothing but a QuickTime upload": SourceOnly(),
    "entries without links": LacksFields(fields=("link",)),
}


@pytest.mark.parametrize("fault", SPOILING.values(), ids=SPOILING.keys())
def test_what_is_not_the_whole_video_never_gets_its_name_and_stops_no_other(fault, client):
    fault.numbers = {6}
    client.server.faults.append(fault)

    results = client.fetch("360p")

    assert client.on_disk() == {number: client.content(number, "360p") for number in (1, 9)}
    assert {number: result.status for number, result in results.items()} == {1: "success", 6: "failed", 9: "success"}
    assert results[6].path is None
    assert results[6].error
    rest = {path.suffix for path in client.project.videos.iterdir()} - {".mp4", ".json"}
    assert rest <= {".part"}


PASSING = {
    "cut": [Cut(after=70_000, times=1)],
    "cut three times": [Cut(after=25_000, times=3)],
    "cut that looks like the end": [Cut(after=70_000, announced=False, times=1)],
    "no length, in chunks": [Unannounced()],
    "no length, until the end": [Unannounced(chunked=False)],
    "length too large": [WrongLength(difference=1, times=1)],
    "damaged once": [WrongBytes(times=1)],
    "page once": [HtmlPage(times=1)],
    "empty once": [EmptyBody(times=1)],
    "error once": [CdnError(status=503, times=1)],
    "link expired": [LinkExpired()],
    "link expired with 403": [LinkExpired(status=403)],
    "address expired in mid-file": [CdnExpired()],
    "link error once": [LinkError(status=500, times=1)],
    "link refused once": [RedirectRefused(times=1)],
    "cut, then the range is ignored": [Cut(after=70_000, times=1), RangeIgnored()],
    "cut, then the range is refused": [Cut(after=70_000, times=1), RangeRefused()],
    "size unknown": [LacksFields(fields=("size",))],
    "size and md5 unknown": [LacksFields(fields=("size", "md5"))],
    "size and md5 unknown, cut, then the range is ignored": [
        LacksFields(fields=("size", "md5")),
        Cut(after=70_000, times=1),
        RangeIgnored(),
    ],
    "size unknown, cut": [LacksFields(fields=("size",)), Cut(after=70_000, times=1)],
    "size unknown, cut that looks like the end": [
        LacksFields(fields=("size",)),
        Cut(after=70_000, announced=False, times=1),
    ],
}


@pytest.mark.parametrize("faults", PASSING.values(), ids=PASSING.keys())
def test_a_trouble_that_passes_costs_no_video_and_no_byte(faults, client):
    client.server.faults.extend(faults)

    results = client.fetch("720p")

    assert {result.status for result in results.values()} == {"success"}
    assert client.on_disk() == {number: client.content(number, "720p") for number in (1, 6, 9)}
    assert not list(client.project.videos.glob(".*"))


def starts(requests):
    """Return from which byte on each request asked."""
    return [int(request.range[6:-1]) if request.range else 0 for request in requests]


# So many bytes before a cut may have to come again: what was still on its way through the buffers.
BUFFERS = 32_768


def test_a_cut_download_goes_on_about_where_it_was_cut(client):
    client.server.faults.append(Cut(after=100_000, times=1, numbers={6}))
    client.fetch()

    first, second = starts(client.requests("cdn", 6))
    assert first == 0
    assert 100_000 - BUFFERS <= second <= 100_000
    assert client.on_disk()[6] == client.content(6)


def test_a_line_that_breaks_all_the_time_still_brings_the_whole_file(client):
    client.server.faults.append(Cut(after=40_000, numbers={6}))

    assert client.fetch()[6].status == "success"
    assert client.on_disk()[6] == client.content(6)
    asked = starts(client.requests("cdn", 6))
    assert asked == sorted(set(asked))


def test_a_later_run_goes_on_where_a_run_that_failed_stopped(client):
    client.server.faults += [Cut(after=100_000, times=1, numbers={6}), CdnError(status=400, numbers={6})]
    assert client.fetch()[6].status == "failed"
    assert 6 not in client.on_disk()

    client.server.faults.clear()
    client.server.log.clear()
    assert client.fetch()[6].status == "success"

    (start,) = starts(client.requests("cdn"))
    assert 100_000 - BUFFERS <= start <= 100_000
    assert client.on_disk()[6] == client.content(6)
    assert not list(client.project.videos.glob(".*"))


def test_the_part_of_another_content_is_not_gone_on_with(client):
    client.server.faults += [Cut(after=100_000, times=1, numbers={6}), CdnError(status=400, numbers={6})]
    client.fetch()
    client.server.faults.clear()
    client.server.log.clear()
    client.server.sizes[6, "source"] = 301_234

    client.fetch()

    assert [request.range for request in client.requests("cdn")] == [None]
    assert client.on_disk()[6] == client.content(6)


def test_an_expired_link_is_renewed_at_the_api(client):
    client.server.faults.append(LinkExpired(numbers={6}))
    client.server.unlisted = {6}
    client.fetch()

    video = StoredVideo(find_language("es"), 6)
    assert [request.path for request in client.requests("api")][-1] == f"/videos/{video.id}:{video.hash}"
    assert [request.status for request in client.requests("link", 6)] == [410, 302]


def test_a_link_whose_time_is_over_is_renewed(client):
    client.server.link_lifetime = -1
    videos = client.vimeo.folder(SPANISH).videos
    client.server.link_lifetime = 60
    with Fetcher(client.project, client.vimeo, videos, numbers_of(videos, {}), "best", 3, "es") as fetcher:
        assert {result.status for result in fetcher.fetch_all()} == {"success"}


def test_a_download_that_vimeo_slows_down_waits_as_asked(client, pauses):
    client.server.faults.append(LinkError(status=429, retry_after=7, times=1, numbers={6}))

    assert client.fetch()[6].status == "success"
    assert pauses == [7]


def test_the_token_is_sent_to_the_api_and_nowhere_else(client):
    client.server.faults.append(LinkExpired(numbers={6}))
    client.fetch()

    for kind, carried in (("api", True), ("link", False), ("cdn", False)):
        assert {request.carried_authorization for request in client.requests(kind)} == {carried}
    assert {request.host.partition(":")[0] for request in client.requests("cdn")} == {"localhost"}


def test_what_is_there_is_not_asked_for_again(client):
    client.fetch()
    before = {path.name: path.stat().st_mtime_ns for path in client.project.videos.glob("*.mp4")}
    client.server.log.clear()

    results = client.fetch()

    assert {result.status for result in results.values()} == {"skipped"}
    assert client.requests("link") + client.requests("cdn") == []
    assert {path.name: path.stat().st_mtime_ns for path in client.project.videos.glob("*.mp4")} == before


def test_what_is_there_is_recognised_without_a_record_too(client):
    client.fetch()
    (client.project.videos / "download_results.json").unlink()
    client.server.log.clear()

    assert {result.status for result in client.fetch().values()} == {"skipped"}
    assert client.requests("cdn") == []


def test_what_is_there_is_recognised_after_the_project_has_moved(client, tmp_path):
    client.fetch()
    client.server.log.clear()
    client.project = Project(client.project.path.rename(tmp_path / "moved"))

    assert {result.status for result in client.fetch().values()} == {"skipped"}
    assert client.requests("cdn") == []


@pytest.mark.parametrize("damage", ["cut short", "made longer", "emptied", "removed"])
def test_a_file_that_is_no_longer_whole_is_downloaded_again(damage, client):
    client.fetch()
    path = next(path for path in client.project.videos.glob("*.mp4") if course_number(path.name) == 6)
    content = path.read_bytes()
    if damage == "removed":
        path.unlink()
    else:
        path.write_bytes({"cut short": content[:-1], "made longer": content + b"x", "emptied": b""}[damage])
    client.server.log.clear()

    results = client.fetch()

    assert {number: result.status for number, result in results.items()} == {1: "skipped", 6: "success", 9: "skipped"}
    assert {request.video.number for request in client.requests("cdn")} == {6}
    assert path.read_bytes() == client.content(6)


def test_a_file_of_the_same_size_that_no_record_tells_of_is_compared_by_its_md5(client):
    client.fetch()
    (client.project.videos / "download_results.json").unlink()
    path = next(path for path in client.project.videos.glob("*.mp4") if course_number(path.name) == 6)
    path.write_bytes(bytes(path.stat().st_size))

    assert client.fetch()[6].status == "success"
    assert path.read_bytes() == client.content(6)


def test_a_changed_video_is_downloaded_again_and_the_old_one_kept_until_the_new_is_whole(client):
    client.fetch()
    old = client.content(6)
    client.server.sizes[6, "source"] = 305_678
    client.server.faults += [Cut(after=100_000, times=1, numbers={6}), CdnError(status=400, numbers={6})]

    assert client.fetch()[6].status == "failed"
    assert client.on_disk()[6] == old

    client.server.faults.clear()
    assert client.fetch()[6].status == "success"
    assert client.on_disk()[6] == client.content(6) != old


def test_another_quality_is_downloaded_again(client):
    client.fetch("360p")
    client.fetch("720p")

    assert client.on_disk() == {number: client.content(number, "720p") for number in (1, 6, 9)}


def test_two_videos_with_one_title_both_come_down(client):
    client.server.titles = {6: "(06) Same"}
    client.server.second_titles = {6: "(06) SAME"}
    client.fetch()

    contents = sorted(path.read_bytes() for path in client.project.videos.glob("(06)*.mp4"))
    assert contents == sorted([client.content(6), client.content(6, copy=1)])
    assert len(client.recorded()) == 4


def test_hostile_titles_come_down_into_the_folder_and_nowhere_else(client, tmp_path):
    client.server.numbers = None
    client.server.titles = HOSTILE_TITLES
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(client.project.videos)}

    results = client.fetch_listed("360p", 4)

    assert {result.status for result in results} == {"success"}
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(client.project.videos)} == before
    found = sorted(path.read_bytes() for path in client.project.videos.iterdir() if path.suffix == ".mp4")
    assert found == sorted(client.content(number, "360p") for number in course_numbers(find_language("es")))
    by_title = {result.title: result.number for result in results}
    assert {number for number, path in videos_on_disk(client.project)} >= {by_title[HOSTILE_TITLES[17]], 19}


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_as_many_downloads_run_side_by_side_as_there_are_workers(workers, client):
    client.server.faults.append(Stall(after=1000, seconds=0.6))
    fetching = threading.Thread(target=client.fetch, args=("360p", workers))
    fetching.start()
    begun_before_the_first_ended = 0
    while fetching.is_alive():
        begun = len(client.requests("cdn"))
        if client.on_disk():
            break
        begun_before_the_first_ended = begun
        time.sleep(0.01)
    fetching.join()

    assert begun_before_the_first_ended == workers
    assert len(client.on_disk()) == 3


# Folders in folders, and other people's


@pytest.fixture
def nested(client):
    """The Spanish folder with a folder in it, that has another in it, that has the first again."""
    folders = [language for language in all_languages() if language.vimeo_folder_id and language.code != "es"][:2]
    inner, innermost = (language.vimeo_folder_id for language in folders)
    client.server.subfolders = {SPANISH: [inner], inner: [innermost], innermost: [SPANISH]}
    client.inner_names = tuple(language.name for language in folders)
    return client


def test_the_folders_in_a_folder_are_named_and_left_alone(nested):
    listing = nested.vimeo.folder(SPANISH)

    assert (len(listing.videos), listing.total) == (3, 3)
    assert listing.subfolders == nested.inner_names[:1]


def test_the_folders_in_a_folder_are_taken_when_asked_for_each_once(nested):
    listing = nested.vimeo.folder(SPANISH, recursive=True)

    assert (len(listing.videos), listing.total) == (9, 9)
    assert listing.subfolders[:2] == nested.inner_names
    asked = [request.path for request in nested.requests("api") if request.path.endswith("/videos")]
    assert len(asked) == 3


def test_a_vimeo_that_does_not_tell_of_folders_in_a_folder_still_gives_the_videos(client):
    client.server.faults.append(ApiError(status=500, path=f"/me/projects/{SPANISH}/items"))

    listing = client.vimeo.folder(SPANISH)

    assert (len(listing.videos), listing.subfolders) == (3, ())
    assert "does not tell which folders" in client.said[-1]


@pytest.mark.parametrize("only", ["projects_only", "folders_only"])
def test_a_folder_of_a_teams_owner_is_found_once_and_then_kept_to(only, client):
    client.server.owner_folders.add(SPANISH)
    setattr(client.server, only, {SPANISH})
    client.server.page_size_limit = 1

    with pytest.raises(BuilderError, match="no folder") as error:
        client.vimeo.folder(SPANISH)
    assert "OWNER/NUMBER" in error.value.remedy
    client.server.log.clear()
    listing = client.vimeo.folder(f"{client.server.owner_id}/{SPANISH}")

    assert len(listing.videos) == 3
    statuses = [request.status for request in client.requests("api")]
    assert statuses.count(404) == (0 if only == "projects_only" else 1)
    assert statuses[-1] == 200


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("269525", "269525"),
        (" 269525 ", "269525"),
        ("9100002/269525", "9100002/269525"),
        ("/users/9100002/projects/269525", "9100002/269525"),
        ("https://vimeo.com/user/9100002/folder/269525", "9100002/269525"),
    ],
)
def test_a_folder_can_be_given_by_its_number_or_its_address(text, folder):
    assert vimeo_folder(text) == folder


@pytest.mark.parametrize("text", ["", "abc", "12/", "/12", "1/2/3/x", "users/x/projects/5", "-5"])
def test_what_is_no_folder_is_refused(text):
    with pytest.raises(ArgumentTypeError):
        vimeo_folder(text)


# Scopes


def test_a_token_without_the_scope_for_downloads_is_told_from_a_plan_without_them(client):
    client.server.scope = "public private"
    [bad] = [result for number, result in client.fetch().items() if number == 6]
    assert "The access token lacks the scope video_files." in bad.error
    assert len([request for request in client.requests("api") if request.path == "/oauth/verify"]) == 1

    client.server.scope = "public private video_files"
    client.server.faults.append(NoDownload())
    assert "Vimeo gives download links only to an account on Standard" in client.fetch()[6].error


def test_a_token_that_may_not_see_folders_is_told_which_scope_it_lacks(client):
    client.server.scope = "public"
    with pytest.raises(BuilderError, match="The access token lacks the scope private and video_files"):
        client.vimeo.folder(SPANISH)


# The course's numbers


def test_a_number_that_was_settled_goes_before_the_titles():
    videos = [video_of([], "(06) one", "1"), video_of([], "(06) two", "2"), video_of([], "none", "3")]

    assert numbers_of(videos, {}) == {"1": 6, "2": 6, "3": None}
    assert numbers_of(videos, {6: "2", 7: "3"}) == {"1": None, "2": 6, "3": 7}
    assert numbers_of(videos, {6: "4"}) == {"1": None, "2": None, "3": None}


def test_numbers_that_stand_twice_or_not_at_all_are_told_with_the_way_out():
    videos = [video_of([], "(06) one", "1"), video_of([], "(06) two", "2"), video_of([], "none", "3")]

    doubled, lost = number_troubles(videos, numbers_of(videos, {}))

    assert (
        doubled == "Video 6 is there more than once: “(06) one” (1) and “(06) two” (2). Say which it is: --number 06=1"
    )
    assert lost == "“none” (3) has no place in the course without a number. Give it one: --number NN=3"
    assert number_troubles(videos, {"1": 1, "2": 2, "3": 3}) == []


def test_settled_numbers_are_remembered_in_the_project(project):
    videos = [video_of([], "a", "1"), video_of([], "b", "2")]

    assert settle_numbers(project, videos, {6: "1"}) == {6: "1"}
    assert settle_numbers(project, videos, {}) == {6: "1"}
    assert settle_numbers(project, videos, {7: "1"}) == {7: "1"}, "a video has one number"
    assert settle_numbers(project, videos, {7: "2"}) == {7: "2"}, "a number has one video"
    with pytest.raises(BuilderError, match="no video 3 in the folder, for number 08"):
        settle_numbers(project, videos, {8: "3"})
    assert json.loads((project.videos / "numbers.json").read_text(encoding="utf-8")) == {"07": "2"}


@pytest.mark.parametrize("content", ["{", "[]", '{"six": "1"}'])
def test_settled_numbers_that_cannot_be_read_are_an_error(project, content):
    (project.videos / "numbers.json").write_text(content, encoding="utf-8")
    with pytest.raises(BuilderError, match=r"numbers\.json cannot be read"):
        settle_numbers(project, [], {})


# Where the file stands


def test_a_video_with_a_new_title_is_renamed_and_not_downloaded_again(client):
    client.fetch("360p")
    client.server.log.clear()
    client.server.titles[6] = "(06) another title"

    results = client.fetch("360p")

    assert results[6].status == "skipped"
    assert results[6].path == str(client.project.videos / "(06) another title.mp4")
    assert client.requests("cdn") == []
    assert client.on_disk() == {number: client.content(number, "360p") for number in (1, 6, 9)}


def test_titles_that_change_places_lose_no_video(client):
    client.server.titles.update({6: "(06) six", 9: "(09) nine"})
    client.fetch("360p")
    client.server.titles.update({6: "(09) nine", 9: "(06) six"})

    client.fetch("360p")

    found = {path.name: path.read_bytes() for path in client.project.videos.glob("*.mp4")}
    assert found["(09) nine.mp4"] == client.content(6, "360p")
    assert found["(06) six.mp4"] == client.content(9, "360p")
    assert len(found) == 3


def test_the_old_file_of_a_changed_video_goes_when_the_new_one_is_whole(client):
    client.fetch("360p")
    client.server.titles[6] = "(06) another title"
    client.server.faults.append(CdnError(status=400, numbers={6}))
    client.fetch("720p")
    assert client.on_disk()[6] == client.content(6, "360p"), "the old one is kept while there is no new one"

    client.server.faults.clear()
    client.fetch("720p")

    assert [path.name for path in client.project.videos.glob("*06*.mp4")] == ["(06) another title.mp4"]
    assert client.on_disk()[6] == client.content(6, "720p")


def test_what_was_begun_of_another_rendition_is_removed(client):
    client.server.faults += [Cut(after=20_000, times=1, numbers={6}), CdnError(status=400, numbers={6})]
    client.fetch("1080p")
    assert len(list(client.project.videos.glob(".*.part"))) == 1
    client.server.faults.clear()

    client.fetch("360p")

    assert list(client.project.videos.glob(".*.part")) == []


def test_a_partial_file_that_is_whole_already_is_checked_and_not_asked_for_from_the_start(client):
    """Of a size that Vimeo does not announce: only the refusal of the range tells that nothing is missing."""
    client.server.faults.append(LacksFields(fields=("size",)))
    video = next(video for video in client.vimeo.folder(SPANISH).videos if course_number(video.title) == 6)
    source = _fetch._source(video, choose_rendition(video, "360p"))
    target = client.project.videos / "x.mp4"
    content = client.content(6, "360p")

    for there, ranges in (
        (content, [f"bytes={len(content)}-"]),
        (content + b"!", [f"bytes={len(content) + 1}-", None]),
    ):
        client.server.log.clear()
        _transfer.partial_path(target, source).write_bytes(there)
        _transfer.download(source, target, new_http_session(1), lambda: source, lambda _: None, client.said.append)
        assert target.read_bytes() == content
        assert [request.range for request in client.requests("cdn")] == ranges


def test_a_server_that_has_another_length_is_noticed_before_the_first_byte(client):
    client.server.faults.append(WrongSize(difference=1, numbers={6}))

    result = client.fetch("360p")[6]

    size = len(client.content(6, "360p"))
    assert result.error.startswith(f"The server has {size} bytes for it, but Vimeo announced {size + 1}.")
    assert not list(client.project.videos.glob(".*.part"))


def test_a_line_that_gives_little_each_time_still_brings_the_whole_file(client):
    client.server.faults.append(Cut(after=3_000, numbers={6}))

    assert client.fetch("360p")[6].status == "success"
    assert client.on_disk()[6] == client.content(6, "360p")


def test_a_disk_that_is_too_small_is_told_before_the_first_byte(client, monkeypatch):
    sizes = [len(client.content(number, "360p")) for number in (1, 6, 9)]
    free = SimpleNamespace(free=sum(sizes) - 1)
    monkeypatch.setattr(_fetch.shutil, "disk_usage", lambda _: free)
    with pytest.raises(BuilderError, match=r"The disk is too small: .* MB are to come, but only .* MB are free"):
        client.fetch("360p")
    assert client.requests("link") == []

    free.free += 1
    assert {result.status for result in client.fetch("360p").values()} == {"success"}
    free.free = 0
    assert {result.status for result in client.fetch("360p").values()} == {"skipped"}


def test_a_disk_that_fills_up_fails_the_video_and_keeps_what_came(client, monkeypatch):
    real = Path.open

    class Full:
        def __init__(self, file) -> None:
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_) -> None:
            self.file.close()

        def write(self, content) -> None:
            self.file.write(content[:1000])
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(path, mode="r", *arguments, **options):
        file = real(path, mode, *arguments, **options)
        return Full(file) if path.suffix == ".part" and "b" in mode and mode != "rb" else file

    monkeypatch.setattr(Path, "open", opened)
    results = client.fetch("360p")
    assert {result.status for result in results.values()} == {"failed"}
    assert "is full. Free space" in results[6].error
    assert client.on_disk() == {}
    monkeypatch.undo()

    client.server.log.clear()
    assert {result.status for result in client.fetch("360p").values()} == {"success"}
    assert {request.range for request in client.requests("cdn")} == {"bytes=1000-"}


# The script


def tree(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_the_script_downloads_the_languages_own_folder_and_ends_with_0(suite, stand_in, project):
    done = suite.part(2, "--project-path", project.path, "--language-code", "es")

    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(project.videos.glob("*.mp4"))) == 3
    assert "3 downloaded" in done.stdout
    assert stand_in.vimeo.log.of_kind("api")[0].path.split("/")[3] == SPANISH
    assert stand_in.vimeo.token not in done.stdout


def test_the_script_takes_another_folder_when_told(suite, stand_in, project):
    stand_in.vimeo.folder_languages["4711"] = "fr"
    done = suite.part(2, "--project-path", project.path, "--language-code", "es", "--folder-id", "4711")

    assert done.returncode == 0, done.stderr
    assert {request.video.language.code for request in stand_in.vimeo.log.of_kind("cdn")} == {"fr"}


def test_one_bad_video_does_not_stop_the_rest_and_the_script_ends_with_1(suite, stand_in, project):
    stand_in.vimeo.faults.append(NoDownload(numbers={6}))
    done = suite.part(2, "--project-path", project.path, "--language-code", "es", "--max-workers", 1)

    assert done.returncode == 1
    assert sorted(course_number(path.name) for path in project.videos.glob("*.mp4")) == [1, 9]
    assert "(06)" in done.stderr
    assert "video_files" in done.stderr
    assert "(01)" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_lists_fewer_videos_than_it_says_ends_with_1(suite, stand_in, project):
    stand_in.vimeo.faults.append(ListOmits(numbers={6}))
    done = suite.part(2, "--project-path", project.path, "--language-code", "es")

    assert done.returncode == 1
    assert "3 videos" in done.stderr
    assert "only 2" in done.stderr


@pytest.mark.parametrize(
    ("trouble", "told"), [("empty", "is empty"), ("unknown", "no folder"), ("token", "token"), ("scope", "scope")]
)
def test_a_folder_that_gives_nothing_ends_with_1_and_one_message(trouble, told, suite, stand_in, project):
    if trouble == "empty":
        stand_in.vimeo.empty_folders.add(SPANISH)
    if trouble == "token":
        stand_in.vimeo.token = "another one"
    if trouble == "scope":
        stand_in.vimeo.scope = "public"
    folder = "123456" if trouble == "unknown" else SPANISH
    done = suite.part(2, "--project-path", project.path, "--language-code", "es", "--folder-id", folder)

    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(project.videos.glob("*.mp4"))


def test_a_language_without_a_folder_needs_its_number(suite, project):
    done = suite.part(2, "--project-path", project.path, "--language-code", "ky")

    assert done.returncode == 1
    assert "--folder-id" in done.stderr


@pytest.mark.parametrize("arguments", [("--folder-id", SPANISH), ("--language-code", "es")])
def test_a_folder_can_be_listed_without_a_project(arguments, suite, stand_in, tmp_path):
    before = tree(tmp_path)
    done = suite.part(2, "--list-only", *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    for number in (1, 6, 9):
        assert StoredVideo(find_language("es"), number).title in done.stdout
    assert "source" in done.stdout
    assert stand_in.vimeo.log.of_kind("link") + stand_in.vimeo.log.of_kind("cdn") == []
    assert tree(tmp_path) == before


def test_listing_needs_to_know_which_folder(suite):
    done = suite.part(2, "--list-only")

    assert done.returncode == 1
    assert "--language-code" in done.stderr


def test_the_languages_can_be_listed_without_anything(lone_suite):
    done = lone_suite.part(2, "--list-languages")

    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    for language in all_languages():
        assert language.native_name in rows[language.code]
        assert rows[language.code].split()[-1] == (language.vimeo_folder_id or "unknown")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--folder-id", "../1"),
        ("--folder-id", "abc"),
        ("--max-workers", "0"),
        ("--max-workers", "many"),
        ("--quality", "good"),
        ("--quality", "0p"),
    ],
)
def test_wrong_arguments_end_with_2(arguments, lone_suite):
    done = lone_suite.part(2, *arguments)

    assert done.returncode == 2
    assert arguments[0] in done.stderr


def test_doubled_and_missing_numbers_are_warned_about_and_can_be_settled(suite, stand_in, project):
    stand_in.vimeo.second_titles[6] = "(06) the same number"
    stand_in.vimeo.titles[9] = "no number"
    arguments = ("--project-path", project.path, "--language-code", "es", "--quality", "360p")
    first, second = (StoredVideo(find_language("es"), 6, copy).id for copy in (0, 1))
    ninth = StoredVideo(find_language("es"), 9).id

    done = suite.part(2, *arguments)

    assert done.returncode == 0, done.stderr
    assert "Video 6 is there more than once: “(06) " in done.stderr
    assert f"--number 06={min(first, second)}" in done.stderr or f"--number 06={max(first, second)}" in done.stderr
    assert f"“no number” ({ninth}) has no place in the course without a number." in done.stderr

    settled = suite.part(2, *arguments, "--number", f"06={second}", "--number", f"9={ninth}")
    again = suite.part(2, *arguments)

    for done in (settled, again):
        assert done.returncode == 0
        assert f"({first}) has no place" in done.stderr
        assert "more than once" not in done.stderr
    found = {number: path.name for number, path in videos_on_disk(project) if number}
    assert found == {1: found[1], 6: "(06) the same number.mp4", 9: "no number.mp4"}


def test_a_number_for_a_video_that_is_not_in_the_folder_is_an_error(suite, project):
    done = suite.part(2, "--project-path", project.path, "--language-code", "es", "--number", "06=12345")
    assert done.returncode == 1
    assert "There is no video 12345 in the folder, for number 06." in done.stderr


@pytest.mark.parametrize("value", ["6", "06=", "=5", "six=5", "06=abc", "1234=5"])
def test_a_number_in_another_form_is_wrong_usage(lone_suite, value):
    done = lone_suite.part(2, "--list-only", "--number", value)
    assert done.returncode == 2
    assert "06=VIDEO_ID" in done.stderr


def test_the_list_is_ordered_by_number_and_says_what_is_there(suite, stand_in, project):
    stand_in.vimeo.titles[1] = "[bold]no number[/bold]"
    arguments = ("--project-path", project.path, "--language-code", "es")
    stand_in.vimeo.faults.append(CdnError(status=400, numbers={9}))
    suite.part(2, *arguments)

    done = suite.part(2, *arguments, "--list-only")

    rows = [line.split() for line in done.stdout.splitlines() if "0:02" in line]
    assert [row[0] for row in rows] == ["06", "09", "[bold]no"]
    assert [row[-1] for row in rows] == ["yes", "no", "yes"]


def test_a_folder_in_the_folder_is_named_by_the_script_and_taken_with_recursive(suite, stand_in, project):
    stand_in.vimeo.subfolders = {"9990001": [SPANISH]}
    arguments = ("--project-path", project.path, "--language-code", "es", "--folder-id", "9990001", "--quality", "360p")

    empty = suite.part(2, *arguments)
    taken = suite.part(2, *arguments, "--recursive")

    assert empty.returncode == 1
    assert "Folders in it, not taken (see --recursive): Spanish" in empty.stdout
    assert "The Vimeo folder 9990001 is empty." in empty.stderr
    assert taken.returncode == 0, taken.stderr
    assert "3 downloaded" in taken.stdout


def test_lines_tell_parallel_builds_apart(suite, project):
    done = suite.part(2, "--project-path", project.path, "--language-code", "es", "--quality", "360p")
    assert [line[:9] for line in done.stdout.splitlines() if "received" in line] == [
        f"es: [{number}/3]" for number in (1, 2, 3)
    ]


def test_a_terminal_shows_each_running_download_and_all_of_them(suite, stand_in, project, tmp_path):
    stand_in.vimeo.faults.append(Drip())
    command = suite.command(2, "--project-path", project.path, "--language-code", "es", "--quality", "360p")
    with Terminal(command, suite.environment, tmp_path) as terminal:
        terminal.expect("All 3 videos")
        assert terminal.wait() == 0
        assert re.search(r"All 3 videos\s+[━╸╺ ]+\s*[\d.]+/[\d.]+\s\S*B", terminal.screen)
        assert re.search(r"\(06\)[^\n]*━", terminal.screen)


def test_the_folder_is_listed_by_two_requests_and_a_rerun_makes_no_other(suite, stand_in, project):
    stand_in.vimeo.numbers = None
    arguments = ("--project-path", project.path, "--language-code", "es", "--quality", "360p")
    assert suite.part(2, *arguments).returncode == 0
    stand_in.vimeo.log.clear()

    done = suite.part(2, *arguments)

    assert "0 downloaded, 29 there before, 0 failed" in done.stdout
    assert [request.kind for request in stand_in.vimeo.log.requests] == ["api", "api"]


def test_after_kill_9_the_next_run_goes_on_where_the_file_stands(suite, stand_in, project):
    stand_in.vimeo.numbers = {6}
    stand_in.vimeo.faults.append(Drip(times=1))
    arguments = ("--project-path", project.path, "--language-code", "es", "--quality", "360p")
    process = suite.start(2, *arguments)
    deadline = time.monotonic() + 30
    while not any(path.stat().st_size > 5000 for path in project.videos.glob(".*.part")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    [partial] = project.videos.glob(".*.part")
    there = partial.stat().st_size
    assert list(project.videos.glob("*.mp4")) == []
    stand_in.vimeo.log.clear()

    done = suite.part(2, *arguments)

    assert done.returncode == 0, done.stderr
    assert [request.range for request in stand_in.vimeo.log.of_kind("cdn")] == [f"bytes={there}-"]
    video = StoredVideo(find_language("es"), 6)
    [path] = project.videos.glob("*.mp4")
    assert path.read_bytes() == b"".join(stand_in.vimeo.find_file(video, "360p").read())
    assert list(project.videos.glob(".*.part")) == []
