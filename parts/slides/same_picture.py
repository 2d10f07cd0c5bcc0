"""Says whether two pictures of a slide look the same, pixel for pixel."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

# Another version of the browser may draw a few pixels at the edges of letters differently, by a shade that nobody sees.
_MOST_OFF = 4
_MOST_PIXELS = 32


def looks_the_same(png: bytes, before: Path, exactly: bool) -> bool:
    """Say whether a picture that was just taken looks like the one that is there.

    Args:
        png: the new picture.
        before: the file of the other one.
        exactly: whether every pixel has to be equal, as it is if one browser took both. Otherwise up to 32 pixels may
            be off by up to 4 in 255, which nobody sees.

    Returns:
        Whether they do; False if one of them cannot be decoded, or they differ in size.
    """
    from PIL import Image, ImageChops

    try:
        content = before.read_bytes()
        if content == png:
            return True
        with Image.open(BytesIO(png), formats=["PNG"]) as new, Image.open(BytesIO(content), formats=["PNG"]) as old:
            if new.size != old.size:
                return False
            difference = ImageChops.difference(new.convert("RGB"), old.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    if exactly or difference.getbbox() is None:
        return difference.getbbox() is None
    red, green, blue = difference.split()
    # How many pixels are off by how much, in the colour that is off most.
    counts = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    return not any(counts[_MOST_OFF + 1 :]) and sum(counts[1:]) <= _MOST_PIXELS
