"""The page to look through a package: its text, what it warns of, and how it behaves in a real browser."""

from __future__ import annotations

import base64
import json
import re
import zlib
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from course.curricula import number_slides
from courses import SHORT, START, TEN, TWENTY, png
from package.about import AboutPackage
from package.plan import PackagePlan, Place
from package.review_page import review_page, without_folders
from package.suspects import find_suspects
from page_reader import Reader, browser, page_of, tiles  # noqa: F401 - fixture
from slide_files import with_flaw
from slides.entry import Entry
from slides.manifest import Manifest, write_manifest
from slides.pictures import picture_name
from suite import ROOT

VIDEOS = ROOT / "parts" / "demo" / "videos"


# Its text


def test_the_page_shows_every_position_and_every_file_it_names_is_there(course):
    page = page_of(course)

    named = set(re.findall(r'(?:src|href|poster|data-file)="([^"#]+)"', page))
    thumbnails = {f"thumbnails/10/{slide.position}.jpg" for slide in SHORT}
    assert named == set(course.expected(TEN, SHORT)) | thumbnails
    assert all((course.project.output / name).is_file() for name in named)
    captions = re.findall(r'<b>(\d+)</b> <span class="key for-builders">(\w+)<', page)
    assert captions == [(str(slide.position), slide.key) for slide in SHORT]
    assert re.findall(r">Session (\d+)<", page) == ["1", "2", "3"]


def test_a_video_is_a_player_with_its_title(course):
    path = course.project.videos / "(06) title.mp4"
    entry = {"id": "1", "title": "(06) Makers: <all> of us", "status": "success", "path": str(path)}
    (course.project.videos / "download_results.json").write_text(json.dumps([entry]))
    found = tiles(page_of(course))

    assert '<video src="10/6.mp4" poster="thumbnails/10/6.jpg"' in found["10-6"]
    assert "(06) Makers: &lt;all&gt; of us" in found["10-6"]
    assert "(01) title" in found["10-2"]


def test_the_page_shows_gaps_at_the_top_and_at_their_places(course):
    next((course.project.path / "10").glob("*_t1_c.png")).unlink()
    (course.project.videos / "(06) title.mp4").unlink()
    page = page_of(course)
    top = page[: page.index("<section")]

    assert "Missing: 2" in top
    assert '<a href="#10-3">10 · 3 · t1_c</a>: no picture' in top
    assert 'video 6 is missing in videos/: <a href="#10-6">10 · 6 · t6_b</a>' in top
    assert page.count("video 6 is missing") == 1
    assert '<div class="hole"><bdi lang="en" dir="ltr">missing</bdi></div>' in tiles(page)["10-3"]
    assert "data-file" not in tiles(page)["10-3"]
    assert len(tiles(page)) == len(SHORT)


def test_a_good_package_has_nothing_in_red(course):
    page = page_of(course)

    assert 'class="problems"' not in page
    assert 'class="reason' not in page
    assert "For those who make the package: nothing is missing<" in page


def list_as(course, status, *positions):
    """Let the manifest list the pictures at positions with a status, and all others as good."""
    files = {slide: next((course.project.path / "10").glob(f"*_{slide.name}.png")).name for slide in SHORT}
    entries = [Entry(slide, files[slide], status if slide.position in positions else "ok", None) for slide in SHORT]
    write_manifest(course.project, TEN, Manifest("es", "", TEN.name, tuple(entries)))


def test_pictures_that_nothing_proves_are_counted_at_the_top_and_marked_but_not_in_red(course):
    list_as(course, "unproven", 3, 4)
    page = page_of(course)
    top = page[: page.index("<section")]

    assert "2 pictures are unproven: no record says what they show. Check that each shows its slide." in top
    assert [name for name, tile in tiles(page).items() if 'class="unproven for-builders"' in tile] == ["10-3", "10-4"]
    assert 'class="problems"' not in page
    assert suspects_of(course) == {}


def test_the_page_marks_nothing_any_more_when_the_pictures_are_proven(course):
    list_as(course, "unproven", 3)
    assert "1 picture is unproven: no record says what it shows." in page_of(course)
    list_as(course, "ok", 3)

    assert 'class="unproven' not in page_of(course)


def test_only_pictures_that_the_package_uses_are_marked_as_unproven(course):
    list_as(course, "unproven", 2, 3)
    replace_picture(course, 3, drawn())
    page = page_of(course)

    # A video stands at the one place, at the other a newer picture of which the manifest says nothing.
    assert 'class="unproven' not in page


