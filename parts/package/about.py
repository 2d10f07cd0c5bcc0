"""Says what a package is: when it was made, from where, of which edition of the course, with which version.

Whoever opens a package years later, on another computer, has nothing else to tell one from another.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from common.console import printable
from common.errors import BuilderError
from common.version import VERSION
from course.curricula import Curriculum, edition_of
from course.languages import Language, find_language
from package.plan import PackagePlan
from slides.manifest import read_manifest
from videos.files import OWN
from videos.renditions import MIRROR, VIMEO
from workspace.folders import Project

_EDITIONS = {"three_circles": "three circles edition", "classic": "classic edition"}
# The words of the suite's own messages speak to those who make a package; these are for those who get it.
_SOURCES = {VIMEO: "from Vimeo", MIRROR: "from the site's mirror", OWN: "added by those who made the package"}
# An ISO 8601 time begins with it.
_DAY = len("2026-11-28")


@dataclass(frozen=True)
class AboutPackage:
    """What a package is.

    Attributes:
        language: its name in English and in itself, e.g. ``Spanish (Español)``; the code if it is an unknown one.
        day: of its last change, in UTC, e.g. ``2026-11-28``; empty if that is not known.
        site: the host that its slides are from, e.g. ``zume.training``, or several; empty if that is not known.
        edition: of the course, e.g. ``classic edition``, or both; empty if its slides do not tell.
        videos: where its videos are from, in words; empty if it has none.
        version: of the suite.
    """

    language: str
    day: str
    site: str
    edition: str
    videos: str
    version: str = VERSION

    @property
    def course(self) -> str:
        """Which course it is, e.g. ``Zúme course in Spanish (Español), classic edition``."""
        return ", ".join(filter(None, (f"Zúme course in {self.language}", self.edition)))

    @property
    def made(self) -> str:
        """When and with what it was made, e.g. ``Made on 2026-11-28 with the Zúme slide builder 1.0.0``."""
        return f"Made{' on ' if self.day else ''}{self.day} with the Zúme slide builder {self.version}"

    @property
    def origin(self) -> str:
        """Where it is from, e.g. ``Slides from zume.training; videos from Vimeo``; empty if nothing of it is known."""
        slides = f"slides from {self.site}" if self.site else ""
        videos = f"videos {self.videos}" if self.videos else ""
        words = "; ".join(filter(None, (slides, videos)))
        return words[:1].upper() + words[1:]


def about_package(project: Project, plan: PackagePlan, language_code: str, made_at: str) -> AboutPackage:
    """Return what a package is.

    Args:
        project: whose package it is; the manifests in it say which site the slides are from.
        plan: all that the package shows.
        language_code: as the site writes it.
        made_at: when the package was changed last, in UTC as ISO 8601; "" if that is not known.
    """
    language = find_language(language_code)
    editions = {
        edition
        for curriculum, places in plan.sequences.items()
        if (edition := edition_of(curriculum, [place.slide for place in places]))
    }
    return AboutPackage(
        language=_names(language) if language else language_code,
        day=made_at[:_DAY],
        site=_listed(dict.fromkeys(_sites(project, plan.sequences))),
        edition=_listed(words for edition, words in _EDITIONS.items() if edition in editions),
        videos=_listed(_SOURCES[source] for source in plan.videos_by_source),
    )


def _names(language: Language) -> str:
    is_english = language.native_name == language.name
    return language.name if is_english else f"{language.name} ({language.native_name})"


def _sites(project: Project, curricula: Iterable[Curriculum]) -> Iterable[str]:
    """Yield the host of each curriculum's site: an address may have a key in it, and a port says nothing to anybody."""
    for curriculum in curricula:
        # What cannot be read has been told before.
        with suppress(BuilderError, ValueError):
            manifest = read_manifest(project, curriculum)
            if manifest and (host := urlsplit(manifest.site).hostname):
                yield printable(host)


def _listed(words: Iterable[str]) -> str:
    *others, last = [*words] or [""]
    return f"{', '.join(others)} and {last}" if others else last
