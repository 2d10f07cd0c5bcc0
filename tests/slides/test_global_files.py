"""The files that all slides share: how often each is asked for, and what of them counts as changed."""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from common.errors import RemoteError
from course.page import PresenterPage, read_page, site_url
from served_pages import course_page, site_that_answers, video_slide
from slides.global_files import GlobalFiles
from slides.global_state import GlobalState, differences, from_json, to_json

pytestmark = pytest.mark.usefixtures("home", "quick_retries")

PAGE = "/es/presenter?type=10"
HEAD = """<link rel=stylesheet href="/a.css?ver=1"><style>b { }</style><script src="/a.js?ver=1"></script>
<script src="/b.js"></script>"""


class Site:
    """A site whose files can be changed. A file is a text, a status, or what returns one of them."""

    def __init__(self) -> None:
        self.files = {PAGE: HEAD + course_page(video_slide(1)), "/a.css": "a { }", "/a.js": "a()", "/b.js": "b()"}
        self.asked: list[str] = []
        self.at_a_time = Counter()
        self.most_at_a_time = 0
        self.slow = 0.0
        self._lock = threading.Lock()

    def answer(self, handler) -> None:
        name = handler.path if handler.path == PAGE else handler.path.partition("?")[0]
        with self._lock:
            self.asked.append(handler.path)
            self.at_a_time["now"] += 1
            self.most_at_a_time = max(self.most_at_a_time, self.at_a_time["now"])
        time.sleep(self.slow)
        content = self.files.get(name, 404)
        content = content(handler) if callable(content) else content
        with self._lock:
            self.at_a_time["now"] -= 1
        handler.send_response(content if isinstance(content, int) else 200)
        handler.end_headers()
        handler.wfile.write(b"" if isinstance(content, int) else content.encode())

    def page(self) -> PresenterPage:
        page = read_page("es", [].append)
        self.asked.clear()
        return page

    def state(self, assets=(), known: GlobalState | None = None, page: PresenterPage | None = None) -> GlobalState:
        """Return what is global as a new run finds it; what it asks for is in ``asked``."""
        page = page or self.page()
        return GlobalFiles("156.0.1").state(page, [f"{site_url()}{path}" for path in assets], "156.0.1", "", known)

    def with_head(self, head: str) -> None:
        self.files[PAGE] = head + course_page(video_slide(1))


@pytest.fixture
def site(monkeypatch):
    site = Site()
    with site_that_answers(monkeypatch, site.answer):
        yield site


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_contents_count_in_page_order(site):
    state = site.state()
    assert state.styles == (digest("a { }"), digest("b { }"))
    assert state.scripts == (digest("a()"), digest("b()"))
    assert (state.capture, state.browser, state.fonts, state.assets) == (1, "156.0.1", "", ())


def test_fixed_pictures_count_with_their_addresses(site):
    site.files |= {"/logo.svg": "logo", "/x.woff2": "font"}
    assets = site.state(["/x.woff2", "/logo.svg?v=1", "/logo.svg?v=1"]).assets
    assert assets == ((f"{site_url()}/logo.svg?v=1", digest("logo")), (f"{site_url()}/x.woff2", digest("font")))


def test_an_unchanged_language_costs_one_request_for_each_file(site):
    site.files["/logo.svg"] = "logo"
    before = site.state(["/logo.svg"])
    assert differences(before, site.state(["/logo.svg"], before)) == ()
    assert sorted(site.asked) == ["/a.css?ver=1", "/a.js?ver=1", "/b.js", "/logo.svg"]


def test_the_same_files_under_other_addresses_are_no_difference(site):
    before = site.state()
    site.with_head(HEAD.replace("ver=1", "ver=2"))
    assert differences(before, site.state(known=before)) == ()
    assert sorted(site.asked) == ["/a.css?ver=2", "/a.js?ver=2", "/b.js"]


@pytest.mark.parametrize(
    ("path", "said"), [("/a.css", "a style sheet"), ("/b.js", "a script"), ("/logo.svg", "the picture logo.svg")]
)
def test_another_content_is_a_difference(path, said, site):
    site.files["/logo.svg"] = "logo"
    before = site.state(["/logo.svg"])
    site.files[path] = "another"
    assert differences(before, site.state(["/logo.svg"], before)) == (said,)


def test_another_style_in_the_page_is_a_difference(site):
    before = site.state()
    site.with_head(HEAD.replace("b { }", "c { }"))
    assert differences(before, site.state(known=before)) == ("a style sheet",)


def test_a_script_that_is_another_each_time_is_never_a_difference_and_costs_one_more_request(site):
    numbers = itertools.count()
    site.files["/b.js"] = lambda _: f"track({next(numbers)})"
    before = site.state()
    assert len(site.asked) == 3
    for _ in range(3):
        now = site.state(known=before)
        assert differences(before, now) == ()
        assert Counter(site.asked) == {"/a.css?ver=1": 1, "/a.js?ver=1": 1, "/b.js": 2}
        before = now


def test_beside_a_script_that_is_another_each_time_a_real_change_is_found(site):
    numbers = itertools.count()
    site.files["/b.js"] = lambda _: f"track({next(numbers)})"
    before = site.state()
    site.files["/a.js"] = "another()"
    now = site.state(known=before)
    assert differences(before, now) == ("a script",)
    assert differences(now, site.state(known=now)) == ()