def test_the_page_escapes_what_comes_from_outside():
    (slide,) = number_slides([[("<script>alert(1)</script>&\"'", "title", None)]])
    plan = PackagePlan({TEN: [Place("10", slide, None, None)]}, video_troubles=["<b>missing</b> & more"])
    about = AboutPackage("<b>lang</b>", "", "<b>site</b>", "", "")
    page = review_page(plan, '"><script>alert(2)</script>', about, {}, {"10/1": ["<i>odd</i>"]})

    assert page.count("<script") == 1  # its own
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;missing&lt;/b&gt; &amp; more" in page
    assert "&lt;i&gt;odd" in page
    assert "&lt;b&gt;site&lt;/b&gt;" in page


def test_videos_from_the_mirror_are_marked_and_the_page_says_once_how_many_came_from_where(course):
    course.downloads({1: "vimeo", 6: "mirror"})
    page = page_of(course)
    top = page[: page.index("<section")]
    words = "1 from Vimeo, 1 from the mirror"

    assert page.count(words) == 1
    # Video 1 is shown twice, and counts once.
    assert f'<p><bdi lang="en" dir="ltr">Videos: {words}</bdi></p>' in top
    mark = '<bdi lang="en" dir="ltr">from the site&#39;s mirror</bdi>'
    assert [name for name, tile in tiles(page).items() if mark in tile] == ["10-6"]
    assert "videos from Vimeo and from the site&#39;s mirror.<" in page[page.index("<footer") :]


@pytest.mark.parametrize("sources", [{}, {1: "vimeo"}, {1: "vimeo", 6: "vimeo"}], ids=["own", "some own", "Vimeo"])
def test_the_page_of_a_package_without_videos_from_the_mirror_says_nothing_of_it(sources, course):
    course.downloads({})
    page = page_of(course)
    course.downloads(sources)

    assert "mirror" not in page
    assert "mirror" not in page_of(course)


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("ur", "rtl"), ("es", "ltr"), ("xx", "ltr")])
def test_the_page_has_the_language_and_its_direction(language, direction, course):
    page = page_of(course, language)

    assert f'<html lang="{language}" dir="{direction}">' in page


def test_the_page_needs_nothing_from_elsewhere(course):
    page = page_of(course, "ar")

    assert "العربية" in page
    assert not re.findall(r"https?:|[\"'(]//|@import|<link|<script src", page)


# What is for those who make the package


def outside_of_the_fold(page):
    """Return what of a page is seen by who does not open the part for builders."""
    page = re.sub(r'<details class="builders".*?</details>\n(?=<section)', "", page, flags=re.S)
    return re.sub(r"<style>.*?</style>|<script>.*?</script>", "", page, flags=re.S)


def fail(course, error, position=3):
    """Let the manifest say why a slide has no picture."""
    entries = [Entry(slide, None, "ok", None) for slide in SHORT]
    entries[position - 1] = Entry(SHORT[position - 1], None, "failed", error)
    next((course.project.path / "10").glob(f"*_{SHORT[position - 1].name}.png")).unlink()
    write_manifest(course.project, TEN, Manifest("es", "", TEN.name, tuple(entries)))


def test_a_missing_slide_has_its_reason_and_the_command_that_takes_it(course):
    fail(course, "picture tree.svg did not load")
    page = page_of(course)
    top = page[: page.index("<section")]

    assert '<a href="#10-3">10 · 3 · t1_c</a>: picture tree.svg did not load' in top
    assert "picture tree.svg did not load" in tiles(page)["10-3"]
    assert "<code>python build.py --language es --folder &#34;FOLDER&#34;</code>" in top
    assert "<code>--allow-flawed</code>" in top


def test_a_page_without_gaps_names_no_command(course):
    assert "<code>" not in page_of(course)


def test_slides_that_lack_the_same_are_told_together(course):
    for position in (3, 4):
        next((course.project.path / "10").glob(f"*_{SHORT[position - 1].name}.png")).unlink()

    assert '<a href="#10-3">10 · 3 · t1_c</a>, <a href="#10-4">10 · 4 · final</a>: no picture' in page_of(course)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/anna/Zume/es/10/3.png cannot be read", "3.png cannot be read"),
        (r"C:\Users\Anna\es\3.png cannot be read", "3.png cannot be read"),
        ("it is in '/home/anna/es/3.png'", "it is in '3.png'"),
        ("https://zume.training/a/b/tree.svg did not load", "https://zume.training/a/b/tree.svg did not load"),
        ("video 6 is missing in videos/.", "video 6 is missing in videos/."),
        ("no answer in 5 s / no page", "no answer in 5 s / no page"),
    ],
)
def test_a_reason_tells_no_folders_of_the_builder(text, shown, course):
    fail(course, text)

    assert without_folders(text) == shown
    assert "anna" not in page_of(course).lower()


def test_all_that_is_for_builders_is_folded_or_marked_as_theirs(course):
    course.downloads({6: "mirror"})
    fail(course, "picture tree.svg did not load")
    (course.project.videos / "(01) title.mp4").unlink()
    page = page_of(course)
    rest = outside_of_the_fold(page)

    assert '<details class="builders" id="builders">' in page
    assert ">For those who make the package: 2 missing<" in page
    for words in ("Missing", "build.py", "is missing in"):
        assert words in page
        assert words not in rest
    marked = re.findall(r'<span class="(\w+) for-builders">(?:<bdi[^>]*>)?([^<]+)<', rest)
    assert {("key", "t1_c"), ("reason", "picture tree.svg did not load"), ("title", "instead of video 1")} <= {*marked}
    assert rest.count("tree.svg") == 1
    assert rest.count("mirror") == 2  # in the one tile, and at the foot in plain words


# What should be looked at


def suspects_of(course):
    publication = course.prepare()
    image_stats = course.publish().image_stats
    return find_suspects(publication.plan, image_stats, publication.changed_by_others)


def replace_picture(course, position, data, taken=START + timedelta(minutes=9)):
    slide = SHORT[position - 1]
    (course.project.path / "10" / picture_name(slide, taken)).write_bytes(data)


def drawn(size=(200, 112), words=3):
    """Return a white picture with some lines on it."""
    picture = Image.new("RGB", size, "white")
    for line in range(words):
        ImageDraw.Draw(picture).rectangle((10, 10 + 12 * line, 100, 16 + 12 * line), "black")
    data = BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize("mode", ["P", "1", "L", "RGBA"])
def test_a_picture_that_somebody_made_smaller_is_shown_too(mode, course):
    data = BytesIO()
    with Image.open(BytesIO(drawn((2, 2), 1))) as picture:
        picture.putpixel((0, 0), (0, 0, 0))
        picture.convert(mode).save(data, "PNG")
    replace_picture(course, 3, data.getvalue())

    assert suspects_of(course) == {}


def test_a_missing_video_is_told_once_and_at_its_places_only_what_stands_there_instead(course):
    (course.project.videos / "(01) title.mp4").unlink()
    page = page_of(course)

    assert suspects_of(course) == {}
    assert page.count("video 1 is missing") == 1
    assert [name for name, tile in tiles(page).items() if "instead of video 1" in tile] == ["10-2", "10-8"]


def test_nothing_is_suspect_about_a_good_package(course):
    assert suspects_of(course) == {}


def test_a_flawed_picture_is_suspect(course):
    replace_picture(course, 3, with_flaw(png(), "picture qr.png did not load"))

    assert suspects_of(course) == {"10/3": ["flawed: picture qr.png did not load"]}


@pytest.mark.parametrize("status", ["flawed", "failed"])
def test_a_picture_that_the_manifest_complains_about_is_suspect(status, course):
    file = next((course.project.path / "10").glob("*_t1_c.png")).name if status == "flawed" else None
    entries = [Entry(slide, None, "ok", None) for slide in SHORT]
    entries[2] = Entry(SHORT[2], file, status, "the font did not load")
    write_manifest(course.project, TEN, Manifest("es", "", TEN.name, tuple(entries)))

    assert suspects_of(course) == {"10/3": ["flawed: the font did not load"]}


def test_what_the_manifest_says_about_an_older_picture_does_not_count(course):
    entries = [Entry(slide, None, "ok", None) for slide in SHORT]
    entries[2] = Entry(SHORT[2], "20250101_000000_session_1_t1_c.png", "flawed", "the font did not load")
    write_manifest(course.project, TEN, Manifest("es", "", TEN.name, tuple(entries)))

    assert suspects_of(course) == {}


def test_a_picture_that_is_older_than_the_rest_is_suspect(course):
    path = next((course.project.path / "10").glob("*_t1_c.png"))
    path.rename(path.with_name("20251230_120000_session_1_t1_c.png"))

    assert suspects_of(course) == {"10/3": ["older than the rest: taken 2025-12-30 12:00"]}


def test_one_picture_taken_later_makes_no_other_suspect(course):
    replace_picture(course, 3, png(), START + timedelta(days=300))

    assert suspects_of(course) == {}


def test_the_same_picture_twice_in_a_row_is_suspect_and_elsewhere_not(course):
    same = png()
    replace_picture(course, 3, same)
    replace_picture(course, 4, with_flaw(same, "icon"))  # equal to the eye
    replace_picture(course, 9, same)

    assert suspects_of(course) == {"10/4": ["flawed: icon", "same picture as position 3"]}


def test_a_picture_of_another_size_is_suspect(course):
    replace_picture(course, 3, drawn((3, 2), 0))

    (reasons,) = suspects_of(course).values()
    assert "another size than the rest: 3 x 2" in reasons


@pytest.mark.parametrize(("words", "is_suspect"), [(0, True), (3, False)])
def test_a_nearly_empty_picture_is_suspect(words, is_suspect, course):
    for position in range(1, 10):
        replace_picture(course, position, drawn(words=words if position == 3 else 4 + position))

    assert suspects_of(course) == ({"10/3": ["nearly empty"]} if is_suspect else {})


def test_what_somebody_changed_is_suspect_and_shown_as_it_is_now(course):
    course.publish()
    path = course.project.output / "10" / "3.png"
    path.unlink()
    path.write_bytes(drawn())

    page = page_of(course)

    assert "changed by somebody since it was made" in tiles(page)["10-3"]
    with Image.open(course.project.output / "thumbnails" / "10" / "3.jpg") as thumbnail:
        assert thumbnail.size == (200, 112)


def test_a_video_that_does_not_begin_as_one_is_suspect(course):
    (course.project.videos / "(06) title.mp4").write_bytes(b"<html>an error page</html>")

    assert suspects_of(course) == {"10/6": ["the file does not begin as an MP4 video does"]}


def test_a_picture_with_the_right_sums_that_cannot_be_decoded_is_suspect(course):
    good = png()
    broken = b"IDAT" + bytes(8)
    chunk = (8).to_bytes(4, "big") + broken + zlib.crc32(broken).to_bytes(4, "big")
    replace_picture(course, 3, good[: good.index(b"IDAT") - 4] + chunk + good[good.index(b"IEND") - 4 :])

    assert suspects_of(course) == {"10/3": ["cannot be shown as a picture"]}
    assert "cannot be shown" in tiles(page_of(course))["10-3"]


# In a real browser


@pytest.fixture
def reader(browser):
    return Reader(browser)


@pytest.fixture
def playable(course):
    """The short course with real videos."""
    for number in (1, 6):
        (course.project.videos / f"({number:02}) title.mp4").write_bytes((VIDEOS / f"{number:02}.mp4").read_bytes())
    return course


def test_every_picture_of_the_page_loads_and_a_gap_is_red(reader, course):
    next((course.project.path / "10").glob("*_t1_c.png")).unlink()
    reader.open(course)

    assert reader.wait("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    assert reader.value("document.images.length") == 5
    reader.click(".builders summary")
    colour = reader.value("getComputedStyle(document.querySelector('.problems')).color")
    assert colour == reader.value("getComputedStyle(document.querySelector(`[id='10-3'] .hole`)).color")
    assert colour == "rgb(176, 0, 32)"


@pytest.mark.parametrize(("language", "forth", "back"), [("es", "Right", "Left"), ("ar", "Left", "Right")])
def test_the_arrow_keys_go_through_the_sequence(language, forth, back, reader, playable):
    next((playable.project.path / "10").glob("*_t1_c.png")).unlink()
    reader.open(playable, language)
    sequence = [f"10/{n}.mp4" if SHORT[n - 1].video else f"10/{n}.png" for n in range(1, 10)]
    sequence[2] = "missing"

    found = []
    for _ in sequence:
        reader.press(f"Arrow{forth}")
        found.append(reader.shown)
    assert found == sequence
    reader.press(f"Arrow{forth}")
    assert reader.shown == sequence[-1]
    reader.press(f"Arrow{back}")
    assert reader.shown == sequence[-2]
    reader.press("Home")
    assert reader.shown == sequence[0]
    for key, position in (
        ("PageDown", 2),
        ("PageDown", 3),
        (" ", 4),
        ("ArrowDown", 5),
        ("ArrowUp", 4),
        ("PageUp", 3),
        ("ArrowUp", 2),
        ("End", 9),
    ):
        reader.press(key)
        assert reader.shown == sequence[position - 1], key
    reader.press("Escape", 27)
    assert reader.shown is None


def test_the_sequence_of_one_curriculum_does_not_run_into_the_next(reader, course):
    course.curriculum(TWENTY, SHORT[2:4])
    reader.open(course)
    reader.click("[id='20-3'] a")
    assert reader.shown == "20/3.png"
    reader.press("ArrowLeft")
    assert reader.shown == "20/3.png"


def test_after_a_link_of_the_red_list_the_arrows_begin_there(reader, course):
    next((course.project.path / "10").glob("*_t1_c.png")).unlink()
    reader.open(course)
    reader.click(".builders summary")
    reader.click(".problems a")
    reader.press("ArrowRight")
    assert reader.shown == "missing"
    reader.press("ArrowRight")
    assert reader.shown == "10/4.png"
    reader.press("Escape", 27)
    reader.press("ArrowRight")
    assert reader.shown == "10/4.png"


def test_a_key_right_after_the_closing_opens_the_viewer_for_good(reader, course):
    reader.open(course)
    reader.press("ArrowRight")
    key = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))"
    # The browser tells of the closing only after the key.
    closed = "new Promise((done) => viewer.addEventListener('close', () => setTimeout(done)))"
    reader.value(
        f"(() => {{ const viewer = document.querySelector('dialog'); viewer.close(); {key}; return {closed}; }})()"
    )

    assert reader.shown == "10/1.png"


