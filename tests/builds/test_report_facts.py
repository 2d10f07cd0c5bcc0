"""What a report says of the presenter's page and of the machine."""

from __future__ import annotations

import errno
import json
import platform
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from builds import machine_facts
from builds.known_words import OTHER_WORD
from builds.machine_facts import about_file_system, about_system
from builds.page_facts import about_page
from course.curricula import CURRICULA, recorded_slides
from marked_services import MARK


def page_of(change=lambda sessions: None, code="es", **settings):
    """Return a page with the recorded course, as a function changes it."""
    constants = {"jsObject": {"language": code, "mirror_url": "https://storage.googleapis.com/zume-file-mirror/"}}
    constants["jsObject"].update(settings)
    for curriculum in CURRICULA:
        sessions: dict[int, list] = {}
        for slide in recorded_slides(curriculum, three_circles=True):
            about = {"key": slide.key, "type": "video" if slide.video else "title", "center": [], "left": []}
            about |= {"right": [], "menu": []} | ({"alt_video_id": slide.video} if slide.video else {})
            sessions.setdefault(slide.session, []).append(about)
        constants[curriculum.constant] = list(sessions.values())
    change(constants["zume10Sessions"])
    script = "\n".join(f"const {name} = [{json.dumps(value)}][0];" for name, value in constants.items())
    return f'<!doctype html><html lang="es" dir="ltr"><script>{script}</script>'


def about(text):
    return about_page("es", text, "https://zume.training/es/presenter?type=10")


def test_a_page_as_recorded_is_said_to_be_so():
    told = about(page_of())

    assert told.count("  as recorded") == 3
    assert "address of the mirror: the known one" in told
    assert "language: as asked for" in told
    assert "types that are unknown: none" in told
    assert "expected fields that are lacking: none" in told
    assert "fields that this program does not read: none" in told
    assert "constants that are lacking or cannot be read: zumeTrainingItems" in told


def test_what_differs_from_the_recorded_course_is_told_by_keys():
    def change(sessions):
        first = sessions[0]
        first.append({"key": "s1_1_99", "type": "center"})
        first[0], first[1] = first[1], first[0]
        first.pop(2)
        next(slide for slide in first if slide.get("alt_video_id") == 2)["alt_video_id"] = 5

    told = about(page_of(change))
    place = told.index(next(line for line in told if line.startswith("ten_session: 189 slides in 10 sessions")))

    assert told[place + 1 : place + 5] == [
        "  new (1): session_1_s1_1_99",
        "  gone (1): session_1_s1_1_3",
        "  moved (1): session_1_s1_1_2",
        "  with another video (1): session_1_t2_b",
    ]


def test_types_and_fields_that_are_unknown_or_lacking_are_counted():
    def change(sessions):
        slides = [slide for session in sessions for slide in session]
        slides[0].update(type="timer", duration="5")
        slides[1].update(type=MARK, **{MARK: 1, f"{MARK}2": 1})
        del slides[2]["type"], slides[3]["left"]
        next(slide for slide in slides if "alt_video_id" in slide).pop("alt_video_id")

    told = about(page_of(change))

    assert "types that are unknown: (none) (1), <key> (1), timer (1)" in told
    assert "expected fields that are lacking: type (in 1 of 615), left (in 1 of 615), alt_video_id (in 1 of 87)" in told
    assert "fields that this program does not read: <key> (2), duration (1)" in told
    assert "video slides: 87, 1 of them without a number; numbers: 29" in told


@pytest.mark.parametrize(
    "text", ["", "<html>", f"<html><title>{MARK}", f"const jsObject = [{{{MARK}", 'const jsObject = [{"a": [[' * 9]
)
def test_a_page_that_is_none_is_told_as_far_as_it_goes(text):
    told = about(text)

    assert "constants of the page that were read: 0 of 5" in told
    assert "ten_session: not on the page, or not as expected" in told
    assert MARK not in "\n".join(told)


