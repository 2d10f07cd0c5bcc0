"""The record of the videos: what of it is believed, when it is written anew, and what never gets lost in it."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone

import pytest

from common.records import NewerRecordError
from common.version import VERSION
from courses import files_below
from demo.vimeo_faults import CdnError, NoDownload, WrongMd5
from downloads import KEYS
from frozen_packages import PACKAGES, as_it_was, started_again, unpack
from videos import downloader, earlier
from videos.current import why_videos_not_current
from videos.files import course_files, videos_on_disk
from videos.results import DownloadResult, doubts_about_results, read_results, write_results
from workspace.folders import Project

QUALITY = "360p"
OLD = {"id": "1", "title": "(01) one", "status": "success", "path": "/p/videos/(01) one.mp4", "size": 5}
NEW = {**OLD, "schema": 2, "path": "videos/(01) one.mp4", "source": "vimeo"}


@pytest.fixture
def client(client):
    client.server.numbers = {1, 6}
    return client


def write(project, content):
    text = content if isinstance(content, str) else json.dumps(content)
    (project.videos / "download_results.json").write_text(text, encoding="utf-8")


def kept(project):
    """Return the records that were put aside, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in project.videos.glob("*.unreadable*")}


# Paths


@pytest.mark.parametrize(
    "path",
    [
        "(01) one.mp4",
        "videos/(01) one.mp4",
        "/home/ana/es/videos/(01) one.mp4",
        r"C:\Users\Ana\es\videos\(01) one.mp4",
        r"videos\(01) one.mp4",
        "../videos/(01) one.mp4",
        "/elsewhere/(01) one.mp4",
    ],
)
def test_of_an_old_path_the_name_counts_wherever_the_project_was(path, project):
    write(project, [{**OLD, "path": path}])

    assert read_results(project)["1"].path == "videos/(01) one.mp4"
    assert doubts_about_results(project) == []


STRANGE = [
    "../../x",
    "/etc/passwd",
    "/x.mp4",
    "..",
    "videos/..",
    "videos/../x",
    "videos/",
    "videos/.hidden.mp4",
    ".hidden.mp4",
    "videos/below/x.mp4",
    "C:x.mp4",
    r"..\..\x",
    "videos/a\0b.mp4",
    "videos/contacts.txt",
    "videos/numbers.json",
    f"videos/{'a' * 300}.mp4",
]


@pytest.mark.parametrize("path", [path for path in STRANGE if path not in ("/x.mp4", "videos/below/x.mp4")])
def test_an_old_path_that_leads_elsewhere_is_told_and_counts_as_no_file(path, project):
    write(project, [{**OLD, "path": path}, {**OLD, "id": "2"}])

    results = read_results(project)

    assert (results["1"].path, results["1"].file_name, results["1"].title) == (None, None, "(01) one")
    assert results["2"].path == "videos/(01) one.mp4"
    (doubt,) = doubts_about_results(project)
    assert "“(01) one” (1) counts as a video without a file" in doubt


@pytest.mark.parametrize(
    "path", [*STRANGE, "x.mp4", "/p/videos/x.mp4", "../videos/x.mp4", r"videos\x.mp4", r"videos/a\..\..\x.mp4"]
)
def test_a_path_of_today_is_believed_only_within_the_folder_of_the_videos(path, project):
    write(project, [{**NEW, "path": path}])

    assert read_results(project)["1"].path is None
    assert len(doubts_about_results(project)) == 1


def test_a_video_without_a_file_is_no_doubt(project):
    write(project, [{**OLD, "status": "failed", "path": None}, {**NEW, "id": "2", "status": "failed", "path": None}])

    assert [result.path for result in read_results(project).values()] == [None, None]
    assert doubts_about_results(project) == []


def test_a_file_that_a_doubted_path_leads_to_is_neither_moved_nor_removed(client, tmp_path):
    client.fetch(QUALITY)
    outside = tmp_path / "x"
    outside.write_bytes(b"mine")
    entries = client.recorded()
    write(client.project, [{**entry, "path": "../../x"} for entry in entries])
    client.server.titles[6] = "(06) another title"
    client.server.remade_titles[1] = "(01) recorded anew"

    client.fetch("720p")

    assert outside.read_bytes() == b"mine"


# Bad input


