"""Services that do not refuse but keep silent: a read is given up after its time, tried again, and goes on."""

from __future__ import annotations

import pytest

from common.errors import BuilderError
from demo.vimeo_faults import SlowApi, Stall
from downloads import SPANISH
from videos import transfer
from videos import vimeo as vimeo_module
from videos.vimeo import Vimeo

# The client gives up after PATIENCE; what is silent is so for much longer.
PATIENCE, SILENCE = 0.4, 60
NUMBERS = (1, 6, 9)


@pytest.fixture
def client(client, stand_in, monkeypatch):
    """A client that waits no longer than PATIENCE for the next byte."""
    for module in (vimeo_module, transfer):
        monkeypatch.setattr(module, "READ_SECONDS", PATIENCE)
    client.vimeo = Vimeo(stand_in.vimeo.token, client.said.append)
    return client


def contents(client, quality):
    return {number: client.content(number, quality) for number in NUMBERS}


def starts(client, number):
    """Return from which byte on each request for a video asked."""
    asked = (request.range for request in client.requests("cdn", number))
    return [int(given.removeprefix("bytes=").removesuffix("-")) if given else 0 for given in asked]


def test_an_api_that_is_silent_twice_is_asked_again(client):
    client.server.faults.append(SlowApi(seconds=SILENCE, times=2))

    assert len(client.vimeo.folder(SPANISH).videos) == 3

    silent = [sentence for sentence in client.said if "cannot be reached" in sentence and "ReadTimeout" in sentence]
    assert len(silent) >= 2


def test_an_api_that_stays_silent_is_an_error_that_names_it(client):
    client.server.faults.append(SlowApi(seconds=SILENCE))

    with pytest.raises(BuilderError, match=r"Vimeo cannot be reached at http://127\.0\.0\.1:\d+ \(ReadTimeout\)"):
        client.vimeo.folder(SPANISH)

    assert len(client.said) == 4


def test_whoever_only_checks_waits_for_a_silent_api_once(client, stand_in, monkeypatch):
    monkeypatch.setattr(vimeo_module, "_HURRIED_SECONDS", PATIENCE)
    client.server.faults.append(SlowApi(seconds=SILENCE))
    vimeo = Vimeo(stand_in.vimeo.token, client.said.append, patient=False)

    with pytest.raises(BuilderError, match="ReadTimeout"):
        vimeo.folder(SPANISH)

    assert client.said == []


def test_a_download_that_falls_silent_goes_on_where_it_was(client, capsys):
    client.server.faults.append(Stall(after=70_000, seconds=SILENCE, times=1, numbers={6}))

    assert client.fetch("720p")[6].status == "success"

    assert client.on_disk() == contents(client, "720p")
    assert "The connection broke (ReadTimeoutError)." in capsys.readouterr().out
    first, second, *_ = starts(client, 6)
    assert first == 0
    assert 0 < second <= 70_000


def test_a_download_that_is_silent_from_the_beginning_is_tried_again(client):
    client.server.faults.append(Stall(after=0, seconds=SILENCE, times=1))

    assert {result.status for result in client.fetch("360p").values()} == {"success"}

    assert client.on_disk() == contents(client, "360p")
    assert [number for number in NUMBERS if len(starts(client, number)) < 2] == []


def test_a_line_that_falls_silent_all_the_time_still_brings_the_whole_file(client):
    """Each try brings the file forward, so no number of them is too many."""
    client.server.faults.append(Stall(after=12_000, seconds=SILENCE, numbers={6}))

    assert client.fetch("720p")[6].status == "success"

    assert client.on_disk()[6] == client.content(6, "720p")
    assert len(starts(client, 6)) > 5


def test_a_download_that_stays_silent_fails_alone_and_keeps_what_there_was(client):
    client.fetch("360p")
    client.server.faults.append(Stall(after=0, seconds=SILENCE, numbers={6}))

    results = client.fetch("720p")

    assert {number: result.status for number, result in results.items()} == {1: "success", 6: "failed", 9: "success"}
    assert "The connection broke (ReadTimeoutError)." in results[6].error
    assert client.on_disk() == {**contents(client, "720p"), 6: client.content(6, "360p")}

    client.server.faults.clear()
    assert client.fetch("720p")[6].status == "success"
    assert client.on_disk() == contents(client, "720p")
