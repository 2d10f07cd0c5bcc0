"""Says before a build whether the site still shows what the pictures of a package show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from builds.session import BuildSession
from common.console import say
from common.errors import BuilderError, CheckWarning, RemoteError
from course.curricula import Curriculum, curricula_named
from course.page import PresenterPage, read_page
from slides.about_pictures import about_changed, about_gone, about_new, about_unknown
from slides.manifest import Manifest, manifest_path, read_manifest
from slides.site_changes import keys_of, site_changes


def has_pictures(session: BuildSession) -> bool:
    """Say whether there is anything to compare with the site."""
    return bool(_curricula(session))


def check_changes(session: BuildSession) -> str:
    """Compare the pictures that are there with the course of the site.

    Raises:
        CheckWarning: something has changed, or it cannot be found out.
    """
    try:
        page = read_page(session.language_code, say, patient=False)
        found = {each: read_manifest(session.project, each) for each in _curricula(session)}
        manifests = {each: manifest for each, manifest in found.items() if manifest}
        sentences = [
            f"{curriculum.folder}: {sentence}"
            for curriculum, manifest in manifests.items()
            for sentence in _sentences(curriculum, manifest, page)
        ]
        sentences += _about_site(page, manifests.values())
    except RemoteError as error:
        raise CheckWarning(f"The pictures cannot be compared with the site. {error.message}") from error
    except BuilderError as error:
        raise CheckWarning(error.message, error.remedy) from error
    if sentences:
        raise CheckWarning(" ".join(sentences))
    return "the site shows what the pictures show"


def _curricula(session: BuildSession) -> list[Curriculum]:
    asked = curricula_named(session.option("curriculum"))
    return [curriculum for curriculum in asked if manifest_path(session.project, curriculum).is_file()]


def _sentences(curriculum: Curriculum, manifest: Manifest, page: PresenterPage) -> Iterator[str]:
    if curriculum.name not in page.slides:
        return
    found = site_changes(manifest.entries, page, curriculum.name)
    changes = (about_changed(keys_of(found.changed)), about_unknown(len(found.unknown)))
    moves = (about_new(keys_of(found.new)), about_gone(keys_of(found.gone)))
    yield from filter(None, (*changes, *moves))


def _about_site(page: PresenterPage, manifests: Iterable[Manifest]) -> Iterator[str]:
    # It loads what fetches, which the help of build.py does without.
    from builds.site_look import SiteLook

    try:
        phrases = SiteLook().changes(page, [manifest.global_state for manifest in manifests])
    except RemoteError as error:
        yield f"Whether the site's style sheets and scripts have changed cannot be found out. {error.message}"
        return
    if phrases:
        yield f"This has changed for all slides: {' and '.join(phrases)}. --only-changed finds out whether it shows."
