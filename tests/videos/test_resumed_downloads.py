"""A download that stopped goes on where it stopped, and only with its own bytes."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

from common.http import new_http_session
from demo.vimeo_faults import (
    CdnError,
    Cut,
    LacksFields,
)
from downloads import SPANISH
from videos.checksums import Received
from videos.downloader import remote_file
from videos.numbers import course_number
from videos.renditions import choose_rendition
from videos.transfer import partial_path, transfer_file


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

    result = client.fetch()[6]
    assert result.status == "success"
    assert client.has_right_sums(result)
    assert client.on_disk()[6] == client.content(6)
    asked = starts(client.requests("cdn", 6))
    assert asked == sorted(set(asked))


def test_a_later_run_goes_on_where_a_run_that_failed_stopped(client):
    client.server.faults += [Cut(after=100_000, times=1, numbers={6}), CdnError(status=400, numbers={6})]
    assert client.fetch()[6].status == "failed"
    assert 6 not in client.on_disk()

    client.server.faults.clear()
    client.server.log.clear()
    result = client.fetch()[6]
    assert result.status == "success"
    assert client.has_right_sums(result)

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
    file = remote_file(video, choose_rendition(video, "360p"))
    target = client.project.videos / "x.mp4"
    content = client.content(6, "360p")

    for there, ranges in (
        (content, [f"bytes={len(content)}-"]),
        (content + b"!", [f"bytes={len(content) + 1}-", None]),
    ):
        client.server.log.clear()
        partial_path(target, file).write_bytes(there)
        received = transfer_file(
            file, target, new_http_session(1), lambda: file, lambda _: None, client.said.append, lambda _: None
        ).received
        assert target.read_bytes() == content
        assert received == Received(len(content), hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest())
        assert [request.range for request in client.requests("cdn")] == ranges


def test_a_line_that_gives_little_each_time_still_brings_the_whole_file(client):
    client.server.faults.append(Cut(after=3_000, numbers={6}))

    assert client.fetch("360p")[6].status == "success"
    assert client.on_disk()[6] == client.content(6, "360p")


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
    assert "is full. Free some space" in results[6].error
    assert client.on_disk() == {}
    monkeypatch.undo()

    client.server.log.clear()
    results = client.fetch("360p")
    assert {result.status for result in results.values()} == {"success"}
    assert all(client.has_right_sums(result, "360p") for result in results.values())
    assert {request.range for request in client.requests("cdn")} == {"bytes=1000-"}
