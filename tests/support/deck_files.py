"""What the tests of decks share: small real pictures and videos, and a reader of decks that knows nothing of theirs."""

from __future__ import annotations

import itertools
import posixpath
import struct
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from xml.etree import ElementTree

import av
from PIL import Image, ImageDraw

from courses import SHORT, TEN, Course
from decks.plan import plan_decks
from decks.presentation import deck_language, make_skeleton
from decks.writer import write_deck

SPACES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "p14": "http://schemas.microsoft.com/office/powerpoint/2010/main",
    "dc": "http://purl.org/dc/elements/1.1/",
    "ct": "http://schemas.openxmlformats.org/package/2006/content-types",
    "rel": "http://schemas.openxmlformats.org/package/2006/relationships",
}
TYPES = "[Content_Types].xml"
# Of a slide, in EMU.
WIDTH, HEIGHT = 12_192_000, 6_827_520
VIDEO_SLIDES = (2, 6, 8)
numbers = itertools.count(1)


def colour(number):
    """Return a colour that can be told from those of the neighbours, also in a rendered page."""
    return ((number * 67) % 200 + 30, (number * 131) % 200 + 30, (number * 29) % 200 + 30)


def slide_png(size=(50, 28), kind="PNG"):
    """Return a small picture with the ratio of the course's slides and a colour of its own."""
    data = BytesIO()
    Image.new("RGB", size, colour(next(numbers))).save(data, kind)
    return data.getvalue()


