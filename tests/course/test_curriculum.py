"""What is known about the course: curricula, languages, manifests, and pictures by their names."""

from __future__ import annotations

import json
import os
import random
from datetime import datetime
from io import BytesIO

import pytest
from PIL import Image

from common.errors import BuilderError
from course.curricula import CURRICULA, Changes, Slide, changes, number_slides, recorded_slides
from course.languages import all_languages, find_language
from slide_files import with_flaw
from slides import manifest
from slides.manifest import Entry, Manifest, manifest_path, read_manifest, with_entry, write_manifest
from slides.pictures import newest_whole, picture_name, pictures_in
from slides.png import flaw_of, is_whole, picture_fault
from workspace.folders import Project

BY_NAME = {curriculum.name: curriculum for curriculum in CURRICULA}
TEN = BY_NAME["ten_session"]
# (three circles, classic), as the presenter said on 2026-11-22.
SLIDES = {"ten_session": (189, 188), "twenty_session": (268, 267), "intensive_session": (158, 157)}
SESSIONS = {"ten_session": 10, "twenty_session": 20, "intensive_session": 5}
IN_NO_CURRICULUM = {20, 27, 31, 32}
EVERY_VIDEO = set(range(1, 34)) - IN_NO_CURRICULUM


def slides_of(name, three_circles):
    return recorded_slides(BY_NAME[name], three_circles)


def positions_of_videos(slides):
    return {slide.video: slide.position for slide in slides if slide.video is not None}


# Curricula


def test_the_three_curricula_have_the_names_and_folders_of_the_site():
    assert [(each.name, each.folder, each.constant) for each in CURRICULA] == [
        ("ten_session", "10", "zume10Sessions"),
        ("twenty_session", "20", "zume20Sessions"),
        ("intensive_session", "intensive", "zumeIntensiveSessions"),
    ]


@pytest.mark.parametrize("three_circles", [True, False])
@pytest.mark.parametrize("name", SLIDES)
def test_each_edition_has_its_number_of_slides(name, three_circles):
    assert len(slides_of(name, three_circles)) == SLIDES[name][0 if three_circles else 1]


@pytest.mark.parametrize("name", SLIDES)
def test_the_three_circles_edition_shows_29_videos_and_the_classic_one_28(name):
    assert set(positions_of_videos(slides_of(name, True))) == EVERY_VIDEO
    assert set(positions_of_videos(slides_of(name, False))) == EVERY_VIDEO - {33}
    assert len([slide for slide in slides_of(name, True) if slide.video]) == 29
    assert len([slide for slide in slides_of(name, False) if slide.video]) == 28


@pytest.mark.parametrize(
    ("three_circles", "video", "position"),
    [(True, 1, 6), (True, 33, 55), (True, 30, 181), (False, 1, 6), (False, 30, 180)],
)
def test_videos_stand_at_their_positions_in_ten_session(three_circles, video, position):
    assert positions_of_videos(slides_of("ten_session", three_circles))[video] == position


@pytest.mark.parametrize("three_circles", [True, False])
@pytest.mark.parametrize("name", SLIDES)
def test_positions_count_from_1_over_the_whole_curriculum_and_sessions_follow_each_other(name, three_circles):
    slides = slides_of(name, three_circles)

    assert [slide.position for slide in slides] == list(range(1, len(slides) + 1))
    sessions = [slide.session for slide in slides]
    assert sessions == sorted(sessions)
    assert set(sessions) == set(range(1, SESSIONS[name] + 1))
    assert {slide.session for slide in slides if slide.key in ("final", "congratulations")} == set(sessions)


@pytest.mark.parametrize("three_circles", [True, False])
@pytest.mark.parametrize("name", SLIDES)
def test_a_slide_name_stands_once_in_a_curriculum_but_a_key_may_stand_often(name, three_circles):
    slides = slides_of(name, three_circles)

    assert len({slide.name for slide in slides}) == len(slides)
    assert sum(slide.key == "final" for slide in slides) == SESSIONS[name]


