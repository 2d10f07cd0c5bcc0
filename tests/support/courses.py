"""A project with pictures and videos for the tests of part 4, and what its package must hold."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image

from course.curricula import CURRICULA, number_slides
from package.about import about_package
from package.about_text import about_text
from package.compare import prepare
from package.find_changes import find_changes
from package.plan import make_plan
from package.publish import publish
from package.record import RECORD_FILE
from package.review_page import review_page
from package.suspects import find_suspects
from package.swap import clean_up
from slides.entry import Entry
from slides.manifest import Manifest, write_manifest
from slides.pictures import picture_name
from videos.results import DownloadResult, write_results
from workspace.folders import Project

TEN, TWENTY, INTENSIVE = CURRICULA
START = datetime(2026, 1, 1, 12)
# Three sessions, video 1 shown twice, and keys that stand in every session.
SHORT = number_slides(
    [
        [("s1_1_1", "title", None), ("t1_b", "video", 1), ("t1_c", "discuss", None), ("final", "final", None)],
        [("s1_1_1", "title", None), ("t6_b", "video", 6), ("final", "final", None)],
        [("t1_b", "video", 1), ("final", "final", None)],
    ]
)
shades = itertools.count(1)


def png():
    """Return a small picture that no other one equals."""
    number = next(shades)
    picture = Image.new("RGB", (2, 2), (number & 0xFF, number >> 8 & 0xFF, number >> 16))
    picture.putpixel((0, 0), (255, 255, 255))
    data = BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


class Course:
    """A project with pictures and videos, and what each of them holds.

    Args:
        path: of the project.
        draw: makes each picture.

    Attributes:
        project: the project.
        pictures: the newest picture of each slide, by folder and slide name.
        videos: the content of each video, by number.
    """

    def __init__(self, path, draw=png):
        self.project = Project(path)
        self.draw = draw
        self.pictures = {}
        self.videos = {}
        for folder in ("videos", "10", "20", "intensive"):
            (path / folder).mkdir(parents=True)

    def picture(self, curriculum, slide, taken=START):
        data = self.pictures[curriculum.folder, slide.name] = self.draw()
        (self.project.path / curriculum.folder / picture_name(slide, taken)).write_bytes(data)

    def manifest(self, curriculum, slides):
        entries = tuple(Entry(slide, None, "ok", None) for slide in slides)
        write_manifest(self.project, curriculum, Manifest("es", "https://zume.training", curriculum.name, entries))

    def texts(self, curriculum, slides, texts):
        """Let the manifest say what stands on slides: heading and text, by position."""
        known = {position: {"heading": heading, "text": text} for position, (heading, text) in texts.items()}
        entries = tuple(Entry(slide, None, "ok", None, **known.get(slide.position, {})) for slide in slides)
        write_manifest(self.project, curriculum, Manifest("es", "https://zume.training", curriculum.name, entries))

    def curriculum(self, curriculum, slides, manifest=True):
        """Take a picture of every slide, in no order."""
        times = [START + timedelta(seconds=second) for second in range(len(slides))]
        random.Random(len(slides)).shuffle(times)
        for slide, taken in zip(slides, times, strict=True):
            self.picture(curriculum, slide, taken)
        if manifest:
            self.manifest(curriculum, slides)

    def video(self, number, name=None, data=None):
        data = self.videos[number] = data or b"\0\0\0\x18ftyp" + f"video {number} {next(shades)}".encode()
        (self.project.videos / (name or f"({number:02}) title.mp4")).write_bytes(data)

    def downloads(self, sources):
        """Record videos as downloaded, and where each came from, by number."""
        write_results(self.project, [self._download(number, source) for number, source in sources.items()])

    def _download(self, number, source):
        name = f"({number:02}) title"
        size = (self.project.videos / f"{name}.mp4").stat().st_size
        about = {"quality": None, "width": None, "height": None, "size": size, "error": None, "number": number}
        key = f"mirror:{number}" if source == "mirror" else str(number)
        return DownloadResult(id=key, title=name, status="success", path=f"videos/{name}.mp4", source=source, **about)

    def plan(self, language="es", curricula=CURRICULA):
        return make_plan(self.project, language, curricula)

    def prepare(self, link="auto", language="es", curricula=CURRICULA):
        clean_up(self.project)
        return prepare(self.project, self.plan(language, curricula), link)

    def publish(self, link="auto", language="es", curricula=CURRICULA, session_id=None):
        """Publish as part 4 does, except that a poorer package is not refused."""
        publication = self.prepare(link, language, curricula)
        changes = find_changes(publication, session_id)
        return publish(
            publication,
            changes,
            lambda image_stats, made_at: self.page(publication, changes, image_stats, language, made_at),
            lambda made_at: about_text(publication, language, made_at),
        )

    def page(self, publication, changes, image_stats, language="es", made_at=""):
        suspects = find_suspects(publication.whole, image_stats, publication.changed_by_others)
        about = about_package(self.project, publication.whole, language, made_at)
        return review_page(publication.whole, language, about, image_stats, suspects, publication.filled, changes)

    def output(self):
        """Return what the output holds, by path, without what the program keeps for itself."""
        folder = self.project.output
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        own = (".made-by-zume.json", "index.html", "thumbnails/", "SHA256SUMS", "about-this-package.txt")
        return {name: data for name, data in files.items() if not name.startswith(own)}

    def expected(self, curriculum, slides):
        """Return what the output must hold for a curriculum whose slides all have a picture."""
        content = {}
        for position, slide in enumerate(slides, start=1):
            if slide.video in self.videos:
                content[f"{curriculum.folder}/{position}.mp4"] = self.videos[slide.video]
            else:
                content[f"{curriculum.folder}/{position}.png"] = self.pictures[curriculum.folder, slide.name]
        return content

    def expected_videos(self):
        return {f"videos/{number}.mp4": data for number, data in self.videos.items()}


def files_below(folder):
    """Return every file and link with its content, time and inode: equal only if nothing was touched."""
    found = {}
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        content = path.read_bytes() if path.is_file() else None
        found[path.relative_to(folder).as_posix()] = (state.st_mode, state.st_mtime_ns, state.st_ino, content)
    return found


def put_foreign(project, name, content=b"precious"):
    """Put a file of somebody else into a package, in the place of what has its name, which the record never had."""
    record = project.output / RECORD_FILE
    known = json.loads(record.read_text(encoding="utf-8"))
    known["files"] = {each: about for each, about in known["files"].items() if not f"{each}/".startswith(f"{name}/")}
    path = project.output / name
    if path.is_dir():
        shutil.rmtree(path)
    # It may be a hard link to its original, and must not be written into.
    if path.exists():
        path.unlink()
    for above in Path(name).parents:
        if known["files"].pop(above.as_posix(), None):
            (project.output / above).unlink()
    record.write_text(json.dumps(known), encoding="utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def old_outputs(project):
    """Return what stands beside the output because it was there before, by name."""
    return sorted(project.path.glob("output.old-*"))


def leftovers(project):
    return sorted(path.name for path in project.path.iterdir() if path.name.startswith(".output"))