def mp4(size=(160, 90), pixel=1, turned=0, kind="mp4"):
    """Return a video of two seconds: first black, then with its upper left quarter in yellow.

    Args:
        size: of the coded frames.
        pixel: the ratio of a pixel's width to its height.
        turned: by how many degrees players turn it counterclockwise.
        kind: mp4 or mov.
    """
    data = BytesIO()
    with av.open(data, "w", format=kind) as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(pixel)
        shade = colour(next(numbers))
        for number in range(20):
            frame = Image.new("RGB", size, shade if number else "black")
            if number:
                ImageDraw.Draw(frame).rectangle((0, 0, size[0] // 2, size[1] // 2), fill="yellow")
            container.mux(stream.encode(av.VideoFrame.from_image(frame)))
        container.mux(stream.encode(None))
    return turn(data.getvalue(), turned)


def turn(video, degrees):
    """Return a video that says players shall turn it, by right angles: the older releases of PyAV cannot write that."""
    cosine, sine = {0: (1, 0), 90: (0, 1), -90: (0, -1), 180: (-1, 0)}[degrees]
    matrix = [number << 16 for number in (cosine, -sine, 0, sine, cosine, 0, 0, 0)]
    start = video.index(b"tkhd") + 44
    return video[:start] + struct.pack(">9i", *matrix, 1 << 30) + video[start + 36 :]


def real_course(path):
    """Return a short curriculum, complete, with real pictures and videos."""
    course = Course(path, slide_png)
    course.curriculum(TEN, SHORT)
    course.video(1, data=mp4())
    course.video(6, data=mp4())
    return course


def picture_of(course, position):
    """Return the file that was taken of a slide of the ten sessions."""
    (path,) = (course.project.path / TEN.folder).glob(f"*_{SHORT[position - 1].name}.png")
    return path


def upper_left_is_yellow(picture):
    """Say whether a picture can be a frame of ``mp4``, but the first one."""
    red, green, blue = picture.convert("RGB").getpixel((picture.width // 4, picture.height // 4))
    return red > 200 and green > 200 and blue < 90


def deck_path(course, curriculum="ten_session", code="es"):
    """Return where part 5 puts a deck."""
    return course.project.output / f"zume-{code}-{curriculum}.pptx"


def planned(course, curricula=(TEN,)):
    """Return what decks are to show."""
    return plan_decks(course.project, course.plan(), curricula)


def deck_of(course, target, code="es", curriculum=TEN):
    """Write the deck of the ten sessions, or of another curriculum, without part 5."""
    (deck,) = planned(course, (curriculum,))
    write_deck(target, make_skeleton(deck, deck_language(code)), lambda done: None)
    return DeckFile(target)


def tag(name):
    """Return a name such as ``p:pic`` as ElementTree writes it."""
    space, _, local = name.partition(":")
    return f"{{{SPACES[space]}}}{local}"


@dataclass(frozen=True)
class Shown:
    """One slide of a deck, as it is in the file.

    Attributes:
        xml: the slide's.
        kind: picture or video.
        description: the alternative text.
        box: x, y, width and height in EMU.
        picture: the part of the picture or poster.
        video: the part of the video, or None.
    """

    xml: ElementTree.Element
    kind: str
    description: str
    box: tuple[int, ...]
    picture: str
    video: str | None


class DeckFile:
    """A deck, read by the Open Packaging rules and nothing else."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        self.names = self.zip.namelist()

    def xml(self, name):
        return ElementTree.fromstring(self.zip.read(name))

    def relationships(self, name):
        """Return what a part (or the package: an empty name) leads to: type and part, by id."""
        folder, _, base = name.rpartition("/")
        file = posixpath.join(folder, "_rels", f"{base}.rels")
        found = {}
        for each in self.xml(file) if file in self.names else ():
            target = each.get("Target")
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            assert each.get("TargetMode", "Internal") == "Internal"
            assert each.get("Id") not in found
            found[each.get("Id")] = (each.get("Type").rpartition("/")[2], part)
        return found

    def type_of(self, name):
        """Return the content type of a part, or None."""
        types = self.xml(TYPES)
        for each in types.findall("ct:Override", SPACES):
            if each.get("PartName").lower() == f"/{name}".lower():
                return each.get("ContentType")
        ending = name.rpartition(".")[2].lower()
        for each in types.findall("ct:Default", SPACES):
            if each.get("Extension").lower() == ending:
                return each.get("ContentType")
        return None

    @property
    def presentation(self):
        return self.xml("ppt/presentation.xml")

    @property
    def size(self):
        size = self.presentation.find("p:sldSz", SPACES)
        return int(size.get("cx")), int(size.get("cy"))

    @property
    def slide_parts(self):
        """The slides' parts by their ids, in the order of the presentation."""
        links = self.relationships("ppt/presentation.xml")
        listed = self.presentation.findall("p:sldIdLst/p:sldId", SPACES)
        return {int(each.get("id")): links[each.get(tag("r:id"))][1] for each in listed}

    @property
    def slides(self):
        return [self._slide(name) for name in self.slide_parts.values()]

    def _slide(self, name):
        xml, links = self.xml(name), self.relationships(name)
        (pic,) = xml.findall(".//p:pic", SPACES)
        offset, extent = pic.find(".//a:off", SPACES), pic.find(".//a:ext[@cx]", SPACES)
        box = tuple(int(each) for each in (offset.get("x"), offset.get("y"), extent.get("cx"), extent.get("cy")))
        file = pic.find(".//a:videoFile", SPACES)
        kind, video = "picture", None
        if file is not None:
            kind, (_, video) = "video", links[file.get(tag("r:link"))]
            assert links[pic.find(".//p14:media", SPACES).get(tag("r:embed"))] == ("media", video)
        picture = links[pic.find(".//a:blip", SPACES).get(tag("r:embed"))][1]
        return Shown(xml, kind, pic.find(".//p:cNvPr", SPACES).get("descr"), box, picture, video)

    @property
    def contents(self):
        """What each slide shows, as bytes."""
        return [self.zip.read(each.video or each.picture) for each in self.slides]

    @property
    def sections(self):
        """The descriptions of the slides of each section, by its title."""
        described = dict(zip(self.slide_parts, (each.description for each in self.slides), strict=True))
        return {
            section.get("name"): [described.pop(int(each.get("id"))) for each in section.iter(tag("p14:sldId"))]
            for section in self.presentation.iter(tag("p14:section"))
        }


# The order of children in ECMA-376 part 1, annex A, of every element that is not left to python-pptx.
ORDERS = {
    "p:presentation": "sldMasterIdLst notesMasterIdLst handoutMasterIdLst sldIdLst sldSz notesSz smartTags "
    "embeddedFontLst custShowLst photoAlbum custDataLst kinsoku defaultTextStyle modifyVerifier extLst",
    "p:sldMaster": "cSld clrMap sldLayoutIdLst transition timing hf txStyles extLst",
    "p:sldLayout": "cSld clrMapOvr transition timing hf extLst",
    "p:sld": "cSld clrMapOvr transition timing extLst",
    "p:cSld": "bg spTree custDataLst controls extLst",
    "p:bgPr": "solidFill effectLst extLst",
    "p:pic": "nvPicPr blipFill spPr style extLst",
    "p:nvPicPr": "cNvPr cNvPicPr nvPr",
    "p:cNvPr": "hlinkClick hlinkHover extLst",
    "p:nvPr": "ph videoFile custDataLst extLst",
    "p:blipFill": "blip srcRect tile stretch",
    "p:spPr": "xfrm prstGeom",
    "a:xfrm": "off ext chOff chExt",
    "p:timing": "tnLst bldLst extLst",
    "p:cTn": "stCondLst endCondLst endSync iterate childTnLst subTnLst",
    "p:seq": "cTn prevCondLst nextCondLst",
    "p:par": "cTn",
    "p:video": "cMediaNode",
    "p:cMediaNode": "cTn tgtEl",
    "p:cmd": "cBhvr",
    "p:cBhvr": "cTn tgtEl attrNameLst",
    "p:cond": "tgtEl tn rtn",
    "p14:section": "sldIdLst extLst",
}


def faults_of_order(root):
    """Return the elements whose children stand in an order, or are of a kind, that the standard does not have."""
    faults = []
    for element in root.iter():
        order = next((order.split() for name, order in ORDERS.items() if tag(name) == element.tag), None)
        children = [child.tag.partition("}")[2] for child in element]
        if order is not None and (not set(children) <= set(order) or sorted(children, key=order.index) != children):
            faults.append(f"{element.tag}: {children}")
    return faults


def faults_of(deck):
    """Return everything in a deck that breaks the Open Packaging rules."""
    faults = [f"{name} is there twice" for name in deck.names if deck.names.count(name) > 1]
    faults += [f"{name} is no part's name" for name in deck.names if name.startswith("/") or name.endswith("/")]
    faults += [f"{name} has no type" for name in deck.names if name != TYPES and deck.type_of(name) is None]
    faults += [f"{deck.zip.testzip()} is damaged"] if deck.zip.testzip() else []
    if deck.names[0] != TYPES:
        faults.append("the types do not come first")
    for each in deck.xml(TYPES).findall("ct:Override", SPACES):
        if each.get("PartName").lstrip("/") not in deck.names:
            faults.append(f"{each.get('PartName')} is typed, but not there")
    faults += [f"nothing leads to {name}" for name in set(deck.names) - reached(deck, faults) - {TYPES}]
    return faults


def reached(deck, faults):
    """Return every entry that relationships lead to, and add those that lead nowhere to the faults."""
    waiting, seen = [""], set()
    while waiting:
        name = waiting.pop()
        folder, _, base = name.rpartition("/")
        links = deck.relationships(name)
        if links:
            seen.add(posixpath.join(folder, "_rels", f"{base}.rels"))
        if name.endswith(".xml"):
            root = deck.xml(name)
            used = {value for each in root.iter() for key, value in each.items() if key.startswith(tag("r:")) and value}
            faults += [f"{name} uses {each}, which is no relationship" for each in used - links.keys()]
        for _, target in links.values():
            if target not in deck.names:
                faults.append(f"{name} leads to {target}, which is not there")
            elif target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen
