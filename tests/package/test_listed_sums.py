"""The list of checksums of a package: programs read it, it is true at every moment, and nothing is read in vain."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from common.errors import BuilderError
from courses import INTENSIVE, SHORT, START, TEN, files_below, put_foreign
from listed_sums import CHECKS, can_check, check, listed_sums, sha256_of, visible_files, wrong_sums
from makers import not_linkable, replace_makers
from package import checksums
from package.checksums import replacing
from package.record import RECORD_FILE, read_record, write_record
from slides.entry import Entry
from slides.manifest import Manifest, read_manifest, write_manifest
from slides.pictures import pictures_in
from systems import odd_names_needed
from videos.results import read_results, write_results

FALSE = "0" * 64
LATER = datetime(2099, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def read(monkeypatch):
    """The files that were read for their checksums, by their names in the output."""
    names = []
    real = checksums._read_sums

    def spy(paths):
        names.extend(sorted(path.as_posix().rpartition("output")[2].partition("/")[2] for path in paths.values()))
        return real(paths)

    monkeypatch.setattr(checksums, "_read_sums", spy)
    return names


def put(course, name, content="mine"):
    path = course.project.output / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


# --- What it lists ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", CHECKS)
def test_the_programs_of_the_systems_find_every_file_of_a_package_whole(system, course):
    if not can_check(system):
        pytest.skip("the program is not there")
    course.publish()
    put(course, "Guía del líder – año 1.txt")
    put(course, "10/ two  blanks .txt")
    put(course, "mine/*star.txt")
    course.publish()

    done = check(system, course.project.output)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.removesuffix(": OK") for line in lines} == visible_files(course.project.output)
    assert all(line.endswith(": OK") for line in lines)


@pytest.mark.parametrize("system", CHECKS)
def test_the_programs_of_the_systems_find_a_damaged_and_a_missing_file(system, course):
    if not can_check(system):
        pytest.skip("the program is not there")
    course.publish("copy")
    (course.project.output / "10" / "1.png").write_bytes(b"damaged")
    (course.project.output / "videos" / "6.mp4").unlink()

    done = check(system, course.project.output)
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if not line.endswith("OK")] == [
        "10/1.png: FAILED",
        "videos/6.mp4: FAILED open or read",
    ]


def test_the_list_is_sorted_has_plain_ends_of_lines_and_does_not_list_itself_or_what_is_hidden(course, tmp_path):
    course.publish()
    for name in (".DS_Store", "10/._1.png", ".Trashes/501/old.mp4", "Thumbs.db", "~$notes.docx", "a.pptx.part"):
        put(course, name)
    if sys.platform != "win32":  # where few users may make any
        (course.project.output / "link.txt").symlink_to(course.project.output / "index.html")
    put(course, "notes.docx")
    course.publish()

    content = (course.project.output / "SHA256SUMS").read_bytes()
    names = [line[66:].decode() for line in content.split(b"\n")[:-1]]
    assert b"\r" not in content
    assert names == sorted(names)
    shown = visible_files(course.project.output) - {"Thumbs.db", "~$notes.docx", "a.pptx.part"}
    assert set(names) == shown >= {"notes.docx", "index.html", "about-this-package.txt", "thumbnails/10/1.jpg"}


@odd_names_needed
def test_a_name_that_no_list_can_have_is_left_out_and_that_is_said(course, lone_suite):
    course.publish()
    for name in ("two\nlines.txt", "back\\slash.txt"):
        put(course, name)
    os.close(os.open(os.fsencode(course.project.output) + b"/no\xfftext.txt", os.O_CREAT))
    done = lone_suite.part(4, "-p", course.project.path)

    assert done.returncode == 0, done.stderr
    said = "not in SHA256SUMS, because its name has a character that such a list cannot have"
    assert done.stdout.count(said) == 3
    assert f"'two\\nlines.txt': {said}" in done.stdout
    assert wrong_sums(course.project.output) == []


def test_a_file_that_cannot_be_read_is_left_out_and_that_is_said(course, lone_suite, monkeypatch):
    course.publish()
    secret = put(course, "secret.txt")
    real = type(secret).open

    def refuse(self, *arguments, **named):
        if self.name == "secret.txt":
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *arguments, **named)

    monkeypatch.setattr(type(secret), "open", refuse)
    done = lone_suite.main(4, "-p", course.project.path)

    assert done.returncode == 0, done.stderr
    assert "secret.txt: not in SHA256SUMS, because it cannot be read" in done.stdout
    assert "secret.txt" not in listed_sums(course.project.output)


def test_a_file_that_is_written_while_it_is_read_is_left_out_and_that_is_said(course, lone_suite, monkeypatch):
    course.publish()
    growing = put(course, "growing.txt")
    real = type(growing).open

    def grow(self, *arguments, **named):
        file = real(self, *arguments, **named)
        if self.name == "growing.txt":
            os.utime(self, (1, 1))
        return file

    monkeypatch.setattr(type(growing), "open", grow)
    done = lone_suite.main(4, "-p", course.project.path)

    assert done.returncode == 0, done.stderr
    assert "growing.txt: not in SHA256SUMS, because it cannot be read, or is being changed" in done.stdout
    assert "growing.txt" not in listed_sums(course.project.output)


# --- Where the sums come from -----------------------------------------------------------------------------------------


def record_sums(course, videos=FALSE, pictures=FALSE, **more):
    """Let the records tell checksums, false ones so that it can be seen whether they are believed."""
    course.downloads({1: "vimeo", 6: "vimeo"})
    results = read_results(course.project).values()
    write_results(course.project, [replace(each, sha256=videos, **more) for each in results])
    files = {picture.slide_name: picture.path for picture in pictures_in(course.project.path / "10")}
    known = {"taken_at": LATER.isoformat(), "sha256": pictures}
    entries = tuple(Entry(slide, files[slide.name].name, "ok", None, **known) for slide in SHORT)
    write_manifest(course.project, TEN, Manifest("es", "https://zume.training", TEN.name, entries))


def test_what_parts_2_and_3_have_summed_up_is_not_read_again(course, read):
    record_sums(course)
    course.publish()

    originals = {name for name in listed_sums(course.project.output) if name.startswith(("10/", "videos/"))}
    assert {listed_sums(course.project.output)[name] for name in originals} == {FALSE}
    assert set(read) == visible_files(course.project.output) - originals


@pytest.mark.parametrize("link", ["hard", "copy"])
def test_what_nobody_has_summed_up_is_read_once_however_often_it_is_there(link, course, read):
    course.curriculum(INTENSIVE, SHORT)
    course.publish(link)

    assert wrong_sums(course.project.output) == []
    assert [name for name in read if name.endswith(".mp4")] == ["videos/1.mp4", "videos/6.mp4"]
    assert len(read) == len(set(read))
    course.publish(link)
    assert len(read) == len(set(read))


@pytest.mark.parametrize(
    "record",
    [
        {"size": 5},
        {"downloaded_at": "2001-01-01T00:00:00+00:00"},
        {"downloaded_at": "yesterday"},
        {"videos": "no checksum"},
        {"videos": FALSE.upper() + "A"},
    ],
    ids=str,
)
def test_a_sum_of_a_video_that_may_be_another_is_not_believed(record, course):
    record_sums(course, **record)
    course.publish()

    assert wrong_sums(course.project.output) == [f"10/{slide.position}.png" for slide in SHORT if not slide.video]


def test_a_sum_of_a_picture_that_was_written_since_is_not_believed(course):
    record_sums(course)
    for picture in pictures_in(course.project.path / "10"):
        os.utime(picture.path, (LATER.timestamp() + 3600,) * 2)
    course.publish()

    assert {name for name in wrong_sums(course.project.output) if name.endswith(".png")} == set()


def test_a_slide_that_only_stands_elsewhere_is_not_read_again(course, read):
    course.publish()
    del read[:]
    course.manifest(TEN, [replace(slide, position=position) for position, slide in enumerate(SHORT[::-1], start=1)])
    course.publish()

    assert [name for name in read if name.endswith((".png", ".mp4"))] == []
    assert wrong_sums(course.project.output) == []


# --- What changes -----------------------------------------------------------------------------------------------------


def test_only_what_is_new_is_read(course, read):
    course.publish()
    del read[:]
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    course.publish()

    assert set(read) == {"10/3.png", "thumbnails/10/3.jpg", "thumbnails/before/10/3.jpg", "index.html"}
    assert wrong_sums(course.project.output) == []


def test_an_unchanged_package_is_not_read_and_its_list_not_written(course, read):
    course.publish()
    put(course, "notes.txt")
    course.publish()
    before = files_below(course.project.path)
    del read[:]
    course.publish()

    assert read == []
    assert files_below(course.project.path) == before


def test_a_file_that_somebody_has_added_changes_the_list_and_nothing_else(course):
    course.publish()
    before = files_below(course.project.output)
    put(course, "notes.txt")
    outcome = course.publish()

    after = files_below(course.project.output)
    assert not outcome.changed
    assert {name for name in after if after[name] != before.get(name)} == {"notes.txt", "SHA256SUMS", RECORD_FILE}
    assert wrong_sums(course.project.output) == []
    # Decks are compared with its time.
    assert after[RECORD_FILE][1] == before[RECORD_FILE][1]
    assert read_record(course.project.output).made_at == json.loads(before[RECORD_FILE][3])["made_at"]


@pytest.mark.parametrize("link", ["hard", "copy"])
def test_what_somebody_has_changed_is_listed_as_it_is_now(link, course):
    course.publish(link)
    for content in ("corrected", "corrected again"):
        path = course.project.output / "10" / "3.png"
        path.unlink()
        path.write_text(content)
        course.publish(link)
        assert listed_sums(course.project.output)["10/3.png"] == sha256_of(path)
    path.unlink()
    course.publish(link)
    assert wrong_sums(course.project.output) == []


def test_a_deck_that_was_replaced_has_its_new_sum_and_one_that_was_removed_has_none(course):
    course.publish()
    decks = [put(course, f"zume-es-{name}.pptx") for name in ("ten_session", "twenty_session")]
    course.publish()
    assert listed_sums(course.project.output).keys() >= {deck.name for deck in decks}
    decks[0].write_text("a new one")
    decks[1].unlink()
    course.publish()

    assert listed_sums(course.project.output)[decks[0].name] == sha256_of(decks[0])
    assert decks[1].name not in listed_sums(course.project.output)


def test_a_package_that_was_copied_without_its_times_keeps_true_sums(course, tmp_path):
    course.publish("copy")
    shutil.copytree(course.project.path, tmp_path / "copy", copy_function=shutil.copyfile)
    shutil.rmtree(course.project.path)
    (tmp_path / "copy").rename(course.project.path)
    course.publish("copy")
    assert wrong_sums(course.project.output) == []


def test_where_there_are_no_links_what_others_have_put_there_is_listed_too(course, monkeypatch):
    replace_makers(monkeypatch, link=not_linkable)
    course.publish()
    put(course, "mine/deep.txt")
    course.picture(TEN, SHORT[0], START + timedelta(hours=1))
    course.publish()

    assert wrong_sums(course.project.output) == []
    assert listed_sums(course.project.output).keys() == visible_files(course.project.output)


# --- Whose it is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SHA256SUMS", "about-this-package.txt", "sha256sums", "About-This-Package.txt/notes"])
def test_a_file_of_somebody_else_under_such_a_name_is_left_alone_and_that_is_said(name, course, lone_suite):
    course.publish()
    ours = next(each for each in ("SHA256SUMS", "about-this-package.txt") if name.lower().startswith(each.lower()))
    put_foreign(course.project, ours).unlink()
    theirs = put(course, name)
    before = files_below(course.project.output)
    for _ in range(2):
        done = lone_suite.main(4, "-p", course.project.path)
        assert done.returncode == 0, done.stderr
        assert f"{ours}: not made, because somebody else's file has that name." in done.stdout
        assert theirs.read_text() == "mine"
    after = files_below(course.project.output)
    assert after[name] == before[name]
    assert ours == name or ours not in after
    # Nobody is told to check the package with a list that is about something else.
    if ours == "SHA256SUMS":
        assert "sha256sum" not in (course.project.output / "about-this-package.txt").read_text(encoding="utf-8")
    theirs.unlink()
    if "/" in name:
        theirs.parent.rmdir()
    course.publish()
    assert wrong_sums(course.project.output) == []
    assert (course.project.output / "about-this-package.txt").read_bytes().startswith(b"\xef\xbb\xbfZ")


@pytest.mark.parametrize("name", ["SHA256SUMS", "about-this-package.txt"])
def test_what_somebody_has_made_of_such_a_file_is_kept_until_it_is_removed(name, course, lone_suite):
    course.publish()
    path = course.project.output / name
    signed = "-----BEGIN PGP SIGNED MESSAGE-----\n" + path.read_text(encoding="utf-8")
    path.unlink()
    path.write_text(signed, encoding="utf-8")
    done = lone_suite.main(4, "-p", course.project.path)

    assert done.returncode == 0, done.stderr
    assert f"{name}: kept as it is, because somebody has changed it." in done.stdout
    assert path.read_text(encoding="utf-8") == signed
    path.unlink()
    course.publish()
    assert wrong_sums(course.project.output) == []


@pytest.mark.parametrize("change", ["lost", "shortened", "other sums", "empty"])
def test_a_list_that_is_lost_or_no_longer_true_is_made_again_without_reading_the_package(change, course, read):
    course.publish()
    path = course.project.output / "SHA256SUMS"
    content = path.read_bytes()
    path.unlink()
    if change != "lost":
        path.write_bytes({"shortened": content[:-90], "other sums": b"f" * 64 + content[64:], "empty": b""}[change])
        if change == "shortened":
            path.write_bytes(content[: content.rindex(b"\n", 0, -1) + 1])
    del read[:]
    course.publish()

    assert (path.read_bytes(), read) == (content, [])


@pytest.mark.parametrize("sums", [None, [], {"10/1.png": 5}, {"10/1.png": {"size": "x", "time": 1, "sha256": FALSE}}])
def test_what_a_record_says_of_sums_and_cannot_be_true_costs_nothing_else(sums, course):
    course.publish()
    path = course.project.output / RECORD_FILE
    content = {**json.loads(path.read_text()), "sums": sums}
    path.write_text(json.dumps(content))
    known = read_record(course.project.output)

    assert (known.sums, known.doubts, known.files.keys()) == ({}, [], content["files"].keys())
    course.publish()
    assert wrong_sums(course.project.output) == []


def test_a_package_of_an_earlier_version_gets_the_list_and_the_text_with_its_next_build(course):
    course.publish()
    record = read_record(course.project.output)
    names = ("SHA256SUMS", "about-this-package.txt")
    for name in names:
        (course.project.output / name).unlink()
    files = {name: file for name, file in record.files.items() if name not in names}
    write_record(course.project.output, replace(record, files=files, sums={}))
    with replacing(course.project, "zume-es-ten_session.pptx"):
        put(course, "zume-es-ten_session.pptx")
    assert not any((course.project.output / name).exists() for name in names)
    course.publish()

    assert all((course.project.output / name).exists() for name in names)
    assert wrong_sums(course.project.output) == []
    assert read_manifest(course.project, TEN).entries


# --- While a file is replaced -----------------------------------------------------------------------------------------


def test_while_a_file_is_replaced_the_list_does_not_have_it(course):
    course.publish()
    deck = put(course, "zume-es-ten_session.pptx", "the old one")
    course.publish()
    others = listed_sums(course.project.output).keys() - {deck.name}
    with replacing(course.project, deck.name):
        assert listed_sums(course.project.output).keys() == others
        deck.write_text("the new one")
        assert wrong_sums(course.project.output) == []

    assert listed_sums(course.project.output)[deck.name] == sha256_of(deck)
    assert not course.publish().changed


def test_a_file_that_could_not_be_replaced_is_listed_again_without_being_read(course, read):
    course.publish()
    deck = put(course, "zume-es-ten_session.pptx", "the old one")
    course.publish()
    before = listed_sums(course.project.output)
    del read[:]
    with pytest.raises(BuilderError), replacing(course.project, deck.name):
        raise BuilderError("The disk is full.", "Free space.")

    assert (listed_sums(course.project.output), read) == (before, [])


def test_a_list_of_somebody_else_is_not_changed_when_a_file_is_replaced(course):
    course.publish()
    theirs = put_foreign(course.project, "SHA256SUMS")
    with replacing(course.project, "zume-es-ten_session.pptx"):
        put(course, "zume-es-ten_session.pptx")
    assert theirs.read_bytes() == b"precious"
