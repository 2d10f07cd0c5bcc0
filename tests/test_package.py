"""The finished package: everything at its position, and the old one kept until the new one is whole."""

from __future__ import annotations

import errno
import itertools
import json
import os
import random
import re
import shutil
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import _package
from _curriculum import CURRICULA, number_slides, recorded_slides
from _errors import BuilderError
from _manifest import Entry, Manifest, write_manifest
from _overview import overview
from _package import Plan, make_plan, publish
from _pictures import picture_name
from _project import Project

TEN, TWENTY, INTENSIVE = CURRICULA
START = datetime(2026, 1, 1, 12)
# Three sessions, video 1 shown twice, and keys that stand in every session.
SHORT = number_slides(
    [
        [("s1_1_1", "title", None), ("t1_b", "video", 1), ("t1_c", "discuss", None), ("final", "final", None)],
        [("s1_1_1", "title", None), ("t6_b", "video", 6), ("final", "final", None)],
        [("t1_b", "video", 1), ("final", "final", None)],
    ]
)
shades = itertools.count(1)


def png():
    """Return a small picture that no other one equals."""
    number = next(shades)
    picture = Image.new("RGB", (2, 2), (number & 0xFF, number >> 8 & 0xFF, number >> 16))
    picture.putpixel((0, 0), (255, 255, 255))
    data = BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


class Course:
    """A project with pictures and videos, and what each of them holds.

    Attributes:
        project: the project.
        pictures: the newest picture of each slide, by folder and slide name.
        videos: the content of each video, by number.
    """

    def __init__(self, path):
        self.project = Project(path)
        self.pictures = {}
        self.videos = {}
        for folder in ("videos", "10", "20", "intensive"):
            (path / folder).mkdir(parents=True)

    def picture(self, curriculum, slide, taken=START):
        data = self.pictures[curriculum.folder, slide.name] = png()
        (self.project.path / curriculum.folder / picture_name(slide, taken)).write_bytes(data)

    def manifest(self, curriculum, slides):
        entries = tuple(Entry(slide, None, "ok", None) for slide in slides)
        write_manifest(self.project, curriculum, Manifest("es", "https://zume.training", curriculum.name, entries))

    def curriculum(self, curriculum, slides, manifest=True):
        """Take a picture of every slide, in no order."""
        times = [START + timedelta(seconds=second) for second in range(len(slides))]
        random.Random(len(slides)).shuffle(times)
        for slide, taken in zip(slides, times, strict=True):
            self.picture(curriculum, slide, taken)
        if manifest:
            self.manifest(curriculum, slides)

    def video(self, number, name=None):
        data = self.videos[number] = f"video {number} {next(shades)}".encode()
        (self.project.videos / (name or f"({number:02}) title.mp4")).write_bytes(data)

    def plan(self, language="es"):
        return make_plan(self.project, language)

    def publish(self, link="auto", language="es"):
        plan = self.plan(language)
        return publish(self.project, plan, overview(plan, language), link)

    def output(self):
        """Return what the output holds, by path, without what the program keeps for itself."""
        folder = self.project.output
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        return {name: data for name, data in files.items() if not name.startswith(".") and name != "index.html"}

    def expected(self, curriculum, slides):
        """Return what the output must hold for a curriculum whose slides all have a picture."""
        content = {}
        for position, slide in enumerate(slides, start=1):
            if slide.video in self.videos:
                content[f"{curriculum.folder}/{position}.mp4"] = self.videos[slide.video]
            else:
                content[f"{curriculum.folder}/{position}.png"] = self.pictures[curriculum.folder, slide.name]
        return content

    def expected_videos(self):
        return {f"videos/{number}.mp4": data for number, data in self.videos.items()}


@pytest.fixture
def bare(tmp_path):
    """A project with empty folders."""
    return Course(tmp_path / "es")


@pytest.fixture
def course(bare):
    """A short curriculum, complete."""
    bare.curriculum(TEN, SHORT)
    bare.video(1)
    bare.video(6)
    return bare


def files_below(folder):
    """Return every file and link with its content, time and inode: equal only if nothing was touched."""
    found = {}
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        content = path.read_bytes() if path.is_file() else None
        found[path.relative_to(folder).as_posix()] = (state.st_mode, state.st_mtime_ns, state.st_ino, content)
    return found


def leftovers(project):
    return sorted(path.name for path in project.path.iterdir() if path.name.startswith(".output"))


# Which file goes where


