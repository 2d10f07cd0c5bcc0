"""The section "Changed" of the page: what it says, and what is seen of it in a real browser."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO

import pytest
from PIL import Image

from course.curricula import number_slides
from courses import SHORT, START, TEN, Course
from package.about import AboutPackage
from package.changed_tiles import changed_tiles
from package.changes import PackageChanges, SlideChanges, VideoChanges
from package.find_changes import NO_CHANGES, ShownChanges
from package.plan import PackagePlan, Place
from package.review_page import review_page

LATER = START + timedelta(hours=1)
ABOUT = AboutPackage("Spanish (Español)", "2026-01-01", "zume.training", "", "")
COLOURS = (
    (200, 30, 30),
    (30, 160, 30),
    (30, 30, 200),
    (200, 160, 30),
    (140, 30, 160),
    (30, 160, 160),
    (90, 90, 90),
    (20, 20, 20),
)
VOID = ("meta", "img", "input", "br")


@pytest.fixture
def bare(tmp_path):
    """A project whose pictures are in plain colours."""
    colours = iter(COLOURS * 2)
    return Course(tmp_path / "es", lambda: plain(next(colours)))


def plain(colour):
    out = BytesIO()
    Image.new("RGB", (300, 168), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def changed(course):
    """A package with a changed slide, a new one, one that is gone, and a replaced video."""
    course.publish()
    sessions = [[(each.key, each.type, each.video) for each in SHORT if each.session == number] for number in (1, 2, 3)]
    course.manifest(TEN, number_slides([[*sessions[0], ("s1_9", "discuss", None)], sessions[1][:-1], sessions[2]]))
    course.picture(TEN, SHORT[2], LATER)
    course.picture(TEN, number_slides([[("s1_9", "discuss", None)]])[0])
    (course.project.videos / "(06) title.mp4").unlink()
    course.video(6)
    course.publish()
    return course


def page_of(course):
    return (course.project.output / "index.html").read_text(encoding="utf-8")


def section_of(page):
    return re.search(r'<details class="changes".*?(?=<div class="problems">|</details>\n<section)', page, re.S)[0]


# Its text


def test_the_section_comes_first_and_counts_and_names_what_has_changed(changed):
    next((changed.project.path / "10").glob("*_session_3_final.png")).unlink()
    changed.publish()
    page = page_of(changed)
    section = section_of(page)

    day = changed.prepare().record.changes.made_at[:10]
    # The last run has changed something else: a slide is not shown any more.
    assert f"Changed on {day}: 1 slide gone" in section
    assert page.index('id="changed"') < page.index("Missing: 1")


def test_the_section_shows_each_slide_before_and_after(changed):
    section = section_of(page_of(changed))

    assert "1 slide changed, 1 new, 1 gone; video 6 replaced" in section
    assert re.findall(r'<img src="([^"]+)" alt="([^"]+)"', section) == [
        ("thumbnails/before/10/3.jpg", "t1_c before"),
        ("thumbnails/10/3.jpg", "t1_c after"),
        ("thumbnails/10/5.jpg", "s1_9 after"),
        ("thumbnails/before/10/7.jpg", "final before"),
    ]
    captions = re.findall("<figcaption>(.*?)</figcaption>", section, re.S)
    texts = [re.sub("<[^>]+>", "", caption).strip() for caption in captions]
    assert texts == ["10 · 3 · t1_c", "10 · 5 · s1_9", "10 · 7 · final"]
    assert re.findall(r'href="#([^"]+)"', section) == ["10-3", "10-3", "10-5", "10-5"]
    assert re.findall(r'class="none"><bdi[^>]*>(\w+)<', section) == ["new", "gone"]
    for name in re.findall(r'<img src="([^"]+)"', section):
        assert (changed.project.output / name).is_file()


def test_a_page_without_changes_differs_from_one_with_changes_by_these_alone(changed):
    publication = changed.prepare()
    stats = changed.publish().image_stats
    page = page_of(changed)
    style = re.search(r"/\* The look of the section \"Changed\".*?(?=</style>)", page, re.S)[0]
    without = page.replace(section_of(page), "").replace(style, "")
    day = changed.prepare().record.made_at

    expected = without.replace(f", changed on {day[:10]}</bdi></summary>", "</bdi></summary>")
    assert changed.page(publication, NO_CHANGES, stats, made_at=day) == expected


def test_the_section_escapes_what_comes_from_outside():
    (slide,) = number_slides([[("<script>alert(1)</script>\"'", "title", None)]])
    gone = replace(slide, position=2, key="<i>gone</i>")
    plan = PackagePlan({TEN: [Place("10", slide, None, None)]})
    changes = PackageChanges("<b>", None, {"10": SlideChanges((slide,), (), (gone,))}, VideoChanges((5,)))
    page = review_page(plan, "es", ABOUT, {}, {}, (), ShownChanges(changes))
    section = section_of(page)

    assert page.count("<script") == 1  # its own
    assert "&lt;script&gt;" in section
    assert "&lt;i&gt;gone" in section
    assert "Changed on &lt;b&gt;" in section
    assert "Video 5 was replaced<" in section


def test_a_slide_that_has_moved_since_it_changed_is_shown_where_it_is_now():
    (slide,) = number_slides([[("t1_a", "discuss", None)]])
    now = Place("10", replace(slide, position=7), None, None)
    shown = ShownChanges(PackageChanges("", None, {"10": SlideChanges(changed=(slide,))}))

    assert [tile.place for tile in changed_tiles(PackagePlan({TEN: [now]}), shown)] == [now]
    # It may be gone by now, and in no list of this run.
    assert [tile.place for tile in changed_tiles(PackagePlan({TEN: []}), shown)] == [None]


def test_of_a_course_that_was_taken_again_the_first_slides_are_shown_and_the_others_folded():
    slides = number_slides([[(f"t{number}", "discuss", None) for number in range(30)]])
    plan = PackagePlan({TEN: [Place("10", slide, None, None) for slide in slides]})
    shown = ShownChanges(PackageChanges("2026-01-01", None, {"10": SlideChanges(tuple(slides))}))
    page = review_page(plan, "es", ABOUT, {}, {}, (), shown)
    first, rest = section_of(page).split('<details class="more">')

    assert (first.count('class="pair '), rest.count('class="pair ')) == (12, 18)
    assert ">and 18 other slides<" in rest
    assert '<details class="builders" id="builders">' in page
    assert '<details class="changes" id="changed" open>' in page


class Tags(HTMLParser):
    """Checks that every tag that is opened is closed in the right order, and takes down the ids."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.ids = [], [], []

    def handle_starttag(self, tag, attributes):
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append((tag, self.getpos()))


