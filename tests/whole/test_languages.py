"""Which language a user means: codes and names in every spelling, what is no language, and what only the site knows."""

from __future__ import annotations

import pytest

import _config
from common.errors import BuilderError, CheckWarning, UsageError
from course import language_codes
from course.languages import Language, all_languages, find_language, language_tag, similar_languages, site_code
from course.page import site_languages
from quick_builds import BUILD, rows_of
from served_pages import page_with, site_that_answers
from suite import NOWHERE
from terminal import Terminal

KLINGON = Language("tlh_kx", "Klingon", "tlhIngan Hol", "ltr", False, None, ())


@pytest.mark.parametrize("language", all_languages(), ids=lambda language: language.code)
def test_every_language_is_found_by_its_names_and_its_code_in_any_spelling(language):
    tag = language_tag(language.code)
    written = [language.code, tag, *language.names, *language.also_written, *language.name.split("/")]
    for text in written:
        for spelled in (text, text.upper(), text.lower(), text.replace("_", "-"), text.replace("-", "_")):
            assert find_language(spelled) == language, spelled
            assert site_code(spelled) == language.code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("espanol", "es"),
        ("ESPAÑOL", "es"),
        ("Espan\u0303ol", "es"),
        ("turkce", "tr"),
        ("Tieng Viet", "vi"),
        ("zh-TW", "zhtw"),
        ("ZH_TW", "zhtw"),
        ("sw", "swa"),
        ("Farsi", "fa"),
        ("persian", "fa"),
        ("Arabic", "ar"),
        ("arabic jordanian", "ar_jo"),
        ("ar-JO", "ar_jo"),
        ("Chinese (Simplified)", "zhcn"),
        ("中文(简体)", "zhcn"),
        ("Punjabi", "pa"),
        ("Bengali", "bn"),
        ("Cantonese", "zhhk"),
    ],
)
def test_a_language_is_found_however_people_type_it(written, code):
    assert find_language(written).code == code


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("Chinese", ["zhcn", "zhtw"]),
        ("中文", ["zhcn", "zhhk", "zhtw"]),
        ("zh", ["zhcn", "zhhk", "zhtw"]),
        ("Traditional", ["zhhk", "zhtw"]),
        ("Arabic (Egyptian)", ["ar", "ar_jo", "ar_tn"]),
        ("Jordanian", ["ar_jo"]),
        ("sp", ["es"]),
        ("Spanisch", ["es"]),
        ("portugese", ["pt"]),
        ("es-MX", ["es"]),
        ("日本", ["ja"]),
        ("xx", []),
        ("Klingon", []),
        ("", []),
        ("e", []),
        ("../es", []),
        ("es/..", []),
        ("es\0", []),
    ],
)
def test_what_names_no_language_or_several_is_never_guessed_but_all_it_may_mean_is_known(written, codes):
    assert find_language(written) is None
    assert site_code(written) == written
    assert [language.code for language in similar_languages(written)] == codes


# --- What is in no list -----------------------------------------------------------------------------------------------


def test_a_known_language_asks_nobody(suite, stand_in, tmp_path):
    for written in ("Spanish", "zh-TW", "sw"):
        assert suite.part(1, "-l", written, "-f", tmp_path / "x").returncode == 0

    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == ["es", "swa", "zhtw"]
    assert stand_in.presenter_log.requests == []


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("sp", "sp is not a language of the course. Did you mean es (Spanish)?"),
        ("xx", "xx is not a language of the course.\n"),
        ("Spanisch", "Spanisch is not a language of the course. Did you mean es (Spanish)?"),
        ("Chinese", "Did you mean zhcn (Chinese (Simplified)) or zhtw (Chinese (Traditional))?"),
        ("中文", "zhcn (Chinese (Simplified)), zhhk (Cantonese (Traditional)) or zhtw (Chinese (Traditional))?"),
    ],
)
@pytest.mark.parametrize("script", [BUILD, 1, 2])
def test_what_is_no_language_is_wrong_usage_and_says_what_may_be_meant(script, written, message, suite, tmp_path):
    place = ("-l", written, "-f", tmp_path, "-y") if script == BUILD else ("-l", written, "-f", tmp_path)
    place = ("--language-code", written, "--project-path", tmp_path) if script == 2 else place
    done = suite.run(script, *(argument for argument in place if script == BUILD or argument != "-y"))

    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "--list-languages" in done.stderr
    assert [path for path in tmp_path.iterdir() if path != suite.home] == []


