"""The pictures of slides: which files are some, which of them are whole, and what is wrong with one."""

from __future__ import annotations

import os
import random
from datetime import datetime
from io import BytesIO

import pytest
from PIL import Image

from course.curricula import CURRICULA, Slide, recorded_slides
from slide_files import with_flaw
from slides.pictures import newest_whole, picture_name, pictures_in
from slides.png import flaw_of, is_whole, picture_fault

TEN = CURRICULA[0]


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