def test_the_page_stays_one_whole_file_of_html(changed):
    tags = Tags()
    tags.feed(page_of(changed))

    assert (tags.wrong, tags.open) == ([], [])
    assert len(tags.ids) == len(set(tags.ids))


# In a real browser


@pytest.fixture
def opened(browser, changed):
    """Opens the page of a changed package in a language and a width, and returns what evaluates expressions in it."""

    def open_page(language="es", width=1280):
        changed.publish(language=language)
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.command("Emulation.setDeviceMetricsOverride", **size)
        assert browser.load((changed.project.output / "index.html").as_uri(), 20)
        browser.evaluate("document.querySelector('.builders').open = true")
        browser.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
        return browser.evaluate

    yield open_page
    browser.forget()


BOXES = """[...document.querySelectorAll('.pair:first-child .side')].map((side) => {
  const box = side.querySelector('img').getBoundingClientRect();
  return [Math.round(box.left), Math.round(box.top), Math.round(box.width), Math.round(box.height)];
})"""


@pytest.mark.parametrize(("language", "before_is_left"), [("es", True), ("ar", False)])
def test_before_and_after_stand_side_by_side_in_the_direction_of_the_language(language, before_is_left, opened):
    value = opened(language)
    before, after = value(BOXES)

    assert before[1:] == after[1:]
    assert (before[0] < after[0]) == before_is_left
    assert before[2] > 150
    labels = "[...document.querySelectorAll('.pair:first-child .side')].map((side) => side.innerText.trim())"
    assert value(labels) == ["before", "after"]


@pytest.mark.parametrize("language", ["es", "ar"])
def test_on_a_telephone_the_one_stands_above_the_other_and_nothing_is_cut_off(language, opened):
    value = opened(language, 390)
    before, after = value(BOXES)

    assert (before[0], before[2]) == (after[0], after[2])
    assert before[1] + before[3] <= after[1]
    assert value("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_seen_are_the_pictures_of_before_and_of_now(width, browser, opened):
    boxes = opened(width=width)(BOXES)
    shot = browser.command("Page.captureScreenshot")["data"]
    with Image.open(BytesIO(base64.b64decode(shot))) as picture:
        seen = picture.convert("RGB")
    colours = [seen.getpixel((left + wide // 2, top + high // 2)) for left, top, wide, high in boxes]

    # The third slide was in the third colour, and the first picture after those of all nine slides is in the tenth.
    for found, expected in zip(colours, (COLOURS[2], COLOURS[9 % len(COLOURS)]), strict=True):
        assert max(abs(one - other) for one, other in zip(found, expected, strict=True)) < 12


def test_a_click_on_the_present_picture_leads_to_its_place_in_the_sequence(browser, opened):
    value = opened()
    value("document.querySelector('.side a').click()")

    assert value("location.hash") == "#10-3"
    assert not value("document.querySelector('dialog').open")
    assert value("document.querySelector('.tile:target').dataset.key") == "t1_c"


def test_the_arrow_keys_pass_the_section_over(browser, opened):
    value = opened()
    value("document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))")

    assert value("document.querySelector('.stage img').getAttribute('src')") == "10/1.png"


def test_in_print_the_section_holds_every_pair(browser, opened):
    value = opened()
    browser.command("Emulation.setEmulatedMedia", media="print")
    try:
        heights = "[...document.querySelectorAll('.pair')].map((pair) => pair.getBoundingClientRect().height)"
        assert [height > 20 for height in value(heights)] == [True] * 3
        value("document.querySelector('.builders').open = false")
        assert value("document.querySelector('.builders').getBoundingClientRect().height") == 0
    finally:
        browser.command("Emulation.setEmulatedMedia", media="")
