"""Names are compared in one Unicode form: an é is the same letter, however a disk or an archive spells it."""

from __future__ import annotations

import json
import unicodedata

import pytest

from common.filesystem import on_disk, spellings
from demo.vimeo_faults import CdnError, LacksFields
from old_projects import OldProject
from videos import earlier
from videos.current import why_videos_not_current
from videos.files import course_files, videos_on_disk

QUALITY = "360p"
TITLE = "(06) Él, cómo y señal"
NFC = unicodedata.normalize("NFC", f"{TITLE}.mp4")
NFD = unicodedata.normalize("NFD", NFC)
assert NFC != NFD


@pytest.fixture
def client(client):
    client.server.numbers = {6}
    client.server.titles[6] = TITLE
    return client


def names(client):
    return [path.name for path in client.project.videos.glob("*.mp4")]


def stored_as_nfd(client):
    """Give the file the name that it has on a disk which decomposes all names, or after it came from there."""
    return (client.project.videos / NFC).rename(client.project.videos / NFD)


def test_a_file_is_found_in_any_form_and_what_is_spelled_just_so_comes_first(tmp_path):
    assert (spellings(tmp_path, NFC), on_disk(tmp_path, NFC)) == ([], tmp_path / NFC)
    (tmp_path / NFD).touch()
    (tmp_path / "other.mp4").touch()
    assert (spellings(tmp_path, NFC), on_disk(tmp_path, NFC)) == ([tmp_path / NFD], tmp_path / NFD)
    (tmp_path / NFC).touch()
    for name, other in ((NFC, NFD), (NFD, NFC)):
        assert spellings(tmp_path, name) == [tmp_path / name, tmp_path / other]
        assert on_disk(tmp_path, name) == tmp_path / name
    assert spellings(tmp_path / "none", NFC) == []
    assert spellings(tmp_path, "x" * 300 + "\0\ud800") == []


@pytest.mark.parametrize("kept", ["the record", "no record"])
@pytest.mark.parametrize("md5", [True, False], ids=["with MD5", "without MD5"])
def test_a_file_that_the_disk_spells_otherwise_is_there_once_and_not_downloaded_again(kept, md5, client):
    if not md5:
        client.server.faults.append(LacksFields(fields=("md5",)))
    client.fetch(QUALITY)
    if kept == "no record":
        client.record.unlink()
    file = stored_as_nfd(client)
    client.server.log.clear()

    for _ in range(2):
        assert client.fetch(QUALITY)[6].status == "skipped"
        assert client.requests("cdn") == []
        assert names(client) == [NFD]
        assert client.recorded()[0]["path"] == f"videos/{NFC}"
        assert why_videos_not_current(client.project) == ""
        files = course_files(client.project)
        assert (files.claims, files.passed_over, files.numberless) == ({6: [file]}, [], [])


@pytest.mark.parametrize("name", [NFC, NFD], ids=["NFC", "NFD"])
@pytest.mark.parametrize("recorded", [NFC, NFD], ids=["record in NFC", "record in NFD"])
def test_a_record_that_spells_otherwise_than_the_disk_is_about_the_same_file(recorded, name, client, monkeypatch):
    client.fetch(QUALITY)
    (client.project.videos / NFC).rename(client.project.videos / name)
    (entry,) = client.recorded()
    entry = {**entry, "path": f"videos/{recorded}", "downloaded_at": "2020-01-01T00:00:00+00:00"}
    client.record.write_text(json.dumps([{**entry, "number": 7}]), encoding="utf-8")

    assert videos_on_disk(client.project) == [(7, client.project.videos / name)]
    assert why_videos_not_current(client.project) == ""
    monkeypatch.setattr(earlier, "file_sums", lambda path: pytest.fail(f"{path} was read"))
    assert client.fetch(QUALITY)[6].status == "skipped"
    assert client.recorded() == [{**entry, "status": "skipped", "path": f"videos/{NFC}"}]


