"""The presenter page in a real browser: each way in which it makes wrong pictures, and what is done about it."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from selenium.common.exceptions import WebDriverException

import _capture
import _presenter
import _retry
import _slides
from _browser import Browser
from _capture import Job, Order, Studio
from _curriculum import CURRICULA, Slide, number_slides, recorded_slides
from _errors import RemoteError
from _languages import find_language
from _presenter import DoesNotFollow, Presenter, slide_url
from _project import Project
from builds import wait_until
from demo import StandIn
from demo.course import QR_CODES, CourseChanges, CourseSlide, course
from demo.presenter import PresenterSettings, presenter_app
from demo.server import LocalServer
from shared_browser import SIZE, SharedBrowser
from slide_files import files_in, manifest_of, statuses

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
        url = slide_url(code, curriculum, slide.session, slide.key).replace(_presenter.site_url(), site or self._site)
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
    monkeypatch.setattr(_retry, "FIRST_PAUSE", 0.01)
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
    monkeypatch.setattr(_capture, "Browser", lambda *_: browser)

    def run(slides: list[Slide], curriculum=TEN, folder=tmp_path, **wishes) -> dict[str, _capture.Taken]:
        browser.forget()
        with Studio(order(**wishes), 1) as studio:
            studio.start()
            jobs = [Job(curriculum, slide, folder) for slide in slides]
            return {job.slide.name: taken for job, taken in studio.take_all(jobs)}

    return run


@pytest.fixture
def impatient(monkeypatch, tmp_path):
    """Lets a page that does not follow be noticed sooner, so that the tests are quicker."""
    script = Path(_presenter.__file__).with_suffix(".js").read_text(encoding="utf-8")
    quicker, count = re.subn(r"const FOLLOW = \d+;", "const FOLLOW = 600;", script)
    assert count == 1
    (tmp_path / "impatient.js").write_text(quicker, encoding="utf-8")
    monkeypatch.setattr(_presenter, "_SCRIPT", tmp_path / "impatient.js")


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "en")


@pytest.fixture
def run(site, browser, monkeypatch, project):
    """Takes whole curricula as part 3 does, but with the shared browser."""
    monkeypatch.setattr(_capture, "Browser", lambda *_: browser)

    def run(*curricula, missing_only: bool = False, resume: bool = False, **wishes) -> None:
        with browser.lent():
            _slides.take_slides(project, curricula or (TEN,), order(**wishes), 1, missing_only, resume)

    return run


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


def order(**wishes) -> Order:
    settings = {
        "language_code": "en",
        "width": SIZE[0],
        "height": SIZE[1],
        "wait": 5.0,
        "settle": 0.0,
        "allow_flawed": False,
        "tools": None,
    }
    return Order(**{**settings, **wishes})


def shown(presenter: Presenter, browser: Browser, slides: list[Slide], curriculum=TEN) -> dict[str, bytes]:
    """Go from slide to slide inside the page, and return the pictures by slide name."""
    pictures = {}
    for slide in slides:
        assert presenter.show(curriculum, slide, tolerant=False) is None
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


# ---- the address and the course ----


def test_the_address_of_a_slide_has_the_form_that_is_made_for_screenshots(monkeypatch):
    monkeypatch.delenv("ZUME_SITE_URL", raising=False)
    assert slide_url("pt_br", INTENSIVE, 3, "t4_c") == (
        "https://zume.training/pt_br/presenter?session=3&type=intensive&view=slideshow&screenshot=&slide=t4_c"
    )


@pytest.mark.parametrize(
    ("code", "only_here"),
    [pytest.param("es", ("t10_g", 33), id="three circles"), pytest.param("hr", ("t10_i", None), id="classic")],
)
def test_the_page_tells_the_course_of_the_languages_own_edition(site, present, code, only_here):
    site.presenter.short_course = None
    presenter = present(code)
    presenter.load(TEN)

    listed = presenter.course()

    assert list(listed) == [curriculum.name for curriculum in CURRICULA]
    for curriculum in CURRICULA:
        assert listed[curriculum.name] == [content.slide for content in contents(code, curriculum)]
        recorded = recorded_slides(curriculum, three_circles=code == "es")
        assert [(one.position, one.session, one.key, one.video) for one in listed[curriculum.name]] == [
            (one.position, one.session, one.key, one.video) for one in recorded
        ]
    assert only_here in [(slide.key, slide.video) for slide in listed["ten_session"]]


def test_every_curriculum_is_told_whatever_type_the_page_was_loaded_with(site, present):
    site.presenter.short_course = None
    presenter = present()
    presenter.load(INTENSIVE)
    assert [len(slides) for slides in presenter.course().values()] == [
        len(recorded_slides(curriculum, three_circles=True)) for curriculum in CURRICULA
    ]


@pytest.mark.parametrize(("code", "edition"), [("es", "three circles"), ("hr", "classic")])
def test_the_recorded_course_stands_in_when_the_page_tells_none(site, present, capsys, code, edition):
    site.presenter.sessions_constant_missing = True
    presenter = present(code)
    presenter.load(TEN)

    listed = presenter.course()
    slides, source = _slides.slides_of_course(listed, TWENTY, code)

    assert listed == {}
    assert (slides, source) == (recorded_slides(TWENTY, edition == "three circles"), "curricula.json")
    assert f"the site does not list the slides of twenty_session; taking the {edition}" in capsys.readouterr().err


@pytest.mark.parametrize("jump", [True, False], ids=["jump", "fresh load"])
@pytest.mark.parametrize("tolerant", [True, False], ids=["tolerant", "strict"])
def test_the_first_slide_is_not_taken_for_one_that_the_site_does_not_know(site, present, browser, jump, tolerant):
    site.presenter.removed_slide = "s1_1_3"
    presenter = present()
    known, unknown = slides_named("1_s1_1_4", "1_s1_1_3")
    assert presenter.show(TEN, known, tolerant) is None

    fault = (presenter.show if jump else presenter.show_fresh)(TEN, unknown, tolerant)

    assert browser.driver.execute_script("return document.querySelector('slide-switcher > *').id") == "s1_1_1"
    assert fault.message == "the page shows slide s1_1_1 instead"
    assert not fault.tolerable


def test_the_screenshot_form_shows_no_controls_and_no_player(present, browser):
    [video] = slides_named("1_t1_b")
    visible = """return ['.controls', '.player', '.video-box'].map(
        (name) => Boolean(document.querySelector(name)?.checkVisibility()))"""
    assert present().show_fresh(TEN, video, tolerant=False) is None
    assert browser.driver.execute_script(visible) == [False, False, True]

    browser.driver.get(browser.driver.current_url.replace("screenshot=&", ""))
    browser.driver.execute_async_script(EVERYTHING_IS_IN)
    assert browser.driver.execute_script(visible) == [True, True, False]


# ---- from slide to slide ----


def test_all_sessions_of_a_curriculum_are_reached_from_one_page_load(site, present, browser):
    site.presenter.short_course = None
    firsts = {content.slide.session: content.slide for content in reversed(contents())}
    assert len(firsts) == 10

    shown(presenter := present(), browser, [firsts[session] for session in (1, 5, 10, 2, 9, 3, 8, 4, 7, 6)])
    assert len(site.presenter_log.page_loads) == 1

    shown(presenter, browser, slides_named("1_s3_1_1", "5_t24_a", curriculum=INTENSIVE), INTENSIVE)
    types = [re.search(r"type=(\w+)", query)[1] for _, query in site.presenter_log.page_loads]
    assert types == ["10", "intensive"]


@pytest.mark.parametrize("arrangement", ["course order", "backwards", "by type", "shuffled"])
def test_pictures_do_not_depend_on_the_slide_before(plain, present, browser, arrangement):
    slides = beginning()
    expected = plain.pictures("en", slides)
    arranged = {
        "course order": slides,
        "backwards": slides[::-1],
        "by type": sorted(slides, key=lambda slide: (slide.type, -slide.position)),
        "shuffled": random.Random(7).sample(slides, len(slides)),
    }[arrangement]

    assert differing(shown(present(), browser, arranged), expected) == []


def test_a_reused_element_would_give_wrong_pictures(plain, site, browser):
    slides = beginning()
    expected = plain.pictures("en", slides)
    plain.load("en", TEN, slides[0], site.site_url)
    pictures = {slides[0].name: browser.picture()}

    for slide in slides[1:]:
        browser.driver.execute_script(PLAIN_JUMP, slide.session, slide.key)
        browser.driver.execute_async_script(EVERYTHING_IS_IN)
        pictures[slide.name] = browser.picture()

    wrong = differing(pictures, expected)
    assert 2 <= len(wrong) < len(slides), "the stand-in has lost the trap that the other tests rely on"


def test_a_key_that_stands_in_several_sessions_is_taken_from_each(plain, site, present, browser):
    site.presenter.short_course = None
    finals = slides_named("1_final", "2_final", "3_final")
    expected = plain.pictures("en", finals)
    assert len(set(expected.values())) == 3

    assert differing(shown(present(), browser, finals), expected) == []


def test_a_slide_that_is_on_show_already_is_made_anew(plain, present, browser):
    [slide] = slides_named("1_s1_1_4")
    expected = plain.pictures("en", [slide])
    presenter = present()
    shown(presenter, browser, [slide])
    browser.driver.execute_script("document.getElementById('s1_1_4').className = 'from the first time'")

    assert differing(shown(presenter, browser, [slide]), expected) == []
    assert browser.driver.execute_script("return document.getElementById('s1_1_4').className") == ""


def test_video_slides_in_a_row_show_each_its_own_number(present, browser):
    presenter = present()
    for slide in slides_named("1_t1_b", "1_t2_b", "2_t6_b"):
        assert presenter.show(TEN, slide, tolerant=False) is None
        number = browser.driver.execute_script("return document.querySelector('.video-number').textContent")
        assert number == str(slide.video)


def test_two_pictures_of_a_ready_slide_are_the_same_file(present, browser):
    for slide in slides_named("1_s1_1_1", "1_s1_1_2", "1_t1_b"):
        assert present().show(TEN, slide, tolerant=False) is None
        assert browser.picture() == browser.picture()


def test_a_page_that_takes_its_time_to_follow_is_waited_for(plain, site, present, browser):
    slides = slides_named("1_s1_1_2", "1_s1_1_4", "2_s1_2_4", "2_s1_2_5")
    expected = plain.pictures("en", slides)
    site.presenter.slow_jump = 0.4

    assert differing(shown(present(), browser, slides), expected) == []
    assert len(site.presenter_log.page_loads) == 1


def test_a_page_that_ignores_popstate_is_said_not_to_follow(site, present, impatient):
    site.presenter.ignores_popstate = True
    first, second = slides_named("1_s1_1_1", "1_s1_1_2")
    presenter = present()
    assert presenter.show(TEN, first, tolerant=False) is None

    with pytest.raises(DoesNotFollow):
        presenter.show(TEN, second, tolerant=False)


@pytest.mark.parametrize("font_delay", [0.0, 1.0], ids=["prompt font", "late font"])
def test_a_page_that_ignores_popstate_is_loaded_for_each_slide(
    plain, site, take, tmp_path, capsys, impatient, font_delay
):
    slides = slides_named("1_s1_1_3", "1_s1_1_2", "1_s1_1_4")
    expected = plain.pictures("en", slides)
    site.presenter.ignores_popstate = True
    site.presenter.font_delay = font_delay

    taken = take(slides)

    assert {one.status for one in taken.values()} == {"ok"}
    assert differing({name: (tmp_path / one.file).read_bytes() for name, one in taken.items()}, expected) == []
    assert capsys.readouterr().out.count("every slide is loaded by itself now, which is slower.") == 1
    assert len(site.presenter_log.page_loads) == len(slides)


# ---- fonts ----


@pytest.mark.parametrize("code", ["en", "hi", "ar", "zhcn"])
def test_a_late_font_changes_no_picture(plain, site, present, browser, code):
    slides = slides_named("1_s1_1_2", "1_s1_1_4", "1_t1_b", "1_s1_1_3", code=code)
    expected = plain.pictures(code, slides)
    site.presenter.font_delay = 1.0
    plain.load(code, TEN, slides[0], site.site_url)
    if same_pixels(browser.picture(), expected[slides[0].name]):
        pytest.fail("the stand-in has lost its trap: a text fitted before the font is there looks no different")

    presenter = present(code)
    assert presenter.show_fresh(TEN, slides[0], tolerant=False) is None
    pictures = {slides[0].name: browser.picture(), **shown(presenter, browser, slides[1:])}

    assert differing(pictures, expected) == []


def test_a_late_font_changes_no_picture_taken_after_the_first_jump(plain, site, present, browser):
    slides = slides_named("1_s1_1_2", "1_s1_1_4")
    expected = plain.pictures("en", slides)
    site.presenter.font_delay = 1.0

    assert differing(shown(present(), browser, slides), expected) == []


def test_a_missing_font_is_named(site, present):
    site.presenter.font_missing = True
    [slide] = slides_named("1_s1_1_3")
    presenter = present()

    strict = presenter.show(TEN, slide, tolerant=False)
    tolerant = presenter.show(TEN, slide, tolerant=True)

    assert re.fullmatch(r"font .*Poppins did not load", strict.message)
    assert not strict.tolerable
    assert "Poppins did not load" in tolerant.message
    assert tolerant.tolerable


def test_a_font_that_is_too_late_is_named(site, present):
    site.presenter.font_delay = 20
    [slide] = slides_named("1_s1_1_3")
    assert re.fullmatch(
        r"font .*Poppins did not load in 1(\.0)? s", present(wait=1).show(TEN, slide, tolerant=False).message
    )


def test_a_font_host_that_cannot_be_reached_is_said_aloud(site, browser):
    """Without the host's style sheet the page does not even know that there is a font to wait for."""
    said = []
    with picture_host() as stopped:
        site.presenter.picture_host = stopped
    Presenter(browser, "en", 5.0, said.append).load(TEN)
    assert any("style sheet" in sentence and stopped in sentence and "font" in sentence for sentence in said)