@pytest.mark.parametrize("name", SLIDES)
def test_the_editions_differ_in_one_session_only(name):
    def by_session(three_circles):
        keys = {}
        for slide in slides_of(name, three_circles):
            keys.setdefault(slide.session, []).append(slide.key)
        return keys

    three_circles, classic = by_session(True), by_session(False)
    differing = {session for session in three_circles if three_circles[session] != classic[session]}
    assert differing == {{"ten_session": 3, "twenty_session": 6, "intensive_session": 2}[name]}
    (session,) = differing
    assert {"t10_c", "t10_d", "t10_f", "t10_g"} <= set(three_circles[session]) - set(classic[session])
    assert {"t10_i", "t10_j", "t10_h"} <= set(classic[session]) - set(three_circles[session])


@pytest.mark.parametrize("three_circles", [True, False])
@pytest.mark.parametrize("name", SLIDES)
def test_a_slide_is_known_as_a_video_exactly_when_it_has_a_number(name, three_circles):
    assert all((slide.type == "video") == (slide.video is not None) for slide in slides_of(name, three_circles))


def test_a_course_that_is_as_it_was_has_no_changes():
    slides = recorded_slides(CURRICULA[0], three_circles=True)
    assert changes(slides, slides) == Changes()
    assert not changes(slides, slides)


def test_slides_that_are_new_gone_moved_or_show_another_video_are_told_apart():
    sessions: list[list] = [[] for _ in range(10)]
    recorded = recorded_slides(CURRICULA[0], three_circles=True)
    for slide in recorded:
        sessions[slide.session - 1].append((slide.key, slide.type, slide.video))
    keys = [[key for key, _, _ in session] for session in sessions]
    sessions[0].insert(2, ("brand_new", "", None))
    sessions[1].pop(4)
    sessions[8].insert(0, sessions[3].pop(1))  # to another session
    sessions[5].insert(6, sessions[5].pop(1))  # within its session
    place = next(i for i, slide in enumerate(sessions[2]) if slide[2])
    key = sessions[2][place][0]
    sessions[2][place] = (key, "video", 99)

    found = changes(recorded, number_slides(sessions))

    assert found.new == ("session_1_brand_new",)
    assert found.gone == (f"session_2_{keys[1][4]}",)
    assert set(found.moved) == {f"session_9_{keys[3][1]}", f"session_6_{keys[5][1]}"}
    assert found.videos == (f"session_3_{key}",)
    assert len(found) == 5


def test_numbering_runs_on_over_sessions_even_empty_ones():
    slides = number_slides([[("a", "title", None), ("b", "video", 7)], [], [("final", "final", None)]])

    assert slides == [
        Slide(1, 1, "a", "title", None),
        Slide(2, 1, "b", "video", 7),
        Slide(3, 3, "final", "final", None),
    ]
    assert slides[2].name == "session_3_final"


# Languages


def test_there_are_51_languages_each_with_a_code_of_its_own():
    codes = [language.code for language in all_languages()]

    assert len(codes) == 51
    assert codes == sorted(set(codes))
    assert all(language.name and language.native_name for language in all_languages())


def test_the_right_to_left_languages_are_known():
    rtl = {language.code for language in all_languages() if language.direction == "rtl"}

    assert rtl == {"ar", "ar_jo", "ar_tn", "fa", "ku", "pa_pk", "ur"}
    assert {language.direction for language in all_languages()} == {"ltr", "rtl"}


def test_the_languages_with_the_classic_edition_are_known():
    classic = {language.code for language in all_languages() if language.three_circles is False}

    assert classic == {"ar_jo", "ar_tn", "bs", "fa", "hr", "hy", "ne", "pl", "pt", "ro", "ur", "zhcn", "zhtw"}