def test_every_slide_stands_at_its_position_whenever_its_picture_was_taken(course):
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_the_three_curricula_are_packaged_in_full_and_exactly(bare):
    slides = {curriculum: recorded_slides(curriculum, True) for curriculum in CURRICULA}
    for curriculum in CURRICULA:
        bare.curriculum(curriculum, slides[curriculum])
    for number in {slide.video for each in slides.values() for slide in each} - {None}:
        bare.video(number)

    plan = bare.plan()
    bare.publish()

    assert (plan.missing, plan.notes) == ([], [])
    expected = bare.expected_videos()
    for curriculum in CURRICULA:
        expected |= bare.expected(curriculum, slides[curriculum])
    assert len(expected) == 615 + 29
    assert bare.output() == expected
    assert bare.output()["10/55.mp4"] == bare.videos[33]


def test_the_manifest_decides_on_the_order_and_not_the_recorded_course(bare):
    turned = reversed(recorded_slides(TEN, True)[:9])
    turned = number_slides([[(slide.key, slide.type, slide.video) for slide in turned]])
    bare.curriculum(TEN, turned)
    bare.publish()

    assert bare.output() == bare.expected(TEN, turned)


def test_a_slide_that_was_taken_again_does_not_move_and_shows_the_new_picture(course):
    course.picture(TEN, SHORT[2], START + timedelta(days=1))
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_a_newer_picture_that_is_not_whole_gives_way_to_the_older_one(course):
    name = picture_name(SHORT[2], START + timedelta(days=1))
    (course.project.path / "10" / name).write_bytes(png()[:-20])
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


@pytest.mark.parametrize("position", [1, 3, 9])
def test_a_missing_picture_leaves_a_gap_and_moves_nothing(position, course):
    slide = SHORT[position - 1]
    for path in (course.project.path / "10").glob(f"*_{slide.name}.png"):
        path.unlink()

    plan = course.plan()
    course.publish()

    expected = course.expected(TEN, SHORT) | course.expected_videos()
    del expected[f"10/{position}.png"]
    assert course.output() == expected
    (sentence,) = plan.missing
    assert "10" in sentence
    assert f"position {position} " in sentence
    assert slide.key in sentence


def test_a_video_replaces_its_slide_in_every_curriculum_that_shows_it(course):
    course.curriculum(TWENTY, SHORT[:4])
    course.curriculum(INTENSIVE, SHORT[1:3])
    # The manifest says where it stands there, not the order of this list.
    course.manifest(INTENSIVE, number_slides([[("t1_c", "discuss", None), ("t1_b", "video", 1)]]))
    course.publish()

    output = course.output()
    for place in ("10/2.mp4", "10/8.mp4", "20/2.mp4", "intensive/2.mp4", "videos/1.mp4"):
        assert output[place] == course.videos[1]
    for place in ("10/2.png", "10/8.png", "20/2.png", "intensive/2.png"):
        assert place not in output
    assert output["10/6.mp4"] == output["videos/6.mp4"] == course.videos[6]


def test_a_missing_video_leaves_its_picture_and_is_told(course):
    (course.project.videos / "(06) title.mp4").unlink()
    del course.videos[6]

    plan = course.plan()
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert course.output()["10/6.png"] == course.pictures["10", "session_2_t6_b"]
    (sentence,) = plan.missing
    assert "video 6 " in sentence
    assert str(course.project.videos) in sentence


def test_a_video_slide_needs_no_picture_when_its_video_is_there(course):
    for path in (course.project.path / "10").glob("*_t1_b.png"):
        path.unlink()

    plan = course.plan()

    assert plan.missing == []


@pytest.mark.parametrize("second", ["06_another.mp4", "The 6 title.mp4", "6.mp4"])
def test_two_videos_with_one_number_are_an_error_and_the_old_output_stays(second, course):
    course.publish()
    before = files_below(course.project.output)
    (course.project.videos / second).write_bytes(b"another")

    with pytest.raises(BuilderError, match="Video 6 ") as caught:
        course.publish()

    assert "(06) title.mp4" in caught.value.message
    assert second in caught.value.message
    assert files_below(course.project.output) == before


def test_two_videos_with_a_number_that_no_slide_shows_are_no_error(course):
    course.video(27, "27 first.mp4")
    course.video(27, "27 second.mp4")

    plan = course.plan()

    assert {"27 first.mp4", "27 second.mp4"} == {note.split(":")[0] for note in plan.notes if "27" in note}


