"""The plan of the package: which picture or video stands at which position, and what is said about the rest."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import BuilderError
from course.curricula import CURRICULA, number_slides, recorded_slides
from courses import INTENSIVE, SHORT, START, TEN, TWENTY, Course, files_below, png
from slides.pictures import picture_name
from systems import links_needed

# Under Wine, each example takes seconds.
FEWER = 6 if sys.platform == "win32" else 1

# Which file goes where


def test_every_slide_stands_at_its_position_whenever_its_picture_was_taken(course):
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_the_three_curricula_are_packaged_in_full_and_exactly(bare):
    slides = {curriculum: recorded_slides(curriculum, True) for curriculum in CURRICULA}
    for curriculum in CURRICULA:
        bare.curriculum(curriculum, slides[curriculum])
    for number in {slide.video for each in slides.values() for slide in each} - {None}:
        bare.video(number)

    plan = bare.plan()
    bare.publish()

    assert (plan.troubles, plan.notes) == ([], [])
    expected = bare.expected_videos()
    for curriculum in CURRICULA:
        expected |= bare.expected(curriculum, slides[curriculum])
    assert len(expected) == 615 + 29
    assert bare.output() == expected
    assert bare.output()["10/55.mp4"] == bare.videos[33]


def test_the_manifest_decides_on_the_order_and_not_the_recorded_course(bare):
    turned = reversed(recorded_slides(TEN, True)[:9])
    turned = number_slides([[(slide.key, slide.type, slide.video) for slide in turned]])
    bare.curriculum(TEN, turned)
    bare.publish()

    assert bare.output() == bare.expected(TEN, turned)


def test_a_slide_that_was_taken_again_does_not_move_and_shows_the_new_picture(course):
    course.picture(TEN, SHORT[2], START + timedelta(days=1))
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_a_newer_picture_that_is_not_whole_gives_way_to_the_older_one(course):
    name = picture_name(SHORT[2], START + timedelta(days=1))
    (course.project.path / "10" / name).write_bytes(png()[:-20])
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


@pytest.mark.parametrize("position", [1, 3, 9])
def test_a_missing_picture_leaves_a_gap_and_moves_nothing(position, course):
    slide = SHORT[position - 1]
    for path in (course.project.path / "10").glob(f"*_{slide.name}.png"):
        path.unlink()

    plan = course.plan()
    course.publish()

    expected = course.expected(TEN, SHORT) | course.expected_videos()
    del expected[f"10/{position}.png"]
    assert course.output() == expected
    (sentence,) = plan.troubles
    assert "10" in sentence
    assert f"position {position} " in sentence
    assert slide.key in sentence


def test_a_video_replaces_its_slide_in_every_curriculum_that_shows_it(course):
    course.curriculum(TWENTY, SHORT[:4])
    course.curriculum(INTENSIVE, SHORT[1:3])
    # The manifest says where it stands there, not the order of this list.
    course.manifest(INTENSIVE, number_slides([[("t1_c", "discuss", None), ("t1_b", "video", 1)]]))
    course.publish()

    output = course.output()
    for place in ("10/2.mp4", "10/8.mp4", "20/2.mp4", "intensive/2.mp4", "videos/1.mp4"):
        assert output[place] == course.videos[1]
    for place in ("10/2.png", "10/8.png", "20/2.png", "intensive/2.png"):
        assert place not in output
    assert output["10/6.mp4"] == output["videos/6.mp4"] == course.videos[6]


def test_a_missing_video_leaves_its_picture_and_is_told(course):
    (course.project.videos / "(06) title.mp4").unlink()
    del course.videos[6]

    plan = course.plan()
    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert course.output()["10/6.png"] == course.pictures["10", "session_2_t6_b"]
    (sentence,) = plan.troubles
    assert sentence == "video 6 is missing in videos/."


def test_a_video_slide_needs_no_picture_when_its_video_is_there(course):
    for path in (course.project.path / "10").glob("*_t1_b.png"):
        path.unlink()

    plan = course.plan()

    assert plan.troubles == []


@pytest.mark.parametrize("second", ["06_another.mp4", "The 6 title.mp4", "6.mp4"])
def test_two_videos_with_one_number_are_named_and_neither_is_used(second, course):
    (course.project.videos / second).write_bytes(b"another")
    del course.videos[6]

    plan = course.plan()
    course.publish()

    (sentence,) = plan.troubles
    assert "video 6 " in sentence
    assert "(06) title.mp4" in sentence
    assert second in sentence
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_two_videos_with_a_number_that_no_slide_shows_are_no_error(course):
    course.video(27, "27 first.mp4")
    course.video(27, "27 second.mp4")

    plan = course.plan()

    assert {"27 first.mp4", "27 second.mp4"} == {note.split(":")[0] for note in plan.notes if "27" in note}


@pytest.mark.parametrize("name", ["(27) two churches.mp4", "no number.mp4"])
def test_a_video_that_no_slide_shows_is_named_and_left_out(name, course):
    (course.project.videos / name).write_bytes(b"stranger")

    plan = course.plan()
    course.publish()

    assert [note for note in plan.notes if note.startswith(f"{name}:")]
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_the_title_that_vimeo_gave_decides_on_a_videos_number(course):
    (course.project.videos / "(06) title.mp4").rename(course.project.videos / "a renamed 99.mp4")
    entry = {"id": "1", "title": "(06) Makers", "status": "success", "path": "/elsewhere/videos/a renamed 99.mp4"}
    (course.project.videos / "download_results.json").write_text(json.dumps([entry]))

    course.publish()

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_pictures_of_no_slide_are_named_and_left_out(course):
    stranger = "20260101_120000_session_3_t99_z.png"
    (course.project.path / "10" / stranger).write_bytes(png())

    plan = course.plan()
    course.publish()

    assert "10: 1 picture is of a slide that the course no longer has: session_3_t99_z" in plan.notes
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_a_curriculum_with_neither_manifest_nor_pictures_is_left_out_and_said(course):
    plan = course.plan()
    course.publish()

    assert list(plan.sequences) == [TEN]
    for folder in ("20", "intensive"):
        assert [note for note in plan.notes if note.startswith(f"{folder}:") and "left out" in note]
        assert not (course.project.output / folder).exists()


@pytest.mark.parametrize(
    ("language", "edition", "three_circles"),
    [("es", "three circles", True), ("fa", "classic", False), ("xx", "classic", False)],
)
def test_without_a_manifest_the_recorded_edition_is_used_and_said(language, edition, three_circles, bare):
    slides = recorded_slides(INTENSIVE, three_circles)
    bare.curriculum(INTENSIVE, slides, manifest=False)
    bare.video(1)

    plan = bare.plan(language)
    bare.publish(language=language)

    assert [note for note in plan.notes if note.startswith("intensive:") and edition in note and "manifest" in note]
    assert bare.output() == bare.expected(INTENSIVE, slides) | bare.expected_videos()


def test_a_project_with_nothing_to_package_is_an_error_that_says_what_to_do(bare):
    bare.video(1)

    with pytest.raises(BuilderError, match="nothing to package") as caught:
        bare.plan()

    assert str(bare.project.path) in caught.value.message
    assert "3-slides-download.py" in caught.value.remedy


@pytest.mark.parametrize("name", ["cover.png", "copy of 20260101_120000_session_1_t1_c.png"])
def test_a_png_that_is_not_named_as_a_slides_picture_is_named_and_left_out(name, course):
    (course.project.path / "10" / name).write_bytes(png())

    plan = course.plan()
    course.publish()

    assert [note for note in plan.notes if note.startswith(f"10/{name}: left out")]
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


def test_a_manifest_without_slides_is_said_and_its_pictures_are_named(course):
    course.picture(TWENTY, SHORT[0])
    course.manifest(TWENTY, [])

    notes = [note for note in course.plan().notes if note.startswith("20")]

    assert "20: left out, its manifest lists no slides." in notes
    assert "20: 1 picture is of a slide that the course no longer has: session_1_s1_1_1" in notes


def test_the_order_of_a_manifest_is_that_of_its_positions(course):
    path = course.project.path / "10" / "manifest.json"
    content = json.loads(path.read_text())
    content["slides"].reverse()
    path.write_text(json.dumps(content))

    assert [place.slide.position for place in course.plan().places] == list(range(1, 10))


@pytest.mark.parametrize("kind", ["folder", pytest.param("dangling link", marks=links_needed)])
def test_what_only_has_the_name_of_a_video_is_none(kind, course):
    video = course.project.videos / "(06) title.mp4"
    video.unlink()
    video.mkdir() if kind == "folder" else video.symlink_to("nowhere")

    assert course.plan().troubles == ["video 6 is missing in videos/."]


def test_a_video_with_an_ending_in_capitals_counts(course):
    video = course.project.videos / "(06) title.mp4"
    video.rename(video.with_suffix(".MP4"))

    assert course.plan().troubles == []


@pytest.mark.parametrize("older", [True, False], ids=["with an older one", "alone"])
def test_a_picture_that_is_not_whole_is_named(older, course):
    broken = picture_name(SHORT[2], START + timedelta(days=1))
    (course.project.path / "10" / broken).write_bytes(png()[:-20])
    if not older:
        next((course.project.path / "10").glob("20260101*_session_1_t1_c.png")).unlink()

    plan = course.plan()

    assert f"10/{broken}: left out, the file is not whole." in plan.notes
    assert len(plan.gaps) == (0 if older else 1)


def test_an_older_picture_is_no_news(course):
    course.picture(TEN, SHORT[2], START + timedelta(days=1))

    assert [note for note in course.plan().notes if "10/" in note] == []


@pytest.mark.parametrize("change", [{"position": 2}, {"position": 0}], ids=["doubled", "none"])
def test_a_manifest_whose_positions_cannot_be_is_an_error(change, course):
    path = course.project.path / "10" / "manifest.json"
    content = json.loads(path.read_text())
    content["slides"][0].update(change)
    path.write_text(json.dumps(content))

    with pytest.raises(BuilderError, match=r"manifest\.json"):
        course.plan()


def test_a_broken_manifest_is_an_error_and_the_old_output_stays(course):
    course.publish()
    before = files_below(course.project.output)
    (course.project.path / "10" / "manifest.json").write_text("{")

    with pytest.raises(BuilderError, match=r"manifest\.json"):
        course.publish()

    assert files_below(course.project.output) == before


# Against the facts and an oracle


# Where each video stands, as video@position: counted in the text that the curricula were collected in.
POSITIONS = {
    ("ten_session", "es"): """
        1@6 2@9 3@12 4@15 5@18 6@29 7@32 8@36 9@47 10@53 33@55 11@58 12@71 13@74 14@77 15@80 16@83
        17@94 18@96 19@108 21@111 22@122 23@135 24@147 25@150 26@153 28@156 29@178 30@181
    """,
    ("ten_session", "fa"): """
        1@6 2@9 3@12 4@15 5@18 6@29 7@32 8@36 9@47 10@53 11@57 12@70 13@73 14@76 15@79 16@82 17@93
        18@95 19@107 21@110 22@121 23@134 24@146 25@149 26@152 28@155 29@177 30@180
    """,
    ("twenty_session", "es"): """
        1@6 2@9 3@12 4@23 5@34 6@45 8@48 7@59 9@71 13@74 10@80 33@82 11@101 12@105 14@126 15@129 16@132
        17@143 18@153 19@165 21@168 22@188 23@191 24@202 25@205 26@208 29@219 28@222 30@252
    """,
    ("twenty_session", "fa"): """
        1@6 2@9 3@12 4@23 5@34 6@45 8@48 7@59 9@71 13@74 10@80 11@100 12@104 14@125 15@128 16@131
        17@142 18@152 19@164 21@167 22@187 23@190 24@201 25@204 26@207 29@218 28@221 30@251
    """,
    ("intensive_session", "es"): """
        1@6 2@9 3@12 4@15 5@18 6@24 7@27 8@31 9@40 10@46 33@48 11@51 12@59 13@62 14@65 15@68 16@71
        17@80 18@82 19@90 21@93 22@103 23@111 24@122 25@125 26@128 28@131 29@148 30@151
    """,
    ("intensive_session", "fa"): """
        1@6 2@9 3@12 4@15 5@18 6@24 7@27 8@31 9@40 10@46 11@50 12@58 13@61 14@64 15@67 16@70 17@79
        18@81 19@89 21@92 22@102 23@110 24@121 25@124 26@127 28@130 29@147 30@150
    """,
}


@pytest.mark.parametrize(("name", "language"), POSITIONS)
def test_every_video_stands_where_the_collected_curricula_have_it(name, language, bare):
    curriculum = next(each for each in CURRICULA if each.name == name)
    bare.curriculum(curriculum, [], manifest=False)
    bare.picture(curriculum, SHORT[0])
    for number in range(1, 34):
        bare.video(number)

    plan = bare.plan(language)

    found = {file.target: file.source.name for file in plan.files if file.target.startswith(f"{curriculum.folder}/")}
    expected = [pair.split("@") for pair in POSITIONS[name, language].split()]
    assert {name: source for name, source in found.items() if name.endswith(".mp4")} == {
        f"{curriculum.folder}/{position}.mp4": f"({int(number):02}) title.mp4" for number, position in expected
    }


# For each slide: its key, and the video that it shows, if any. Few of each, so that they meet often.
SLIDES = st.tuples(st.sampled_from("abcdef"), st.one_of(st.none(), st.integers(1, 4)))
SESSIONS = st.lists(st.lists(SLIDES, min_size=1, max_size=4, unique_by=lambda slide: slide[0]), max_size=4)
# For each picture: the session and key that it claims, the day it was taken, and whether it is whole.
PICTURES = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from("abcdefg"), st.integers(1, 28), st.booleans()),
    max_size=25,
    unique_by=lambda picture: picture[:3],
)
VIDEOS = st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["({}) a", "{}_b", "c {} d"])), max_size=8, unique=True)


def oracle(courses, videos):
    """Return what the folders of the output must hold, and how many things are missing: by the rules.

    Args:
        courses: for each folder its sessions and pictures.
        videos: number and name of each file.
    """
    output, troubles, shown = {}, 0, set()
    names = {}
    for number, name in videos:
        names.setdefault(number, []).append(name)
    clear = {number: f"{number} {found[0]}".encode() for number, found in names.items() if len(found) == 1}
    for folder, (sessions, pictures) in courses.items():
        slides = [(session, key, video) for session, group in enumerate(sessions, start=1) for key, video in group]
        shown |= {video for _, _, video in slides if video}
        for position, (session, key, video) in enumerate(slides, start=1):
            whole = [(day, data) for at, name, day, data in pictures if (at, name) == (session, key) and data]
            if video in clear:
                output[f"{folder}/{position}.mp4"] = clear[video]
            elif whole:
                output[f"{folder}/{position}.png"] = max(whole)[1]
            else:
                troubles += 1
    output |= {f"videos/{number}.mp4": clear[number] for number in shown if number in clear}
    return output, troubles + len(shown - clear.keys())


def take_pictures(course, curriculum, pictures):
    """Make the pictures of a curriculum; return them with their contents, empty for what is not whole."""
    taken = []
    for session, key, day, whole in pictures:
        data = png()
        path = course.project.path / curriculum.folder / f"202601{day:02}_120000_session_{session}_{key}.png"
        path.write_bytes(data if whole else data[:-5])
        taken.append((session, key, day, data if whole else b""))
    return taken


@settings(max_examples=120 // FEWER, deadline=None)
@given(
    sessions=st.fixed_dictionaries(dict.fromkeys(CURRICULA, SESSIONS)),
    pictures=st.fixed_dictionaries(dict.fromkeys(CURRICULA, PICTURES)),
    videos=VIDEOS,
)
def test_the_sequences_are_those_that_the_rules_give(sessions, pictures, videos):
    with TemporaryDirectory() as folder:
        course = Course(Path(folder) / "es")
        courses = {}
        for curriculum in CURRICULA:
            groups = [[(key, "", video) for key, video in group] for group in sessions[curriculum]]
            course.manifest(curriculum, number_slides(groups))
            courses[curriculum.folder] = sessions[curriculum], take_pictures(course, curriculum, pictures[curriculum])
        for number, name in videos:
            (course.project.videos / f"{name.format(number)}.mp4").write_text(f"{number} {name}")
        expected, troubles = oracle(courses, videos)

        if not any(sessions.values()):
            with pytest.raises(BuilderError, match="nothing to package"):
                course.plan()
            return
        plan = course.plan()
        course.publish()

        assert course.output() == expected
        assert len(plan.troubles) == troubles


# Hundreds of files for each; they take Windows much longer.
@settings(max_examples=40 // FEWER, deadline=None)
@given(
    language=st.sampled_from(["es", "fa"]),
    curriculum=st.sampled_from(CURRICULA),
    lost=st.sets(st.integers(0, 300), max_size=12),
    videos=st.sets(st.integers(1, 33)),
    doubled=st.sets(st.integers(1, 33), max_size=5),
)
def test_the_recorded_editions_keep_their_positions_whatever_is_lost(language, curriculum, lost, videos, doubled):
    slides = recorded_slides(curriculum, three_circles=language == "es")
    picture = png()
    with TemporaryDirectory() as folder:
        course = Course(Path(folder) / language)
        for index, slide in enumerate(slides):
            if index not in lost:
                (course.project.path / curriculum.folder / picture_name(slide, START)).write_bytes(picture)
        for number in videos:
            course.video(number)
        for number in doubled & videos:
            course.video(number, f"{number} again.mp4")

        plan = course.plan(language)

    expected = {}
    for index, slide in enumerate(slides):
        if slide.video in videos - doubled:
            expected[index + 1] = f"({slide.video:02}) title.mp4"
        elif index not in lost:
            expected[index + 1] = picture_name(slide, START)
    assert {place.slide.position: place.file.source.name for place in plan.places if place.file} == expected
