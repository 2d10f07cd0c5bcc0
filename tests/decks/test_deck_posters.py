"""The picture that stands for a video in a deck until it plays."""

from __future__ import annotations

import itertools
from io import BytesIO
from pathlib import Path

import av
import pptx
import pytest
from PIL import Image

from courses import SHORT
from deck_files import VIDEO_SLIDES, deck_of, mp4, picture_of, upper_left_is_yellow
from decks import media
from decks.media import frame_of, look_at_video


def test_the_poster_is_the_slides_own_picture_where_it_has_the_videos_ratio(whole, deck):
    for position in VIDEO_SLIDES:
        poster = deck.zip.read(deck.slides[position - 1].picture)
        assert poster == whole.pictures["10", SHORT[position - 1].name]


@pytest.mark.parametrize("reason", ["no picture", "another ratio"])
def test_else_the_poster_is_a_frame_of_the_video_and_not_the_black_first_one(reason, real_course, tmp_path):
    if reason == "no picture":
        picture_of(real_course, 6).unlink()
    else:
        real_course.video(6, data=mp4((90, 160)))
    real_course.publish()

    deck = deck_of(real_course, tmp_path / "deck.pptx")

    assert deck.type_of(deck.slides[5].picture) == "image/jpeg"
    with Image.open(BytesIO(deck.zip.read(deck.slides[5].picture))) as poster:
        assert poster.size == ((160, 90) if reason == "no picture" else (90, 160))
        assert upper_left_is_yellow(poster)


@pytest.mark.parametrize(("turned", "corner"), [(90, "lower left"), (-90, "upper right"), (180, "lower right")])
def test_a_frame_stands_upright_as_players_turn_the_video(turned, corner, tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(mp4(turned=turned))

    with Image.open(BytesIO(frame_of(look_at_video(path)))) as frame:
        assert frame.size == ((90, 160) if turned % 180 else (160, 90))
        back = {"lower left": Image.Transpose.FLIP_TOP_BOTTOM, "upper right": Image.Transpose.FLIP_LEFT_RIGHT}
        assert upper_left_is_yellow(frame.transpose(back.get(corner, Image.Transpose.ROTATE_180)))


def test_of_a_damaged_video_the_last_good_frame_is_the_poster(real_course, tmp_path, monkeypatch):
    picture_of(real_course, 6).unlink()
    real_course.video(6, data=mp4())
    real_course.publish()
    frames = media._frames

    def break_down(*arguments):
        yield from itertools.islice(frames(*arguments), 2)
        raise av.FFmpegError(1, "it breaks off")

    monkeypatch.setattr(media, "_FRAME_AT", 0.9)
    monkeypatch.setattr(media, "_frames", break_down)
    deck = deck_of(real_course, tmp_path / "deck.pptx")

    assert upper_left_is_yellow(Image.open(BytesIO(deck.zip.read(deck.slides[5].picture))).convert("RGB"))


def test_with_neither_picture_nor_frame_the_poster_is_a_drawn_triangle_and_no_loudspeaker(real_course, tmp_path):
    picture_of(real_course, 6).unlink()
    real_course.video(6)  # begins as a video only
    real_course.publish()

    deck = deck_of(real_course, tmp_path / "deck.pptx")

    with Image.open(BytesIO(deck.zip.read(deck.slides[5].picture))) as poster:
        assert poster.width * 9 == poster.height * 16
        assert max(poster.convert("L").getpixel((5, 5)), 60) == 60, "it is dark"
        assert poster.convert("L").getpixel((poster.width // 2, poster.height // 2)) > 200, "with something light"
    loudspeaker = (Path(pptx.__file__).parent / "templates").glob("*")
    assert deck.zip.read(deck.slides[5].picture) not in [path.read_bytes() for path in loudspeaker if path.is_file()]


def test_a_frame_is_decoded_in_one_thread(tmp_path, monkeypatch):
    path = tmp_path / "video.mp4"
    path.write_bytes(mp4())
    counts = []
    inner = media._frames
    monkeypatch.setattr(media, "_frames", lambda container, stream: counts.append(stream) or inner(container, stream))

    assert look_at_video(path).is_readable
    assert [stream.codec_context.thread_count for stream in counts] == [1]
