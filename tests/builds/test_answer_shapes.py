"""The shape of answers: what is there, how often, of which kind, and nothing of what it says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builds.answer_shapes import Shape
from builds.exchanges import Services, about_exchanges, by_service, host_in_words
from builds.known_words import known_key, known_name
from common.watched_http import Exchange
from course.languages import all_languages
from demo.vimeo_videos import TITLES

SECRET = "zqsecret"
SECRETS = st.builds(lambda before, after: f"{before}{SECRET}{after}", st.text(max_size=6), st.text(max_size=6))
# Among fields that are known, and whose values may be told if they are what they should be.
FIELDS = st.sampled_from(
    ["data", "download", "paging", "next", "size", "width", "total", "quality", "rendition", "type", "scope", "key"]
)
HOSTILE = st.recursive(
    st.one_of(SECRETS, st.none(), st.booleans(), st.integers(), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(SECRETS, FIELDS), inner, max_size=4)
    ),
    max_leaves=25,
)


def lines(*values):
    shape = Shape()
    for value in values:
        shape.add(value)
    return shape.lines()


@settings(max_examples=60, deadline=None, database=None)
@given(st.lists(HOSTILE, min_size=1, max_size=3), SECRETS, st.dictionaries(SECRETS, SECRETS, max_size=3))
def test_nothing_that_an_answer_holds_is_told(values, word, headers):
    answers = []
    for value in values:
        several = {"data": [value, {"download": value, "name": word}], "total": word, "paging": {"next": word}}
        content = json.dumps(several).encode()
        told = (*headers.items(), ("Content-Type", word), ("cache-control", word), ("x-ratelimit-reset", word))
        answers.append(Exchange("GET", f"https://{SECRET}/{word}", 0, 0.1, 200, told, content))
    text = "\n".join(about_exchanges("a title", answers))

    assert "200" in text
    assert SECRET not in text.casefold()
    assert "://" not in text


def test_fields_are_counted_where_they_could_be():
    videos = [
        {"name": "A", "size": 10, "download": [{"height": 720}, {"height": None}, {}]},
        {"name": "", "size": 30, "download": None},
        {"name": None, "size": 20},
    ]

    assert lines({"data": videos, "total": 3}) == [
        "data: list (1 of 1), entries: 3",
        "data[].name: text 1 or empty text 1 or null 1 (3 of 3)",
        "data[].size: whole number (3 of 3), 10 to 30 (median 20)",
        "data[].download: list 1 or null 1 (2 of 3, missing in 1), entries: 3",
        "data[].download[].height: whole number 1 or null 1 (2 of 3, missing in 1), 720",
        "total: whole number (1 of 1), 3",
    ]


def test_what_a_text_looks_like_is_told():
    texts = ["https://a.b/c", "/videos/1", "2026-11-22T12:00:30+00:00", "12", "0123456789abcdef0123456789ABCDEF", "x"]
    kinds = ["web address", "path", "time (ISO 8601)", "digits", "32 hex digits", "text"]

    assert [line.split(" (")[0] for text in texts for line in lines({"link": text})] == [
        f"link: {kind.split(' (')[0]}" for kind in kinds
    ]


def test_numbers_that_measure_nothing_are_not_told():
    assert lines({"id": 700042060, "user": 9100001}) == ["id: whole number (1 of 1)", "user: whole number (1 of 1)"]


def test_what_lies_too_deep_is_left_out_and_said():
    value = "x"
    for _ in range(400):
        value = [value]
    told = lines({"data": value, "total": 1})

    assert len(told) == 12
    assert told[-1].startswith("(what lies deeper")


def test_of_very_many_fields_the_first_ones_are_told():
    words = ["data", "page", "size", "type", "link", "user", "name", "path", "time", "list"]
    told = lines({f"{one}_{two}_{three}": 1 for one in words for two in words for three in words})

    assert 250 < len(told) < 310
    assert told[-1].startswith("(what lies deeper")


@pytest.mark.parametrize("name", ["data", "per_page", "x-ratelimit-limit", "alt_video_id", "md5", "content-type"])
def test_names_of_ordinary_words_are_told(name):
    assert known_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "marie", "marie_key", "700042060", "data ", "Data", "español", "a@b.org", "data__x1", "data_" * 20]
)
def test_any_other_name_is_not_told(name):
    assert known_name(name) == "<key>"


def test_no_word_of_the_known_names_is_the_name_of_a_language_or_a_title():
    names = {word.casefold() for language in all_languages() for name in language.names for word in name.split()}
    codes = {language.code for language in all_languages()}

    assert [name for name in names - codes - {"language"} if known_name(name) != "<key>"] == []
    assert [title for title in TITLES if known_name(title.casefold()) != "<key>"] == []


@pytest.mark.parametrize("key", ["s1_1_4", "t4_c", "s1_3_8b", "extra_1", "t24_b"])
def test_what_looks_like_the_key_of_a_slide_is_told(key):
    assert known_key(key, ()) == key


@pytest.mark.parametrize("key", ["", "marie_1", "a@b.org", "s1 1 1", "700042060", "s1__1", "Welcome"])
def test_what_does_not_look_like_one_is_told_only_if_it_is_recorded(key):
    assert known_key(key, ()) == "<key>"
    assert known_key(key, {key}) == key


def test_a_request_is_known_by_the_service_and_by_what_it_is_for():
    services = Services("http://127.0.0.1:1", "https://zume.training", "https://storage.googleapis.com/m/")
    urls = {
        "http://127.0.0.1:1/oauth/verify": "Vimeo: what the token may do",
        "http://127.0.0.1:1/users/7/projects/12/videos?page=2": "Vimeo: the list of the folder's videos",
        "http://127.0.0.1:1/me/folders/12/items": "Vimeo: the list of what is in the folder",
        "http://127.0.0.1:1/videos/12:ab": "Vimeo: one video",
        "https://zume.training/es/presenter?type=10": "the site: the presenter's page",
        "https://zume.training": "the site: the start page",
        "https://zume.training/a.css": "the site: other files",
        "https://storage.googleapis.com/m/es/1.mp4": "the mirror: a video",
        "http://127.0.0.1:12/": "another server: where a service led to, or what its page names",
        "https://zume.training.evil.org/": "another server: where a service led to, or what its page names",
    }
    for url, title in urls.items():
        assert list(by_service([Exchange("GET", url, 0, 0)], services)) == [title]
    assert list(by_service([Exchange("GET", url, 0, 0) for url in reversed(urls)], services)) == list(
        dict.fromkeys(urls.values())
    )


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://api.vimeo.com", "api.vimeo.com"),
        ("http://localhost:8080/x", "on this machine"),
        ("https://somebodys.own.example/x", "at an address of its own"),
        ("https://api.vimeo.com@evil.org/", "at an address of its own"),
        ("http://[", "at an address of its own"),
    ],
)
def test_only_hosts_that_are_known_are_named(url, words):
    assert host_in_words(url) == words