def test_a_new_download_takes_the_place_of_the_file_that_the_disk_spells_otherwise(client):
    client.fetch("720p")
    file = stored_as_nfd(client)
    client.server.faults.append(CdnError(status=400))
    assert client.fetch(QUALITY)[6].status == "failed"
    assert client.recorded()[0]["path"] == f"videos/{NFC}"
    assert file.read_bytes() == client.content(6, "720p")

    client.server.faults.clear()
    assert client.fetch(QUALITY)[6].status == "success"

    assert names(client) == [NFD]
    assert file.read_bytes() == client.content(6, QUALITY)


def test_a_file_that_the_disk_spells_otherwise_is_renamed_with_its_title(client):
    client.fetch(QUALITY)
    stored_as_nfd(client)
    client.server.titles[6] = "(06) another"

    assert client.fetch(QUALITY)[6].status == "skipped"
    assert names(client) == ["(06) another.mp4"]


def test_a_changed_title_and_quality_leaves_no_file_that_the_disk_spells_otherwise(client):
    client.fetch("720p")
    stored_as_nfd(client)
    client.server.titles[6] = "(06) another"

    client.fetch(QUALITY)

    assert names(client) == ["(06) another.mp4"]


@pytest.mark.parametrize("same_title", [True, False])
def test_a_replaced_video_that_the_disk_spells_otherwise_is_put_aside(same_title, client):
    client.fetch(QUALITY)
    stored_as_nfd(client)
    client.server.remade_titles[6] = TITLE if same_title else "(06) anew"

    client.fetch(QUALITY)

    assert [path.name for path in (client.project.videos / "replaced").iterdir()] == [NFD]
    assert len(names(client)) == 1
    assert set(course_files(client.project).claims) == {6}
    assert course_files(client.project).passed_over == []
    assert len(client.recorded()) == 1


@pytest.mark.parametrize("record", [True, False])
def test_an_old_name_is_found_however_the_disk_spells_it(record, client):
    old = OldProject(client.project.path)
    client.server.titles[6] = title = f"{TITLE}: más?"
    file = old.video(title, client.content(6, QUALITY))
    file.rename(file.with_name(unicodedata.normalize("NFD", file.name)))
    if record:
        old.record([(str(client.video(6).id), title)])

    assert client.fetch(QUALITY)[6].status == "skipped"
    assert names(client) == [f"{TITLE} más.mp4"]


# Both forms beside each other, which only some file systems have


@pytest.mark.parametrize("record", [True, False])
@pytest.mark.parametrize("whole", [NFC, NFD], ids=["NFC", "NFD"])
def test_of_two_files_whose_names_look_alike_the_whole_one_is_used_and_the_other_put_aside(whole, record, client):
    client.fetch(QUALITY)
    if not record:
        client.record.unlink()
    content = client.content(6, QUALITY)
    for name in (NFC, NFD):
        (client.project.videos / name).write_bytes(content if name == whole else b"other")
    client.server.log.clear()

    assert client.fetch(QUALITY)[6].status == "skipped"

    assert client.requests("cdn") == []
    assert names(client) == [NFC]
    assert client.on_disk() == {6: content}
    (aside,) = (client.project.videos / "replaced").iterdir()
    assert aside.read_bytes() == b"other"
    assert course_files(client.project).passed_over == []


def test_of_two_files_whose_names_look_alike_the_recorded_spelling_counts_before_part_2_has_run(client):
    client.fetch(QUALITY)
    (client.project.videos / NFD).write_bytes(b"other")

    files = course_files(client.project)

    assert files.claims == {6: [client.project.videos / NFC]}
    assert files.passed_over == [(6, client.project.videos / NFD)]


def test_the_package_has_the_title_of_a_file_that_the_disk_spells_otherwise(course):
    (course.project.videos / "(06) title.mp4").rename(course.project.videos / NFD)
    entry = {"id": "1", "title": "its title", "status": "success", "number": 6, "path": f"videos/{NFC}", "schema": 2}
    (course.project.videos / "download_results.json").write_text(json.dumps([entry]), encoding="utf-8")

    plan = course.plan()

    assert (plan.troubles, plan.videos[6].path.name, plan.videos[6].title) == ([], NFD, "its title")