def test_space_presses_a_button_that_has_the_focus(reader, course):
    reader.open(course)
    reader.press("ArrowRight")
    reader.value("document.querySelector('.close').focus()")
    for kind in ("keyDown", "keyUp"):
        reader.browser.command(
            "Input.dispatchKeyEvent", type=kind, key=" ", code="Space", text=" ", windowsVirtualKeyCode=32
        )
    assert reader.shown is None


def test_the_space_bar_plays_and_pauses_a_video_and_goes_on_from_a_picture(reader, playable):
    reader.open(playable)
    reader.press("ArrowRight")
    reader.press(" ", 32)
    assert reader.shown == "10/2.mp4"
    video = "document.querySelector('.stage video')"
    reader.wait(f"{video}.currentTime > 0.1 && !{video}.paused")

    reader.press(" ", 32)
    assert (reader.shown, reader.value(f"{video}.paused")) == ("10/2.mp4", True)
    reader.press(" ", 32)
    assert (reader.shown, reader.value(f"{video}.paused")) == ("10/2.mp4", False)
    # A key that is held down does not flutter.
    held = "new KeyboardEvent('keydown', { key: ' ', bubbles: true, repeat: true })"
    reader.value(f"document.body.dispatchEvent({held})")
    assert reader.value(f"{video}.paused") is False


@pytest.mark.parametrize("language", ["es", "ar"])
def test_the_page_behind_the_full_view_has_no_scroll_bar_and_does_not_move(language, reader, course):
    reader.open(course, language)
    # Such a bar takes room; those of a browser without a window do not.
    style = "html { border-right: 15px solid } html.viewing { border-right: 0 }"
    reader.value(f"document.head.insertAdjacentHTML('beforeend', '<style>{style}</style>')")
    reader.value("document.querySelector(`[id='10-6']`).scrollIntoView({ block: 'center' })")
    place = (
        "JSON.stringify([scrollY, ...['h1', `[id='10-6']`].map((each) => "
        "{ const { x, width } = document.querySelector(each).getBoundingClientRect(); return [x, width]; })])"
    )
    before = reader.value(place)
    reader.value("document.querySelector(`[id='10-6'] figcaption a`).click()")
    overflow = "getComputedStyle(document.documentElement).overflowY"

    assert reader.value(overflow) == "hidden"
    assert reader.value(place) == before
    reader.value("document.querySelector('.close').click()")
    reader.wait(f"{overflow} === 'visible'")
    assert reader.value(place) == before
    assert reader.value("document.body.style.padding") == ""


@pytest.mark.parametrize("language", ["es", "ar"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568), (844, 390), (1280, 900)])
def test_the_full_view_is_whole_on_every_screen_and_its_buttons_are_large(width, height, language, reader, course):
    reader.open(course, language)
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 900}
    reader.browser.command("Emulation.setDeviceMetricsOverride", **size)
    try:
        reader.value("document.querySelector(`[id='10-4'] a`).click()")
        boxes = json.loads(
            reader.value(
                "JSON.stringify(['.back', '.forth', '.close', '.where', '.stage img'].map((each) => "
                "{ const b = document.querySelector(`dialog ${each}`).getBoundingClientRect();"
                " return [b.left, b.top, b.right, b.bottom]; }))"
            )
        )
        assert reader.value("[innerWidth, innerHeight].join()") == f"{width},{height}"
        for left, top, right, bottom in boxes:
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
        for left, top, right, bottom in boxes[:3]:
            assert right - left >= 44
            assert bottom - top >= 44
        assert all(box[1] >= boxes[-1][3] for box in boxes[:-1])  # all below the picture
        assert boxes[-1][3] - boxes[-1][1] > height * 0.7
        assert reader.value("document.querySelector('dialog').scrollHeight") <= height
    finally:
        reader.browser.command("Emulation.clearDeviceMetricsOverride")


