"""Part 5 as a command: what it makes, how it goes with part 4, and how it ends when something goes wrong."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from common.errors import BuilderError
from courses import INTENSIVE, SHORT, START, TEN, Course, files_below
from deck_files import DeckFile, deck_of, deck_path, picture_of, planned, slide_png
from decks import writer
from decks.presentation import deck_language, make_skeleton
from decks.writer import require_space, write_deck
from listed_sums import listed_sums, sha256_of, visible_files, wrong_sums
from open_files import on_windows, refuse  # noqa: F401  (fixtures)
from package import checksums
from suite import PARTS
from systems import as_anybody, permissions_needed, signal_named
from workspace.lock import exclusive


def test_the_script_makes_a_deck_of_each_curriculum_of_the_package(real_course, lone_suite):
    real_course.curriculum(INTENSIVE, SHORT)
    real_course.publish()

    done = lone_suite.part(5, "--project-path", real_course.project.path, "--language-code", "es")

    assert (done.returncode, done.stderr) == (0, "")
    for curriculum in (TEN, INTENSIVE):
        path = deck_path(real_course, curriculum.name)
        assert DeckFile(path).contents == list(real_course.expected(curriculum, SHORT).values())
        assert f"{curriculum.folder}: 9 slides" in done.stdout
        assert str(path) in done.stdout
    assert "20: no deck" in done.stdout
    assert not deck_path(real_course, "twenty_session").exists()
    assert not list(real_course.project.output.glob("*.part"))


def test_one_curriculum_alone_can_be_asked_for_and_another_place(real_course, lone_suite, tmp_path):
    real_course.curriculum(INTENSIVE, SHORT)
    real_course.publish()
    before = files_below(real_course.project.path)
    place = tmp_path / "new" / "place"

    done = lone_suite.main(5, "-p", real_course.project.path, "-c", "intensive_session", "--output-dir", place)

    assert done.returncode == 0, done.stderr
    assert [path.name for path in place.iterdir()] == ["zume-es-intensive_session.pptx"]
    locks = {".zume-build.lock", ".zume-part.lock"}
    after = files_below(real_course.project.path)
    assert {name: after[name] for name in after if name not in locks} == before


def test_a_wrong_curriculum_is_wrong_usage(whole, lone_suite):
    assert lone_suite.main(5, "-p", whole.project.path, "-c", "thirty_session").returncode == 2


def test_the_language_is_that_of_the_folder_when_nobody_says_it(tmp_path, lone_suite):
    course = Course(tmp_path / "fa", slide_png)
    course.curriculum(TEN, SHORT)
    course.publish(language="fa")

    done = lone_suite.main(5, "-p", course.project.path, "--allow-missing")

    assert done.returncode == 0, done.stderr
    deck = DeckFile(deck_path(course, code="fa"))
    assert deck.presentation.get("rtl") == "1"
    assert deck.slides[0].description == "Persian/Farsi, session 1, s1_1_1"


@pytest.mark.parametrize("link", ["auto", "copy"])
def test_decks_survive_a_new_run_of_part_4(link, real_course, lone_suite):
    place = ("-p", real_course.project.path)
    assert lone_suite.main(4, *place, "--link", link).returncode == 0
    assert lone_suite.main(5, *place).returncode == 0
    before = deck_path(real_course).read_bytes()
    old = picture_of(real_course, 3)
    old.unlink()
    real_course.picture(TEN, SHORT[2])

    again = lone_suite.main(4, *place, "--link", link)

    assert (again.returncode, again.stderr) == (0, "")
    assert deck_path(real_course).read_bytes() == before
    assert lone_suite.main(5, *place).returncode == 0
    assert DeckFile(deck_path(real_course)).contents == list(real_course.expected(TEN, SHORT).values())


def test_two_runs_on_one_project_exclude_each_other(published, lone_suite):
    with exclusive(published.project, None, "4-rename-files.py"):
        done = lone_suite.main(5, "-p", published.project.path)

    assert done.returncode == 1
    assert "is in use by 4-rename-files.py" in done.stderr
    assert not deck_path(published).exists()


@pytest.mark.parametrize(
    ("number", "told"), [(errno.ENOSPC, "is full"), (errno.EFBIG, "FAT32"), (errno.EROFS, "cannot be written")]
)
def test_a_deck_that_cannot_be_written_leaves_the_old_one_and_nothing_else(number, told, whole, tmp_path, monkeypatch):
    target = tmp_path / "decks" / "deck.pptx"
    target.parent.mkdir()
    target.write_bytes(b"old")

    def fail(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(writer.os, "fsync", fail)
    with pytest.raises(BuilderError, match=told):
        deck_of(whole, target)

    assert target.read_bytes() == b"old"
    assert [path.name for path in target.parent.iterdir()] == ["deck.pptx"]


@pytest.fixture
def old_deck(tmp_path):
    target = tmp_path / "decks" / "deck.pptx"
    target.parent.mkdir()
    target.write_bytes(b"old")
    return target


def test_a_deck_that_is_open_for_a_moment_is_replaced(whole, old_deck, refuse):
    left = refuse("replace", lambda partial, target: Path(target) == old_deck, tries=2)

    deck_of(whole, old_deck)

    assert left == [0]
    assert [path.name for path in old_deck.parent.iterdir()] == ["deck.pptx"]


def test_a_deck_that_is_open_in_powerpoint_stays_and_it_is_said_what_to_close(whole, old_deck, refuse):
    refuse("replace", lambda partial, target: Path(target) == old_deck)

    with pytest.raises(BuilderError, match="Permission denied") as caught:
        deck_of(whole, old_deck)

    assert caught.value.remedy.startswith(
        "Close the deck in PowerPoint and elsewhere, then run the same command again."
    )
    assert old_deck.read_bytes() == b"old"
    assert [path.name for path in old_deck.parent.iterdir()] == ["deck.pptx"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_told_as_one(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "partial_of", lambda target: Path("/dev/full"))
    monkeypatch.setattr(writer.Path, "unlink", lambda path, missing_ok=False: None)

    with pytest.raises(BuilderError, match="is full"):
        deck_of(whole, tmp_path / "deck.pptx")

    assert not (tmp_path / "deck.pptx").exists()


@pytest.mark.parametrize("change", ["longer", "shorter", "other time", "gone"])
def test_a_file_that_changes_while_the_deck_is_made_is_an_error(change, published, tmp_path):
    (deck,) = planned(published)
    skeleton = make_skeleton(deck, deck_language("es"))
    video = published.project.output / "10" / "2.mp4"

    def disturb(done):
        if done < 1000 and video.exists():
            content = video.read_bytes()
            if change == "gone":
                video.unlink()
            elif change == "other time":
                os.utime(video, (1, 1))
            else:
                video.write_bytes(content + b"more" if change == "longer" else content[:-1])

    with pytest.raises(BuilderError, match=r"2\.mp4 (has changed|cannot be read)"):
        write_deck(tmp_path / "deck.pptx", skeleton, disturb)

    assert not list(tmp_path.glob("deck*"))


def test_a_file_that_changes_while_it_is_read_is_an_error(published, tmp_path):
    (deck,) = planned(published)
    skeleton = make_skeleton(deck, deck_language("es"))
    last = published.project.output / "10" / "9.png"

    def disturb(done):
        if done == deck.media_size:
            last.write_bytes(last.read_bytes() + b"more")

    with pytest.raises(BuilderError, match=r"9\.png has changed"):
        write_deck(tmp_path / "deck.pptx", skeleton, disturb)


def test_space_is_asked_for_before_the_first_byte(tmp_path, monkeypatch):
    class Usage:
        free = 1_000

    monkeypatch.setattr(writer.shutil, "disk_usage", lambda folder: Usage)
    with pytest.raises(BuilderError, match="The disk is too small") as caught:
        require_space([(tmp_path / "deck.pptx", 1_001)])
    assert "--output-dir" in caught.value.remedy
    require_space([(tmp_path / "deck.pptx", 1_000)])
    # What is replaced is free again before the next one is written.
    (tmp_path / "one.pptx").write_bytes(bytes(600))
    require_space([(tmp_path / "one.pptx", 600), (tmp_path / "two.pptx", 1_000)])
    with pytest.raises(BuilderError):
        require_space([(tmp_path / "new.pptx", 600), (tmp_path / "two.pptx", 600)])
    with pytest.raises(BuilderError):
        require_space([(tmp_path / "one.pptx", 1_200), (tmp_path / "two.pptx", 100)])


def test_what_a_killed_run_has_left_is_removed_and_other_files_are_not(published, lone_suite):
    output = published.project.output
    for name in ("zume-es-ten_session.pptx.part", "zume-es-twenty_session.pptx.part", "zume-fr-ten_session.pptx.part"):
        (output / name).write_bytes(b"half")

    done = lone_suite.main(5, "-p", published.project.path)

    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in output.glob("zume*")) == [
        "zume-es-ten_session.pptx",
        "zume-fr-ten_session.pptx.part",
    ]


STUCK = """
import sys, time
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
import decks.writer
inner = decks.writer._pour
def stuck(*arguments):
    print("reading", flush=True)
    time.sleep(60)
    return inner(*arguments)
