"""What the tests of the presenter page share: its course, its pictures on a good day, and ways to spoil them."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from common import retries
from course.curricula import CURRICULA, Curriculum, Slide, number_slides
from course.languages import find_language
from demo import StandIn
from demo.course import CourseChanges, CourseSlide, course
from demo.presenter import PresenterSettings, presenter_app
from demo.server import LocalServer
from shared_browser import SIZE, SharedBrowser
from slide_files import manifest_of, saved_in
from slides import browser_pool
from slides import presenter as presenter_module
from slides.browser import Browser
from slides.browser_pool import BrowserPool, CaptureJob
from slides.capture import CaptureSettings
from slides.curriculum_run import CurriculumRun
from slides.presenter import Presenter, slide_url
from slides.scope import Scope
from slides.take_slides import take_slides
from workspace.folders import Project

TEN, TWENTY, INTENSIVE = CURRICULA


# Waits, without any of the builder's own code, until all that belongs to the slide on show is in.
EVERYTHING_IS_IN = """
const done = arguments[arguments.length - 1];
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
const isThere = (url) => Object.assign(new Image(), { src: url }).decode();
(async () => {
  while (!document.querySelector('slide-switcher .icon svg')) await pause();
  while ([...document.fonts].some((face) => face.status !== 'loaded')) await pause();
  await Promise.all([...document.images].filter((image) => image.src).map((image) => image.decode()));
  const backdrop = document.querySelector('slide-switcher > *').style.backgroundImage.match(/"(.+)"/);
  if (backdrop) await isThere(backdrop[1]);
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  done();
})();
"""


# The obvious way from slide to slide, which leaves the element of the slide before in its place.
PLAIN_JUMP = """
const address = new URL(location.href);
address.searchParams.set('session', arguments[0]);
address.searchParams.set('slide', arguments[1]);
history.replaceState(null, '', address);
dispatchEvent(new PopStateEvent('popstate'));
"""


@dataclass(frozen=True)
class Content:
    """A slide, and what the stand-in puts on it."""

    slide: Slide
    look: CourseSlide


def contents(code: str = "en", curriculum=TEN) -> list[Content]:
    """Return the slides of the stand-in's whole course."""
    language = find_language(code)
    sessions = course(language, language.three_circles, CourseChanges())[curriculum.constant]
    slides = number_slides([(look.key, look.type, look.video) for look in session] for session in sessions)
    return [
        Content(slide, look)
        for slide, look in zip(slides, (look for session in sessions for look in session), strict=True)
    ]


def slides_named(*names: str, code: str = "en", curriculum=TEN) -> list[Slide]:
    """Return slides by their names without ``session_``, in the order given."""
    by_name = {content.slide.name: content.slide for content in contents(code, curriculum)}
    return [by_name[f"session_{name}"] for name in names]


def slide_with(**wanted) -> Content:
    """Return the first slide whose look has these attributes; True stands for any value but an empty one."""
    for content in contents():
        values = {name: getattr(content.look, name) for name in wanted}
        if all(bool(values[name]) if value is True else values[name] == value for name, value in wanted.items()):
            return content
    raise AssertionError(f"the stand-in's course has no slide with {wanted}")


def beginning() -> list[Slide]:
    """Return the first eight slides of the first two sessions, among them two pairs of neighbours of one type."""
    places = Counter()
    slides = []
    for slide in (content.slide for content in contents()):
        places[slide.session] += 1
        if slide.session <= 2 and places[slide.session] <= 8:
            slides.append(slide)
    assert sum(one.type == other.type for one, other in pairwise(slides)) >= 2
    return slides


def same_pixels(one: bytes, other: bytes) -> bool:
    if one == other:
        return True
    with Image.open(BytesIO(one)) as first, Image.open(BytesIO(other)) as second:
        return first.convert("RGB").tobytes() == second.convert("RGB").tobytes()


def differing(pictures: dict[str, bytes], others: dict[str, bytes]) -> list[str]:
    """Return the names of the slides whose pictures are not equal."""
    assert pictures.keys() == others.keys()
    return [name for name, picture in pictures.items() if not same_pixels(picture, others[name])]


class Plain:
    """Pictures of slides as their own addresses show them on a good day, with nothing of the builder in the page."""

    def __init__(self, browser: SharedBrowser, site: str) -> None:
        self._browser = browser
        self._site = site
        self._known: dict[str, bytes] = {}

    def load(self, code: str, curriculum, slide: Slide, site: str = "") -> None:
        url = slide_url(code, curriculum, slide.session, slide.key).replace(
            presenter_module.site_url(), site or self._site
        )
        self._browser.driver.set_script_timeout(20)
        self._browser.driver.get(url)
        self._browser.driver.execute_async_script(EVERYTHING_IS_IN)

    def pictures(self, code: str, slides: list[Slide], curriculum=TEN) -> dict[str, bytes]:
        """Return the pictures by slide name. To be asked before a presenter is made: its script is forgotten."""
        self._browser.forget()
        for slide in slides:
            address = f"{code} {curriculum.name} {slide.name}"
            if address not in self._known:
                self._known[address] = self._steady_picture(code, curriculum, slide)
        return {slide.name: self._known[f"{code} {curriculum.name} {slide.name}"] for slide in slides}

    def _steady_picture(self, code: str, curriculum, slide: Slide) -> bytes:
        """Return what two loads in a row show: on a busy machine a font may be late even on a good day."""
        before = b""
        for _ in range(6):
            self.load(code, curriculum, slide)
            picture = self._browser.picture()
            if picture == before:
                return picture
            before = picture
        raise AssertionError(f"no two loads of {slide.name} show the same")


