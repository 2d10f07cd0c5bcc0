"""Part 3 as a user runs it: what it takes, what it writes down, and what it leaves behind."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from course.curricula import CURRICULA, Slide, number_slides, recorded_slides
from course.languages import find_language
from demo import StandIn
from demo.course import CourseChanges, course
from quick_builds import SMALL
from slide_files import (
    PICTURE_NAME,
    files_in,
    manifest_of,
    names_of,
    progress_of,
    statuses,
    wait_for_pictures,
)
from suite import NOWHERE, Suite, clean_environment
from traces import SHORT_TMP, clear, left_over, processes_of, profiles_in

TEN, TWENTY, INTENSIVE = CURRICULA


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "en"
    folder.mkdir()
    return folder


@dataclass
class Finished:
    """A whole run for Spanish with two browsers, at which tests may look but which they must not change."""

    project: Path
    result: subprocess.CompletedProcess[str]
    page_loads: list[tuple[str, str]]
    left_in_tmp: list[str]
    processes: list[str]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    project = folder / "es"
    project.mkdir()
    own_tmp = Path(tempfile.mkdtemp(prefix="zt", dir=SHORT_TMP))
    with StandIn() as stand_in:
        stand_in.presenter.short_course = 6
        suite = Suite(folder, clean_environment(**stand_in.environment(), TMPDIR=str(own_tmp)))
        done = suite.part(3, *arguments_for(project), "--browsers", 2)
        yield Finished(
            project, done, stand_in.presenter_log.page_loads, profiles_in(own_tmp), list(processes_of(own_tmp).values())
        )
    clear(own_tmp)


@pytest.fixture
def copied(finished, stand_in, tmp_path):
    """A project of the test's own in which every slide was taken, and the site that has them."""
    stand_in.presenter.short_course = 6
    return Path(shutil.copytree(finished.project, tmp_path / "es"))


def arguments_for(project: Path) -> tuple[str, ...]:
    """Return what every run here is given; another ``--browsers`` may follow."""
    return ("--project-path", str(project), "--language-code", project.name, *SMALL, "--browsers", "1")


def expected_slides(code: str, curriculum=TEN, **changes) -> list[Slide]:
    """Return the slides of the stand-in's course."""
    language = find_language(code)
    sessions = course(language, language.three_circles, CourseChanges(**changes))[curriculum.constant]
    return number_slides([(look.key, look.type, look.video) for look in session] for session in sessions)


def slides_that_use(picture: str, code: str, **changes) -> set[str]:
    """Return the names of the slides of the 10 sessions on which a picture of the stand-in stands."""
    language = find_language(code)
    sessions = course(language, language.three_circles, CourseChanges(**changes))[TEN.constant]
    return {
        f"session_{number}_{look.key}"
        for number, session in enumerate(sessions, start=1)
        for look in session
        if picture in (look.picture, look.qr, look.backdrop)
    }


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        picture.load()
        return picture.size


