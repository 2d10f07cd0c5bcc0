"""The presenter's page read over plain HTTP: what it says, when it is asked again, and what it is refused for."""

from __future__ import annotations

import gzip
import itertools
import time
import traceback

import pytest

from common.errors import RemoteError
from course import page_fetch
from course.curricula import CURRICULA, recorded_slides
from course.languages import has_three_circles
from course.page import read_page
from served_pages import course_page, page_with, site_that_answers, video_slide
from suite import NOWHERE

MIRROR = "https://storage.googleapis.com/zume-file-mirror/"
KEY, NONCE = "a-vimeo-key-27182818", "a-nonce-16180339"

pytestmark = pytest.mark.usefixtures("home", "quick_retries")


@pytest.fixture
def announced():
    return []


def failure(code, announced, **more) -> RemoteError:
    """Return the error with which a page is refused: a plain sentence, and what to do."""
    with pytest.raises(RemoteError) as caught:
        read_page(code, announced.append, **more)
    error = caught.value
    assert error.message.endswith(".")
    assert "\n" not in error.message
    assert error.remedy
    return error


# --- What it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["es", "en", "hr", "ar", "ur"])
def test_the_stand_ins_page_lists_the_recorded_course_of_the_languages_edition(
    code, stand_in, home, monkeypatch, announced
):
    stand_in.presenter.short_course = None
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)

    page = read_page(code, announced.append)

    assert page.language_code == code
    assert list(page.slides) == [curriculum.name for curriculum in CURRICULA]
    for curriculum in CURRICULA:
        recorded = recorded_slides(curriculum, has_three_circles(code))
        assert [(one.position, one.session, one.key, one.video) for one in page.slides[curriculum.name]] == [
            (one.position, one.session, one.key, one.video) for one in recorded
        ]
    assert stand_in.presenter_log.requests == [(f"/{code}/presenter", "type=10")]
    assert announced == []


def test_the_page_says_the_videos_their_vimeo_ids_and_the_mirror(monkeypatch, announced):
    content = course_page(
        video_slide(10, ["https://vimeo.com/710"]),
        {"key": "a"},
        video_slide("2", []),
        video_slide(10),
        mirror_url=MIRROR,
    )
    with site_that_answers(monkeypatch, content) as asked:
        page = read_page("es", announced.append)

    assert (page.video_numbers, page.vimeo_ids, page.mirror_url) == ((2, 10), {10: "710"}, MIRROR)
    assert asked == ["/es/presenter?type=10"]


def test_the_videos_are_those_of_all_curricula(monkeypatch, announced):
    content = page_with({"language": "es"}, zume10Sessions=[[video_slide(3)]], zumeIntensiveSessions=[[video_slide(1)]])
    with site_that_answers(monkeypatch, content):
        page = read_page("es", announced.append)

    assert list(page.slides) == ["ten_session", "intensive_session"]
    assert page.video_numbers == (1, 3)


@pytest.mark.parametrize("said", [None, 5, "", " ", [MIRROR], {"url": MIRROR}, "https://a\nb/", "\ud800"])
def test_a_mirror_that_cannot_be_shown_in_a_line_is_none(said, monkeypatch, announced):
    with site_that_answers(monkeypatch, course_page(video_slide(1), mirror_url=said)):
        assert read_page("es", announced.append).mirror_url == ""


def test_letters_that_are_not_utf_8_and_other_scripts_do_not_matter(monkeypatch, announced):
    before = "<script>if (jsObject) { zume10Sessions = [] } var jsObject = [document]</script><p>Ol\u00e1</p>"
    with site_that_answers(monkeypatch, (before + course_page(video_slide(1), language="pt")).encode("latin-1")):
        assert read_page("pt", announced.append).video_numbers == (1,)


def test_a_compressed_page_is_read(monkeypatch, announced):
    with site_that_answers(monkeypatch, compressed(course_page(video_slide(1)).encode())):
        assert read_page("es", announced.append).video_numbers == (1,)


def compressed(content):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        handler.wfile.write(gzip.compress(content))

    return answer


def test_a_code_cannot_lead_to_another_address(monkeypatch, announced):
    with site_that_answers(monkeypatch, "") as asked:
        failure("../es?x", announced)
    assert asked == ["/..%2Fes%3Fx/presenter?type=10"]


