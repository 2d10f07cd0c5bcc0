"""Videos that were recorded anew: the successor takes the old one's place when it is whole, and nothing is lost."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from courses import SHORT, TEN, Course
from demo.vimeo_faults import CdnError, NoDownload, WrongMd5
from demo.vimeo_videos import REMADE
from downloads import Interrupts
from videos.files import course_files
from videos.numbers import course_number
from workspace.folders import Project

QUALITY = "360p"
NEW_TITLE = "(06) recorded anew"


@pytest.fixture
def client(client):
    client.server.numbers = {6}
    return client


def replaced(client):
    """Return what was put aside, by name."""
    return {path.name: path.read_bytes() for path in sorted((client.project.videos / "replaced").glob("*"))}


def chosen(client):
    """Return the contents of the files that are the course's videos, by number."""
    files = course_files(client.project)
    assert all(len(paths) == 1 for paths in files.claims.values()), files
    return {number: paths[0].read_bytes() for number, paths in files.claims.items()}


def recorded_ids(client):
    return {entry["id"] for entry in client.recorded()}


def old_title(client):
    return client.video(6).title


@pytest.mark.parametrize("same_title", [False, True], ids=["another title", "the same title"])
def test_the_new_video_is_used_and_the_old_ones_file_put_aside_and_named(same_title, client, capsys):
    old = client.fetch(QUALITY)[6]
    client.server.remade_titles[6] = old.title if same_title else NEW_TITLE

    results = client.fetch(QUALITY)

    assert results[6].status == "success"
    assert chosen(client) == {6: client.content(6, QUALITY, REMADE)}
    assert replaced(client) == {Path(old.path).name: client.content(6, QUALITY)}
    assert recorded_ids(client) == {str(client.video(6, REMADE).id)}
    said = capsys.readouterr().out
    assert f"“{old.title}” has been replaced" in said
    assert str(client.project.videos / "replaced" / Path(old.path).name) in said
    # What was put aside is never a video of the course again, nor moved a second time.
    assert client.fetch(QUALITY)[6].status == "skipped"
    assert len(replaced(client)) == 1
    assert course_files(client.project).passed_over == []


@pytest.mark.parametrize("same_title", [False, True], ids=["another title", "the same title"])
@pytest.mark.parametrize("fault", [CdnError(status=400), NoDownload(), WrongMd5()], ids=["CDN", "no link", "MD5"])
def test_the_old_video_stays_as_long_as_the_new_one_fails(fault, same_title, client):
    old = client.fetch(QUALITY)[6]
    client.server.remade_titles[6] = old.title if same_title else NEW_TITLE
    client.server.faults.append(fault)

    for _ in range(2):
        result = client.fetch(QUALITY)[6]
        assert (result.status, result.path) == ("failed", None)
        assert chosen(client) == {6: client.content(6, QUALITY)}
        assert replaced(client) == {}
        assert recorded_ids(client) == {str(client.video(6, copy).id) for copy in (0, REMADE)}

    client.server.faults.clear()
    client.fetch(QUALITY)
    assert chosen(client) == {6: client.content(6, QUALITY, REMADE)}
    assert list(replaced(client).values()) == [client.content(6, QUALITY)]


@pytest.mark.parametrize("same_title", [False, True], ids=["another title", "the same title"])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_wherever_a_run_is_killed_there_is_one_whole_video_and_the_next_run_ends_it(
    before, same_title, client, tmp_path, monkeypatch
):
    """Whoever packages in between finds the old or the new one, never two and never none."""
    old, new = client.content(6, QUALITY), client.content(6, QUALITY, REMADE)
    for count in range(1, 50):
        client.server.remade_titles.clear()
        client.project = Project(tmp_path / f"project-{count}")
        client.project.videos.mkdir(parents=True)
        client.fetch(QUALITY)
        client.server.remade_titles[6] = old_title(client) if same_title else NEW_TITLE

        with monkeypatch.context() as patch:
            interrupts = Interrupts(patch, count, before)
            try:
                client.fetch(QUALITY)
            except KeyboardInterrupt:
                assert interrupts.came

        assert chosen(client) in ({6: old}, {6: new}), count
        client.fetch(QUALITY)
        assert chosen(client) == {6: new}, count
        assert list(replaced(client).values()) == [old], count
        assert recorded_ids(client) == {str(client.video(6, REMADE).id)}, count
        if not interrupts.came:
            break
    assert count > 5


