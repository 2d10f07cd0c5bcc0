"""How the stand-in presenter behaves, and how it misbehaves."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from course.languages import Language, all_languages


@dataclass
class PresenterSettings:
    """How the stand-in behaves; read at each request, so that it can be changed while the server runs.

    Attributes:
        languages: the codes that the site knows.
        more_languages: languages that only the site knows.
        unknown_code: ``missing`` answers 404 to an unknown code, ``english`` serves the English page.
        answers_in: serve this language whatever code was asked for.
        edition: serve this edition whatever the language's own is.
        picture_host: scheme, name and port of the host of pictures and fonts; None: the other name of this machine.
        font_delay: seconds before a font file is answered.
        font_missing: answer 404 to font files.
        picture_delay: seconds before a picture is answered.
        picture_missing: the names of pictures that answer 404 (see ``demo.presenter.ALL_PICTURES``).
        picture_broken: the names of pictures that answer 200 with bytes that are no picture.
        picture_never: the names of pictures that are never answered.
        icon_delay: seconds before an icon is answered.
        icon_missing: the names of icons that answer 404 (see ``demo.presenter.ALL_ICONS``).
        ignores_popstate: the page does not notice a changed address.
        slow_jump: seconds that a slide takes to show up after a jump within the page.
        status: the status of every page; anything but 200 comes without the presenter.
        fail_every: every N-th page request answers 500; 0: none.
        too_many: the number of further page requests that answer 429; counts down.
        retry_after: send ``Retry-After: 1`` along with a 429.
        hangs: page requests are never answered.
        never_settles: the keys of slides that keep moving.
        blank: the keys of slides that stay white.
        extra_slide: put one slide more, ``extra_1``, into session 2 of each curriculum.
        removed_slide: the key of a slide that the course lacks.
        short_course: the number of slides to keep of each of the first sessions of each curriculum.
        short_sessions: how many sessions a shortened course keeps.
        sessions_constant_missing: the page does not have its course data under the known names.
        garbled_data: the constants are not JSON, though a browser reads them: they end with a comma
            (``trailing_comma``), are made by a call (``javascript``), or stand in a script file (``absent``).
        mirror_url: what the page says of the mirror; None: where the stand-in's own is, "": nothing.
        site_video_ids: by course number, which Vimeo video a video slide shows, instead of the stand-in's own: digits,
            or a whole address like ``https://vimeo.com/``; "": no ``center`` at all.
        more_videos: the numbers of videos to show at the end of each curriculum, unless it shows them already.
        changed_texts: by slide key, one sentence that stands in the place of the slide's own.
        pages_before_change: the number of further pages that still have the slides' own texts; counts down.
        video_titles: by course number, the title that the page has of a video, and shows; the others have none.
        deployment: how often the site was deployed; it changes the addresses of its style sheet and script.
        other_look: the style sheet is another one, which shows in every picture.
        same_look_deployment: style sheet and script have another content, which does not show.
        replaced_pictures: the names of pictures under fixed addresses that were replaced by others (see
            ``demo.shared_files.FIXED_PICTURES``).
        tracker: the page has a script, ``tracker.js``, that is another one at each request.
        file_faults: by the name of a shared file (``presenter.css``, ``presenter.js``, ``poppins.css``, ``tracker.js``
            or a picture under a fixed address), the status that it answers, or ``never``.
        stopping: set it to release every request that is held back.
    """

    languages: Collection[str] = field(default_factory=lambda: {language.code for language in all_languages()})
    more_languages: Collection[Language] = ()
    unknown_code: Literal["missing", "english"] = "missing"
    answers_in: str | None = None
    edition: Literal["three_circles", "classic"] | None = None
    picture_host: str | None = None
    font_delay: float = 0.0
    font_missing: bool = False
    picture_delay: float = 0.0
    picture_missing: Collection[str] = frozenset()
    picture_broken: Collection[str] = frozenset()
    picture_never: Collection[str] = frozenset()
    icon_delay: float = 0.0
    icon_missing: Collection[str] = frozenset()
    ignores_popstate: bool = False
    slow_jump: float = 0.0
    status: int = 200
    fail_every: int = 0
    too_many: int = 0
    retry_after: bool = False
    hangs: bool = False
    never_settles: Collection[str] = frozenset()
    blank: Collection[str] = frozenset()
    extra_slide: bool = False
    removed_slide: str | None = None
    short_course: int | None = None
    short_sessions: int = 2
    sessions_constant_missing: bool = False
    garbled_data: Literal["trailing_comma", "javascript", "absent"] | None = None
    mirror_url: str | None = None
    site_video_ids: dict[int, str] = field(default_factory=dict)
    more_videos: Collection[int] = ()
    changed_texts: Mapping[str, str] = field(default_factory=dict)
    pages_before_change: int = 0
    video_titles: Mapping[int, str] = field(default_factory=dict)
    deployment: int = 0
    other_look: bool = False
    same_look_deployment: bool = False
    replaced_pictures: Collection[str] = frozenset()
    tracker: bool = False
    file_faults: Mapping[str, int | Literal["never"]] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