# --- Pages that are none ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<h1>Log in to the network of this hotel</h1>",
        course_page(video_slide(1))[:45],
        page_with({}),
        page_with([]),
        page_with({"language": None}),
        page_with({"language": ["es"]}),
        page_with({"language": ""}),
        course_page(video_slide(1)).encode("utf-16"),
        "<script>const jsObject = [" + '{"language":' * 100_000,
        b"\x00\xff" * 5000,
    ],
    ids=range(11),
)
def test_a_page_without_course_data_is_refused_and_not_asked_for_again(content, monkeypatch, announced):
    with site_that_answers(monkeypatch, content) as asked:
        error = failure("es", announced)

    assert "The course data of " in error.message
    assert len(asked) == 1
    assert announced == []


@pytest.mark.parametrize(("served", "said"), [("en", "en"), ("<b>no code</b>", "another"), ("\ud800", "another")])
def test_a_page_in_another_language_is_refused(served, said, monkeypatch, announced):
    with site_that_answers(monkeypatch, course_page(video_slide(1), language=served)):
        error = failure("es", announced)
    assert error.message == f"The site does not serve the language es: it answers in {said}."


def test_the_stand_ins_english_page_for_an_unknown_code_is_refused(stand_in, monkeypatch, announced):
    stand_in.presenter.unknown_code = "english"
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    assert failure("zz", announced).message == "The site does not serve the language zz: it answers in en."


# --- Errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (403, 1), (204, 1), (429, 2), (500, 2), (503, 2)])
def test_an_error_is_told_and_what_may_pass_is_tried_twice(status, tries, stand_in, monkeypatch, announced):
    stand_in.presenter.status = status
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)

    error = failure("es", announced)

    assert f"({status})" in error.message
    assert len(stand_in.presenter_log.requests) == tries
    assert len(announced) == tries - 1


def test_an_error_that_passes_leaves_no_more_than_a_sentence(stand_in, monkeypatch, announced):
    stand_in.presenter.too_many = 1
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)

    assert read_page("es", announced.append).video_numbers == (1,)
    assert [sentence.count("Trying again in ") for sentence in announced] == [1]


def test_without_patience_nothing_is_tried_twice(stand_in, monkeypatch, announced):
    stand_in.presenter.status = 503
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)

    failure("es", announced, patient=False)

    assert len(stand_in.presenter_log.requests) == 1
    assert announced == []


def test_a_site_that_asks_for_a_long_pause_is_left_in_peace(monkeypatch, announced):
    def answer(handler):
        handler.send_response(503)
        handler.send_header("Retry-After", "3600")
        handler.end_headers()

    with site_that_answers(monkeypatch, answer) as asked:
        failure("es", announced)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("site", "tries"),
    [
        (NOWHERE, 2),
        ("nothing", 1),
        ("http://", 1),
        ("http://[::1", 1),
        ("http://127.0.0.1:999999", 1),
        ("http://a..b", 1),
        ("ftp://127.0.0.1", 1),
        ("http://\u00df\u2024", 1),
    ],
)
def test_a_site_that_cannot_be_reached_is_told(site, tries, monkeypatch, announced):
    monkeypatch.setenv("ZUME_SITE_URL", site)
    assert "cannot be reached" in failure("es", announced).message
    assert len(announced) == tries - 1


def test_a_page_that_is_cut_is_asked_for_again(monkeypatch, announced):
    whole = course_page(video_slide(1)).encode()
    tries = itertools.count()

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(whole)))
        handler.end_headers()
        handler.wfile.write(whole if next(tries) else whole[:-20])

    with site_that_answers(monkeypatch, answer):
        assert read_page("es", announced.append).video_numbers == (1,)
    assert len(announced) == 1


# --- Answers without end ----------------------------------------------------------------------------------------------


def drip(handler, line=b"x"):
    """Send a little, again and again, until nobody listens."""
    try:
        while True:
            handler.wfile.write(line)
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        pass


def drips_its_page(handler):
    handler.send_response(200)
    handler.end_headers()
    drip(handler)


def drips_its_headers(handler):
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Long: ")
    drip(handler)


def drips_while_it_leads_elsewhere(handler):
    handler.send_response(302)
    handler.send_header("Location", "/there")
    handler.end_headers()
    if handler.path != "/there":
        drip(handler)


def says_nothing(handler):
    handler.rfile.read(1)


@pytest.mark.parametrize("patient", [True, False], ids=["patient", "hurried"])
@pytest.mark.parametrize("answer", [drips_its_page, drips_its_headers, says_nothing])
def test_a_server_that_never_comes_to_an_end_is_not_waited_for(answer, patient, monkeypatch, announced):
    monkeypatch.setattr("course.page._PATIENT_SECONDS" if patient else "course.page._ANSWER_SECONDS", 0.3)
    with site_that_answers(monkeypatch, answer) as asked:
        error = failure("es", announced, patient=patient)

    assert error.message.endswith("/es/presenter?type=10 did not come in 0.3 s.")
    assert len(asked) == (2 if patient else 1)