@pytest.mark.parametrize("same_title", [False, True], ids=["another title", "the same title"])
def test_a_file_system_without_hard_links_will_do(same_title, client, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    client.fetch(QUALITY)
    client.server.remade_titles[6] = old_title(client) if same_title else NEW_TITLE

    client.fetch(QUALITY)

    assert chosen(client) == {6: client.content(6, QUALITY, REMADE)}
    assert list(replaced(client).values()) == [client.content(6, QUALITY)]


@pytest.mark.parametrize("title", ["(06) short", "(06) " + "long " * 60], ids=["short", "as long as can be"])
def test_what_was_put_aside_before_is_never_overwritten(title, client):
    client.server.titles[6] = title
    name = Path(client.fetch(QUALITY)[6].path).name
    folder = client.project.videos / "replaced"
    folder.mkdir()
    (folder / name).write_bytes(b"older")
    client.server.remade_titles[6] = NEW_TITLE

    client.fetch(QUALITY)

    found = replaced(client)
    assert found.pop(name) == b"older"
    ((other, content),) = found.items()
    assert content == client.content(6, QUALITY)
    assert other.endswith(" (2).mp4")
    assert len(other.encode()) <= 255


def test_a_file_that_cannot_be_put_aside_is_told_and_not_used(client, capsys):
    old = client.fetch(QUALITY)[6]
    (client.project.videos / "replaced").write_bytes(b"a file")
    client.server.remade_titles[6] = NEW_TITLE

    for _ in range(2):
        assert client.fetch(QUALITY)[6].status in ("success", "skipped")
        assert chosen(client) == {6: client.content(6, QUALITY, REMADE)}
        assert client.file_of(old).read_bytes() == client.content(6, QUALITY)
        assert "cannot be moved away" in capsys.readouterr().err

    (client.project.videos / "replaced").unlink()
    client.fetch(QUALITY)
    assert list(replaced(client).values()) == [client.content(6, QUALITY)]


def test_an_old_record_that_names_one_file_twice_is_taken_up(client, capsys):
    """Two videos with one title once became one file, the second over the first."""
    old = client.fetch(QUALITY)[6]
    (entry,) = client.recorded()
    record = client.project.videos / "download_results.json"
    record.write_text(json.dumps([entry, {**entry, "id": "5"}]), encoding="utf-8")
    client.server.remade_titles[6] = NEW_TITLE

    client.fetch(QUALITY)

    assert chosen(client) == {6: client.content(6, QUALITY, REMADE)}
    assert replaced(client) == {Path(old.path).name: client.content(6, QUALITY)}
    assert len(client.recorded()) == 1
    assert capsys.readouterr().err == ""


# What was not replaced


def test_a_video_that_was_only_taken_out_of_the_folder_stays_in_the_course(client):
    client.server.numbers = {1, 6}
    old = client.fetch(QUALITY)[6]
    client.server.numbers = {1}

    for _ in range(2):
        client.fetch(QUALITY)
        assert chosen(client) == {number: client.content(number, QUALITY) for number in (1, 6)}
        assert {entry["number"] for entry in client.recorded()} == {1, 6}

    client.file_of(old).unlink()
    client.fetch(QUALITY)
    assert {entry["number"] for entry in client.recorded()} == {1}


def test_a_video_that_is_in_the_folder_under_another_number_is_not_replaced(client):
    client.fetch(QUALITY)
    client.server.titles[6] = "(07) now the seventh"
    client.server.second_titles[6] = "(06) the new sixth"

    client.fetch(QUALITY)

    assert chosen(client) == {7: client.content(6, QUALITY), 6: client.content(6, QUALITY, 1)}
    assert replaced(client) == {}


def test_a_video_whose_number_was_settled_for_another_one_stays_where_it_is_without_a_number(client):
    client.server.second_titles[6] = "the better one"
    client.fetch(QUALITY)

    client.fetch(QUALITY, settled={6: str(client.video(6, 1).id)})

    assert chosen(client) == {6: client.content(6, QUALITY, 1)}
    assert [path.read_bytes() for path in course_files(client.project).numberless] == [client.content(6, QUALITY)]
    assert replaced(client) == {}


def test_a_number_that_was_settled_for_the_old_video_is_not_the_new_ones_until_it_is_settled_anew(client):
    old, new = (str(client.video(6, copy).id) for copy in (0, REMADE))
    client.server.titles[6] = "no number"
    client.fetch(QUALITY, settled={6: old})
    client.server.remade_titles[6] = NEW_TITLE

    client.fetch(QUALITY, settled={6: old})
    assert chosen(client) == {6: client.content(6, QUALITY)}

    client.fetch(QUALITY, settled={6: new})
    assert chosen(client) == {6: client.content(6, QUALITY, REMADE)}
    assert replaced(client) == {"no number.mp4": client.content(6, QUALITY)}


def test_two_new_videos_with_one_number_replace_nothing(client):
    old = client.fetch(QUALITY)[6]
    client.server.remade_titles[6] = NEW_TITLE
    client.server.second_titles[6] = "(06) another new one"

    client.fetch(QUALITY)

    assert replaced(client) == {}
    assert client.file_of(old).is_file()
    assert str(client.video(6).id) in recorded_ids(client)


def test_the_name_of_an_old_file_that_another_number_takes_costs_no_file(client):
    client.server.titles[6] = "title"
    client.fetch(QUALITY, settled={6: str(client.video(6).id)})
    client.server.remade_titles[6] = "title"

    client.fetch(QUALITY, settled={9: str(client.video(6, REMADE).id)})

    assert chosen(client) == {9: client.content(6, QUALITY, REMADE)}
    assert replaced(client) == {"title.mp4": client.content(6, QUALITY)}


def test_the_file_of_a_video_stays_known_when_vimeo_gives_no_links_any_more(client):
    client.server.titles[6] = "no number"
    settled = {6: str(client.video(6).id)}
    client.fetch(QUALITY, settled=settled)
    client.server.faults.append(NoDownload())

    assert client.fetch(QUALITY, settled=settled)[6].status == "failed"

    assert chosen(client) == {6: client.content(6, QUALITY)}


# Files that somebody put there


def test_a_file_by_the_name_of_a_new_video_that_fails_does_not_make_the_old_one_unusable(client):
    client.fetch(QUALITY)
    client.server.remade_titles[6] = NEW_TITLE
    mine = client.project.videos / f"{NEW_TITLE}.mp4"
    mine.write_bytes(b"mine")
    client.server.faults.append(CdnError(status=400))

    assert client.fetch(QUALITY)[6].status == "failed"

    assert chosen(client) == {6: client.content(6, QUALITY)}
    assert course_files(client.project).passed_over == [(6, mine)]


def test_a_file_that_somebody_put_there_is_told_by_both_parts_and_neither_used_nor_moved(stand_in, suite, tmp_path):
    stand_in.vimeo.numbers = {1, 6}
    course = Course(tmp_path / "es")
    course.curriculum(TEN, SHORT)
    mine = course.project.videos / "(06) mine.mp4"
    mine.write_bytes(b"mine")
    place = ("--project-path", course.project.path, "--language-code", "es")

    downloaded = suite.main(2, *place, "--quality", QUALITY)
    packaged = suite.main(4, *place)

    assert (downloaded.returncode, packaged.returncode) == (0, 0), packaged.stderr
    assert f"{mine} is not used, because part 2 has downloaded video 6: (06) Makers" in downloaded.stderr
    assert "(06) mine.mp4: left out, part 2 has downloaded video 6: (06) Makers" in packaged.stdout
    assert mine.read_bytes() == b"mine"
    assert not (course.project.videos / "replaced").exists()
    assert course_number(next(course.project.videos.glob("(06) Makers*")).name) == 6


def test_a_package_gets_the_new_video_and_stays_complete(stand_in, suite, tmp_path):
    stand_in.vimeo.numbers = {1, 6}
    course = Course(tmp_path / "es")
    course.curriculum(TEN, SHORT)
    place = ("--project-path", course.project.path, "--language-code", "es")
    suite.main(2, *place, "--quality", QUALITY)
    suite.main(4, *place)
    old = course.output()["videos/6.mp4"]
    stand_in.vimeo.remade_titles[6] = NEW_TITLE

    downloaded = suite.main(2, *place, "--quality", QUALITY)
    packaged = suite.main(4, *place)

    assert (downloaded.returncode, packaged.returncode) == (0, 0), packaged.stderr
    output = course.output()
    assert output["videos/6.mp4"] == output["10/6.mp4"] != old
    assert {name for name in output if name.endswith(".mp4")} == {f"10/{at}.mp4" for at in (2, 6, 8)} | {
        f"videos/{number}.mp4" for number in (1, 6)
    }


def record(course, *entries):
    content = [{"id": str(number), "status": "success", **entry} for number, entry in enumerate(entries)]
    (course.project.videos / "download_results.json").write_text(json.dumps(content), encoding="utf-8")


def test_the_recorded_file_of_a_number_is_used_whatever_others_bear_it(course):
    course.video(6, "no number.mp4")
    record(course, {"title": "x", "number": 6, "path": "/elsewhere/videos/no number.mp4"})

    plan = course.plan()

    assert plan.troubles == []
    assert plan.videos[6].path.name == "no number.mp4"
    assert "(06) title.mp4: left out, part 2 has downloaded video 6: no number.mp4." in plan.notes


def test_of_two_recorded_files_with_one_number_none_is_used(course):
    course.video(6, "(06) again.mp4")
    record(course, *({"title": name, "path": f"{name}.mp4"} for name in ("(06) again", "(06) title")))

    (trouble,) = course.plan().troubles

    assert "video 6 is there more than once, and none is used: (06) again.mp4 and (06) title.mp4" in trouble
