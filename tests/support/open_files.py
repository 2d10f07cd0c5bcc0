"""Files that other programs have open, as Windows treats them: nobody may replace, rename, remove or read them then."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import filelock  # noqa: F401  (it asks which system this is when it is imported, not later)
import pytest

from common import files_in_use

FOREVER = 10**9


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals are taken for files that are open, as on Windows, and soon given up."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(files_in_use, "_PAUSE", 0)
    monkeypatch.setattr(files_in_use, "_PATIENCE", 0.05)


@pytest.fixture
def refuse(on_windows, monkeypatch):
    """Lets a method of paths fail for so many tries, and returns how many are left, in a list.

    Args:
        name: the method.
        is_open: says whether it fails, given what the method is given.
        tries: how often.
    """

    def make(name, is_open, tries=FOREVER):
        real, left = getattr(Path, name), [tries]

        def do(self, *arguments, **options):
            if left[0] and is_open(self, *arguments):
                left[0] -= 1
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
            return real(self, *arguments, **options)

        monkeypatch.setattr(Path, name, do)
        return left

    return make
