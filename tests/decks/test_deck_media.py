"""What a deck shows and where: pictures and videos on their slides, byte for byte, and how a video plays."""

from __future__ import annotations

import errno
import os
import re
import sys
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import av
import pytest

from courses import SHORT, TEN
from deck_files import (
    HEIGHT,
    SPACES,
    VIDEO_SLIDES,
    WIDTH,
    DeckFile,
    deck_of,
    deck_path,
    faults_of,
    mp4,
    picture_of,
    slide_png,
    tag,
)
from decks import writer
from decks.media import frame_of, look_at_picture, look_at_video
from decks.presentation import slide_size
from decks.slide_xml import Box, Label, VideoLinks, fitted, timing_xml, video_xml


def test_every_picture_and_video_is_in_the_deck_byte_for_byte_in_course_order(whole, deck):
    assert deck.contents == list(whole.expected(TEN, SHORT).values())
    kinds = [each.kind for each in deck.slides]
    assert [number for number, kind in enumerate(kinds, start=1) if kind == "video"] == list(VIDEO_SLIDES)


def test_a_video_on_two_slides_is_embedded_once_however_the_files_were_made(real_course, tmp_path):
    for link in ("copy", "hard"):
        real_course.publish(link=link)
        deck = deck_of(real_course, tmp_path / f"{link}.pptx")
        assert len([name for name in deck.names if name.endswith(".mp4")]) == 2
        assert deck.slides[1].video == deck.slides[7].video
        assert deck.contents == list(real_course.expected(TEN, SHORT).values())


def test_without_a_record_of_the_package_a_linked_video_is_embedded_once(real_course, tmp_path):
    real_course.publish(link="hard")
    (real_course.project.output / ".made-by-zume.json").unlink()

    deck = deck_of(real_course, tmp_path / "deck.pptx")

    assert len([name for name in deck.names if name.endswith(".mp4")]) == 2


def test_the_slide_has_exactly_the_ratio_of_the_pictures_and_each_fills_it(deck):
    assert deck.size == (WIDTH, HEIGHT)
    assert WIDTH * 1680 == HEIGHT * 3000
    for each in deck.slides:
        assert each.xml.find(".//a:srcRect", SPACES) is None
        if each.kind == "picture":
            assert each.box == (0, 0, WIDTH, HEIGHT)


@pytest.mark.parametrize("size", [(3000, 1680), (1920, 1080), (1024, 768), (1080, 1920), (2999, 1681), (600, 336)])
def test_a_slide_has_the_exact_ratio_of_any_pictures_within_what_powerpoint_takes(size):
    width, height = slide_size(*size)
    assert width * size[1] == height * size[0]
    assert all(914_400 <= side <= 51_206_400 for side in (width, height))
    assert 12_000_000 <= max(width, height) <= 12_192_000