def test_vimeo_folders_are_numbers_and_no_two_languages_share_one():
    folders = [language.vimeo_folder_id for language in all_languages()]
    known = [folder for folder in folders if folder is not None]

    assert {language.code for language in all_languages() if language.vimeo_folder_id is None} == {"ar_jo", "ky", "sl"}
    assert all(folder.isdecimal() for folder in known)
    assert len(set(known)) == len(known)


@pytest.mark.parametrize(
    ("code", "vimeo_folder_id"),
    [("en", "21862752"), ("es", "269525"), ("swa", "269526"), ("ar_tn", "20642858"), ("ur", "269531")],
)
def test_a_language_has_its_own_vimeo_folder(code, vimeo_folder_id):
    assert find_language(code).vimeo_folder_id == vimeo_folder_id


def test_no_other_code_stands_for_two_languages():
    codes = {language.code for language in all_languages()}
    others = [other for language in all_languages() for other in language.also_written]

    assert others == ["sw"]
    assert not codes & set(others)


# Manifests


@pytest.fixture
def project(tmp_path):
    for folder in ("10", "20", "intensive"):
        (tmp_path / "es" / folder).mkdir(parents=True)
    return Project(tmp_path / "es")


def manifest_of(entries):
    return Manifest("es", "https://zume.training", "ten_session", tuple(entries))


ENTRIES = [
    Entry(Slide(1, 1, "s1_1_1", "title", None), "20261122_120000_session_1_s1_1_1.png", "ok", None),
    Entry(Slide(2, 1, "t1_b", "video", 1), "20261122_120001_session_1_t1_b.png", "flawed", "a font did not load"),
    Entry(Slide(3, 2, "s1_2_1", "", None), None, "failed", "picture qr.png did not load: “မြန်မာ”"),
    Entry(Slide(4, 2, "final", "final", None), None, "missing", None),
]


def test_a_manifest_is_read_back_as_it_was_written(project):
    write_manifest(project, TEN, manifest_of(ENTRIES))

    assert read_manifest(project, TEN) == manifest_of(ENTRIES)
    assert manifest_path(project, TEN) == project.path / "10" / "manifest.json"
    assert [path.name for path in (project.path / "10").iterdir()] == ["manifest.json"]


def test_a_manifest_has_exactly_the_agreed_keys(project):
    write_manifest(project, TEN, manifest_of(ENTRIES))

    content = json.loads(manifest_path(project, TEN).read_text(encoding="utf-8"))
    assert list(content) == ["language_code", "site", "curriculum", "slides"]
    assert (content["language_code"], content["site"], content["curriculum"]) == (
        "es",
        "https://zume.training",
        "ten_session",
    )
    for slide in content["slides"]:
        assert list(slide) == ["position", "session", "key", "type", "video", "file", "status", "error"]
    assert content["slides"][1] == {
        "position": 2,
        "session": 1,
        "key": "t1_b",
        "type": "video",
        "video": 1,
        "file": "20261122_120001_session_1_t1_b.png",
        "status": "flawed",
        "error": "a font did not load",
    }
    assert content["slides"][2]["file"] is None


def test_each_curriculum_has_a_manifest_of_its_own(project):
    write_manifest(project, TEN, manifest_of(ENTRIES))

    assert read_manifest(project, BY_NAME["twenty_session"]) is None
    assert read_manifest(project, BY_NAME["intensive_session"]) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b"{}",
        b'{"language_code": "es", "site": "x", "curriculum": "ten_session"}',
        b'{"language_code": "es", "site": "x", "curriculum": "ten_session", "slides": null}',
        b'{"language_code": "es", "site": "x", "curriculum": "ten_session", "slides": [7]}',
        b'{"language_code": "es", "site": "x", "curriculum": "ten_session", "slides": [{}]}',
        b'{"site": "x", "curriculum": "ten_session", "slides": []}',
        b"\xff\xfe",
    ],
)
def test_a_broken_manifest_is_an_error_that_names_the_file_and_how_to_make_it_anew(content, project):
    manifest_path(project, TEN).write_bytes(content)

    with pytest.raises(BuilderError) as caught:
        read_manifest(project, TEN)

    assert str(manifest_path(project, TEN)) in caught.value.message
    assert "3-slides-download.py" in caught.value.remedy
    assert "ten_session" in caught.value.remedy


