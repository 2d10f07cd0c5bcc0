"""Part 5: what a deck shows and in which order, whether its file is right, and how the part ends."""

from __future__ import annotations

import errno
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import av
import pptx
import pytest
from PIL import Image

import _media
import _opc
from _deck import plan_decks
from _errors import BuilderError
from _languages import all_languages, language_tag
from _media import frame_of, look_at_picture, look_at_video
from _opc import require_space, write_deck
from _pptx import make_skeleton, slide_size, tongue_of
from _project import exclusive
from _slide_xml import Box, Label, VideoLinks, fitted, timing_xml, video_xml
from conftest import PARTS
from courses import INTENSIVE, SHORT, START, TEN, TWENTY, Course, files_below
from deck_files import SPACES, TYPES, DeckFile, faults_of, faults_of_order, mp4, slide_png, tag

WIDTH, HEIGHT = 12_192_000, 6_827_520
VIDEO_SLIDES = (2, 6, 8)
WHOLE = b"\0\0\0\x18ftyp"  # begins as a video, and is none


@pytest.fixture
def course(tmp_path):
    """A short curriculum, complete, with real pictures and videos."""
    made = Course(tmp_path / "es", slide_png)
    made.curriculum(TEN, SHORT)
    made.video(1, data=mp4())
    made.video(6, data=mp4())
    return made


@pytest.fixture
def published(course):
    course.publish()
    return course


def picture_of(course, position, curriculum=TEN):
    """Return the file that was taken of a slide."""
    (path,) = (course.project.path / curriculum.folder).glob(f"*_{SHORT[position - 1].name}.png")
    return path


def deck_path(course, curriculum="ten_session", code="es"):
    return course.project.output / f"zume-{code}-{curriculum}.pptx"


def plan(course, curricula=(TEN,)):
    return plan_decks(course.project, course.plan(curricula=curricula))


def write(course, target, code="es"):
    """Write the deck of the ten sessions without the script."""
    (deck,) = plan(course)
    write_deck(target, make_skeleton(deck, tongue_of(code)), lambda done: None)
    return DeckFile(target)


@pytest.fixture
def deck(published, tmp_path):
    return write(published, tmp_path / "deck.pptx")


# --- What is shown ----------------------------------------------------------------------------------------------------


def test_the_script_makes_a_deck_of_each_curriculum_of_the_package(course, lone_suite):
    course.curriculum(INTENSIVE, SHORT)
    course.publish()

    done = lone_suite.part(5, "--project-path", course.project.path, "--language-code", "es")

    assert (done.returncode, done.stderr) == (0, "")
    for curriculum in (TEN, INTENSIVE):
        path = deck_path(course, curriculum.name)
        assert DeckFile(path).contents == list(course.expected(curriculum, SHORT).values())
        assert f"{curriculum.folder}: 9 slides" in done.stdout
        assert str(path) in done.stdout
    assert "20: no deck" in done.stdout
    assert not deck_path(course, "twenty_session").exists()
    assert not list(course.project.output.glob("*.part"))


def test_one_curriculum_alone_can_be_asked_for_and_another_place(course, lone_suite, tmp_path):
    course.curriculum(INTENSIVE, SHORT)
    course.publish()
    before = files_below(course.project.path)
    place = tmp_path / "new" / "place"

    done = lone_suite.part(5, "-p", course.project.path, "-c", "intensive_session", "--output-dir", place)

    assert done.returncode == 0, done.stderr
    assert [path.name for path in place.iterdir()] == ["zume-es-intensive_session.pptx"]
    locks = {".zume-build.lock", ".zume-part.lock"}
    after = files_below(course.project.path)
    assert {name: after[name] for name in after if name not in locks} == before


def test_every_picture_and_video_is_in_the_deck_byte_for_byte_in_course_order(published, deck):
    assert deck.contents == list(published.expected(TEN, SHORT).values())
    kinds = [each.kind for each in deck.slides]
    assert [number for number, kind in enumerate(kinds, start=1) if kind == "video"] == list(VIDEO_SLIDES)


def test_a_video_on_two_slides_is_embedded_once_however_the_files_were_made(course, tmp_path):
    for link in ("copy", "hard"):
        course.publish(link=link)
        deck = write(course, tmp_path / f"{link}.pptx")
        assert len([name for name in deck.names if name.endswith(".mp4")]) == 2
        assert deck.slides[1].video == deck.slides[7].video
        assert deck.contents == list(course.expected(TEN, SHORT).values())


def test_without_a_record_of_the_package_a_linked_video_is_embedded_once(course, tmp_path):
    course.publish(link="hard")
    (course.project.output / ".made-by-zume.json").unlink()

    deck = write(course, tmp_path / "deck.pptx")

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


