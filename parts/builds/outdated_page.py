"""Writes the page over all packages: which of them a build could make better. It is one file, and needs no internet.

``outdated_page.html`` is its template. It includes ``outdated_page.css`` and ``outdated_page.js``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from builds.outdated_words import built_on, in_full, in_short
from builds.package_state import INCOMPLETE, OUTDATED, UNKNOWN, PackageState
from common.console import counted, printable
from common.files import write_atomically
from common.formats import file_size, local_time, now
from common.templates import render
from common.version import VERSION
from package.plan import PAGE

# What has to be looked at comes first.
_ORDER = (INCOMPLETE, OUTDATED, UNKNOWN)


def write_page(path: Path, folder: Path, states: Sequence[PackageState]) -> None:
    """Write the page, atomically.

    Args:
        path: of the page.
        folder: that holds the packages.
        states: of the packages.

    Raises:
        BuilderError: it cannot be written.
    """
    write_atomically(path, packages_page(path, folder, states).encode(errors="backslashreplace"))


def packages_page(path: Path, folder: Path, states: Sequence[PackageState]) -> str:
    """Return the page over all packages.

    Args:
        path: where it is to be; the links to the packages' own pages are relative to it.
        folder: that holds the packages.
        states: of the packages.
    """
    return render(
        Path(__file__).with_name("outdated_page.html"),
        printable=printable,
        folder=folder,
        states=states,
        counts={each: sum(state.state == each for state in states) for each in (*_ORDER, "current")},
        link=lambda state: _link(path, state),
        rank=lambda state: (*_ORDER, state.state).index(state.state),
        built_on=built_on,
        in_short=in_short,
        in_full=in_full,
        pictures=lambda state: sum(one.pictures for one in state.curricula.values()),
        slides=lambda state: sum(one.slides for one in state.curricula.values()),
        counted=counted,
        file_size=file_size,
        looked_at=local_time(now()),
        version=VERSION,
    )


def _link(path: Path, state: PackageState) -> str:
    """Return the address of a package's own page, relative to the page over all; "" if it has none."""
    target = Path(state.project_path, "output", PAGE)
    if not target.is_file():
        return ""
    try:
        relative = Path(os.path.relpath(target.resolve(), path.parent.resolve())).as_posix()
    except ValueError:  # on Windows, two drives have no way from one to the other
        return target.resolve().as_uri()
    # A name with a colon in front would be read as a scheme.
    return quote(f"./{relative}" if not relative.startswith("..") else relative)
