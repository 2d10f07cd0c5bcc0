"""Videos come whole or not at all."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from common.errors import BuilderError
from course.languages import find_language
from demo.vimeo_faults import (
    CdnError,
    CdnExpired,
    Cut,
    EmptyBody,
    HtmlPage,
    LacksFields,
    LinkError,
    LinkExpired,
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
from demo.vimeo_settings import HOSTILE_TITLES
from demo.vimeo_videos import StoredVideo, course_numbers
from downloads import KEYS, SPANISH
from videos import downloader
from videos.downloader import Downloader
from videos.files import videos_on_disk
from videos.numbers import course_number
from videos.numbers import course_numbers as numbers_of


def test_whole_files_of_the_announced_size_come_down(client):
    results = client.fetch()

    assert client.on_disk() == {number: client.content(number) for number in (1, 6, 9)}
    for number, result in results.items():
        assert (result.status, result.error, result.quality) == ("success", None, "source")
        assert result.size == len(client.content(number))
        assert client.has_right_sums(result)
    assert sorted(path.suffix for path in client.project.videos.iterdir()) == [".json", ".mp4", ".mp4", ".mp4"]


def test_the_record_has_exactly_the_agreed_keys(client):
    client.server.faults.append(NoDownload(numbers={6}))
    client.fetch()

    records = {course_number(record["title"]): record for record in client.recorded()}
    assert all(tuple(record) == KEYS for record in records.values())


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
    assert (results[6].path, results[6].md5, results[6].sha256) == (None, None, None)
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
    assert all(client.has_right_sums(result, "720p") for result in results.values())
    assert not list(client.project.videos.glob(".*"))


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
    known = (lambda video: client.vimeo.video(video.uri), videos, numbers_of(videos, {}), {})
    with Downloader(client.project, *known, "best", 3, "es") as downloader:
        assert {result.status for result in downloader.download_all()} == {"success"}


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


def test_a_server_that_has_another_length_is_noticed_before_the_first_byte(client):
    client.server.faults.append(WrongSize(difference=1, numbers={6}))

    result = client.fetch("360p")[6]

    size = len(client.content(6, "360p"))
    assert result.error.startswith(f"The server offers {size} bytes, but {size + 1} were announced.")
    assert not list(client.project.videos.glob(".*.part"))


def test_a_disk_that_is_too_small_is_told_before_the_first_byte(client, monkeypatch):
    sizes = [len(client.content(number, "360p")) for number in (1, 6, 9)]
    free = SimpleNamespace(free=sum(sizes) - 1)
    monkeypatch.setattr(downloader.shutil, "disk_usage", lambda _: free)
    with pytest.raises(
        BuilderError, match=r"The disk is too small: .* MB must still be downloaded, but only .* MB are free"
    ):
        client.fetch("360p")
    assert client.requests("link") == []

    free.free += 1
    assert {result.status for result in client.fetch("360p").values()} == {"success"}
    free.free = 0
    assert {result.status for result in client.fetch("360p").values()} == {"skipped"}
