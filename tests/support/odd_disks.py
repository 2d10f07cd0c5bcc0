"""A folder of this machine that behaves like a disk of another one, for everything that this process does in it.

Processes that a test starts see the folder as it is.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from builds import machine_facts
from common import filesystem
from package import links, swap

# What takes one path, as far as this system has it, and what takes two.
_ONE = (
    *("access", "chmod", "listdir", "listxattr", "lstat", "mkdir", "open", "readlink", "rmdir", "scandir", "stat"),
    *("statvfs", "truncate", "utime"),
)
_TWO = ("rename", "replace")
_REMOVING = ("remove", "unlink")


@dataclass(frozen=True)
class Kind:
    """What a disk does otherwise.

    Attributes:
        stored: returns a name as the disk keeps it.
        key: returns what names have in common that are one to the disk.
        no_links: the error of whoever wants a hard link, or None if there are some. Without them no blocks are shared,
            and no names are exchanged.
        has_doubles: whether ``._name`` is renamed and removed with ``name``, as macOS does where it has to keep a
            file's other attributes in one.
    """

    stored: Callable[[str], str]
    key: Callable[[str], str]
    no_links: int | None = None
    has_doubles: bool = False


def _as_given(name: str) -> str:
    return name


def _split(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def _folded(name: str) -> str:
    return _split(_split(name).casefold())


# Disks of a Mac, old and new.
HFS_PLUS = Kind(_split, _folded)
APFS = Kind(_as_given, _folded)
# The disk of Windows.
NTFS = Kind(_as_given, str.casefold)
# A memory stick at each system: each has an error of its own (on Windows it is "incorrect function").
EXFAT = {
    "macOS": Kind(_as_given, _folded, errno.ENOTSUP, has_doubles=True),
    "Windows": Kind(_as_given, str.casefold, errno.EINVAL),
    "Linux": Kind(_as_given, str.casefold, errno.EPERM),
}
# Some network folders of a Mac.
STORING_NFD = Kind(_split, _split)


def lay_disk(monkeypatch: pytest.MonkeyPatch, root: Path, kind: Kind) -> None:
    """Let all that this process does below a folder meet a disk of a kind until the test ends."""
    disk = _Disk(root, kind)
    for name in _ONE:
        if hasattr(os, name):
            monkeypatch.setattr(os, name, disk.finding(getattr(os, name)))
    for name in _TWO:
        monkeypatch.setattr(os, name, disk.renaming(getattr(os, name)))
    for name in _REMOVING:
        monkeypatch.setattr(os, name, disk.removing(getattr(os, name)))
    monkeypatch.setattr(os, "link", disk.linking(os.link))
    monkeypatch.setattr(os, "symlink", disk.making_link(os.symlink))
    opening = disk.finding(io.open)
    monkeypatch.setattr(io, "open", opening)
    monkeypatch.setattr(builtins, "open", opening)
    # These do not call the system by Python's own functions.
    callers = ((links, "clone"), (swap, "exchange"), (machine_facts, "clone"), (machine_facts, "exchange"))
    for module, name in callers:
        linking = disk.linking(getattr(filesystem, name))
        monkeypatch.setattr(module, name, lambda one, other, linking=linking: linking(Path(one), Path(other)))


def _double(path: Any) -> Path:
    return Path(path).with_name(f"._{Path(path).name}")


class _Disk:
    """Finds what a path leads to on a disk of a kind."""

    def __init__(self, root: Path, kind: Kind) -> None:
        self._root = root.resolve()
        self._kind = kind
        self._listdir = os.listdir

    def finding(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose first argument may be a path on this disk."""

        def call(path: Any = ".", *arguments: Any, **options: Any) -> Any:
            # What is relative to a folder that is open has come from the disk itself.
            real = path if options.get("dir_fd") is not None else self._real(path)
            return function(real, *arguments, **options)

        return call

    def renaming(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that gives a file another name; it may be the same one, written otherwise."""

        def call(source: Any, target: Any, **options: Any) -> None:
            found, place = self._real(source), self._real(target)
            if found == place and self._is_here(target):
                place = Path(place).with_name(self._kind.stored(Path(target).name))
            function(found, place, **options)
            if self._is_here(target) and self._has_double(found):
                function(_double(found), _double(place), **options)

        return call

    def removing(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that removes a file."""

        def call(path: Any, **options: Any) -> None:
            is_relative = options.get("dir_fd") is not None
            real = path if is_relative else self._real(path)
            function(real, **options)
            if is_relative or self._is_here(path):
                with suppress(OSError):
                    if self._kind.has_doubles:
                        function(_double(real), **options)

        return call

    def _has_double(self, real: Any) -> bool:
        return self._kind.has_doubles and _double(real).name in self._listdir(Path(real).parent)

    def linking(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that gives a file or its blocks a second name, if the disk can."""

        def call(source: Any, target: Any, **options: Any) -> Any:
            number = self._kind.no_links
            if number is not None and (self._is_here(source) or self._is_here(target)):
                raise OSError(number, os.strerror(number), str(source), None, str(target))
            return function(self._real(source), self._real(target), **options)

        return call

    def making_link(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that makes a symbolic link, whose second argument is a path on this disk."""
        return lambda source, target, *arguments, **options: function(source, self._real(target), *arguments, **options)

    def _is_here(self, path: Any) -> bool:
        return isinstance(path, str | Path) and self._root in Path(path).absolute().parents

    def _real(self, path: Any) -> Any:
        if not self._is_here(path):
            return path
        real = self._root
        for name in Path(path).absolute().relative_to(self._root).parts:
            real = real.parent if name == ".." else real / self._name_in(real, name)
        return type(path)(real)

    def _name_in(self, folder: Path, name: str) -> str:
        try:
            there = self._listdir(folder)
        except OSError:
            there = []
        key = self._kind.key(name)
        return min((each for each in there if self._kind.key(each) == key), default=self._kind.stored(name))