@pytest.mark.parametrize("name", ["(27) two churches.mp4", "no number.mp4"])
def test_a_video_that_no_slide_shows_is_named_and_left_out(name, course):
    (course.project.videos / name).write_bytes(b"stranger")

    plan = course.plan()
    course.publish()

    assert [note for note in plan.notes if note.startswith(f"{name}:")]
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_the_title_that_vimeo_gave_decides_on_a_videos_number(course):
    (course.project.videos / "(06) title.mp4").rename(course.project.videos / "a renamed 99.mp4")
    entry = {"id": "1", "title": "(06) Makers", "status": "success", "path": "/elsewhere/videos/a renamed 99.mp4"}
    (course.project.videos / "download_results.json").write_text(json.dumps([entry]))

    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_pictures_of_no_slide_are_named_and_left_out(course):
    stranger = "20260101_120000_session_3_t99_z.png"
    (course.project.path / "10" / stranger).write_bytes(png())

    plan = course.plan()
    course.publish()

    assert [note for note in plan.notes if f"10/{stranger}" in note]
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_a_curriculum_with_neither_manifest_nor_pictures_is_left_out_and_said(course):
    plan = course.plan()
    course.publish()

    assert list(plan.sequences) == [TEN]
    for folder in ("20", "intensive"):
        assert [note for note in plan.notes if note.startswith(f"{folder}:") and "left out" in note]
        assert not (course.project.output / folder).exists()


@pytest.mark.parametrize(
    ("language", "edition", "three_circles"),
    [("es", "three circles", True), ("fa", "classic", False), ("xx", "three circles", True)],
)
def test_without_a_manifest_the_recorded_edition_is_used_and_said(language, edition, three_circles, bare):
    slides = recorded_slides(INTENSIVE, three_circles)
    bare.curriculum(INTENSIVE, slides, manifest=False)
    bare.video(1)

    plan = bare.plan(language)
    bare.publish(language=language)

    assert [note for note in plan.notes if note.startswith("intensive:") and edition in note and "manifest" in note]
    assert bare.output() == bare.expected(INTENSIVE, slides) | bare.expected_videos()


def test_a_project_with_nothing_to_package_is_an_error_that_says_what_to_do(bare):
    bare.video(1)

    with pytest.raises(BuilderError, match="nothing to package") as caught:
        bare.plan()

    assert str(bare.project.path) in caught.value.message
    assert "3-slides-download.py" in caught.value.remedy


def test_a_broken_manifest_is_an_error_and_the_old_output_stays(course):
    course.publish()
    before = files_below(course.project.output)
    (course.project.path / "10" / "manifest.json").write_text("{")

    with pytest.raises(BuilderError, match=r"manifest\.json"):
        course.publish()

    assert files_below(course.project.output) == before


# What is in the output already


def test_a_second_run_makes_the_same_package_again(course):
    course.publish()
    first = course.output()
    course.publish()

    assert course.output() == first
    assert leftovers(course.project) == []


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
def test_a_foreign_file_whose_name_the_package_needs_is_refused_and_kept(name, course):
    path = course.project.output / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"precious")
    before = files_below(course.project.output)

    with pytest.raises(BuilderError, match="not made by this program") as caught:
        course.publish()

    assert str(path) in caught.value.message
    assert files_below(course.project.output) == before


def test_a_refused_run_leaves_nothing_behind(course):
    course.project.output.mkdir()
    (course.project.output / "index.html").write_text("mine")
    before = files_below(course.project.path)

    with pytest.raises(BuilderError):
        course.publish()

    assert files_below(course.project.path).keys() == before.keys()


def test_a_foreign_file_in_the_place_of_a_folder_is_refused_and_kept(course):
    course.project.output.mkdir()
    (course.project.output / "10").write_bytes(b"precious")

    with pytest.raises(BuilderError):
        course.publish()

    assert (course.project.output / "10").read_bytes() == b"precious"


# When something goes wrong


