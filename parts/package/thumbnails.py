"""Makes small versions of pictures, and measures the pictures on the way."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slides.png import without_flaw

if TYPE_CHECKING:
    from PIL import Image

# Wide enough for a tile on a screen with two pixels for one, in pixels.
_WIDTH = 480
_QUALITY = 80
# Each thumbnail and the page contain this mark; it tells who made them.
MARK = b"slide builder"
# How much a pixel's brightness must differ from the most frequent colour to be content, of 255.
_VISIBLE = 16


@dataclass(frozen=True)
class ImageStats:
    """What a picture is like.

    Attributes:
        width, height: in pixels.
        digest: the same for two pictures that are equal.
        content: the part of the area that is not background, from 0 to 1.
    """

    width: int
    height: int
    digest: str
    content: float


def make_thumbnail(source: Path, target: Path) -> ImageStats | None:
    """Make a small JPEG of a picture, and return what it is like; None if it cannot be decoded.

    Raises:
        OSError: the picture cannot be read, or the thumbnail not be written.
    """
    from PIL import Image

    data = source.read_bytes()
    try:
        with Image.open(BytesIO(data)) as picture:
            # Much faster than scaling to an exact width, and it looks as good.
            small = _rgb(picture).reduce(max(1, round(picture.width / _WIDTH)))
            size = picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    encoded = BytesIO()
    small.save(encoded, "JPEG", quality=_QUALITY, comment=MARK)
    target.write_bytes(encoded.getvalue())
    digest = hashlib.blake2b(without_flaw(data), digest_size=16).hexdigest()
    return ImageStats(size[0], size[1], digest, round(_content(small), 5))


def _rgb(picture: Image.Image) -> Image.Image:
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _content(picture: Image.Image) -> float:
    """Return the part of a small picture that stands out from its most frequent colour."""
    from PIL import Image, ImageChops

    pixels = picture.width * picture.height
    colours: Any = picture.getcolors(maxcolors=pixels)
    background = Image.new("RGB", picture.size, max(colours)[1])
    histogram = ImageChops.difference(picture, background).convert("L").histogram()
    return sum(histogram[_VISIBLE:]) / pixels
