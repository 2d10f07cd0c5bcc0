"""Make the stand-in's course videos: one small MP4 for each number, two seconds long, showing that number.

For developers only, and only when the pictures are to look different: the results are kept in ``videos/``.
Needs ffmpeg with libx264. The letters are Pillow's own, so that no font has to be installed::

    python parts/demo/make_videos.py
"""

from __future__ import annotations

import colorsys
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FOLDER = Path(__file__).with_name("videos")
NUMBERS = range(1, 34)
SIZE = (320, 180)
FRAMES_A_SECOND = 12
SECONDS = 2
_WHITE = (255, 255, 255)


def main() -> int:
    """Write ``videos/NN.mp4`` for every number."""
    FOLDER.mkdir(exist_ok=True)
    for number in NUMBERS:
        make_video(number, FOLDER / f"{number:02}.mp4")
    return 0


def make_video(number: int, path: Path) -> None:
    """Draw one video's frames and let ffmpeg encode them, with a quiet tone of the number's own pitch.

    Raises:
        subprocess.CalledProcessError: ffmpeg failed; it has said why on stderr.
    """
    pictures = b"".join(frame.tobytes() for frame in draw_frames(number))
    subprocess.run(_ffmpeg_command(number, path), input=pictures, check=True)


def draw_frames(number: int) -> Iterator[Image.Image]:
    """Yield the frames: the number on a colour of its own, and a bar that shows how far the video has run."""
    background = Image.new("RGB", SIZE, _colour(number))
    draw = ImageDraw.Draw(background)
    draw.text((SIZE[0] / 2, 80), str(number), _WHITE, ImageFont.load_default(110), anchor="mm")
    draw.text((SIZE[0] / 2, 154), "demo video", _WHITE, ImageFont.load_default(16), anchor="mm")
    total = FRAMES_A_SECOND * SECONDS
    for index in range(total):
        frame = background.copy()
        ImageDraw.Draw(frame).rectangle((0, 172, SIZE[0] * (index + 1) // total, 180), _WHITE)
        yield frame


def _colour(number: int) -> tuple[int, int, int]:
    """Return a dark colour; neighbouring numbers get colours far apart (steps of the golden ratio)."""
    red, green, blue = colorsys.hsv_to_rgb(number * 0.618 % 1, 0.7, 0.55)
    return round(red * 255), round(green * 255), round(blue * 255)


def _ffmpeg_command(number: int, path: Path) -> list[str]:
    width, height = SIZE
    pictures = f"-f rawvideo -pix_fmt rgb24 -s {width}x{height} -r {FRAMES_A_SECOND} -i -"
    tone = f"-f lavfi -i sine=frequency={200 + 23 * number}:duration={SECONDS}:sample_rate=16000,volume=0.1"
    video = "-c:v libx264 -preset veryslow -crf 26 -pix_fmt yuv420p"
    # bitexact keeps the encoder's name and the date out: the same drawing gives the same file.
    rest = "-c:a aac -b:a 20k -ac 1 -movflags +faststart -map_metadata -1 -fflags +bitexact -flags +bitexact"
    return [*f"ffmpeg -v error -y {pictures} {tone} {video} {rest}".split(), str(path)]


if __name__ == "__main__":
    sys.exit(main())
