"""What is known about the course: its curricula and its languages."""

from __future__ import annotations

import pytest

from course.curricula import CURRICULA, Changes, Slide, changes, edition_of, number_slides, recorded_slides
from course.languages import all_languages, find_language

BY_NAME = {curriculum.name: curriculum for curriculum in CURRICULA}
TEN = BY_NAME["ten_session"]
# (three circles, classic), as the presenter said on 2026-11-22.
SLIDES = {"ten_session": (189, 188), "twenty_session": (268, 267), "intensive_session": (158, 157)}
SESSIONS = {"ten_session": 10, "twenty_session": 20, "intensive_session": 5}
IN_NO_CURRICULUM = {20, 27, 31, 32}
EVERY_VIDEO = set(range(1, 34)) - IN_NO_CURRICULUM


def slides_of(name, three_circles):
    return recorded_slides(BY_NAME[name], three_circles)


def positions_of_videos(slides):
    return {slide.video: slide.position for slide in slides if slide.video is not None}


# Curricula


def test_the_three_curricula_have_the_names_and_folders_of_the_site():
    assert [(each.name, each.folder, each.constant) for each in CURRICULA] == [
        ("ten_session", "10", "zume10Sessions"),
        ("twenty_session", "20", "zume20Sessions"),
        ("intensive_session", "intensive", "zumeIntensiveSessions"),
    ]


@pytest.mark.parametrize("three_circles", [True, False])
@pytest.mark.parametrize("name", SLIDES)
def test_each_edition_has_its_number_of_slides(name, three_circles):
    assert len(slides_of(name, three_circles)) == SLIDES[name][0 if three_circles else 1]


@pytest.mark.parametrize("name", SLIDES)
def test_the_three_circles_edition_shows_29_videos_and_the_classic_one_28(name):
    assert set(positions_of_videos(slides_of(name, True))) == EVERY_VIDEO
    assert set(positions_of_videos(slides_of(name, False))) == EVERY_VIDEO - {33}
    assert len([slide for slide in slides_of(name, True) if slide.video]) == 29
    assert len([slide for slide in slides_of(name, False) if slide.video]) == 28


@pytest.mark.parametrize(
    ("three_circles", "video", "position"),
    [(True, 1, 6), (True, 33, 55), (True, 30, 181), (False, 1, 6), (False, 30, 180)],
)
def test_videos_stand_at_their_positions_in_ten_session(three_circles, video, position):
    assert positions_of_videos(slides_of("ten_session", three_circles))[video] == position


@pytest.mark.parametrize("three_circles", [True, False])
@pytest.mark.parametrize("name", SLIDES)
def test_positions_count_from_1_over_the_whole_curriculum_and_sessions_follow_each_other(name, three_circles):
    slides = slides_of(name, three_circles)

    assert [slide.position for slide in slides] == list(range(1, len(slides) + 1))
    sessions = [slide.session for slide in slides]
    assert sessions == sorted(sessions)
    assert set(sessions) == set(range(1, SESSIONS[name] + 1))
    assert {slide.session for slide in slides if slide.key in ("final", "congratulations")} == set(sessions)


@pytest.mark.parametrize("three_circles", [True, False])
@pytest.mark.parametrize("name", SLIDES)
def test_a_slide_name_stands_once_in_a_curriculum_but_a_key_may_stand_often(name, three_circles):
    slides = slides_of(name, three_circles)

    assert len({slide.name for slide in slides}) == len(slides)
    assert sum(slide.key == "final" for slide in slides) == SESSIONS[name]


@pytest.mark.parametrize("name", SLIDES)
def test_the_editions_differ_in_one_session_only(name):
    def by_session(three_circles):
        keys = {}
        for slide in slides_of(name, three_circles):
            keys.setdefault(slide.session, []).append(slide.key)
        return keys

    three_circles, classic = by_session(True), by_session(False)
    differing = {session for session in three_circles if three_circles[session] != classic[session]}
    assert differing == {{"ten_session": 3, "twenty_session": 6, "intensive_session": 2}[name]}
    (session,) = differing
    assert {"t10_c", "t10_d", "t10_f", "t10_g"} <= set(three_circles[session]) - set(classic[session])
    assert {"t10_i", "t10_j", "t10_h"} <= set(classic[session]) - set(three_circles[session])


@pytest.mark.parametrize("three_circles", [True, False])
@pytest.mark.parametrize("name", SLIDES)
def test_a_slide_is_known_as_a_video_exactly_when_it_has_a_number(name, three_circles):
    assert all((slide.type == "video") == (slide.video is not None) for slide in slides_of(name, three_circles))


