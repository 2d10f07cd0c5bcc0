"""Reads what the pictures and videos of a package really are: kinds, sizes, and a frame of a video."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from package.record import Stamp, required_stamp

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL import Image

# Pictures that every program for presentations shows: the ending and MIME type, by Pillow's name for the format.
_PICTURES = {"PNG": ("png", "image/png"), "JPEG": ("jpg", "image/jpeg"), "GIF": ("gif", "image/gif")}
_MP4 = ("mp4", "video/mp4")
_QUICKTIME = ("mov", "video/quicktime")
# The ratio of a video whose size cannot be read.
_USUAL_RATIO = (16, 9)
# A video often begins black, so the frame is taken after this part of it.
_FRAME_AT = 0.1
_LARGEST_POSTER = (1920, 1920)
_QUALITY = 90


@dataclass(frozen=True)
class Media:
    """A picture or video as it goes into a deck.

    Attributes:
        path: the file.
        stamp: of the file when it was looked at.
        ending: the right one for what the file really is, without a dot.
        mime: its MIME type.
        width, height: as it is to be shown; only their ratio counts for a video.
    """

    path: Path
    stamp: Stamp
    ending: str
    mime: str
    width: int
    height: int


@dataclass(frozen=True)
class Still(Media):
    """A picture."""


@dataclass(frozen=True)
class Clip(Media):
    """A video.

    Attributes:
        milliseconds: how long it plays; 0 if that is not known.
        is_readable: whether its size is known and not only assumed.
    """

    milliseconds: int
    is_readable: bool


def look_at_picture(path: Path) -> Still | None:
    """Return what a picture is, by its beginning; None if it is none that a presentation can show.

    Raises:
        OSError: it cannot be read.
    """
    from PIL import Image

    with path.open("rb") as file:
        try:
            with Image.open(file, formats=list(_PICTURES)) as picture:
                kind, size = _PICTURES[str(picture.format)], picture.size
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            return None
    return Still(path, required_stamp(path), *kind, *size)


def look_at_video(path: Path) -> Clip:
    """Return what a video is; one that cannot be decoded counts as an MP4 with the usual ratio.

    Raises:
        OSError: the file cannot be read.
    """
    import av

    stamp = required_stamp(path)
    try:
        with _opened(path) as container:
            kind = _QUICKTIME if container.metadata.get("major_brand", "").startswith("qt") else _MP4
            stream = container.streams.video[0]
            width, height = _shown_size(stream, next(_frames(container, stream), None))
            milliseconds = (container.duration or 0) // 1000
        if width > 0 and height > 0:
            return Clip(path, stamp, *kind, width, height, milliseconds, is_readable=True)
    except (av.FFmpegError, IndexError, ValueError):
        pass
    return Clip(path, stamp, *_MP4, *_USUAL_RATIO, milliseconds=0, is_readable=False)


def frame_of(clip: Clip) -> bytes | None:
    """Return a frame out of a video as a JPEG, as large as the video is shown; None if it has none."""
    import av

    try:
        with _opened(clip.path) as container:
            stream = container.streams.video[0]
            wanted = int((container.duration or 0) * _FRAME_AT)
            with suppress(av.FFmpegError):  # then from the beginning
                container.seek((container.start_time or 0) + wanted)
            frame = _frame_at(wanted / av.time_base, _frames(container, stream))
            return _jpeg(_upright(frame, clip)) if frame else None
    except (av.FFmpegError, IndexError, ValueError):
        return None


def plain_poster(width: int, height: int) -> bytes:
    """Return a dark picture with a triangle, the sign for something that can be played.

    Args:
        width: of the video.
        height: of the video; only the ratio counts.
    """
    from PIL import Image, ImageDraw

    longest = 1280
    size = (max(1, longest * width // max(width, height)), max(1, longest * height // max(width, height)))
    picture = Image.new("RGB", size, "#1b2733")
    x, y, side = size[0] / 2, size[1] / 2, min(size) / 6
    corners = [(x - side * 0.8, y - side), (x - side * 0.8, y + side), (x + side, y)]
    ImageDraw.Draw(picture).polygon(corners, fill="#f2f2f2")
    return _jpeg(picture)


def _opened(path: Path) -> InputContainer:
    import av

    # A title in an unknown encoding is no reason not to show a video; PyAV 19 takes it without being asked.
    lenient: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
    opened: InputContainer = av.open(str(path), **lenient)
    return opened


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Yield the frames from where the container stands, decoded in one thread: more would need memory for each."""
    stream.thread_type = "NONE"
    stream.codec_context.thread_count = 1
    return container.decode(stream)


def _frame_at(seconds: float, frames: Iterator[VideoFrame]) -> VideoFrame | None:
    """Return the first frame that is shown at or after a time, else the last one."""
    import av

    frame = None
    # Of a damaged video the last good one.
    with suppress(av.FFmpegError):
        for frame in frames:
            if frame.time is None or frame.time >= seconds:
                break
    return frame


def _shown_size(stream: VideoStream, frame: VideoFrame | None) -> tuple[int, int]:
    """Return the size at which a video is shown: its pixels may not be square, and it may be turned."""
    ratio = stream.sample_aspect_ratio or 1
    width, height = round(stream.codec_context.width * ratio), stream.codec_context.height
    return (height, width) if frame and frame.rotation % 180 else (width, height)


def _upright(frame: VideoFrame, clip: Clip) -> Image.Image:
    """Return a frame as the player shows it."""
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    turned = picture.rotate(frame.rotation, expand=True) if frame.rotation else picture
    shown = turned.resize((clip.width, clip.height))
    shown.thumbnail(_LARGEST_POSTER)
    return shown


def _jpeg(picture: Image.Image) -> bytes:
    encoded = BytesIO()
    picture.save(encoded, "JPEG", quality=_QUALITY)
    return encoded.getvalue()
