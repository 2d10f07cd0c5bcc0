"""``about-this-package.txt``: plain words on what a package is, which every system shows rightly."""

from __future__ import annotations

import json
import re

import pytest

from courses import SHORT, TEN, TWENTY
from listed_sums import CHECKS
from package.record import RECORD_FILE


def text_of(course):
    content = (course.project.output / "about-this-package.txt").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r")
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def test_the_text_says_what_the_package_is_what_is_where_and_how_to_check_it(course):
    course.downloads({1: "vimeo", 6: "mirror"})
    course.publish()
    text = text_of(course)

    for words in (
        "Zúme course in Spanish (Español)",
        "Slides from zume.training; videos from Vimeo and from the site's mirror.",
        "with the Zúme slide builder 1.0.0.",
        "10/         the course, 10 sessions: 6 pictures, 3 videos\n",
        "videos/     2 videos, by their numbers in the course\n",
        *(" ".join(command) for command in CHECKS.values()),
    ):
        assert words in text
    assert "missing" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_day_is_that_of_the_last_change_and_stays_while_nothing_changes(course):
    course.publish()
    record = course.project.output / RECORD_FILE
    known = json.loads(record.read_text())
    assert f"Made on {known['made_at'][:10]} " in text_of(course)
    # As if the package was made long ago.
    record.write_text(json.dumps({**known, "made_at": "2001-02-03T04:05:06+00:00"}))
    assert course.publish().changed
    text = text_of(course)
    assert "2001" not in text
    assert not course.publish().changed
    assert text_of(course) == text


def test_what_is_missing_is_counted_and_what_somebody_has_put_into_a_gap_is_there(course):
    next((course.project.path / "10").glob("*_t1_c.png")).unlink()
    course.publish()
    assert "10/         the course, 10 sessions: 5 pictures, 3 videos, 1 missing\n" in text_of(course)
    (course.project.output / "10" / "3.png").write_bytes(course.draw())
    course.publish()
    assert "10/         the course, 10 sessions: 6 pictures, 3 videos\n" in text_of(course)


def test_a_curriculum_that_stays_as_it_is_is_in_the_text_too(course):
    course.curriculum(TWENTY, SHORT)
    course.publish()
    course.publish(curricula=[TEN])
    assert "20/         the course, 20 sessions: 6 pictures, 3 videos\n" in text_of(course)


@pytest.mark.parametrize(("language", "words"), [("ar", "Arabic (العربية"), ("xx", "Zúme course in xx\n")])
def test_the_language_is_told_by_its_names_or_else_by_its_code(language, words, course):
    course.publish(language=language)
    assert words in text_of(course)


def test_a_text_that_is_lost_is_made_again(course):
    course.publish()
    text = text_of(course)
    (course.project.output / "about-this-package.txt").unlink()
    course.publish()
    assert text_of(course) == text


def test_a_picture_that_stands_in_the_place_of_a_video_is_counted_as_such(course):
    video = next(course.project.videos.glob("*.mp4"))
    course.publish()
    assert "in the place of a video" not in text_of(course)
    position = next(each.position for each in SHORT if each.video is not None)
    course.picture(TEN, SHORT[position - 1])
    (course.project.output / RECORD_FILE).parent.rename(course.project.path / "moved away")
    video.unlink()
    course.publish()
    assert re.search(r"\d videos?, [1-9] pictures? in the place of a video", text_of(course)), text_of(course)
