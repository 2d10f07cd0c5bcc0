"""The fingerprint of what decides a picture: what changes it, what does not, and what nobody can be sure of."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from course.page import read_page
from course.page_data import find_literal
from served_pages import course_page, site_that_answers, video_slide
from slides.fingerprint import ShownSlide, fingerprint, slide_in_browser, slides_of_page

SIZE = (600, 336)
SHOWN = ShownSlide({"key": "a", "center": ["One", ["Two", "Three"]]}, "es", "es", "ltr", "")

pytestmark = pytest.mark.usefixtures("home", "quick_retries")


def of_data(data) -> str | None:
    return fingerprint(replace(SHOWN, data=data), *SIZE)


def page_of(monkeypatch, *slides, root="", **constants):
    """Read a page with these slides, and whatever other constants, over HTTP."""
    scripts = "".join(f"<script>const {name} = [{json.dumps(value)}][0]</script>" for name, value in constants.items())
    with site_that_answers(monkeypatch, root + scripts + course_page(*slides)):
        return read_page("es", [].append)


# ---- what changes it ----


def test_it_is_a_sha_256_in_hexadecimal_and_stays_the_same_for_ever():
    """Packages keep it for years: another way to compute it would make all their pictures look out of date."""
    assert fingerprint(SHOWN, *SIZE) == "10de96f035e5904541b9e5f633e4f454430c14d5f9c38d1254aa6e47126e4702"


@pytest.mark.parametrize(
    "change",
    [
        {"data": {**SHOWN.data, "center": ["One", ["Two", "Four"]]}},
        {"data": {**SHOWN.data, "center": ["One", ["Three", "Two"]]}},
        {"data": {**SHOWN.data, "qr": "https://zume.training/qr"}},
        {"data": {"center": SHOWN.data["center"]}},
        {"language_code": "pt"},
        {"lang": "es-MX"},
        {"direction": "rtl"},
        {"video_title": "God Uses Ordinary People"},
    ],
    ids=str,
)
def test_whatever_shows_on_the_slide_changes_it(change):
    assert fingerprint(replace(SHOWN, **change), *SIZE) != fingerprint(SHOWN, *SIZE)


@pytest.mark.parametrize("size", [(601, 336), (600, 337), (336, 600)])
def test_another_size_changes_it(size):
    assert fingerprint(SHOWN, *size) != fingerprint(SHOWN, *SIZE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a": 1, "b": {"c": 2, "d": 3}}', '{"b": {"d": 3, "c": 2}, "a": 1}'),
        ('{"a": 1}', '{"a": 1.0}'),
        ('{"a": 0}', '{"a": -0.0}'),
        ('{"a": 1e3}', '{"a": 1000}'),
        ('{"a": 0.1}', '{"a": 1e-1}'),
        ('{"a": 123456789012345678}', '{"a": 123456789012345680}'),
        ('{"a": 1e400}', '{"a": null}'),
        ('{"a": "\\u00e9"}', '{"a": "é"}'),
        ('{"a": "\\ud800"}', '{"a": "\\uD800"}'),
    ],
)
def test_what_javascript_does_not_tell_apart_has_the_same(one, other):
    one, other = (find_literal(f"const it = [{text}][0]", "it", dict) for text in (one, other))
    assert of_data(one) == of_data(other)


@pytest.mark.parametrize("digits", ["9" * 17, "9" * 18, "9" * 19, "-" + "9" * 18, "1" + "0" * 25, "9" * 5000, "1e999"])
def test_a_number_that_is_too_large_for_a_browser_counts_as_none_at_both_places(digits):
    over_http = find_literal(f'const it = [{{"a": {digits}}}][0]', "it", dict)
    # What JSON.stringify writes for it.
    value = float(digits)
    written = f"{value:.0f}" if abs(value) < 1e21 else "null" if value == float("inf") else repr(value)
    in_browser = slide_in_browser(f'{{"data": {{"a": {written}}}}}').data

    assert of_data(over_http) == of_data(in_browser) == of_data({"a": None})


@pytest.mark.parametrize(
    ("one", "other"), [({"a": True}, {"a": 1}), ({"a": None}, {}), ({"a": "1"}, {"a": 1}), ({"a": []}, {"a": {}})]
)
def test_what_javascript_tells_apart_has_another(one, other):
    assert of_data(one) != of_data(other)


def test_data_that_is_nested_without_end_has_none():
    data: dict = {}
    for _ in range(200_000):
        data = {"a": data}
    try:
        assert of_data(data) is None
    finally:
        while data:  # one by one, as the interpreter would free them all at once
            data = data.pop("a", None)


# ---- out of the page over HTTP ----


def test_a_page_over_http_says_all_that_counts(monkeypatch):
    video, text = video_slide(7, ["https://vimeo.com/7"]), {"key": "a", "type": "title", "left": [1, None, {"b": "c"}]}
    page = page_of(
        monkeypatch,
        video,
        text,
        root='<!doctype html><!-- <html lang="no"> --><HTML class=x LANG="es-MX" Dir=rtl lang=fr><body dir="ltr">',
        zumeTrainingItems={"7": {"title_en": "Seven", "title": "Siete"}, "8": {"title_en": "Eight"}},
    )

    assert slides_of_page(page, "twenty_session") == {
        "session_1_v_7": ShownSlide(video, "es", "es-MX", "rtl", "Seven"),
        "session_1_a": ShownSlide(text, "es", "es-MX", "rtl", ""),
    }


@pytest.mark.parametrize(
    "items",
    [
        None,
        5,
        "7",
        [],
        {},
        [None] * 8,
        {"7": None},
        {"7": ["title_en"]},
        {"7": {}},
        {"7": {"title_en": None}},
        {"7": {"title_en": 5}},
        {"7": {"title_en": ["Seven"]}},
        {"7": {"title_en": ""}},
        {"07": {"title_en": "Seven"}},
    ],
    ids=str,
)
def test_a_title_that_is_none_is_the_same_as_no_title(items, monkeypatch):
    page = page_of(monkeypatch, video_slide(7), zumeTrainingItems=items)
    assert slides_of_page(page, "ten_session")["session_1_v_7"].video_title == ""


@pytest.mark.parametrize("number", [7, "7", 7.0])
@pytest.mark.parametrize(
    "items", [{"7": {"title_en": "Seven"}}, [*[{}] * 7, {"title_en": "Seven"}]], ids=["map", "list"]
)
def test_a_title_is_found_as_the_pages_own_script_finds_it(items, number, monkeypatch):
    page = page_of(monkeypatch, video_slide(number, key="v"), zumeTrainingItems=items)
    assert slides_of_page(page, "ten_session")["session_1_v"].video_title == "Seven"


@pytest.mark.parametrize("number", [True, None, [7], {"7": 7}, " 7", "07", 7.5, "constructor"])
def test_what_is_no_name_of_a_video_has_no_title(number, monkeypatch):
    page = page_of(monkeypatch, video_slide(number, key="v"), zumeTrainingItems={"7": {"title_en": "Seven"}})
    assert slides_of_page(page, "ten_session")["session_1_v"].video_title == ""


@pytest.mark.parametrize("root", ["", "<p>", "<html>", "<html lang dir>", "<![no html", "<!--", " " * 30_000])
def test_a_page_that_names_no_direction_has_none(root, monkeypatch):
    shown = slides_of_page(page_of(monkeypatch, {"key": "a"}, root=root), "ten_session")["session_1_a"]
    assert (shown.lang, shown.direction) == ("", "")


def test_of_two_slides_with_one_name_the_first_counts_as_the_page_shows_no_other(monkeypatch):
    page = page_of(monkeypatch, {"key": "a", "left": "first"}, {"key": "a", "left": "second"})
    assert slides_of_page(page, "ten_session")["session_1_a"].data["left"] == "first"


def test_a_curriculum_that_the_page_does_not_list_has_no_slides(monkeypatch):
    assert slides_of_page(page_of(monkeypatch), "ten_session") == {}


def test_neither_a_nonce_nor_words_of_the_menu_are_in_what_is_kept_of_a_page(monkeypatch):
    with site_that_answers(
        monkeypatch, course_page({"key": "a"}, nonce="a-nonce-16180339", translations={"next": "Siguiente"})
    ):
        page = read_page("es", [].append)
    assert "16180339" not in str(vars(page))
    assert "Siguiente" not in str(vars(page))


# ---- out of a page in a browser ----


def test_what_a_page_in_a_browser_hands_over_is_understood():
    said = {"data": {"key": "a"}, "language": "ar", "lang": "ar-SA", "direction": "rtl", "title": "One"}
    assert slide_in_browser(json.dumps(said)) == ShownSlide({"key": "a"}, "ar", "ar-SA", "rtl", "One")


@pytest.mark.parametrize(
    "text",
    [None, 5, {}, "", "{", "[]", "{}", '{"data": []}', '{"data": null}', "[" * 200_000, "9" * 5000],
    ids=range(11),
)
def test_what_is_not_to_be_understood_is_nothing(text):
    assert slide_in_browser(text) is None


@pytest.mark.parametrize("strange", [None, 5, ["a"], {"a": 1}, True])
def test_a_strange_title_or_direction_is_none(strange):
    said = {"data": {}, "language": strange, "lang": strange, "direction": strange, "title": strange}
    assert slide_in_browser(json.dumps(said)) == ShownSlide({}, "", "", "", "")
