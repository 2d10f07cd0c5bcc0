"""Packages as a build of today's site and videos would leave them, made in an instant: no browser, no download.

The pictures are all the same one, and the videos have no content. What the records say of them is true.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from common.files import write_json
from course.curricula import CURRICULA, Curriculum, edition_of
from course.languages import default_vimeo_folder
from course.page import PresenterPage, read_page
from package.record import RECORD_FILE, FileRecord, Record, required_stamp, write_record
from slides.entry import OK, Entry
from slides.fingerprint import fingerprint, slides_of_page
from slides.global_files import GlobalFiles
from slides.manifest import Manifest, write_manifest
from slides.pictures import picture_name
from videos.renditions import choose_rendition
from videos.results import DownloadResult, write_results
from videos.vimeo import Vimeo
from workspace.folders import Project, create_folders
from workspace.package_settings import remember

SIZE = (600, 336)
TAKEN = datetime(2026, 1, 1, 12)
PNG = b"\x89PNG\r\n\x1a\n, as far as anybody looks"
TOKEN = "demo-token-0000"


class MadePackage:
    """A package that was just built from the site that ``ZUME_SITE_URL`` names and the Vimeo of ``VIMEO_API_URL``.

    Args:
        folder: of all packages.
        code: the language.
        curricula: those that it was asked to have.
        settings: what it remembers besides, by the names of options.
        publish: whether it has an output.
        assets: the addresses of the fixed pictures, icons and fonts that its slides show.
    """

    def __init__(
        self,
        folder: Path,
        code: str = "es",
        curricula: Sequence[Curriculum] = CURRICULA,
        publish: bool = True,
        assets: Sequence[str] = (),
        **settings: object,
    ) -> None:
        self.project = Project(folder / code)
        self.code = code
        self.curricula = curricula
        self.page: PresenterPage = read_page(code, print)
        self.global_state = GlobalFiles("").state(self.page, assets, "", "")
        self.project.path.mkdir(parents=True)
        create_folders(self.project)
        names = ",".join(curriculum.name for curriculum in curricula)
        width, height = SIZE
        built = {"curriculum": names, "width": width, "height": height, "quality": "best", "video_source": "auto"}
        remember(self.project, code, {**built, **settings})
        self.videos = self._download()
        self.entries = {curriculum: self._take(curriculum) for curriculum in curricula}
        if publish:
            self.publish()

    def _download(self) -> dict[int, Path]:
        """Return the files of the videos, by number."""
        results, files = [], {}
        for video in Vimeo(TOKEN, print).folder(default_vimeo_folder(self.code) or "").videos:
            number = int(video.title[1:3])
            chosen = choose_rendition(video, "best")
            path = files[number] = self.project.videos / f"({number:02}).mp4"
            with path.open("wb") as file:
                file.write(b"\0\0\0\x18ftyp")
                file.truncate(chosen.size)
            about = {"quality": chosen.name, "width": chosen.width, "height": chosen.height, "size": chosen.size}
            more = {"md5": chosen.md5, "sha256": "0" * 64, "error": None, "number": number}
            where = {"path": f"videos/{path.name}", "language_code": self.code}
            results.append(DownloadResult(id=video.id, title=video.title, status="success", **about, **more, **where))
        write_results(self.project, results)
        return files

    def _take(self, curriculum: Curriculum) -> tuple[Entry, ...]:
        shown = slides_of_page(self.page, curriculum.name)
        entries = []
        for slide in self.page.slides[curriculum.name]:
            file = picture_name(slide, TAKEN)
            (self.project.path / curriculum.folder / file).write_bytes(PNG)
            print_of = fingerprint(shown[slide.name], *SIZE)
            entries.append(Entry(slide, file, OK, None, None, None, *SIZE, None, print_of))
        edition = edition_of(curriculum, self.page.slides[curriculum.name])
        about = (self.code, "https://zume.training", curriculum.name, tuple(entries), edition)
        write_manifest(self.project, curriculum, Manifest(*about, global_state=self.global_state))
        return tuple(entries)

    def publish(self) -> None:
        """Make the numbered package as it is to be."""
        output = self.project.output
        shutil.rmtree(output, ignore_errors=True)
        files = {}
        for curriculum, entries in self.entries.items():
            (output / curriculum.folder).mkdir(parents=True)
            for entry in entries:
                video = self.videos.get(entry.slide.video)
                source = video or self.project.path / curriculum.folder / entry.file
                name = f"{curriculum.folder}/{entry.slide.position}.{'mp4' if video else 'png'}"
                os.link(source, output / name)
                stamp = required_stamp(source)
                files[name] = FileRecord(stamp, source.relative_to(self.project.path).as_posix(), stamp)
        (output / "index.html").write_text("<title>A package</title>", encoding="utf-8")
        files["index.html"] = FileRecord(required_stamp(output / "index.html"))
        write_record(output, Record("auto", files))

    def decks(self) -> None:
        """Put decks into the output, as new as it is."""
        for curriculum in self.curricula:
            deck = self.project.output / curriculum.deck_name(self.code)
            deck.write_bytes(b"PK\x05\x06" + bytes(18))  # an empty archive
            later = (self.project.output / RECORD_FILE).stat().st_mtime_ns + 10**10
            os.utime(deck, ns=(later, later))

    def manifest(self, curriculum: Curriculum = CURRICULA[0]) -> Path:
        """Return the path of a manifest."""
        return self.project.path / curriculum.folder / "manifest.json"

    def change_manifest(self, change, curriculum: Curriculum = CURRICULA[0]) -> None:
        """Let a function change the content of a manifest in place."""
        content = json.loads(self.manifest(curriculum).read_text(encoding="utf-8"))
        change(content)
        write_json(self.manifest(curriculum), content)

    def picture(self, number: int, curriculum: Curriculum = CURRICULA[0]) -> Path:
        """Return the path of the picture of a slide, which is given by its place, from 0 on."""
        return self.project.path / curriculum.folder / self.entries[curriculum][number].file

    def change_results(self, change) -> None:
        """Let a function change the record of the videos in place."""
        path = self.project.videos / "download_results.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        write_json(path, content)

    def lose_video(self, number: int) -> None:
        """Take a video away, with all that is known of it, and publish without it, as a build does."""
        self.videos.pop(number).unlink()
        self.change_results(lambda found: found.remove(next(each for each in found if each["number"] == number)))
        self.publish()
