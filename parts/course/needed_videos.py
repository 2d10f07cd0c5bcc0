"""Which videos the course of a language needs: as the site says, else as it was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from common.errors import RemoteError
from course.curricula import CURRICULA, Curriculum, recorded_slides
from course.languages import has_three_circles
from course.page import read_page, site_url


@dataclass(frozen=True)
class CourseVideos:
    """The videos of a course.

    Attributes:
        numbers: of the course videos that any curriculum shows, ascending.
        vimeo_ids: the site's own Vimeo ids by number, as ``PresenterPage`` has them; empty if the page was not read.
        mirror_url: where the mirror of the videos is, as the page says it, or "".
        why_recorded: in one sentence, why the numbers are those of the recorded course, or some of them; empty if they
            are the page's.
    """

    numbers: tuple[int, ...]
    vimeo_ids: Mapping[int, str] = field(default_factory=dict)
    mirror_url: str = ""
    why_recorded: str = ""


def course_videos(language_code: str, announce: Callable[[str], None], *, patient: bool = True) -> CourseVideos:
    """Return the videos that the course of a language needs. The site is asked; if it does not tell, nothing is raised.

    Args:
        language_code: as the site writes it.
        announce: is given one sentence before the site is asked again.
        patient: whether to wait for a slow answer, and to ask again after an error that may pass.
    """
    try:
        page = read_page(language_code, announce, patient=patient)
    except RemoteError as error:
        return CourseVideos(_recorded_numbers(language_code), why_recorded=error.message)
    where = f"The page of the language {language_code} at {site_url()}"
    if not page.video_numbers:
        numbers, why = _recorded_numbers(language_code), f"{where} lists no video."
    elif unlisted := [curriculum for curriculum in CURRICULA if curriculum.name not in page.slides]:
        numbers = tuple(sorted({*page.video_numbers, *_recorded_numbers(language_code, unlisted)}))
        why = f"{where} does not list the curriculum {' and '.join(curriculum.title for curriculum in unlisted)}."
    else:
        numbers, why = page.video_numbers, ""
    return CourseVideos(numbers, page.vimeo_ids, page.mirror_url, why)


def _recorded_numbers(language_code: str, curricula: Sequence[Curriculum] = CURRICULA) -> tuple[int, ...]:
    three_circles = has_three_circles(language_code)
    slides = (slide for curriculum in curricula for slide in recorded_slides(curriculum, three_circles))
    return tuple(sorted({slide.video for slide in slides if slide.video is not None}))
