"""Videos from the public mirror: which there are, and that each comes whole, as it is there now."""

from __future__ import annotations

import pytest

from common.errors import RemoteError, UsageError
from demo.mirror_faults import Changed, HeadRefused, Missing, NoMd5, XmlPage
from demo.vimeo_faults import (
    CdnError,
    Cut,
    Drip,
    EmptyBody,
    HtmlPage,
    RangeIgnored,
    RangeRefused,
    Unannounced,
    WrongBytes,
    WrongLength,
)
from suite import NOWHERE
from videos.mirror import DEFAULT_MIRROR_URL, Mirror, mirror_url
from videos.results import read_results

# What a client of the mirror has to get over, by what it is.
PASSING = {
    "an error": [CdnError(status=503, times=2)],
    "too many requests": [CdnError(status=429, retry_after=3, times=1)],
    "an error to HEAD": [CdnError(status=500, times=1, methods={"HEAD"})],
    "HEAD is refused": [HeadRefused()],
    "a cut": [Cut(after=20_000, times=2)],
    "a cut that looks like the end": [Cut(after=20_000, announced=False, times=1)],
    "cuts, and no MD5": [Cut(after=20_000, times=2), NoMd5()],
    "a cut that looks like the end, and no MD5": [Cut(after=20_000, announced=False, times=1), NoMd5()],
    "ranges ignored": [Cut(after=20_000, times=1), RangeIgnored()],
    "ranges refused": [Cut(after=20_000, times=1), RangeRefused()],
    "a page": [HtmlPage(times=2)],
    "an XML page": [XmlPage(times=2)],
    "an XML page that says it is a video": [XmlPage(content_type="video/mp4", times=2, methods={"GET"})],
    "nothing at all": [EmptyBody(times=1, methods={"GET"})],
    "wrong bytes": [WrongBytes(times=1)],
    "a wrong length": [WrongLength(difference=7, times=1, methods={"GET"})],
    "a length that is too short": [WrongLength(difference=-7, times=1, methods={"GET"})],
    "a length that is too short, and no MD5": [WrongLength(difference=-7, times=1, methods={"GET"}), NoMd5()],
    "no length": [Unannounced()],
    "a length of nothing to HEAD": [EmptyBody(methods={"HEAD"})],
    "no length, and the end of the connection ends the file": [Unannounced(chunked=False)],
    "slow": [Drip(piece=20_000, pause=0.01)],
    "one header for all sums": [],
}


@pytest.mark.parametrize("name", PASSING)
def test_a_video_comes_whole_in_spite_of(client, pauses, name):
    client.mirror.faults += PASSING[name]
    client.mirror.one_hash_header = name == "one header for all sums"

    results = client.fetch_from("mirror", needed=(6,))

    assert client.on_disk() == {6: client.mirror_content(6)}
    assert results[6].status == "success"
    assert not list(client.project.videos.glob(".*"))