def drawn(size: tuple[int, int]) -> bytes:
    """Return some PNG of a size."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).line((0, 0, *size), "black")
    content = BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def fill(folder: Path, slides: list[Slide]) -> None:
    """Make it look as if slides had been taken."""
    folder.mkdir()
    content = drawn((600, 336))
    for slide in slides:
        (folder / f"20260101_120000_{slide.name}.png").write_bytes(content)


# ---- a whole run ----


@pytest.mark.browser
def test_a_whole_run_ends_well_and_says_so(finished):
    assert finished.result.returncode == 0, finished.result.stderr
    assert finished.result.stderr == ""
    for curriculum in CURRICULA:
        folder = curriculum.folder
        assert f"\n{folder}: 12 slides, 12 to take\n" in finished.result.stdout
        assert f"\n{folder}: 12 good, 0 flawed, 0 failed: {finished.project / folder}\n" in finished.result.stdout


@pytest.mark.browser
@pytest.mark.parametrize("curriculum", CURRICULA, ids=lambda curriculum: curriculum.name)
def test_the_manifest_tells_the_course_as_the_site_gave_it(finished, curriculum):
    manifest = manifest_of(finished.project, curriculum)
    slides = expected_slides("es", curriculum, short_course=6)

    assert list(manifest) == [
        *("schema", "version", "language_code", "edition", "site", "course_read_at", "curriculum"),
        *("global_state", "slides", "gone"),
    ]
    assert (manifest["language_code"], manifest["curriculum"]) == ("es", curriculum.name)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", manifest["site"])
    known_of_a_picture = ("taken_at", "sha256", "width", "height", "previous", "fingerprint", "heading", "text")
    assert [list(slide) for slide in manifest["slides"]] == [
        ["position", "session", "key", "type", "video", "file", "status", "error", *known_of_a_picture]
    ] * len(slides)
    for written, slide in zip(manifest["slides"], slides, strict=True):
        assert written == {
            "position": slide.position,
            "session": slide.session,
            "key": slide.key,
            "type": slide.type,
            "video": slide.video,
            "file": written["file"],
            "status": "ok",
            "error": None,
            **{name: written[name] for name in known_of_a_picture},
        }
        content = (finished.project / curriculum.folder / written["file"]).read_bytes()
        assert written["sha256"] == hashlib.sha256(content).hexdigest()
        assert re.fullmatch("[0-9a-f]{64}", written["fingerprint"])
        assert PICTURE_NAME.fullmatch(written["file"])[1] == slide.name
    assert [slide["position"] for slide in manifest["slides"]] == list(range(1, 13))
    assert any(slide["video"] for slide in manifest["slides"])


@pytest.mark.browser
@pytest.mark.parametrize("curriculum", CURRICULA, ids=lambda curriculum: curriculum.name)
def test_each_slide_has_one_picture_and_nothing_else_is_left(finished, curriculum):
    folder = finished.project / curriculum.folder
    listed = [slide["file"] for slide in manifest_of(finished.project, curriculum)["slides"]]

    assert {path.name for path in folder.iterdir()} == {*listed, "manifest.json", f"{curriculum.folder}_progress.json"}
    assert {size_of(folder / file) for file in listed} == {(600, 336)}
    assert len({(folder / file).read_bytes() for file in listed}) == len(listed)


@pytest.mark.browser
@pytest.mark.parametrize("curriculum", CURRICULA, ids=lambda curriculum: curriculum.name)
def test_the_progress_file_tells_that_the_run_has_finished(finished, curriculum):
    progress = progress_of(finished.project, curriculum)
    slides = manifest_of(finished.project, curriculum)["slides"]

    assert (progress["language_code"], progress["curriculum"], progress["total"]) == ("es", curriculum.name, 12)
    assert progress["started_at"] <= progress["finished_at"]
    assert progress["done"] == {f"session_{slide['session']}_{slide['key']}": slide["file"] for slide in slides}


@pytest.mark.browser
def test_the_page_is_loaded_a_few_times_and_not_for_each_slide(finished):
    types = Counter(re.search(r"type=(\w+)", query)[1] for _, query in finished.page_loads if query != "type=10")
    assert len(finished.page_loads) - types.total() == 1
    assert types.keys() == {"10", "20", "intensive"}
    # Where one curriculum ends and the next begins, each of the two browsers may go ahead and be needed back once.
    assert max(types.values()) <= 4


def test_no_browser_and_no_profile_is_left(finished):
    assert (finished.processes, finished.left_in_tmp) == ([], [])


@pytest.mark.browser
@pytest.mark.parametrize(
    ("arguments", "size"), [((), (3000, 1680)), (("-w", "801", "-ht", "449"), (801, 449))], ids=["default", "other"]
)
def test_pictures_have_exactly_the_size_asked_for(suite, stand_in, project, arguments, size):
    stand_in.presenter.short_course = 1
    done = suite.part(3, "--project-path", project, "--language-code", "en", "-c", "ten_session", *arguments)
    assert done.returncode == 0, done.stderr
    assert [size_of(project / "10" / file) for file in files_in(project)] == [size, size]


def test_one_curriculum_alone_is_taken_with_a_slide_that_only_the_site_knows(take_slides, stand_in, project):
    stand_in.presenter.short_course = 4
    stand_in.presenter.extra_slide = True

    done = take_slides(*arguments_for(project), "--curriculum", "twenty_session")

    assert done.returncode == 0, done.stderr
    assert {path.name for path in project.iterdir() if path.is_dir()} == {"20"}
    slides = manifest_of(project, TWENTY)["slides"]
    assert len(slides) == 9
    assert [
        (slide["position"], slide["session"], slide["status"]) for slide in slides if slide["key"] == "extra_1"
    ] == [(7, 2, "ok")]
    assert "session_2_extra_1" in names_of(files_in(project, TWENTY))
    assert "20: the site's course differs from the three circles edition of curricula.json:" in done.stdout
    assert "  new: 1 (session_2_extra_1)\n" in done.stdout
    assert re.search(r"^  gone: \d+ \(session_1_\w+, .* and \d+ more\)$", done.stdout, re.MULTILINE)
    # Once over HTTP, for the course, and once in the browser.
    assert [re.search(r"type=(\w+)", query)[1] for _, query in stand_in.presenter_log.page_loads] == ["10", "20"]


def test_an_unknown_curriculum_is_wrong_usage(lone_suite, project):
    done = lone_suite.main(3, *arguments_for(project), "--curriculum", "30_session")
    assert done.returncode == 2
    assert "ten_session" in done.stderr


# ---- the course ----


@pytest.mark.parametrize(
    ("code", "edition", "only_here"), [("es", "three circles", "t10_g"), ("hr", "classic", "t10_i")]
)
def test_the_recorded_course_stands_in_but_wrong_slides_are_not_saved(
    take_slides, stand_in, tmp_path, code, edition, only_here
):
    project = tmp_path / code
    project.mkdir()
    slides = recorded_slides(TEN, edition == "three circles")
    missing = {f"session_3_{only_here}", "session_3_t9_a", "session_4_t12_a"}
    fill(project / "10", [slide for slide in slides if slide.name not in missing])
    before = files_in(project)
    stand_in.presenter.short_course = None
    stand_in.presenter.sessions_constant_missing = True
    stand_in.presenter.removed_slide = "t9_a"

    done = take_slides(*arguments_for(project), "-c", "ten_session", "--missing-only")

    assert done.returncode == 1
    assert f"does not list the slides of ten_session; taking the {edition} edition of curricula.json" in done.stderr
    manifest = manifest_of(project)
    assert manifest["site"] == "curricula.json"
    assert [(one["position"], one["session"], one["key"], one["video"]) for one in manifest["slides"]] == [
        (one.position, one.session, one.key, one.video) for one in slides
    ]
    assert names_of(files_in(project) - before) == sorted(missing - {"session_3_t9_a"})
    new = missing - {"session_3_t9_a"}
    expected = {slide.name: "ok" if slide.name in new else "unproven" for slide in slides}
    assert statuses(project) == {**expected, "session_3_t9_a": "failed"}
    assert re.search(r"\n  t9_a.* \(10\): the page shows slide s1_3_1 instead\n", done.stderr)


def test_the_site_decides_which_slides_a_classic_language_has(take_slides, stand_in, tmp_path):
    project = tmp_path / "hr"
    project.mkdir()
    # What a list of the other edition would have had taken.
    fill(project / "10", recorded_slides(TEN, three_circles=True))
    stand_in.presenter.short_course = None
    classic = recorded_slides(TEN, three_circles=False)

    done = take_slides(*arguments_for(project), "-c", "ten_session", "--missing-only")

    assert done.returncode == 0, done.stderr
    assert [slide["key"] for slide in manifest_of(project)["slides"]] == [slide.key for slide in classic]
    taken = [file for file in files_in(project) if not file.startswith("20260101")]
    only_classic = {slide.name for slide in classic} - {slide.name for slide in recorded_slides(TEN, True)}
    assert names_of(taken) == sorted(only_classic)
    assert "session_3_t10_i" in only_classic


# ---- slides that are not good ----


@pytest.mark.parametrize("trouble", ["missing", "broken", "never"])
def test_a_slide_whose_picture_does_not_come_fails_by_name_and_the_run_goes_on(take_slides, stand_in, project, trouble):
    stand_in.presenter.short_course = 3
    setattr(stand_in.presenter, f"picture_{trouble}", {"qr-checkin.png", "qr-share.png"})
    bad = {name for qr in ("qr-checkin.png", "qr-share.png") for name in slides_that_use(qr, "en", short_course=3)}
    assert len(bad) == 2
    wait = ("--wait", "1") if trouble == "never" else ()

    done = take_slides(*arguments_for(project), "-c", "ten_session", *wait)

    assert done.returncode == 1
    found = statuses(project)
    assert {name for name, status in found.items() if status == "failed"} == bad
    assert Counter(found.values()) == {"failed": 2, "ok": 4}
    assert names_of(files_in(project)) == sorted(found.keys() - bad)
    message = r"picture http://localhost:\d+/pictures/qr-\w+\.png did not load"
    message += r" in 1(\.0)? s" if trouble == "never" else ""
    for slide in manifest_of(project)["slides"]:
        if slide["status"] == "failed":
            assert slide["file"] is None
            assert re.fullmatch(message, slide["error"])
            assert done.stderr.count(slide["key"]) == 1
    # Both lack the same picture.
    what = r"did not get qr-share\.png within 1(\.0)? s \(--wait\)" if trouble == "never" else r"lack qr-share\.png"
    assert re.search(rf"\n  2 slides {what}: s1_1_2 “Check in”, s1_2_2 “Check in” \(10\) ", done.stderr)
    assert "2 slides could not be taken" in done.stderr
    assert "--missing-only" in done.stderr
    assert "--allow-flawed" in done.stderr


def test_a_slide_that_the_site_does_not_deliver_whole_is_kept_on_request(take_slides, stand_in, project):
    stand_in.presenter.short_course = 2
    stand_in.presenter.picture_missing = {"qr-checkin.png", "qr-share.png"}

    done = take_slides(*arguments_for(project), "-c", "ten_session", "--allow-flawed")

    assert done.returncode == 0, done.stderr
    assert "10: 3 good, 1 flawed, 0 failed" in done.stdout
    [flawed] = [slide for slide in manifest_of(project)["slides"] if slide["status"] != "ok"]
    assert (flawed["key"], flawed["status"]) == ("s1_2_2", "flawed")
    assert re.fullmatch(r"picture .*/qr-\w+\.png did not load", flawed["error"])
    assert flawed["file"] in files_in(project)
    assert f"10 session_2_s1_2_2: flawed: {flawed['error']}" in done.stdout


# ---- the site has a bad day ----


def test_a_site_with_too_many_requests_is_given_time(take_slides, stand_in, project):
    stand_in.presenter.short_course = 1
    stand_in.presenter.too_many = 2
    stand_in.presenter.retry_after = True

    done = take_slides(*arguments_for(project), "-c", "ten_session")

    assert done.returncode == 0, done.stderr
    assert re.search(r"\(429\).* Trying again in 1 s\.\n.*\(429\).*\. A browser is asked instead\.\n", done.stdout)
    assert list(statuses(project).values()) == ["ok", "ok"]
    assert len(stand_in.presenter_log.page_loads) == 3


def test_a_site_that_is_down_for_a_while_is_waited_for(take_slides, stand_in, project):
    stand_in.presenter.short_course = 2
    ended = threading.Event()

    def go_down_and_up() -> None:
        while not ended.wait(0.01) and not list(project.glob("10/*.png")):
            pass
        stand_in.presenter.status = 503
        loads = len(stand_in.presenter_log.page_loads)
        while not ended.wait(0.01) and len(stand_in.presenter_log.page_loads) < loads + 2:
            pass
        stand_in.presenter.status = 200

    thread = threading.Thread(target=go_down_and_up)
    thread.start()
    done = take_slides(*arguments_for(project), "--settle", 0.1)
    ended.set()
    thread.join()

    assert done.returncode == 0, done.stderr
    assert "(503)" in done.stdout
    assert [set(statuses(project, curriculum).values()) for curriculum in CURRICULA] == [{"ok"}] * 3


def test_a_language_that_the_site_does_not_serve_is_refused(take_slides, stand_in, project):
    stand_in.presenter.answers_in = "fr"

    done = take_slides(*arguments_for(project))

    assert done.returncode == 1
    assert "The site does not serve the language en: it answers in fr." in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(project.glob("*/*.png"))
    assert len(stand_in.presenter_log.page_loads) == 1


# ---- runs after the first ----


def test_missing_only_takes_exactly_what_is_missing_or_not_whole(take_slides, copied, stand_in):
    folder = copied / "10"
    gone, also_gone, cut, too_small, *good = sorted(folder.glob("*.png"))
    gone.unlink()
    also_gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-20])
    too_small.write_bytes(drawn((300, 168)))
    wanted = sorted(PICTURE_NAME.fullmatch(path.name)[1] for path in (gone, also_gone, cut, too_small))
    before = files_in(copied)
    contents = {path: path.read_bytes() for path in good}

    done = take_slides(*arguments_for(copied), "--missing-only")

    assert done.returncode == 0, done.stderr
    assert "10: 12 slides, 4 to take" in done.stdout
    assert "20: 12 slides, 0 to take" in done.stdout
    assert "intensive: 12 slides, 0 to take" in done.stdout
    assert names_of(files_in(copied) - before) == wanted
    assert {path: path.read_bytes() for path in good} == contents
    slides = manifest_of(copied)["slides"]
    assert {slide["status"] for slide in slides} == {"ok"}
    assert {size_of(folder / slide["file"]) for slide in slides} == {(600, 336)}


def test_a_run_without_flags_takes_all_anew_and_keeps_the_older_pictures(take_slides, copied, stand_in):
    before = files_in(copied)

    done = take_slides(*arguments_for(copied), "-c", "ten_session")

    assert done.returncode == 0, done.stderr
    assert "10: 12 slides, 12 to take" in done.stdout
    new = files_in(copied) - before
    assert names_of(new) == names_of(before)
    assert before < files_in(copied)
    assert {slide["file"] for slide in manifest_of(copied)["slides"]} == new


@pytest.mark.browser
@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"])
def test_an_interrupted_run_leaves_nothing_behind_and_can_be_resumed(suite, stand_in, project, own_tmp, how):
    stand_in.presenter.short_course = 5
    suite.environment["TMPDIR"] = str(own_tmp)
    arguments = (*arguments_for(project), "--browsers", 2)
    process = suite.start(3, *arguments, "--settle", 0.1, start_new_session=True)
    wait_for_pictures(process, project / "10", 3)
    # As a terminal does: to the whole group. The browsers must not be in it.
    os.killpg(process.pid, getattr(signal, how))
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 128 + getattr(signal, how), errors
    assert "Interrupted." in errors
    assert "Traceback" not in errors
    assert left_over(own_tmp) == ([], [])
    progress = progress_of(project)
    assert progress["finished_at"] is None
    assert 1 <= len(progress["done"]) < 10
    found = statuses(project)
    # It may be interrupted between the two files; then the last picture is simply taken again.
    noted = {name for name, status in found.items() if status == "ok"}
    assert {slide["file"] for slide in manifest_of(project)["slides"] if slide["file"]} == files_in(project)
    assert progress["done"].keys() <= noted
    assert len(noted - progress["done"].keys()) <= 1
    assert set(statuses(project, INTENSIVE).values()) == {"missing"}

    before = files_in(project)
    if how == "SIGTERM":
        return
    done = suite.part(3, *arguments, "--resume")

    assert done.returncode == 0, done.stderr
    assert f"10: 10 slides, {10 - len(progress['done'])} to take" in done.stdout
    assert names_of(files_in(project) - before) == sorted(found.keys() - progress["done"].keys())
    assert {slide["file"] for slide in manifest_of(project)["slides"]} >= set(progress["done"].values())
    for curriculum in CURRICULA:
        assert list(statuses(project, curriculum).values()) == ["ok"] * 10
        assert progress_of(project, curriculum)["finished_at"]


@pytest.mark.browser
def test_a_run_interrupted_while_its_browsers_start_leaves_nothing_behind(suite, project, own_tmp):
    suite.environment["TMPDIR"] = str(own_tmp)
    process = suite.start(3, *arguments_for(project), "--browsers", 3)
    while not profiles_in(own_tmp):
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert left_over(own_tmp) == ([], [])


@pytest.mark.browser
def test_a_browser_that_is_killed_is_replaced(suite, stand_in, project, own_tmp):
    stand_in.presenter.short_course = 4
    suite.environment["TMPDIR"] = str(own_tmp)
    # Slow enough that something is left to take when its processes are found and killed, also on a busy machine.
    process = suite.start(3, *arguments_for(project), "--browsers", 2, "--settle", 1)
    wait_for_pictures(process, project / "10", 2)
    profile = profiles_in(own_tmp)[0]
    main = next(
        pid for pid, command in processes_of(own_tmp).items() if re.search(rf"--user-data-dir=\S*/{profile}\b", command)
    )
    group = os.getpgid(main)
    victims = [pid for pid, command in processes_of(own_tmp).items() if "chromedriver" not in command]
    victims = [pid for pid in victims if Path(f"/proc/{pid}").exists() and os.getpgid(pid) == group]
    assert main in victims
    for pid in victims:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    output, errors = process.communicate(timeout=120)

    assert process.returncode == 0, errors
    assert "the browser broke down and is replaced" in output
    for curriculum in CURRICULA:
        assert list(statuses(project, curriculum).values()) == ["ok"] * 8
    assert left_over(own_tmp) == ([], [])


def test_a_manifest_that_cannot_be_read_is_made_anew(take_slides, stand_in, copied):
    (copied / "10" / "manifest.json").write_text("{", encoding="utf-8")

    done = take_slides(*arguments_for(copied), "--missing-only")

    assert done.returncode == 0, done.stderr
    assert "manifest.json cannot be read" in done.stderr
    assert "10: 12 slides, 0 to take" in done.stdout
    assert "10: 12 good (12 of them unproven), 0 flawed, 0 failed" in done.stdout
    assert set(statuses(copied).values()) == {"unproven"}


# ---- the browser ----


def test_a_machine_without_a_browser_is_told_what_to_install(lone_suite, project, tmp_path):
    (tmp_path / "nothing").mkdir()
    done = lone_suite.main(3, *arguments_for(project), PATH=str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert "no Chrome or Chromium" in done.stderr
    assert "chromium-driver" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_grid_that_does_not_answer_is_an_error(lone_suite, project):
    done = lone_suite.main(3, *arguments_for(project), "--grid-url", NOWHERE)
    assert done.returncode == 1
    assert f"No browser could be started at {NOWHERE}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.browser
def test_the_browsers_of_a_grid_take_the_same_pictures(suite, stand_in, project, finished):
    """A driver that listens for itself is a grid of one browser."""
    stand_in.presenter.short_course = 1
    driver = subprocess.Popen(
        ["chromedriver", "--port=0"], env=suite.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        port = next(match[1] for line in driver.stdout if (match := re.search(r"successfully on port (\d+)", line)))
        arguments = ("-c", "ten_session", "--grid-url", f"http://127.0.0.1:{port}")
        done = suite.part(3, *arguments_for(project), *arguments)
    finally:
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()

    assert done.returncode == 0, done.stderr
    assert f"Browsers: 1 x http://127.0.0.1:{port}" in done.stdout
    assert [size_of(project / "10" / file) for file in files_in(project)] == [(600, 336)] * 2
