"""Part 4 as a script: what it says, what it touches, and how it ends."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from course.curricula import recorded_slides
from courses import INTENSIVE, SHORT, START, TEN, Course, files_below, old_outputs, put_foreign
from deck_files import slide_png
from old_projects import OldProject
from package.record import read_record
from slides.pictures import picture_name
from suite import PARTS
from systems import links_needed


def test_the_script_makes_the_package_and_ends_with_0(course, lone_suite):
    done = lone_suite.part(4, "--project-path", course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert str(course.project.output) in done.stdout
    assert "20: left out" in done.stdout


@pytest.mark.parametrize(("arguments", "exit_code"), [((), 1), (("--allow-missing",), 0)])
@pytest.mark.parametrize("lacking", ["video", "picture"])
def test_what_is_missing_decides_on_the_exit_code_unless_it_is_allowed(
    lacking, arguments, exit_code, course, lone_suite
):
    if lacking == "video":
        (course.project.videos / "(06) title.mp4").unlink()
        expected = "video 6 is missing"
    else:
        next((course.project.path / "10").glob("*_t1_c.png")).unlink()
        expected = "10: position 3 (session 1, t1_c)"

    done = lone_suite.main(4, "-p", course.project.path, *arguments)

    assert done.returncode == exit_code
    assert expected in (done.stderr if exit_code else done.stdout)
    assert ("--allow-missing" in done.stderr) == bool(exit_code)
    assert "Traceback" not in done.stderr
    assert (course.project.output / "10" / "9.png").is_file()


@pytest.mark.parametrize("existing", [True, False], ids=["old output", "no output"])
def test_a_dry_run_shows_the_plan_and_touches_nothing(existing, course, lone_suite):
    (course.project.path / "10" / next((course.project.path / "10").glob("*_t1_c.png"))).unlink()
    if existing:
        course.publish()
    before = files_below(course.project.path)

    done = lone_suite.main(4, "-p", course.project.path, "--dry-run", "--allow-missing")

    assert done.returncode == 0, done.stderr
    assert files_below(course.project.path) == before
    lines = done.stdout.splitlines()
    state = "there already" if existing else "made"
    for place in course.plan().places:
        (line,) = [line for line in lines if line.startswith(f"10, position {place.slide.position}: ")]
        assert f"(session {place.slide.session}, {place.slide.key}" in line
        if place.file:
            assert f"{place.file.source} -> {course.project.output / place.file.target} (" in line
            assert line.endswith(f"; {state})")
        else:
            assert "nothing, a gap" in line
    assert (
        f"video 6: {course.project.videos / '(06) title.mp4'} -> {course.project.output / 'videos/6.mp4'}"
        in done.stdout
    )


def test_a_dry_run_says_what_is_kept_and_refuses_what_the_real_run_would(course, lone_suite):
    course.publish()
    kept = course.project.output / "10" / "1.png"
    kept.unlink()
    kept.write_bytes(b"mine")
    done = lone_suite.main(4, "-p", course.project.path, "--dry-run")
    assert f"-> {kept} (session 1, s1_1_1; changed by somebody, kept)" in done.stdout
    assert "10/1.png: kept as it is" in done.stdout

    put_foreign(course.project, "10/1.png")
    done = lone_suite.main(4, "-p", course.project.path, "--dry-run")
    assert done.returncode == 1
    assert "not made by this program" in done.stderr


def test_the_script_says_once_how_files_are_made_and_that_nothing_has_changed(course, lone_suite):
    first = lone_suite.main(4, "-p", course.project.path, "--link", "hard")
    second = lone_suite.main(4, "-p", course.project.path, "--link", "hard")

    assert first.stdout.count(f"{len(course.plan().files)} files are hard links to the originals.") == 1
    assert "Made 9 thumbnails." in first.stdout
    assert "Nothing has changed" in second.stdout
    assert "files" not in second.stdout


def test_the_script_names_what_should_be_looked_at_and_ends_with_0(course, lone_suite):
    old = next((course.project.path / "10").glob("*_t1_c.png"))
    old.rename(old.with_name("20200101_000000_session_1_t1_c.png"))

    done = lone_suite.main(4, "-p", course.project.path)

    assert done.returncode == 0, done.stderr
    assert "1 slide should be looked at (on index.html, “For those who make the package”):" in done.stdout
    assert "10/3: older than the rest: taken 2020-01-01 00:00" in done.stdout


def test_a_dry_run_ends_as_the_real_run_would(course, lone_suite):
    (course.project.videos / "(06) title.mp4").unlink()

    assert lone_suite.main(4, "-p", course.project.path, "--dry-run").returncode == 1
    assert lone_suite.main(4, "-p", course.project.path, "--dry-run", "--allow-missing").returncode == 0


@pytest.mark.parametrize(("arguments", "exit_code"), [((), 1), (("--allow-missing",), 0)])
def test_two_videos_with_one_number_are_named_and_the_rest_is_published(arguments, exit_code, course, lone_suite):
    course.video(6, "6 again.mp4")
    del course.videos[6]

    done = lone_suite.main(4, "-p", course.project.path, *arguments)

    assert done.returncode == exit_code
    told = done.stderr if exit_code else done.stdout
    assert "video 6 is there more than once" in told
    assert "(06) title.mp4 and 6 again.mp4" in told
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


@pytest.mark.parametrize("problem", ["nothing", "no folder"])
def test_what_cannot_be_packaged_ends_with_1_and_one_sentence(problem, bare, lone_suite):
    path = bare.project.path / "missing" if problem == "no folder" else bare.project.path

    done = lone_suite.main(4, "-p", path)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert not (path / "output").exists()


def test_the_language_is_that_of_the_folder_when_nobody_says_it(tmp_path, lone_suite):
    course = Course(tmp_path / "fa")
    course.curriculum(INTENSIVE, recorded_slides(INTENSIVE, False), manifest=False)

    done = lone_suite.main(4, "-p", course.project.path, "--allow-missing")

    assert done.returncode == 0, done.stderr
    assert "classic" in done.stdout
    assert 'dir="rtl"' in (course.project.output / "index.html").read_text(encoding="utf-8")


# --- What the scripts before these have left --------------------------------------------------------------------------


@pytest.fixture
def old_output(course):
    """An output of the old scripts: the pictures in another order."""
    pictures = sorted((course.project.path / "10").glob("*.png"), reverse=True)
    return OldProject(course.project.path).output({TEN: pictures}, {})


def test_an_old_output_is_set_aside_and_that_is_said(course, old_output, lone_suite):
    done = lone_suite.main(4, "-p", course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    (place,) = old_outputs(course.project)
    told = f"{old_output} was not made by this program, or has lost its record. The old output is now {place}."
    assert told in done.stdout.splitlines()
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    again = lone_suite.main(4, "-p", course.project.path)
    assert "old output" not in again.stdout
    assert "Nothing has changed" in again.stdout


def test_a_dry_run_says_what_would_become_of_an_old_output_and_touches_nothing(course, old_output, lone_suite):
    before = files_below(course.project.path)
    done = lone_suite.main(4, "-p", course.project.path, "--dry-run")

    assert (done.returncode, done.stderr) == (0, "")
    assert f"The old output becomes {old_output}.old-" in done.stdout
    assert files_below(course.project.path) == before


def test_a_file_in_the_place_of_the_output_is_set_aside_and_that_is_said(course, lone_suite):
    course.project.output.write_bytes(b"precious")
    done = lone_suite.main(4, "-p", course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    (place,) = old_outputs(course.project)
    assert place.read_bytes() == b"precious"
    assert f"{course.project.output} is a file, not a folder. The old output is now {place}." in done.stdout


def test_an_old_output_with_a_torn_record_is_set_aside_and_that_is_said(course, lone_suite):
    course.publish()
    record = course.project.output / ".made-by-zume.json"
    record.write_text(record.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    done = lone_suite.main(4, "-p", course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(f"{record} cannot be read: ") == 1
    assert f"The old output is now {old_outputs(course.project)[0]}." in done.stdout


def test_an_old_output_that_a_killed_run_left_aside_is_told(course, old_output, lone_suite):
    old_output.rename(course.project.path / ".output.old")
    course.publish()
    shutil.copytree(old_outputs(course.project)[0], course.project.path / ".output.old")
    done = lone_suite.main(4, "-p", course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"{old_outputs(course.project)[1]} is the old output that an interrupted run has replaced." in done.stdout


def test_an_old_output_stays_in_its_place_while_there_is_nothing_to_package(bare, lone_suite):
    output = OldProject(bare.project.path).output({}, {})
    (output / "videos" / "1.mp4").write_bytes(b"precious")
    done = lone_suite.main(4, "-p", bare.project.path)

    assert done.returncode == 1
    assert "There is nothing to package" in done.stderr
    assert [path.name for path in bare.project.path.iterdir() if "output" in path.name] == ["output"]
    assert (output / "videos" / "1.mp4").read_bytes() == b"precious"


def test_part_5_says_that_an_old_output_is_no_package(course, old_output, lone_suite):
    before = files_below(old_output)
    done = lone_suite.main(5, "-p", course.project.path)

    assert done.returncode == 1
    assert f"There is no package in {old_output}." in done.stderr
    assert "python parts/4-rename-files.py" in done.stderr
    assert files_below(old_output) == before


@links_needed
@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["10.json"], "parts/10.json is no longer read: positions come from the course."),
        (["20.json", "10.json"], "parts/10.json and parts/20.json are no longer read"),
        (["intensive.json", "20.json", "10.json"], "parts/10.json, parts/20.json and parts/intensive.json are no"),
        (["._10.json", "vimeo-folders.json"], ""),
    ],
)
def test_lists_of_positions_beside_the_script_are_told_once_and_not_read(names, told, course, lone_suite, tmp_path):
    (tmp_path / "parts").mkdir()
    script = tmp_path / "parts" / PARTS[4].name
    script.symlink_to(PARTS[4])
    for name in names:
        (tmp_path / "parts" / name).write_text('{"1": [99]', encoding="utf-8")
    done = lone_suite.run(script, "-p", course.project.path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("no longer read") == (1 if told else 0)
    assert told in done.stdout
    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()


# --- What has changed -------------------------------------------------------------------------------------------------


def with_changes(course):
    """Take a picture again that looks other now, and put another video in the place of one."""
    slide = SHORT[2]
    (course.project.path / "10" / picture_name(slide, START + timedelta(hours=1))).write_bytes(slide_png())
    (course.project.videos / "(06) title.mp4").unlink()
    course.video(6)


def about_changes(done):
    return [line for line in done.stdout.splitlines() if "change" in line.lower() and "replaced" in line]


def test_the_script_says_in_one_line_what_has_changed_and_nothing_if_nothing_has(course, lone_suite):
    arguments = (4, "-p", course.project.path)
    assert about_changes(lone_suite.part(*arguments)) == []
    with_changes(course)

    done = lone_suite.part(*arguments, "--session-id", "5e55104a")
    assert about_changes(done) == ["Changed: 1 slide changed; video 6 replaced"]
    assert read_record(course.project.output).changes.session_id == "5e55104a"
    assert about_changes(lone_suite.part(*arguments)) == []


def test_a_dry_run_says_what_would_change_and_touches_nothing(course, lone_suite):
    course.publish()
    with_changes(course)
    before = files_below(course.project.path)

    done = lone_suite.main(4, "-p", course.project.path, "--dry-run")

    assert about_changes(done) == ["This would change: 1 slide changed; video 6 replaced"]
    assert files_below(course.project.path) == before
