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
        is_open: says whether it fails, given what the method is given; or the path that it fails for.
        tries: how often.
        owner: what has the method, if that is not ``Path``.
    """

    def make(name, is_open, tries=FOREVER, owner=Path):
        real, left = getattr(owner, name), [tries]
        fails = is_open if callable(is_open) else lambda path, *_: Path(path) == is_open

        def do(path, *arguments, **options):
            if left[0] and fails(path, *arguments):
                left[0] -= 1
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path, *arguments, **options)

        monkeypatch.setattr(owner, name, do)
        return left

    return make