decks.writer._pour = stuck
import runpy
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize(
    ("name", "exit_code", "left"),
    [("SIGINT", 130, []), ("SIGTERM", 143, []), ("SIGKILL", -9, ["zume-es-ten_session.pptx.part"])],
)
def test_a_run_that_is_stopped_leaves_no_half_deck_under_its_name(name, exit_code, left, published, lone_suite):
    number = signal_named(name)
    old = deck_path(published)
    old.write_bytes(b"old")
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK, PARTS[5], "-p", published.project.path],
        env=lone_suite.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "reading\n"

    process.send_signal(number)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == exit_code
    assert "Traceback" not in errors
    assert old.read_bytes() == b"old"
    assert [path.name for path in published.project.output.glob("*.part")] == left
    assert lone_suite.main(5, "-p", published.project.path).returncode == 0
    assert DeckFile(old).contents == list(published.expected(TEN, SHORT).values())
    assert not list(published.project.output.glob("*.part"))


def test_a_place_that_is_a_file_is_one_sentence(published, lone_suite, tmp_path):
    (tmp_path / "file").write_bytes(b"")

    done = lone_suite.main(5, "-p", published.project.path, "--output-dir", tmp_path / "file")

    assert done.returncode == 1
    assert "is a file, not a folder" in done.stderr
    assert "--output-dir" in done.stderr


