"""Whether the file of a deck is right: the rules for packages, what is told in it, the same bytes each time."""

from __future__ import annotations

import shutil
import subprocess
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pptx
import pytest
from PIL import Image, ImageChops, ImageStat

from course.curricula import number_slides
from course.languages import all_languages, language_tag
from courses import SHORT, TEN, Course
from deck_files import (
    HEIGHT,
    SPACES,
    TYPES,
    VIDEO_SLIDES,
    WIDTH,
    DeckFile,
    deck_of,
    faults_of,
    faults_of_order,
    mp4,
    picture_of,
    slide_png,
    tag,
    upper_left_is_yellow,
)


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
    course = Course(tmp_path / "es", slide_png)
    slides = number_slides([[("a&b", "title", None), ("c'd", "title", None)]])
    course.curriculum(TEN, slides)
    course.publish()

    deck = deck_of(course, tmp_path / "deck.pptx")

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
def test_title_language_and_direction_are_set(code, title, tag_of, rtl, whole, tmp_path):
    deck = deck_of(whole, tmp_path / "deck.pptx", code)

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
    assert not [name for name in deck.names if name.endswith((".bin", "thumbnail.jpeg"))]
    assert [name for name in deck.names if "slideLayouts/slide" in name] == ["ppt/slideLayouts/slideLayout1.xml"]
    assert deck.presentation.find("p:sldSz", SPACES).get("type") is None
    everything = b"".join(deck.zip.read(name) for name in deck.names if name.endswith((".xml", ".rels")))
    for trace in (
        b"screen4x3",
        b"Steve Canny",
        b"python-pptx",
        b"On-screen Show",
        b"Macintosh",
        b"notesMaster",
        b"<p:ph",
    ):
        assert trace not in everything


def test_the_deck_has_the_parts_that_powerpoint_writes_itself(deck):
    main = dict(deck.relationships("").values())
    assert main == {
        "officeDocument": "ppt/presentation.xml",
        "core-properties": "docProps/core.xml",
        "extended-properties": "docProps/app.xml",
    }
    parts = {kind: name for kind, name in deck.relationships("ppt/presentation.xml").values() if kind != "slide"}
    assert parts == {
        "slideMaster": "ppt/slideMasters/slideMaster1.xml",
        "theme": "ppt/theme/theme1.xml",
        "presProps": "ppt/presProps.xml",
        "viewProps": "ppt/viewProps.xml",
        "tableStyles": "ppt/tableStyles.xml",
    }


def test_what_made_the_deck_and_what_is_in_it_is_told(deck):
    told = {each.tag.partition("}")[2]: each.text for each in deck.xml("docProps/app.xml")}
    assert told.pop("Application") == "Zúme slide builder"
    assert told.pop("PresentationFormat") == "Custom"
    assert told == {"Slides": "9", "Notes": "0", "HiddenSlides": "0", "MMClips": "3"}


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


def test_python_pptx_opens_the_deck_and_finds_pictures_and_videos(whole, deck):
    presentation = pptx.Presentation(deck.zip.filename)

    assert (presentation.slide_width, presentation.slide_height) == (WIDTH, HEIGHT)
    expected = list(whole.expected(TEN, SHORT).values())
    for number, slide in enumerate(presentation.slides):
        (shape,) = slide.shapes
        if number + 1 in VIDEO_SLIDES:
            assert shape.media_type.name == "MOVIE"
        else:
            assert shape.image.blob == expected[number]
            assert shape.image.content_type == "image/png"


def test_the_same_package_gives_the_same_bytes_elsewhere_and_later(whole, deck, tmp_path, monkeypatch):
    moved = Course(tmp_path / "elsewhere" / "es")
    shutil.rmtree(moved.project.path)
    # Other times, other inodes; each file by itself, so that one video at two positions becomes two files.
    shutil.copytree(whole.project.path, moved.project.path, copy_function=shutil.copyfile)
    later = time.time() + 100_000
    monkeypatch.setattr(time, "time", lambda: later)

    deck_of(moved, tmp_path / "second.pptx")
    moved.publish(link="copy")
    deck_of(moved, tmp_path / "third.pptx")

    first = Path(deck.zip.filename).read_bytes()
    assert (tmp_path / "second.pptx").read_bytes() == first
    assert (tmp_path / "third.pptx").read_bytes() == first


def test_media_are_stored_and_xml_is_packed_with_no_trace_of_time_or_system(deck):
    for entry in deck.zip.infolist():
        stored = entry.filename.startswith("ppt/media/")
        assert entry.compress_type == (zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert (entry.create_system, entry.external_attr >> 16) == (3, 0o644)
        assert entry.flag_bits & 8 == 0, "no sizes after the data: some readers cannot find the next entry then"


def test_an_entry_larger_than_a_plain_zip_can_hold_is_in_zip64(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 500)
    deck = deck_of(whole, tmp_path / "deck.pptx")
    monkeypatch.undo()

    assert any(entry.extract_version >= 45 for entry in deck.zip.infolist())
    assert faults_of(deck) == []
    assert deck.contents == list(whole.expected(TEN, SHORT).values())
    assert len(pptx.Presentation(str(tmp_path / "deck.pptx")).slides) == len(SHORT)


@pytest.mark.stress
def test_a_deck_of_more_than_four_gigabytes_is_right(real_course, tmp_path):
    if shutil.disk_usage(tmp_path).free < 12e9:
        pytest.skip("the disk is too small")
    for number in (1, 6):
        with (real_course.project.videos / f"({number:02}) title.mp4").open("r+b") as file:
            file.truncate(4_400_000_000 if number == 1 else 100_000_000)
    real_course.publish(link="hard")

    deck = deck_of(real_course, tmp_path / "deck.pptx")

    assert deck.zip.testzip() is None
    assert deck.zip.getinfo(deck.slides[1].video).file_size == 4_400_000_000
    assert deck.zip.getinfo(deck.slides[5].video).file_size == 100_000_000


SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def pages(path, folder):
    """Return the pages of a deck as LibreOffice shows them."""
    command = [SOFFICE, "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", folder, path], check=True, capture_output=True, timeout=180)
    pdf = folder / f"{path.stem}.pdf"
    subprocess.run(["pdftoppm", "-r", "30", "-png", pdf, folder / "page"], check=True, capture_output=True)
    return [Image.open(page).convert("RGB") for page in sorted(folder.glob("page*.png"))]


def mean_difference(one, other):
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.skipif(not SOFFICE or not shutil.which("pdftoppm"), reason="LibreOffice or poppler is not installed")
def test_libreoffice_shows_the_pictures_in_their_order(real_course, tmp_path):
    picture_of(real_course, 3).unlink()  # a gap
    real_course.video(6, data=mp4((90, 160)))  # its poster is a frame, between two black bars
    real_course.publish()
    deck_of(real_course, tmp_path / "deck.pptx")

    rendered = pages(tmp_path / "deck.pptx", tmp_path)

    positions = [position for position in range(1, 10) if position != 3]
    assert len(rendered) == len(positions)
    for position, page in zip(positions, rendered, strict=True):
        assert page.width / page.height == pytest.approx(3000 / 1680, rel=0.01)
        picture = Image.open(BytesIO(real_course.pictures["10", SHORT[position - 1].name])).convert("RGB")
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