def test_a_page_full_of_odd_values_tells_none_of_them():
    odd = {"language": [MARK], "mirror_url": {MARK: 1}, "zume_languages": {MARK: {}, "es": [], "7": None}}

    def change(sessions):
        sessions[0][0].update(key=None, type=[MARK], alt_video_id={MARK: 1}, center={MARK: MARK})
        sessions[0][1].update(key=f"me@{MARK}.org", type="video", alt_video_id=MARK)

    told = "\n".join(about(page_of(change, **odd)))

    assert MARK.casefold() not in told.casefold()
    assert "languages of the site: 3; 2 of them are not in our list" in told
    assert "address of the mirror: none" in told
    assert "language: another one, or none" in told


@pytest.mark.parametrize(
    ("system", "words"),
    [
        (
            {"system": "Linux", "release": f"6.1.0-{MARK}", "about": {"ID": "debian", "VERSION_ID": f"12 {MARK}"}},
            "system: Linux 6.1.0, debian 12",
        ),
        (
            {"system": "Linux", "release": "5.15.1-microsoft-standard-WSL2", "about": {"ID": MARK}},
            "system: Linux 5.15.1 in Windows (WSL), other unknown",
        ),
        ({"system": "Linux", "release": MARK, "about": {}}, "system: Linux unknown, other unknown"),
        ({"system": "Darwin", "mac": "14.5"}, "system: macOS 14.5"),
        ({"system": "Windows", "windows": "11", "version": "10.0.22631"}, "system: Windows 11, build 10.0.22631"),
        ({"system": MARK, "release": "1", "about": {}}, "system: other 1, other unknown"),
    ],
)
def test_the_system_is_told_by_its_name_and_numbers(system, words, monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: system["system"])
    monkeypatch.setattr(platform, "machine", lambda: MARK)
    monkeypatch.setattr(platform, "release", lambda: system.get("release", ""))
    monkeypatch.setattr(platform, "version", lambda: system.get("version", MARK))
    monkeypatch.setattr(platform, "mac_ver", lambda: (system.get("mac", ""), ("", "", ""), ""))
    monkeypatch.setattr(platform, "win32_ver", lambda: (system.get("windows", ""), "", "", MARK))
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: system["about"])
    told = list(about_system())

    assert told[0] == words
    assert told[1].startswith("machine: other, ")
    assert MARK not in "\n".join(told)


def test_what_the_file_system_can_do_is_tried_beside_the_report_and_leaves_nothing(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, MARK)

    monkeypatch.setattr(machine_facts.os, "link", refuse)
    told = list(about_file_system(tmp_path / "not" / "there", tmp_path))

    assert "hard links: no (EPERM)" in told
    assert "accents in names: kept" in told
    assert any(line.startswith("large and small letters in names: ") for line in told)
    assert list(tmp_path.iterdir()) == []
    assert str(tmp_path) not in "\n".join(told)


def test_drives_that_cannot_be_listed_hide_nothing_else(tmp_path, monkeypatch):
    def fail(all):
        raise OSError(21, "The device is not ready")

    monkeypatch.setattr(psutil, "disk_partitions", fail)
    told = list(about_file_system(tmp_path, tmp_path))

    assert f"file system: {OTHER_WORD}" in told
    assert any(line.startswith("hard links: ") for line in told)


def test_a_report_on_another_disk_tells_nothing_of_links(tmp_path, monkeypatch):
    real = Path.stat

    def elsewhere(path, **options):
        found = real(path, **options)
        return SimpleNamespace(st_dev=found.st_dev + 1, st_mode=found.st_mode) if path.name == "reports" else found

    (tmp_path / "reports").mkdir()
    monkeypatch.setattr(Path, "stat", elsewhere)
    told = list(about_file_system(tmp_path, tmp_path / "reports"))

    assert told[-1] == "links and letters: not tried, because the report is on another disk than the packages"
    assert told[0].startswith("free space: ")
