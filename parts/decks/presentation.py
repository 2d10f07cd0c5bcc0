"""Makes the skeleton of a deck: a whole presentation in which pictures and videos are still empty.

python-pptx would read all media into memory and pack them anew. So the skeleton only says
which files belong where, and ``decks.writer`` puts them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from math import gcd
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from course.languages import find_language, language_tag
from decks.media import Clip, Media, Still, frame_of, plain_poster
from decks.plan import Deck, DeckSlide
from decks.slide_xml import (
    BLACK_BACKGROUND,
    VIEW_PROPERTIES,
    Label,
    Title,
    VideoLinks,
    application_xml,
    fitted,
    is_alike,
    picture_xml,
    sections_xml,
    timing_xml,
    title_place_xml,
    title_xml,
    video_xml,
)

if TYPE_CHECKING:
    from pptx.opc.package import Part
    from pptx.presentation import Presentation
    from pptx.slide import Slide as PowerPointSlide

# What PowerPoint gives a wide slide, in EMU.
_LONGER_SIDE = 12_192_000
# No clock goes into the file: the same package gives the same bytes.
_DATE = datetime(2000, 1, 1)
_MAKER = "Zúme slide builder"


@dataclass(frozen=True)
class DeckLanguage:
    """The language of a deck.

    Attributes:
        code: as the site writes it.
        tag: as other programs write it.
        name: in English, for alternative texts.
        native_name: in the language itself, for the title.
        is_rtl: whether it is written from right to left.
    """

    code: str
    tag: str
    name: str
    native_name: str
    is_rtl: bool


@dataclass(frozen=True)
class Skeleton:
    """A presentation without its media.

    Attributes:
        presentation: as a ZIP file in which pictures and videos are empty.
        media: the files that belong there, by the names of their entries.
    """

    presentation: bytes
    media: Mapping[str, Media]


def deck_language(code: str) -> DeckLanguage:
    """Return the language with a code; the code is also the name of one that is not listed."""
    language = find_language(code)
    if language is None:
        return DeckLanguage(code, language_tag(code), code, code, is_rtl=False)
    is_rtl = language.direction == "rtl"
    return DeckLanguage(code, language_tag(code), language.name, language.native_name, is_rtl)


def make_skeleton(deck: Deck, language: DeckLanguage) -> Skeleton:
    """Make the presentation of a deck, but for its pictures and videos.

    Raises:
        OSError: a video cannot be read.
    """
    return _SkeletonMaker(deck, language).make()


def slide_size(width: int, height: int) -> tuple[int, int]:
    """Return the size of a slide in EMU that has exactly the ratio of a picture."""
    divisor = gcd(width, height)
    width, height = width // divisor, height // divisor
    unit = max(1, _LONGER_SIDE // max(width, height))
    return width * unit, height * unit


class _SkeletonMaker:
    """Makes one presentation, but for its media; see ``make_skeleton``."""

    def __init__(self, deck: Deck, language: DeckLanguage) -> None:
        self._deck = deck
        self._language = language
        self._presentation = _empty_presentation()
        self._media: dict[str, Media] = {}
        self._parts: dict[str, Part] = {}
        self._room = slide_size(*deck.size)

    def make(self) -> Skeleton:
        """Put everything together."""
        self._describe()
        for each in self._deck.slides:
            self._add(each)
        if any(each.title for each in self._deck.slides):
            self._make_place_for_titles()
        self._divide()
        content = BytesIO()
        self._presentation.save(content)
        return Skeleton(content.getvalue(), self._media)

    def _describe(self) -> None:
        """Set size, title, language and writing direction, and say what the deck is made of."""
        from pptx.opc.constants import RELATIONSHIP_TYPE
        from pptx.util import Emu

        presentation, language = self._presentation, self._language
        presentation.slide_width, presentation.slide_height = map(Emu, self._room)
        properties = presentation.core_properties
        properties.title = f"Zúme {language.native_name}: {self._deck.curriculum.title}"
        properties.language = language.tag
        properties.author = properties.last_modified_by = _MAKER
        properties.comments = ""
        properties.created = properties.modified = _DATE
        videos = sum(isinstance(each.media, Clip) for each in self._deck.slides)
        application = presentation.part.package.part_related_by(RELATIONSHIP_TYPE.EXTENDED_PROPERTIES)
        application.blob = application_xml(_MAKER, len(self._deck.slides), videos).encode()
        _set_language(presentation, language)

    def _add(self, each: DeckSlide) -> None:
        slide = self._presentation.slides.add_slide(self._presentation.slide_layouts[0])
        about = f"{self._language.name}, session {each.slide.session}, {each.slide.key}"
        if each.title:
            # First, because that is how a slide is read aloud.
            _append(slide, title_xml(Title(each.title, self._language.tag, self._language.is_rtl)))
        if isinstance(each.media, Clip):
            self._add_video(slide, each, each.media, about)
        else:
            link = self._link(slide, "IMAGE", self._part(each.origin, each.media))
            box = fitted((each.media.width, each.media.height), self._room)
            _append(slide, picture_xml(Label(each.slide.name, each.texts.whole or about), link, box))

    def _add_video(self, slide: PowerPointSlide, each: DeckSlide, clip: Clip, about: str) -> None:
        video = self._part(each.origin, clip)
        poster = self._poster(each, clip)
        links = VideoLinks(
            self._link(slide, "VIDEO", video), self._link(slide, "MEDIA", video), self._link(slide, "IMAGE", poster)
        )
        box = fitted((clip.width, clip.height), self._room)
        number = f", video {each.slide.video}" if each.slide.video is not None else ""
        description = each.texts.whole or about + number
        _append(slide, video_xml(Label(each.slide.name, description), links, box))
        slide.element.append(_parsed(timing_xml(clip.milliseconds)))

    def _make_place_for_titles(self) -> None:
        """Give the master and the layout a place for titles; python-pptx would give new slides an empty one of it."""
        master, layout = self._presentation.slide_master, self._presentation.slide_layouts[0]
        for sheet in (master, layout):
            sheet.shapes.element.append(_parsed(title_place_xml(self._room)))
        layout.element.set("type", "titleOnly")
        layout.element.cSld.set("name", "Title Only")

    def _poster(self, each: DeckSlide, clip: Clip) -> Part:
        """Return the picture that is shown until a video plays.

        It must have the video's ratio: if the poster were cropped, the playing video would be, too.
        """
        size, own = (clip.width, clip.height), each.own_picture
        if own and is_alike((own.width, own.height), size):
            return self._part(str(own.path), own)
        key = f"poster of {each.origin}"
        if key not in self._parts:
            content = frame_of(clip) or plain_poster(*size)
            self._parts[key] = self._new_part("image", "jpg", "image/jpeg", content)
        return self._parts[key]

    def _part(self, key: str, media: Media) -> Part:
        """Return the part of a file; there is one however many slides show it."""
        if key not in self._parts:
            kind = "image" if isinstance(media, Still) else "media"
            part = self._parts[key] = self._new_part(kind, media.ending, media.mime, b"")
            self._media[part.partname.lstrip("/")] = media
        return self._parts[key]

    def _new_part(self, kind: str, ending: str, mime: str, content: bytes) -> Part:
        from pptx.opc.package import Part
        from pptx.opc.packuri import PackURI

        name = PackURI(f"/ppt/media/{kind}{len(self._parts) + 1}.{ending}")
        return Part(name, mime, self._presentation.part.package, content)

    def _link(self, slide: PowerPointSlide, kind: str, part: Part) -> str:
        from pptx.opc.constants import RELATIONSHIP_TYPE

        return slide.part.relate_to(part, getattr(RELATIONSHIP_TYPE, kind))

    def _divide(self) -> None:
        """Make a section of each course session."""
        titles = {session: f"Session {session}" for session in self._deck.sessions}
        sections: dict[str, list[int]] = {title: [] for title in titles.values()}
        # A slide of python-pptx would search all of them for its own number.
        for each, listed in zip(self._deck.slides, self._presentation.element.sldIdLst, strict=True):
            sections[titles[each.slide.session]].append(listed.id)
        name = f"zume/{self._language.code}/{self._deck.curriculum.name}"
        identifiers = {title: str(uuid5(NAMESPACE_URL, f"{name}/{title}")).upper() for title in sections}
        self._presentation.element.append(_parsed(sections_xml(sections, identifiers)))


def _empty_presentation() -> Presentation:
    """Return a presentation of no slides, with one empty layout and nothing that names another machine."""
    import pptx
    from pptx.opc.constants import RELATIONSHIP_TYPE
    from pptx.opc.packuri import PackURI

    presentation = pptx.Presentation()
    part, master = presentation.part, presentation.slide_master
    for layout in list(presentation.slide_layouts):
        if layout.name != "Blank":
            presentation.slide_layouts.remove(layout)
    blank = presentation.slide_layouts[0]
    blank.part.partname = PackURI("/ppt/slideLayouts/slideLayout1.xml")
    _empty(master)
    _empty(blank)
    _blacken(master)
    part.part_related_by(RELATIONSHIP_TYPE.VIEW_PROPS).blob = VIEW_PROPERTIES.encode()
    _drop(part.rels, {RELATIONSHIP_TYPE.PRINTER_SETTINGS})
    _drop(part.package._rels, {RELATIONSHIP_TYPE.THUMBNAIL})
    size: Any = presentation.element.sldSz
    del size.attrib["type"]
    return presentation


def _drop(relationships: Any, kinds: set[str]) -> None:
    """Remove relationships of certain kinds, and with them the parts that nothing else leads to."""
    for number in [number for number, each in relationships.items() if each.reltype in kinds]:
        relationships.pop(number)


def _empty(sheet: Any) -> None:
    """Remove the placeholders of a master or layout: they are made for slides of another size."""
    for shape in list(sheet.shapes):
        shape.element.getparent().remove(shape.element)


def _blacken(master: Any) -> None:
    """Make the background black, and text that somebody adds white."""
    old = master.element.cSld.find("{*}bg")
    old.getparent().replace(old, _parsed(BLACK_BACKGROUND))
    colours = master.element.find("{*}clrMap")
    for name, value in {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"}.items():
        colours.set(name, value)


def _set_language(presentation: Presentation, language: DeckLanguage) -> None:
    """Set language and direction for text that somebody adds."""
    if language.is_rtl:
        presentation.element.set("rtl", "1")
    for element in (presentation.element, presentation.slide_master.element):
        for properties in element.xpath("//a:defRPr[@lang]"):
            properties.set("lang", language.tag)
        if language.is_rtl:
            for level in element.xpath("//*[@rtl and @algn]"):
                level.set("rtl", "1")
                level.set("algn", {"l": "r"}.get(level.get("algn"), level.get("algn")))


def _append(slide: PowerPointSlide, xml: str) -> None:
    slide.shapes.element.append(_parsed(xml))


def _parsed(xml: str) -> Any:
    from pptx.oxml import parse_xml

    return parse_xml(xml)
