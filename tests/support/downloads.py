"""What part 2 is made of, in the tests' own process, led to the stand-in for Vimeo."""

from __future__ import annotations

import hashlib
import json
import os
import time
from functools import partial
from pathlib import Path

import pytest

from common import retries
from course.languages import find_language
from course.needed_videos import CourseVideos
from demo.vimeo_videos import StoredVideo
from videos import downloader, mirror, transfer, vimeo
from videos.downloader import Downloader
from videos.mirror import Mirror, mirror_url
from videos.numbers import course_number
from videos.renditions import Rendition, Video
from videos.sources import VideoSources
from videos.vimeo import Vimeo
from workspace.folders import Project

SPANISH = "269525"
KEYS = (
    *("schema", "id", "title", "status", "path", "quality", "width", "height", "size", "md5", "sha256", "error"),
    *("number", "source", "language_code", "downloaded_at", "version", "checked", "validator"),
)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "es" / "videos").mkdir(parents=True)
    return Project(tmp_path / "es")


@pytest.fixture
def pauses(monkeypatch):
    """Retries that note their pauses instead of making them, and do not go on for ever."""
    made = []

    def note(seconds):
        made.append(seconds)
        if len(made) > 100:
            pytest.fail("tried again more than 100 times")

    for module in (vimeo, transfer, mirror):
        monkeypatch.setattr(module, "with_retries", partial(retries.with_retries, sleep=note))
    return made


@pytest.fixture
def client(stand_in, project, pauses, home, monkeypatch):
    """What part 2 is made of, in this process, led to the stand-in."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("VIMEO_API_URL", stand_in.vimeo_url)
    return Client(stand_in, project)


class Client:
    """Downloads the Spanish videos.

    Attributes:
        server: the settings of the stand-in for Vimeo.
        mirror: those of the stand-in for the mirror.
        mirror_address: where that is.
        said: what was announced about pauses.
    """

    def __init__(self, stand_in, project):
        self.server = stand_in.vimeo
        self.mirror = stand_in.mirror
        self.mirror_address = stand_in.mirror_url
        self.project = project
        self.said = []
        self.vimeo = Vimeo(stand_in.vimeo.token, self.said.append)

    def fetch(self, quality="best", workers=3, settled=None):
        """Return the results by course number."""
        return {result.number: result for result in self.fetch_listed(quality, workers, settled)}

    def fetch_listed(self, quality="best", workers=3, settled=None):
        """Return the results in the folder's order; the settled numbers are video ids by number."""
        sources = self.sources("vimeo", needed=())
        supply = self.supply(sources, quality, settled)
        return self.download(sources, supply, quality, workers)

    def sources(self, *names, needed=(1, 6, 9), shown_by_site=(), folder=SPANISH, recursive=False):
        """Return the sources with these names, and a course that needs these videos."""
        vimeo = self.vimeo if "vimeo" in names else None
        mirror = Mirror(mirror_url(self.mirror_address), "es", self.said.append) if "mirror" in names else None
        return VideoSources("es", vimeo, mirror, folder, recursive, CourseVideos(needed, dict(shown_by_site)))

    def supply(self, sources, quality="best", settled=None):
        """Return what the sources have for the project."""
        return sources.supply(sources.read_folder(), settled or {}, quality, self.project)

    def fetch_from(self, *names, quality="best", settled=None, **course):
        """Download from the sources with these names, and return the results by course number."""
        sources = self.sources(*names, **course)
        results = self.download(sources, self.supply(sources, quality, settled), quality)
        return {result.number: result for result in results}

    def download(self, sources, supply, quality="best", workers=3):
        """Return the results of what there is, in its order."""
        known = (supply.videos, supply.numbers, supply.troubles)
        with Downloader(self.project, sources.fresh, *known, quality, workers, "es", "es") as downloader:
            return downloader.download_all()

    def content(self, number, rendition="source", copy=0):
        """Return the bytes that the stand-in has for a video."""
        return b"".join(self.server.find_file(self.video(number, copy), rendition).read())

    def mirror_content(self, number):
        """Return the bytes that the stand-in for the mirror has for a video."""
        return b"".join(self.mirror.file(self.video(number)).read())

    def video(self, number, copy=0):
        return StoredVideo(find_language("es"), number, copy)

    def on_disk(self):
        """Return what stands under final names, by course number."""
        return {course_number(path.name): path.read_bytes() for path in self.project.videos.glob("*.mp4")}

    def file_of(self, result):
        """Return the path of a result's file."""
        return self.project.path / result.path

    @property
    def record(self):
        """The path of the record."""
        return self.project.videos / "download_results.json"

    def recorded(self):
        return json.loads(self.record.read_text(encoding="utf-8"))

    def has_right_sums(self, result, rendition="source", copy=0):
        """Say whether a result has the checksums of the bytes that the stand-in has for its video."""
        content = self.content(result.number, rendition, copy)
        sums = (hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest())
        return (result.md5, result.sha256) == sums

    def requests(self, kind, number=None):
        found = self.server.log.of_kind(kind)
        return [request for request in found if number is None or (request.video and request.video.number == number)]


def kill_in_download(process, folder, pattern):
    """Kill part 2 as soon as the partial file of a video has some bytes, and return how many it has then."""
    deadline = time.monotonic() + 30
    while not any(path.stat().st_size > 5000 for path in folder.glob(pattern)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    [partial] = folder.glob(pattern)
    return partial.stat().st_size


class Interrupts:
    """Interrupts a run at its Nth step on the disk, just before it or just after it."""

    STEPS = ((os, "link"), (Path, "replace"), (Path, "unlink"), (Path, "rename"), (downloader, "write_results"))

    def __init__(self, monkeypatch, count, before) -> None:
        self.left, self.before, self.came = count, before, False
        for owner, name in self.STEPS:
            monkeypatch.setattr(owner, name, self.interrupted(getattr(owner, name)))

    def interrupted(self, real):
        def step(*arguments, **options):
            self.left -= 1
            is_due = self.left == 0
            if is_due and self.before:
                self.come()
            done = real(*arguments, **options)
            if is_due:
                self.come()
            return done

        return step

    def come(self):
        self.came = True
        raise KeyboardInterrupt


def rendition(name, width=0, height=0, size=None, **more):
    fields = {"quality": "source" if name == "source" else "hd", "type": "video/mp4", "md5": None, "link": "x", **more}
    return Rendition(name=name, width=width, height=height, size=size, **fields)


def video_of(renditions, title="(06) title", video_id="1"):
    return Video(video_id, f"/videos/{video_id}", title, 60, tuple(renditions))