def test_the_size_is_that_of_most_pictures_and_another_one_is_not_distorted_and_said(course, lone_suite):
    for position in (1, 4):
        picture_of(course, position).write_bytes(slide_png((40, 40) if position == 1 else (60, 20)))
    course.publish()

    done = lone_suite.part(5, "-p", course.project.path)

    assert done.returncode == 0, done.stderr
    deck = DeckFile(deck_path(course))
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


# --- Videos -----------------------------------------------------------------------------------------------------------

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
def test_a_video_is_as_large_as_its_own_ratio_allows_in_the_middle(shape, course, tmp_path):
    arguments, ratio = SHAPES[shape]
    course.video(6, data=mp4(**arguments))
    course.publish()

    x, y, width, height = write(course, tmp_path / "deck.pptx").slides[5].box

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


def test_a_quicktime_video_has_its_own_type_and_ending(course, tmp_path):
    course.video(6, data=mp4(kind="mov"))
    course.publish()

    deck = write(course, tmp_path / "deck.pptx")

    assert deck.slides[5].video.endswith(".mov")
    assert deck.type_of(deck.slides[5].video) == "video/quicktime"


def test_the_poster_is_the_slides_own_picture_where_it_has_the_videos_ratio(published, deck):
    for position in VIDEO_SLIDES:
        poster = deck.zip.read(deck.slides[position - 1].picture)
        assert poster == published.pictures["10", SHORT[position - 1].name]