@pytest.mark.parametrize(("name", "value"), [("position", None), ("position", "6"), ("key", 7), ("video", "1")])
def test_a_manifest_with_a_value_of_another_kind_is_broken(name, value, project):
    write_manifest(project, TEN, manifest_of(ENTRIES))
    content = json.loads(manifest_path(project, TEN).read_text(encoding="utf-8"))
    content["slides"][1][name] = value
    manifest_path(project, TEN).write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(BuilderError, match=r"manifest\.json"):
        read_manifest(project, TEN)


def test_an_entry_is_changed_by_its_slide_name_and_the_others_stay():
    changed = with_entry(ENTRIES, "session_2_final", file="new.png", status="ok")

    assert changed[3] == Entry(ENTRIES[3].slide, "new.png", "ok", None)
    assert changed[:3] == ENTRIES[:3]
    assert ENTRIES[3].status == "missing"


def test_a_failure_while_writing_leaves_the_old_manifest(project, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    write_manifest(project, TEN, manifest_of(ENTRIES))
    monkeypatch.setattr("common.files.os.fsync", fail)
    with pytest.raises(BuilderError):
        manifest.write_manifest(project, TEN, manifest_of([]))

    assert read_manifest(project, TEN) == manifest_of(ENTRIES)


# Pictures


def png(size=(6, 4), colours=2):
    picture = Image.new("RGB", size, (200, 30, 30))
    if colours > 1:
        picture.putpixel((0, 0), (0, 0, 0))
    data = BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def jpeg():
    data = BytesIO()
    Image.new("RGB", (6, 4)).save(data, "JPEG")
    return data.getvalue()


def test_a_picture_is_named_after_its_time_session_and_key():
    slide = Slide(55, 3, "t10_g", "video", 33)

    assert picture_name(slide, datetime(2026, 1, 2, 3, 4, 5)) == "20260102_030405_session_3_t10_g.png"


def test_a_picture_is_found_again_under_its_slides_name(tmp_path):
    for slide in recorded_slides(TEN, True):
        (tmp_path / picture_name(slide, datetime(2026, 1, 2, 3, 4, 5))).write_bytes(png())

    found = pictures_in(tmp_path)
    assert sorted(picture.slide_name for picture in found) == sorted(slide.name for slide in recorded_slides(TEN, True))
    assert {picture.taken for picture in found} == {"20260102_030405"}


def test_files_that_are_no_slide_pictures_are_passed_over(tmp_path):
    for name in (
        "manifest.json",
        "10_progress.json",
        "cover.png",
        ".20260102_030405_session_1_final.png.part",
        "20260102_030405_session_1_final.png.part",
        "20260102_030405_session_x_final.png",
        "20260102_session_1_final.png",
        "copy of 20260102_030405_session_1_final.png",
        "20260102_030405_session_1_final.jpg",
    ):
        (tmp_path / name).write_bytes(png())

    assert pictures_in(tmp_path) == []


def test_a_folder_that_does_not_exist_has_no_pictures(tmp_path):
    assert pictures_in(tmp_path / "missing") == []


def test_the_newest_picture_is_the_one_whose_name_says_so_whatever_the_file_times_say(tmp_path):
    times = ["20260101_000000", "20251231_235959", "20260102_030405", "20260102_030404"]
    for age, taken in enumerate(times):
        path = tmp_path / f"{taken}_session_1_final.png"
        path.write_bytes(png())
        os.utime(path, (1_000_000 - age, 1_000_000 - age if taken == "20260102_030405" else 2_000_000 + age))

    pictures = pictures_in(tmp_path)
    assert [picture.taken for picture in pictures] == sorted(times)
    assert newest_whole(pictures)["session_1_final"].taken == "20260102_030405"


@pytest.mark.parametrize("seed", range(5))
def test_each_slide_has_its_own_newest_picture(seed, tmp_path):
    names = [f"2026010{day}_000000_session_{session}_final.png" for day in (1, 2, 3) for session in (1, 2, 11)]
    random.Random(seed).shuffle(names)
    for name in names:
        (tmp_path / name).write_bytes(png())

    newest = newest_whole(pictures_in(tmp_path))
    assert {name: picture.path.name for name, picture in newest.items()} == {
        f"session_{session}_final": f"20260103_000000_session_{session}_final.png" for session in (1, 2, 11)
    }


NOT_WHOLE = {
    "empty": b"",
    "one byte": png()[:1],
    "head only": png()[:24],
    "half": png()[: len(png()) // 2],
    "last byte missing": png()[:-1],
    "last chunk missing": png()[:-12],
    "something after the end": png() + b"x",
    "web page": b"<!DOCTYPE html><html></html>" * 10,
    "JPEG": jpeg(),
}


@pytest.mark.parametrize("content", NOT_WHOLE.values(), ids=NOT_WHOLE.keys())
def test_a_newer_file_that_is_not_whole_does_not_hide_an_older_picture(content, tmp_path):
    (tmp_path / "20260101_000000_session_1_final.png").write_bytes(png())
    (tmp_path / "20260102_000000_session_1_final.png").write_bytes(content)

    assert not is_whole(tmp_path / "20260102_000000_session_1_final.png")
    assert newest_whole(pictures_in(tmp_path))["session_1_final"].taken == "20260101_000000"


@pytest.mark.parametrize("size", [(6, 5), (5, 4), (4, 6), (3000, 1680)])
def test_a_picture_of_another_size_is_not_whole_for_who_wants_that_size(size, tmp_path):
    path = tmp_path / "20260101_000000_session_1_final.png"
    path.write_bytes(png((6, 4)))

    assert is_whole(path)
    assert is_whole(path, (6, 4))
    assert not is_whole(path, size)
    assert newest_whole(pictures_in(tmp_path), size) == {}


def test_a_folder_with_a_pictures_name_is_no_picture(tmp_path):
    (tmp_path / "20260101_000000_session_1_final.png").mkdir()

    assert newest_whole(pictures_in(tmp_path)) == {}


def test_a_good_picture_has_no_fault():
    assert picture_fault(png(), (6, 4)) == ""


def test_a_blank_picture_is_told():
    assert "blank" in picture_fault(png(colours=1), (6, 4))


def test_one_odd_pixel_makes_a_picture_not_blank():
    assert picture_fault(png((300, 168)), (300, 168)) == ""


def test_a_picture_of_the_wrong_size_is_told_with_both_sizes():
    fault = picture_fault(png((3, 2)), (6, 4))

    assert "3 x 2" in fault
    assert "6 x 4" in fault


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"<!DOCTYPE html>",
        png()[:8],
        png()[:40],
        png((300, 168))[:-40],
        png()[:45] + bytes([png()[45] ^ 0xFF]) + png()[46:],
        jpeg(),
    ],
    ids=["empty", "garbage", "page", "signature", "cut early", "cut late", "damaged", "JPEG"],
)
def test_what_cannot_be_decoded_as_a_png_is_told(data):
    assert "cannot be decoded" in picture_fault(data, (6, 4))


def test_a_flaw_travels_with_its_picture_and_changes_no_pixel(tmp_path):
    content = png((40, 30))
    path = tmp_path / "flawed.png"
    path.write_bytes(with_flaw(content, "picture …/qr.png did not load in 5 s"))

    assert flaw_of(path) == "picture …/qr.png did not load in 5 s"
    assert is_whole(path, (40, 30))
    with Image.open(path) as flawed, Image.open(BytesIO(content)) as plain:
        assert flawed.tobytes() == plain.tobytes()
    path.write_bytes(content)
    assert flaw_of(path) is None
    path.write_bytes(b"")
    assert flaw_of(path) is None
