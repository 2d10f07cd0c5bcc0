"""Which packages a build could make better: compared with the site and with the source of their videos."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from dataclasses import replace

import pytest

from builds import site_pages
from builds.outdated import states_of_packages
from builds.package_state import as_json
from course.curricula import CURRICULA
from course.page import read_page
from courses import files_below
from made_packages import SIZE, MadePackage
from old_projects import OldProject
from suite import NOWHERE
from workspace.lock import exclusive, exclusive_build

TEN, TWENTY, INTENSIVE = CURRICULA


@pytest.fixture
def folder(tmp_path, home, stand_in, monkeypatch):
    """A folder of packages, and this process led to the stand-ins."""
    for name, value in {**stand_in.environment(), "NO_PROXY": "127.0.0.1,localhost"}.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "packages"
    path.mkdir()
    return path


@pytest.fixture
def package(folder, stand_in):
    """A Spanish package that was just built, and nothing asked since."""
    made = MadePackage(folder)
    stand_in.presenter_log.clear()
    stand_in.vimeo.log.clear()
    return made


def states(folder, codes=None, video_source=None):
    return {state.language_code: state for state in states_of_packages(folder, codes, video_source, [].append)}


def state_of(folder, **how):
    """Return the state of the only package."""
    (state,) = states(folder, **how).values()
    return state


def ten(state):
    return state.curricula["ten_session"]


# ---- slides ----


def test_a_package_that_was_just_built_is_current_and_one_page_is_asked_for(package, folder, stand_in):
    state = state_of(folder)

    assert (state.state, state.error) == ("current", None)
    assert [curriculum.pictures for curriculum in state.curricula.values()] == [4, 4, 4]
    assert state.videos.missing == ()
    assert [path for path, _ in stand_in.presenter_log.requests].count("/es/presenter") == 1
    assert stand_in.vimeo.log.of_kind("link") == stand_in.vimeo.log.of_kind("cdn") == []


def test_a_changed_text_is_named_by_its_key_in_every_curriculum_that_has_the_slide(package, folder, stand_in):
    slide = next(slide for slide in package.page.slides[TEN.name] if slide.type != "video")
    stand_in.presenter.changed_texts = {slide.key: "Something else."}
    state = state_of(folder)

    assert state.state == "outdated"
    assert ten(state).changed == (slide.key,)
    assert (ten(state).missing, ten(state).new, ten(state).gone) == ((), (), ())


def test_new_and_gone_slides_make_a_package_outdated(package, folder, stand_in):
    stand_in.presenter.extra_slide = True
    stand_in.presenter.removed_slide = package.page.slides[TEN.name][0].key
    state = state_of(folder)

    assert state.state == "outdated"
    assert "extra_1" in ten(state).new
    assert package.page.slides[TEN.name][0].key in ten(state).gone
    assert ten(state).slides == len(ten(state).new) + ten(state).pictures


@pytest.mark.parametrize("loss", ["removed", "empty"])
def test_a_picture_that_is_not_there_makes_it_incomplete_whatever_the_record_says(loss, package, folder):
    path = package.picture(0)
    path.unlink() if loss == "removed" else path.write_bytes(b"")
    state = state_of(folder)

    assert state.state == "incomplete"
    assert ten(state).missing == (package.entries[TEN][0].slide.key,)
    assert ten(state).pictures == 3


def test_pictures_of_another_size_than_the_package_is_to_have_are_missing(package, folder):
    package.change_manifest(lambda content: content["slides"][1].update(height=300))

    assert ten(state_of(folder)).missing == (package.entries[TEN][1].slide.key,)


def test_a_slide_that_failed_is_missing_and_a_flawed_picture_that_was_kept_is_not(package, folder):
    failed, flawed = (package.entries[TEN][number].slide.key for number in (0, 1))
    package.change_manifest(lambda content: content["slides"][1].update(status="flawed", error="no font"))
    assert (state_of(folder).state, ten(state_of(folder)).flawed) == ("current", (flawed,))

    package.change_manifest(lambda content: content["slides"][0].update(status="failed", file=None, error="blank"))
    assert (state_of(folder).state, ten(state_of(folder)).missing) == ("incomplete", (failed,))


def test_pictures_without_a_fingerprint_are_counted_and_make_it_outdated(package, folder):
    package.change_manifest(lambda content: [slide.update(fingerprint=None) for slide in content["slides"][:3]])
    state = state_of(folder)

    assert (state.state, ten(state).unknown) == ("outdated", 3)


def test_another_edition_is_named(folder, stand_in):
    stand_in.presenter.short_course = None
    MadePackage(folder)
    stand_in.presenter.edition = "classic"
    state = state_of(folder)

    assert state.state == "outdated"
    assert (state.edition, ten(state).edition) == ("three_circles", "classic")


def test_slides_in_another_order_make_it_outdated(package, folder):
    def swap(content):
        one, other = content["slides"][:2]
        one["position"], other["position"] = other["position"], one["position"]

    package.change_manifest(swap)
    state = state_of(folder)

    assert ten(state).is_reordered
    assert state.state in ("outdated", "incomplete")


def test_a_curriculum_that_a_package_was_never_asked_to_have_is_no_gap(folder):
    MadePackage(folder, curricula=[TEN])
    state = state_of(folder)

    assert state.state == "current"
    assert list(state.curricula) == ["ten_session"]


def test_a_curriculum_that_was_asked_for_and_never_taken_is_missing_in_whole(package, folder):
    package.manifest(TWENTY).unlink()
    for path in (package.project.path / "20").glob("*.png"):
        path.unlink()
    state = state_of(folder)

    assert state.state == "incomplete"
    assert (state.curricula["twenty_session"].pictures, state.curricula["twenty_session"].new) == (0, ())
    keys = tuple(dict.fromkeys(slide.key for slide in package.page.slides[TWENTY.name]))
    assert state.curricula["twenty_session"].missing == keys


def test_pictures_without_any_record_are_unknown_and_those_of_no_slide_do_not_count(package, folder):
    package.manifest().unlink()
    state = state_of(folder)

    assert (ten(state).unknown, ten(state).missing, ten(state).gone) == (4, (), ())


def test_a_package_that_remembers_nothing_is_asked_for_what_it_has_in_whatever_size(folder):
    made = MadePackage(folder, curricula=[TEN])
    (made.project.path / "package.json").unlink()
    state = state_of(folder)

    assert list(state.curricula) == ["ten_session"]
    assert state.state == "current"


# ---- the whole site ----


def test_each_shared_file_is_fetched_once_for_all_languages(folder, stand_in):
    picture = f"{stand_in.site_url}/pictures/hills.svg"
    for code in ("ar", "es", "fr", "hi", "pt"):
        MadePackage(folder, code, assets=[picture])
    stand_in.presenter_log.clear()
    found = states(folder)

    assert {state.state for state in found.values()} == {"current"}
    asked = Counter(path for path, _ in stand_in.presenter_log.requests)
    assert set(asked.values()) == {1}
    assert asked.keys() >= {"/pictures/hills.svg", "/static/presenter.css", "/static/presenter.js"}


def test_a_style_sheet_or_a_fixed_picture_that_was_replaced_makes_packages_outdated(folder, stand_in):
    picture = f"{stand_in.site_url}/pictures/hills.svg"
    made = MadePackage(folder, assets=[picture])

    def change(content):
        content["global_state"]["styles"][-1] = "0" * 64
        content["global_state"]["assets"][picture] = "1" * 64

    made.change_manifest(change)
    state = state_of(folder)

    assert (state.state, state.site_look) == ("outdated", ("a style sheet", "the picture hills.svg"))


def test_a_browser_that_took_the_pictures_and_is_not_here_is_no_change(folder):
    made = MadePackage(folder)
    made.change_manifest(lambda content: content["global_state"].update(browser="99.1", fonts="2" * 64))

    assert state_of(folder).state == "current"


def test_a_shared_file_that_cannot_be_had_is_an_error(folder, stand_in, quick_retries):
    made = MadePackage(folder)
    address = f"{NOWHERE}/logo.png"
    made.change_manifest(lambda content: content["global_state"]["assets"].update({address: "1" * 64}))
    state = state_of(folder)

    assert state.state == "unknown"
    assert NOWHERE in state.error


# ---- the output ----


def test_a_package_that_was_never_published_is_incomplete(folder):
    MadePackage(folder, publish=False)
    state = state_of(folder)

    assert (state.state, state.built_at, state.size) == ("incomplete", None, None)


def test_a_newer_picture_than_the_one_in_the_output_makes_it_outdated(package, folder):
    number = next(number for number, entry in enumerate(package.entries[TEN]) if entry.slide.video is None)
    old = package.picture(number)
    newer = old.with_name(old.name.replace("20260101_1", "20260102_1"))
    old.rename(newer)
    package.change_manifest(lambda content: content["slides"][number].update(file=newer.name))
    state = state_of(folder)

    assert (state.state, state.older) == ("outdated", (f"10/{number + 1}.png",))


def test_a_file_that_the_output_lacks_makes_it_incomplete(package, folder):
    next((package.project.output / "10").glob("*.png")).unlink()
    state = state_of(folder)

    assert (state.state, len(state.unpublished)) == ("incomplete", 1)


def test_the_size_counts_each_file_once_and_nothing_that_a_link_leads_to(package, folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "big").write_bytes(bytes(10**6))
    before = state_of(folder).size
    output = package.project.output
    (output / "folder").symlink_to(tmp_path / "elsewhere")
    (output / "file").symlink_to(tmp_path / "elsewhere" / "big")
    os.link(next((output / "10").glob("*.png")), output / "again.png")
    (output / "more").write_bytes(bytes(1000))

    assert 1000 <= state_of(folder).size - before < 2000


def test_decks_count_only_if_the_package_is_built_with_them(folder):
    made = MadePackage(folder, decks=True)
    assert [(deck.current, deck.is_there) for deck in state_of(folder).decks] == [(False, False)] * 3
    assert state_of(folder).state == "incomplete"

    made.decks()
    assert [deck.current for deck in state_of(folder).decks] == [True] * 3
    assert state_of(folder).state == "current"

    old = made.project.output / TEN.deck_name("es")
    os.utime(old, (0, 0))
    assert [deck.current for deck in state_of(folder).decks] == [False, True, True]
    assert state_of(folder).state == "outdated"

    settings = made.project.path / "package.json"
    settings.write_text(settings.read_text(encoding="utf-8").replace('"decks": true', '"decks": false'))
    assert [deck.current for deck in state_of(folder).decks] == [False, True, True]
    assert state_of(folder).state == "current"


# ---- videos ----


def test_a_video_that_was_recorded_anew_is_replaced(package, folder, stand_in):
    number = state_of(folder).videos.expected[0]
    stand_in.vimeo.remade_titles = {number: f"({number:02}) Anew"}
    state = state_of(folder)

    assert (state.state, state.videos.replaced) == ("outdated", (number,))


def test_a_video_whose_file_is_another_one_under_its_id_is_replaced(package, folder, stand_in):
    number = state_of(folder).videos.expected[0]
    for rendition in ("source", "1080p", "720p", "540p", "360p", "240p", "2160p", "1440p"):
        stand_in.vimeo.sizes[number, rendition] = 70_000

    assert state_of(folder).videos.replaced == (number,)


def test_a_video_that_vimeo_has_only_now_makes_a_package_incomplete(package, folder, stand_in):
    number = state_of(folder).videos.expected[0]
    numbers = stand_in.vimeo.numbers
    stand_in.vimeo.numbers = set(numbers) - {number}
    package.lose_video(number)
    state = state_of(folder)
    assert (state.state, state.videos.missing, state.videos.gaps) == ("current", (number,), (number,))

    stand_in.vimeo.numbers = numbers
    state = state_of(folder)
    assert (state.state, state.videos.missing, state.videos.gaps) == ("incomplete", (number,), ())


def test_a_missing_video_is_named_with_the_title_that_another_package_knows(package, folder, stand_in):
    number = state_of(folder).videos.expected[0]
    package.lose_video(number)
    assert state_of(folder).videos.named(number) == f"{number}"

    MadePackage(folder, "fr")
    title = next(each["title"] for each in recorded(folder / "fr") if each["number"] == number)
    assert states(folder)["es"].videos.named(number) == f"{number} {title[5:]}"

    stand_in.presenter.video_titles = {number: "What the site calls it"}
    assert states(folder)["es"].videos.named(number) == f"{number} What the site calls it"


def recorded(project):
    return json.loads((project / "videos" / "download_results.json").read_text(encoding="utf-8"))


def test_a_title_that_is_only_a_number_is_none(package, folder):
    number = state_of(folder).videos.expected[0]
    package.lose_video(number)
    nameless = {**recorded(package.project.path)[0], "id": "1", "title": f"({number:02})", "number": number}
    package.change_results(lambda found: found.append({**nameless, "path": None, "status": "failed"}))
    MadePackage(folder, "en")

    assert states(folder)["es"].videos.named(number).startswith(f"{number} W")


def test_what_vimeo_lists_and_does_not_give_is_no_reason_to_build_again(package, folder, stand_in):
    number = state_of(folder).videos.expected[0]
    package.lose_video(number)
    stand_in.vimeo.scope = "public private"
    state = state_of(folder)

    assert (state.state, state.videos.gaps, state.error) == ("current", (number,), None)


def test_without_a_token_nothing_is_asked_of_vimeo_and_the_records_decide(package, folder, stand_in, monkeypatch):
    monkeypatch.delenv("VIMEO_ACCESS_TOKEN")
    number = state_of(folder).videos.expected[0]
    package.lose_video(number)
    assert (state_of(folder).state, state_of(folder).videos.gaps) == ("current", (number,))

    failed = {**recorded(package.project.path)[0], "id": "1", "number": number, "status": "failed", "path": None}
    package.change_results(lambda found: found.append(failed))
    assert (state_of(folder).state, state_of(folder).videos.gaps) == ("incomplete", ())
    assert stand_in.vimeo.log.requests == []
    assert stand_in.mirror.log.requests == []


def test_a_package_that_no_video_was_ever_fetched_for_is_incomplete(package, folder, monkeypatch):
    monkeypatch.delenv("VIMEO_ACCESS_TOKEN")
    (package.project.videos / "download_results.json").unlink()
    for path in package.videos.values():
        path.unlink()

    assert state_of(folder).state == "incomplete"


@pytest.mark.parametrize("token", [True, False])
def test_a_language_of_which_no_source_has_any_video_is_current(package, folder, stand_in, monkeypatch, token):
    if not token:
        monkeypatch.delenv("VIMEO_ACCESS_TOKEN")
    stand_in.vimeo.numbers = set()
    for number in list(package.videos):
        package.lose_video(number)

    state = state_of(folder)
    assert (state.state, state.videos.gaps) == ("current", state.videos.expected)


def test_the_mirror_is_looked_at_only_if_it_is_named(package, folder, stand_in, monkeypatch):
    monkeypatch.delenv("VIMEO_ACCESS_TOKEN")
    number = state_of(folder).videos.expected[0]
    package.lose_video(number)
    assert state_of(folder, video_source="mirror").state == "incomplete"
    assert {request.video.number for request in stand_in.mirror.log.requests} == {number}

    stand_in.mirror.numbers = set()
    assert state_of(folder, video_source="mirror").state == "current"
    assert stand_in.vimeo.log.requests == []


def test_a_package_whose_videos_come_from_the_mirror_alone_asks_nothing_of_vimeo(folder, stand_in):
    MadePackage(folder, video_source="mirror")
    stand_in.vimeo.log.clear()

    assert state_of(folder).state == "current"
    assert stand_in.vimeo.log.requests == []


def test_videos_of_the_mirror_are_named(package, folder):
    package.change_results(
        lambda found: [each.update(source="mirror", id=f"mirror:{each['number']}") for each in found]
    )
    state = state_of(folder)

    assert state.videos.mirror == state.videos.expected
    assert state.videos.replaced == state.videos.expected


def test_a_vimeo_that_refuses_is_an_error_and_what_the_site_tells_is_known(package, folder, stand_in, monkeypatch):
    monkeypatch.setenv("VIMEO_ACCESS_TOKEN", "revoked")
    state = state_of(folder)
    assert state.state == "unknown"
    assert state.error.startswith("Vimeo refuses the access token")

    stand_in.presenter.changed_texts = {package.page.slides[TEN.name][0].key: "Something else."}
    assert (state_of(folder).state, state_of(folder).error) == ("outdated", state.error)


# ---- what cannot be looked at ----


def test_with_a_site_that_is_down_the_state_is_unknown_and_what_is_here_is_known(package, folder, monkeypatch):
    package.picture(0).unlink()
    monkeypatch.setenv("ZUME_SITE_URL", NOWHERE)
    state = state_of(folder)

    assert state.state == "unknown"
    assert NOWHERE in state.error
    assert "\n" not in state.error
    assert (ten(state).pictures, ten(state).missing) == (3, (package.entries[TEN][0].slide.key,))
    assert state.built_at
    assert state.size


@pytest.mark.parametrize("fault", [{"garbled_data": "javascript"}, {"answers_in": "fr"}, {"status": 503}], ids=str)
def test_a_page_that_cannot_be_used_is_told(fault, package, folder, stand_in, quick_retries):
    for name, value in fault.items():
        setattr(stand_in.presenter, name, value)

    assert (state_of(folder).state, bool(state_of(folder).error)) == ("unknown", True)


BAD = [
    b"",
    b"{",
    b"[]",
    b"[[]]",
    b"5",
    b"null",
    b'"text"',
    b"\xff\xfe\x00",
    b'{"schema": 99}',
    b'[{"schema": 99}]',
    b'{"schema": []}',
    b'{"schema": 1, "curricula": 5, "width": "x", "files": 5, "slides": 5}',
    b'{"schema": 1, "curricula": ["no"], "width": 1e999}',
    b'{"slides": [5, {"position": 1}], "files": {"a": 5}, "language_code": 5}',
    b'{"width": ' + b"9" * 5000 + b"}",
    b"[" * 100_000,
    b'{"language_code": {"es": 1}, "files": [], "slides": {}, "edition": [], "made_at": 5}',
]


@pytest.mark.parametrize(
    "name",
    [
        "package.json",
        "10/manifest.json",
        "videos/download_results.json",
        "videos/numbers.json",
        "output/.made-by-zume.json",
    ],
)
def test_no_record_however_torn_ends_more_than_the_look_at_its_own_package(name, package, folder):
    MadePackage(folder, "fr")
    path = package.project.path / name
    for content in BAD:
        path.write_bytes(content)
        found = states(folder)

        assert found["fr"].state == "current"
        json.dumps(as_json(found["es"]))
        assert found["es"].state != "unknown" or found["es"].error, content[:50]
        assert "\n" not in (found["es"].error or ""), content[:50]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("package.json", "{"),
        ("package.json", '{"schema": 99}'),
        ("package.json", '{"width": "wide"}'),
        ("10/manifest.json", "["),
    ],
)
def test_a_torn_or_newer_record_is_the_error_of_its_package(name, content, package, folder):
    (package.project.path / name).write_text(content, encoding="utf-8")
    state = state_of(folder)

    assert state.state == "unknown"
    assert name.rpartition("/")[2] in state.error


# ---- which packages there are ----


def test_only_packages_are_looked_at_and_only_those_that_are_asked_for(package, folder):
    MadePackage(folder, "fr")
    (folder / "notes").mkdir()
    (folder / "de").mkdir()
    (folder / ".fr").mkdir()
    (folder / "it").write_text("a file", encoding="utf-8")

    assert list(states(folder)) == ["es", "fr"]
    assert list(states(folder, codes=["fr"])) == ["fr"]


def test_a_language_that_has_no_package_is_told(package, folder):
    found = states(folder, codes=["es", "hi"])

    assert (found["es"].state, found["hi"].state) == ("current", "unknown")
    assert found["hi"].error == f"There is no package of hi in {folder}."


def test_a_package_that_a_build_would_not_find_is_told(package, folder):
    package.project.path.rename(folder / "copy of es")
    (state,) = states_of_packages(folder, None, None, print)

    assert (state.language_code, state.state) == ("es", "unknown")
    assert "a build of es does not find it" in state.error


def test_of_two_packages_of_one_language_the_one_counts_that_a_build_uses(folder):
    MadePackage(folder, "swa")
    (folder / "swa").rename(folder / "sw")
    assert [state.state for state in states_of_packages(folder, None, None, print)] == ["current"]

    MadePackage(folder, "swa")
    found = {state.project_path: state for state in states_of_packages(folder, None, None, print)}
    assert found[str(folder / "swa")].state == "current"
    assert "is another project of the same language" in found[str(folder / "sw")].error


def test_a_package_with_two_languages_in_it_is_told(package, folder):
    package.change_manifest(lambda content: content.update(language_code="fr"))

    assert "more than one language" in state_of(folder).error


def test_a_project_of_the_scripts_before_this_suite_is_looked_at(folder, stand_in):
    page = read_page("es", print)
    old = OldProject(folder / "es")
    old.pictures(TEN, page.slides[TEN.name], (30, 15))
    old.video("(01) Welcome", b"\0\0\0\x18ftyp and more")
    old.record([("700010010", "(01) Welcome")])
    (folder / "es" / "output").mkdir()
    (folder / "es" / "output" / "1.png").write_bytes(bytes(1000))
    state = state_of(folder)

    assert (state.state, state.built_at, state.size, state.error) == ("incomplete", None, 1000, None)
    assert list(state.curricula) == ["ten_session"]
    assert (ten(state).unknown, ten(state).missing) == (4, ())
    assert 1 not in state.videos.missing


# ---- manners ----


def test_nothing_is_written_and_no_lock_is_taken_or_waited_for(package, folder, stand_in):
    stand_in.presenter.extra_slide = True
    with exclusive_build(package.project, "5e55104a"), exclusive(package.project, "5e55104a", "part"):
        before = files_below(folder)
        assert state_of(folder).state == "outdated"
        assert files_below(folder) == before


def test_four_languages_are_looked_at_side_by_side_and_no_more(folder, monkeypatch):
    codes = ["ar", "en", "es", "fr", "hi", "pt", "ru", "swa"]
    for code in codes:
        MadePackage(folder, code, curricula=[TEN])
    four, running, most = threading.Barrier(4), [], []

    def watched(code, *rest):
        running.append(code)
        most.append(len(running))
        four.wait(60)
        most.append(len(running))
        running.remove(code)
        return read_page(code, *rest)

    monkeypatch.setattr(site_pages, "read_page", watched)

    assert list(states(folder)) == codes
    assert max(most) == 4


def test_what_the_json_says_is_what_was_found(package, folder):
    package.picture(0).unlink()
    state = state_of(folder)
    said = json.loads(json.dumps(as_json(replace(state, size=5))))

    assert set(said) == {
        *("language_code", "name", "project_path", "state", "built_at", "size", "edition", "curricula"),
        *("videos", "decks", "error", "being_built"),
    }
    assert said["curricula"]["ten_session"] == {
        "slides": 4,
        "pictures": 3,
        "missing": [package.entries[TEN][0].slide.key],
        "new": [],
        "gone": [],
        "changed": [],
        "unknown": 0,
    }
    there = len(state.videos.expected)
    assert said["videos"] == {"expected": there, "there": there, "missing": [], "replaced": [], "mirror": []}
    assert (said["name"], said["size"], SIZE) == ("Spanish", 5, (600, 336))
