"""Which rendition of a video is taken."""

from __future__ import annotations

import random

import pytest

from common.errors import BuilderError
from demo.vimeo_faults import LacksFields
from downloads import rendition, video_of
from videos.renditions import choose_rendition

FULL = [
    rendition("1080p", 1920, 1080, 150),
    rendition("720p", 1280, 720, 90),
    rendition("540p", 960, 540, 60),
    rendition("360p", 640, 360, 36),
]


BIG_SOURCE = rendition("source", 3840, 2160, 900)


SMALL_SOURCE = rendition("source", 1280, 800, 900)


QUICKTIME = rendition("source", 3840, 2160, 900, type="video/quicktime")


UNTYPED_SOURCE = rendition("source", 3840, 2160, 900, type="")


@pytest.mark.parametrize(
    ("renditions", "quality", "expected"),
    [
        ([*FULL, BIG_SOURCE], "best", "source"),
        ([*FULL, SMALL_SOURCE], "best", "1080p"),
        ([*FULL, QUICKTIME], "best", "1080p"),
        ([*FULL, UNTYPED_SOURCE], "best", "1080p"),
        ([*FULL, QUICKTIME], "source", "source"),
        ([*FULL, SMALL_SOURCE], "source", "source"),
        ([QUICKTIME], "source", "source"),
        ([*FULL, BIG_SOURCE], "2160p", "source"),
        ([*FULL, BIG_SOURCE], "1440p", "1080p"),
        ([*FULL, BIG_SOURCE], "1080p", "1080p"),
        ([*FULL, BIG_SOURCE], "1079p", "720p"),
        ([*FULL, BIG_SOURCE], "720p", "720p"),
        ([*FULL, SMALL_SOURCE], "800p", "source"),
        ([*FULL, BIG_SOURCE], "240p", "360p"),
        ([BIG_SOURCE], "360p", "source"),
        ([rendition("360p", 640, 360), rendition("720p", 1280, 720, type="")], "best", "720p"),
        ([rendition("a", 640, 360, 5), rendition("b", 640, 360, 7), rendition("c", 640, 360)], "best", "b"),
    ],
)
def test_the_rendition_is_chosen_whatever_the_order(renditions, quality, expected):
    for seed in range(4):
        shuffled = random.Random(seed).sample(renditions, len(renditions))
        assert choose_rendition(video_of(shuffled), quality).name == expected


def test_a_quality_that_is_asked_for_by_its_height_is_not_the_upload_of_the_same_height():
    upload = rendition("source", 1920, 1080, 900)

    assert choose_rendition(video_of([upload, *FULL]), "1080p").name == "1080p"
    assert choose_rendition(video_of([upload, *FULL]), "best").name == "source"


@pytest.mark.parametrize(
    ("renditions", "quality", "told"),
    [
        ([], "best", "no download link"),
        ([], "720p", "no download link"),
        ([], "source", "no download link"),
        ([QUICKTIME], "best", "video/quicktime"),
        ([QUICKTIME], "720p", "video/quicktime"),
        (FULL, "source", "source file"),
    ],
)
def test_where_no_rendition_fits_the_reason_is_told(renditions, quality, told):
    with pytest.raises(BuilderError, match=told) as caught:
        choose_rendition(video_of(renditions), quality)

    assert caught.value.remedy


def test_a_video_without_links_names_the_plans_and_scopes_that_vimeo_wants():
    with pytest.raises(BuilderError) as caught:
        choose_rendition(video_of([]), "best")

    for word in ("Standard", "Enterprise", "public", "private", "video_files"):
        assert word in caught.value.remedy


@pytest.mark.parametrize(
    "fields", [("rendition",), ("width", "height", "md5"), ("type",), ("md5",), ("rendition", "md5")], ids="+".join
)
def test_entries_that_lack_fields_can_still_be_chosen(fields, client):
    client.server.faults.append(LacksFields(fields=fields))

    results = client.fetch("720p")

    assert {result.status for result in results.values()} == {"success"}
    assert client.on_disk() == {number: client.content(number, "720p") for number in (1, 6, 9)}
    assert results[6].quality == "720p"