def no_space(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def after(calls, real, fail):
    """Return a function that does the real thing so many times and then fails."""
    count = itertools.count()

    def work(*arguments, **options):
        return (real if next(count) < calls else fail)(*arguments, **options)

    return work


def replace_makers(monkeypatch, link=os.link, copy=shutil.copy2):
    """Replace the functions that make files, wherever the module keeps them."""
    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(shutil, "copy2", copy)
    monkeypatch.setattr(_package, "_MAKERS", {"hard": link, "copy": copy}, raising=False)


@pytest.mark.parametrize("existing", [True, False], ids=["old output", "no output"])
@pytest.mark.parametrize("calls", [0, 1, 5])
@pytest.mark.parametrize("link", ["hard", "copy"])
def test_a_failure_in_the_middle_leaves_the_old_output_as_it_was(link, calls, existing, course, monkeypatch):
    if existing:
        course.publish(link)
        (course.project.output / "notes.txt").write_text("mine")
        course.picture(TEN, SHORT[0], START + timedelta(days=1))
    before = files_below(course.project.path)
    replace_makers(monkeypatch, after(calls, os.link, no_space), after(calls, shutil.copy2, no_space))

    with pytest.raises(BuilderError, match="No space left"):
        course.publish(link)

    assert files_below(course.project.path) == before


def publish_while_a_picture_vanishes(course):
    """Return the picture's name, and the error that it gives."""
    plan = course.plan()
    source = Path(plan.items[4].source)
    source.unlink()
    with pytest.raises(BuilderError) as caught:
        publish(course.project, plan, "", "hard")
    return source.name, caught.value


def test_a_picture_that_vanishes_in_the_middle_leaves_the_old_output_as_it_was(course):
    course.publish()
    before = files_below(course.project.output)
    publish_while_a_picture_vanishes(course)

    assert files_below(course.project.output) == before
    assert leftovers(course.project) == []


def test_a_picture_that_vanishes_in_the_middle_is_named(course):
    name, error = publish_while_a_picture_vanishes(course)

    assert name in error.message


def test_a_failure_while_the_folders_change_places_puts_the_old_output_back(course, monkeypatch):
    course.publish()
    before = files_below(course.project.output)
    real = {name: getattr(Path, name) for name in ("rename", "replace")}

    def fail_for_the_new_one(name):
        def move(self, target):
            if self.name == ".output.new":
                raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(self))
            return real[name](self, target)

        return move

    for name in real:
        monkeypatch.setattr(Path, name, fail_for_the_new_one(name))
    with pytest.raises(BuilderError):
        course.publish()

    assert course.project.output.is_dir()
    assert files_below(course.project.output) == before


def test_a_run_that_was_killed_between_the_two_renames_is_mended_by_the_next(course):
    course.publish()
    (course.project.output / "notes.txt").write_text("mine")
    course.project.output.rename(course.project.path / ".output.old")
    shutil.copytree(course.project.path / ".output.old", course.project.path / ".output.new")

    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos() | {"notes.txt": b"mine"}
    assert leftovers(course.project) == []


@pytest.mark.parametrize("leftover", [".output.new", ".output.old"])
def test_what_a_killed_run_left_beside_a_whole_output_is_cleaned_away(leftover, course):
    course.publish()
    (course.project.path / leftover / "10").mkdir(parents=True)
    (course.project.path / leftover / "10" / "1.png").write_text("half")
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert leftovers(course.project) == []


# How the files are made


def inodes(course):
    source = course.project.videos / "(01) title.mp4"
    return source.stat().st_ino, (course.project.output / "videos" / "1.mp4").stat().st_ino


@pytest.mark.parametrize(("link", "method"), [("hard", "hard"), ("auto", "hard"), ("copy", "copy")])
def test_files_are_linked_or_copied_as_asked(link, method, course):
    assert course.publish(link) == method

    source, made = inodes(course)
    assert (source == made) == (method == "hard")


def test_copies_do_not_change_with_their_originals(course):
    course.publish("copy")
    (course.project.videos / "(01) title.mp4").write_bytes(b"changed")

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def not_linkable(source, *_, **__):
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source))


def test_auto_copies_where_the_file_system_has_no_links(course, monkeypatch):
    replace_makers(monkeypatch, link=not_linkable)

    assert course.publish("auto") == "copy"
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert leftovers(course.project) == []


def test_auto_copies_the_videos_when_only_they_are_on_another_file_system(course, monkeypatch):
    real = os.link

    def link(source, target, **options):
        (not_linkable if Path(source).suffix == ".mp4" else real)(source, target, **options)

    replace_makers(monkeypatch, link=link)
    course.publish("auto")

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_links_that_were_asked_for_and_cannot_be_made_are_an_error(course, monkeypatch):
    replace_makers(monkeypatch, link=not_linkable)

    with pytest.raises(BuilderError, match="link"):
        course.publish("hard")
    assert not course.project.output.exists()


# The script


