"""What a user may do to the output, and what the next run makes of it."""

from __future__ import annotations

import errno
import os
import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from common.errors import BuilderError
from common.filesystem import exchange
from course.curricula import CURRICULA
from courses import SHORT, START, TEN, TWENTY, leftovers, put_foreign
from makers import make_unreadable, not_linkable, replace_makers, unable
from package import swap
from package.current import why_package_not_current
from systems import links_needed, permissions_needed


def test_a_folder_that_cannot_be_read_stops_the_run_before_anything_is_made(course, monkeypatch):
    course.publish()
    (course.project.output / "mine").mkdir()
    (course.project.output / "mine" / "deck.pptx").write_text("precious")
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    make_unreadable(monkeypatch, course.project.output / "mine")
    with pytest.raises(BuilderError, match="mine cannot be read"):
        course.publish()
    monkeypatch.undo()

    assert (course.project.output / "mine" / "deck.pptx").read_text() == "precious"
    assert leftovers(course.project) == []


@permissions_needed
def test_protected_folders_keep_their_rights_and_stop_no_run(course):
    course.publish()
    for name, mode in (("mine", 0o500), ("private", 0o700)):
        folder = course.project.output / name
        folder.mkdir()
        (folder / "deck.pptx").write_text("precious")
        folder.chmod(mode)
    course.project.output.chmod(0o550)

    for hour in (1, 2):
        course.picture(TEN, SHORT[2], START + timedelta(hours=hour))
        course.publish()
        assert leftovers(course.project) == []

    modes = {path.name: path.stat().st_mode & 0o777 for path in course.project.output.iterdir() if path.is_dir()}
    assert (modes["mine"], modes["private"]) == (0o500, 0o700)
    assert course.project.output.stat().st_mode & 0o777 == 0o550


def test_files_that_cannot_be_moved_to_the_new_output_are_told_and_not_lost(course, monkeypatch):
    monkeypatch.setattr(swap, "exchange", unable)
    replace_makers(monkeypatch, link=not_linkable)
    course.publish()
    (course.project.output / "deck.pptx").write_text("precious")
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    real = Path.replace

    def replace(self, target):
        if self.name == "deck.pptx":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(BuilderError, match="Files of yours cannot be moved"):
        course.publish()
    monkeypatch.undo()
    assert (course.project.path / ".output.old" / "deck.pptx").read_text() == "precious"

    course.publish()
    assert (course.project.output / "deck.pptx").read_text() == "precious"
    assert leftovers(course.project) == []


def test_an_older_file_that_is_put_back_while_the_new_output_is_being_made_is_not_lost(course, monkeypatch):
    course.publish()
    deck = course.project.output / "deck.pptx"
    deck.write_text("second version")
    course.picture(TEN, SHORT[0], START + timedelta(hours=1))

    def restore_and_exchange(one, other):
        deck.with_name("backup").write_text("first version")
        os.utime(deck.with_name("backup"), (1_500_000_000, 1_500_000_000))
        deck.with_name("backup").replace(deck)
        return exchange(one, other)

    monkeypatch.setattr(swap, "exchange", restore_and_exchange)
    course.publish()

    assert deck.read_text() == "first version"


@links_needed
@pytest.mark.parametrize("link", ["auto", "copy"])
def test_a_video_that_is_a_link_to_another_place_is_published_as_a_file(link, course, tmp_path):
    video = course.project.videos / "(06) title.mp4"
    video.rename(tmp_path / "elsewhere.mp4")
    video.symlink_to(tmp_path / "elsewhere.mp4")
    course.publish(link)
    assert not (course.project.output / "10" / "6.mp4").is_symlink()
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()

    (tmp_path / "new.mp4").write_bytes(b"\0\0\0\x18ftypanother")
    (tmp_path / "new.mp4").replace(tmp_path / "elsewhere.mp4")
    course.publish(link)
    assert course.output()["10/6.mp4"] == b"\0\0\0\x18ftypanother"


def test_writing_into_a_hard_link_is_told(course):
    course.publish("hard")
    before = course.prepare("hard")
    with (course.project.output / "10" / "3.png").open("r+b") as file:
        file.write(b"scribble")
    os.utime(course.project.output / "10" / "3.png")

    assert before.changed_in_place == ()
    assert course.prepare("hard").changed_in_place == ("10/3.png",)


