"""What a build says it will need before it starts."""

from __future__ import annotations

import pytest

from builds.dialogue import Sizes
from builds.needs import needs_in_words, slides_to_take
from builds.session import DEFAULT_OPTIONS, BuildSession
from common.errors import BuilderError
from course.curricula import CURRICULA, recorded_slides
from old_projects import plain_png
from suite import NOWHERE
from videos.download_sizes import DownloadSizes

EVERY_SLIDE = sum(len(recorded_slides(curriculum, True)) for curriculum in CURRICULA)


@pytest.fixture
def session(home, tmp_path, monkeypatch) -> BuildSession:
    """A build of which nothing is there, where no site can be asked."""
    monkeypatch.setenv("ZUME_SITE_URL", NOWHERE)
    place = tmp_path / "es"
    return BuildSession("", "es", str(tmp_path), str(place), "269525", options=dict(DEFAULT_OPTIONS))


def sizes(**by_quality: int) -> DownloadSizes:
    return DownloadSizes(by_quality, dict.fromkeys(by_quality, 0))


def test_megabytes_and_minutes_of_videos_and_pictures(session):
    assert needs_in_words(session, sizes(best=1_500_000_000), "") == [
        "Videos    1.5 GB, about 20 minutes at 10 megabits a second",
        f"Pictures  {EVERY_SLIDE} slides, 184.5 MB, about 2 minutes with 2 cores",
        "Together  1.7 GB, about 22 minutes",
    ]


def test_what_is_there_does_not_count(session):
    slides = recorded_slides(CURRICULA[0], True)
    folder = session.project.path / "10"
    folder.mkdir(parents=True)
    for slide in slides[:3]:
        (folder / f"20261122_100000_{slide.name}.png").write_bytes(plain_png((600, 336)))
    # One of another size is taken anew.
    (folder / f"20261122_100000_{slides[3].name}.png").write_bytes(plain_png((300, 168)))
    session.options |= {"width": 600, "height": 336, "curriculum": "ten_session"}

    assert slides_to_take(session) == len(slides) - 3
    assert needs_in_words(session, sizes(best=0), "")[0] == "Videos    nothing to download"


def test_small_pictures_take_less_and_the_chosen_quality_counts(session):
    session.options |= {"width": 600, "height": 336, "quality": "720p", "only_changed": True}
    videos, pictures, _ = needs_in_words(session, sizes(best=9_000_000, **{"720p": 2_000_000}), "")

    assert videos == "Videos    2.0 MB, less than a minute at 10 megabits a second"
    assert "7.4 MB" in pictures
    assert pictures.endswith("; and those that have changed on the site")


def test_steps_that_are_left_out_need_nothing(session):
    session.steps["slides"].status = session.steps["videos"].status = "skipped"

    assert needs_in_words(session, None, "") == []


def test_what_is_not_known_is_said_in_one_line_and_is_no_failure(session, monkeypatch):
    def refuse(_):
        raise BuilderError("Vimeo refuses the access token.\n  Really.", "Make a new one.")

    monkeypatch.setattr("builds.download_sizes.download_sizes", refuse)
    found = Sizes(session)

    assert list(found.choices) == ["best", "1080p", "720p"]
    assert found.needs[0] == "Videos    not known: Vimeo refuses the access token."


def test_videos_of_unknown_size_are_counted(session):
    known = DownloadSizes({"mirror": 0}, {"mirror": 29})

    assert needs_in_words(session, known, "")[0] == "Videos    29 videos of unknown size"


def test_a_height_that_is_no_choice_is_looked_up(session, monkeypatch):
    monkeypatch.setattr(
        "builds.download_sizes.download_sizes", lambda build: sizes(**{"best": 9_000_000, build.option("quality"): 5})
    )
    found = Sizes(session)
    assert list(found.choices) == ["best"]
    session.options["quality"] = "480p"

    assert found.needs[0].startswith("Videos    0.0 MB")