def test_a_missing_font_does_not_keep_the_others_from_being_waited_for(site, present, browser):
    [slide] = slides_named("1_s1_1_3")
    with picture_host(missing_font="400.ttf") as prompt:
        site.presenter.picture_host = prompt
        assert present().show_fresh(TEN, slide, tolerant=True).tolerable
        expected = browser.picture()
    with picture_host(missing_font="400.ttf", late="700.ttf") as late:
        site.presenter.picture_host = late
        assert present().show_fresh(TEN, slide, tolerant=True).tolerable
        assert same_pixels(browser.picture(), expected)


# ---- pictures and icons ----


PICTURE_KINDS = [
    pytest.param({"qr": True, "backdrop": ""}, "qr", id="QR code"),
    pytest.param({"picture": True}, "picture", id="drawing"),
    pytest.param({"backdrop": True, "qr": ""}, "backdrop", id="CSS background"),
]


@pytest.mark.parametrize(("wanted", "kind"), PICTURE_KINDS)
def test_a_slow_picture_is_waited_for(plain, site, present, browser, wanted, kind):
    slide = slide_with(**wanted).slide
    [other] = slides_named("1_s1_1_3")
    expected = plain.pictures("en", [other, slide])
    site.presenter.picture_delay = 0.7

    assert differing(shown(present(), browser, [other, slide]), expected) == []


