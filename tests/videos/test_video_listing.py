"""What a Vimeo folder holds, which of it can be had, and where it belongs in the course."""

from __future__ import annotations

import json
import re
from argparse import ArgumentTypeError

import pytest

from cli.arguments import vimeo_folder
from common import retries
from common.errors import BuilderError, RemoteError
from common.records import NewerRecordError
from course.languages import all_languages, find_language
from courses import files_below
from demo.server import LocalServer
from demo.vimeo_faults import (
    ApiError,
    ListOmits,
    NoDownload,
)
from demo.vimeo_videos import StoredVideo, course_numbers
from downloads import SPANISH, video_of
from suite import NOWHERE
from videos import vimeo
from videos.numbers import course_numbers as numbers_of
from videos.numbers import number_troubles, settle_numbers
from videos.vimeo import Vimeo

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
    monkeypatch.setattr(vimeo, "with_retries", retries.with_retries)
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


@pytest.fixture
def vimeo_at(monkeypatch):
    """The API at an address, for a token."""

    def vimeo(address, token):
        monkeypatch.setenv("VIMEO_API_URL", address)
        return Vimeo(token, lambda _: None)

    return vimeo


def test_a_server_that_cannot_be_reached_is_an_error_that_names_it(pauses, vimeo_at):
    with pytest.raises(BuilderError, match=re.escape(NOWHERE)) as caught:
        vimeo_at(NOWHERE, "secret-token").folder(SPANISH)

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


def test_the_token_does_not_follow_a_next_page_to_another_host(vimeo_at):
    last = {"total": 2, "data": [entry(2)]}
    elsewhere = Recorded([last, last])
    with LocalServer(elsewhere) as other:
        first = {"total": 2, "data": [entry(1)], "paging": {"next": f"{other.address}/me/projects/1/videos?page=2"}}
        api = Recorded([first, last])
        with LocalServer(api) as server:
            listing = vimeo_at(server.address, "secret").folder("1")

    assert elsewhere.authorizations == []
    assert api.authorizations == ["bearer secret"] * 4
    assert [video.id for video in listing.videos] == ["1", "2"]


def test_pages_that_lead_in_a_circle_come_to_an_end(vimeo_at):
    page = {"total": 2, "data": [entry(1)], "paging": {"next": "/me/projects/1/videos?page=2"}}
    with LocalServer(Recorded([page, page])) as server:
        assert [video.id for video in vimeo_at(server.address, "t").folder("1").videos] == ["1"]


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
def test_an_answer_in_another_shape_is_an_expected_failure(answer, pauses, vimeo_at):
    with (
        LocalServer(Recorded([answer, answer])) as server,
        pytest.raises(RemoteError),
    ):
        vimeo_at(server.address, "t").folder("1")


def test_an_entry_in_the_users_netrc_does_not_take_the_tokens_place(client, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    assert len(client.vimeo.folder(SPANISH).videos) == 3


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
    assert "does not say which folders" in client.said[-1]


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
    assert json.loads((project.videos / "numbers.json").read_text(encoding="utf-8")) == {"schema": 1, "07": "2"}


@pytest.mark.parametrize("head", [{}, {"schema": 1}], ids=["without a schema", "schema 1"])
def test_settled_numbers_are_read_with_and_without_a_schema(project, head):
    (project.videos / "numbers.json").write_text(json.dumps({**head, "06": "1"}), encoding="utf-8")
    before = files_below(project.path)

    assert settle_numbers(project, [], {}) == {6: "1"}
    assert files_below(project.path) == before


def test_settled_numbers_of_a_newer_version_are_refused_and_not_touched(project):
    (project.videos / "numbers.json").write_text('{"schema": 2, "06": "1"}', encoding="utf-8")
    before = files_below(project.path)

    with pytest.raises(NewerRecordError, match=r"numbers\.json was written by a newer version"):
        settle_numbers(project, [video_of([], "a", "1")], {7: "1"})
    assert files_below(project.path) == before


@pytest.mark.parametrize("content", ["{", "[]", '{"six": "1"}'])
def test_settled_numbers_that_cannot_be_read_are_an_error(project, content):
    (project.videos / "numbers.json").write_text(content, encoding="utf-8")
    with pytest.raises(BuilderError, match=r"numbers\.json cannot be read"):
        settle_numbers(project, [], {})
