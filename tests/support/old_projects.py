"""Makes projects as the scripts wrote them that this suite replaces, also broken ones.

What they wrote was read in their public source: the names of files, the record of the downloads, pictures without a
manifest, an ``output/`` of copies.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from course.curricula import Curriculum, Slide
from slides.pictures import picture_name

# A second apart, long before any picture of ours.
FIRST_PICTURE = datetime(2025, 3, 1, 9)
# What the old window gave in a Chrome of today, and the same on a display of a Mac.
WINDOW, MAC_WINDOW = (3000, 1537), (6000, 3074)


def old_video_name(title: str) -> str:
    """Return the file name that the old scripts gave to a video: only what Windows forbids is replaced."""
    return re.sub(r'[<>:"/\\|?*]', "_", title) + ".mp4"


class OldProject:
    """A project of the old scripts.

    Args:
        path: of the project, ``<folder>/<code>``; it is made with the folders that the old scripts made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.videos = path / "videos"
        for folder in ("videos", "10", "20", "intensive"):
            (path / folder).mkdir(parents=True, exist_ok=True)

    def video(self, title: str, content: bytes) -> Path:
        """Put a video under its old name, and return its file."""
        path = self.videos / old_video_name(title)
        path.write_bytes(content)
        return path

    def record(self, videos: Iterable[tuple[str, str]], **fields: Any) -> None:
        """Write the record that the old scripts wrote at the very end: no size, no MD5, a joined path.

        Args:
            videos: id and title of each.
            fields: what stands in each entry besides or instead, e.g. ``status="skipped"``, which has no quality.
        """
        entries = []
        for id_, title in videos:
            path = f"./projects/{self.path.name}/videos/{old_video_name(title)}"
            entry = {"id": id_, "title": title, "status": "success", "quality": "hd", "path": path, **fields}
            entries.append({key: value for key, value in entry.items() if value is not None})
        (self.videos / "download_results.json").write_text(json.dumps(entries, indent=2), encoding="utf-8")

    def pictures(
        self, curriculum: Curriculum, slides: Sequence[Slide], size: tuple[int, int], first: datetime = FIRST_PICTURE
    ) -> list[Path]:
        """Take a picture of each slide, a second apart, without any record; each has a colour of its own."""
        return [
            self.picture(curriculum, slide, plain_png(size, number), first + timedelta(seconds=number))
            for number, slide in enumerate(slides)
        ]

    def picture(self, curriculum: Curriculum, slide: Slide, png: bytes, taken: datetime = FIRST_PICTURE) -> Path:
        """Write one picture under its old name, and return its file."""
        path = self.path / curriculum.folder / picture_name(slide, taken)
        path.write_bytes(png)
        return path

    def progress(self, curriculum: Curriculum, session: int | str, index: int) -> Path:
        """Write the progress file of an interrupted run: the session, and the index of its last slide, from 0."""
        path = self.path / curriculum.folder / f"{curriculum.folder}_progress.json"
        path.write_text(json.dumps({"session": session, "index": index}), encoding="utf-8")
        return path

    def output(self, sequences: Mapping[Curriculum, Sequence[Path]], videos: Mapping[int, Path]) -> Path:
        """Make the old ``output/``, all of copies.

        Args:
            sequences: the pictures and videos of each curriculum, in their order.
            videos: the file of each numbered video.
        """
        output = self.path / "output"
        (output / "videos").mkdir(parents=True)
        for number, path in videos.items():
            shutil.copyfile(path, output / "videos" / f"{number}.mp4")
        for curriculum, paths in sequences.items():
            (output / curriculum.folder).mkdir()
            for position, path in enumerate(paths, start=1):
                shutil.copyfile(path, output / curriculum.folder / f"{position}{path.suffix}")
        return output


def plain_png(size: tuple[int, int], shade: int = 0) -> bytes:
    """Return a whole picture of one colour: what it shows proves nothing."""
    data = BytesIO()
    Image.new("RGB", size, (shade & 0xFF, shade >> 8 & 0xFF, 90)).save(data, "PNG")
    return data.getvalue()


def old_settings(home: Path, project: Path, code: str, token: str) -> None:
    """Write the ``.env`` and the ``.config.json`` of the old scripts, without quotes and with absolute paths."""
    (home / ".env").write_text(
        f"VIMEO_CLIENT_ID=an-id\nVIMEO_CLIENT_SECRET=a-secret\nVIMEO_ACCESS_TOKEN={token}\n", encoding="utf-8"
    )
    fields = {
        "language_code": code,
        "folder_location": str(project.parent),
        "project_path": str(project),
        "created_at": "1735725600.123",
    }
    (home / ".config.json").write_text(json.dumps(fields, indent=2), encoding="utf-8")