@pytest.mark.parametrize(("wanted", "kind"), PICTURE_KINDS)
@pytest.mark.parametrize("trouble", ["missing", "broken", "never"])
def test_a_picture_that_does_not_come_is_named(site, present, wanted, kind, trouble):
    content = slide_with(**wanted)
    name = getattr(content.look, kind)
    setattr(site.presenter, f"picture_{trouble}", {name})
    presenter = present(wait=1.0 if trouble == "never" else 5.0)
    [other] = slides_named("1_s1_1_3")

    strict = presenter.show(TEN, content.slide, tolerant=False)
    tolerant = presenter.show(TEN, content.slide, tolerant=True)

    in_time = r" in 1(\.0)? s" if trouble == "never" else ""
    address = rf"http://localhost:\d+/pictures/{re.escape(name)}"
    assert re.fullmatch(f"picture {address} did not load{in_time}", strict.message)
    assert not strict.tolerable
    assert tolerant.tolerable
    assert name in tolerant.message
    assert presenter.show(TEN, other, tolerant=False) is None


@pytest.fixture
def natural_sizes(browser, present):
    """Lets the pictures be as large as they are themselves: until they are there, they take up no room at all."""
    style = ".picture { width: auto !important; height: auto !important; padding: 0 !important; max-width: 40% }"
    add = f"document.head.append(Object.assign(document.createElement('style'), {{textContent: '{style}'}}))"
    presenter = present()
    browser.command(
        "Page.addScriptToEvaluateOnNewDocument", source=f"addEventListener('DOMContentLoaded', () => {add})"
    )
    return presenter


