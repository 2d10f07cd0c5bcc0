"""Publishing: the new package takes the old one's place whole or not at all, and nobody else's file is touched."""

from __future__ import annotations

import errno
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from common.errors import BuilderError
from common.filesystem import clone
from courses import SHORT, START, TEN, files_below, leftovers, put_foreign
from makers import not_linkable, replace_makers
from package import links
from systems import links_needed

# What is in the output already


@pytest.mark.parametrize("link", ["auto", "hard", "copy"])
def test_a_second_run_changes_nothing(link, course):
    course.publish(link)
    (course.project.output / "notes.txt").write_text("mine")
    course.publish(link)  # which sums it up
    before = course.project.path.stat().st_mtime_ns, files_below(course.project.path)

    outcome = course.publish(link)

    assert (outcome.changed, outcome.ways, outcome.thumbnails) == (False, {}, 0)
    assert (course.project.path.stat().st_mtime_ns, files_below(course.project.path)) == before


@pytest.mark.parametrize("link", ["auto", "copy"])
def test_only_what_depends_on_a_changed_slide_is_made_again(link, course):
    course.publish(link)
    before = files_below(course.project.output)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))

    outcome = course.publish(link)

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert (sum(outcome.ways.values()), outcome.thumbnails) == (1, 1)
    after = files_below(course.project.output)
    changed = {name for name in after if after[name] != before.get(name)}
    # The folders themselves are new ones.
    assert {name for name in changed if (course.project.output / name).is_file()} == {
        "10/3.png",
        "thumbnails/10/3.jpg",
        # What shows how it was before.
        "thumbnails/before/10/3.jpg",
        "index.html",
        "SHA256SUMS",
        ".made-by-zume.json",
    }


def test_what_somebody_removed_from_the_output_is_made_again(course):
    course.publish()
    names = ("10/3.png", "videos/6.mp4", "thumbnails/10/1.jpg", "index.html")
    for name in names:
        (course.project.output / name).unlink()

    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert all((course.project.output / name).is_file() for name in names)


def test_another_way_to_make_files_makes_all_of_them_again(course):
    course.publish("hard")
    course.publish("copy")

    assert not any(path.samefile(other) for path, other in pairs(course))


def pairs(course):
    """Return every file of the output that has an original, with that."""
    plan = course.plan()
    return [(course.project.output / file.target, file.source) for file in plan.files]


def test_a_thumbnail_that_was_lost_in_a_power_cut_is_made_again(course):
    course.publish()
    thumbnail = course.project.output / "thumbnails" / "10" / "3.jpg"
    good = thumbnail.read_bytes()
    thumbnail.write_bytes(b"")

    assert course.publish().thumbnails == 1
    assert thumbnail.read_bytes() == good


def test_a_package_that_was_copied_with_its_project_is_still_known_as_ours(course, tmp_path):
    course.publish("copy")
    shutil.copytree(course.project.path, tmp_path / "copy", copy_function=shutil.copyfile)
    shutil.rmtree(course.project.path)
    (tmp_path / "copy").rename(course.project.path)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))

    assert course.prepare("copy").foreign == set()
    course.publish("copy")
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_what_an_earlier_run_made_and_no_longer_belongs_there_is_gone(course):
    course.publish()
    (course.project.videos / "(06) title.mp4").unlink()
    del course.videos[6]
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


FOREIGN = ["notes.txt", "10/6b.png", "10/my notes.txt", "videos/trailer.mp4", "mine/deep/file.bin", ".hidden"]


@pytest.mark.parametrize("link", ["copy", "hard"])
def test_foreign_files_in_the_output_survive_byte_for_byte(link, course):
    course.publish(link)
    contents = {name: os.urandom(100) for name in FOREIGN}
    for name, data in contents.items():
        path = course.project.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_600_000_000, 1_600_000_000))

    for _ in range(2):
        course.publish(link)

    for name, data in contents.items():
        assert (course.project.output / name).read_bytes() == data
        assert (course.project.output / name).stat().st_mtime == 1_600_000_000
    assert {name: data for name, data in course.output().items() if name not in contents} == (
        course.expected(TEN, SHORT) | course.expected_videos()
    )


@links_needed
def test_foreign_links_and_empty_folders_in_the_output_survive(course, tmp_path):
    course.publish()
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "file").write_text("on the stick")
    (course.project.output / "stick").symlink_to(tmp_path / "stick")
    (course.project.output / "nowhere").symlink_to(tmp_path / "not there")
    (course.project.output / "for later").mkdir()

    course.publish()

    assert (course.project.output / "stick").is_symlink()
    assert (course.project.output / "stick" / "file").read_text() == "on the stick"
    assert (course.project.output / "nowhere").is_symlink()
    assert (course.project.output / "for later").is_dir()


@pytest.mark.parametrize("name", ["10/3.png", "10/6.mp4", "videos/1.mp4", "index.html"])
@pytest.mark.parametrize("link", ["hard", "copy"])
def test_what_somebody_changed_in_the_output_is_kept_and_known(name, link, course):
    course.publish(link)
    path = course.project.output / name
    # As nearly every program saves: a new file, and a rename.
    path.with_name("new").write_bytes(b"corrected by hand")
    path.with_name("new").replace(path)
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    course.picture(TEN, SHORT[0], START + timedelta(hours=1))

    for _ in range(2):
        assert course.prepare(link).changed_by_others == {name}
        course.publish(link)
        assert path.read_bytes() == b"corrected by hand"

    expected = course.expected(TEN, SHORT) | course.expected_videos()
    assert {**course.output(), name: b""} == {**expected, name: b""}
    path.unlink()
    course.publish(link)
    assert course.output() == expected