def test_the_size_is_that_of_most_pictures_and_another_one_is_not_distorted_and_said(real_course, lone_suite):
    for position in (1, 4):
        picture_of(real_course, position).write_bytes(slide_png((40, 40) if position == 1 else (60, 20)))
    real_course.publish()

    done = lone_suite.main(5, "-p", real_course.project.path)

    assert done.returncode == 0, done.stderr
    deck = DeckFile(deck_path(real_course))
    assert deck.size == (WIDTH, HEIGHT)
    assert deck.slides[0].box == ((WIDTH - HEIGHT) // 2, 0, HEIGHT, HEIGHT)
    assert deck.slides[3].box == (0, (HEIGHT - WIDTH // 3) // 2, WIDTH, WIDTH // 3)
    assert "10: position 1: the picture is 40 x 40" in done.stdout
    assert "10: position 4: the picture is 60 x 20" in done.stdout


def test_the_background_is_black(deck):
    master = deck.xml("ppt/slideMasters/slideMaster1.xml")
    assert master.find("p:cSld/p:bg/p:bgPr/a:solidFill/a:srgbClr", SPACES).get("val") == "000000"
    for name in (*deck.slide_parts.values(), "ppt/slideLayouts/slideLayout1.xml"):
        assert deck.xml(name).find(".//p:bg", SPACES) is None


SHAPES = {
    "16:9": ({}, 16 / 9),
    "4:3": ({"size": (160, 120)}, 4 / 3),
    "vertical": ({"size": (90, 160)}, 9 / 16),
    "turned left": ({"turned": 90}, 9 / 16),
    "turned right": ({"turned": -90}, 9 / 16),
    "upside down": ({"turned": 180}, 16 / 9),
    "pixels that are not square": ({"size": (180, 144), "pixel": "64/45"}, 16 / 9),
    "wider than the slide": ({"size": (240, 100)}, 2.4),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_video_is_as_large_as_its_own_ratio_allows_in_the_middle(shape, real_course, tmp_path):
    arguments, ratio = SHAPES[shape]
    real_course.video(6, data=mp4(**arguments))
    real_course.publish()

    x, y, width, height = deck_of(real_course, tmp_path / "deck.pptx").slides[5].box

    assert width / height == pytest.approx(ratio, rel=1e-6)
    assert width == WIDTH or height == HEIGHT
    assert abs(WIDTH - 2 * x - width) <= 1
    assert abs(HEIGHT - 2 * y - height) <= 1


def test_a_video_plays_on_one_click_or_key_fills_the_screen_and_has_its_type(deck):
    slide = deck.slides[1]
    (shape,) = slide.xml.findall(".//p:cNvPr[@descr]", SPACES)
    assert deck.type_of(slide.video) == "video/mp4"
    assert slide.xml.find("p:timing//p:video", SPACES).get("fullScrn") == "1"
    assert shape.find("a:hlinkClick", SPACES).get("action") == "ppaction://media"
    for kind, command in (("mainSeq", "playFrom(0.0)"), ("interactiveSeq", "togglePause")):
        (sequence,) = slide.xml.findall(f".//p:cTn[@nodeType='{kind}']", SPACES)
        (order,) = sequence.findall(".//p:cmd", SPACES)
        assert order.get("cmd") == command
        assert [each.get("spid") for each in order.iter(tag("p:spTgt"))] == [shape.get("id")]
        assert sequence.find(".//p:cTn[@presetClass]", SPACES).get("nodeType") == "clickEffect"
    assert slide.xml.find(".//p:cTn[@dur='2000']", SPACES) is not None
    ids = [each.get("id") for each in slide.xml.iter(tag("p:cTn"))]
    assert len(ids) == len(set(ids)) == 12
    (trigger,) = slide.xml.findall(".//p:cTn[@nodeType='interactiveSeq']/p:stCondLst/p:cond", SPACES)
    assert trigger.get("evt") == "onClick"


def test_a_quicktime_video_has_its_own_type_and_ending(real_course, tmp_path):
    real_course.video(6, data=mp4(kind="mov"))
    real_course.publish()

    deck = deck_of(real_course, tmp_path / "deck.pptx")

    assert deck.slides[5].video.endswith(".mov")
    assert deck.type_of(deck.slides[5].video) == "video/quicktime"


REFERENCE = Path(__file__).with_name("powerpoint_video.xml")


def test_a_video_and_its_timing_are_written_as_powerpoint_is_known_to():
    """Nobody here can ask PowerPoint: a single word that differs may make a video start by itself, or not at all."""
    label = Label("session_1_t1_b", "Spanish, session 1, t1_b, video 1")
    slide = video_xml(label, VideoLinks("rId2", "rId3", "rId4"), Box(1, 2, 3, 4)) + timing_xml(2000)
    wanted = ElementTree.parse(REFERENCE).getroot()
    made = ElementTree.fromstring(f"<all>{slide}</all>")

    def plain(element):
        return ElementTree.canonicalize(ElementTree.tostring(element, "unicode"), strip_text=True)

    assert [plain(each) for each in made] == [plain(each) for each in wanted]


def test_extensions_and_relationships_have_the_names_that_powerpoint_knows(deck):
    slide = deck.slides[1]
    presentation = deck.zip.read("ppt/presentation.xml").decode()
    relationships = deck.zip.read("ppt/slides/_rels/slide2.xml.rels").decode()

    assert [each.get("uri") for each in slide.xml.iter(tag("p:ext"))] == ["{DAA4B4D4-6D71-4841-9C94-3DE7FCFB9230}"]
    assert re.search(r'uri="\{521415D9-36F7-43E2-AB2F-B90AF26B5E84\}"[^<]*><p14:sectionLst', presentation)
    for name in (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/video",
        "http://schemas.microsoft.com/office/2007/relationships/media",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image",
    ):
        assert f'Type="{name}"' in relationships


WHOLE = b"\0\0\0\x18ftyp"  # begins as a video, and is none


@pytest.mark.parametrize("content", ["header only", "noise", "cut off", "empty", "sound only"])
def test_a_video_that_cannot_be_decoded_is_embedded_all_the_same_and_said(content, real_course, lone_suite):
    data = {
        "header only": WHOLE,
        "noise": WHOLE + os.urandom(9000),
        "cut off": mp4()[:900],
        "empty": b"",
        "sound only": sound(),
    }[content]
    (real_course.project.videos / "(06) title.mp4").write_bytes(data)
    real_course.publish()

    done = lone_suite.main(5, "-p", real_course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "10: position 6: the video cannot be decoded here; it is shown as if it were 16:9." in done.stdout
    deck = DeckFile(deck_path(real_course))
    slide = deck.slides[5]
    assert deck.contents[5] == data
    assert deck.type_of(slide.video) == "video/mp4"
    assert slide.box[2] / slide.box[3] == pytest.approx(16 / 9)
    assert deck.zip.read(slide.picture) == real_course.pictures["10", SHORT[5].name]
    assert faults_of(deck) == []


def sound():
    data = BytesIO()
    with av.open(data, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return data.getvalue()


@pytest.mark.parametrize(("kind", "type_of"), [("JPEG", "image/jpeg"), ("GIF", "image/gif")])
def test_a_picture_that_is_none_of_the_kind_its_name_says_has_its_real_type(kind, type_of, published, lone_suite):
    target = published.project.output / "10" / "1.png"
    target.unlink()
    target.write_bytes(slide_png(kind=kind))

    done = lone_suite.main(5, "-p", published.project.path)

    assert done.returncode == 0, done.stderr
    deck = DeckFile(deck_path(published))
    assert deck.contents[0] == target.read_bytes()
    assert deck.type_of(deck.slides[0].picture) == type_of
    assert deck.slides[0].picture.endswith({"JPEG": ".jpg", "GIF": ".gif"}[kind])
    assert faults_of(deck) == []


@pytest.mark.parametrize("copier", ["the system", "the program where the system refuses", "the program on a Mac"])
def test_a_long_file_is_whole_whether_the_system_copies_it_or_not(copier, real_course, tmp_path, monkeypatch):
    def refuse(*arguments):
        raise OSError(errno.EINVAL, "Invalid argument")

    if copier != "the system":
        monkeypatch.setattr(writer.os, "sendfile", refuse, raising=False)
    with (real_course.project.videos / "(06) title.mp4").open("ab") as file:
        file.write(os.urandom(9_000_000))
    real_course.videos[6] = (real_course.project.videos / "(06) title.mp4").read_bytes()
    real_course.publish()
    if copier == "the program on a Mac":
        # There the function is for sockets only.
        monkeypatch.setattr(sys, "platform", "darwin")
        monkeypatch.setattr(writer.os, "sendfile", lambda *_: pytest.fail("it was asked"), raising=False)

    deck = deck_of(real_course, tmp_path / "deck.pptx")

    assert deck.contents == list(real_course.expected(TEN, SHORT).values())
    assert faults_of(deck) == []


def test_things_are_fitted_into_the_middle():
    assert vars(fitted((16, 9), (1600, 900))) == {"x": 0, "y": 0, "width": 1600, "height": 900}
    assert vars(fitted((1, 1), (1600, 900))) == {"x": 350, "y": 0, "width": 900, "height": 900}
    assert vars(fitted((2, 1), (900, 900))) == {"x": 0, "y": 225, "width": 900, "height": 450}
    assert fitted((100_000, 1), (1600, 900)).height == 1


def test_a_file_that_is_no_picture_is_none(tmp_path):
    path = tmp_path / "1.png"
    for content in (b"", b"text", b"\x89PNG\r\n\x1a\n", slide_png(kind="WEBP")):
        path.write_bytes(content)
        assert look_at_picture(path) is None


def test_a_title_that_is_not_utf_8_does_a_video_no_harm(tmp_path):
    path = tmp_path / "video.mp4"
    data = mp4()
    assert b"Lavf" in data
    path.write_bytes(data.replace(b"Lavf", b"\xc9\xff\xfe\xfa"))

    clip = look_at_video(path)

    assert clip.is_readable
    assert frame_of(clip)


@pytest.mark.parametrize(("version", "asked"), [("14.1.0", ["metadata_errors"]), ("19.0.2", [])])
def test_a_video_is_opened_as_the_installed_release_of_pyav_wants_it(version, asked, tmp_path, monkeypatch):
    given = []
    real = av.open

    def opened(file, **more):
        given.extend(more)
        return real(file)

    path = tmp_path / "video.mp4"
    path.write_bytes(mp4())
    monkeypatch.setattr(av, "open", opened)
    monkeypatch.setattr(av, "__version__", version)

    assert look_at_video(path).is_readable
    assert given == asked
