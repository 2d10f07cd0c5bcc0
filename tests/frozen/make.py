"""Makes a small package with the suite as it is now, and packs it into an archive that later versions have to take up.

    .venv/bin/python tests/frozen/make.py NAME

writes ``tests/frozen/NAME.tar.gz``. Such an archive is made once for each version whose records differ, and never
again: it stands for the packages that users have.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS.parent / "parts"), str(TESTS / "support")]

from demo import StandIn
from demo.vimeo_faults import Drip
from frozen_packages import BUILT, FOREIGN, INTERRUPTED, PACKAGES, PLACE, QUALITY, SIZE, as_it_was, started_again
from quick_builds import BUILD, wait_until
from suite import Suite, clean_environment


def build(suite: Suite, folder: Path, session: str) -> list[str]:
    """Return the command line of a build, as somebody typed it."""
    arguments = ("-l", "es", "-f", folder / PACKAGES, "-y", "--session-id", session, "--allow-flawed", "--decks")
    return suite.command(BUILD, *arguments, *SIZE, *QUALITY, "--browsers", 1)


def make(folder: Path) -> None:
    """Build the package, put foreign files beside its own, and kill a second build while it downloads a video."""
    (folder / "home").mkdir()
    with StandIn() as stand_in:
        suite = Suite(folder / "home", clean_environment(**stand_in.environment()))
        as_it_was(stand_in)
        done = suite.call(build(suite, folder, BUILT))
        assert done.returncode == 0, done.stdout + done.stderr
        for name, content in FOREIGN.items():
            (folder / PACKAGES / "es" / name).write_text(content, encoding="utf-8")
        started_again(stand_in)
        stand_in.vimeo.faults.append(Drip(piece=1024, pause=0.2))
        command = build(suite, folder, INTERRUPTED)
        process = suite.start(Path(command[1]), *command[2:])
        videos = folder / PACKAGES / "es" / "videos"
        wait_until(lambda: any(part.stat().st_size > 3000 for part in videos.glob(".*.part")), process)
        process.kill()
        process.communicate()
        # Its part notices that, and ends in order.
        wait_until(lambda: not list((folder / PACKAGES / "es").glob(".zume-part.holder.json")))
    for state in (folder / "home" / "temp").glob("*/build_config.json"):
        state.write_text(state.read_text(encoding="utf-8").replace(str(folder), PLACE), encoding="utf-8")


def main() -> None:
    """Make the archive."""
    with tempfile.TemporaryDirectory() as temporary:
        make(Path(temporary))
        with tarfile.open(Path(__file__).with_name(f"{sys.argv[1]}.tar.gz"), "w:gz") as archive:
            for name in ("home", PACKAGES):
                archive.add(Path(temporary) / name, name)


if __name__ == "__main__":
    main()
