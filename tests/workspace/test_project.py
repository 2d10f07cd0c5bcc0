"""Files that are whole under their names, and projects that one run at a time may touch."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from common import files
from common.errors import BuilderError
from common.files import folder_at, make_folder, write_atomically, write_json
from common.formats import local_time
from open_files import FOREVER, on_windows, refuse  # noqa: F401  (fixtures)
from suite import ROOT, clean_environment
from systems import absolute, links_needed, permissions_needed, signal_named, signals_needed
from workspace.folders import Project
from workspace.lock import exclusive, exclusive_build

HOLD = """
import sys, time
from pathlib import Path
from common.errors import BuilderError
from workspace.folders import Project
from workspace.lock import exclusive, exclusive_build

path, session, program = sys.argv[1:]
project = Project(Path(path))
is_build = program == "build.py"
try:
    with exclusive_build(project, session) if is_build else exclusive(project, session or None, program):
        print("held", flush=True)
        sys.stdin.read()
except BuilderError as error:
    print(f"refused: {error.message}", flush=True)
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "es").mkdir()
    return Project(tmp_path / "es")


@contextmanager
def another_process(project, session="", program="build.py"):
    """Try to hold a project in another process; yields the process and what it said."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(project.path), session, program],
        env=clean_environment(PYTHONPATH=str(ROOT / "parts")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def refusal(project, session=None, program="4-rename-files.py"):
    """Try to hold a project; return the error message, or an empty text if it could be held."""
    try:
        with exclusive(project, session, program):
            return ""
    except BuilderError as error:
        assert error.exit_code == 1
        assert error.remedy
        return error.message


def part_files(folder):
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]


@permissions_needed
@pytest.mark.parametrize("mode", [0o600, 0o644])
@pytest.mark.parametrize("existing", [None, 0o600, 0o644])
def test_a_file_gets_its_content_and_its_mode(mode, existing, tmp_path):
    path = tmp_path / "file"
    if existing is not None:
        path.write_bytes(b"a much longer old content")
        path.chmod(existing)
    before = os.umask(0o022)
    try:
        write_atomically(path, b"new", mode)
    finally:
        os.umask(before)

    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failure_leaves_the_old_content_and_no_part_file(failing, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(*{"fsync": (files.os, "fsync"), "replace": (Path, "replace")}[failing], fail)

    with pytest.raises(BuilderError, match="No space left") as caught:
        write_atomically(path, b"new")

    assert str(path) in caught.value.message
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@signals_needed
def test_a_full_disk_is_noticed_before_the_old_content_is_gone(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    script = (
        "import resource, signal, sys; from pathlib import Path; from common.files import write_atomically;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "write_atomically(Path(sys.argv[1]), b'x' * 5000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env=clean_environment(PYTHONPATH=str(ROOT / "parts")),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "BuilderError" in done.stderr.splitlines()[-1]
    assert path.read_bytes() == b"old"
    assert part_files(tmp_path) == []


@pytest.mark.parametrize("kind", [NotADirectoryError, FileNotFoundError], ids=["elsewhere", "on Windows"])
def test_a_file_where_a_folder_has_to_be_is_called_a_file(kind, tmp_path, monkeypatch):
    def refuse(*_):
        raise kind

    (tmp_path / "a-file").write_text("")
    monkeypatch.setattr(files.os, "open", refuse)

    with pytest.raises(BuilderError) as caught:
        write_atomically(tmp_path / "a-file" / "file", b"new")

    assert caught.value.message == f"{tmp_path / 'a-file'} is a file, not a folder."
    assert "permissions" not in caught.value.remedy


@pytest.mark.parametrize("place", ["missing/file", "a-folder"])
def test_a_place_that_cannot_be_written_is_an_error_that_names_it(place, tmp_path):
    (tmp_path / "a-file").write_text("")
    (tmp_path / "a-folder").mkdir()

    with pytest.raises(BuilderError, match="cannot be written") as caught:
        write_atomically(tmp_path / place, b"new")

    assert str(tmp_path / place) in caught.value.message
    assert part_files(tmp_path) == []


def test_json_is_written_readable_for_people(tmp_path):
    write_json(tmp_path / "file.json", {"name": "မြန်မာ"})

    text = (tmp_path / "file.json").read_text(encoding="utf-8")
    assert "မြန်မာ" in text
    assert text.count("\n") == 3
    assert json.loads(text) == {"name": "မြန်မာ"}


@pytest.mark.parametrize("place", ["a-file", "a-file/below", "a-file/far/below"])
def test_a_file_in_the_way_of_a_folder_is_named(place, tmp_path):
    (tmp_path / "a-file").write_text("precious")

    with pytest.raises(BuilderError) as caught:
        make_folder(tmp_path / place, "Choose another one.")

    assert caught.value.message == f"{tmp_path / 'a-file'} is a file, not a folder."
    assert caught.value.remedy == "Choose another one."
    assert (tmp_path / "a-file").read_text() == "precious"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/one/../two", absolute("/two")),
        ("/../two/./three/..", absolute("/two")),
        ("{here}/packages/../packages/es", "{here}/packages/es"),
        ("{here}/not there/../es", "{here}/es"),
        # A link stays as it is known; only what is above its folder is not above the link.
        pytest.param("{here}/stick/es", "{here}/stick/es", marks=links_needed),
        pytest.param("{here}/stick/es/..", "{here}/stick", marks=links_needed),
        pytest.param("{here}/stick/../es", "{here}/media/es", marks=links_needed),
    ],
)
def test_a_folder_is_shown_and_used_without_ups(text, path, tmp_path):
    (tmp_path / "media" / "usb").mkdir(parents=True)
    if "stick" in text:
        (tmp_path / "stick").symlink_to(tmp_path / "media" / "usb")

    assert str(folder_at(text.format(here=tmp_path))) == str(Path(path.format(here=tmp_path)))


def test_a_project_that_does_not_exist_is_an_error_that_names_it(tmp_path):
    with pytest.raises(BuilderError) as caught:
        Project(tmp_path / "es").require()

    assert str(tmp_path / "es") in caught.value.message


def test_a_project_that_another_process_holds_is_refused_with_session_process_and_time(project):
    with another_process(project, "5e55104a", "build.py") as (process, said):
        assert said == "held"
        holder = json.loads((project.path / ".zume-build.holder.json").read_text())
        message = refusal(project)

    assert holder["since"].endswith("+00:00")
    for part in (
        str(project.path),
        "build.py",
        "session 5e55104a",
        f"process {process.pid}",
        local_time(holder["since"]),
    ):
        assert part in message


def test_a_run_without_session_is_named_by_its_program_and_process(project):
    with another_process(project, "", "3-slides-download.py") as (process, said):
        assert said == "held"
        message = refusal(project)

    assert "3-slides-download.py" in message
    assert f"process {process.pid}" in message
    assert "None" not in message


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_holder_that_was_killed_holds_nothing_any_more(name, project):
    with another_process(project, "5e55104a") as (process, said):
        assert said == "held"
        process.send_signal(signal_named(name))
        process.wait(timeout=10)
        # What it wrote about itself is still there, and must not be believed.
        assert (project.path / ".zume-build.holder.json").exists()

        assert refusal(project) == ""
        assert refusal(project, "0ther000") == ""


def test_a_run_that_ends_lets_go_of_the_project(project):
    assert refusal(project) == ""
    with another_process(project) as (_, said):
        assert said == "held"


def test_a_run_that_fails_lets_go_of_the_project(project):
    with pytest.raises(RuntimeError), exclusive_build(project, "5e55104a"):
        raise RuntimeError

    with another_process(project) as (_, said):
        assert said == "held"


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"session": 7}', '{"session": "5e55104a"}'])
def test_a_stale_holder_file_is_no_obstacle(content, project):
    for scope in ("build", "part"):
        (project.path / f".zume-{scope}.holder.json").write_text(content)

    assert refusal(project) == ""
    assert refusal(project, "5e55104a") == ""
    assert refusal(project, "0ther000") == ""


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_a_holder_that_cannot_be_named_is_respected_all_the_same(content, project):
    with another_process(project) as (_, said):
        assert said == "held"
        (project.path / ".zume-build.holder.json").write_text(content)

        assert "another run" in refusal(project)


def test_a_run_ends_well_while_somebody_reads_who_holds_the_project(project, refuse):
    holder = project.path / ".zume-build.holder.json"
    left = refuse("unlink", lambda path: path == holder)

    with exclusive_build(project, "5e55104a"):
        pass

    assert left[0] < FOREVER
    left[0] = 2
    with exclusive_build(project, "5e55104a"):
        pass
    assert (left, holder.exists()) == ([0], False)


def test_who_holds_the_project_is_read_although_it_is_just_being_written(project, refuse):
    with another_process(project) as (_, said):
        assert said == "held"
        left = refuse("read_text", lambda path: path.name == ".zume-build.holder.json", tries=2)

        assert "another run" not in refusal(project)
        assert left == [0]


def test_a_part_of_the_build_that_holds_the_project_passes(project):
    with (
        exclusive_build(project, "5e55104a"),
        another_process(project, "5e55104a", "3-slides-download.py") as (_, said),
    ):
        assert said == "held"


@pytest.mark.parametrize("session", ["", "0ther000"])
def test_a_part_of_another_session_does_not_pass_while_a_build_holds_the_project(session, project):
    with (
        exclusive_build(project, "5e55104a"),
        another_process(project, session, "3-slides-download.py") as (_, said),
    ):
        assert said.startswith("refused")
        assert "5e55104a" in said


def test_two_parts_of_one_build_exclude_each_other(project):
    with (
        exclusive_build(project, "5e55104a"),
        another_process(project, "5e55104a", "2-video-download.py") as first,
        another_process(project, "5e55104a", "3-slides-download.py") as second,
    ):
        assert first[1] == "held"
        assert second[1].startswith("refused")
        assert f"process {first[0].pid}" in second[1]
        assert "2-video-download.py" in second[1]


def test_parts_of_one_build_may_follow_each_other(project):
    with exclusive_build(project, "5e55104a"):
        for program in ("1-setup.py", "2-video-download.py", "3-slides-download.py"):
            with another_process(project, "5e55104a", program) as (_, said):
                assert said == "held"


def test_two_parts_that_are_given_one_session_by_hand_exclude_each_other(project):
    with (
        another_process(project, "5e55104a", "2-video-download.py") as first,
        another_process(project, "5e55104a", "3-slides-download.py") as second,
    ):
        assert first[1] == "held"
        assert second[1].startswith("refused")
        assert f"process {first[0].pid}" in second[1]


@pytest.mark.parametrize(
    ("session", "programs"),
    [
        ("", ["3-slides-download.py"]),
        ("0ther000", ["3-slides-download.py"]),
        ("0ther000", ["build.py", "3-slides-download.py"]),
        ("5e55104a", ["build.py", "3-slides-download.py"]),
    ],
    ids=["part", "part of another session", "new build", "resumed build"],
)
def test_a_part_that_outlives_its_killed_build_still_holds_the_project(session, programs, project):
    with (
        another_process(project, "5e55104a", "build.py") as (build, _),
        another_process(project, "5e55104a", "3-slides-download.py") as (part, said),
    ):
        assert said == "held"
        build.kill()
        build.wait(timeout=10)

        answer = first_refusal(project, session, programs)

    assert answer.startswith("refused")
    assert f"process {part.pid}" in answer


def first_refusal(project, session, programs):
    """Hold a project in one process after the other; return what the first that is refused says."""
    with ExitStack() as stack:
        for program in programs:
            _, said = stack.enter_context(another_process(project, session, program))
            if said != "held":
                return said
    return ""


def test_different_projects_do_not_hinder_each_other(project, tmp_path):
    (tmp_path / "fr").mkdir()
    with another_process(project) as (_, first), another_process(Project(tmp_path / "fr")) as (_, second):
        assert (first, second) == ("held", "held")
