"""The XML of a deck that python-pptx cannot write: media that fill a slide, their timing, sections, properties.

The order of elements is that of ECMA-376; what PowerPoint 2010 added is in [MS-PPTX].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

_SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main"'
)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# The shape of the whole slide has number 1.
SHAPE_ID = 2
_TITLE_ID = 3
# Of its letters, in hundredths of a point.
_TITLE_SIZE = 1400
# The slides of the course are wider than 16:9 by 0.4 %.
_INVISIBLE = 0.01

BLACK_BACKGROUND = (
    f'<p:bg {_SPACES}><p:bgPr><a:solidFill><a:srgbClr val="000000"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>'
)
# How a window shows the deck when it is opened: the slides in the middle, each as large as there is room. PowerPoint
# takes a file without such a part for a damaged one and offers to repair it.
_UNSCALED = '<p:scale><a:sx n="100" d="100"/><a:sy n="100" d="100"/></p:scale><p:origin x="0" y="0"/>'
VIEW_PROPERTIES = (
    f"{_DECLARATION}<p:viewPr {_SPACES}>"
    '<p:normalViewPr><p:restoredLeft sz="15620"/><p:restoredTop sz="94660"/></p:normalViewPr>'
    f'<p:slideViewPr><p:cSldViewPr><p:cViewPr varScale="1">{_UNSCALED}</p:cViewPr></p:cSldViewPr></p:slideViewPr>'
    f"<p:notesTextViewPr><p:cViewPr>{_UNSCALED}</p:cViewPr></p:notesTextViewPr>"
    '<p:gridSpacing cx="76200" cy="76200"/></p:viewPr>'
)


@dataclass(frozen=True)
class Box:
    """A place on a slide, in EMU (914400 are an inch)."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Label:
    """What people can read about a shape.

    Attributes:
        name: in the list of a slide's shapes.
        description: the alternative text, for those who cannot see it.
    """

    name: str
    description: str


@dataclass(frozen=True)
class Title:
    """The title of a slide.

    Attributes:
        text: in one line.
        tag: of its language, as other programs write it.
        is_rtl: whether it is written from right to left.
    """

    text: str
    tag: str
    is_rtl: bool