def test_a_picture_that_is_another_each_time_is_never_a_difference(site):
    numbers = itertools.count()
    site.files["/pixel.png"] = lambda _: str(next(numbers))
    before = site.state(["/pixel.png"])
    assert differences(before, site.state(["/pixel.png"], before)) == ()


def test_a_file_that_is_replaced_between_two_looks_is_found_the_next_time(site):
    before = site.state()
    contents = iter(["old()", "new()"])
    site.files["/b.js"] = lambda _: next(contents, "new()")
    now = site.state(known=before)
    assert differences(before, now) == ()
    assert differences(now, site.state(known=now)) == ("a script",)
    assert differences(before, site.state(known=before)) == ("a script",)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_the_site_does_not_have_counts_as_such(status, site):
    site.files["/b.js"] = status
    before = site.state()
    assert differences(before, site.state(known=before)) == ()
    assert len(site.asked) == 3
    site.files["/b.js"] = "b()"
    assert differences(before, site.state(known=before)) == ("a script",)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_error_that_passes_is_no_difference(status, site):
    before = site.state()
    contents = iter([status])
    site.files["/b.js"] = lambda _: next(contents, "b()")
    assert differences(before, site.state(known=before)) == ()
    assert site.asked.count("/b.js") == 2


def test_an_error_that_stays_is_told_after_two_tries(site):
    before = site.state()
    site.files["/b.js"] = 500
    with pytest.raises(RemoteError, match=r"/b\.js"):
        site.state(known=before)
    assert site.asked.count("/b.js") == 2


@pytest.mark.parametrize("name", ["/a.css", "/b.js"])
def test_a_file_that_could_never_be_had_is_no_difference_until_it_comes(site, name):
    whole = site.files[name]
    site.files[name] = 500
    before = site.state()
    assert from_json(json.loads(json.dumps(to_json(before)))) == before
    assert differences(before, site.state(known=before)) == ()
    site.files[name] = whole
    assert len(differences(before, site.state(known=before))) == 1


def test_a_second_look_that_fails_hides_no_change(site):
    before = site.state()
    contents = iter(["other()", 500, 500])
    site.files["/b.js"] = lambda _: next(contents)
    assert differences(before, site.state(known=before)) == ("a script",)


def test_style_sheets_that_are_imported_count(site):
    site.files["/a.css"] = (
        '@charset "utf-8"; /* x */ @import "in/b.css" screen;\n@import url(/c.css?a;b) ; a {} @import "d.css";'
    )
    site.files |= {"/in/b.css": "@import 'e.css';", "/in/e.css": "e { }", "/c.css": "c { }"}
    state = site.state()
    texts = [site.files[path] for path in ("/a.css", "/in/b.css", "/in/e.css", "/c.css")]
    assert state.styles == (*map(digest, texts), digest("b { }"))
    site.files["/in/e.css"] = "another { }"
    assert differences(state, site.state(known=state)) == ("a style sheet",)


def test_style_sheets_that_import_each_other_come_to_an_end(site):
    site.with_head("<style>@import '/a.css';</style>")
    site.files["/a.css"] = "@import url('/b.css'); @import '/a.css';"
    site.files["/b.css"] = "@import'/a.css';@import"
    assert len(site.state().styles) == 3
    assert Counter(site.asked) == {"/a.css": 1, "/b.css": 1}


def test_style_sheets_that_never_come_to_an_end_are_bounded(site):
    numbers = itertools.count()
    site.files["/a.css"] = lambda _: "".join(f"@import '/a.css?{next(numbers)}';" for _ in range(40))
    assert len(site.state().styles) < 40


def test_several_threads_cost_one_request_for_each_file(site):
    page, files = site.page(), GlobalFiles("156.0.1")
    site.slow = 0.05
    with ThreadPoolExecutor(6) as threads:
        states = list(threads.map(lambda _: files.state(page, [], "", ""), range(6)))
    assert len(set(states)) == 1
    assert sorted(site.asked) == ["/a.css?ver=1", "/a.js?ver=1", "/b.js"]


def test_no_host_is_asked_for_more_than_four_files_at_a_time(site):
    site.with_head("".join(f"<script src=/{number}.js></script>" for number in range(20)))
    page = site.page()
    site.slow = 0.05
    site.state(page=page)
    assert len(site.asked) == 20
    assert 1 < site.most_at_a_time <= 4


def test_what_is_no_address_is_no_asset(site):
    assert GlobalFiles("").state(site.page(), ["http://[bad", "data:x", ""], "", "").assets == ()


def test_a_file_is_asked_for_as_the_browser_asks(site):
    site.files["/a.css"] = lambda handler: handler.headers["User-Agent"] + handler.headers["Accept"]
    state = GlobalFiles("156.0.1").state(site.page(), [], "", "")
    assert differences(state, GlobalFiles("156.0.2").state(site.page(), [], "", "")) == ()
    assert differences(state, GlobalFiles("157.0.1").state(site.page(), [], "", "")) == ("a style sheet",)


def test_a_page_at_a_new_place_names_its_files_from_there(site):
    content = HEAD.replace('"/', '"') + course_page(video_slide(1))

    def moved(handler):
        handler.send_response(301)
        handler.send_header("Location", "/new/place/")
        handler.end_headers()
        raise ConnectionError

    site.files[PAGE] = moved
    site.files["/new/place/"] = content
    page = site.page()
    assert [file.address for file in page.scripts] == [
        f"{site_url()}/new/place/{name}" for name in ("a.js?ver=1", "b.js")
    ]
    assert page.address == f"{site_url()}/new/place/"
