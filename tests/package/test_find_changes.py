"""Publishing tells what has changed for those who use the package, and keeps how it was before."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from course.curricula import number_slides
from courses import SHORT, START, TEN, TWENTY, Course, files_below, leftovers, png, put_foreign
from makers import not_linkable, replace_makers
from package.changes import SlideChanges, changes_in_words
from package.find_changes import find_changes
from package.record import RECORD_FILE, read_record
from slides.pictures import picture_name

LATER = START + timedelta(hours=1)
numbers = itertools.count(1)


@pytest.fixture
def bare(tmp_path):
    """A project with empty folders, whose pictures anybody can tell from each other."""
    return Course(tmp_path / "es", coloured)


def coloured():
    number = next(numbers)
    picture = Image.new("RGB", (2, 2), (number * 67 % 251, number * 131 % 251, number * 29 % 251))
    picture.putpixel((0, 0), (255, 255, 255))
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def replace_video(course, number):
    """Put another video in the place of one, as part 2 does: the old file is not written into."""
    (course.project.videos / f"({number:02}) title.mp4").unlink()
    course.video(number)


def changes_of(course):
    return read_record(course.project.output).changes


def words_of(course):
    changes = changes_of(course)
    return changes_in_words(changes) if changes else ""


def names_of(course, folder="10"):
    """Return the names of the slides that changed, are new and are gone."""
    found = changes_of(course).slides[folder]
    return tuple([slide.name for slide in slides] for slides in (found.changed, found.new, found.gone))


def kept(course):
    """Return the small pictures of what was before, by their paths in the output."""
    output = course.project.output
    return {
        path.relative_to(output).as_posix(): path.read_bytes() for path in (output / "thumbnails/before").rglob("*.jpg")
    }


def thumbnail(course, name):
    return (course.project.output / f"thumbnails/{name}.jpg").read_bytes()


def page(course):
    return (course.project.output / "index.html").read_text(encoding="utf-8")


def retake(course, slide, data, curriculum=TEN, taken=LATER):
    (course.project.path / curriculum.folder / picture_name(slide, taken)).write_bytes(data)


def edit_record(course, **changes):
    record = course.project.output / RECORD_FILE
    record.write_text(json.dumps({**json.loads(record.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


def without_first(slides):
    """Return the slides of SHORT without the first, as the site numbers them then."""
    rest = [[(each.key, each.type, each.video) for each in slides if each.session == number] for number in (1, 2, 3)]
    return number_slides([rest[0][1:], *rest[1:]])


# Slides


def test_a_first_package_has_no_changes(course):
    course.publish()

    assert changes_of(course) is None
    assert 'id="changed"' not in page(course)


def test_a_curriculum_that_a_package_has_for_the_first_time_is_no_change(course):
    course.publish()
    course.curriculum(TWENTY, SHORT)
    course.publish()

    assert words_of(course) == ""


@pytest.mark.parametrize("link", ["auto", "hard", "copy"])
def test_a_slide_with_another_picture_has_changed_and_its_small_picture_of_before_is_kept(link, course):
    course.publish(link)
    before = thumbnail(course, "10/3")
    course.picture(TEN, SHORT[2], LATER)
    course.publish(link, session_id="5e55104a")

    assert words_of(course) == "1 slide changed"
    assert names_of(course) == (["session_1_t1_c"], [], [])
    assert changes_of(course).session_id == "5e55104a"
    assert kept(course) == {"thumbnails/before/10/3.jpg": before}
    assert thumbnail(course, "10/3") != before
    assert course.prepare(link).foreign == set()


@pytest.mark.parametrize("link", ["auto", "hard", "copy"])
def test_a_run_without_changes_leaves_the_section_and_everything_else_as_it_is(link, course):
    course.publish(link)
    course.picture(TEN, SHORT[2], LATER)
    course.publish(link)
    before = files_below(course.project.path)
    assert not course.publish(link).changed

    assert files_below(course.project.path) == before


def test_a_run_that_makes_files_anew_and_changes_nothing_to_be_seen_keeps_the_section(course):
    course.publish("copy")
    course.picture(TEN, SHORT[2], LATER)
    course.publish("copy")
    changes, pictures, text = changes_of(course), kept(course), page(course)
    assert course.publish("hard").changed

    assert (changes_of(course), kept(course), page(course)) == (changes, pictures, text)


def test_a_run_with_changes_replaces_the_section_and_what_was_kept_for_it(course):
    course.publish()
    course.picture(TEN, SHORT[2], LATER)
    course.publish()
    before = thumbnail(course, "10/9")
    course.picture(TEN, SHORT[8], LATER)
    course.publish()

    assert names_of(course) == (["session_3_final"], [], [])
    assert kept(course) == {"thumbnails/before/10/9.jpg": before}
    recorded = read_record(course.project.output).files
    assert [name for name in recorded if "before" in name] == ["thumbnails/before/10/9.jpg"]


def encoded_otherwise(data, **changes):
    """Return a picture that has other bytes than the given one, with some pixels changed."""
    with Image.open(BytesIO(data)) as opened:
        picture = opened.convert("RGBA")
    for place, colour in changes.get("pixels", {}).items():
        picture.putpixel(place, colour)
    out = BytesIO()
    picture.save(out, "PNG", compress_level=0)
    assert out.getvalue() != data
    return out.getvalue()


def test_a_picture_that_was_taken_again_and_looks_the_same_is_no_change(course):
    course.publish()
    data = course.pictures["10", SHORT[2].name]
    retake(course, SHORT[2], data)
    retake(course, SHORT[3], encoded_otherwise(course.pictures["10", SHORT[3].name]))
    # A browser of another version may draw a pixel a little differently.
    retake(course, SHORT[0], encoded_otherwise(course.pictures["10", SHORT[0].name], pixels={(0, 0): (251, 255, 255)}))

    assert course.publish().changed
    assert words_of(course) == ""
    assert kept(course) == {}


def test_one_pixel_that_can_be_seen_is_a_change(course):
    course.publish()
    data = encoded_otherwise(course.pictures["10", SHORT[0].name], pixels={(0, 0): (250, 255, 255)})
    retake(course, SHORT[0], data)
    course.publish()

    assert words_of(course) == "1 slide changed"


def test_many_pixels_that_each_differ_a_little_are_a_change(bare):
    def plain(colour):
        out = BytesIO()
        Image.new("RGB", (6, 6), colour).save(out, "PNG")
        return out.getvalue()

    bare.draw = lambda: plain((100, 100, 100))
    bare.curriculum(TEN, SHORT[:1])
    bare.publish()
    retake(bare, SHORT[0], plain((101, 100, 100)))
    bare.publish()

    assert words_of(bare) == "1 slide changed"


def test_a_picture_of_another_size_is_a_change(course):
    course.publish()
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    retake(course, SHORT[2], out.getvalue())
    course.publish()

    assert words_of(course) == "1 slide changed"


def test_slides_that_only_stand_elsewhere_are_no_change_and_one_that_is_gone_is_told(course):
    course.publish()
    before = thumbnail(course, "10/1")
    course.manifest(TEN, without_first(SHORT))
    course.publish()

    assert words_of(course) == "1 slide gone"
    assert names_of(course) == ([], [], ["session_1_s1_1_1"])
    assert kept(course) == {"thumbnails/before/10/1.jpg": before}


def test_a_slide_that_has_moved_and_changed_is_shown_as_it_was_at_its_old_position(course):
    course.publish()
    before = thumbnail(course, "10/3")
    course.manifest(TEN, without_first(SHORT))
    course.picture(TEN, SHORT[2], LATER)
    course.publish()

    assert words_of(course) == "1 slide changed, 1 gone"
    assert kept(course)["thumbnails/before/10/3.jpg"] == before
    assert '<a href="#10-2"><img src="thumbnails/10/2.jpg" alt="t1_c after"' in page(course)


def test_a_slide_that_the_course_did_not_have_is_new(course):
    slides = without_first(SHORT)
    course.manifest(TEN, slides)
    course.publish()
    course.manifest(TEN, SHORT)
    course.publish()

    assert names_of(course) == ([], ["session_1_s1_1_1"], [])
    assert kept(course) == {}


def test_a_gap_that_has_a_picture_now_counts_as_new_and_not_while_it_is_a_gap(course):
    path = next((course.project.path / "10").glob("*_t1_c.png"))
    data = path.read_bytes()
    path.unlink()
    course.publish()
    course.picture(TEN, SHORT[8], LATER)
    course.publish()
    assert words_of(course) == "1 slide changed"
    path.write_bytes(data)
    course.publish()

    assert words_of(course) == "1 slide new"


def test_what_somebody_has_put_into_the_output_is_no_news(course):
    next((course.project.path / "10").glob("*_t1_c.png")).unlink()
    course.publish()
    (course.project.output / "10" / "3.png").write_bytes(png())
    own = course.project.output / "10" / "4.png"
    own.unlink()
    own.write_bytes(png())
    assert course.publish().changed

    assert words_of(course) == ""


def test_the_picture_of_a_video_slide_counts_too(course):
    course.publish()
    course.picture(TEN, SHORT[5], LATER)
    course.publish()

    assert names_of(course) == (["session_2_t6_b"], [], [])


def test_a_picture_of_which_only_the_digest_is_left_has_changed_if_that_is_another(course):
    course.publish()
    for path in (course.project.path / "10").glob("*_session_2_t6_b.png"):
        path.unlink()
    course.picture(TEN, SHORT[5], LATER)
    course.publish()

    assert words_of(course) == "1 slide changed"


def test_where_the_small_picture_of_before_is_lost_one_is_made_of_the_picture(course):
    course.publish()
    expected = thumbnail(course, "10/3")
    (course.project.output / "thumbnails/10/3.jpg").unlink()
    course.picture(TEN, SHORT[2], LATER)
    course.publish()

    assert kept(course) == {"thumbnails/before/10/3.jpg": expected}
    assert not course.publish().changed


def test_where_nothing_of_before_is_left_only_the_present_is_shown(course):
    course.publish()
    (course.project.output / "thumbnails/10/6.jpg").unlink()
    for path in (course.project.path / "10").glob("*_session_2_t6_b.png"):
        path.unlink()
    course.picture(TEN, SHORT[5], LATER)
    course.publish()

    assert kept(course) == {}
    assert "t6_b after" in page(course)
    assert "t6_b before" not in page(course)
    assert not course.publish().changed


def test_a_small_picture_of_before_that_somebody_removes_is_missed_once(course):
    course.publish()
    course.picture(TEN, SHORT[2], LATER)
    course.publish()
    (course.project.output / "thumbnails/before/10/3.jpg").unlink()
    assert course.publish().changed

    assert words_of(course) == "1 slide changed"
    assert "before/10/3.jpg" not in page(course)
    assert not course.publish().changed


@pytest.mark.parametrize("name", ["thumbnails/before/10/3.jpg", "thumbnails/before/10", "thumbnails/before"])
def test_a_file_of_somebody_else_in_the_place_of_a_small_picture_of_before_is_left_alone(name, course):
    course.publish()
    put_foreign(course.project, name)
    course.picture(TEN, SHORT[2], LATER)
    course.publish()

    assert (course.project.output / name).read_bytes() == b"precious"
    assert words_of(course) == "1 slide changed"
    assert not course.publish().changed


def test_only_one_curriculum_made_again_tells_its_own_changes_and_the_other_stays(course):
    course.curriculum(TWENTY, SHORT)
    course.publish()
    course.picture(TEN, SHORT[2], LATER)
    course.picture(TWENTY, SHORT[2], LATER)
    course.publish(curricula=(TEN,))
    assert changes_of(course).slides.keys() == {"10"}
    assert kept(course).keys() == {"thumbnails/before/10/3.jpg"}
    assert not course.publish(curricula=(TEN,)).changed

    course.publish(curricula=(TWENTY,))
    assert changes_of(course).slides.keys() == {"20"}
    assert kept(course).keys() == {"thumbnails/before/20/3.jpg"}
    assert not course.publish(curricula=(TEN,)).changed
    assert not course.publish().changed


def test_small_pictures_of_before_are_copied_where_there_are_no_links(course, monkeypatch):
    replace_makers(monkeypatch, link=not_linkable)
    course.publish()
    before = thumbnail(course, "10/3")
    course.picture(TEN, SHORT[2], LATER)
    course.publish()
    assert kept(course) == {"thumbnails/before/10/3.jpg": before}
    (course.project.output / "10/9.png").unlink()
    course.publish()

    assert kept(course) == {"thumbnails/before/10/3.jpg": before}


def test_a_look_at_what_would_change_writes_nothing(course):
    course.publish()
    course.picture(TEN, SHORT[2], LATER)
    before = files_below(course.project.path)

    assert find_changes(course.prepare(), None).news == "1 slide changed"
    assert files_below(course.project.path) == before


# Videos


def test_a_video_with_another_content_was_replaced_and_the_page_says_its_title(course):
    course.publish()
    replace_video(course, 6)
    course.publish()

    assert words_of(course) == "video 6 replaced"
    assert '<bdi lang="en" dir="ltr">Video 6 was replaced: <bdi>(06) title</bdi></bdi>' in page(course)
    assert not course.publish().changed


def test_a_video_of_the_same_size_and_another_content_was_replaced(course):
    course.publish("copy")
    path = course.project.videos / "(06) title.mp4"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"?")
    os.utime(path, (1_600_000_000, 1_600_000_000))
    course.publish("copy")

    assert words_of(course) == "video 6 replaced"


def test_a_video_with_another_name_or_time_alone_was_not_replaced(course):
    course.publish()
    (course.project.videos / "(06) title.mp4").rename(course.project.videos / "(06) other title.mp4")
    os.utime(course.project.videos / "(01) title.mp4", (1_600_000_000, 1_600_000_000))
    assert course.publish().changed

    assert words_of(course) == ""


def test_a_video_that_was_missing_is_new_and_one_that_no_slide_shows_any_more_is_gone(course):
    (course.project.videos / "(06) title.mp4").unlink()
    course.publish()
    course.video(6)
    course.publish()
    assert words_of(course) == "video 6 new"

    course.manifest(TEN, [slide for slide in SHORT if slide.session != 2])
    course.publish()
    assert words_of(course) == "3 slides gone; video 6 gone"
    assert "Video 6 is gone" in page(course)


def test_the_videos_of_a_curriculum_that_the_package_has_for_the_first_time_are_not_new(course):
    course.publish()
    course.video(9)
    course.curriculum(TWENTY, number_slides([[("t9_b", "video", 9)]]))
    course.publish()

    assert words_of(course) == ""


def test_a_video_is_replaced_in_each_curriculum_when_that_is_made_again(course):
    course.curriculum(TWENTY, SHORT)
    course.publish()
    replace_video(course, 6)
    course.publish(curricula=(TEN,))
    assert words_of(course) == "video 6 replaced"
    edit_record(course, changes=None)
    course.publish(curricula=(TWENTY,))

    assert words_of(course) == "video 6 replaced"
    assert course.output()["20/6.mp4"] == course.videos[6]


# Where a package comes from, and what may have happened to it


@pytest.mark.parametrize("link", ["hard", "copy"])
def test_a_copy_of_the_project_is_no_change(link, course, tmp_path):
    course.publish(link)
    course.picture(TEN, SHORT[2], LATER)
    course.publish(link)
    changes, pictures = changes_of(course), kept(course)
    shutil.copytree(course.project.path, tmp_path / "copy", copy_function=shutil.copyfile)
    shutil.rmtree(course.project.path)
    (tmp_path / "copy").rename(course.project.path)
    assert course.publish(link).changed

    assert (changes_of(course), kept(course)) == (changes, pictures)


def test_a_project_that_was_moved_is_no_change(course, tmp_path):
    course.publish()
    course.picture(TEN, SHORT[2], LATER)
    course.publish()
    (tmp_path / "elsewhere").mkdir()
    course.project = type(course.project)(course.project.path.rename(tmp_path / "elsewhere" / "es"))

    assert not course.publish().changed
    assert words_of(course) == "1 slide changed"


def test_a_record_that_lists_no_slides_tells_nothing_of_them(course):
    course.publish()
    edit_record(course, slides={})
    course.picture(TEN, SHORT[2], LATER)
    replace_video(course, 6)
    course.publish()

    assert words_of(course) == "video 6 replaced"
    assert names_are_known(course)


def names_are_known(course):
    course.picture(TEN, SHORT[2], LATER + timedelta(hours=1))
    course.publish()
    return names_of(course) == (["session_1_t1_c"], [], [])


@pytest.mark.parametrize(
    "slide",
    [
        None,
        5,
        {},
        {"position": [1], "session": 1, "key": "t1_c", "type": "", "video": None},
        {"position": 10**400, "session": 1, "key": "t1_c", "type": "", "video": None},
        {"position": 3, "session": {}, "key": ["t1_c"], "type": "", "video": None},
        {"position": 3, "session": 1, "key": "t1_c", "type": "", "video": None, "look": None},
    ],
    ids=str,
)
def test_a_record_that_lists_slides_that_cannot_be_costs_nothing_else(slide, course):
    course.publish()
    edit_record(course, slides={"10": [slide]})
    course.picture(TEN, SHORT[2], LATER)
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert not list(course.project.path.glob("output.old-*"))


def test_torn_changes_in_a_record_count_as_none(course):
    course.publish()
    course.picture(TEN, SHORT[2], LATER)
    course.publish()
    edit_record(course, changes={"made_at": AttributeError.__name__})
    course.publish()

    assert words_of(course) == ""
    assert kept(course) == {}
    assert 'id="changed"' not in page(course)


def test_an_output_of_somebody_else_that_is_set_aside_is_no_package_of_before(course):
    (course.project.output / "10").mkdir(parents=True)
    (course.project.output / "10" / "1.png").write_bytes(png())
    course.publish()

    assert words_of(course) == ""


def test_a_failure_on_the_way_keeps_the_section_of_before(course, monkeypatch):
    course.publish()
    course.picture(TEN, SHORT[2], LATER)
    course.publish()
    before = files_below(course.project.output)
    course.picture(TEN, SHORT[8], LATER)
    real = Path.rename
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no", "x")))
    with pytest.raises(Exception, match="cannot be made"):
        course.publish()
    monkeypatch.setattr(Path, "rename", real)

    assert files_below(course.project.output) == before
    course.publish()
    assert kept(course).keys() == {"thumbnails/before/10/9.jpg"}
    assert leftovers(course.project) == []


def test_only_what_differs_is_told_of_each_curriculum(course):
    course.curriculum(TWENTY, SHORT)
    course.publish()
    course.picture(TEN, SHORT[2], LATER)
    course.publish()

    assert SlideChanges() not in changes_of(course).slides.values()
    assert changes_of(course).slides.keys() == {"10"}
