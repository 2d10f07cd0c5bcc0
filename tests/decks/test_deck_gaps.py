"""What a deck shows, and what part 5 says, where something is missing, changed or not clear."""

from __future__ import annotations

from datetime import timedelta

import pytest

from courses import INTENSIVE, SHORT, START, TEN, TWENTY
from deck_files import DeckFile, deck_of, deck_path, mp4, picture_of, planned, slide_png


def test_an_older_deck_of_what_the_package_does_not_have_any_more_is_named(published, lone_suite):
    old = deck_path(published, "twenty_session")
    old.write_bytes(b"of last month")

    done = lone_suite.main(5, "--project-path", published.project.path, "--language-code", "es")

    assert done.returncode == 0, done.stderr
    assert f"{old} was made from an older package." in done.stdout
    assert "10: no deck" not in done.stdout


@pytest.mark.parametrize(("arguments", "exit_code"), [((), 1), (("--allow-missing",), 0)])
@pytest.mark.parametrize("lacking", ["video", "picture", "published file", "doubled video", "no picture at all"])
def test_what_is_missing_is_told_and_the_deck_is_made_with_the_rest(
    lacking, arguments, exit_code, real_course, lone_suite
):
    real_course.publish()
    expected = real_course.expected(TEN, SHORT)
    if lacking == "video":
        (real_course.project.videos / "(06) title.mp4").unlink()
        real_course.publish()
        told = "10/6.png (session 2, t6_b) is a picture instead of video 6."
        expected["10/6.mp4"] = real_course.pictures["10", SHORT[5].name]
    elif lacking == "doubled video":
        real_course.video(6, "6 again.mp4")
        real_course.publish()
        told = "10/6.png (session 2, t6_b) is a picture instead of video 6."
        expected["10/6.mp4"] = real_course.pictures["10", SHORT[5].name]
    elif lacking == "picture":
        picture_of(real_course, 3).unlink()
        real_course.publish()
        told = "10: position 3 (session 1, t1_c) has no picture."
        del expected["10/3.png"]
    elif lacking == "published file":
        (real_course.project.output / "10" / "3.png").unlink()
        told = "10/3.png (session 1, t1_c) is not in the output. Run part 4 again."
        del expected["10/3.png"]
    else:
        picture = real_course.project.output / "10" / "3.png"
        picture.unlink()
        picture.write_bytes(b"no picture")
        told = "10/3.png (session 1, t1_c) cannot be shown as a picture."
        del expected["10/3.png"]

    done = lone_suite.main(5, "-p", real_course.project.path, *arguments)

    assert done.returncode == exit_code
    assert told in (done.stderr if exit_code else done.stdout)
    assert "1 thing missing or ambiguous" in (done.stderr if exit_code else done.stdout)
    assert ("--allow-missing" in done.stderr) == bool(exit_code)
    assert "Traceback" not in done.stderr
    deck = DeckFile(deck_path(real_course))
    assert deck.contents == list(expected.values())
    assert list(deck.sections) == ["Session 1", "Session 2", "Session 3"]


def test_a_video_that_came_after_part_4_is_told_and_the_published_picture_shown(real_course, lone_suite):
    video = real_course.project.videos / "(06) title.mp4"
    content = video.read_bytes()
    video.unlink()
    real_course.publish()
    video.write_bytes(content)

    done = lone_suite.main(5, "-p", real_course.project.path)

    assert done.returncode == 1
    assert "10/6.mp4 (session 2, t6_b) is not in the output, but 10/6.png is. Run part 4 again." in done.stderr
    assert DeckFile(deck_path(real_course)).contents[5] == real_course.pictures["10", SHORT[5].name]


def test_a_picture_or_video_that_somebody_has_put_into_a_gap_is_shown(real_course, lone_suite):
    for position in (3, 4):
        picture_of(real_course, position).unlink()
    real_course.publish()
    mine, film = slide_png(), mp4()
    (real_course.project.output / "10" / "3.png").write_bytes(mine)
    (real_course.project.output / "10" / "4.mp4").write_bytes(film)

    done = lone_suite.main(5, "-p", real_course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    deck = DeckFile(deck_path(real_course))
    assert deck.contents[2:4] == [mine, film]
    assert deck.slides[3].description == "Spanish, session 1, final"


def test_a_file_that_somebody_has_changed_in_the_output_is_shown_as_it_is(published, tmp_path):
    mine = published.project.output / "10" / "8.mp4"
    mine.unlink()
    mine.write_bytes(mp4())

    deck = deck_of(published, tmp_path / "deck.pptx")

    assert deck.contents[7] == mine.read_bytes()
    assert deck.contents[1] == published.videos[1]


def test_of_two_files_at_one_position_the_packages_own_is_shown_and_both_are_named(published, lone_suite):
    (published.project.output / "10" / "3.mp4").write_bytes(mp4())

    done = lone_suite.main(5, "-p", published.project.path)

    assert done.returncode == 1
    assert "10/3.mp4 and 10/3.png are at the same position" in done.stderr
    assert DeckFile(deck_path(published)).contents == list(published.expected(TEN, SHORT).values())


def test_what_is_missing_elsewhere_is_no_matter_of_the_curriculum_that_is_asked_for(real_course, lone_suite):
    real_course.curriculum(INTENSIVE, SHORT)
    picture_of(real_course, 3).unlink()
    real_course.publish()

    done = lone_suite.main(5, "-p", real_course.project.path, "-c", "intensive_session")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["the same name", "a newer name"])
def test_a_newer_original_is_said_and_what_was_published_is_shown(name, published, lone_suite):
    old = published.pictures["10", SHORT[2].name]
    if name == "the same name":
        path = picture_of(published, 3)
        path.unlink()  # it may be one file with the published one
        path.write_bytes(slide_png())
    else:
        published.picture(TEN, SHORT[2], START + timedelta(days=1))

    done = lone_suite.main(5, "-p", published.project.path)

    assert done.returncode == 0
    assert "The package has 10/3.png from an older original" in done.stderr.replace("\n", " ")
    assert DeckFile(deck_path(published)).contents[2] == old


def test_without_a_package_part_4_is_named_as_the_way_and_nothing_is_made(real_course, lone_suite):
    done = lone_suite.main(5, "-p", real_course.project.path)

    assert done.returncode == 1
    assert "There is no package in" in done.stderr
    assert "parts/4-rename-files.py" in done.stderr
    assert not real_course.project.output.exists()


@pytest.mark.parametrize("arguments", [(), ("--allow-missing",)])
def test_of_nothing_no_deck_is_made(arguments, published, lone_suite):
    for path in (published.project.output / "10").iterdir():
        path.unlink()

    done = lone_suite.main(5, "-p", published.project.path, *arguments)

    assert done.returncode == 1
    assert "No deck was made." in done.stderr
    assert "Not in the output: s1_1_1 of session 1, " in done.stderr
    assert not list(published.project.output.glob("*.pptx*"))


def test_a_curriculum_that_the_package_does_not_have_is_an_error_if_it_alone_is_asked_for(published, lone_suite):
    done = lone_suite.main(5, "-p", published.project.path, "-c", "twenty_session")

    assert done.returncode == 1
    assert "20: no deck" in done.stdout
    assert "No deck was made." in done.stderr


def test_only_the_curricula_of_the_package_are_planned(whole):
    assert [deck.curriculum for deck in planned(whole, (TEN, TWENTY, INTENSIVE))] == [TEN]
