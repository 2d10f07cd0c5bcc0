"""Which videos a course needs: as the site says, else as it was recorded, with the reason."""

from __future__ import annotations

import pytest

from course.curricula import CURRICULA
from course.needed_videos import CourseVideos, course_videos
from served_pages import course_page, page_with, site_that_answers, video_slide
from suite import NOWHERE

THREE_CIRCLES = tuple(sorted(set(range(1, 34)) - {20, 27, 31, 32}))
CLASSIC = THREE_CIRCLES[:-1]
MIRROR = "https://storage.googleapis.com/zume-file-mirror/"

pytestmark = pytest.mark.usefixtures("home", "quick_retries")


@pytest.fixture
def announced():
    return []


@pytest.mark.parametrize(
    ("code", "numbers"), [("es", THREE_CIRCLES), ("en", THREE_CIRCLES), ("ne", CLASSIC), ("ar", THREE_CIRCLES)]
)
def test_the_page_and_the_recorded_course_say_the_same(code, numbers, stand_in, monkeypatch, announced):
    stand_in.presenter.short_course = None
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    read = course_videos(code, announced.append)
    monkeypatch.setenv("ZUME_SITE_URL", NOWHERE)
    recorded = course_videos(code, announced.append, patient=False)

    assert (read.numbers, read.why_recorded) == (numbers, "")
    assert recorded.numbers == numbers
    assert announced == []


def test_the_page_goes_before_what_was_recorded(stand_in, monkeypatch, announced):
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    assert course_videos("es", announced.append).numbers == (1,)

    stand_in.presenter.short_course = None
    stand_in.presenter.edition = "classic"
    assert course_videos("es", announced.append).numbers == CLASSIC


def test_what_the_page_says_of_the_videos_is_passed_on(monkeypatch, announced):
    content = course_page(video_slide(2, ["https://vimeo.com/702"]), mirror_url=MIRROR)
    with site_that_answers(monkeypatch, content):
        assert course_videos("es", announced.append) == CourseVideos((2,), {2: "702"}, MIRROR)


def test_where_the_site_cannot_be_reached_the_recorded_course_counts_and_the_reason_is_told(monkeypatch, announced):
    monkeypatch.setenv("ZUME_SITE_URL", NOWHERE)
    videos = course_videos("es", announced.append)

    assert videos == CourseVideos(
        THREE_CIRCLES, why_recorded=f"{NOWHERE}/es/presenter?type=10 cannot be reached (ConnectionError)."
    )
    assert len(announced) == 1


def test_a_check_does_not_try_twice(monkeypatch, announced):
    with site_that_answers(monkeypatch, "", 503) as asked:
        assert course_videos("es", announced.append, patient=False).numbers == THREE_CIRCLES
    assert len(asked) == 1
    assert announced == []


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("", 200),
        ("<h1>Log in</h1>", 200),
        ("", 404),
        (course_page(video_slide(1), language="en"), 200),
        (page_with({"language": "hr"}), 200),
        (page_with({"language": "hr"}, **{each.constant: [] for each in CURRICULA}), 200),
        (course_page({"key": "a", "type": "video"}, language="hr"), 200),
        (course_page(5, None, language="hr"), 200),
        (course_page(video_slide(1), language="hr")[:90], 200),
    ],
    ids=range(9),
)
def test_a_page_that_tells_no_videos_raises_nothing(content, status, monkeypatch, announced):
    with site_that_answers(monkeypatch, content, status):
        videos = course_videos("hr", announced.append)

    assert videos.numbers == CLASSIC
    assert videos.why_recorded.endswith(".")
    assert "\n" not in videos.why_recorded


def test_a_page_that_lists_no_video_may_still_say_where_the_mirror_is(monkeypatch, announced):
    with site_that_answers(monkeypatch, course_page({"key": "a"}, mirror_url=MIRROR)):
        videos = course_videos("es", announced.append)

    assert (videos.numbers, videos.mirror_url) == (THREE_CIRCLES, MIRROR)
    assert videos.why_recorded.startswith("The page of the language es at http://127.0.0.1:")
    assert videos.why_recorded.endswith(" lists no video.")


def test_the_stand_ins_page_without_its_course_data_lists_no_video(stand_in, monkeypatch, announced):
    stand_in.presenter.sessions_constant_missing = True
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    videos = course_videos("es", announced.append)

    assert videos.numbers == THREE_CIRCLES
    assert videos.why_recorded


def test_a_language_in_no_list_counts_as_classic_where_the_site_cannot_be_asked(monkeypatch, announced):
    monkeypatch.setenv("ZUME_SITE_URL", NOWHERE)
    assert course_videos("tlh", announced.append, patient=False).numbers == CLASSIC


def test_of_a_curriculum_that_the_page_does_not_list_the_recorded_videos_count_and_that_is_told(monkeypatch, announced):
    listed = {"zume10Sessions": [[video_slide(40)]], "zume20Sessions": [[video_slide(41)]]}
    page = page_with({"language": "es"}, **listed)
    with site_that_answers(monkeypatch, page):
        videos = course_videos("es", announced.append)

    assert videos.numbers == (*THREE_CIRCLES, 40, 41)
    assert videos.why_recorded.endswith("does not list the curriculum intensive.")


@pytest.mark.parametrize("number", [6, "6", " 6 ", 6.0])
def test_a_number_counts_however_it_was_typed_in(monkeypatch, announced, number):
    with site_that_answers(monkeypatch, course_page(video_slide(number))):
        assert course_videos("es", announced.append).numbers == (6,)