BAD = {
    "no object": 7,
    "null": None,
    "a list": [],
    "no id": {key: value for key, value in OLD.items() if key != "id"},
    "an empty id": {**OLD, "id": ""},
    "a number as id": {**OLD, "id": 3},
    "half a letter as title": {**OLD, "title": "\ud800"},
    "no title": {key: value for key, value in OLD.items() if key != "title"},
    "no status": {key: value for key, value in OLD.items() if key != "status"},
    "a status that is none": {**OLD, "status": ["success"]},
    "a path that is no text": {**OLD, "path": 5},
    "a size that is a text": {**OLD, "size": "5"},
    "a checksum that is no text": {**NEW, "sha256": 5},
    "a source that is no text": {**NEW, "source": None},
    "a schema that is no number": {**NEW, "schema": "2"},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_entry_is_told_by_its_place_and_spoils_no_other(bad, project):
    write(project, [{**OLD, "id": "5"}, bad, {**NEW, "id": "6"}])

    assert list(read_results(project)) == ["5", "6"]
    (doubt,) = doubts_about_results(project)
    assert "entry 2 is not used" in doubt
    doubt.encode()


@pytest.mark.parametrize("number", ["6", True, [6]])
def test_a_number_that_cannot_be_is_told_and_the_title_gives_it(number, project):
    write(project, [{**NEW, "number": number}])

    assert read_results(project)["1"].number == 1
    (doubt,) = doubts_about_results(project)
    assert "“(01) one” (1) has its number from its title" in doubt


def test_a_file_of_another_size_than_the_recorded_one_is_not_removed(client):
    """Somebody has put another file in its place, or somebody has changed the record."""
    client.fetch(QUALITY)
    entries = client.recorded()
    mine = client.project.videos / "(99) mine.mp4"
    mine.write_bytes(b"mine")
    for entry in entries:
        (client.project.path / entry["path"]).unlink()
    write(client.project, [{**entry, "path": "videos/(99) mine.mp4"} for entry in entries])
    client.fetch(QUALITY)

    assert mine.read_bytes() == b"mine"
    assert {entry["status"] for entry in client.recorded()} == {"success"}


def test_of_a_video_that_is_there_twice_the_last_entry_counts(project):
    write(project, [{**OLD, "size": 1}, {**OLD, "id": "2"}, {**OLD, "size": 2}])

    assert {key: result.size for key, result in read_results(project).items()} == {"1": 2, "2": 5}
    (doubt,) = doubts_about_results(project)
    assert "video 1 is there more than once" in doubt


def test_a_project_without_a_record_gives_nothing_to_doubt(project):
    assert read_results(project) == {}
    assert doubts_about_results(project) == []
    assert why_videos_not_current(project) == "there is no record of the videos"


NEWER = [json.dumps([OLD, {"schema": 3, "anything": "else"}]), '{"schema": 3}']


@pytest.mark.parametrize("content", NEWER, ids=["a list", "an object"])
def test_a_record_of_a_newer_version_is_refused_everywhere_and_never_overwritten(content, project):
    write(project, content)
    before = files_below(project.path)

    for read in (read_results, doubts_about_results, videos_on_disk, course_files, why_videos_not_current):
        with pytest.raises(NewerRecordError, match=r"download_results\.json was written by a newer version"):
            read(project)
    with pytest.raises(NewerRecordError):
        write_results(project, [])
    assert files_below(project.path) == before


def test_part_2_refuses_a_record_of_a_newer_version_and_changes_nothing(suite, tmp_path):
    project = Project(tmp_path / "es")
    project.videos.mkdir(parents=True)
    write(project, NEWER[0])
    before = files_below(project.videos)

    done = suite.main(2, "--project-path", project.path, "--language-code", "es")

    assert done.returncode == 1
    assert "was written by a newer version of this program" in done.stderr
    assert files_below(project.videos) == before
    assert not (project.path / "10").exists()


@pytest.mark.parametrize("content", ["[{", json.dumps([OLD, 7])], ids=["torn", "a bad entry"])
def test_part_2_tells_once_what_it_does_not_believe_and_keeps_it_aside(content, suite, project):
    write(project, content)

    done = suite.main(2, "--project-path", project.path, "--language-code", "es", "--quality", QUALITY)
    again = suite.main(2, "--project-path", project.path, "--language-code", "es", "--quality", QUALITY)

    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    assert done.stderr.count("Warning") == 1
    assert "download_results.json" in done.stderr
    assert kept(project) == {"download_results.json.unreadable": content}
    assert "download_results.json.unreadable" in done.stdout
    assert len(read_results(project)) == 3
    assert again.stderr == ""


def test_a_torn_record_stays_where_it_is_until_a_new_one_is_written(client, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    write(client.project, "[{")
    monkeypatch.setattr(downloader, "transfer_file", interrupt)
    with pytest.raises(KeyboardInterrupt):
        client.fetch(QUALITY)

    assert kept(client.project) == {}
    assert client.record.read_text(encoding="utf-8") == "[{"


def test_where_there_was_no_record_none_is_kept_aside(client):
    client.fetch(QUALITY)

    assert kept(client.project) == {}


def test_a_build_runs_part_2_again_when_the_record_is_not_believed_in_everything(client):
    client.fetch(QUALITY)
    client.fetch(QUALITY)
    assert why_videos_not_current(client.project) == ""

    write(client.project, [*client.recorded(), 7])
    assert why_videos_not_current(client.project) == "the record of the videos is not believed in everything"
    client.fetch(QUALITY)  # it finds nothing new, and writes the record all the same
    assert why_videos_not_current(client.project) == ""

    write(client.project, [{**entry, "path": None} for entry in client.recorded()])
    assert why_videos_not_current(client.project).endswith("” has no file")


# What an entry says


def test_an_entry_says_when_and_by_which_version_a_video_came(client):
    begun = datetime.now(timezone.utc).replace(microsecond=0)
    client.fetch(QUALITY)

    for entry in client.recorded():
        assert entry["schema"] == 2
        assert entry["path"] == f"videos/{entry['title']}.mp4"
        assert (entry["version"], entry["source"], entry["language_code"]) == (VERSION, "vimeo", "es")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", entry["downloaded_at"])
        assert begun <= datetime.fromisoformat(entry["downloaded_at"]) <= datetime.now(timezone.utc)


def as_if_long_ago(client):
    """Date the record back, and return its entries."""
    entries = [
        {**entry, "downloaded_at": "2020-01-01T00:00:00+00:00", "version": "0.9", "language_code": "spa"}
        for entry in client.recorded()
    ]
    write(client.project, entries)
    return entries


@pytest.mark.parametrize("renamed", [False, True], ids=["the same title", "another title"])
def test_a_video_that_is_there_keeps_what_is_known_about_its_download(renamed, client):
    client.fetch(QUALITY)
    before = as_if_long_ago(client)
    if renamed:
        client.server.titles = {1: "(01) another", 6: "(06) another"}

    client.fetch(QUALITY)

    changed = ("status", "title", "path")
    assert {entry["status"] for entry in client.recorded()} == {"skipped"}
    assert [{**entry, **dict.fromkeys(changed)} for entry in client.recorded()] == [
        {**entry, **dict.fromkeys(changed)} for entry in before
    ]


def test_a_video_that_its_md5_tells_gets_its_checksums_recorded_and_nothing_that_nobody_knows(client):
    client.fetch(QUALITY)
    client.record.unlink()

    for number, result in client.fetch(QUALITY).items():
        assert (result.number, result.status) == (number, "skipped")
        assert client.has_right_sums(result, QUALITY)
        assert (result.downloaded_at, result.version) == (None, None)


def test_a_video_that_its_md5_tells_again_loses_nothing_that_was_known(client):
    client.fetch(QUALITY)
    before = as_if_long_ago(client)
    write(client.project, [{**entry, "path": None} for entry in before])

    client.fetch(QUALITY)

    assert client.recorded() == [{**entry, "status": "skipped"} for entry in before]


def test_for_an_old_entry_without_checksums_no_file_is_read(client, monkeypatch):
    client.fetch(QUALITY)
    lost = ("schema", "md5", "sha256", "source", "downloaded_at", "version")
    old = [{key: value for key, value in entry.items() if key not in lost} for entry in client.recorded()]
    write(client.project, [{**entry, "path": f"/old/es/{entry['path']}"} for entry in old])
    monkeypatch.setattr(earlier, "file_sums", lambda path: pytest.fail(f"{path} was read"))

    for result in client.fetch(QUALITY).values():
        assert (result.status, result.md5, result.sha256) == ("skipped", None, None)


# When it is written


def test_a_run_that_finds_nothing_new_leaves_the_record_alone(client):
    client.fetch(QUALITY)
    client.fetch(QUALITY)
    before = files_below(client.project.path)

    client.fetch(QUALITY)

    assert files_below(client.project.path) == before


def frozen(client, stand_in, tmp_path):
    """Let a client have the project of an earlier version, whose record has no schema."""
    unpack("before-1.0.0", tmp_path / "frozen")
    as_it_was(stand_in)
    client.project = Project(tmp_path / "frozen" / PACKAGES / "es")
    return client.recorded()


def test_an_old_record_in_which_nothing_changes_stays_as_it_is(client, stand_in, tmp_path):
    frozen(client, stand_in, tmp_path)
    before = files_below(client.project.path)

    assert {result.status for result in client.fetch("240p").values()} == {"skipped"}

    assert files_below(client.project.path) == before


def test_an_old_record_is_written_anew_as_a_whole_and_its_partial_file_gets_the_right_checksums(
    client, stand_in, tmp_path
):
    old = frozen(client, stand_in, tmp_path)
    started_again(stand_in)

    result = client.fetch("240p")[9]

    assert [request.range for request in client.requests("cdn")] == ["bytes=4096-"]
    assert client.has_right_sums(result, result.quality)
    entries = client.recorded()
    assert all(tuple(entry) == KEYS and entry["schema"] == 2 for entry in entries)
    by_id = {entry["id"]: entry for entry in entries}
    for entry in old:
        expected = {**entry, "path": "videos/" + entry["path"].rpartition("/")[2]}
        assert {key: by_id[entry["id"]][key] for key in entry} == expected
        assert by_id[entry["id"]]["sha256"] is None


def test_what_is_read_and_written_is_the_same(project):
    numbers = {name: place for place, name in enumerate(("width", "height", "size", "number"))}
    texts = {name: f"a {name}" for name in KEYS if name != "schema"}
    full = DownloadResult(**{**texts, **numbers, "status": "failed", "path": "videos/é.mp4"})
    empty = DownloadResult(**{**dict.fromkeys(texts), "id": "1", "title": "", "status": "replaced", "source": "vimeo"})
    results = [full, empty]

    write_results(project, results)

    assert list(read_results(project).values()) == results
    assert doubts_about_results(project) == []


# What never gets lost


FAILURES = [CdnError(status=400), NoDownload(), WrongMd5()]


@pytest.mark.parametrize("renamed", [False, True], ids=["the same title", "another title"])
@pytest.mark.parametrize("fault", FAILURES, ids=["CDN", "no link", "MD5"])
def test_a_try_that_fails_keeps_what_is_known_about_the_file_that_is_there(fault, renamed, client):
    client.fetch(QUALITY)
    before = {entry["number"]: entry for entry in as_if_long_ago(client)}[6]
    fault.numbers = {6}
    client.server.faults.append(fault)
    if renamed:
        client.server.titles[6] = "(06) another title"

    for _ in range(2):
        client.fetch("720p")
        after = {entry["number"]: entry for entry in client.recorded()}[6]
        assert after["status"] == "failed"
        assert after["error"]
        title = client.server.titles.get(6, before["title"])
        assert after == {**before, "status": "failed", "error": after["error"], "title": title}

    # The record knows the file as whole, so that it need not come again.
    client.server.faults.clear()
    client.server.log.clear()
    assert client.fetch(QUALITY)[6].status == "skipped"
    assert client.requests("cdn", 6) == []
    assert client.has_right_sums(read_results(client.project)[before["id"]], QUALITY)


def test_a_run_with_another_folder_keeps_the_entries_of_files_that_are_there(client):
    client.server.titles[6] = "no number"
    client.fetch(QUALITY)
    before = {entry["id"]: entry for entry in as_if_long_ago(client)}
    gone = str(client.video(6).id)
    client.server.numbers = {1}

    for _ in range(2):
        client.fetch(QUALITY)
        assert {entry["id"]: entry for entry in client.recorded()}[gone] == before[gone]

    (client.project.videos / "no number.mp4").unlink()
    client.server.numbers = {1, 9}
    client.fetch(QUALITY)
    assert {entry["number"] for entry in client.recorded()} == {1, 9}


def test_a_new_video_without_a_number_replaces_no_other_without_a_number(client):
    client.server.titles[6] = "no number"
    client.fetch(QUALITY)
    client.server.remade_titles[6] = "no number either"

    client.fetch(QUALITY)

    assert (client.project.videos / "no number.mp4").read_bytes() == client.content(6, QUALITY)
    assert [entry["status"] for entry in client.recorded() if entry["number"] is None] == ["success", "success"]


def test_an_old_video_without_a_number_makes_room_for_a_new_one_of_its_name(client, capsys):
    client.server.titles[6] = "no number"
    client.fetch(QUALITY)
    client.server.remade_titles[6] = "no number"

    client.fetch(QUALITY)

    aside = client.project.videos / "replaced" / "no number.mp4"
    assert aside.read_bytes() == client.content(6, QUALITY)
    assert f"The old file: {aside}" in capsys.readouterr().out