def fitted(size: tuple[int, int], room: tuple[int, int]) -> Box:
    """Return the largest place in the middle of a room that has the ratio of a size."""
    (width, height), (most_wide, most_high) = size, room
    if width * most_high >= height * most_wide:
        box = most_wide, max(1, round(most_wide * height / width))
    else:
        box = max(1, round(most_high * width / height)), most_high
    return Box((most_wide - box[0]) // 2, (most_high - box[1]) // 2, *box)


def is_alike(size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Say whether nobody can see that something of one size is shown with the ratio of another."""
    (width, height), (other_width, other_height) = size, other
    return abs(width * other_height - other_width * height) <= _INVISIBLE * other_width * height


def picture_xml(label: Label, picture: str, box: Box) -> str:
    """Return a picture on a slide.

    Args:
        label: of the shape.
        picture: the relationship that leads to it.
        box: its place.
    """
    return _shape(label, "", "<p:nvPr/>", f'<a:blip r:embed="{picture}"/>', box)


@dataclass(frozen=True)
class VideoLinks:
    """The relationships that lead to a video and its poster; PowerPoint 2007 reads ``video``, later ones ``media``."""

    video: str
    media: str
    poster: str


def video_xml(label: Label, links: VideoLinks, box: Box) -> str:
    """Return a video on a slide.

    Args:
        label: of the shape.
        links: to what belongs to it.
        box: its place.
    """
    extension = (
        '<p:extLst><p:ext uri="{DAA4B4D4-6D71-4841-9C94-3DE7FCFB9230}">'
        f'<p14:media r:embed="{links.media}"/></p:ext></p:extLst>'
    )
    properties = f'<p:nvPr><a:videoFile r:link="{links.video}"/>{extension}</p:nvPr>'
    click = '<a:hlinkClick r:id="" action="ppaction://media"/>'
    return _shape(label, click, properties, f'<a:blip r:embed="{links.poster}"/>', box)


def _shape(label: Label, click: str, properties: str, fill: str, box: Box) -> str:
    return (
        f"<p:pic {_SPACES}><p:nvPicPr>"
        f'<p:cNvPr id="{SHAPE_ID}" name={quoteattr(label.name)} descr={quoteattr(label.description)}>{click}</p:cNvPr>'
        f'<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr>{properties}</p:nvPicPr>'
        f"<p:blipFill>{fill}<a:stretch><a:fillRect/></a:stretch></p:blipFill>"
        f'<p:spPr><a:xfrm><a:off x="{box.x}" y="{box.y}"/><a:ext cx="{box.width}" cy="{box.height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    )


def title_xml(title: Title) -> str:
    """Return the title of a slide, for lists of the slides and for who has them read aloud; its place is the layout's.

    Args:
        title: its text and language.
    """
    direction = '<a:pPr algn="r" rtl="1"/>' if title.is_rtl else ""
    run = f"<a:r><a:rPr lang={quoteattr(title.tag)}/><a:t>{escape(title.text)}</a:t></a:r>"
    return _title_shape("<p:spPr/>", "<a:bodyPr/>", f"<a:p>{direction}{run}</a:p>")


def title_place_xml(room: tuple[int, int]) -> str:
    """Return where a master or a layout has the title: right above the slide, where no show and no print has it.

    That is where PowerPoint itself puts a hidden title.

    Args:
        room: width and height of a slide, in EMU.
    """
    width, height = room[0], max(1, room[1] // 10)
    place = f'<p:spPr><a:xfrm><a:off x="0" y="{-height}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
    place += '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
    # What is too long grows upwards, and not into the slide.
    body = '<a:bodyPr vert="horz" wrap="square" anchor="b"><a:noAutofit/></a:bodyPr>'
    size = f'<a:lvl1pPr><a:defRPr sz="{_TITLE_SIZE}"/></a:lvl1pPr>'
    return _title_shape(place, body, "<a:p><a:r><a:t>Title</a:t></a:r></a:p>", size)


def _title_shape(place: str, body: str, paragraph: str, styles: str = "") -> str:
    return (
        f'<p:sp {_SPACES}><p:nvSpPr><p:cNvPr id="{_TITLE_ID}" name="Title"/>'
        '<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr>'
        f"{place}<p:txBody>{body}<a:lstStyle>{styles}</a:lstStyle>{paragraph}</p:txBody></p:sp>"
    )


def timing_xml(milliseconds: int) -> str:
    """Return the timing of a slide with a video, as PowerPoint writes it for one that is played "in click sequence".

    The next click, key or step of a remote control plays it, wherever it is pointed, on the
    full screen; a click on the video plays it and makes it pause.

    Args:
        milliseconds: how long it plays; 0 if that is not known.
    """
    target = f'<p:tgtEl><p:spTgt spid="{SHAPE_ID}"/></p:tgtEl>'
    slide = "<p:tgtEl><p:sldTgt/></p:tgtEl>"
    play = _command("playFrom(0.0)", 'presetID="1"', milliseconds or 1, target, first=3, delay="indefinite")
    pause = _command("togglePause", 'presetID="2"', 1, target, first=9, delay="0")
    return (
        f'<p:timing {_SPACES}><p:tnLst><p:par><p:cTn id="1" dur="indefinite" restart="never" nodeType="tmRoot">'
        "<p:childTnLst>"
        '<p:seq concurrent="1" nextAc="seek">'
        f'<p:cTn id="2" dur="indefinite" nodeType="mainSeq"><p:childTnLst>{play}</p:childTnLst></p:cTn>'
        f'<p:prevCondLst><p:cond evt="onPrev" delay="0">{slide}</p:cond></p:prevCondLst>'
        f'<p:nextCondLst><p:cond evt="onNext" delay="0">{slide}</p:cond></p:nextCondLst></p:seq>'
        '<p:video fullScrn="1"><p:cMediaNode vol="80000"><p:cTn id="7" fill="hold" display="0">'
        f'<p:stCondLst><p:cond delay="indefinite"/></p:stCondLst></p:cTn>{target}</p:cMediaNode></p:video>'
        '<p:seq concurrent="1" nextAc="seek">'
        '<p:cTn id="8" restart="whenNotActive" fill="hold" evtFilter="cancelBubble" nodeType="interactiveSeq">'
        f'<p:stCondLst><p:cond evt="onClick" delay="0">{target}</p:cond></p:stCondLst>'
        '<p:endSync evt="end" delay="0"><p:rtn val="all"/></p:endSync>'
        f"<p:childTnLst>{pause}</p:childTnLst></p:cTn>"
        f'<p:nextCondLst><p:cond evt="onClick" delay="0">{target}</p:cond></p:nextCondLst></p:seq>'
        "</p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>"
    )


def _command(command: str, preset: str, milliseconds: int, target: str, first: int, delay: str) -> str:
    """Return one effect that tells the video something, in the three layers that every effect has.

    Args:
        command: what it is told.
        preset: which of PowerPoint's effects this is.
        milliseconds: how long the effect lasts.
        target: the video.
        first: the number of the outermost layer; the next three belong to this effect as well.
        delay: until when the outermost layer waits.
    """
    start = '<p:stCondLst><p:cond delay="0"/></p:stCondLst>'
    return (
        f'<p:par><p:cTn id="{first}" fill="hold"><p:stCondLst><p:cond delay="{delay}"/></p:stCondLst><p:childTnLst>'
        f'<p:par><p:cTn id="{first + 1}" fill="hold">{start}<p:childTnLst>'
        f'<p:par><p:cTn id="{first + 2}" {preset} presetClass="mediacall" presetSubtype="0" fill="hold" '
        f'nodeType="clickEffect">{start}<p:childTnLst>'
        f'<p:cmd type="call" cmd="{command}"><p:cBhvr>'
        f'<p:cTn id="{first + 3}" dur="{milliseconds}" fill="hold"/>{target}</p:cBhvr></p:cmd>'
        "</p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par>"
    )


def sections_xml(sections: Mapping[str, Sequence[int]], identifiers: Mapping[str, str]) -> str:
    """Return the extension of a presentation that divides it into sections.

    Args:
        sections: the ids of each section's slides, by its title.
        identifiers: a GUID for each section, by its title.
    """
    content = "".join(
        f'<p14:section name={quoteattr(title)} id="{{{identifiers[title]}}}"><p14:sldIdLst>'
        + "".join(f'<p14:sldId id="{number}"/>' for number in slides)
        + "</p14:sldIdLst></p14:section>"
        for title, slides in sections.items()
    )
    return (
        f'<p:extLst {_SPACES}><p:ext uri="{{521415D9-36F7-43E2-AB2F-B90AF26B5E84}}">'
        f"<p14:sectionLst>{content}</p14:sectionLst></p:ext></p:extLst>"
    )


def application_xml(maker: str, slides: int, videos: int) -> str:
    """Return the properties of a presentation that say what made it and what is in it.

    Args:
        maker: the program.
        slides: how many there are.
        videos: how many of them show one.
    """
    return (
        f'{_DECLARATION}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"<Application>{escape(maker)}</Application><PresentationFormat>Custom</PresentationFormat>"
        f"<Slides>{slides}</Slides><Notes>0</Notes><HiddenSlides>0</HiddenSlides><MMClips>{videos}</MMClips>"
        "</Properties>"
    )