@pytest.mark.parametrize("source", ["environment", "file"])
def test_what_is_no_language_in_the_environment_or_file_is_a_failure_that_names_it(source, suite, tmp_path):
    given = {"ZUME_LANGUAGE_CODE": "sp"} if source == "environment" else {}
    if source == "file":
        (suite.home / ".config.json").write_text('{"language_code": "sp"}', encoding="utf-8")
    done = suite.part(3, "--project-path", tmp_path, **given)

    assert done.returncode == 1
    assert "sp is not a language of the course. Did you mean es (Spanish)?" in done.stderr
    assert ("ZUME_LANGUAGE_CODE" if source == "environment" else str(suite.home / ".config.json")) in done.stderr


@pytest.mark.parametrize("source", ["environment", "file"])
def test_names_and_other_spellings_count_in_the_environment_and_file_too(source, home, monkeypatch):
    if source == "environment":
        monkeypatch.setenv("ZUME_LANGUAGE_CODE", "Kiswahili")
    else:
        (home / ".config.json").write_text('{"language_code": "Kiswahili"}', encoding="utf-8")
    settings = _config.gather(_Nothing(), ())

    assert settings["language_code"].value == "swa"


class _Nothing:
    """A command line without arguments."""


def test_a_language_that_only_the_site_has_is_allowed_and_written_as_the_site_does(suite, stand_in, tmp_path):
    stand_in.presenter.more_languages = [KLINGON]
    done = suite.part(1, "-l", "TLH-kx", "-f", tmp_path / "x")

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["tlh_kx"]
    assert len(stand_in.presenter_log.page_loads) == 1


@pytest.mark.browser
def test_a_check_of_a_language_that_only_the_site_has_says_what_is_not_known_of_it(suite, stand_in, tmp_path):
    stand_in.presenter.more_languages = [KLINGON]
    done = suite.build("-l", "tlh_kx", "-f", tmp_path, "--check")
    rows = rows_of(done.stdout)

    assert rows["Edition"][0] == "warning"
    assert "serves tlh_kx" in rows["Site"][1]
    assert rows["Vimeo folder"][0] == "warning"
    assert rows["Videos"][0] == "error"
    assert "The course's video 1 is not on the mirror" in rows["Videos"][1]
    assert done.returncode == 1


@pytest.mark.parametrize("code", ["ky", "sl", "ar_jo"])
def test_where_only_vimeo_will_do_a_language_without_a_known_folder_is_told_so_with_what_to_do(code, suite, tmp_path):
    arguments = ("-l", code, "-f", tmp_path, "--skip", "slides", "--video-source", "vimeo")
    checked = suite.build(*arguments, "--check")
    rows = rows_of(checked.stdout)
    built = suite.build(*arguments, "-y")

    assert rows["Vimeo folder"][0] == rows["Videos"][0] == "error"
    for output in (rows["Vimeo folder"][1], built.stderr):
        assert f"No Vimeo folder is known for the language {code}." in output
        assert "--folder-id ID" in output
        assert "--skip videos" in output
    assert (checked.returncode, built.returncode) == (1, 1)
    assert "None" not in checked.stdout + checked.stderr + built.stdout + built.stderr