def test_a_slow_picture_as_large_as_itself_is_waited_for(site, natural_sizes, browser):
    site.presenter.picture_delay = 1.0
    assert natural_sizes.show(TEN, slide_with(qr=True, backdrop="").slide, tolerant=False) is None
    assert browser.driver.execute_script("return document.querySelector('.picture').naturalWidth") > 0


def test_a_missing_picture_as_large_as_itself_is_named(site, natural_sizes):
    content = slide_with(qr=True, backdrop="")
    site.presenter.picture_missing = {content.look.qr}
    fault = natural_sizes.show(TEN, content.slide, tolerant=False)
    assert fault is not None
    assert content.look.qr in fault.message


def test_a_missing_picture_does_not_keep_the_others_from_being_waited_for(site, present, browser):
    site.presenter.short_course = None
    content = slide_with(qr=True, backdrop=True)
    site.presenter.picture_missing = {content.look.backdrop}
    assert present().show_fresh(TEN, content.slide, tolerant=True).tolerable
    expected = browser.picture()

    app = presenter_app(site.presenter)

    def answer(environ, start_response):
        if environ["PATH_INFO"].endswith(content.look.qr):
            time.sleep(1)
        return app(environ, start_response)

    with LocalServer(answer) as host:
        site.presenter.picture_host = host.address
        assert present().show_fresh(TEN, content.slide, tolerant=True).tolerable
        assert same_pixels(browser.picture(), expected)


@pytest.mark.parametrize("key", ["s1_1_1", "s1_1_3"], ids=["fetch", "XMLHttpRequest"])
def test_a_slow_icon_is_waited_for(plain, site, present, browser, key):
    slides = slides_named(f"1_{key}")
    expected = plain.pictures("en", slides)
    site.presenter.icon_delay = 0.7

    assert differing(shown(present(), browser, slides), expected) == []


