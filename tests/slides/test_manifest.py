"""What became of each slide, written down and read again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from common.errors import BuilderError
from common.records import NewerRecordError
from common.version import VERSION
from course.curricula import CURRICULA, Slide
from course.slide_texts import SlideTexts
from slides import manifest
from slides.entry import Entry, with_entry
from slides.global_state import GlobalState
from slides.manifest import Manifest, manifest_path, read_damaged_manifest, read_manifest, write_manifest
from workspace.folders import Project

BY_NAME = {curriculum.name: curriculum for curriculum in CURRICULA}
TEN = BY_NAME["ten_session"]


@pytest.fixture
def project(tmp_path):
    for folder in ("10", "20", "intensive"):
        (tmp_path / "es" / folder).mkdir(parents=True)
    return Project(tmp_path / "es")


def manifest_of(entries):
    gone = (Entry(Slide(2, 1, "old", "title", None), "20261122_120001_session_1_old.png", "ok", None),)
    read_at = "2026-11-22T11:59:00+00:00"
    return Manifest("es", "https://zume.training", "ten_session", tuple(entries), "classic", read_at, gone)


ENTRIES = [
    Entry(Slide(1, 1, "s1_1_1", "title", None), "20261122_120000_session_1_s1_1_1.png", "ok", None),
    Entry(
        Slide(2, 1, "t1_b", "video", 1),
        "20261122_120001_session_1_t1_b.png",
        "flawed",
        "a font did not load",
        "2026-11-22T12:00:02+00:00",
        "5f" * 32,
        3000,
        1680,
        "20261121_120001_session_1_t1_b.png",
        "f1" * 32,
        "Mira con atención",
        "“Escucha” <bien>\nY más",
    ),
    Entry(Slide(3, 2, "s1_2_1", "", None), None, "failed", "picture qr.png did not load: “မြန်မာ”"),
    Entry(Slide(4, 2, "final", "final", None), None, "missing", None),
]


def test_a_manifest_is_read_back_as_it_was_written(project):
    write_manifest(project, TEN, manifest_of(ENTRIES))

    assert read_manifest(project, TEN) == manifest_of(ENTRIES)
    assert manifest_path(project, TEN) == project.path / "10" / "manifest.json"
    assert [path.name for path in (project.path / "10").iterdir()] == ["manifest.json"]


def test_a_manifest_has_exactly_the_agreed_keys(project):
    write_manifest(project, TEN, manifest_of(ENTRIES))

    content = json.loads(manifest_path(project, TEN).read_text(encoding="utf-8"))
    assert list(content) == [
        *(
            "schema",
            "version",
            "language_code",
            "edition",
            "site",
            "course_read_at",
            "curriculum",
            "global_state",
            "slides",
            "gone",
        )
    ]
    assert (content["schema"], content["version"]) == (2, VERSION)
    assert (content["language_code"], content["site"], content["curriculum"]) == (
        "es",
        "https://zume.training",
        "ten_session",
    )
    for slide in content["slides"]:
        assert list(slide) == [
            *("position", "session", "key", "type", "video", "file", "status", "error"),
            *("taken_at", "sha256", "width", "height", "previous", "fingerprint", "heading", "text"),
        ]
    assert content["slides"][1] == {
        "position": 2,
        "session": 1,
        "key": "t1_b",
        "type": "video",
        "video": 1,
        "file": "20261122_120001_session_1_t1_b.png",
        "status": "flawed",
        "error": "a font did not load",
        "taken_at": "2026-11-22T12:00:02+00:00",
        "sha256": "5f" * 32,
        "width": 3000,
        "height": 1680,
        "previous": "20261121_120001_session_1_t1_b.png",
        "fingerprint": "f1" * 32,
        "heading": "Mira con atención",
        "text": "“Escucha” <bien>\nY más",
    }
    assert content["slides"][2]["file"] is None


def test_each_curriculum_has_a_manifest_of_its_own(project):
    write_manifest(project, TEN, manifest_of(ENTRIES))

    assert read_manifest(project, BY_NAME["twenty_session"]) is None
    assert read_manifest(project, BY_NAME["intensive_session"]) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b"{}",
        b'{"language_code": "es", "site": "x", "curriculum": "ten_session"}',
        b'{"language_code": "es", "site": "x", "curriculum": "ten_session", "slides": null}',
        b'{"language_code": "es", "site": "x", "curriculum": "ten_session", "slides": [7]}',
        b'{"language_code": "es", "site": "x", "curriculum": "ten_session", "slides": [{}]}',
        b'{"site": "x", "curriculum": "ten_session", "slides": []}',
        b"\xff\xfe",
    ],
)
def test_a_broken_manifest_is_an_error_that_names_the_file_and_how_to_make_it_anew(content, project):
    manifest_path(project, TEN).write_bytes(content)

    with pytest.raises(BuilderError) as caught:
        read_manifest(project, TEN)

    assert str(manifest_path(project, TEN)) in caught.value.message
    assert "3-slides-download.py" in caught.value.remedy
    assert "ten_session" in caught.value.remedy


@pytest.mark.parametrize(("name", "value"), [("position", None), ("position", "6"), ("key", 7), ("video", "1")])
def test_a_manifest_with_a_value_of_another_kind_is_broken(name, value, project):
    write_manifest(project, TEN, manifest_of(ENTRIES))
    content = json.loads(manifest_path(project, TEN).read_text(encoding="utf-8"))
    content["slides"][1][name] = value
    manifest_path(project, TEN).write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(BuilderError, match=r"manifest\.json"):
        read_manifest(project, TEN)


def test_an_entry_is_changed_by_its_slide_name_and_the_others_stay():
    changed = with_entry(ENTRIES, "session_2_final", file="new.png", status="ok")

    assert changed[3] == Entry(ENTRIES[3].slide, "new.png", "ok", None)
    assert changed[:3] == ENTRIES[:3]
    assert ENTRIES[3].status == "missing"


def test_a_failure_while_writing_leaves_the_old_manifest(project, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    write_manifest(project, TEN, manifest_of(ENTRIES))
    monkeypatch.setattr("common.files.os.fsync", fail)
    with pytest.raises(BuilderError):
        manifest.write_manifest(project, TEN, manifest_of([]))

    assert read_manifest(project, TEN) == manifest_of(ENTRIES)


# --- Manifests that are damaged, or of another version ----------------------------------------------------------------


def changed(project, change):
    """Write a manifest, change its content, and return what is read of it."""
    write_manifest(project, TEN, manifest_of(ENTRIES))
    content = json.loads(manifest_path(project, TEN).read_text(encoding="utf-8"))
    change(content)
    manifest_path(project, TEN).write_text(json.dumps(content), encoding="utf-8")
    return read_manifest(project, TEN)


def test_a_manifest_of_schema_1_is_read(project):
    def to_schema_1(content):
        for name in ("schema", "version", "edition", "course_read_at", "gone"):
            del content[name]
        for slide in content["slides"]:
            for name in ("taken_at", "sha256", "width", "height", "previous", "fingerprint", "heading", "text"):
                del slide[name]

    read = changed(project, to_schema_1)
    assert read.doubts == ()
    assert read.entries[0] == ENTRIES[0]
    assert read.entries[1] == Entry(ENTRIES[1].slide, ENTRIES[1].file, "flawed", "a font did not load")
    assert (read.edition, read.course_read_at, read.gone) == (None, None, ())


def test_a_manifest_without_fingerprints_is_read_and_its_pictures_have_none(project):
    def without_fingerprints(content):
        for slide in content["slides"]:
            del slide["fingerprint"]

    read = changed(project, without_fingerprints)
    assert (read.doubts, read.entries[1]) == ((), replace(ENTRIES[1], fingerprint=None))


def test_a_manifest_without_texts_is_read_and_those_of_its_slides_are_not_known(project):
    def without_texts(content):
        for slide in content["slides"]:
            del slide["heading"], slide["text"]

    read = changed(project, without_texts)
    assert (read.doubts, read.entries[1]) == ((), replace(ENTRIES[1], heading=None, text=None))
    assert read.entries[1].texts == SlideTexts("", "")


@pytest.mark.parametrize("schema", [3, 99])
def test_a_manifest_of_a_later_version_is_refused(schema, project):
    with pytest.raises(NewerRecordError, match=r"manifest\.json was written by a newer version"):
        changed(project, lambda content: content.update(schema=schema))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("file", "../../x"),
        ("file", "/etc/passwd"),
        ("file", "20261122_120001_session_1_other.png"),
        ("file", f"20261122_120001_session_1_{'t' * 300}.png"),
        ("file", "20261122_120001_session_1_t1\0.png"),
        ("file", 7),
        ("error", 7),
        ("taken_at", "yesterday"),
        ("taken_at", "2026-11-22T12:00:00"),
        ("sha256", "../../x"),
        ("width", "wide"),
        ("width", True),
        ("height", -1),
        ("fingerprint", "f1"),
        ("fingerprint", ["f1" * 32]),
        ("fingerprint", 10**30),
        ("heading", 7),
        ("heading", ["a"]),
        ("heading", "two\nlines"),
        ("heading", "a" * 1000),
        ("heading", "half \ud800"),
        ("text", {"a": 1}),
        ("text", "a\0"),
        ("text", "a" * 10_000),
    ],
)
def test_a_value_that_cannot_be_true_is_said_and_all_others_are_believed(name, value, project):
    read = changed(project, lambda content: content["slides"][1].update({name: value}))

    assert read.entries[1] == replace(ENTRIES[1], **{name: None})
    assert (read.entries[0], *read.entries[2:]) == (ENTRIES[0], *ENTRIES[2:])
    assert read.doubts == (f"session_1_t1_b: {name} is {repr(value)[:100]}",)


@pytest.mark.parametrize("value", ["../../x", "20261121_120001_session_1_other.png", 7])
def test_a_previous_picture_that_cannot_be_is_left_out_and_the_rest_is_believed(value, project):
    read = changed(project, lambda content: content["slides"][1].update(previous=value))

    assert read.entries[1] == replace(ENTRIES[1], previous=None)
    assert len(read.doubts) == 1


def test_a_slide_whose_status_is_unknown_has_to_be_taken(project):
    read = changed(project, lambda content: content["slides"][1].update(status="splendid"))

    assert read.entries[1] == replace(ENTRIES[1], status="missing")
    assert "splendid" in read.doubts[0]


def test_a_key_with_a_path_in_it_leads_to_no_file(project):
    file = "20261122_120001_session_1_../../x.png"
    read = changed(project, lambda content: content["slides"][1].update(key="../../x", file=file))

    assert read.entries[1].file is None


@pytest.mark.parametrize("is_same", [True, False])
def test_a_slide_that_is_listed_twice_counts_once_and_contradictions_are_not_believed(is_same, project):
    def repeat(content):
        content["slides"].append({**content["slides"][1], **({} if is_same else {"status": "ok", "error": None})})

    read = changed(project, repeat)
    assert len(read.entries) == 4
    # One of the two says that it is flawed.
    assert read.entries[1] == (ENTRIES[1] if is_same else Entry(ENTRIES[1].slide, None, "flawed", None))
    assert ["listed twice" in doubt for doubt in read.doubts] == [True]


DAMAGE = {
    "two slides at one position": (lambda content: content["slides"][2].update(position=2), [0, 3]),
    "a slide at no position": (lambda content: content["slides"][2].update(position=0), [0, 1, 3]),
    "a slide without a position": (lambda content: content["slides"][2].pop("position"), [0, 1, 3]),
    "a slide that is none": (lambda content: content["slides"].insert(1, 5), [0, 1, 2, 3]),
    "a slide without a key": (lambda content: content["slides"][0].update(key=None), [1, 2, 3]),
}


@pytest.mark.parametrize(("damage", "left"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_manifest_in_which_slides_are_lost_is_no_course_but_the_others_are_read(damage, left, project):
    with pytest.raises(BuilderError, match=r"manifest\.json cannot be read"):
        changed(project, damage)

    read = read_damaged_manifest(project, TEN)
    assert list(read.entries) == [ENTRIES[place] for place in left]
    assert read.is_damaged
    assert len(read.doubts) == 1


def test_a_gone_slide_that_is_none_damages_no_course(project):
    read = changed(project, lambda content: content["gone"].append(5))

    assert (read.entries, len(read.gone)) == (tuple(ENTRIES), 1)
    assert len(read.doubts) == 1


def test_half_a_letter_in_a_manifest_is_written_again(project):
    changed(project, lambda content: content["slides"][1].update(error="\ud800"))

    write_manifest(project, TEN, read_manifest(project, TEN))
    assert read_manifest(project, TEN).entries[1].error == "\ud800"


def test_a_gone_slide_that_cannot_be_true_is_said_too(project):
    read = changed(project, lambda content: content["gone"][0].update(file="../../x"))

    assert read.gone[0].file is None
    assert "session_1_old" in read.doubts[0]


STATE = GlobalState(1, "156.0.8078.73", "a" * 64, ("b" * 64, ""), ("c" * 64,), (("https://x/ü.svg", "d" * 64),))


def with_global_state(project, change) -> GlobalState | None:
    write_manifest(project, TEN, replace(manifest_of(ENTRIES), global_state=STATE))
    path = manifest_path(project, TEN)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["global_state"] = change(content["global_state"])
    path.write_text(json.dumps(content), encoding="utf-8")
    read = read_manifest(project, TEN)
    assert read.doubts == ()
    return read.global_state


def test_what_was_global_is_kept(project):
    assert with_global_state(project, lambda state: state) == STATE


def test_an_older_manifest_does_not_know_what_was_global(project):
    write_manifest(project, TEN, manifest_of(ENTRIES))
    path = manifest_path(project, TEN)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content.pop("global_state") is None
    path.write_text(json.dumps(content), encoding="utf-8")
    assert read_manifest(project, TEN).global_state is None


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        "x",
        7,
        {},
        {"capture": "1"},
        {"capture": True},
        {"capture": 0},
        {"capture": 1e300},
        {"browser": None},
        {"browser": "156; rm"},
        {"fonts": "short"},
        {"styles": {}},
        {"styles": ["x"]},
        {"styles": [7]},
        {"styles": "a" * 64},
        {"scripts": None},
        {"assets": []},
        {"assets": {"https://x/y": 7}},
        {"assets": {"file:///etc/passwd": "a" * 64}},
        {"assets": {"https://x/" + "y" * 5000: "a" * 64}},
    ],
)
def test_what_cannot_be_global_counts_as_unknown_and_is_no_doubt(project, wrong):
    is_part = isinstance(wrong, dict) and wrong
    assert with_global_state(project, lambda state: {**state, **wrong} if is_part else wrong) is None