@pytest.fixture
def read_only(published):
    """A package that cannot be written, also by root if it has lost what lets it ignore permissions."""
    folders = [published.project.path, *(path for path in published.project.path.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield published
    for folder in folders:
        folder.chmod(0o755)


@permissions_needed
def test_decks_of_a_package_that_cannot_be_written_can_go_elsewhere(read_only, lone_suite, tmp_path):
    def run(*arguments):
        return lone_suite.call(as_anybody(lone_suite.command(5, *arguments)))

    before = files_below(read_only.project.path)
    refused = run("-p", read_only.project.path)

    assert refused.returncode == 1
    assert f"{read_only.project.path} cannot be written." in refused.stderr
    assert "--output-dir DIR" in refused.stderr

    done = run("-p", read_only.project.path, "--output-dir", tmp_path / "decks")

    assert (done.returncode, done.stderr) == (0, "")
    [deck] = (tmp_path / "decks").iterdir()
    assert DeckFile(deck).contents == list(read_only.expected(TEN, SHORT).values())
    assert files_below(read_only.project.path) == before


WATCHED = """
import runpy, sys
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    assert end.code == 0, end.code
lines = dict(line.split(":") for line in open("/proc/self/status") if ":" in line)
print("peak", int(lines["VmHWM"].split()[0]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it so")
def test_the_memory_does_not_grow_with_the_videos(real_course, lone_suite):
    for number in (1, 6):
        with (real_course.project.videos / f"({number:02}) title.mp4").open("r+b") as file:
            file.truncate(120_000_000)
    real_course.publish(link="hard")

    done = subprocess.run(
        [sys.executable, "-c", WATCHED, PARTS[5], "-p", real_course.project.path],
        env=lone_suite.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert deck_path(real_course).stat().st_size > 240_000_000
    # Without any video it takes about 80 MB.
    assert int(done.stdout.split("peak")[1]) * 1024 < 150_000_000


def test_a_file_that_cannot_be_read_is_one_sentence(whole, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("decks.plan.look_at_picture", refuse)
    with pytest.raises(BuilderError, match=r"1\.png cannot be read: Permission denied"):
        planned(whole)


def test_the_size_of_a_deck_is_known_before(whole, tmp_path):
    (deck,) = planned(whole)
    shown = []
    size = write_deck(tmp_path / "deck.pptx", make_skeleton(deck, deck_language("es")), shown.append)

    assert shown[-1] == deck.media_size
    assert deck.media_size < size == (tmp_path / "deck.pptx").stat().st_size < deck.media_size + 2_000_000


# --- The checksums of the package -------------------------------------------------------------------------------------


def test_decks_in_the_package_are_in_its_list_of_checksums_and_part_4_finds_nothing_to_do(published, lone_suite):
    assert lone_suite.main(5, "-p", published.project.path).returncode == 0
    before = files_below(published.project.output)
    again = lone_suite.main(4, "-p", published.project.path)

    output = published.project.output
    assert listed_sums(output)["zume-es-ten_session.pptx"] == sha256_of(output / "zume-es-ten_session.pptx")
    assert (wrong_sums(output), listed_sums(output).keys()) == ([], visible_files(output))
    assert "Nothing has changed" in again.stdout
    assert "Older than the package" not in again.stdout
    assert files_below(output) == before


def test_a_run_that_ends_right_after_a_deck_was_replaced_leaves_no_sum_of_the_old_one(
    published, lone_suite, monkeypatch
):
    output, deck = published.project.output, "zume-es-ten_session.pptx"
    assert lone_suite.main(5, "-p", published.project.path).returncode == 0
    old = sha256_of(output / deck)
    published.picture(TEN, SHORT[2], START + timedelta(hours=1))
    published.publish()
    assert listed_sums(output)[deck] == old

    def end(*_):
        raise BuilderError("The machine went off.")

    monkeypatch.setattr(checksums, "bring_up_to_date", end)
    assert lone_suite.main(5, "-p", published.project.path).returncode == 1
    monkeypatch.undo()
    assert old != sha256_of(output / deck)
    assert (wrong_sums(output), deck in listed_sums(output)) == ([], False)
    published.publish()
    assert listed_sums(output)[deck] == sha256_of(output / deck)