def upper_left_is_yellow(picture):
    red, green, blue = picture.convert("RGB").getpixel((picture.width // 4, picture.height // 4))
    return red > 200 and green > 200 and blue < 90


@pytest.mark.parametrize("reason", ["no picture", "another ratio"])
def test_else_the_poster_is_a_frame_of_the_video_and_not_the_black_first_one(reason, course, tmp_path):
    if reason == "no picture":
        picture_of(course, 6).unlink()
    else:
        course.video(6, data=mp4((90, 160)))
    course.publish()

    deck = write(course, tmp_path / "deck.pptx")

    assert deck.type_of(deck.slides[5].picture) == "image/jpeg"
    with Image.open(BytesIO(deck.zip.read(deck.slides[5].picture))) as poster:
        assert poster.size == ((160, 90) if reason == "no picture" else (90, 160))
        assert upper_left_is_yellow(poster)


@pytest.mark.parametrize(("turned", "corner"), [(90, "lower left"), (-90, "upper right"), (180, "lower right")])
def test_a_frame_stands_upright_as_players_turn_the_video(turned, corner, tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(mp4(turned=turned))

    with Image.open(BytesIO(frame_of(look_at_video(path)))) as frame:
        assert frame.size == ((90, 160) if turned % 180 else (160, 90))
        back = {"lower left": Image.Transpose.FLIP_TOP_BOTTOM, "upper right": Image.Transpose.FLIP_LEFT_RIGHT}
        assert upper_left_is_yellow(frame.transpose(back.get(corner, Image.Transpose.ROTATE_180)))


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


def test_of_a_damaged_video_the_last_good_frame_is_the_poster(course, tmp_path, monkeypatch):
    picture_of(course, 6).unlink()
    course.video(6, data=mp4())
    course.publish()
    frames = _media._frames

    def break_down(*arguments):
        yield from itertools.islice(frames(*arguments), 2)
        raise av.FFmpegError(1, "it breaks off")

    monkeypatch.setattr(_media, "_FRAME_AT", 0.9)
    monkeypatch.setattr(_media, "_frames", break_down)
    deck = write(course, tmp_path / "deck.pptx")

    assert upper_left_is_yellow(Image.open(BytesIO(deck.zip.read(deck.slides[5].picture))).convert("RGB"))


def test_an_older_deck_of_what_the_package_does_not_have_any_more_is_named(published, lone_suite):
    old = deck_path(published, "twenty_session")
    old.write_bytes(b"of last month")

    done = lone_suite.part(5, "--project-path", published.project.path, "--language-code", "es")

    assert done.returncode == 0, done.stderr
    assert f"{old} is of an older package." in done.stdout
    assert "10: no deck" not in done.stdout


@pytest.mark.parametrize("content", ["header only", "noise", "cut off", "empty", "sound only"])
def test_a_video_that_cannot_be_decoded_is_embedded_all_the_same_and_said(content, course, lone_suite):
    data = {
        "header only": WHOLE,
        "noise": WHOLE + os.urandom(9000),
        "cut off": mp4()[:900],
        "empty": b"",
        "sound only": sound(),
    }[content]
    (course.project.videos / "(06) title.mp4").write_bytes(data)
    course.publish()

    done = lone_suite.part(5, "-p", course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "10: position 6: the video cannot be decoded here; it is shown as if it were 16:9." in done.stdout
    deck = DeckFile(deck_path(course))
    slide = deck.slides[5]
    assert deck.contents[5] == data
    assert deck.type_of(slide.video) == "video/mp4"
    assert slide.box[2] / slide.box[3] == pytest.approx(16 / 9)
    assert deck.zip.read(slide.picture) == course.pictures["10", SHORT[5].name]
    assert faults_of(deck) == []


def sound():
    import av

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


def test_with_neither_picture_nor_frame_the_poster_is_a_drawn_triangle_and_no_loudspeaker(course, tmp_path):
    picture_of(course, 6).unlink()
    course.video(6)  # begins as a video only
    course.publish()

    deck = write(course, tmp_path / "deck.pptx")

    with Image.open(BytesIO(deck.zip.read(deck.slides[5].picture))) as poster:
        assert poster.width * 9 == poster.height * 16
        assert max(poster.convert("L").getpixel((5, 5)), 60) == 60, "it is dark"
        assert poster.convert("L").getpixel((poster.width // 2, poster.height // 2)) > 200, "with something light"
    loudspeaker = (Path(pptx.__file__).parent / "templates").glob("*")
    assert deck.zip.read(deck.slides[5].picture) not in [path.read_bytes() for path in loudspeaker if path.is_file()]


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


def test_a_frame_is_decoded_in_one_thread(tmp_path, monkeypatch):
    path = tmp_path / "video.mp4"
    path.write_bytes(mp4())
    counts = []
    inner = _media._frames
    monkeypatch.setattr(_media, "_frames", lambda container, stream: counts.append(stream) or inner(container, stream))

    assert look_at_video(path).is_readable
    assert [stream.codec_context.thread_count for stream in counts] == [1]


# --- What else is in the file -----------------------------------------------------------------------------------------


def test_each_session_is_a_section_with_its_slides(deck):
    sections = deck.sections
    assert list(sections) == ["Session 1", "Session 2", "Session 3"]
    assert [len(slides) for slides in sections.values()] == [4, 3, 2]
    assert sections["Session 2"] == [
        "Spanish, session 2, s1_1_1",
        "Spanish, session 2, t6_b, video 6",
        "Spanish, session 2, final",
    ]
    ids = [each.get("id") for each in deck.presentation.iter(tag("p14:section"))]
    assert len(set(ids)) == 3
    assert all(len(each) == 38 and each == each.upper() for each in ids)


def test_every_slide_has_an_alternative_text_with_language_session_and_key(deck):
    expected = [
        f"Spanish, session {slide.session}, {slide.key}" + (f", video {slide.video}" if slide.video else "")
        for slide in SHORT
    ]
    assert [each.description for each in deck.slides] == expected


def test_a_key_with_letters_that_xml_knows_is_told_as_it_is(tmp_path):
    from _curriculum import number_slides

    course = Course(tmp_path / "es", slide_png)
    slides = number_slides([[("a&b", "title", None), ("c'd", "title", None)]])
    course.curriculum(TEN, slides)
    course.publish()

    deck = write(course, tmp_path / "deck.pptx")

    assert [each.description for each in deck.slides] == ["Spanish, session 1, a&b", "Spanish, session 1, c'd"]


@pytest.mark.parametrize(
    ("code", "title", "tag_of", "rtl"),
    [
        ("es", "Zúme Español: 10 sessions", "es", False),
        ("ar_jo", "Zúme العربية - الأردن: 10 sessions", "ar-JO", True),
        ("swa", "Zúme Kiswahili: 10 sessions", "sw", False),
        ("xx", "Zúme xx: 10 sessions", "xx", False),
    ],
)
def test_title_language_and_direction_are_set(code, title, tag_of, rtl, published, tmp_path):
    deck = write(published, tmp_path / "deck.pptx", code)

    core = deck.xml("docProps/core.xml")
    assert core.find("dc:title", SPACES).text == title
    assert core.find("dc:language", SPACES).text == tag_of
    assert deck.presentation.get("rtl", "0") == ("1" if rtl else "0")
    for name in ("ppt/presentation.xml", "ppt/slideMasters/slideMaster1.xml"):
        levels = [each for each in deck.xml(name).iter() if each.get("rtl")]
        assert {each.get("rtl") for each in levels if each.tag != tag("p:presentation")} == {"1" if rtl else "0"}
        assert ("r" in {each.get("algn") for each in levels}) == rtl
        assert {each.get("lang") for each in deck.xml(name).iter() if each.get("lang")} == {tag_of}


def test_language_tags_are_of_the_form_that_other_programs_read():
    for language in all_languages():
        first, *regions = language_tag(language.code).split("-")
        assert (first.isalpha(), first.islower(), len(first) in (2, 3)) == (True, True, True)
        assert [(region.isupper(), len(region)) for region in regions] in ([], [(True, 2)])


def test_nothing_is_left_of_the_template_that_other_programs_stumble_over(deck):
    assert not [name for name in deck.names if "printer" in name.lower() or "notes" in name.lower()]
    assert not [name for name in deck.names if name.endswith((".bin", "thumbnail.jpeg")) or "app.xml" in name]
    assert [name for name in deck.names if "slideLayouts/slide" in name] == ["ppt/slideLayouts/slideLayout1.xml"]
    assert deck.presentation.find("p:sldSz", SPACES).get("type") is None
    everything = b"".join(deck.zip.read(name) for name in deck.names if name.endswith((".xml", ".rels")))
    for trace in (b"screen4x3", b"Steve Canny", b"python-pptx", b"On-screen Show", b"notesMaster", b"<p:ph"):
        assert trace not in everything


# --- Whether the file is right ----------------------------------------------------------------------------------------


def test_the_package_keeps_the_open_packaging_rules(deck):
    assert faults_of(deck) == []


def test_the_check_of_the_rules_finds_what_breaks_them(deck, tmp_path):
    def broken(change):
        path = tmp_path / "broken.pptx"
        with zipfile.ZipFile(path, "w") as made:
            for name in deck.names:
                content = change(name, deck.zip.read(name))
                if content is not None:
                    made.writestr(name, content)
        return faults_of(DeckFile(path))

    assert broken(lambda name, data: data) == []
    assert broken(lambda name, data: data.replace(b'"mp4"', b'"mp5"') if name == TYPES else data)
    assert broken(lambda name, data: None if name == "ppt/media/image1.png" else data)
    assert broken(lambda name, data: data.replace(b'"rId2"', b'"rId77"') if name.endswith("slide1.xml.rels") else data)


@pytest.mark.parametrize("pattern", ["ppt/presentation.xml", "ppt/slides/", "ppt/slideMasters/", "ppt/slideLayouts/"])
def test_elements_stand_in_the_order_of_the_standard(pattern, deck):
    names = [name for name in deck.names if name.startswith(pattern) and name.endswith(".xml")]
    assert names
    assert [fault for name in names for fault in faults_of_order(deck.xml(name))] == []


def test_python_pptx_opens_the_deck_and_finds_pictures_and_videos(published, tmp_path):
    write(published, tmp_path / "deck.pptx")

    presentation = pptx.Presentation(str(tmp_path / "deck.pptx"))

    assert (presentation.slide_width, presentation.slide_height) == (WIDTH, HEIGHT)
    expected = list(published.expected(TEN, SHORT).values())
    for number, slide in enumerate(presentation.slides):
        (shape,) = slide.shapes
        if number + 1 in VIDEO_SLIDES:
            assert shape.media_type.name == "MOVIE"
        else:
            assert shape.image.blob == expected[number]
            assert shape.image.content_type == "image/png"


def test_the_same_package_gives_the_same_bytes_elsewhere_and_later(published, tmp_path):
    first = tmp_path / "first.pptx"
    write(published, first)
    moved = Course(tmp_path / "elsewhere" / "es")
    shutil.rmtree(moved.project.path)
    # Other times, other inodes; each file by itself, so that one video at two positions becomes two files.
    shutil.copytree(published.project.path, moved.project.path, copy_function=shutil.copyfile)
    time.sleep(2.1)  # the clock of a ZIP file has steps of two seconds

    write(moved, tmp_path / "second.pptx")
    moved.publish(link="copy")
    write(moved, tmp_path / "third.pptx")

    assert (tmp_path / "second.pptx").read_bytes() == first.read_bytes()
    assert (tmp_path / "third.pptx").read_bytes() == first.read_bytes()


def test_media_are_stored_and_xml_is_packed_with_no_trace_of_time_or_system(deck):
    for entry in deck.zip.infolist():
        stored = entry.filename.startswith("ppt/media/")
        assert entry.compress_type == (zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert (entry.create_system, entry.external_attr >> 16) == (3, 0o644)
        assert entry.flag_bits & 8 == 0, "no sizes after the data: some readers cannot find the next entry then"


@pytest.mark.parametrize(("kind", "type_of"), [("JPEG", "image/jpeg"), ("GIF", "image/gif")])
def test_a_picture_that_is_none_of_the_kind_its_name_says_has_its_real_type(kind, type_of, published, lone_suite):
    target = published.project.output / "10" / "1.png"
    target.unlink()
    target.write_bytes(slide_png(kind=kind))

    done = lone_suite.part(5, "-p", published.project.path)

    assert done.returncode == 0, done.stderr
    deck = DeckFile(deck_path(published))
    assert deck.contents[0] == target.read_bytes()
    assert deck.type_of(deck.slides[0].picture) == type_of
    assert deck.slides[0].picture.endswith({"JPEG": ".jpg", "GIF": ".gif"}[kind])
    assert faults_of(deck) == []


@pytest.mark.parametrize("by_system", [True, False])
def test_a_long_file_is_whole_whether_the_system_copies_it_or_not(by_system, course, tmp_path, monkeypatch):
    def refuse(*arguments):
        raise OSError(errno.EINVAL, "Invalid argument")

    if not by_system:
        monkeypatch.setattr(_opc.os, "sendfile", refuse, raising=False)
    with (course.project.videos / "(06) title.mp4").open("ab") as file:
        file.write(os.urandom(9_000_000))
    course.videos[6] = (course.project.videos / "(06) title.mp4").read_bytes()
    course.publish()

    deck = write(course, tmp_path / "deck.pptx")

    assert deck.contents == list(course.expected(TEN, SHORT).values())
    assert faults_of(deck) == []


def test_an_entry_larger_than_a_plain_zip_can_hold_is_in_zip64(published, tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 500)
    deck = write(published, tmp_path / "deck.pptx")
    monkeypatch.undo()

    assert any(entry.extract_version >= 45 for entry in deck.zip.infolist())
    assert faults_of(deck) == []
    assert deck.contents == list(published.expected(TEN, SHORT).values())
    assert len(pptx.Presentation(str(tmp_path / "deck.pptx")).slides) == len(SHORT)


@pytest.mark.stress
def test_a_deck_of_more_than_four_gigabytes_is_right(course, tmp_path):
    if shutil.disk_usage(tmp_path).free < 12e9:
        pytest.skip("the disk is too small")
    for number in (1, 6):
        with (course.project.videos / f"({number:02}) title.mp4").open("r+b") as file:
            file.truncate(4_400_000_000 if number == 1 else 100_000_000)
    course.publish(link="hard")

    deck = write(course, tmp_path / "deck.pptx")

    assert deck.zip.testzip() is None
    assert deck.zip.getinfo(deck.slides[1].video).file_size == 4_400_000_000
    assert deck.zip.getinfo(deck.slides[5].video).file_size == 100_000_000


# --- LibreOffice ------------------------------------------------------------------------------------------------------

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def pages(path, folder):
    """Return the pages of a deck as LibreOffice shows them."""
    command = [SOFFICE, "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", folder, path], check=True, capture_output=True, timeout=180)
    pdf = folder / f"{path.stem}.pdf"
    subprocess.run(["pdftoppm", "-r", "30", "-png", pdf, folder / "page"], check=True, capture_output=True)
    return [Image.open(page).convert("RGB") for page in sorted(folder.glob("page*.png"))]


def mean_difference(one, other):
    from PIL import ImageChops, ImageStat

    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.skipif(not SOFFICE or not shutil.which("pdftoppm"), reason="LibreOffice or poppler is not installed")
def test_libreoffice_shows_the_pictures_in_their_order(course, tmp_path):
    picture_of(course, 3).unlink()  # a gap
    course.video(6, data=mp4((90, 160)))  # its poster is a frame, between two black bars
    course.publish()
    write(course, tmp_path / "deck.pptx")

    rendered = pages(tmp_path / "deck.pptx", tmp_path)

    positions = [position for position in range(1, 10) if position != 3]
    assert len(rendered) == len(positions)
    for position, page in zip(positions, rendered, strict=True):
        assert page.width / page.height == pytest.approx(3000 / 1680, rel=0.01)
        picture = Image.open(BytesIO(course.pictures["10", SHORT[position - 1].name])).convert("RGB")
        if position == 6:
            assert max(page.getpixel((5, page.height // 2))) < 20
            assert max(page.getpixel((page.width - 5, page.height // 2))) < 20
            assert upper_left_is_yellow(page.crop((page.width // 2 - 45, 0, page.width // 2 + 45, page.height)))
        else:
            assert mean_difference(page, picture.resize(page.size)) < 4
    first = rendered[0]
    # The page's edge may be in the middle of a pixel.
    for corner in ((1, 1), (first.width - 3, first.height - 3)):
        assert max(map(abs, difference(first.getpixel(corner), first.getpixel((40, 40))))) < 4, "it has a border"


def difference(one, other):
    return [left - right for left, right in zip(one, other, strict=True)]


# --- What is missing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "exit_code"), [((), 1), (("--allow-missing",), 0)])
@pytest.mark.parametrize("lacking", ["video", "picture", "published file", "doubled video", "no picture at all"])
def test_what_is_missing_is_told_and_the_deck_is_made_with_the_rest(lacking, arguments, exit_code, course, lone_suite):
    course.publish()
    expected = course.expected(TEN, SHORT)
    if lacking == "video":
        (course.project.videos / "(06) title.mp4").unlink()
        course.publish()
        told = "10/6.png (session 2, t6_b) is a picture instead of video 6."
        expected["10/6.mp4"] = course.pictures["10", SHORT[5].name]
    elif lacking == "doubled video":
        course.video(6, "6 again.mp4")
        course.publish()
        told = "10/6.png (session 2, t6_b) is a picture instead of video 6."
        expected["10/6.mp4"] = course.pictures["10", SHORT[5].name]
    elif lacking == "picture":
        picture_of(course, 3).unlink()
        course.publish()
        told = "10: position 3 (session 1, t1_c) has no picture."
        del expected["10/3.png"]
    elif lacking == "published file":
        (course.project.output / "10" / "3.png").unlink()
        told = "10/3.png (session 1, t1_c) is not in the output. Run part 4 again."
        del expected["10/3.png"]
    else:
        picture = course.project.output / "10" / "3.png"
        picture.unlink()
        picture.write_bytes(b"no picture")
        told = "10/3.png (session 1, t1_c) cannot be shown as a picture."
        del expected["10/3.png"]

    done = lone_suite.part(5, "-p", course.project.path, *arguments)

    assert done.returncode == exit_code
    assert told in (done.stderr if exit_code else done.stdout)
    assert "1 things are missing or not clear" in (done.stderr if exit_code else done.stdout)
    assert ("--allow-missing" in done.stderr) == bool(exit_code)
    assert "Traceback" not in done.stderr
    deck = DeckFile(deck_path(course))
    assert deck.contents == list(expected.values())
    assert list(deck.sections) == ["Session 1", "Session 2", "Session 3"]


def test_a_video_that_came_after_part_4_is_told_and_the_published_picture_shown(course, lone_suite):
    video = course.project.videos / "(06) title.mp4"
    content = video.read_bytes()
    video.unlink()
    course.publish()
    video.write_bytes(content)

    done = lone_suite.part(5, "-p", course.project.path)

    assert done.returncode == 1
    assert "10/6.mp4 (session 2, t6_b) is not in the output, but 10/6.png is. Run part 4 again." in done.stderr
    assert DeckFile(deck_path(course)).contents[5] == course.pictures["10", SHORT[5].name]


def test_a_picture_or_video_that_somebody_has_put_into_a_gap_is_shown(course, lone_suite):
    for position in (3, 4):
        picture_of(course, position).unlink()
    course.publish()
    mine, film = slide_png(), mp4()
    (course.project.output / "10" / "3.png").write_bytes(mine)
    (course.project.output / "10" / "4.mp4").write_bytes(film)

    done = lone_suite.part(5, "-p", course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    deck = DeckFile(deck_path(course))
    assert deck.contents[2:4] == [mine, film]
    assert deck.slides[3].description == "Spanish, session 1, final"


def test_a_file_that_somebody_has_changed_in_the_output_is_shown_as_it_is(published, tmp_path):
    mine = published.project.output / "10" / "8.mp4"
    mine.unlink()
    mine.write_bytes(mp4())

    deck = write(published, tmp_path / "deck.pptx")

    assert deck.contents[7] == mine.read_bytes()
    assert deck.contents[1] == published.videos[1]


def test_of_two_files_at_one_position_the_packages_own_is_shown_and_both_are_named(published, lone_suite):
    (published.project.output / "10" / "3.mp4").write_bytes(mp4())

    done = lone_suite.part(5, "-p", published.project.path)

    assert done.returncode == 1
    assert "10/3.mp4 and 10/3.png stand at one position" in done.stderr
    assert DeckFile(deck_path(published)).contents == list(published.expected(TEN, SHORT).values())


def test_what_is_missing_elsewhere_is_no_matter_of_the_curriculum_that_is_asked_for(course, lone_suite):
    course.curriculum(INTENSIVE, SHORT)
    picture_of(course, 3).unlink()
    course.publish()

    done = lone_suite.part(5, "-p", course.project.path, "-c", "intensive_session")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["the same name", "a newer name"])
def test_a_newer_original_is_said_and_what_was_published_is_shown(name, published, lone_suite):
    old = published.pictures["10", SHORT[2].name]
    if name == "the same name":
        path = picture_of(published, 3)
        path.unlink()  # it may be one file with the published one
        path.write_bytes(slide_png())
    else:
        published.picture(TEN, SHORT[2], START + timedelta(days=1))

    done = lone_suite.part(5, "-p", published.project.path)

    assert done.returncode == 0
    assert "The package has 10/3.png from an older original" in done.stderr.replace("\n", " ")
    assert DeckFile(deck_path(published)).contents[2] == old


def test_without_a_package_part_4_is_named_as_the_way_and_nothing_is_made(course, lone_suite):
    done = lone_suite.part(5, "-p", course.project.path)

    assert done.returncode == 1
    assert "There is no package in" in done.stderr
    assert "parts/4-rename-files.py" in done.stderr
    assert not course.project.output.exists()


@pytest.mark.parametrize("arguments", [(), ("--allow-missing",)])
def test_of_nothing_no_deck_is_made(arguments, published, lone_suite):
    for path in (published.project.output / "10").iterdir():
        path.unlink()

    done = lone_suite.part(5, "-p", published.project.path, *arguments)

    assert done.returncode == 1
    assert "No deck was made." in done.stderr
    assert "10/1.png (session 1, s1_1_1) is not in the output" in done.stderr
    assert not list(published.project.output.glob("*.pptx*"))


def test_a_curriculum_that_the_package_does_not_have_is_an_error_if_it_alone_is_asked_for(published, lone_suite):
    done = lone_suite.part(5, "-p", published.project.path, "-c", "twenty_session")

    assert done.returncode == 1
    assert "20: no deck" in done.stdout
    assert "No deck was made." in done.stderr


def test_a_wrong_curriculum_is_wrong_usage(published, lone_suite):
    assert lone_suite.part(5, "-p", published.project.path, "-c", "thirty_session").returncode == 2


def test_the_language_is_that_of_the_folder_when_nobody_says_it(tmp_path, lone_suite):
    course = Course(tmp_path / "fa", slide_png)
    course.curriculum(TEN, SHORT)
    course.publish(language="fa")

    done = lone_suite.part(5, "-p", course.project.path, "--allow-missing")

    assert done.returncode == 0, done.stderr
    deck = DeckFile(deck_path(course, code="fa"))
    assert deck.presentation.get("rtl") == "1"
    assert deck.slides[0].description == "Persian/Farsi, session 1, s1_1_1"


# --- With part 4 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["auto", "copy"])
def test_decks_survive_a_new_run_of_part_4_which_does_not_mind_them(link, course, lone_suite):
    place = ("-p", course.project.path)
    assert lone_suite.part(4, *place, "--link", link).returncode == 0
    assert lone_suite.part(5, *place).returncode == 0
    before = deck_path(course).read_bytes()
    old = picture_of(course, 3)
    old.unlink()
    course.picture(TEN, SHORT[2])

    again = lone_suite.part(4, *place, "--link", link)

    assert (again.returncode, again.stderr) == (0, "")
    assert "pptx" not in again.stdout
    assert deck_path(course).read_bytes() == before
    assert lone_suite.part(5, *place).returncode == 0
    assert DeckFile(deck_path(course)).contents == list(course.expected(TEN, SHORT).values())


def test_two_runs_on_one_project_exclude_each_other(published, lone_suite):
    with exclusive(published.project, None, "4-rename-files.py"):
        done = lone_suite.part(5, "-p", published.project.path)

    assert done.returncode == 1
    assert "is in use by 4-rename-files.py" in done.stderr
    assert not deck_path(published).exists()


# --- When something goes wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "told"), [(errno.ENOSPC, "is full"), (errno.EFBIG, "FAT32"), (errno.EROFS, "cannot be written")]
)
def test_a_deck_that_cannot_be_written_leaves_the_old_one_and_nothing_else(
    number, told, published, tmp_path, monkeypatch
):
    target = tmp_path / "decks" / "deck.pptx"
    target.parent.mkdir()
    target.write_bytes(b"old")

    def fail(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(_opc.os, "fsync", fail)
    with pytest.raises(BuilderError, match=told):
        write(published, target)

    assert target.read_bytes() == b"old"
    assert [path.name for path in target.parent.iterdir()] == ["deck.pptx"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_told_as_one(published, tmp_path, monkeypatch):
    monkeypatch.setattr(_opc, "partial_of", lambda target: Path("/dev/full"))
    monkeypatch.setattr(_opc.Path, "unlink", lambda path, missing_ok=False: None)

    with pytest.raises(BuilderError, match="is full"):
        write(published, tmp_path / "deck.pptx")

    assert not (tmp_path / "deck.pptx").exists()


@pytest.mark.parametrize("change", ["longer", "shorter", "other time", "gone"])
def test_a_file_that_changes_while_the_deck_is_made_is_an_error(change, published, tmp_path):
    (deck,) = plan(published)
    skeleton = make_skeleton(deck, tongue_of("es"))
    video = published.project.output / "10" / "2.mp4"

    def disturb(done):
        if done < 1000 and video.exists():
            content = video.read_bytes()
            if change == "gone":
                video.unlink()
            elif change == "other time":
                os.utime(video, (1, 1))
            else:
                video.write_bytes(content + b"more" if change == "longer" else content[:-1])

    with pytest.raises(BuilderError, match=r"2\.mp4 (has changed|cannot be read)"):
        write_deck(tmp_path / "deck.pptx", skeleton, disturb)

    assert not list(tmp_path.glob("deck*"))


def test_a_file_that_changes_while_it_is_read_is_an_error(published, tmp_path):
    (deck,) = plan(published)
    skeleton = make_skeleton(deck, tongue_of("es"))
    last = published.project.output / "10" / "9.png"

    def disturb(done):
        if done == deck.media_size:
            last.write_bytes(last.read_bytes() + b"more")

    with pytest.raises(BuilderError, match=r"9\.png has changed"):
        write_deck(tmp_path / "deck.pptx", skeleton, disturb)


def test_space_is_asked_for_before_the_first_byte(published, lone_suite, tmp_path, monkeypatch):
    class Usage:
        free = 1_000

    monkeypatch.setattr(_opc.shutil, "disk_usage", lambda folder: Usage)
    with pytest.raises(BuilderError, match="The disk is too small") as caught:
        require_space([(tmp_path / "deck.pptx", 1_001)])
    assert "--output-dir" in caught.value.remedy
    require_space([(tmp_path / "deck.pptx", 1_000)])
    # What is replaced is free again before the next one is written.
    (tmp_path / "one.pptx").write_bytes(bytes(600))
    require_space([(tmp_path / "one.pptx", 600), (tmp_path / "two.pptx", 1_000)])
    with pytest.raises(BuilderError):
        require_space([(tmp_path / "new.pptx", 600), (tmp_path / "two.pptx", 600)])
    with pytest.raises(BuilderError):
        require_space([(tmp_path / "one.pptx", 1_200), (tmp_path / "two.pptx", 100)])


def test_what_a_killed_run_has_left_is_removed_and_other_files_are_not(published, lone_suite):
    output = published.project.output
    for name in ("zume-es-ten_session.pptx.part", "zume-es-twenty_session.pptx.part", "zume-fr-ten_session.pptx.part"):
        (output / name).write_bytes(b"half")

    done = lone_suite.part(5, "-p", published.project.path)

    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in output.glob("zume*")) == [
        "zume-es-ten_session.pptx",
        "zume-fr-ten_session.pptx.part",
    ]


STUCK = """
import sys, time
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
import _opc
inner = _opc._pour
def stuck(*arguments):
    print("reading", flush=True)
    time.sleep(60)
    return inner(*arguments)
_opc._pour = stuck
import runpy
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize(
    ("number", "exit_code", "left"),
    [(signal.SIGINT, 130, []), (signal.SIGTERM, 143, []), (signal.SIGKILL, -9, ["zume-es-ten_session.pptx.part"])],
)
def test_a_run_that_is_stopped_leaves_no_half_deck_under_its_name(number, exit_code, left, published, lone_suite):
    old = deck_path(published)
    old.write_bytes(b"old")
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK, PARTS[5], "-p", published.project.path],
        env=lone_suite.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "reading\n"

    process.send_signal(number)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == exit_code
    assert "Traceback" not in errors
    assert old.read_bytes() == b"old"
    assert [path.name for path in published.project.output.glob("*.part")] == left
    assert lone_suite.part(5, "-p", published.project.path).returncode == 0
    assert DeckFile(old).contents == list(published.expected(TEN, SHORT).values())
    assert not list(published.project.output.glob("*.part"))


def test_a_place_that_is_a_file_is_one_sentence(published, lone_suite, tmp_path):
    (tmp_path / "file").write_bytes(b"")

    done = lone_suite.part(5, "-p", published.project.path, "--output-dir", tmp_path / "file")

    assert done.returncode == 1
    assert "is a file, not a folder" in done.stderr
    assert "--output-dir" in done.stderr


# --- Memory -----------------------------------------------------------------------------------------------------------

WATCHED = """
import runpy, sys
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    assert end.code == 0, end.code
lines = dict(line.split(":") for line in open("/proc/self/status") if ":" in line)
print("peak", int(lines["VmHWM"].split()[0]))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says it so")
def test_the_memory_does_not_grow_with_the_videos(course, lone_suite):
    for number in (1, 6):
        with (course.project.videos / f"({number:02}) title.mp4").open("r+b") as file:
            file.truncate(200_000_000)
    course.publish(link="hard")

    done = subprocess.run(
        [sys.executable, "-c", WATCHED, PARTS[5], "-p", course.project.path],
        env=lone_suite.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert deck_path(course).stat().st_size > 400_000_000
    assert int(done.stdout.split("peak")[1]) * 1024 < 150_000_000


# --- The small parts --------------------------------------------------------------------------------------------------


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


def test_a_file_that_cannot_be_read_is_one_sentence(published, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("_deck.look_at_picture", refuse)
    with pytest.raises(BuilderError, match=r"1\.png cannot be read: Permission denied"):
        plan(published)


def test_the_size_of_a_deck_is_known_before(published, tmp_path):
    (deck,) = plan(published)
    shown = []
    size = write_deck(tmp_path / "deck.pptx", make_skeleton(deck, tongue_of("es")), shown.append)

    assert shown[-1] == deck.media_size
    assert deck.media_size < size == (tmp_path / "deck.pptx").stat().st_size < deck.media_size + 2_000_000


def test_only_the_curricula_of_the_package_are_planned(published):
    assert [deck.curriculum for deck in plan(published, (TEN, TWENTY, INTENSIVE))] == [TEN]
