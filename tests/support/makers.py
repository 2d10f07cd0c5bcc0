"""What stands in for the ways to make a file of the package, rename one or look into a folder, where that fails."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
from pathlib import Path

from common.filesystem import clone
from package import links


def replace_makers(monkeypatch, link=os.link, copy=shutil.copyfile, reflink=clone):
    """Replace the functions that make files."""
    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(shutil, "copyfile", copy)
    monkeypatch.setattr(links, "clone", reflink)


def unable(*_):
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


def not_linkable(source, *_, **__):
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source))


def fail_at_rename(monkeypatch, failing):
    """Let one rename fail, in a way that no waiting can mend: the first one has the number 0."""
    count, real = itertools.count(), Path.rename

    def rename(self, target):
        if next(count) == failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(self))
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)


def make_unreadable(monkeypatch, folder):
    """Let nobody look into a folder."""
    real = os.scandir

    def scandir(path):
        if Path(path) == folder:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
