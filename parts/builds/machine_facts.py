"""What a report says of the machine: versions, the system, and what its file system can do. No name, no path."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from urllib.request import getproxies

from builds.known_words import OTHER_WORD, known_word
from builds.preflight import required_packages
from builds.services import find_tools_of, grid_urls
from builds.session import BuildSession
from common.console import counted
from common.errors import BuilderError
from common.files import nearest_folder
from common.filesystem import clone, exchange
from common.formats import file_size
from common.version import VERSION
from slides.memory import free_memory

_LEADING_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+){0,3}(?:(?:a|b|rc)[0-9]{1,3})?")
_MACHINES = frozenset({"x86_64", "amd64", "arm64", "aarch64", "i386", "i686", "armv7l", "armv6l", "riscv64", "ppc64le"})
# fmt: off
_DISTRIBUTIONS = frozenset((
    "alma", "almalinux", "alpine", "arch", "centos", "debian", "elementary", "endeavouros", "fedora", "gentoo",
    "kali", "linuxmint", "manjaro", "nixos", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "pop",
    "raspbian", "rhel", "rocky", "slackware", "sles", "ubuntu", "void", "zorin",
))
# fmt: on
# fmt: off
_FILE_SYSTEMS = frozenset((
    "9p", "apfs", "bcachefs", "btrfs", "cifs", "drvfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "fat", "fat32",
    "fuse", "fuseblk", "hfs", "msdos", "nfs", "nfs4", "ntfs", "ntfs3", "overlay", "refs", "smb", "smb3",
    "smbfs", "tmpfs", "vfat", "virtiofs", "xfs", "zfs",
))
# fmt: on
_BROWSERS = frozenset({"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"})
_DRIVER_SOURCES = frozenset({"on PATH", "--chromedriver", "ZUME_CHROMEDRIVER"})
# One letter in its composed form; some file systems store it as two.
_ACCENT = "\u00e9"


def about_versions(session: BuildSession) -> Iterator[str]:
    """Yield lines about the programs that a build uses."""
    yield f"this program: {VERSION}"
    bits = 64 if sys.maxsize > 2**32 else 32
    kind = known_word(platform.python_implementation(), ("CPython", "PyPy"))
    yield f"Python: {_version(platform.python_version())} ({kind}, {bits} bit)"
    for requirement in required_packages():
        yield f"{requirement.name}: {_installed(requirement.name)}"
    yield from _about_browser(session)


def _installed(name: str) -> str:
    try:
        return _version(metadata.version(name))
    except metadata.PackageNotFoundError:
        return "not installed"


def _version(text: str) -> str:
    """Return the numbers that a version begins with: what follows can be anything."""
    match = _LEADING_NUMBERS.match(text)
    return match[0] if match else "unknown"


def _about_browser(session: BuildSession) -> Iterator[str]:
    if urls := grid_urls(session):
        yield f"browser: that of {counted(len(urls), 'remote end')}"
        return
    try:
        tools = find_tools_of(session)
    except BuilderError:
        yield "browser: there is none that can be used"
        return
    if tools is None:
        yield "browser: there is one, but no driver that fits it"
        return
    name = known_word(Path(tools.browser).stem.lower().replace(" ", "-"), _BROWSERS)
    yield f"browser: {name} {_version(tools.version)}"
    yield f"driver: {_version(tools.driver_version)} (found: {known_word(tools.source, _DRIVER_SOURCES)})"


def about_system() -> Iterator[str]:
    """Yield lines about the operating system and the machine."""
    yield f"system: {_system()}"
    yield f"machine: {known_word(platform.machine().lower(), _MACHINES)}, {counted(os.cpu_count() or 0, 'core')}"
    yield f"free memory: {file_size(free_memory())}"
    encodings = sys.getfilesystemencoding(), getattr(sys.stdout, "encoding", "") or ""
    file_names, output = (
        known_word(each.lower(), ("utf-8", "cp1252", "cp437", "cp850", "ascii")) for each in encodings
    )
    yield f"letters: {file_names} in file names, {output} on the screen"
    yield f"a proxy is set: {'yes' if getproxies() else 'no'}"


def _system() -> str:
    name = known_word(platform.system(), ("Linux", "Darwin", "Windows"))
    if name == "Darwin":
        return f"macOS {_version(platform.mac_ver()[0])}"
    if name == "Windows":
        return f"Windows {_version(platform.win32_ver()[0])}, build {_version(platform.version())}"
    release = platform.release()
    inner = " in Windows (WSL)" if "microsoft" in release.lower() else ""
    return f"{name} {_version(release)}{inner}, {_distribution()}"


def _distribution() -> str:
    try:
        about = platform.freedesktop_os_release()
    except (OSError, ValueError):
        return "distribution unknown"
    name = known_word(about.get("ID", ""), _DISTRIBUTIONS)
    return f"{name} {_version(about.get('VERSION_ID', ''))}"


def about_file_system(packages: Path, report_folder: Path) -> Iterator[str]:
    """Yield lines about where packages are.

    Nothing is written there. What a file system can do is tried in the report's folder, into which the report is
    written anyway, if that is on the same one.

    Args:
        packages: the folder of a package, which need not exist.
        report_folder: where the report will be.
    """
    folder = nearest_folder(packages)
    try:
        yield f"free space: {file_size(shutil.disk_usage(folder).free)}"
        yield f"file system: {_kind(folder)}"
        if folder.stat().st_dev != report_folder.stat().st_dev:
            yield "links and letters: not tried, because the report is on another disk than the packages"
            return
        with tempfile.TemporaryDirectory(prefix=".zume-report-", dir=report_folder) as trial:
            yield from _tried(Path(trial))
    except OSError as error:
        yield f"the rest cannot be found out ({type(error).__name__})"


def _kind(folder: Path) -> str:
    import psutil

    place = folder.resolve()
    found = []
    with suppress(OSError):  # where the drives cannot be listed, the rest can be told all the same
        found = [part for part in psutil.disk_partitions(all=True) if place.is_relative_to(part.mountpoint)]
    kind = max(found, key=lambda part: len(part.mountpoint)).fstype.lower() if found else ""
    return known_word(kind, _FILE_SYSTEMS)


def _tried(folder: Path) -> Iterator[str]:
    first, second = folder / "first", folder / "second"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    yield f"files that share their blocks (reflinks): {_works(lambda: clone(first, folder / 'clone'))}"
    yield f"hard links: {_works(lambda: os.link(first, folder / 'link'))}"
    yield f"two names exchanged in one step: {_works(lambda: exchange(first, second))}"
    yield f"large and small letters in names: {'the same' if (folder / 'FIRST').exists() else 'different'}"
    (folder / _ACCENT).write_bytes(b"")
    names = {path.name for path in folder.iterdir()}
    split = unicodedata.normalize("NFD", _ACCENT)
    yield f"accents in names: {'kept' if _ACCENT in names else 'stored in another form' if split in names else 'lost'}"


def _works(work: Callable[[], object]) -> str:
    try:
        work()
    except OSError as error:
        return f"no ({errno_name(error)})"
    return "yes"


def errno_name(error: OSError) -> str:
    """Return the short name of a system's error, e.g. ``EXDEV``."""
    import errno

    return errno.errorcode.get(error.errno or 0, OTHER_WORD)