def test_what_comes_with_a_redirect_is_not_read(monkeypatch, announced):
    with site_that_answers(monkeypatch, drips_while_it_leads_elsewhere) as asked:
        error = failure("es", announced)

    assert "leads from one address to the next" in error.message
    assert asked == ["/es/presenter?type=10", *["/there"] * 5]


def test_a_page_that_has_moved_is_read_at_its_new_place(monkeypatch, announced):
    def answer(handler):
        if handler.path.startswith("/es/presenter?"):
            handler.send_response(301)
            handler.send_header("Location", "../new/es")
            handler.end_headers()
            return
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(course_page(video_slide(1)).encode())

    with site_that_answers(monkeypatch, answer) as asked:
        assert read_page("es", announced.append).video_numbers == (1,)
    assert asked == ["/es/presenter?type=10", "/new/es"]


@pytest.mark.parametrize("place", ["http://[bad", "http://127.0.0.1:999999/", "file:///etc/hostname", "http://a..b/"])
def test_a_redirect_to_what_is_no_address_is_an_error_like_any(place, monkeypatch, announced):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", place)
        handler.end_headers()

    with site_that_answers(monkeypatch, answer) as asked:
        assert "cannot be reached" in failure("es", announced).message
    assert len(asked) == 1


def sends_without_end(handler):
    handler.send_response(200)
    handler.end_headers()
    drip_block = b" " * (1 << 20)
    try:
        while True:
            handler.wfile.write(drip_block)
    except OSError:
        pass


@pytest.mark.parametrize("answer", [sends_without_end, compressed(b" " * 30_000_000)], ids=["plain", "compressed"])
def test_a_page_that_is_far_too_large_is_not_read_to_its_end(answer, monkeypatch, announced):
    assert page_fetch._MOST_BYTES == 20_000_000
    with site_that_answers(monkeypatch, answer) as asked:
        assert "too large" in failure("es", announced).message
    assert len(asked) == 1


# --- The site's own keys ----------------------------------------------------------------------------------------------


def secret_page(language="es"):
    return course_page(
        video_slide(1, [f"https://vimeo.com/{KEY}"]),
        language=language,
        nonce=NONCE,
        zumeApiShare={"zume_vimeo_api_key": KEY},
        mirror_url=MIRROR,
    ) + page_with({}, zumeApiShare={"zume_vimeo_api_key": KEY, "nonce": NONCE})


def leads_to_the_key(handler):
    handler.send_response(302)
    handler.send_header("Location", f"http://127.0.0.1:2/?key={KEY}&nonce={NONCE}")
    handler.end_headers()
    handler.wfile.write(secret_page().encode())


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (secret_page("en"), 200),
        (secret_page(KEY), 200),
        (secret_page().replace('"language"', '"other"'), 200),
        (secret_page().replace("}", ""), 200),
        (secret_page().replace('{"language"', f"{{{NONCE}"), 200),
        (secret_page(), 404),
        (secret_page(), 403),
        (secret_page(), 500),
    ],
    ids=range(8),
)
def test_the_sites_own_keys_are_in_no_message(content, status, monkeypatch, announced):
    assert KEY in content
    with site_that_answers(monkeypatch, content, status):
        error = failure("es", announced)
    assert_says_nothing_of_the_keys(error, announced)


def breaks_off_with_the_key(handler):
    handler.wfile.write(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{KEY} {NONCE}\r\n".encode())


def begins_with_the_key(handler):
    handler.wfile.write(f"{KEY} {NONCE}\r\n\r\n".encode())


@pytest.mark.parametrize("answer", [leads_to_the_key, breaks_off_with_the_key, begins_with_the_key])
def test_the_sites_own_keys_are_not_told_out_of_an_answer_that_is_no_http(answer, monkeypatch, announced):
    with site_that_answers(monkeypatch, answer):
        error = failure("es", announced)
    assert_says_nothing_of_the_keys(error, announced)


def test_the_sites_own_keys_are_not_returned(monkeypatch, announced):
    with site_that_answers(monkeypatch, secret_page()):
        page = read_page("es", announced.append)

    assert page.video_numbers == (1,)
    assert KEY not in repr(page)
    assert NONCE not in repr(page)


def assert_says_nothing_of_the_keys(error, announced):
    told = [*announced, error.message, error.remedy, *traceback.format_exception(error)]
    assert [sentence for sentence in told if KEY in sentence or NONCE in sentence] == []