# What cannot be got over, and what is said of it.
LASTING = {
    "an error": ([CdnError(status=500)], "answered with an error (500)"),
    "an error to GET": ([CdnError(status=500, methods={"GET"})], "answered with an error (500)"),
    "no request of that kind": ([CdnError(status=400)], "answered with an error (400)"),
    "a page": ([HtmlPage()], "a page instead of a video"),
    "an XML page": ([XmlPage()], "a page instead of a video"),
    "an XML page that says it is a video": ([XmlPage(content_type="video/mp4")], "is not a video"),
    "nothing at all": ([EmptyBody()], "is not a video"),
    "wrong bytes": ([WrongBytes()], "its MD5 differs"),
    "always cut": ([Cut(after=0)], "The connection broke"),
    "there for HEAD only": ([Missing(methods={"GET"})], "There is no such file (404)."),
    "always too short, and nothing announced": (
        [Cut(after=20_000, announced=False), NoMd5(validators=False), RangeIgnored()],
        "ends in the middle",
    ),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_video_that_does_not_come_whole_has_no_file_and_says_why(client, pauses, name):
    faults, said = LASTING[name]
    for fault in faults:
        fault.numbers = {6}
    client.mirror.faults += faults
    client.mirror.faults += [Unannounced(numbers={6})] if "nothing announced" in name else []

    results = client.fetch_from("mirror", needed=(1, 6))

    assert said in results[6].error
    assert (results[6].id, results[6].status, results[6].source) == ("mirror:6", "failed", "mirror")
    assert client.on_disk() == {1: client.mirror_content(1)}


def test_the_record_says_what_was_checked(client, pauses):
    client.mirror.faults += [NoMd5(numbers={6}), NoMd5(validators=False, numbers={9}), Unannounced(numbers={9})]

    results = client.fetch_from("mirror")

    assert {number: result.checked for number, result in results.items()} == {1: "md5", 6: "length", 9: "nothing"}
    assert results[1].validator == f'"{results[1].md5}"'
    assert results[9].validator is None
    assert all(result.source == "mirror" and result.quality == "mirror" for result in results.values())


def test_a_video_of_vimeo_has_what_was_checked_in_its_entry_too(client):
    assert {result.checked for result in client.fetch().values()} == {"md5"}


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_not_there_is_absent_and_no_failure_of_the_mirror(client, status):
    client.mirror.faults.append(Missing(status=status, numbers={6, 9}))
    supply = client.supply(client.sources("mirror"))

    assert [video.id for video in supply.videos] == ["mirror:1"]
    assert supply.absent == (6, 9)
    assert supply.why_absent.startswith("The course's videos 06, 09 are not on the mirror (http://localhost:")


def test_the_mirror_is_asked_for_what_is_needed_and_nothing_secret_is_sent(client):
    client.fetch_from("mirror")

    requests = client.mirror.log.requests
    assert {request.host.partition(":")[0] for request in requests} == {"localhost"}
    assert not any(request.carried_authorization for request in requests)
    assert sorted((request.method, request.path) for request in requests) == [
        (method, f"/zume-file-mirror/es/{number}.mp4") for method in ("GET", "HEAD") for number in (1, 6, 9)
    ]
    assert client.requests("api") == []


def test_a_second_run_asks_once_for_each_and_downloads_nothing(client):
    first = client.fetch_from("mirror")
    client.mirror.log.clear()

    second = client.fetch_from("mirror")

    assert {request.method for request in client.mirror.log.requests} == {"HEAD"}
    assert len(client.mirror.log.requests) == 3
    assert {result.status for result in second.values()} == {"skipped"}
    assert [result.downloaded_at for result in second.values()] == [result.downloaded_at for result in first.values()]


@pytest.mark.parametrize("md5", [True, False])
@pytest.mark.parametrize("size", [None, 50_123])
def test_other_content_at_the_same_address_comes_in_the_place_of_the_old_one(client, md5, size):
    client.mirror.faults += [] if md5 else [NoMd5()]
    client.fetch_from("mirror", needed=(6,))
    before = client.mirror_content(6)
    client.mirror.faults.append(Changed(size=size))

    assert client.fetch_from("mirror", needed=(6,))[6].status == "success"

    assert client.on_disk() == {6: client.mirror_content(6)} != {6: before}


@pytest.mark.parametrize("what", ["all is told", "no MD5", "no MD5 and no validator"])
def test_a_part_of_the_old_content_is_not_gone_on_with(client, pauses, what):
    """Only where nothing would tell the contents apart, a part of the same content is not gone on with either."""
    client.mirror.faults += [] if what == "all is told" else [NoMd5(validators=what == "no MD5")]
    client.mirror.faults += [Cut(after=20_000, times=1), CdnError(status=400, methods={"GET"})]
    assert client.fetch_from("mirror", needed=(6,))[6].status == "failed"
    assert [path.stat().st_size for path in client.project.videos.glob(".mirror-6-*.part")] == [20_000]
    del client.mirror.faults[-2:]
    client.mirror.faults.append(Changed())
    client.mirror.log.clear()

    assert client.fetch_from("mirror", needed=(6,))[6].status == "success"

    assert client.on_disk() == {6: client.mirror_content(6)}
    assert [request.range for request in client.mirror.log.requests if request.method == "GET"] == [None]
    assert not list(client.project.videos.glob(".*"))


def test_a_part_of_the_same_content_is_gone_on_with(client, pauses):
    client.mirror.faults += [Cut(after=20_000, times=1), CdnError(status=400, methods={"GET"})]
    client.fetch_from("mirror", needed=(6,))
    client.mirror.faults.clear()
    client.mirror.log.clear()

    assert client.fetch_from("mirror", needed=(6,))[6].status == "success"

    assert client.on_disk() == {6: client.mirror_content(6)}
    [request] = [request for request in client.mirror.log.requests if request.method == "GET"]
    assert (request.range, request.status) == ("bytes=20000-", 206)
    assert request.if_range == f'"{client.mirror.file(client.video(6)).md5}"'


@pytest.mark.parametrize("md5", [True, False])
@pytest.mark.parametrize("size", [None, 30_123, 50_123])
def test_content_that_changes_while_it_comes_is_taken_as_it_is_then(client, pauses, md5, size):
    client.mirror.faults += [] if md5 else [NoMd5()]
    client.mirror.faults += [Cut(after=20_000, times=1), Changed(after=1, size=size)]

    result = client.fetch_from("mirror", needed=(6,))[6]

    assert client.on_disk() == {6: client.mirror_content(6)}
    assert (result.size, result.checked) == (len(client.mirror_content(6)), "md5" if md5 else "length")
    assert not list(client.project.videos.glob(".*"))


def test_content_that_changes_between_question_and_download_is_taken_as_it_is_then(client, pauses):
    sources = client.sources("mirror", needed=(6,))
    supply = client.supply(sources)
    client.mirror.faults.append(Changed(size=50_123))

    [result] = client.download(sources, supply)

    assert client.on_disk() == {6: client.mirror_content(6)}
    assert (result.size, result.checked) == (50_123, "md5")


def test_a_video_that_is_gone_after_the_question_fails(client, pauses):
    sources = client.sources("mirror", needed=(6,))
    supply = client.supply(sources)
    client.mirror.faults.append(Missing())

    [result] = client.download(sources, supply)

    assert result.error.startswith("The mirror no longer has http://localhost:")


def test_a_mirror_that_nobody_reaches_is_one_failure_after_a_few_tries(client, pauses):
    mirror = Mirror(f"{NOWHERE}/", "es", client.said.append)

    answer = mirror.find(range(1, 30))

    assert answer.outage.message == f"The mirror cannot be reached at {NOWHERE}/es/ (ConnectionError)."
    assert set(answer.troubles) == set(range(1, 30))
    assert len(pauses) == 4


def test_one_video_with_an_error_is_no_outage(client, pauses):
    client.mirror.faults.append(CdnError(status=500, numbers={1}))

    answer = Mirror(mirror_url(client.mirror_address), "es", client.said.append).find((1, 6, 9))

    assert answer.outage is None
    assert list(answer.videos) == [6, 9]
    assert list(answer.troubles) == [1]


def test_an_impatient_mirror_asks_once(client, pauses):
    client.mirror.faults.append(CdnError(status=500))
    answer = Mirror(mirror_url(client.mirror_address), "es", client.said.append, patient=False).find((1, 6, 9))

    assert isinstance(answer.outage, RemoteError)
    assert pauses == []


@pytest.mark.parametrize(
    ("given", "page", "used"),
    [
        ("", "", DEFAULT_MIRROR_URL),
        ("", "https://mirror.example/videos", "https://mirror.example/videos/"),
        ("", "https://mirror.example/videos/", "https://mirror.example/videos/"),
        (" http://127.0.0.1:8000/m ", "https://mirror.example/videos/", "http://127.0.0.1:8000/m/"),
        ("", "ftp://mirror.example/", DEFAULT_MIRROR_URL),
        ("", "https://user:password@mirror.example/", DEFAULT_MIRROR_URL),
        ("", "/videos/", DEFAULT_MIRROR_URL),
    ],
)
def test_where_the_mirror_is(monkeypatch, given, page, used):
    monkeypatch.setenv("ZUME_MIRROR_URL", given)
    assert mirror_url(page) == used


@pytest.mark.parametrize(
    "given",
    ["nonsense", "http://", "ftp://mirror.example/", "https://a b/", "https://u:p@mirror.example/", "file:///x"],
)
def test_an_address_of_the_user_that_is_none_is_wrong_usage(monkeypatch, given):
    monkeypatch.setenv("ZUME_MIRROR_URL", given)
    with pytest.raises(UsageError, match="ZUME_MIRROR_URL is not a web address"):
        mirror_url("https://mirror.example/")


def test_two_videos_that_would_get_one_name_are_told_apart_without_a_colon(client):
    client.server.titles[6] = "(06)"
    client.server.numbers = {6}
    client.server.extra_numbers = True

    client.fetch_from("vimeo", "mirror", needed=(6, 9))

    assert all(":" not in path.name for path in client.project.videos.iterdir())
    assert {result.id for result in read_results(client.project).values() if result.source == "mirror"} == {"mirror:9"}