SEEN = "[...document.querySelectorAll('%s')].filter((each) => each.checkVisibility()).length"


def test_a_trainer_sees_nothing_for_builders_and_one_click_shows_it_all(reader, course):
    fail(course, "picture tree.svg did not load")
    reader.open(course)
    everything = (".problems", ".for-builders", ".reason")
    border = "getComputedStyle(document.querySelector(`[id='10-3']`)).borderTopColor"

    assert [reader.value(SEEN % each) for each in everything] == [0, 0, 0]
    assert reader.value(border) == "rgb(204, 204, 204)"
    reader.click(".builders summary")
    assert [reader.value(SEEN % each) for each in everything] == [1, 10, 1]
    assert reader.value(border) == "rgb(176, 0, 32)"
    reader.click(".problems a")
    assert reader.value("location.hash") == "#10-3"
    reader.press("ArrowRight")
    assert reader.shown == "missing: picture tree.svg did not load"
    assert reader.value("document.querySelector('.where').textContent").endswith("· 3 · t1_c")


def test_a_click_opens_the_full_picture(reader, course):
    reader.open(course)
    reader.click("[id='10-4'] img")

    assert reader.shown == "10/4.png"
    assert reader.value("document.querySelector('.where').textContent") == "10 sessions · session 1 · 4"
    reader.click(".close")
    assert reader.shown is None


def test_a_video_plays_in_its_tile_and_in_the_viewer(reader, playable):
    reader.open(playable)
    play = "document.querySelector(`[id='10-2'] video`).play()"
    reader.browser.command("Runtime.evaluate", expression=play, userGesture=True, awaitPromise=True)
    assert reader.wait("document.querySelector(`[id='10-2'] video`).currentTime > 0.1")

    reader.click("[id='10-2'] figcaption a")
    assert reader.shown == "10/2.mp4"
    assert reader.value("document.querySelector(`[id='10-2'] video`).paused")
    assert reader.wait("document.querySelector('.stage video').currentTime > 0.1")
    reader.press("ArrowRight")
    assert reader.shown == "10/3.png"


def test_the_page_is_laid_out_in_the_direction_of_the_language(reader, course):
    lefts = "[...document.querySelectorAll('.tile')].slice(0, 2).map((tile) => tile.getBoundingClientRect().left)"
    reader.open(course, "ar")
    first, second = reader.value(lefts)
    assert first > second
    reader.open(course, "es")
    first, second = reader.value(lefts)
    assert first < second


@pytest.mark.parametrize("language", ["es", "ar"])
@pytest.mark.parametrize("width", [1200, 390])
def test_where_videos_came_from_is_read_from_left_to_right_and_makes_no_page_too_wide(language, width, reader, course):
    course.downloads({1: "vimeo", 6: "mirror"})
    reader.open(course, language)
    reader.value("document.querySelector('.builders').open = true")
    reader.browser.command(
        "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
    )
    try:
        texts = "[...document.querySelectorAll('.builders p bdi, .tile .title bdi[lang]')]"
        found = f"{texts}.filter((text) => /mirror/.test(text.textContent))"
        assert (
            reader.value(f"{found}.map((text) => [text.lang, getComputedStyle(text).direction])") == [["en", "ltr"]] * 2
        )
        assert reader.value(f"{found}.every((text) => text.getBoundingClientRect().height > 0)")
        assert reader.value("document.documentElement.scrollWidth <= innerWidth")
    finally:
        reader.browser.command("Emulation.clearDeviceMetricsOverride")


def test_a_print_holds_every_tile_and_no_viewer(reader, course):
    reader.open(course)
    reader.press("ArrowRight")
    pdf = base64.b64decode(reader.browser.command("Page.printToPDF", seconds=60, printBackground=True)["data"])

    assert pdf.startswith(b"%PDF")
    # One page: nine tiles and their headings. With the viewer on it there would be a black one.
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
