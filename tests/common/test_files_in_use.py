"""Files that other programs have open, as Windows treats them."""

import os
import sys
import threading
from pathlib import Path

import pytest

from common.errors import BuilderError
from common.files import write_atomically
from common.files_in_use import once_free, remedy_for, remove
from common.records import read_record_file, set_aside
from open_files import on_windows, refuse  # noqa: F401  (fixtures)
from package.links import copy
from package.old_output import OPEN_FILES


class Busy:
    """Something that is in use for the first tries."""

    def __init__(self, tries: int, error: type[OSError] = PermissionError) -> None:
        self.left = tries
        self.error = error
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.left:
            raise self.error(13, "Access denied")
        return "done"


def test_on_windows_a_file_in_use_is_tried_again_until_it_is_free(on_windows):
    assert once_free(Busy(5)) == "done"


def test_on_windows_a_file_that_stays_in_use_is_an_error_in_the_end(on_windows):
    busy = Busy(10**9)
    with pytest.raises(PermissionError):
        once_free(busy)
    assert busy.calls > 1


def test_on_windows_no_other_error_is_tried_again(on_windows):
    gone = Busy(1, FileNotFoundError)
    with pytest.raises(FileNotFoundError):
        once_free(gone)
    assert gone.calls == 1


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_elsewhere_a_missing_right_is_an_error_at_once(platform, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    busy = Busy(1)
    with pytest.raises(PermissionError):
        once_free(busy)
    assert busy.calls == 1


def test_what_to_close_is_said_only_where_an_open_file_can_be_the_reason(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    remedy = remedy_for(PermissionError(13, ""), OPEN_FILES, "Change its rights.")
    assert remedy.startswith("Close what is open of the package (a video that plays, a deck in PowerPoint")
    assert remedy.endswith("Change its rights.")
    assert remedy_for(OSError(28, ""), "it", "Free some space.") == "Free some space."
    monkeypatch.setattr(sys, "platform", "linux")
    assert remedy_for(PermissionError(13, ""), "it", "Change its rights.") == "Change its rights."


def held_open(file: Path, seconds: float) -> threading.Thread:
    """Read a file in the background, as a virus scanner does, and return the thread when it has the file open."""
    is_open = threading.Event()

    def read() -> None:
        with file.open("rb") as opened:
            opened.read(1)
            is_open.set()
            threading.Event().wait(seconds)

    thread = threading.Thread(target=read)
    thread.start()
    assert is_open.wait(20)
    return thread


def test_a_file_that_somebody_reads_for_a_moment_is_replaced(tmp_path):
    state = tmp_path / "state.json"
    state.write_text("old")
    reader = held_open(state, 0.2)
    write_atomically(state, b"new")
    reader.join()
    assert state.read_text() == "new"
    assert list(tmp_path.iterdir()) == [state]


def test_a_file_that_stays_open_keeps_its_content_and_it_is_said_what_to_close(tmp_path, refuse):
    state = tmp_path / "state.json"
    state.write_text("old")
    refuse("replace", lambda partial, target: Path(target) == state)

    with pytest.raises(BuilderError) as refusal:
        write_atomically(state, b"new")

    assert "Close it in all other programs" in refusal.value.remedy
    assert state.read_text() == "old"
    assert list(tmp_path.iterdir()) == [state]


def test_a_state_that_is_just_being_replaced_is_read(tmp_path, refuse):
    state = tmp_path / "state.json"
    state.write_text('{"schema": 1}')
    left = refuse("read_text", lambda path: path == state, tries=3)

    assert read_record_file(state, 1) == {"schema": 1}
    assert left == [0]


def test_a_damaged_record_that_somebody_looks_at_is_set_aside_as_soon_as_it_can_be(tmp_path, refuse):
    state = tmp_path / "state.json"
    state.write_text("{")
    left = refuse("replace", lambda path, target: path == state, tries=2)

    assert set_aside(state).read_text() == "{"
    assert left == [0]


def test_a_damaged_record_that_stays_open_stays_and_it_is_said_what_to_close(tmp_path, refuse):
    state = tmp_path / "state.json"
    state.write_text("{")
    refuse("replace", lambda path, target: path == state)

    with pytest.raises(BuilderError, match="cannot be renamed") as refusal:
        set_aside(state)

    assert refusal.value.remedy.startswith("Close it in all other programs")
    assert list(tmp_path.iterdir()) == [state]


def test_a_file_goes_as_soon_as_nobody_has_it_open(tmp_path, refuse):
    file = tmp_path / "file"
    file.touch()
    left = refuse("unlink", lambda path: path == file, tries=2)

    remove(file)
    remove(file)  # it is no fault that it has gone

    assert (left, file.exists()) == ([0], False)


def test_a_copy_is_written_down_while_it_may_be_written_and_then_gets_its_rights(tmp_path, monkeypatch):
    # Windows calls fsync only for a file that is open for writing.
    source, target = tmp_path / "one", tmp_path / "other"
    source.write_bytes(b"content")
    os.utime(source, ns=(10**18, 10**18))
    source.chmod(0o444)
    synced, fsync = [], os.fsync

    def note(descriptor):
        synced.append(os.write(descriptor, b""))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    copy(source, target)
    assert synced == [0]
    assert target.read_bytes() == b"content"
    assert target.stat().st_mtime_ns == 10**18
    assert target.stat().st_mode == source.stat().st_mode
