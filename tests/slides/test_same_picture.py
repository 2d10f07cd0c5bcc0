"""Whether two pictures of a slide look the same: exactly with one browser, nearly with another version."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from slides.same_picture import looks_the_same

SIZE = (60, 40)


def picture(*changes: tuple[int, tuple[int, int, int]], size=SIZE, level: int = 9, mode: str = "RGB") -> bytes:
    """Return a grey PNG in which some pixels, by their number, have another colour."""
    image = Image.new("RGB", size, (100, 100, 100))
    for number, colour in changes:
        image.putpixel((number % size[0], number // size[0]), colour)
    content = BytesIO()
    image.convert(mode).save(content, "PNG", compress_level=level)
    return content.getvalue()


def off(count: int, by: int, channel: int = 0) -> bytes:
    """Return the grey picture with so many pixels that are off by so much in one colour."""
    colour = [100, 100, 100]
    colour[channel] += by
    return picture(*((number, tuple(colour)) for number in range(count)))


@pytest.fixture
def before(tmp_path):
    path = tmp_path / "before.png"
    path.write_bytes(picture())
    return path


@pytest.mark.parametrize("exactly", [True, False])
@pytest.mark.parametrize("same", [picture(), picture(level=0), picture(mode="RGBA")], ids=["bytes", "packed", "alpha"])
def test_equal_pixels_are_the_same_picture_however_they_are_packed(before, same, exactly):
    assert looks_the_same(same, before, exactly)


@pytest.mark.parametrize("channel", [0, 1, 2])
@pytest.mark.parametrize(
    ("count", "by", "nearly"),
    [(1, 1, True), (1, -4, True), (32, 4, True), (33, 1, False), (1, 5, False), (1, -5, False), (40, 90, False)],
)
def test_only_another_version_of_the_browser_may_be_off_by_a_little_in_a_few_pixels(before, channel, count, by, nearly):
    assert not looks_the_same(off(count, by, channel), before, exactly=True)
    assert looks_the_same(off(count, by, channel), before, exactly=False) is nearly


def test_a_pixel_that_is_off_in_all_colours_counts_once(before):
    changed = picture(*((number, (104, 96, 103)) for number in range(32)))
    assert looks_the_same(changed, before, exactly=False)


@pytest.mark.parametrize("exactly", [True, False])
@pytest.mark.parametrize(
    "other", [picture(size=(60, 41)), picture()[:60], b"", b"no picture"], ids=["size", "torn", "empty", "none"]
)
def test_what_cannot_be_compared_is_not_the_same(before, other, exactly):
    assert not looks_the_same(other, before, exactly)


def test_a_picture_that_is_gone_is_not_the_same(before):
    before.unlink()
    assert not looks_the_same(picture(), before, exactly=True)