def test_the_script_makes_the_package_and_ends_with_0(course, lone_suite):
    done = lone_suite.part(4, "--project-path", course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert str(course.project.output) in done.stdout
    assert "20: left out" in done.stdout


@pytest.mark.parametrize(("arguments", "exit_code"), [((), 1), (("--allow-missing",), 0)])
@pytest.mark.parametrize("lacking", ["video", "picture"])
def test_what_is_missing_decides_on_the_exit_code_unless_it_is_allowed(
    lacking, arguments, exit_code, course, lone_suite
):
    if lacking == "video":
        (course.project.videos / "(06) title.mp4").unlink()
        expected = "video 6 is missing"
    else:
        next((course.project.path / "10").glob("*_t1_c.png")).unlink()
        expected = "10: position 3 (session 1, t1_c)"

    done = lone_suite.part(4, "-p", course.project.path, *arguments)

    assert done.returncode == exit_code
    assert expected in (done.stderr if exit_code else done.stdout)
    assert ("--allow-missing" in done.stderr) == bool(exit_code)
    assert "Traceback" not in done.stderr
    assert (course.project.output / "10" / "9.png").is_file()


@pytest.mark.parametrize("existing", [True, False], ids=["old output", "no output"])
def test_a_dry_run_shows_the_plan_and_touches_nothing(existing, course, lone_suite):
    if existing:
        course.publish()
    before = files_below(course.project.path)

    done = lone_suite.part(4, "-p", course.project.path, "--dry-run")

    assert done.returncode == 0, done.stderr
    assert files_below(course.project.path) == before
    for item in course.plan().items:
        assert item.target in done.stdout
        assert item.source.name in done.stdout


def test_a_dry_run_ends_as_the_real_run_would(course, lone_suite):
    (course.project.videos / "(06) title.mp4").unlink()

    assert lone_suite.part(4, "-p", course.project.path, "--dry-run").returncode == 1
    assert lone_suite.part(4, "-p", course.project.path, "--dry-run", "--allow-missing").returncode == 0


@pytest.mark.parametrize("problem", ["nothing", "two videos", "no folder"])
def test_what_cannot_be_packaged_ends_with_1_and_one_sentence(problem, bare, lone_suite):
    path = bare.project.path
    if problem == "two videos":
        bare.curriculum(TEN, SHORT)
        bare.video(6)
        bare.video(6, "6 again.mp4")
    if problem == "no folder":
        path = path / "missing"

    done = lone_suite.part(4, "-p", path)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert not (path / "output").exists()


def test_the_language_is_that_of_the_folder_when_nobody_says_it(tmp_path, lone_suite):
    course = Course(tmp_path / "fa")
    course.curriculum(INTENSIVE, recorded_slides(INTENSIVE, False), manifest=False)

    done = lone_suite.part(4, "-p", course.project.path, "--allow-missing")

    assert done.returncode == 0, done.stderr
    assert "classic" in done.stdout
    assert 'dir="rtl"' in (course.project.output / "index.html").read_text(encoding="utf-8")


# The page to look through it


def page_of(course, language="es"):
    course.publish(language=language)
    return (course.project.output / "index.html").read_text(encoding="utf-8")


def test_the_page_shows_every_position_and_every_file_it_names_is_there(course):
    page = page_of(course)

    shown = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert set(shown) == set(course.expected(TEN, SHORT))
    assert all((course.project.output / name).is_file() for name in shown)
    captions = re.findall(r"<figcaption>(\d+) · (\w+)", page)
    assert captions == [(str(slide.position), slide.key) for slide in SHORT]


def test_the_page_shows_a_gap_where_a_picture_is_missing(course):
    next((course.project.path / "10").glob("*_t1_c.png")).unlink()
    page = page_of(course)

    assert len(re.findall("<figcaption>", page)) == len(SHORT)
    assert "3 · t1_c: missing" in page
    assert 'src="10/3.png"' not in page
    assert "position 3 " in page


def test_the_page_escapes_what_comes_from_outside(course):
    hostile = number_slides([[("<script>alert(1)</script>&\"'", "title", None)]])
    plan = Plan(sequences={TEN: hostile}, missing=["<b>missing</b> & more"])
    page = overview(plan, '"><script>alert(2)</script>')

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;missing&lt;/b&gt; &amp; more" in page


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("ur", "rtl"), ("es", "ltr"), ("xx", "ltr")])
def test_the_page_has_the_language_and_its_direction(language, direction, course):
    page = page_of(course, language)

    assert f'<html lang="{language}" dir="{direction}">' in page


def test_the_page_needs_nothing_from_elsewhere(course):
    page = page_of(course, "ar")

    assert "العربية" in page
    assert not re.findall(r"https?:|//|@import", page.replace("</", "<"))
