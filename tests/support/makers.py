"""What stands in for the ways to make a file of the package, where one of them fails."""

from __future__ import annotations

import errno
import os
import shutil

from common.filesystem import clone
from package import links


def replace_makers(monkeypatch, link=os.link, copy=shutil.copy2, reflink=clone):
    """Replace the functions that make files."""
    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(shutil, "copy2", copy)
    monkeypatch.setattr(links, "clone", reflink)


def unable(*_):
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


def not_linkable(source, *_, **__):
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source))
