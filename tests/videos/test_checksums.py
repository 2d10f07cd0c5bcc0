"""However a video comes, its checksums are those of the whole file."""

from __future__ import annotations

import hashlib

import pytest

from demo.vimeo_faults import CdnError, CdnExpired, Cut, HtmlPage, LacksFields, RangeIgnored, Unannounced, WrongBytes

FAULTS = {
    "none": [],
    "cut": [Cut(after=100_000, times=1)],
    "cut all the time": [Cut(after=40_000)],
    "cut, and the rest comes from the start": [Cut(after=100_000, times=1), RangeIgnored()],
    "expired": [CdnExpired(times=1)],
    "wrong bytes at first": [WrongBytes(times=1)],
    "a page at first": [HtmlPage(times=1)],
    "no length": [Unannounced()],
    "no MD5": [LacksFields(fields=("md5",))],
    "no MD5 and cut": [LacksFields(fields=("md5",)), Cut(after=100_000, times=2)],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
def test_the_sums_are_those_of_the_whole_file_however_it_came(faults, client):
    client.server.faults += faults
    client.fetch()

    for said in client.recorded():
        content = client.content(said["number"])
        assert said["status"] == "success"
        assert (said["md5"], said["sha256"]) == (hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest())


def test_the_sums_are_those_of_the_whole_file_when_a_later_run_goes_on_with_it(client):
    client.server.faults += [
        LacksFields(fields=("md5",)),
        Cut(after=100_000, times=1, numbers={6}),
        CdnError(status=400, numbers={6}),
    ]
    assert client.fetch()[6].sha256 is None
    client.server.faults[1:] = []
    client.fetch()

    said = next(said for said in client.recorded() if said["number"] == 6)
    assert said["sha256"] == hashlib.sha256(client.content(6)).hexdigest()
    assert said["md5"] == hashlib.md5(client.content(6)).hexdigest()