@pytest.mark.parametrize(
    ("key", "icon"), [pytest.param("s1_1_1", "book", id="fetch"), pytest.param("s1_1_3", "cup", id="XMLHttpRequest")]
)
def test_a_missing_icon_is_named_and_spoils_no_other_slide(site, present, key, icon):
    site.presenter.icon_missing = {icon}
    slide, other = slides_named(f"1_{key}", "1_s1_1_2")
    presenter = present()

    assert re.fullmatch(rf"icon .*/icons/{icon}\.svg did not load", presenter.show(TEN, slide, tolerant=False).message)
    assert presenter.show(TEN, slide, tolerant=True).tolerable
    assert presenter.show(TEN, other, tolerant=False) is None

    site.presenter.icon_missing = set()
    assert presenter.show(TEN, slide, tolerant=False) is None


def test_an_icon_that_is_too_late_is_named(site, present):
    site.presenter.icon_delay = 20
    [slide] = slides_named("1_s1_1_1")
    message = present(wait=1).show(TEN, slide, tolerant=False).message
    assert re.fullmatch(r"icon .*/icons/book\.svg did not load in 1(\.0)? s", message)


# ---- what else a slide may be like ----


def test_a_page_from_right_to_left_is_taken_as_it_is(plain, present, browser):
    slides = slides_named("1_s1_1_2", "1_t1_b", code="ar")
    expected = plain.pictures("ar", slides)

    assert differing(shown(present("ar"), browser, slides), expected) == []
    assert browser.driver.execute_script("return document.documentElement.dir") == "rtl"


@pytest.mark.parametrize("jump", [True, False], ids=["jump", "fresh load"])
def test_a_frame_that_never_loads_holds_nothing_up(site, present, jump):
    first, video, after = slides_named("1_s1_1_3", "1_t1_b", "1_s1_1_4")
    presenter = present()
    if jump:
        assert presenter.show(TEN, first, tolerant=False) is None

    assert (presenter.show if jump else presenter.show_fresh)(TEN, video, tolerant=False) is None
    # The slide is ready before its frame has even been asked for, perhaps.
    wait_until(lambda: "/iframe-that-never-loads" in [path for path, _ in site.presenter_log.requests])
    assert presenter.show(TEN, after, tolerant=False) is None


def test_the_frame_of_a_video_slide_holds_the_load_event_back(plain, site, browser):
    [video] = slides_named("1_t1_b")
    plain.load("en", TEN, video, site.site_url)
    time.sleep(0.3)
    assert browser.driver.execute_script("return document.readyState") == "interactive", "the stand-in lost its trap"


def test_a_change_of_the_slide_after_it_was_ready_is_noticed(present, browser):
    [slide] = slides_named("1_s1_1_4")
    presenter = present()
    assert presenter.show(TEN, slide, tolerant=False) is None

    browser.driver.execute_script("document.body.append(document.createElement('aside'))")
    assert presenter.is_unchanged(slide)
    browser.driver.execute_script("document.querySelector('h1').append('!')")
    assert not presenter.is_unchanged(slide)


def test_the_page_is_as_large_as_asked_on_every_load(present, browser):
    presenter = present()
    for slide in slides_named("1_s1_1_3", "2_s1_2_4"):
        assert presenter.show_fresh(TEN, slide, tolerant=False) is None
        assert browser.driver.execute_script("return [innerWidth, innerHeight, devicePixelRatio]") == [*SIZE, 1]
        with Image.open(BytesIO(browser.picture())) as picture:
            assert picture.size == SIZE


# ---- the site has a bad day ----