@pytest.fixture(scope="module")
def plain(browser):
    with StandIn() as well_behaved:
        yield Plain(browser, well_behaved.site_url)


@pytest.fixture
def site(stand_in, monkeypatch):
    """The stand-in presenter, with more of its course than elsewhere, but not so much that each page takes long."""
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.01)
    stand_in.presenter.short_course = 9
    return stand_in


@pytest.fixture
def present(site, browser):
    """Makes the presenter of a language; what it says while it tries again goes to ``present.said``."""

    def make(code: str = "en", wait: float = 5.0) -> Presenter:
        browser.forget()
        return Presenter(browser, code, wait, make.said.append)

    make.said = []
    return make


@pytest.fixture
def take(site, browser, monkeypatch, tmp_path):
    """Takes slides as part 3 does, but with the shared browser; returns what became of each, by slide name."""
    monkeypatch.setattr(browser_pool, "Browser", lambda *_: browser)

    def run(slides: list[Slide], curriculum=TEN, folder=tmp_path, **wishes) -> dict[str, browser_pool.CaptureResult]:
        browser.forget()
        with BrowserPool(settings(**wishes), 1) as pool:
            pool.start()
            jobs = [CaptureJob(curriculum, slide, saved_in(folder)) for slide in slides]
            return {job.slide.name: taken for job, taken in pool.take_all(jobs)}

    return run


@pytest.fixture
def impatient(monkeypatch, tmp_path):
    """Lets a page that does not follow be noticed sooner, so that the tests are quicker."""
    script = Path(presenter_module.__file__).with_suffix(".js").read_text(encoding="utf-8")
    quicker, count = re.subn(r"const FOLLOW = \d+;", "const FOLLOW = 600;", script)
    assert count == 1
    (tmp_path / "impatient.js").write_text(quicker, encoding="utf-8")
    monkeypatch.setattr(presenter_module, "_SCRIPT", tmp_path / "impatient.js")


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "en")


@pytest.fixture
def run(site, browser, monkeypatch, project):
    """Takes whole curricula as part 3 does, but with the shared browser."""
    monkeypatch.setattr(browser_pool, "Browser", lambda *_: browser)

    def run(*curricula, scope: Scope = Scope.ALL, resume: bool = False, **wishes) -> list[CurriculumRun]:
        with browser.lent():
            return take_slides(project, curricula or (TEN,), settings(**wishes), 1, scope, resume, begin=lambda: None)

    return run


@pytest.fixture
def taken(monkeypatch) -> Callable[[], list[str]]:
    """Returns the keys of the slides of which pictures were taken since it was last asked, in alphabetical order."""
    keys: list[str] = []
    take = BrowserPool._take

    def note(pool, job):
        keys.append(job.slide.key)
        return take(pool, job)

    monkeypatch.setattr(BrowserPool, "_take", note)

    def since() -> list[str]:
        found = sorted(keys)
        keys.clear()
        return found

    return since


@pytest.fixture
def started(monkeypatch) -> list[int]:
    """The slots of all browsers that were started."""
    started: list[int] = []
    fill = BrowserPool._fill_slot

    def note(pool, slot):
        started.append(slot)
        fill(pool, slot)

    monkeypatch.setattr(BrowserPool, "_fill_slot", note)
    return started


def edit_manifest(project, change: Callable[[dict], None], curriculum: Curriculum = TEN) -> None:
    """Change what a manifest says."""
    path = project.path / curriculum.folder / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def pictures_by_key(project: Project, curriculum: Curriculum = TEN) -> dict[str, bytes]:
    """Return the content of each slide's picture, by key."""
    slides = manifest_of(project.path, curriculum)["slides"]
    return {slide["key"]: (project.path / curriculum.folder / slide["file"]).read_bytes() for slide in slides}


@contextmanager
def going_down_after(pictures: int, site, project):
    """Let the site answer no more page requests once there are so many pictures; it is up again at the end."""

    def go_down() -> None:
        while len(list(project.path.glob("10/*.png"))) < pictures:
            time.sleep(0.01)
        site.presenter.status = 503

    thread = threading.Thread(target=go_down, daemon=True)
    thread.start()
    yield
    thread.join()
    site.presenter.status = 200


def settings(**wishes) -> CaptureSettings:
    settings = {
        "language_code": "en",
        "width": SIZE[0],
        "height": SIZE[1],
        "wait": 5.0,
        "settle": 0.0,
        "allow_flawed": False,
        "tools": None,
    }
    return CaptureSettings(**{**settings, **wishes})


def shown(presenter: Presenter, browser: Browser, slides: list[Slide], curriculum=TEN) -> dict[str, bytes]:
    """Go from slide to slide inside the page, and return the pictures by slide name."""
    pictures = {}
    for slide in slides:
        assert presenter.jump_to(curriculum, slide, tolerant=False) is None
        pictures[slide.name] = browser.picture()
    return pictures


@contextmanager
def picture_host(*, late: str = "", missing_font: str = "", fails_once: str = ""):
    """Serve pictures and fonts from a host of their own, with one fault that the settings cannot express.

    Args:
        late: the part of an address whose answer takes a second.
        missing_font: the end of the address of one font file that is missing.
        fails_once: the part of an address that answers with an error at first.
    """
    app = presenter_app(PresenterSettings())
    asked = Counter()

    def answer(environ, start_response):
        path = environ["PATH_INFO"]
        asked[path] += 1
        if late and late in path:
            time.sleep(1)
        if (missing_font and path.endswith(missing_font)) or (fails_once and fails_once in path and asked[path] == 1):
            start_response("404 Not Found", [("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store")])
            return [b""]
        return app(environ, start_response)

    with LocalServer(answer) as server:
        yield server.address
