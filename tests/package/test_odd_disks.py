"""Packages on disks that take other names for one, write them otherwise, or have no links."""

from __future__ import annotations

import os
import sys
import unicodedata
from datetime import timedelta

import pytest

from common.errors import BuilderError
from courses import SHORT, START, TEN, leftovers
from listed_sums import wrong_sums
from odd_disks import APFS, EXFAT, HFS_PLUS, NTFS, STORING_NFD, lay_disk

ACCENTED = "Mañana, él.txt"


@pytest.fixture
def disk(course, tmp_path, monkeypatch):
    """Lays a disk of a kind under a course."""
    return lambda kind: lay_disk(monkeypatch, tmp_path, kind)


def swap_case(path):
    path.rename(path.with_name(path.name.swapcase()))


def change(course):
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))


# The stand-ins themselves


@pytest.mark.skipif(sys.platform == "win32", reason="the disk below ignores case itself")
@pytest.mark.parametrize(
    ("kind", "stored", "also"),
    [
        (HFS_PLUS, "NFD", {"É", "é"}),
        (APFS, "NFC", {"É", "é"}),
        (NTFS, "NFC", {"é"}),
        (STORING_NFD, "NFD", {"É"}),
        (EXFAT["Linux"], "NFC", {"é"}),
    ],
)
def test_a_laid_disk_behaves_like_its_kind(kind, stored, also, tmp_path, monkeypatch):
    lay_disk(monkeypatch, tmp_path, kind)
    (tmp_path / "É").write_text("1")

    assert [path.name for path in tmp_path.iterdir()] == [unicodedata.normalize(stored, "É")]
    found = {name for name in ("É", "é") if (tmp_path / unicodedata.normalize("NFD", name)).exists()}
    found |= {"é"} if (tmp_path / "é").exists() else set()
    assert found == also
    (tmp_path / "É").rename(tmp_path / "é")
    assert [path.name for path in tmp_path.glob("*")] == [unicodedata.normalize(stored, "é")]
    if kind.no_links:
        with pytest.raises(OSError) as refusal:
            os.link(tmp_path / "é", tmp_path / "b")
        assert refusal.value.errno == kind.no_links


# Without links


@pytest.mark.parametrize("system", EXFAT)
def test_on_a_memory_stick_the_files_are_copies_on_every_system(system, disk, course):
    disk(EXFAT[system])
    (course.project.path / "10" / "notes.txt").write_text("mine")
    assert course.publish("auto").ways.keys() == {"copy"}
    (course.project.output / ACCENTED).write_text("mine")
    change(course)
    # Without links the unchanged ones are made anew, too.
    assert course.publish("auto").ways == {"copy": len(course.plan().files)}

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos() | {ACCENTED: b"mine"}
    assert (leftovers(course.project), wrong_sums(course.project.output)) == ([], [])
    assert course.publish("auto").changed is False


@pytest.mark.parametrize("system", EXFAT)
def test_there_hard_links_alone_are_refused_with_what_to_do(system, disk, course):
    disk(EXFAT[system])
    with pytest.raises(BuilderError) as refusal:
        course.publish("hard")

    assert "cannot be linked" in refusal.value.message
    assert "--link auto" in refusal.value.remedy
    assert (course.project.output.exists(), leftovers(course.project)) == (False, [])


def with_doubles(folder):
    """Put beside each file of a folder what macOS does there."""
    for path in [path for path in folder.rglob("*") if not path.name.startswith(".")]:
        path.with_name(f"._{path.name}").write_text("double")


def test_what_macos_keeps_beside_files_there_goes_with_them(disk, course):
    disk(EXFAT["macOS"])
    course.publish()
    mine = {f"notes {number}.txt": b"mine" for number in range(8)}
    for name, data in mine.items():
        (course.project.output / name).write_bytes(data)
    with_doubles(course.project.output)
    change(course)
    course.publish()

    assert (leftovers(course.project), wrong_sums(course.project.output)) == ([], [])
    shown = {name: data for name, data in course.output().items() if "._" not in name}
    assert shown == course.expected(TEN, SHORT) | course.expected_videos() | mine


def test_what_a_killed_run_has_left_there_is_removed_with_what_macos_keeps_beside_it(disk, course):
    disk(EXFAT["macOS"])
    staging = course.project.path / ".output.new"
    (staging / "10").mkdir(parents=True)
    for number in range(8):
        (staging / "10" / f"{number}.png").write_text("begun")
    with_doubles(staging)
    course.publish()

    assert leftovers(course.project) == []


# Names


@pytest.mark.parametrize("kind", [HFS_PLUS, STORING_NFD], ids=["HFS+", "share"])
def test_a_file_whose_name_the_disk_splits_stays_in_the_package_and_is_summed_up(kind, disk, course):
    disk(kind)
    course.publish()
    (course.project.output / "10" / ACCENTED).write_text("mine")
    change(course)
    course.publish()

    assert (course.project.output / "10" / ACCENTED).read_text() == "mine"
    assert f"  10/{unicodedata.normalize('NFD', ACCENTED)}\n" in (course.project.output / "SHA256SUMS").read_text(
        "utf-8"
    )
    assert (leftovers(course.project), wrong_sums(course.project.output)) == ([], [])
    assert course.publish().changed is False


@pytest.mark.parametrize("kind", [APFS, EXFAT["Windows"]], ids=["APFS", "exFAT"])
def test_where_case_is_ignored_a_file_of_ours_in_other_letters_is_still_ours(kind, disk, course):
    disk(kind)
    course.publish()
    for name in ("index.html", "10/3.png", "10", "videos/6.mp4", "thumbnails", "SHA256SUMS", ".made-by-zume.json"):
        swap_case(course.project.output / name)
    publication = course.prepare()
    assert (publication.foreign, publication.changed_by_others, publication.taken) == (set(), set(), set())
    change(course)
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert (leftovers(course.project), wrong_sums(course.project.output)) == ([], [])


def test_where_case_is_ignored_a_list_of_checksums_in_other_letters_does_not_list_itself(disk, course):
    disk(NTFS)
    course.publish()
    swap_case(course.project.output / "SHA256SUMS")
    (course.project.output / "notes.txt").write_text("mine")
    course.publish()

    listed = (course.project.output / "SHA256SUMS").read_text("utf-8")
    assert "  notes.txt\n" in listed
    assert "sums" not in listed.lower()
    assert wrong_sums(course.project.output) == []


@pytest.mark.parametrize(("name", "mine"), [("index.html", "Index.html"), ("10/3.png", "10/3.PNG")])
def test_where_case_is_ignored_a_strange_file_in_the_way_is_named(name, mine, disk, course):
    disk(APFS)
    course.publish()
    record = course.project.output / ".made-by-zume.json"
    record.write_text(record.read_text("utf-8").replace(f'"{name}"', '"else"'), "utf-8")
    (course.project.output / name).unlink()
    (course.project.output / mine).write_text("mine")

    with pytest.raises(BuilderError, match="was not made by this program, but the package needs its name"):
        course.prepare()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take the two for one")
def test_where_case_counts_two_names_are_two_files(course):
    course.publish()
    (course.project.output / "Index.html").write_text("mine")
    os.link(course.project.output / "10" / "3.png", course.project.output / "10" / "3.PNG")
    change(course)
    course.publish()

    assert (course.project.output / "Index.html").read_text() == "mine"
    assert (course.project.output / "10" / "3.PNG").exists()
