"""The record of the videos lasts for years: what it says of each file, what of it counts, and what it never loses."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone

import pytest

from common.records import NewerRecordError
from common.version import VERSION
from demo.vimeo_faults import CdnError, CdnExpired, Cut, HtmlPage, LacksFields, RangeIgnored, Unannounced, WrongBytes
from videos.current import why_videos_not_current
from videos.numbers import read_settled_numbers
from videos.results import DownloadResult, doubts_about_results, read_results


def record_of(project):
    return project.videos / "download_results.json"


def store(project, content):
    record_of(project).write_text(json.dumps(content), encoding="utf-8")


def entry(**changes):
    """Return an entry as it is on disk."""
    fields = {
        **{"schema": 2, "id": "1", "title": "(06) title", "status": "success", "path": "videos/(06) title.mp4"},
        **{"quality": "720p", "width": 1280, "height": 720, "size": 5, "error": None, "number": 6},
        **{"language_code": "es", "md5": "5f" * 16, "sha256": "5f" * 32, "source": "vimeo"},
        **{"downloaded_at": "2026-01-01T00:00:00+00:00", "version": "1.0.0"},
    }
    return {**fields, **changes}


def old_entry(**changes):
    """Return an entry of schema 1."""
    later = ("schema", "md5", "sha256", "source", "downloaded_at", "version", "number", "language_code")
    return {
        name: value
        for name, value in entry(path="/old/es/videos/(06) title.mp4", **changes).items()
        if name not in later
    }


# --- What it says -----------------------------------------------------------------------------------------------------


def test_the_record_says_when_and_by_whom_a_file_was_downloaded_and_where_it_is_in_the_project(client):
    before = datetime.now(timezone.utc).replace(microsecond=0)
    client.fetch("360p")

    for said in client.recorded():
        assert before <= datetime.fromisoformat(said["downloaded_at"]) <= datetime.now(timezone.utc)
        assert (said["schema"], said["version"], said["source"], said["language_code"]) == (2, VERSION, "vimeo", "es")
        assert (client.project.path / said["path"]).is_file()
        assert said["path"].startswith("videos/")


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


# --- What it never loses ----------------------------------------------------------------------------------------------


def known(client):
    """Return what the record knows of the files, whatever became of them in the last run."""
    return {said["id"]: {**said, "status": "", "error": None, "title": ""} for said in client.recorded()}


def test_what_is_known_of_a_file_outlives_the_runs_that_leave_it_alone(client):
    client.fetch("360p")
    before = known(client)
    client.fetch("360p")

    assert {said["status"] for said in client.recorded()} == {"skipped"}
    assert known(client) == before


def test_what_is_known_of_a_file_outlives_a_new_title(client):
    client.fetch("360p")
    before = known(client)
    client.server.titles[6] = "(06) another title"
    client.fetch("360p")

    after = known(client)
    assert [after[key].pop("path") != before[key].pop("path") for key in after].count(True) == 1
    assert after == before


@pytest.mark.parametrize("quality", ["720p", "360p"])
def test_a_try_that_fails_loses_nothing_of_what_is_known_of_the_file_that_stays(quality, client):
    """The other one fails because it comes in another quality, or because its own file is damaged on the site."""
    client.fetch("360p")
    before = known(client)
    client.server.faults.append(CdnError(status=400))
    if quality == "360p":
        client.server.sizes.update({(number, "360p"): 54_321 for number in (1, 6, 9)})
    client.fetch(quality)

    assert {said["status"] for said in client.recorded()} == {"failed"}
    assert known(client) == before
    assert "has failed" in why_videos_not_current(client.project)


def test_a_file_that_is_known_to_be_whole_counts_again_after_a_try_that_failed(client):
    client.server.faults.append(LacksFields(fields=("md5",)))
    client.fetch("360p")
    client.server.faults.append(CdnError(status=400))
    client.fetch("720p")
    del client.server.faults[1:]
    client.server.log.clear()

    assert {result.status for result in client.fetch("360p").values()} == {"skipped"}
    assert client.requests("cdn") == []


def test_a_run_over_another_folder_keeps_what_is_known_of_files_without_a_number_too(client):
    client.server.titles[9] = "no number at all"
    client.fetch("360p")
    before = known(client)
    client.server.numbers = {1}
    client.fetch("360p")

    assert known(client) == before


def test_a_video_without_a_number_is_replaced_by_no_other_one_without_a_number(client):
    client.server.titles.update({6: "no number at all"})
    client.server.numbers = {6}
    client.fetch("360p")
    client.server.titles.update({9: "none either"})
    client.server.numbers = {9}
    client.fetch("360p")

    assert len(client.recorded()) == 2
    assert not (client.project.videos / "replaced").exists()


def test_an_entry_whose_file_is_gone_and_whose_video_is_gone_is_forgotten(client):
    client.fetch("360p")
    client.server.numbers = {1, 6}
    (client.project.path / next(said["path"] for said in client.recorded() if said["number"] == 9)).unlink()
    client.fetch("360p")

    assert {said["number"] for said in client.recorded()} == {1, 6}


def test_a_run_that_changes_nothing_in_the_record_does_not_write_it(client):
    client.fetch("360p")
    client.fetch("360p")
    before = record_of(client.project).stat()
    client.fetch("360p")

    after = record_of(client.project).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


# --- Old records ------------------------------------------------------------------------------------------------------


def test_an_entry_of_schema_1_is_read_and_what_it_does_not_say_is_unknown(project):
    store(project, [old_entry()])

    (read,) = read_results(project).values()
    assert read == DownloadResult(
        "1", "(06) title", "success", "videos/(06) title.mp4", "720p", 1280, 720, 5, None, 6, source="vimeo"
    )
    assert doubts_about_results(project) == []


@pytest.mark.parametrize(
    "path",
    ["/a/b/es/videos/x.mp4", "../es/videos/x.mp4", "videos/x.mp4", "C:\\packages\\es\\videos\\x.mp4", "x.mp4"],
)
def test_a_path_of_schema_1_leads_to_the_folder_of_the_videos_wherever_it_was_then(path, project):
    store(project, [{**old_entry(), "path": path}])

    (read,) = read_results(project).values()
    assert read.path == "videos/x.mp4"


def test_a_file_that_is_there_by_an_old_record_keeps_its_unknown_sums_and_is_not_read_for_them(client):
    client.fetch("360p")
    content = client.recorded()
    for said in content:
        for name in ("schema", "md5", "sha256", "source", "downloaded_at", "version"):
            del said[name]
    store(client.project, content)
    client.fetch("360p")

    for said in client.recorded():
        assert (said["schema"], said["status"], said["source"]) == (2, "skipped", "vimeo")
        assert (said["md5"], said["sha256"], said["downloaded_at"], said["version"]) == (None, None, None, None)


def test_a_file_that_is_recognised_by_its_md5_has_it_in_the_record(client):
    client.fetch("360p")
    record_of(client.project).unlink()
    client.fetch("360p")

    for said in client.recorded():
        assert said["status"] == "skipped"
        assert said["md5"] == hashlib.md5(client.content(said["number"], "360p")).hexdigest()
        assert said["sha256"] is None


# --- Damaged and newer records ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["../../x", "../x.mp4", "..", "videos/..", "/videos/.hidden.mp4", "videos/"])
@pytest.mark.parametrize("schema", [{}, {"schema": 2}])
def test_a_path_that_leads_elsewhere_is_said_and_leads_to_no_file(path, schema, project):
    store(project, [{**old_entry(), "path": path, **schema}, entry(id="2")])

    first, second = read_results(project).values()
    assert first.path is None
    assert second.path == "videos/(06) title.mp4"
    (doubt,) = doubts_about_results(project)
    assert f"“(06) title”: path is {path!r}" in doubt


@pytest.mark.parametrize("path", ["/etc/passwd", "x.mp4", "videos/a/b.mp4", "videos\\x.mp4", "10/x.mp4"])
def test_from_schema_2_on_a_path_leads_into_the_folder_of_the_videos_and_no_deeper(path, project):
    store(project, [entry(path=path)])

    (read,) = read_results(project).values()
    assert read.path is None
    assert len(doubts_about_results(project)) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "splendid"), ("size", "5"), ("width", True), ("number", "6"), ("md5", "x"), ("sha256", 5), ("path", 7)],
)
def test_a_value_that_cannot_be_is_said_and_spoils_no_other(name, value, project):
    store(project, [entry(**{name: value}), entry(id="2")])

    first, second = read_results(project).values()
    assert getattr(first, name) == ("failed" if name == "status" else None)
    assert (first.title, second.size) == ("(06) title", 5)
    assert [f"{name} is {value!r}" in doubt for doubt in doubts_about_results(project)] == [True]


@pytest.mark.parametrize("item", [7, None, [], {}, {"id": "1"}, {"title": "x"}, {"id": 1, "title": "x"}])
def test_an_entry_that_is_about_no_video_is_said_and_spoils_no_other(item, project):
    store(project, [item, entry()])

    assert [result.id for result in read_results(project).values()] == ["1"]
    assert ["entry 1 is about no video" in doubt for doubt in doubts_about_results(project)] == [True]


def test_of_two_entries_of_one_video_the_last_one_counts_and_that_is_said(project):
    store(project, [entry(size=4), entry()])

    (read,) = read_results(project).values()
    assert read.size == 5
    assert ["more than once" in doubt for doubt in doubts_about_results(project)] == [True]


def test_what_is_not_believed_is_said_once_before_anything_is_downloaded(client, capsys):
    client.fetch("360p")
    content = client.recorded()
    content[0]["path"] = "../../x"
    store(client.project, content)
    capsys.readouterr()
    client.fetch("360p")

    assert capsys.readouterr().err.count("path is '../../x'") == 1
    assert {said["status"] for said in client.recorded()} == {"skipped"}


def test_a_torn_record_is_said_and_kept_beside_the_new_one(client, capsys):
    client.fetch("360p")
    record_of(client.project).write_text("[{", encoding="utf-8")
    client.fetch("360p")

    said = capsys.readouterr().err
    assert "download_results.json cannot be read" in said
    assert "kept as download_results.json.unreadable" in said
    assert (client.project.videos / "download_results.json.unreadable").read_text(encoding="utf-8") == "[{"
    assert len(client.recorded()) == 3


def test_a_record_of_a_later_version_is_refused_and_stays(client):
    store(client.project, [entry(schema=3)])
    before = record_of(client.project).read_bytes()

    with pytest.raises(NewerRecordError, match=r"download_results\.json was written by a newer version"):
        client.fetch("360p")
    assert record_of(client.project).read_bytes() == before
    assert client.on_disk() == {}


def test_settled_numbers_of_a_later_version_are_refused(project):
    (project.videos / "numbers.json").write_text('{"schema": 2, "06": "1"}', encoding="utf-8")

    with pytest.raises(NewerRecordError, match=r"numbers\.json"):
        read_settled_numbers(project)


def test_settled_numbers_of_before_are_read(project):
    (project.videos / "numbers.json").write_text('{"06": "1"}', encoding="utf-8")

    assert read_settled_numbers(project) == {6: "1"}