def test_a_course_that_is_as_it_was_has_no_changes():
    slides = recorded_slides(CURRICULA[0], three_circles=True)
    assert changes(slides, slides) == Changes()
    assert not changes(slides, slides)


def test_slides_that_are_new_gone_moved_or_show_another_video_are_told_apart():
    sessions: list[list] = [[] for _ in range(10)]
    recorded = recorded_slides(CURRICULA[0], three_circles=True)
    for slide in recorded:
        sessions[slide.session - 1].append((slide.key, slide.type, slide.video))
    keys = [[key for key, _, _ in session] for session in sessions]
    sessions[0].insert(2, ("brand_new", "", None))
    sessions[1].pop(4)
    sessions[8].insert(0, sessions[3].pop(1))  # to another session
    sessions[5].insert(6, sessions[5].pop(1))  # within its session
    place = next(i for i, slide in enumerate(sessions[2]) if slide[2])
    key = sessions[2][place][0]
    sessions[2][place] = (key, "video", 99)

    found = changes(recorded, number_slides(sessions))

    assert found.new == ("session_1_brand_new",)
    assert found.gone == (f"session_2_{keys[1][4]}",)
    assert set(found.moved) == {f"session_9_{keys[3][1]}", f"session_6_{keys[5][1]}"}
    assert found.videos == (f"session_3_{key}",)
    assert len(found) == 5


def test_numbering_runs_on_over_sessions_even_empty_ones():
    slides = number_slides([[("a", "title", None), ("b", "video", 7)], [], [("final", "final", None)]])

    assert slides == [
        Slide(1, 1, "a", "title", None),
        Slide(2, 1, "b", "video", 7),
        Slide(3, 3, "final", "final", None),
    ]
    assert slides[2].name == "session_3_final"


# Languages


def test_there_are_51_languages_each_with_a_code_of_its_own():
    codes = [language.code for language in all_languages()]

    assert len(codes) == 51
    assert codes == sorted(set(codes))
    assert all(language.name and language.native_name for language in all_languages())


def test_the_right_to_left_languages_are_known():
    rtl = {language.code for language in all_languages() if language.direction == "rtl"}

    assert rtl == {"ar", "ar_jo", "ar_tn", "fa", "ku", "pa_pk", "ur"}
    assert {language.direction for language in all_languages()} == {"ltr", "rtl"}


def test_the_languages_with_the_classic_edition_are_known():
    classic = {language.code for language in all_languages() if language.three_circles is False}

    assert classic == {"ar_jo", "ar_tn", "bs", "fa", "hr", "hy", "ne", "pl", "pt", "ro", "ur", "zhcn", "zhtw"}


def test_vimeo_folders_are_numbers_and_no_two_languages_share_one():
    folders = [language.vimeo_folder_id for language in all_languages()]
    known = [folder for folder in folders if folder is not None]

    assert {language.code for language in all_languages() if language.vimeo_folder_id is None} == {"ar_jo", "ky", "sl"}
    assert all(folder.isdecimal() for folder in known)
    assert len(set(known)) == len(known)


@pytest.mark.parametrize(
    ("code", "vimeo_folder_id"),
    [("en", "21862752"), ("es", "269525"), ("swa", "269526"), ("ar_tn", "20642858"), ("ur", "269531")],
)
def test_a_language_has_its_own_vimeo_folder(code, vimeo_folder_id):
    assert find_language(code).vimeo_folder_id == vimeo_folder_id


def test_no_other_code_stands_for_two_languages():
    codes = {language.code for language in all_languages()}
    others = [other for language in all_languages() for other in language.also_written]

    assert others == ["sw"]
    assert not codes & set(others)


@pytest.mark.parametrize("curriculum", CURRICULA, ids=lambda each: each.name)
@pytest.mark.parametrize(("three_circles", "edition"), [(True, "three_circles"), (False, "classic")])
def test_the_keys_of_a_curriculum_tell_its_edition(curriculum, three_circles, edition):
    slides = recorded_slides(curriculum, three_circles)

    assert edition_of(curriculum, slides) == edition
    assert edition_of(curriculum, slides[:10]) is None


def test_slides_of_both_editions_are_of_none():
    both = [*recorded_slides(CURRICULA[0], True), *recorded_slides(CURRICULA[0], False)]

    assert edition_of(CURRICULA[0], both) is None
