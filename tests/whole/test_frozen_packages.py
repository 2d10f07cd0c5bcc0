"""The packages of earlier versions are taken up: nothing is fetched or taken again, nothing of theirs is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from frozen_packages import (
    BUILT,
    FOREIGN,
    FROZEN,
    INTERRUPTED,
    PACKAGES,
    QUALITY,
    SIZE,
    as_it_was,
    started_again,
    unpack,
)
from listed_sums import listed_sums, visible_files, wrong_sums
from quick_builds import BUILD
from suite import Suite, clean_environment

# What is written anew by whichever version publishes.
RENEWED = ("index.html", "SHA256SUMS", "about-this-package.txt", ".made-by-zume.json", "thumbnails/", "zume-es-")


@pytest.fixture(params=sorted(path.name.removesuffix(".tar.gz") for path in FROZEN.glob("*.tar.gz")))
def taken_up(request, tmp_path, stand_in, home, warm_browser):
    """A frozen package, the suite that takes it up, and the site and the videos as they were."""
    home.rmdir()
    unpack(request.param, tmp_path)
    as_it_was(stand_in)
    return TakenUp(tmp_path, Suite(home, clean_environment(**stand_in.environment())), stand_in, warm_browser)


class TakenUp:
    """A frozen package in the hands of the present version."""

    def __init__(self, folder, suite, stand_in, browser):
        self.folder = folder / PACKAGES
        self.project = self.folder / "es"
        self.suite = suite
        self.stand_in = stand_in
        self.browser = browser

    def build(self, *arguments):
        done = self.suite.main(BUILD, *arguments, *self.browser)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def settings(self):
        """Return the arguments without which the build would be another one: none, if the package remembers them."""
        return () if (self.project / "package.json").exists() else (*SIZE, *QUALITY, "--decks")

    def originals(self):
        """Return every file but records and the output, with its content and what would change if it were written."""
        found = {}
        for path in sorted(self.project.rglob("*")):
            name = path.relative_to(self.project).as_posix()
            if path.is_file() and not name.startswith(("output/", ".zume-")) and path.suffix != ".json":
                found[name] = (path.stat().st_mtime_ns, path.stat().st_ino, path.read_bytes())
        return found

    def package(self):
        """Return the content of each file of the output that every version has to publish alike."""
        output = self.project / "output"
        files = {path.relative_to(output).as_posix(): path for path in output.rglob("*") if path.is_file()}
        return {name: path.read_bytes() for name, path in files.items() if not name.startswith(RENEWED)}

    def statuses(self):
        manifests = sorted(self.project.glob("*/manifest.json"))
        slides = [slide for path in manifests for slide in json.loads(path.read_text(encoding="utf-8"))["slides"]]
        return [(slide["key"], slide["file"], slide["status"], slide["error"]) for slide in slides]

    def records(self):
        """Return what parts 2 and 3 have written down, byte for byte."""
        paths = [*self.project.glob("*/manifest.json"), *self.project.glob("*/*_progress.json")]
        return {path: path.read_bytes() for path in [*paths, *self.project.glob("videos/*.json")]}

    def partial(self) -> Path:
        (path,) = (self.project / "videos").glob(".*.part")
        return path


def test_there_is_a_package_of_before_and_one_of_each_version_with_other_records():
    assert {path.name for path in FROZEN.glob("*.tar.gz")} >= {"before-1.0.0.tar.gz", "1.0.0.tar.gz"}


def test_a_build_fetches_and_takes_nothing_again_and_publishes_the_same(taken_up):
    originals, package, statuses = taken_up.originals(), taken_up.package(), taken_up.statuses()
    out = taken_up.build("-l", "es", "-f", taken_up.folder, "-y", "--allow-flawed", *taken_up.settings())

    assert taken_up.stand_in.vimeo.log.of_kind("cdn") == []
    assert out.count("2 slides, 0 to take") == 3
    assert "0 downloaded, 2 already there, 0 failed" in out
    assert taken_up.originals() == originals
    assert taken_up.package() == package
    assert taken_up.statuses() == statuses
    assert [status for *_, status, _ in statuses].count("flawed") == 3
    assert taken_up.partial().stat().st_size > 3000
    for name, content in FOREIGN.items():
        assert (taken_up.project / name).read_text(encoding="utf-8") == content
    assert package.keys() >= {"10/1.png", "10/2.mp4", "20/1.png", "20/2.mp4", "intensive/2.mp4", "videos/1.mp4"}


def test_a_build_for_a_night_keeps_the_flawed_pictures_and_leaves_nothing_to_do(taken_up):
    out = taken_up.build("-l", "es", "-f", taken_up.folder, "-y", "--only-changed", *taken_up.settings())
    assert "flawed slides kept" in out
    outdated = taken_up.suite.main(BUILD, "--outdated", "-f", taken_up.folder, "--quiet")
    assert (outdated.returncode, outdated.stdout) == (0, "")


def test_the_build_that_was_killed_is_resumed_where_its_download_stopped(taken_up):
    started_again(taken_up.stand_in)
    there = taken_up.partial().stat().st_size
    originals = taken_up.originals()
    taken_up.build("--resume", INTERRUPTED)

    fetched = taken_up.stand_in.vimeo.log.of_kind("cdn")
    assert [(request.video.number, request.range) for request in fetched] == [(9, f"bytes={there}-")]
    results = json.loads((taken_up.project / "videos" / "download_results.json").read_text(encoding="utf-8"))
    assert {result["number"]: result["status"] for result in results} == {1: "skipped", 6: "skipped", 9: "success"}
    kept = {name: state for name, state in originals.items() if not name.endswith(".part")}
    assert kept.items() <= taken_up.originals().items()


def test_the_build_that_was_finished_has_nothing_to_do(taken_up):
    before, records = taken_up.package(), taken_up.records()
    out = taken_up.build("--resume", BUILT)

    assert taken_up.stand_in.vimeo.log.of_kind("cdn") == []
    assert "already done, nothing is missing" in out
    assert (taken_up.package(), taken_up.records()) == (before, records)


def test_the_parts_that_need_no_network_take_it_up_alone_and_write_no_record_anew_but_their_own(taken_up):
    before, records = taken_up.package(), taken_up.records()
    for part in (4, 5):
        done = taken_up.suite.main(part, "-p", taken_up.project, "-l", "es")
        assert done.returncode == 0, done.stderr
        output = taken_up.project / "output"
        assert (listed_sums(output).keys(), wrong_sums(output)) == (visible_files(output), [])

    assert (taken_up.package(), taken_up.records()) == (before, records)
