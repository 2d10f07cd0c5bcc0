"""Which style sheets and scripts a page names: those that a browser would load, and no others."""

from __future__ import annotations

import json

import pytest

from course.page_files import PageFile, files_of_page

PAGE = "https://site.example/es/presenter?type=10"


def sheets(text: str, address: str = PAGE) -> list[str]:
    """Return where the style sheets of a page are, or what they are if they stand in it."""
    return [file.content or file.address for file in files_of_page(text, address).style_sheets]


def scripts(text: str, address: str = PAGE) -> list[str]:
    return [file.address for file in files_of_page(text, address).scripts]


def test_style_sheets_are_named_in_page_order_with_absolute_addresses():
    text = """<!doctype html><html><head>
    <link rel="stylesheet" href="/a.css?ver=17">
    <STYLE>body { color: red }</STYLE>
    <link REL='preload StyleSheet' href=b.css#x>
    <link rel=stylesheet href="//fonts.example/css?family=Poppins:wght@400&amp;display=swap">
    </head><body><link rel=stylesheet href="https://other.example/c.css"></body></html>"""
    assert sheets(text) == [
        "https://site.example/a.css?ver=17",
        "body { color: red }",
        "https://site.example/es/b.css",
        "https://fonts.example/css?family=Poppins:wght@400&display=swap",
        "https://other.example/c.css",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<link rel="alternate stylesheet" href="a.css">',
        '<link rel="preload" as="style" href="a.css">',
        '<link rel="stylesheet">',
        '<link rel="stylesheet" href="">',
        '<link rel="stylesheet" href="data:text/css,x">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<link rel="stylesheet" href="http://[bad">',
        '<link rel="stylesheet" href="http://x:nine/">',
        f'<link rel="stylesheet" href="/{"x" * 5000}">',
        '<!-- <link rel="stylesheet" href="a.css"> -->',
        '<!--[if IE]><link rel="stylesheet" href="a.css"><![endif]-->',
        '<noscript><link rel="stylesheet" href="a.css"></noscript>',
        '<template><link rel="stylesheet" href="a.css"></template>',
        """<script>const a = '<link rel="stylesheet" href="a.css">'</script>""",
    ],
)
def test_what_a_browser_does_not_load_as_a_style_sheet_is_none(text):
    assert sheets(text + '<link rel="stylesheet" href="/z.css">') == ["https://site.example/z.css"]


def test_scripts_are_those_that_are_javascript_and_have_a_file():
    text = """<script src="/1.js"></script><script src="2.js" type="text/javascript" defer></script>
    <script type="module" src="3.js"></script><script type=application/javascript src="4.js"></script>
    <script type="application/json" src="5.json"></script><script type="text/template" src="6.js"></script>
    <script nomodule src="7.js"></script><script>const nonce = "secret"</script><script type="" src=8.js></script>"""
    names = ("1.js", "es/2.js", "es/3.js", "es/4.js", "es/8.js")
    assert scripts(text) == [f"https://site.example/{name}" for name in names]


def test_addresses_are_relative_to_the_first_base():
    text = '<base href="/theme/"><base href="/other/"><link rel=stylesheet href=a.css><script src=b.js></script>'
    assert sheets(text) == ["https://site.example/theme/a.css"]
    assert scripts(text) == ["https://site.example/theme/b.js"]


def test_what_stands_in_the_page_knows_what_its_own_addresses_are_relative_to():
    text = "<base href=/theme/><style>@import 'a.css';</style>"
    assert files_of_page(text, PAGE).style_sheets == (PageFile("https://site.example/theme/", "@import 'a.css';"),)


@pytest.mark.parametrize("text", ["<style><!-- a { } --></style>", "<style>a { content: '<script>' }</style>"])
def test_a_style_in_the_page_is_read_whole(text):
    assert sheets(f"{text}<link rel=stylesheet href=/z.css>") == [
        text.removeprefix("<style>").removesuffix("</style>"),
        "https://site.example/z.css",
    ]


@pytest.mark.parametrize(
    "torn",
    [
        "",
        "<",
        "<script",
        "<script src=",
        "<script src='x.js'",
        "<script>const a = [",
        "<style>a {",
        "<!-- never ended",
        "<![CDATA[ x",
        "<!x[",
        "<![if",
        "</",
        "<link rel='stylesheet' href='",
        "<a " * 50,
        "\x00\ud800",
        "<link rel=stylesheet href=/\ud800.css>",
    ],
)
def test_a_torn_page_gives_what_came_before(torn):
    assert sheets(f"<link rel=stylesheet href=/a.css>{torn}")[0] == "https://site.example/a.css"


def test_not_more_files_are_named_than_any_page_has():
    text = "".join(f"<link rel=stylesheet href=/{n}.css><script src=/{n}.js></script>" for n in range(500))
    assert len(sheets(text)) == len(scripts(text)) == 60


LARGE = json.dumps([{"text": "<p>Uno</p> <b>dos</b> <\\/script>", "n": n} for n in range(20_000)])


@pytest.mark.parametrize(
    "text",
    [
        f"<script>const a = [{LARGE}][0]</script>" * 2,
        "<script" * 200_000,
        "<!--" * 300_000,
        "<style>" * 200_000,
        "<a b='" * 200_000,
        "</script " * 150_000,
        "<link rel=stylesheet href=/a.css>" * 30_000,
        "<![CDATA[" * 120_000,
        "<" * 1_200_000,
        "&" * 1_200_000,
    ],
    ids=["data", "scripts", "comments", "styles", "quotes", "ends", "links", "cdata", "less", "and"],
)
def test_a_torn_page_of_a_megabyte_does_not_take_minutes(text):
    assert len(sheets(text)) <= 60