def test_a_changed_file_stays_when_the_package_has_no_use_for_its_name_any_more(course):
    course.publish()
    path = course.project.output / "10" / "3.png"
    path.unlink()
    path.write_bytes(b"corrected by hand")
    for picture in (course.project.path / "10").glob("*_session_1_t1_c.png"):
        picture.unlink()

    course.publish()

    assert path.read_bytes() == b"corrected by hand"


def test_saving_a_new_file_in_the_output_leaves_the_original_as_it_was(course):
    course.publish("auto")
    for path, source in pairs(course):
        before = source.read_bytes()
        path.with_name("new").write_bytes(b"changed")
        path.with_name("new").replace(path)
        assert source.read_bytes() == before


@pytest.mark.parametrize("name", ["10/3.png", "10/6.mp4", "videos/1.mp4", "index.html"])
def test_a_foreign_file_whose_name_the_package_needs_is_refused_and_kept(name, course):
    course.publish()
    path = put_foreign(course.project, name)
    before = files_below(course.project.output)

    with pytest.raises(BuilderError, match="not made by this program") as caught:
        course.publish()

    assert str(path) in caught.value.message
    assert files_below(course.project.output) == before


def test_a_refused_run_leaves_nothing_behind(course):
    course.publish()
    put_foreign(course.project, "index.html")
    before = files_below(course.project.path)

    with pytest.raises(BuilderError):
        course.publish()

    assert files_below(course.project.path).keys() == before.keys()


@pytest.mark.parametrize("name", ["10", "videos", "thumbnails/10", "10/3.png/deep/file"])
def test_a_foreign_file_in_the_place_of_a_folder_or_the_other_way_round_is_refused_and_kept(name, course):
    course.publish()
    path = put_foreign(course.project, name)

    with pytest.raises(BuilderError, match="not made by this program"):
        course.publish()

    assert path.read_bytes() == b"precious"


@links_needed
def test_an_output_that_is_a_link_stays_one_and_its_folder_gets_the_package(course, tmp_path):
    (tmp_path / "big disk").mkdir()
    course.project.output.symlink_to(tmp_path / "big disk")
    for _ in range(2):
        course.picture(TEN, SHORT[2], START + timedelta(hours=1))
        course.publish()

    assert course.project.output.is_symlink()
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


# How the files are made


def inodes(course):
    source = course.project.videos / "(01) title.mp4"
    return source.stat().st_ino, (course.project.output / "videos" / "1.mp4").stat().st_ino


def copied(source, target):
    """Do what a reflink does, as far as can be seen."""
    shutil.copy2(source, target)


@pytest.mark.parametrize(
    ("link", "reflink", "way"),
    [("hard", copied, "hard"), ("auto", copied, "reflink"), ("auto", not_linkable, "hard"), ("copy", copied, "copy")],
)
def test_files_are_made_in_the_way_that_was_asked_for_and_works(link, reflink, way, course, monkeypatch):
    replace_makers(monkeypatch, reflink=reflink)

    assert course.publish(link).ways == {way: len(course.plan().files)}

    source, made = inodes(course)
    assert (source == made) == (way == "hard")
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_which_way_works_is_found_out_once(course, monkeypatch):
    tries = []

    def reflink(source, target):
        tries.append(source)
        not_linkable(source)

    replace_makers(monkeypatch, reflink=reflink)
    course.publish("auto")

    assert len(tries) == 1


def test_a_reflink_is_a_file_of_its_own_with_the_originals_content_and_time(tmp_path):
    (tmp_path / "source").write_bytes(b"content")
    os.utime(tmp_path / "source", (1_600_000_000, 1_600_000_000))
    try:
        clone(tmp_path / "source", tmp_path / "target")
    except OSError as error:
        # This file system has none: then nothing may be left, and the error must lead to the next way.
        assert error.errno in links.UNABLE
        assert not (tmp_path / "target").exists()
    else:
        assert (tmp_path / "target").read_bytes() == b"content"
        assert (tmp_path / "target").stat().st_mtime == 1_600_000_000
        assert not (tmp_path / "target").samefile(tmp_path / "source")


def test_copies_do_not_change_with_their_originals(course):
    course.publish("copy")
    (course.project.videos / "(01) title.mp4").write_bytes(b"changed")

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_auto_copies_where_the_file_system_has_no_links(course, monkeypatch):
    replace_makers(monkeypatch, link=not_linkable)

    assert course.publish("auto").ways.keys() == {"copy"}
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert leftovers(course.project) == []


def test_a_video_from_another_file_system_is_copied_once(course, monkeypatch):
    real, real_copy, copies = os.link, shutil.copyfile, []

    def link(source, target, **options):
        (not_linkable if Path(source).parent == course.project.videos else real)(source, target, **options)

    def copy(source, target, **options):
        copies.append(Path(source).name)
        return real_copy(source, target)

    replace_makers(monkeypatch, link=link, copy=copy)
    course.publish("auto")

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert sorted(copies) == ["(01) title.mp4", "(06) title.mp4"]


def test_a_file_that_has_too_many_links_already_is_copied_and_the_others_are_linked(course, monkeypatch):
    real = os.link

    def link(source, target, **options):
        if target.as_posix().endswith("10/3.png"):
            raise OSError(errno.EMLINK, os.strerror(errno.EMLINK), str(source))
        real(source, target, **options)

    replace_makers(monkeypatch, link=link)

    assert course.publish("auto").ways == {"hard": len(course.plan().files) - 1, "copy": 1}


def test_links_that_were_asked_for_and_cannot_be_made_are_an_error(course, monkeypatch):
    replace_makers(monkeypatch, link=not_linkable)

    with pytest.raises(BuilderError, match="cannot be linked") as caught:
        course.publish("hard")
    assert "--link copy" in caught.value.remedy
    assert not course.project.output.exists()
