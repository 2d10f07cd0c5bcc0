"""What only a Mac's C library can do with files: it is asked as its headers say, and may lack it or refuse."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from common import filesystem
from common.filesystem import UNABLE, clone, exchange
from courses import SHORT, START, TEN, leftovers
from package import swap

# As <sys/clonefile.h> and <stdio.h> of macOS declare them; ctypes then refuses what does not fit.
_TWO_PATHS_AND_FLAGS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint32, use_errno=True)
RENAME_SWAP = 0x00000002


class Library:
    """Stands for the C library of a Mac.

    Args:
        refusal: the error of each call, or 0 if they work.

    Attributes:
        asked: the flags of each call, by the function's name.
    """

    def __init__(self, refusal=0):
        self._refusal = refusal
        self.asked = []
        self.clonefile = self._function("clonefile", shutil.copy2)
        self.renamex_np = self._function("renamex_np", self._swap)

    def _function(self, name, work):
        def answer(one, other, flags):
            self.asked.append((name, flags))
            number = self._refusal or (errno.EEXIST if name == "clonefile" and os.path.lexists(other) else 0)
            if number:
                ctypes.set_errno(number)
                return -1
            work(os.fsdecode(one), os.fsdecode(other))
            return 0

        return _TWO_PATHS_AND_FLAGS(answer)

    @staticmethod
    def _swap(one, other):
        between = f"{one}.between"
        for old, new in ((one, between), (other, one), (between, other)):
            Path(old).rename(new)


@pytest.fixture
def mac(monkeypatch):
    """Let this be a Mac whose C library refuses with an error, or lacks the functions (None)."""

    def be(refusal=0):
        library = object() if refusal is None else Library(refusal)
        monkeypatch.setattr(sys, "platform", "darwin")
        monkeypatch.setattr(filesystem, "_c_library", lambda: library)
        return library

    return be


def two_files(folder):
    (folder / "é").write_text("1")
    (folder / "b").write_text("2")
    return folder / "é", folder / "b"


def test_a_file_is_cloned_with_no_flags(mac, tmp_path):
    library = mac()
    source, _ = two_files(tmp_path)
    clone(source, tmp_path / "made")

    assert (tmp_path / "made").read_text() == "1"
    assert library.asked == [("clonefile", 0)]


def test_two_names_are_exchanged_in_one_step(mac, tmp_path):
    library = mac()
    one, other = two_files(tmp_path)
    exchange(one, other)

    assert (one.read_text(), other.read_text()) == ("2", "1")
    assert library.asked == [("renamex_np", RENAME_SWAP)]


def test_what_is_there_is_never_overwritten_by_a_clone(mac, tmp_path):
    mac()
    with pytest.raises(FileExistsError) as refusal:
        clone(*two_files(tmp_path))

    assert refusal.value.errno not in UNABLE
    assert (tmp_path / "b").read_text() == "2"


@pytest.mark.parametrize("refusal", [errno.ENOTSUP, errno.EXDEV, errno.EINVAL, None])
@pytest.mark.parametrize("work", [clone, exchange])
def test_a_mac_that_cannot_do_it_says_so_with_an_error_that_leads_to_another_way(work, refusal, mac, tmp_path):
    mac(refusal)
    one, other = two_files(tmp_path)
    with pytest.raises(OSError) as caught:
        work(one, other)

    assert caught.value.errno == (refusal or errno.ENOSYS)
    assert caught.value.errno in UNABLE
    assert (one.read_text(), other.read_text()) == ("1", "2")


@pytest.mark.parametrize(("refusal", "way"), [(0, "reflink"), (errno.ENOTSUP, "hard"), (None, "hard")])
def test_on_a_mac_a_package_is_made_of_clones_or_else_of_hard_links(refusal, way, mac, course, monkeypatch):
    mac(refusal)
    # The files of this system have no flags.
    monkeypatch.setattr(swap, "unprotect", lambda _: None)
    assert course.publish("auto").ways.keys() == {way}
    course.picture(TEN, SHORT[2], START + timedelta(hours=1))
    course.publish("auto")

    assert course.output() == course.expected(TEN, SHORT) | course.expected_videos()
    assert leftovers(course.project) == []