def test_where_the_site_cannot_be_asked_a_code_is_used_with_a_warning(lone_suite, tmp_path):
    done = lone_suite.part(1, "-l", "sp", "-f", tmp_path / "x")

    assert done.returncode == 0
    assert f"Warning: sp is not in the list of languages, and {NOWHERE} cannot be asked for it." in done.stderr
    assert "Did you mean es (Spanish)?" in done.stderr
    assert (tmp_path / "x" / "sp").is_dir()


@pytest.mark.parametrize("written", ["Spanisch", "Chinese", "日本", "es/.."])
def test_a_name_is_no_code_also_where_the_site_cannot_be_asked(written, home, monkeypatch):
    monkeypatch.setenv("ZUME_SITE_URL", NOWHERE)
    with pytest.raises(UsageError) as caught:
        language_codes.known_language_code(written, "argument --language")
    assert not isinstance(caught.value, CheckWarning)


def test_in_a_dialogue_an_unknown_code_is_asked_about_where_the_site_does_not_answer(lone_suite, tmp_path):
    command = lone_suite.command(1, "--skip", "vimeo")
    with Terminal(command, lone_suite.environment, tmp_path) as terminal:
        terminal.answer("Language (", "sp")
        terminal.answer("Did you mean Spanish (es)? (Y/n)", "n")
        terminal.answer(f"and {NOWHERE} cannot be asked for it. Use it anyway? (y/N)", "")
        terminal.answer("Language (", "zz")
        terminal.answer(f"and {NOWHERE} cannot be asked for it. Use it anyway? (y/N)", "y")
        terminal.answer("Folder for the packages [", "")

        assert terminal.wait() == 0
    assert (tmp_path / "zz" / "videos").is_dir()


def test_a_build_is_resumed_by_its_languages_name_and_what_is_none_is_said(done):
    named = done.build("--resume", "-l", "Español")
    assert "There is no unfinished build of Español to resume" in named.stderr
    wrong = done.build("--resume", "-l", "sp")
    assert wrong.returncode == 2
    assert "sp is not a language of the course." in wrong.stderr
    assert done.build("--resume", "first", "-l", "SPANISH").returncode == 0


# --- What the page says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status", "codes"),
    [
        (page_with({"language": "en", "zume_languages": ["en", "tlh"]}), 200, {"en", "tlh"}),
        (page_with({"zume_languages": {"en": {"name": "English"}, "tlh": {}}}), 200, {"en", "tlh"}),
        (page_with({"zume_languages": ["en"]}), 503, None),
        (page_with({"zume_languages": []}), 200, None),
        (page_with({"zume_languages": [{"code": "en"}]}), 200, None),
        (page_with({"zume_languages": 5}), 200, None),
        (page_with(["en"]), 200, None),
        (page_with({}), 200, None),
        ("const jsObject = [{", 200, None),
        ("", 200, None),
        ("<h1>Log in to the network of this hotel</h1>", 200, None),
    ],
)
def test_the_languages_are_read_out_of_the_page_or_not_known(text, status, codes, home, monkeypatch):
    with site_that_answers(monkeypatch, text, status) as asked:
        assert site_languages() == codes
        assert site_languages() == codes
    assert asked == ["/en/presenter?type=10"]


def test_a_site_that_never_answers_is_not_waited_for(stand_in, home, monkeypatch):
    monkeypatch.setenv("ZUME_SITE_URL", stand_in.site_url)
    monkeypatch.setattr("course.page._ANSWER_SECONDS", 0.2)
    stand_in.presenter.hangs = True

    with pytest.raises(CheckWarning):
        language_codes.known_language_code("zz", "argument --language")
    assert len(stand_in.presenter_log.page_loads) == 1


def test_a_code_of_the_site_that_could_not_be_a_folder_is_not_taken(home, monkeypatch):
    with site_that_answers(monkeypatch, page_with({"zume_languages": ["../zz"]})), pytest.raises(BuilderError):
        language_codes.checked_language_code("zz", "argument --language")
