"""What an earlier run has brought is recognised, also under another title, and only what changed comes again."""

from __future__ import annotations

import pytest

from common.console import NORMAL, VERBOSE, set_level
from demo.vimeo_faults import (
    CdnError,
    Cut,
)
from videos.numbers import course_number
from workspace.folders import Project


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


def test_a_video_with_a_new_title_is_renamed_and_not_downloaded_again(client):
    client.fetch("360p")
    client.server.log.clear()
    client.server.titles[6] = "(06) another title"

    results = client.fetch("360p")

    assert results[6].status == "skipped"
    assert results[6].path == "videos/(06) another title.mp4"
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


def test_what_is_there_is_told_in_one_line_and_one_by_one_only_to_those_who_want_it(client, capsys):
    client.fetch()
    capsys.readouterr()

    client.fetch()
    normal = capsys.readouterr().out
    try:
        set_level(VERBOSE)
        client.fetch()
    finally:
        set_level(NORMAL)
    verbose = capsys.readouterr().out

    assert "there    (" not in normal
    assert verbose.count("there    (") == 3


def test_files_that_only_have_the_number_of_a_downloaded_video_are_told_in_one_warning(client, suite, stand_in):
    stand_in.vimeo.numbers = {1, 6}
    for name in ("(01) mine.mp4", "(06) mine.mp4", "(06) other.mp4"):
        (client.project.videos / name).write_bytes(b"mine")

    done = suite.part(2, "--project-path", client.project.path, "--language-code", "es", "--quality", "360p")

    (warning,) = [line for line in done.stderr.splitlines() if "not used" in line]
    assert warning.startswith(f"Warning: 3 files in {client.project.videos} are not used")
    assert all(name in warning for name in ("(01) mine.mp4", "(06) mine.mp4", "(06) other.mp4"))
