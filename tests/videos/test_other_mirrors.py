"""Mirrors that are not like Google's storage: copies in other networks, behind proxies, on servers of all kinds."""

from __future__ import annotations

import pytest

from odd_mirror import CONTENT, odd_mirror

LENGTH = {"Content-Length": str(len(CONTENT))}


def answering(status=200, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: (status, {**LENGTH, **headers} if status == 200 else headers)


def redirecting_to(address, **headers):
    """Redirect from the mirror's own paths, and answer elsewhere."""
    return lambda path: (302, {"Location": address}) if path.startswith("/m/") else (200, {**LENGTH, **headers})


@pytest.mark.parametrize(
    "manners",
    [
        {},
        {"head": answering()},
        {"head": answering(Content_Type="text/plain"), "get": answering(Content_Type="text/plain")},
        {"head": answering(Content_Type="application/octet-stream")},
        {"head": answering(ETag='W/"weak"'), "get": answering(ETag='W/"weak"')},
        {"head": answering(ETag='"one"'), "get": answering(ETag='"another"')},
        {"head": redirecting_to("/elsewhere"), "get": redirecting_to("/elsewhere")},
    ],
    ids=["no HEAD", "HEAD", "text", "bytes", "weak", "two nodes", "redirected"],
)
def test_a_video_comes_whole_and_only_once(client, pauses, manners):
    with odd_mirror(**manners) as mirror:
        client.mirror_address = mirror.address
        first = client.fetch_from("mirror", needed=(6,))
        requests = len([method for method, _, _ in mirror.asked if method == "GET"])
        second = client.fetch_from("mirror", needed=(6,))

    assert (first[6].status, second[6].status) == ("success", "skipped"), first[6].error
    assert client.on_disk() == {6: CONTENT}
    assert requests <= 4
    assert pauses == []


@pytest.mark.parametrize("length", [7, len(CONTENT) + 7])
def test_a_length_that_only_head_says_stops_nothing(client, pauses, length):
    with odd_mirror(head=lambda _: (200, {"Content-Length": str(length)})) as mirror:
        client.mirror_address = mirror.address
        assert client.fetch_from("mirror", needed=(6,))[6].status == "success"

    assert client.on_disk() == {6: CONTENT}


@pytest.mark.parametrize("status", [403, 404, 410])
def test_every_way_to_say_that_nothing_is_there_counts(client, status):
    with odd_mirror(head=answering(status)) as mirror:
        client.mirror_address = mirror.address
        assert client.supply(client.sources("mirror", needed=(6,))).absent == (6,)


@pytest.mark.parametrize("address", ["http://[::1", "http://a..b/", "ftp://127.0.0.1/x", "http://127.0.0.1:99999/"])
@pytest.mark.parametrize("method", ["head", "get"])
def test_a_redirect_to_an_address_that_makes_no_sense_is_a_failure_in_one_line(client, pauses, address, method):
    with odd_mirror(**{"head": answering(), method: redirecting_to(address)}) as mirror:
        client.mirror_address = mirror.address
        supply = client.sources("vimeo", "mirror", needed=(1, 33))
        results = {result.number: result for result in client.download(supply, client.supply(supply))}

    assert results[1].status == "success"
    assert (results[33].id, results[33].status) == ("mirror:33", "failed")
    assert "\n" not in results[33].error


def test_credentials_of_the_user_for_that_host_stay_at_home(client, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with odd_mirror(head=redirecting_to("/elsewhere"), get=redirecting_to("/elsewhere")) as mirror:
        client.mirror_address = mirror.address
        client.fetch_from("mirror", needed=(6,))

    assert len(mirror.asked) == 4
    assert not any("Authorization" in headers for _, _, headers in mirror.asked)


def test_what_nothing_tells_apart_is_not_mixed_up_if_sizes_disagree(client, pauses):
    """The answer is shorter than the file: only the boxes of the MP4 tell that."""
    lengths = iter([len(CONTENT) - 7, len(CONTENT)])
    with odd_mirror(head=answering(), get=lambda _: (200, {"Content-Length": str(next(lengths))})) as mirror:
        client.mirror_address = mirror.address
        assert client.fetch_from("mirror", needed=(6,))[6].status == "success"

    assert client.on_disk() == {6: CONTENT}