def test_a_picture_that_a_user_put_into_a_gap_fills_it(course):
    next((course.project.path / "10").glob("*_t1_c.png")).unlink()
    course.publish()
    own = course.pictures["10", SHORT[0].name]
    (course.project.output / "10" / "3.png").write_bytes(own)
    publication = course.prepare()
    course.publish()

    assert (publication.troubles, publication.filled) == ([], {"10/3"})
    page = (course.project.output / "index.html").read_text()
    assert 'data-file="10/3.png"' in page
    assert "For those who make the package: nothing is missing" in page
    assert ">missing<" not in page
    assert (course.project.output / "10" / "3.png").read_bytes() == own


def test_two_files_at_one_position_are_told(course):
    course.publish()
    (course.project.output / "10" / "6.png").write_bytes(b"mine")

    assert [trouble for trouble in course.prepare().troubles if trouble.startswith("10/6.png: ")]


def test_all_names_that_are_in_the_way_are_counted(course):
    course.publish()
    for name in ("10/1.png", "10/3.png", "videos/1.mp4"):
        put_foreign(course.project, name)

    with pytest.raises(BuilderError, match=r"\(and 2 other files\) was not made by this program") as caught:
        course.publish()
    assert str(course.project.output) in caught.value.remedy


def test_a_page_in_whose_place_somebody_made_a_folder_is_kept(course):
    course.publish()
    (course.project.output / "index.html").unlink()
    (course.project.output / "index.html").mkdir()
    (course.project.output / "index.html" / "mine").write_text("precious")

    with pytest.raises(BuilderError, match="not made by this program"):
        course.publish()
    assert (course.project.output / "index.html" / "mine").read_text() == "precious"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_video_whose_name_is_no_text_is_published(course):
    name = os.fsdecode(b"(06) caf\xe9.mp4")
    (course.project.videos / "(06) title.mp4").rename(course.project.videos / name)
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def why_not_current(course, curricula=CURRICULA):
    return why_package_not_current(course.project, curricula, "es")


@pytest.mark.parametrize(
    ("before", "after", "has_changed"),
    [
        ({6: "vimeo"}, {6: "mirror"}, True),
        ({6: "mirror"}, {6: "vimeo"}, True),
        ({1: "vimeo", 6: "mirror"}, {6: "mirror"}, True),
        ({6: "mirror"}, {6: "mirror"}, False),
        ({1: "vimeo", 6: "vimeo"}, {}, False),
    ],
)
def test_a_video_whose_source_has_changed_makes_the_page_anew_if_that_says_so(before, after, has_changed, course):
    course.downloads(before)
    course.publish()
    files = course.output()
    assert why_not_current(course) == ""
    course.downloads(after)

    assert ("index.html in the package is not up to date" in why_not_current(course)) == has_changed
    outcome = course.publish()
    # The text about the package says in any case where its videos came from.
    assert (outcome.changed, outcome.thumbnails) == (before != after, 0)
    assert ("from the mirror" in (course.project.output / "index.html").read_text()) == ("mirror" in after.values())
    assert course.output() == files
    assert why_not_current(course) == ""
    assert not course.publish().changed


def test_a_page_that_somebody_has_changed_is_not_asked_for_again_and_again(course):
    course.downloads({6: "vimeo"})
    course.publish()
    page = course.project.output / "index.html"
    page.unlink()
    page.write_text("corrected by hand")
    course.downloads({6: "mirror"})

    assert why_not_current(course)
    assert course.publish().changed
    assert why_not_current(course) == ""
    assert page.read_text() == "corrected by hand"


def test_a_curriculum_that_stays_as_it_is_keeps_the_source_of_its_video(course):
    course.curriculum(TWENTY, SHORT)
    course.downloads({6: "mirror"})
    course.publish()
    (course.project.videos / "(06) title.mp4").unlink()
    course.video(6, "(06) from Vimeo.mp4")
    (course.project.videos / "download_results.json").unlink()

    course.publish(curricula=(TEN,))

    page = (course.project.output / "index.html").read_text()
    tiles = [tile for tile in page.split("<figure")[1:] if "from the site" in tile]
    assert [re.search(r'id="([^"]+)"', tile)[1] for tile in tiles] == ["20-6"]
    assert why_not_current(course, (TEN,)) == ""
    assert "10/6" in why_not_current(course) or "20/6" in why_not_current(course)