@pytest.mark.parametrize(
    ("trouble", "loads", "part_of_message"),
    [
        ({"status": 503}, _retry.TRIES, "answered with an error (503)"),
        ({"status": 403}, 1, "answered with an error (403)"),
        ({"too_many": 99}, _retry.TRIES, "answered with an error (429)"),
        ({"languages": {"es"}}, 1, "has no page at"),
        ({"languages": {"es", "fr"}, "answers_in": "fr"}, 1, "does not serve the language en: it answers in fr."),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_site_that_does_not_give_the_page_is_an_error(site, present, trouble, loads, part_of_message, monkeypatch):
    monkeypatch.setattr(_presenter, "_PAUSE_WHEN_TOO_MANY", 0.1)
    for name, value in trouble.items():
        setattr(site.presenter, name, value)

    with pytest.raises(RemoteError, match=re.escape(part_of_message)):
        present().load(TEN)

    assert len(site.presenter_log.page_loads) == loads


def test_an_unknown_code_that_is_answered_in_english_is_refused(site, present):
    site.presenter.unknown_code = "english"
    with pytest.raises(RemoteError, match="does not serve the language xx: it answers in en"):
        present("xx").load(TEN)


def test_a_site_that_nobody_answers_is_an_error(present, monkeypatch):
    presenter = present()
    with LocalServer(presenter_app(PresenterSettings())) as stopped:
        monkeypatch.setenv("ZUME_SITE_URL", stopped.address)
    monkeypatch.setattr(_retry, "TRIES", 2)
    with pytest.raises(RemoteError, match="cannot be reached"):
        presenter.load(TEN)


def test_a_page_without_the_presenter_is_an_error(present, monkeypatch):
    def answer(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<!doctype html><title>Welcome to the hotel's network</title>"]

    presenter = present()
    with LocalServer(answer) as hotel:
        monkeypatch.setenv("ZUME_SITE_URL", hotel.address)
        with pytest.raises(RemoteError, match="There is no course presenter at"):
            presenter.load(TEN)


@pytest.mark.parametrize(
    "trouble",
    [{"too_many": 2}, {"too_many": 2, "retry_after": True}, {"fail_every": 1}],
    ids=["429", "429 with Retry-After", "500"],
)
def test_what_may_pass_is_tried_again(site, present, trouble, monkeypatch):
    monkeypatch.setattr(_presenter, "_PAUSE_WHEN_TOO_MANY", 0.1)
    for name, value in trouble.items():
        setattr(site.presenter, name, value)
    presenter = present()
    said = present.said

    def get_well(sentence: str) -> None:
        said.append(sentence)
        if len(said) == 2:
            site.presenter.fail_every = 0

    presenter._announce = get_well
    presenter.load(TEN)

    assert len(site.presenter_log.page_loads) == 3
    assert [bool(re.search(r"\((429|500)\).*Trying again", sentence)) for sentence in said] == [True, True]


def test_a_page_that_hangs_is_given_up_and_the_browser_is_still_good(site, present, monkeypatch):
    monkeypatch.setattr(_presenter, "_LOAD_SECONDS", 1)
    monkeypatch.setattr(_retry, "TRIES", 2)
    site.presenter.hangs = True
    presenter = present()

    with pytest.raises(RemoteError, match="did not load in 1 s"):
        presenter.load(TEN)
    assert len(site.presenter_log.page_loads) == 2

    site.presenter.hangs = False
    assert presenter.show(TEN, slides_named("1_s1_1_3")[0], tolerant=False) is None


def test_a_site_that_goes_down_ends_the_run_and_a_resumed_one_does_the_rest(site, run, project, monkeypatch):
    monkeypatch.setattr(_retry, "TRIES", 2)
    site.presenter.short_course = 4
    with going_down_after(1, site, project), pytest.raises(RemoteError, match="503"):
        run(TEN, TWENTY)
    assert list(statuses(project.path, TEN).values()) == ["ok"] * 8
    # Some were tried before the site was given up.
    assert set(statuses(project.path, TWENTY).values()) == {"failed", "missing"}
    before = files_in(project.path, TEN)

    run(TEN, TWENTY, resume=True)

    assert list(statuses(project.path, TWENTY).values()) == ["ok"] * 8
    assert files_in(project.path, TEN) == before


def test_one_address_that_always_fails_costs_one_slide(site, take, impatient, monkeypatch):
    monkeypatch.setattr(_retry, "TRIES", 2)
    load = Presenter._load_once

    def load_once(presenter, curriculum, session, key) -> None:
        if key == "s1_1_4":
            raise RemoteError("The site answered with an error (500).", retryable=True)
        load(presenter, curriculum, session, key)

    monkeypatch.setattr(Presenter, "_load_once", load_once)
    site.presenter.ignores_popstate = True
    slides = slides_named("1_s1_1_1", "1_s1_1_2", "1_s1_1_3", "1_s1_1_4", "1_t1_a")

    taken = take(slides)

    assert [taken[slide.name].status for slide in slides] == ["ok", "ok", "ok", "failed", "ok"]
    assert taken[slides[3].name].error == "The site answered with an error (500)."


def test_a_style_sheet_that_comes_at_the_second_load_costs_nothing(site, browser, monkeypatch):
    monkeypatch.setattr(_retry, "FIRST_PAUSE", 0.01)
    with picture_host() as stopped:
        site.presenter.picture_host = stopped
    said = []

    def announce(sentence: str) -> None:
        said.append(sentence)
        site.presenter.picture_host = None

    presenter = Presenter(browser, "en", 5.0, announce)
    presenter.load(TEN)

    assert len(said) == 1
    assert "did not load at" in said[0]
    assert "Trying again" in said[0]
    assert len(site.presenter_log.page_loads) == 2


def test_a_picture_that_comes_onto_the_slide_while_it_is_looked_at_is_checked_too(site, present, browser):
    """It has a box of its own, so that its loading changes neither the page nor the layout."""
    site.presenter.icon_delay = 1.0
    site.presenter.picture_missing = {"qr-share.png"}
    presenter = present()
    presenter.load(TEN)
    [slide] = slides_named("1_s1_1_3")
    browser.evaluate(
        """setTimeout(() => {
            const image = new Image(100, 100);
            image.src = jsObject.pictures_url + 'qr-share.png';
            document.querySelector('slide-switcher > *').append(image);
        }, 500)"""
    )

    fault = presenter.show(TEN, slide, tolerant=False)

    assert "qr-share.png did not load" in fault.message


def test_what_never_comes_does_not_hold_up_the_slides_after_it(site, present):
    presenter = present(wait=1.0)
    presenter.load(TEN)
    content = slide_with(qr=True, backdrop="")
    site.presenter.picture_never = {content.look.qr}
    assert "did not load in 1 s" in presenter.show(TEN, content.slide, tolerant=False).message
    site.presenter.picture_never = set()
    site.presenter_log.clear()

    assert presenter.show(TEN, slides_named("1_s1_1_4")[0], tolerant=False) is None
    assert len(site.presenter_log.page_loads) == 1


def test_a_page_whose_script_fails_is_a_fault_of_the_slide_and_not_of_the_browser(site, present, browser):
    presenter = present()
    presenter.load(TEN)
    slide, other = slides_named("1_s1_1_3", "1_s1_1_4")
    browser.evaluate("delete window.slideBuilder.present")

    assert presenter.show(TEN, slide, tolerant=False).message.startswith("the page failed (TypeError")
    assert presenter.show(TEN, other, tolerant=False) is None


# ---- taking and keeping ----


def test_a_hiccup_of_the_picture_host_costs_no_slide(site, take):
    content = slide_with(qr=True, backdrop="")
    with picture_host(fails_once=content.look.qr) as host:
        site.presenter.picture_host = host
        taken = take([content.slide])
    assert [(one.status, one.error) for one in taken.values()] == [("ok", None)]


@pytest.mark.parametrize("allow_flawed", [False, True])
def test_a_font_picture_or_icon_that_the_site_lacks_is_kept_only_if_allowed(site, take, tmp_path, allow_flawed):
    site.presenter.font_missing = True
    checkin, plain_one = slides_named("1_s1_1_2", "1_s1_1_3")
    site.presenter.picture_missing = {slide_with(key="s1_1_2").look.qr}
    site.presenter.icon_missing = {"check"}

    taken = take([checkin, plain_one], allow_flawed=allow_flawed)

    assert [one.status for one in taken.values()] == ["flawed" if allow_flawed else "failed"] * 2
    assert all("Poppins did not load" in one.error for one in taken.values())
    files = {path.name for path in tmp_path.glob("*.png")}
    assert files == ({one.file for one in taken.values()} if allow_flawed else set())
    if allow_flawed:
        error = taken[checkin.name].error
        assert re.search(r"font .*picture .*/qr-.*icon .*/check\.svg did not load", error), error


@pytest.mark.parametrize("allow_flawed", [False, True])
@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ({"blank": {"s1_1_4"}}, "the picture is blank"),
        (
            {"never_settles": {"s1_1_4"}},
            r"the layout did not settle in 1\.5 s|two pictures in a row are never equal|the slide changed .*",
        ),
        ({"removed_slide": "s1_1_4"}, "the page shows slide s1_1_1 instead"),
    ],
    ids=["blank", "never settles", "unknown key"],
)
def test_a_wrong_slide_is_never_kept(site, take, tmp_path, trouble, error, allow_flawed):
    for name, value in trouble.items():
        setattr(site.presenter, name, value)
    wrong, right = slides_named("1_s1_1_4", "1_s1_1_3")

    taken = take([wrong, right], allow_flawed=allow_flawed, wait=1.5)

    assert (taken[wrong.name].status, taken[wrong.name].file) == ("failed", None)
    assert re.fullmatch(error, taken[wrong.name].error)
    assert taken[right.name].status == "ok"
    assert [path.name for path in tmp_path.glob("*.png")] == [taken[right.name].file]


def test_a_flawed_slide_is_kept_until_the_site_has_mended(site, run, project, capsys):
    site.presenter.short_course = 3
    site.presenter.picture_missing = set(QR_CODES)
    run(allow_flawed=True)
    kept = statuses(project.path)
    assert Counter(kept.values()) == {"ok": 4, "flawed": 2}

    run(missing_only=True, allow_flawed=True)
    assert "10: 6 slides, 0 to take" in capsys.readouterr().out
    assert statuses(project.path) == kept
    assert all(slide["error"] for slide in manifest_of(project.path)["slides"] if slide["status"] == "flawed")

    site.presenter.picture_missing = set()
    run(missing_only=True)
    assert "10: 6 slides, 2 to take" in capsys.readouterr().out
    assert list(statuses(project.path).values()) == ["ok"] * 6
    assert [slide["error"] for slide in manifest_of(project.path)["slides"]] == [None] * 6


def test_a_flawed_slide_does_not_become_a_good_one_by_failing_again(site, run, project):
    site.presenter.short_course = 2
    site.presenter.picture_missing = set(QR_CODES)
    run(allow_flawed=True)
    [flawed] = [name for name, status in statuses(project.path).items() if status == "flawed"]

    for _ in range(2):
        run(missing_only=True)
        assert statuses(project.path)[flawed] == "failed"


def test_a_flawed_slide_does_not_become_a_good_one_by_a_resumed_run(site, run, project, monkeypatch):
    monkeypatch.setattr(_retry, "TRIES", 2)
    site.presenter.short_course = 2
    site.presenter.picture_missing = set(QR_CODES)
    with going_down_after(4, site, project), pytest.raises(RemoteError):
        run(TEN, TWENTY, INTENSIVE, allow_flawed=True)
    before = statuses(project.path)
    assert Counter(before.values()) == {"ok": 3, "flawed": 1}

    run(TEN, allow_flawed=True, resume=True)

    assert statuses(project.path) == before


def test_a_picture_stays_when_a_later_run_cannot_take_it(site, run, project):
    site.presenter.short_course = 2
    run()
    before = files_in(project.path)
    site.presenter.blank = {"s1_1_1"}

    run()

    failed = manifest_of(project.path)["slides"][0]
    assert (failed["status"], failed["error"]) == ("failed", "the picture is blank")
    assert failed["file"] in before
    assert before <= files_in(project.path)


def test_a_resumed_run_without_an_interrupted_one_takes_all(site, run, project, capsys):
    site.presenter.short_course = 1
    run()
    run(resume=True)
    assert re.search(r"10: no interrupted run to resume\.\n10: 2 slides, 2 to take", capsys.readouterr().out)


def test_a_picture_of_another_size_is_not_kept(take, tmp_path):
    taken = take(slides_named("1_s1_1_3"), width=601)
    assert [one.error for one in taken.values()] == ["the picture is 600 x 336 instead of 601 x 336"]
    assert not list(tmp_path.glob("*.png"))


def test_a_slide_that_changes_while_its_picture_is_taken_is_not_kept(take, browser, monkeypatch, tmp_path):
    def disturbed() -> bytes:
        picture = SharedBrowser.picture(browser)
        browser.driver.execute_script("document.querySelector('h1').append('!')")
        return picture

    slides = slides_named("1_s1_1_3")
    monkeypatch.setattr(browser, "picture", disturbed)
    taken = take(slides, wait=0.5)
    assert [one.status for one in taken.values()] == ["failed"]
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("allow_flawed", [False, True])
def test_a_slide_that_keeps_changing_without_a_visible_difference_is_given_up(
    site, take, browser, monkeypatch, tmp_path, allow_flawed
):
    site.presenter.picture_missing = set(QR_CODES)
    pictures = []

    def counted() -> bytes:
        if "dataset" not in browser.driver.execute_script("return window.unrest || ''"):
            unrest = "document.querySelector('h1').dataset.now = performance.now()"
            browser.driver.execute_script(f'window.unrest = "{unrest}"; setInterval(window.unrest, 5)')
        pictures.append(SharedBrowser.picture(browser))
        if len(pictures) > 100:
            raise RuntimeError("it would go on for ever")
        return pictures[-1]

    monkeypatch.setattr(browser, "picture", counted)
    [slide] = slides_named("1_s1_1_2" if allow_flawed else "1_s1_1_3")
    [taken] = take([slide], wait=0.5, allow_flawed=allow_flawed).values()
    assert taken.status == "failed"
    assert not list(tmp_path.glob("*.png"))


def test_a_slide_at_which_the_browser_always_breaks_down_fails_alone(take, browser, monkeypatch, capsys):
    slides = slides_named("1_s1_1_3", "1_s1_1_4")

    def broken() -> bytes:
        if "slide=s1_1_3" in browser.driver.current_url:
            raise WebDriverException("tab crashed")
        return SharedBrowser.picture(browser)

    monkeypatch.setattr(browser, "picture", broken)
    taken = take(slides)

    assert [one.status for one in (taken[slide.name] for slide in slides)] == ["failed", "ok"]
    assert taken[slides[0].name].error == "the browser broke down again and again (tab crashed)"
    assert "session" not in capsys.readouterr().err
