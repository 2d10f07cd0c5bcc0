"""Names of videos on disks to which upper and lower case are the same: no file is downloaded twice or lost."""

from __future__ import annotations

import sys

import pytest

from common.filesystem import composed
from odd_disks import EXFAT, HFS_PLUS, lay_disk
from videos.current import why_videos_not_current
from videos.files import course_files

QUALITY = "360p"
TITLE = "(06) Él, cómo y señal"
KINDS = {"HFS+": HFS_PLUS, "exFAT": EXFAT["Windows"]}


@pytest.fixture(params=KINDS)
def client(client, request, monkeypatch):
    client.server.numbers = {6}
    client.server.titles[6] = TITLE
    lay_disk(monkeypatch, client.project.path.parent, KINDS[request.param])
    client.fetch(QUALITY)
    client.server.log.clear()
    return client


def rename(client):
    """Write the name of the only video in other letters, as somebody may do by hand."""
    (path,) = client.project.videos.glob("*.mp4")
    return path.rename(path.with_name(path.name.swapcase()))


def names(client):
    """Return the names of all videos in the folder, in Unicode's composed form."""
    return [composed(path.name) for path in client.project.videos.glob("*.[mM][pP]4")]


def test_a_file_whose_name_somebody_wrote_in_other_letters_is_used_and_gets_its_name_back(client):
    renamed = rename(client)
    files = course_files(client.project)
    assert ([path.samefile(renamed) for path in files.claims[6]], files.passed_over) == ([True], [])
    assert why_videos_not_current(client.project) == ""

    assert client.fetch(QUALITY)[6].status == "skipped"

    assert client.requests("cdn") == []
    assert names(client) == [f"{TITLE}.mp4"]
    assert not (client.project.videos / "replaced").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Wine takes both names for one, and renames nothing")
def test_a_title_that_differs_in_case_only_renames_the_file(client):
    client.server.titles[6] = TITLE.swapcase()

    for _ in range(2):
        assert client.fetch(QUALITY)[6].status == "skipped"
        assert client.requests("cdn") == []
        assert names(client) == [f"{TITLE.swapcase()}.mp4"]
        assert client.recorded()[0]["path"] == f"videos/{TITLE.swapcase()}.mp4"


def test_another_rendition_takes_the_place_of_a_file_whose_name_is_in_other_letters(client):
    rename(client)

    assert client.fetch("720p")[6].status == "success"

    assert [path.read_bytes() for path in client.project.videos.glob("*.[mM][pP]4")] == [client.content(6, "720p")]
    assert not (client.project.videos / "replaced").exists()
    assert client.fetch("720p")[6].status == "skipped"


def test_the_successor_of_a_video_may_differ_from_it_in_case_only(client):
    client.server.remade_titles[6] = TITLE.swapcase()

    assert client.fetch(QUALITY)[6].status == "success"

    assert len(names(client)) == 1
    assert len(list((client.project.videos / "replaced").iterdir())) == 1
    assert (course_files(client.project).claims.keys(), course_files(client.project).passed_over) == ({6}, [])
