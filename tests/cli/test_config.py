"""The configuration that the parts share: each field by itself, from its nearest source."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import _config
from common.errors import BuilderError, UsageError
from course import language_codes
from suite import NOWHERE, PARTS, ROOT
from systems import USERS_HOME, absolute
from workspace.home import home as builders_home

X = absolute("/packages/x")
BOTH = ("project_path", "language_code")
VARIABLES = {
    "project_path": "ZUME_PROJECT_PATH",
    "language_code": "ZUME_LANGUAGE_CODE",
    "session_id": "ZUME_SESSION_ID",
}
LEVELS = ("argument", "environment", "file")
# What each level says about each field: all different, so that a value betrays where it came from.
VALUES = {
    "project_path": {
        "argument": absolute("/packages/by-argument"),
        "environment": absolute("/packages/by-env"),
        "file": absolute("/packages/by-file"),
    },
    "language_code": {"argument": "es", "environment": "fr", "file": "de"},
}
SUBSETS = [subset for count in range(4) for subset in itertools.combinations(LEVELS, count)]


def parse(*arguments):
    parser = argparse.ArgumentParser()
    _config.add_config_arguments(parser)
    return parser.parse_args(arguments)


def write_file(home, content):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (home / ".config.json").write_bytes(data)


def say_on(levels, monkeypatch, home):
    """Give each field on the levels named for it, and return the command line."""
    arguments, file = [], {}
    for field, chosen in levels.items():
        if "argument" in chosen:
            arguments += ["--" + field.replace("_", "-"), VALUES[field]["argument"]]
        if "environment" in chosen:
            monkeypatch.setenv(VARIABLES[field], VALUES[field]["environment"])
        if "file" in chosen:
            file[field] = VALUES[field]["file"]
    if file:
        write_file(home, file)
    return arguments


@pytest.mark.parametrize("of_language", SUBSETS, ids="+".join)
@pytest.mark.parametrize("of_project", SUBSETS, ids="+".join)
def test_each_field_comes_from_its_own_nearest_source(of_project, of_language, home, monkeypatch):
    levels = {"project_path": of_project, "language_code": of_language}
    settings = _config.resolve(parse(*say_on(levels, monkeypatch, home)), required=()).settings

    expected = {field: VALUES[field][chosen[0]] for field, chosen in levels.items() if chosen}
    assert {name: setting.value for name, setting in settings.items()} == expected


def test_the_file_does_not_override_an_argument_when_it_fills_another_field(home):
    write_file(home, {"project_path": "/packages/by-file", "language_code": "de"})

    config = _config.resolve(parse("--project-path", X), BOTH)

    assert config.project.path == Path(X)
    assert config.language_code == "de"


def test_the_file_does_not_override_the_environment_when_it_fills_another_field(home, monkeypatch):
    write_file(home, {"project_path": X, "language_code": "de"})
    monkeypatch.setenv("ZUME_LANGUAGE_CODE", "fr")

    config = _config.resolve(parse(), BOTH)

    assert config.project.path == Path(X)
    assert config.language_code == "fr"


@pytest.mark.parametrize(
    ("argument", "variable", "expected"),
    [("from-arg", "from-env", "from-arg"), ("", "from-env", "from-env"), ("from-arg", "", "from-arg"), ("", "", None)],
)
def test_the_session_id_comes_from_the_argument_then_the_environment_and_never_the_file(
    argument, variable, expected, home, monkeypatch
):
    write_file(home, {"session_id": "from-file", "project_path": "/packages/x", "language_code": "es"})
    monkeypatch.setenv("ZUME_SESSION_ID", variable)

    assert _config.resolve(parse("--session-id", argument), BOTH).session_id == expected


@pytest.mark.parametrize("blank", ["", " ", "\t \n"])
@pytest.mark.parametrize("field", BOTH)
def test_a_blank_argument_is_no_value(field, blank, home, monkeypatch):
    monkeypatch.setenv(VARIABLES[field], VALUES[field]["environment"])

    settings = _config.resolve(parse("--" + field.replace("_", "-"), blank), ()).settings

    assert settings[field].value == VALUES[field]["environment"]


@pytest.mark.parametrize("blank", ["", " ", "\t \n"])
@pytest.mark.parametrize("field", BOTH)
def test_a_blank_variable_is_no_value(field, blank, home, monkeypatch):
    monkeypatch.setenv(VARIABLES[field], blank)
    write_file(home, {field: VALUES[field]["file"]})

    assert _config.resolve(parse(), ()).settings[field].value == VALUES[field]["file"]


@pytest.mark.parametrize("blank", ["", "  ", "\t\n", None])
@pytest.mark.parametrize("field", BOTH)
def test_a_blank_value_in_the_file_is_no_value(field, blank, home):
    write_file(home, {field: blank})

    assert field not in _config.resolve(parse(), ()).settings
    with pytest.raises(BuilderError, match=field):
        _config.resolve(parse(), (field,))


def test_white_space_around_a_value_is_not_part_of_it(home, monkeypatch):
    monkeypatch.setenv("ZUME_LANGUAGE_CODE", " es\n")
    write_file(home, {"project_path": f"  {X} "})

    config = _config.resolve(parse("--session-id", " abc "), BOTH)

    assert (config.project.path, config.language_code, config.session_id) == (Path(X), "es", "abc")


def test_the_file_is_not_read_when_no_field_is_open(home, monkeypatch):
    monkeypatch.setattr(_config, "config_file", lambda: pytest.fail("looked for the file"))

    _config.resolve(parse("--project-path", "/packages/x", "--language-code", "es"), BOTH)


def test_the_file_is_read_when_a_field_is_open(home, monkeypatch):
    class Looked(Exception):
        pass

    def look():
        raise Looked

    monkeypatch.setattr(_config, "config_file", look)
    with pytest.raises(Looked):
        _config.resolve(parse("--project-path", "/packages/x"), BOTH)


BROKEN = [
    pytest.param(b'{\n  "project_path": "/x"\n  "language_code": "es"\n}', 3, id="comma missing"),
    pytest.param(b"", 1, id="empty"),
    pytest.param(b"\n\n{ oops", 3, id="not JSON"),
    pytest.param(b'["project_path"]', 1, id="list"),
    pytest.param(b'"project_path"', 1, id="text"),
    pytest.param(b"null", 1, id="null"),
    pytest.param(b'{"project_path": 7}', 1, id="number for a text"),
    pytest.param(b'{"language_code": ["es"]}', 1, id="list for a text"),
    pytest.param(b'{"project_path": true}', 1, id="truth value for a text"),
    pytest.param(b'{\n\n  "project_path": "/caf\xe9"\n}', 3, id="Latin-1"),
    pytest.param('{"project_path": "/x"}'.encode("utf-16"), 1, id="UTF-16"),
]


@pytest.mark.parametrize(("content", "line"), BROKEN)
def test_a_broken_file_that_is_needed_is_an_error_with_file_line_and_way_out(content, line, home):
    write_file(home, content)

    with pytest.raises(BuilderError) as caught:
        _config.resolve(parse(), BOTH)

    assert str(home / ".config.json") in caught.value.message
    assert f": line {line} column " in caught.value.message
    assert "--project-path" in caught.value.remedy
    assert "--language-code" in caught.value.remedy
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("field", BOTH)
def test_the_line_of_a_value_that_is_not_a_text_is_named(field, home):
    other = next(name for name in BOTH if name != field)
    write_file(home, f'{{\n  "{other}": "x1",\n\n  "{field}": 7\n}}'.encode())

    with pytest.raises(BuilderError, match=": line 4 column 3 ") as caught:
        _config.resolve(parse(), BOTH)

    assert field in caught.value.message


@pytest.mark.parametrize(("content", "line"), BROKEN)
def test_a_broken_file_is_no_error_when_arguments_and_environment_give_everything(content, line, home, monkeypatch):
    write_file(home, content)
    monkeypatch.setenv("ZUME_LANGUAGE_CODE", "es")

    config = _config.resolve(parse("--project-path", X), BOTH)

    assert (config.project.path, config.language_code) == (Path(X), "es")


def test_a_byte_order_mark_before_the_file_is_accepted(home):
    write_file(home, b"\xef\xbb\xbf" + b'{"project_path": "/packages/x", "language_code": "es"}')

    assert _config.resolve(parse(), BOTH).language_code == "es"


def test_letters_outside_ascii_survive_the_file(home):
    write_file(home, '{"project_path": "/packages/Zúme/ျမန္မာ"}'.encode())

    assert _config.resolve(parse(), ("project_path",)).project.path == Path("/packages/Zúme/ျမန္မာ").absolute()


@pytest.mark.parametrize("missing", BOTH)
def test_a_missing_field_names_all_three_ways_to_give_it(missing, home):
    other = next(name for name in BOTH if name != missing)
    write_file(home, {other: VALUES[other]["file"]})

    with pytest.raises(BuilderError) as caught:
        _config.resolve(parse(), BOTH)

    told = f"{caught.value.message} {caught.value.remedy}"
    for way in ("--" + missing.replace("_", "-"), VARIABLES[missing], f'"{missing}"', str(home / ".config.json")):
        assert way in told
    assert "--" + other.replace("_", "-") not in told
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("number", "given", "missing"),
    [
        (2, {"ZUME_PROJECT_PATH": "/packages/x"}, "language_code"),
        (2, {"ZUME_LANGUAGE_CODE": "es"}, "project_path"),
        (3, {"ZUME_PROJECT_PATH": "/packages/x"}, "language_code"),
        (3, {"ZUME_LANGUAGE_CODE": "es"}, "project_path"),
        (4, {"ZUME_LANGUAGE_CODE": "es"}, "project_path"),
    ],
)
def test_a_part_ends_with_1_when_a_field_that_it_needs_is_missing(number, given, missing, lone_suite):
    done = lone_suite.main(number, **given)

    assert done.returncode == 1
    for way in ("--" + missing.replace("_", "-"), VARIABLES[missing], ".config.json"):
        assert way in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("number", PARTS)
def test_show_config_gives_each_value_with_its_source(number, lone_suite):
    write_file(lone_suite.home, {"project_path": "/packages/by-file", "language_code": "de"})

    done = lone_suite.main(
        number, "--show-config", "--project-path", VALUES["project_path"]["argument"], ZUME_SESSION_ID="5e55104a"
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert lines_about(done.stdout) == {
        "project_path": (VALUES["project_path"]["argument"], "argument --project-path"),
        "language_code": ("de", str(lone_suite.home / ".config.json")),
        "session_id": ("5e55104a", "environment ZUME_SESSION_ID"),
    }


@pytest.mark.parametrize("number", PARTS)
def test_show_config_says_which_fields_nobody_gave(number, lone_suite):
    done = lone_suite.main(number, "--show-config")

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(VARIABLES)
    assert all("not set" in line for line in done.stdout.splitlines())


def lines_about(output):
    """Read ``name = value  (source)``."""
    found = {}
    for line in output.splitlines():
        name, _, rest = line.partition(" = ")
        value, _, source = rest.partition("  (")
        found[name] = (value, source.removesuffix(")"))
    return found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("es", "es"),
        ("ES", "es"),
        ("sw", "swa"),
        ("SW", "swa"),
        ("swa", "swa"),
        ("ar_jo", "ar_jo"),
        ("xx", "xx"),
        ("pt-BR", "pt-BR"),
        ("x1", "x1"),
        ("a" * 16, "a" * 16),
    ],
)
def test_a_language_code_becomes_the_one_that_the_site_uses(code, expected, home, monkeypatch):
    monkeypatch.setenv("ZUME_SITE_URL", NOWHERE)
    assert _config.resolve(parse("--language-code", code), ()).language_code == expected


BAD_CODES = [
    "a",
    "a" * 17,
    "1a",
    "_a",
    "-a",
    "../es",
    "es/..",
    "a/b",
    "a\\b",
    "a b",
    "a.b",
    ".",
    "..",
    "ñandú",
    "es\x00",
]


@pytest.mark.parametrize("code", [*BAD_CODES, "", "es\n", " es"])
def test_what_cannot_be_a_language_code_is_refused(code):
    with pytest.raises(UsageError) as caught:
        language_codes.checked_language_code(code, "argument --language-code")

    assert repr(code) in caught.value.message
    assert "argument --language-code" in caught.value.message


@pytest.mark.parametrize("code", [code for code in BAD_CODES if "\0" not in code])
def test_a_bad_code_is_refused_wherever_it_comes_from(code, home, monkeypatch):
    with pytest.raises(UsageError, match="argument --language-code"):
        _config.resolve(parse(f"--language-code={code}"), ())

    monkeypatch.setenv("ZUME_LANGUAGE_CODE", code)
    with pytest.raises(BuilderError, match="environment ZUME_LANGUAGE_CODE") as caught:
        _config.resolve(parse(), ())
    assert caught.value.exit_code == 1

    monkeypatch.delenv("ZUME_LANGUAGE_CODE")
    write_file(home, {"language_code": code})
    with pytest.raises(BuilderError, match=r"config\.json") as caught:
        _config.resolve(parse(), ())
    assert caught.value.exit_code == 1


def test_a_bad_code_as_an_argument_is_wrong_usage_for_the_part(lone_suite, tmp_path):
    done = lone_suite.main(2, "--project-path", tmp_path, "--language-code", "../es")

    assert done.returncode == 2
    assert "../es" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("session_id", ["a", "7", "0a1b2c3d", "A_b-9", "x" * 64])
def test_a_session_id_may_have_letters_digits_and_joiners(session_id, home):
    assert _config.resolve(parse("--session-id", session_id), ()).session_id == session_id


@pytest.mark.parametrize("session_id", ["", ".", "..", "../x", "x/y", "x\\y", "-x", "_x", "x y", "é", "x" * 65, "x\n"])
def test_what_cannot_name_a_session_folder_is_refused(session_id):
    with pytest.raises(UsageError, match="session id"):
        _config.checked_session_id(session_id, "argument --session-id")


def test_a_bad_session_id_in_the_environment_is_refused_with_its_source(home, monkeypatch):
    monkeypatch.setenv("ZUME_SESSION_ID", "../x")

    with pytest.raises(BuilderError, match="environment ZUME_SESSION_ID") as caught:
        _config.resolve(parse(), ())
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("folder", "code", "warned"),
    [
        ("es", "fr", True),
        ("ES", "fr", True),
        ("sw", "es", True),
        ("es", "es", False),
        ("sw", "swa", False),
        ("swa", "sw", False),
        ("packages", "fr", False),
        ("xx", "fr", False),
    ],
)
def test_a_folder_that_bears_another_languages_code_is_warned_about(folder, code, warned, home, capsys):
    _config.resolve(parse("--project-path", f"/packages/{folder}", "--language-code", code), BOTH)

    shown = capsys.readouterr()
    assert ("Warning" in shown.err) == warned
    assert (absolute(f"/packages/{folder}") in shown.err) == warned
    assert shown.out == ""


def test_a_project_path_is_made_absolute_and_a_tilde_is_the_users_home(home, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(USERS_HOME, str(tmp_path / "user"))

    assert _config.resolve(parse("--project-path", "packages/es"), ()).project.path == tmp_path / "packages" / "es"
    assert _config.resolve(parse("--project-path", "~/es"), ()).project.path == tmp_path / "user" / "es"


def test_the_file_is_found_from_zume_home_and_not_from_the_working_directory(lone_suite, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write_file(elsewhere, {"language_code": "fr"})
    write_file(lone_suite.home, {"language_code": "es"})

    done = subprocess.run(
        lone_suite.command(2, "--show-config"),
        env=lone_suite.environment,
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )

    assert lines_about(done.stdout)["language_code"] == ("es", str(lone_suite.home / ".config.json"))


@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_zume_home_the_home_is_the_folder_of_build_py(value, monkeypatch, tmp_path):
    monkeypatch.delenv("ZUME_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("ZUME_HOME", value)
    monkeypatch.chdir(tmp_path)

    assert builders_home() == ROOT
    assert (builders_home() / "build.py").is_file()


def test_the_configuration_needs_no_heavy_import():
    heavy = ("selenium", "requests", "PIL", "flask")
    script = f"import _config, sys; print([name for name in {heavy!r} if name in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT / "parts")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
