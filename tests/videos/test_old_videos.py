"""Videos that the old scripts downloaded are taken up: found under their old names, checked, renamed, and recorded."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from courses import files_below
from demo.vimeo_faults import CdnError, Cut, LacksFields, WrongSize
from demo.vimeo_videos import REMADE
from downloads import Interrupts
from old_projects import OldProject, old_video_name
from systems import links_needed
from videos.current import why_videos_not_current
from videos.files import course_files
from videos.names import old_name
from videos.results import doubts_about_results
from workspace.folders import Project

TITLES = {1: '(01) What: is "it"?', 6: "(06) Makers | Takers.", 9: " (09) cafe\u0301"}
NEW_NAMES = {1: "(01) What is it.mp4", 6: "(06) Makers  Takers.mp4", 9: "(09) café.mp4"}
MD5 = pytest.mark.parametrize("md5", [True, False], ids=["with MD5", "without MD5"])
RECORD = pytest.mark.parametrize("record", ["success", "skipped", "failed", "error", None])
QUALITY = "360p"


@pytest.fixture
def client(client):
    client.server.titles.update(TITLES)
    return client


@pytest.fixture
def old(client):
    return OldProject(client.project.path)


def put(client, old, record="success", change=lambda content: content, quality=QUALITY):
    """Put all videos there as the old scripts did, and return their files by number."""
    files = {number: old.video(title, change(client.content(number, quality))) for number, title in TITLES.items()}
    if record:
        old.record([(str(client.video(number).id), title) for number, title in TITLES.items()], status=record)
    return files


def names(client):
    return {path.name for path in client.project.videos.glob("*.mp4")}


def statuses(results):
    return {number: result.status for number, result in results.items()}


def aside(client):
    return {path.name: path.read_bytes() for path in (client.project.videos / "replaced").glob("*")}


def assert_one_of_each(client):
    files = course_files(client.project)
    assert {number: len(paths) for number, paths in files.claims.items()} == {1: 1, 6: 1, 9: 1}
    assert (files.passed_over, files.numberless) == ([], [])


@pytest.mark.parametrize("title", [*TITLES.values(), 'a<b>c:d"e/f\\g|h?i*j', "", "..", " x ", "x" * 300])
def test_the_old_name_of_a_title_is_known(title):
    assert old_name(title) == old_video_name(title)


@MD5
@RECORD
def test_a_whole_file_of_the_old_scripts_is_renamed_and_recorded_and_not_downloaded_again(record, md5, client, old):
    put(client, old, record)
    if not md5:
        client.server.faults.append(LacksFields(fields=("md5",)))

    assert doubts_about_results(client.project) == []

    results = client.fetch(QUALITY)

    assert set(statuses(results).values()) == {"skipped"}
    assert client.requests("link") + client.requests("cdn") == []
    assert names(client) == set(NEW_NAMES.values())
    assert_one_of_each(client)
    assert aside(client) == {}
    for number, entry in ((entry["number"], entry) for entry in client.recorded()):
        assert (entry["schema"], entry["status"], entry["error"]) == (2, "skipped", None)
        assert (entry["width"], entry["height"], entry["quality"]) == (640, 360, QUALITY)
        assert (entry["path"], entry["title"]) == (f"videos/{NEW_NAMES[number]}", TITLES[number])
        assert entry["size"] == len(client.content(number, QUALITY))
        assert client.has_right_sums(results[number], QUALITY)
        assert (entry["downloaded_at"], entry["version"]) == (None, None)


def test_each_renaming_is_told_once(client, old, capsys):
    put(client, old)

    client.fetch(QUALITY)
    first = capsys.readouterr()
    client.fetch(QUALITY)
    second = capsys.readouterr()

    assert first.err == second.err == ""
    for number in (1, 6, 9):
        before = old_video_name(TITLES[number])
        assert first.out.count(f"renamed  {before}: it is now {NEW_NAMES[number]}\n") == 1
    assert "renamed" not in second.out


@MD5
@pytest.mark.parametrize("record", ["success", None])
@pytest.mark.parametrize(
    "change",
    [lambda content: content[:-1], lambda content: content + b"x", lambda content: b""],
    ids=["broken off", "longer", "empty"],
)
def test_a_file_of_another_size_is_downloaded_again_and_the_old_one_put_aside(change, record, md5, client, old, capsys):
    put(client, old, record, change)
    if not md5:
        client.server.faults.append(LacksFields(fields=("md5",)))

    results = client.fetch(QUALITY)

    assert set(statuses(results).values()) == {"success"}
    assert client.on_disk() == {number: client.content(number, QUALITY) for number in (1, 6, 9)}
    assert names(client) == set(NEW_NAMES.values())
    assert_one_of_each(client)
    assert aside(client) == {
        old_video_name(TITLES[number]): change(client.content(number, QUALITY)) for number in TITLES
    }
    said = capsys.readouterr().out
    place = client.project.videos / "replaced" / old_video_name(TITLES[6])
    assert said.count(f"The old file of “{TITLES[6]}” is not used any more: {place}\n") == 1
    client.fetch(QUALITY)
    assert "replaced" not in capsys.readouterr().out


@pytest.mark.parametrize("record", ["success", None])
def test_a_file_of_the_right_size_and_another_md5_is_downloaded_again(record, client, old):
    put(client, old, record, lambda content: content[:-1] + b"x")

    assert set(statuses(client.fetch(QUALITY)).values()) == {"success"}
    assert_one_of_each(client)


@pytest.mark.parametrize("record", ["success", None])
def test_without_an_md5_a_file_of_the_right_size_that_is_no_mp4_is_downloaded_again(record, client, old):
    put(client, old, record, lambda content: bytes(len(content)))
    client.server.faults.append(LacksFields(fields=("md5",)))

    assert set(statuses(client.fetch(QUALITY)).values()) == {"success"}
    assert_one_of_each(client)


def test_where_vimeo_tells_no_size_its_md5_is_enough(client, old):
    put(client, old)
    client.server.faults.append(LacksFields(fields=("size",)))

    assert set(statuses(client.fetch(QUALITY)).values()) == {"skipped"}


def test_where_vimeo_tells_neither_all_is_downloaded_again(client, old):
    put(client, old)
    client.server.faults.append(LacksFields(fields=("size", "md5")))

    assert set(statuses(client.fetch(QUALITY)).values()) == {"success"}
    assert_one_of_each(client)


def test_the_chosen_quality_decides(client, old):
    put(client, old, quality="720p")

    assert set(statuses(client.fetch(QUALITY)).values()) == {"success"}
    assert client.on_disk() == {number: client.content(number, QUALITY) for number in (1, 6, 9)}


@MD5
def test_a_title_that_has_changed_since_is_found_by_the_path_in_the_record(md5, client, old):
    put(client, old)
    client.server.titles[6] = "(06) quite: another"
    if not md5:
        client.server.faults.append(LacksFields(fields=("md5",)))

    assert client.fetch(QUALITY)[6].status == "skipped"
    assert "(06) quite another.mp4" in names(client)
    assert_one_of_each(client)


def test_the_old_file_under_a_changed_title_is_put_aside_when_the_new_one_is_whole(client, old):
    put(client, old, change=lambda content: content[:-1])
    client.server.titles[6] = "(06) quite: another"

    client.fetch(QUALITY)

    assert_one_of_each(client)
    assert old_video_name(TITLES[6]) in aside(client)


@pytest.mark.parametrize("record", ["success", None])
def test_the_old_file_stays_until_the_new_one_is_whole(record, client, old):
    files = put(client, old, record, lambda content: content[:-1])
    client.server.faults += [Cut(after=10_000, times=1, numbers={6}), CdnError(status=400, numbers={6})]

    for _ in range(2):
        assert client.fetch(QUALITY)[6].status == "failed"
        assert files[6].read_bytes() == client.content(6, QUALITY)[:-1]
        assert course_files(client.project).claims[6] == [files[6]]

    client.server.faults.clear()
    assert client.fetch(QUALITY)[6].status == "success"
    assert_one_of_each(client)
    assert aside(client)[files[6].name] == client.content(6, QUALITY)[:-1]


def test_a_disk_that_is_too_small_leaves_all_as_it_is(client, old, monkeypatch):
    put(client, old)
    (client.project.videos / old_video_name(TITLES[6])).unlink()
    client.server.faults.append(WrongSize(difference=10**17, numbers={6}))
    before = files_below(client.project.path)

    with pytest.raises(Exception, match="disk is too small"):
        client.fetch(QUALITY)

    assert files_below(client.project.path) == before


def test_a_file_that_cannot_be_renamed_fails_alone_and_stays(client, old, monkeypatch):
    files = put(client, old)
    real = Path.replace

    def refuse(path, target):
        if path == files[6]:
            raise PermissionError(13, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", refuse)

    results = client.fetch(QUALITY)

    assert statuses(results) == {1: "skipped", 6: "failed", 9: "skipped"}
    assert results[6].error == f"{files[6].name} is there, but cannot be used: Permission denied."
    assert files[6].read_bytes() == client.content(6, QUALITY)
    monkeypatch.undo()


@links_needed
def test_a_link_out_of_the_project_loses_nothing(client, old, tmp_path):
    outside = tmp_path / "mine.mp4"
    for content in (client.content(6, QUALITY), b"mine"):
        outside.write_bytes(content)
        link = client.project.videos / old_video_name(TITLES[6])
        link.symlink_to(outside)
        client.fetch(QUALITY)
        assert outside.read_bytes() == content
        assert client.on_disk()[6] == client.content(6, QUALITY)
        assert aside(client) == {}
        for path in client.project.videos.glob("*06*"):
            path.unlink()


# Whose file it is


@MD5
@pytest.mark.parametrize("record", ["success", None])
@pytest.mark.parametrize("whose", [6, 9])
def test_of_two_titles_that_had_one_name_the_file_is_the_one_whose_bytes_it_has(whose, record, md5, client, old):
    client.server.numbers = {6, 9}
    client.server.titles.update({6: "a:b", 9: "a?b"})
    settled = {number: str(client.video(number).id) for number in (6, 9)}
    old.video("a:b", client.content(whose, QUALITY))
    if record:
        old.record([(settled[6], "a:b"), (settled[9], "a?b")], status=record)
    if not md5:
        client.server.faults.append(LacksFields(fields=("md5",)))

    results = client.fetch(QUALITY, settled=settled)

    assert statuses(results) == {**dict.fromkeys((6, 9), "success"), whose: "skipped"}
    for number, result in results.items():
        assert client.file_of(result).read_bytes() == client.content(number, QUALITY)
    assert aside(client) == {}
    assert len(names(client)) == 2


def test_where_nothing_says_whose_a_file_is_both_videos_are_downloaded_and_it_is_put_aside(client, old):
    client.server.numbers = {6, 9}
    client.server.titles.update({6: "a:b", 9: "a?b"})
    client.server.sizes.update({(6, QUALITY): 40_000, (9, QUALITY): 40_000})
    client.server.faults.append(LacksFields(fields=("md5",)))
    old.video("a:b", client.content(6, QUALITY))

    results = client.fetch_listed(QUALITY)

    assert [result.status for result in results] == ["success", "success"]
    assert aside(client) == {"a_b.mp4": client.content(6, QUALITY)}


def test_a_shared_old_file_stays_until_both_videos_are_whole(client, old):
    client.server.numbers = {6, 9}
    client.server.titles.update({6: "(06) a:b", 9: "(06) a?b"})
    mine = old.video("(06) a:b", b"older")
    client.server.faults.append(CdnError(status=400, numbers={9}))

    client.fetch_listed(QUALITY)
    assert mine.read_bytes() == b"older"

    client.server.faults.clear()
    client.fetch_listed(QUALITY)
    assert aside(client) == {"(06) a_b.mp4": b"older"}


@MD5
def test_the_file_of_another_title_is_not_taken(md5, client, old):
    client.server.numbers = {6, 9}
    client.server.titles.update({6: "a:b", 9: "a_b"})
    settled = {number: str(client.video(number).id) for number in (6, 9)}
    if not md5:
        client.server.faults.append(LacksFields(fields=("md5",)))
    old.video("a_b", client.content(9, QUALITY))

    results = client.fetch(QUALITY, settled=settled)

    assert statuses(results) == {6: "success", 9: "skipped"}
    assert client.file_of(results[9]).name == "a_b.mp4"
    assert aside(client) == {}
    assert statuses(client.fetch(QUALITY, settled=settled)) == {6: "skipped", 9: "skipped"}


def test_a_file_under_the_name_of_another_title_goes_to_the_video_whose_bytes_it_has(client, old):
    client.server.numbers = {6, 9}
    client.server.titles.update({6: "a:b", 9: "a_b"})
    settled = {number: str(client.video(number).id) for number in (6, 9)}
    old.video("a:b", client.content(6, QUALITY))

    results = client.fetch(QUALITY, settled=settled)

    assert statuses(results) == {6: "skipped", 9: "success"}
    assert client.file_of(results[6]).read_bytes() == client.content(6, QUALITY)
    assert client.file_of(results[9]).read_bytes() == client.content(9, QUALITY)


def test_by_its_size_alone_no_file_is_taken_that_the_record_knows_as_another_videos(client):
    client.server.faults.append(LacksFields(fields=("md5",)))
    client.server.sizes.update({(6, QUALITY): 40_000, (9, QUALITY): 40_000})
    client.server.titles.update({6: "(06) six", 9: "(09) nine"})
    client.fetch(QUALITY)
    client.server.titles.update({6: "(09) nine", 9: "(06) six"})

    client.fetch_listed(QUALITY)

    assert (client.project.videos / "(09) nine.mp4").read_bytes() == client.content(6, QUALITY)
    assert (client.project.videos / "(06) six.mp4").read_bytes() == client.content(9, QUALITY)


def test_the_file_of_a_video_that_the_folder_has_lost_is_not_put_aside_for_one_of_another_number(client, old):
    client.server.numbers = {6}
    old.video(TITLES[6], b"of another video")
    old.record([("1", TITLES[6])], number=7)

    client.fetch(QUALITY)

    assert (client.project.videos / old_video_name(TITLES[6])).read_bytes() == b"of another video"
    assert aside(client) == {}


def test_by_its_size_alone_no_file_is_taken_that_the_record_knows_as_one_of_a_video_that_is_gone(client):
    client.server.numbers = {6}
    client.server.faults.append(LacksFields(fields=("md5",)))
    client.server.sizes[6, QUALITY] = 40_000
    client.fetch(QUALITY)
    client.server.remade_titles[6] = TITLES[6]

    assert client.fetch(QUALITY)[6].status == "success"

    assert client.on_disk() == {6: client.content(6, QUALITY, REMADE)}
    assert aside(client) == {NEW_NAMES[6]: client.content(6, QUALITY)}


def test_one_file_is_not_taken_for_two_videos(client, old):
    client.server.numbers = {6, 9}
    client.server.titles.update({6: "a:b", 9: "a?b"})
    client.server.sizes.update({(6, QUALITY): 40_000, (9, QUALITY): 40_000})
    old.video("a:b", client.content(6, QUALITY))
    old.record([(str(client.video(6).id), "a:b"), (str(client.video(9).id), "a?b")], size=40_000)

    assert [result.status for result in client.fetch_listed(QUALITY)] == ["skipped", "success"]
    assert len(names(client)) == 2


def test_a_second_name_of_the_very_file_that_is_used_stays(client, old):
    client.fetch(QUALITY)
    second = client.project.videos / old_video_name(TITLES[6])
    second.hardlink_to(client.project.videos / NEW_NAMES[6])

    client.fetch(QUALITY)

    assert second.exists()
    assert aside(client) == {}


def test_a_video_that_was_uploaded_again_as_it_was_takes_the_file_over(client, old):
    files = put(client, old, record=None)
    old.record([(str(number), title) for number, title in TITLES.items()])

    assert set(statuses(client.fetch(QUALITY)).values()) == {"skipped"}

    assert names(client) == {NEW_NAMES[number] for number in files}
    assert {entry["id"] for entry in client.recorded()} == {str(client.video(number).id) for number in TITLES}
    assert aside(client) == {}
    assert why_videos_not_current(client.project) == ""


def test_the_record_tells_how_large_the_file_of_a_video_is_that_the_folder_has_lost(client, old):
    put(client, old, change=lambda content: b"older")
    client.server.numbers = {1, 9}

    client.fetch(QUALITY)

    assert {entry["number"]: entry["size"] for entry in client.recorded()}[6] == len(b"older")
    assert why_videos_not_current(client.project) == ""


@pytest.mark.parametrize("record", [True, False])
def test_an_old_file_beside_todays_from_an_earlier_run_is_put_aside(record, client, old):
    client.fetch(QUALITY)
    if not record:
        client.record.unlink()
    put(client, old, record=None)
    client.server.log.clear()

    assert set(statuses(client.fetch(QUALITY)).values()) == {"skipped"}

    assert client.requests("cdn") == []
    assert_one_of_each(client)
    assert set(aside(client)) == {old_video_name(title) for title in TITLES.values()}


def test_other_files_stay_where_they_are(client, old):
    put(client, old)
    others = ("(06) mine.mp4", "(06) Makers.mp4", "06.mp4", "holiday.mp4")
    for name in others:
        (client.project.videos / name).write_bytes(b"mine")

    client.fetch(QUALITY)

    assert {name for name in names(client) if (client.project.videos / name).read_bytes() == b"mine"} == set(others)


@MD5
@pytest.mark.parametrize("record", ["success", None])
def test_another_file_under_the_name_of_today_is_put_aside_too(record, md5, client, old, capsys):
    files = put(client, old, record)
    mine = files[1].with_name(NEW_NAMES[1])
    files[1].rename(mine)
    mine.write_bytes(b"mine")
    if not md5:
        client.server.faults.append(LacksFields(fields=("md5",)))

    client.fetch(QUALITY)

    assert client.on_disk()[1] == client.content(1, QUALITY)
    assert aside(client) == {NEW_NAMES[1]: b"mine"}
    assert capsys.readouterr().out.count(f"The old file of “{TITLES[1]}” is not used any more: ") == 1


def test_of_an_earlier_download_in_another_quality_nothing_is_kept(client, old):
    client.fetch("240p")
    client.fetch(QUALITY)

    assert aside(client) == {}


@links_needed
def test_what_a_link_under_the_name_of_today_leads_to_stays_there(client, old, tmp_path):
    (tmp_path / "mine").write_bytes(b"mine")
    (client.project.videos / NEW_NAMES[1]).symlink_to(tmp_path / "mine")
    client.fetch(QUALITY)

    assert (tmp_path / "mine").read_bytes() == b"mine"
    assert aside(client) == {}


# Without the old scripts


def test_without_record_and_md5_a_file_is_known_by_its_name_and_size(client):
    client.server.faults.append(LacksFields(fields=("md5",)))
    client.fetch(QUALITY)
    client.record.unlink()
    client.server.log.clear()

    assert set(statuses(client.fetch(QUALITY)).values()) == {"skipped"}
    assert client.requests("cdn") == []


def test_a_renaming_that_was_interrupted_before_the_record_is_taken_up(client, old, monkeypatch):
    put(client, old)
    real, count = Path.replace, []

    def interrupt(path, target):
        count.append(path)
        real(path, target)
        if len(count) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            client.fetch(QUALITY)

    assert set(statuses(client.fetch(QUALITY)).values()) == {"skipped"}
    assert client.requests("cdn") == []
    assert_one_of_each(client)


@pytest.mark.parametrize("record", ["success", None])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_wherever_a_run_is_killed_each_video_has_a_file_and_the_next_run_ends_it(
    before, record, client, tmp_path, monkeypatch
):
    broken = client.content(6, QUALITY)[:-1]
    for count in range(1, 50):
        client.project = Project(tmp_path / f"project-{count}")
        old = OldProject(client.project.path)
        put(client, old, record)[6].write_bytes(broken)

        with monkeypatch.context() as patch:
            interrupts = Interrupts(patch, count, before)
            with suppress(KeyboardInterrupt):
                client.fetch(QUALITY)

        assert set(course_files(client.project).claims) == {1, 6, 9}, count
        assert broken in [path.read_bytes() for path in client.project.videos.rglob("*.mp4")], count
        client.fetch(QUALITY)
        assert_one_of_each(client)
        assert client.on_disk() == {number: client.content(number, QUALITY) for number in (1, 6, 9)}, count
        assert list(aside(client).values()) == [broken], count
        if not interrupts.came:
            break
    assert count > 5


# Bad input


@pytest.mark.parametrize(
    "content", ["[{", "{}", "7", '[{"id": 5}]', '[{"id": "1", "title": "t", "status": ["error"]}]']
)
def test_a_record_that_is_not_believed_costs_no_file(content, client, old):
    put(client, old)
    client.record.write_text(content, encoding="utf-8")

    assert set(statuses(client.fetch(QUALITY)).values()) == {"skipped"}
    assert names(client) == set(NEW_NAMES.values())


@pytest.mark.parametrize(
    "title", ["(06) " + "x:" * 150, "(06) \x00:\x07\n", "../(06)", "(06) \ud800:", ".(06) hidden:"]
)
def test_a_title_whose_old_name_no_disk_takes_or_shows_does_no_harm(title, client, old):
    client.server.titles[6] = title

    assert client.fetch(QUALITY)[6].status == "success"


def test_a_hidden_file_of_the_old_scripts_is_found(client, old):
    client.server.titles[6] = ".(06) hidden"
    old.video(".(06) hidden", client.content(6, QUALITY))

    assert client.fetch(QUALITY)[6].status == "skipped"
    assert "(06) hidden.mp4" in names(client)


# Listing


@pytest.mark.parametrize("record", ["success", None])
def test_the_list_says_what_would_be_taken_over_and_changes_nothing(record, client, old, suite):
    files = put(client, old, record)
    files[9].write_bytes(files[9].read_bytes()[:-1])
    os.truncate(files[1], 0)
    before = files_below(client.project.path)

    done = suite.main(
        2, "--project-path", client.project.path, "--language-code", "es", "--list-only", "--quality", QUALITY
    )

    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if "MB" in line and not line.startswith("Still")]
    assert [("yes" in row, "no" in row.split()[-2:]) for row in rows] == [(False, True), (True, False), (False, True)]
    assert files_below(client.project.path) == before


def test_a_build_downloads_nothing_again_of_an_old_project(client, old, suite):
    put(client, old)

    done = suite.main(2, "--project-path", client.project.path, "--language-code", "es", "--quality", QUALITY)

    assert (done.returncode, done.stderr) == (0, "")
    assert "0 downloaded, 3 already there, 0 failed" in done.stdout
