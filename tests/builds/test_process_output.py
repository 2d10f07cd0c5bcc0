"""What is shown and kept of a part that runs as a process of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time

import psutil
import pytest

from builds import process
from common.workers import within
from logged_runs import DRIVER, Run, run, run_at_terminal  # noqa: F401  (fixtures)
from suite import ROOT, clean_environment
from systems import signal_named
from terminal import Terminal, open_terminal

# As print() ends a line for a pipe; a log ends its lines the same way everywhere.
LINE_END = os.linesep.encode()

# What a child says


WAIT_FOR_GO = """
import os, pathlib, time
def wait_for_go():
    deadline = time.monotonic() + 8
    while not pathlib.Path(os.environ["FOLDER"], "go").exists():
        if time.monotonic() > deadline:
            os._exit(77)
        time.sleep(0.01)
"""


@pytest.mark.parametrize("text", ["one\\n", "half a line", "a bar\\r"])
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_output_is_shown_as_it_comes_and_not_at_the_end(stream, text, run, tmp_path):
    running = run(f"import sys\n{WAIT_FOR_GO}\nsys.{stream}.write('{text}')\nwait_for_go()\nprint('two')")
    expected = text.encode().decode("unicode_escape").encode().replace(b"\n", LINE_END)

    shown = b""
    while len(shown) < len(expected):
        shown += within(20, lambda: os.read(getattr(running.process, stream).fileno(), 100))
    (tmp_path / "go").touch()
    running.finish()

    assert shown == expected
    assert running.ended == 0


def test_the_log_can_be_followed_while_the_part_runs(run, tmp_path):
    running = run(f"{WAIT_FOR_GO}\nprint('one')\nprint('two')\nwait_for_go()")
    running.wait_for("log")
    followed = running.log
    (tmp_path / "go").touch()
    running.finish()

    assert followed.startswith(b"one\n")


def test_stdout_and_stderr_are_kept_apart_without_a_terminal(run):
    running = run("import sys; print('to out'); print('to err', file=sys.stderr); print('again')")

    assert running.finish() == (b"to out" + LINE_END + b"again" + LINE_END, b"to err" + LINE_END)


def test_the_log_has_both_streams(run):
    running = run("import sys, time; print('to out'); time.sleep(0.1); print('to err', file=sys.stderr)")
    running.finish()

    assert sorted(running.log.splitlines()) == [b"to err", b"to out"]


def test_nothing_is_lost_of_much_output(run):
    # Windows is slow with the many small pieces in which a part writes.
    lines = 10_000 if sys.platform == "win32" else 100_000
    running = run(f"for number in range({lines}): print('line', number)")
    shown, _ = running.finish()

    assert running.log == b"".join(b"line %d\n" % number for number in range(lines))
    assert shown == running.log.replace(b"\n", LINE_END)


@pytest.mark.parametrize(
    "written", [b"Z\xc3\xbame \xe1\x80\x80\n", b"\xff\xfe broken\n", b"no line feed at the end", b"\n\n"]
)
def test_bytes_pass_as_they_are(written, run):
    running = run(f"import sys\nfor byte in {written!r}: sys.stdout.buffer.write(bytes([byte])); sys.stdout.flush()")

    assert running.finish()[0] == written
    assert running.log == written


def test_a_letter_is_shown_whole_also_if_it_comes_in_two_pieces(run, tmp_path):
    """The console of Windows shows two question marks for its halves."""
    write = "os.write(1, {!r})"
    first, second = (write.format(piece) for piece in ("မြ".encode()[:-1], "မြ".encode()[-1:]))
    running = run(f"{WAIT_FOR_GO}\n{first}\nwait_for_go()\n{second}")

    shown = os.read(running.process.stdout.fileno(), 100)
    (tmp_path / "go").touch()
    rest, _ = running.finish()

    assert (shown.decode(), rest.decode()) == ("မ", "ြ")


class Screen(io.TextIOWrapper):
    """What a build shows on, a terminal or not."""

    def __init__(self, is_terminal):
        super().__init__(io.BytesIO())
        self.isatty = lambda: is_terminal


@pytest.mark.parametrize(("is_terminal", "shown"), [(True, b"line\n"), (False, b"es: line\n")])
def test_on_windows_lines_at_a_terminal_have_no_mark(is_terminal, shown, monkeypatch):
    """Nobody shows several builds at one terminal."""
    screens = Screen(is_terminal), Screen(is_terminal)
    for name, screen in zip(("stdout", "stderr"), screens, strict=True):
        monkeypatch.setattr(sys, name, screen)
    monkeypatch.setattr(sys, "platform", "win32")

    with process._open_channels("es: ") as channels:
        for channel in channels:
            os.write(channel.for_child, b"line\n")
            channel.close_childs_end()
            channel.copy_to(process._Transcript(io.BytesIO(), 1, []))

    assert [screen.buffer.getvalue() for screen in screens] == [shown, shown]


def test_an_old_log_is_replaced(run, tmp_path):
    (tmp_path / "log").write_text("of an earlier run\n" * 10)
    running = run("print('new')")
    running.finish()

    assert running.log == b"new\n"


def test_the_end_of_the_log_is_not_lost_where_the_screen_is_held_up(run):
    """As by a pager, or Ctrl-S, for longer than the part lives."""
    # More than the pipe to the screen holds, less than all the pipes together.
    running = run("print('x' * 150_000)", silence=0.3)
    time.sleep(1.5)
    shown, _ = running.finish()

    assert running.log == b"x" * 150_000 + b"\n"
    assert shown == running.log.replace(b"\n", LINE_END)


# How a child ends


@pytest.mark.parametrize("code", [0, 1, 2, 77, 130])
def test_the_exit_code_is_handed_on(code, run):
    running = run(f"raise SystemExit({code})")
    running.finish()

    assert running.ended == code


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP"])
def test_a_death_by_signal_is_128_and_its_number(name, run):
    number = signal_named(name)
    # Whoever runs the tests may have had a signal ignored, as nohup does; children inherit that.
    restore = "" if name == "SIGKILL" else f"signal.signal({int(number)}, signal.SIG_DFL); "
    running = run(f"import os, signal; {restore}print('last words'); os.kill(os.getpid(), {int(number)})")
    shown, _ = running.finish()

    assert running.ended == 128 + number
    assert shown == running.log == b"last words\n"


# The stdin of a child is open and no terminal, and nothing comes after the line that says what it is for.
TELL_STDIN = """
import os, sys, threading
at_terminal, line = sys.stdin.isatty(), sys.stdin.buffer.raw.readline()
rest = []
reader = threading.Thread(target=lambda: rest.append(os.read(0, 100)), daemon=True)
reader.start()
reader.join(0.2)
print(at_terminal, line, rest)
"""
STDIN_OF_A_CHILD = b"False b'This pipe stays open as long as the build runs.\\n' []"


def test_a_childs_stdin_is_a_lifeline_and_not_that_of_the_build(run):
    running = run(TELL_STDIN, stdin=subprocess.PIPE)

    assert running.finish(b"an answer\n")[0] == STDIN_OF_A_CHILD + LINE_END


def test_a_child_gets_the_environment_that_was_given(run):
    running = run("import os; print(os.environ['GIVEN'])")

    assert running.finish()[0] == b"by driver" + LINE_END


HOLDING_GRANDCHILD = """
import os, pathlib, time
folder = pathlib.Path(os.environ["FOLDER"])
(folder / "pid").write_text(str(os.getpid()))
while not (folder / "ended").exists():
    time.sleep(0.01)
print("late", flush=True)
time.sleep(0.2)
(folder / "linger").unlink()
time.sleep(60)
"""


def test_a_grandchild_that_holds_the_output_neither_holds_up_the_end_nor_breaks_what_follows(run, tmp_path):
    (tmp_path / "linger").touch()
    running = run(
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {HOLDING_GRANDCHILD!r}])\nprint('done')",
        silence=0.4,
    )
    started = time.monotonic()
    running.wait_for("ended")

    assert time.monotonic() - started < 15
    assert running.ended == 0
    assert running.log == b"done\n"
    running.process.wait(timeout=20)
    psutil.Process(int((tmp_path / "pid").read_text())).kill()
    _, errors = running.finish()
    assert errors == b""


# At a terminal


def test_a_child_sees_a_terminal_of_the_same_size_but_not_its_stdin(run_at_terminal):
    running, shown = run_at_terminal(
        "import os, sys; print([stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)], "
        f"tuple(os.get_terminal_size(1)))\n{TELL_STDIN}",
        rows=33,
        columns=122,
    )

    assert running.ended == 0
    assert running.log == b"[False, True, True] (122, 33)\n" + STDIN_OF_A_CHILD + b"\n"
    assert shown == running.log.replace(b"\n", b"\r\n")


TELL_SIZES = """
import os, time
told = None
while told != (70, 30):
    if told != (told := tuple(os.get_terminal_size(1))):
        print(told, flush=True)
    time.sleep(0.01)
"""


def test_a_child_sees_each_new_size_of_the_terminal(tmp_path):
    environment = clean_environment(PYTHONPATH=str(ROOT / "parts"))
    command = [sys.executable, "-c", DRIVER, TELL_SIZES, str(tmp_path), "10", "5"]
    with Terminal(command, environment, tmp_path, rows=33, columns=122) as terminal:
        terminal.expect("(122, 33)")
        terminal.resize(rows=30, columns=180)
        terminal.expect("(180, 30)")
        terminal.resize(rows=30, columns=70)
        terminal.expect("(70, 30)")

        assert terminal.wait() == 0


DRAW = """
import sys
print("before")
for number in range(100):
    text = f"{{number + 1:3}} % done"
    sys.stdout.write({redraw})
    sys.stdout.flush()
print()
print("after")
"""


def test_also_at_a_terminal_the_log_can_be_followed_and_outlives_a_kill(run, tmp_path):
    """What may still change on the screen is in the log all the same."""
    ours, theirs = open_terminal()
    waiting = f"{WAIT_FOR_GO}\nprint('one')\nprint('two')\nprint('half a line', end='')\nwait_for_go()"
    running = run(waiting, stdin=theirs, stdout=theirs, stderr=theirs)
    running.wait_for("log")
    deadline = time.monotonic() + 10
    while running.log != b"one\ntwo\n":
        assert time.monotonic() < deadline, running.log
        time.sleep(0.02)
    running.process.kill()
    (tmp_path / "go").touch()
    running.process.wait()
    os.close(ours)
    os.close(theirs)

    assert running.log == b"one\ntwo\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_secret_is_not_written_into_the_log(terminal, run, run_at_terminal):
    child = "import sys, time\nfor part in ('a token-', '314', '15 b\\n'): print(part, end=''); time.sleep(0.2)"
    if terminal:
        running, _ = run_at_terminal(child)
    else:
        running = run(child)
        running.finish()

    assert running.log == b"a (secret) b\n"


@pytest.mark.parametrize(
    "redraw",
    [
        r"'\r\x1b[2K' + text",
        r"text + '\x1b[2K\r' * (number < 99)",
        r"'\x1b[1A\x1b[2K' * (number > 0) + text + '\n'",
        r"'\r' + text",
    ],
    ids=["erased", "erased after", "one line up", "overwritten"],
)
def test_a_redrawn_progress_bar_stands_in_the_log_once(redraw, run_at_terminal):
    running, shown = run_at_terminal(DRAW.format(redraw=redraw))

    assert [line for line in running.log.splitlines() if line] == [b"before", b"100 % done", b"after"]
    assert b" 37 % done" in shown


def test_bars_of_rich_stand_in_the_log_once_and_lines_above_them_stay(run_at_terminal):
    running, shown = run_at_terminal(
        "from rich.progress import Progress\n"
        "with Progress() as progress:\n"
        "    tasks = [progress.add_task(f'video {name}', total=20) for name in 'abc']\n"
        "    for number in range(20):\n"
        "        if number % 5 == 0: progress.console.print(f'[bold]received[/] {number}')\n"
        "        for task in tasks: progress.advance(task)\n"
        "        progress.refresh()\n"
        "print('after')"
    )

    assert b"\x1b[" in shown
    lines = [line.strip() for line in running.log.decode().splitlines() if line.strip()]
    assert lines[:4] == ["received 0", "received 5", "received 10", "received 15"]
    assert [line.split()[:2] for line in lines[4:7]] == [["video", name] for name in "abc"]
    assert all("100%" in line for line in lines[4:7])
    assert lines[7:] == ["after"]


@pytest.mark.parametrize("pieces", ["whole", "torn"])
@pytest.mark.parametrize(
    ("sequence", "left"),
    [
        (b"\x1b[1;31mred\x1b[0m", b"red"),
        (b"\x1b[?25lhidden\x1b[?25h", b"hidden"),
        (b"\x1b]0;title\x07text", b"text"),
        (b"\x1b]8;id=1;https://zume.training\x1b\\link\x1b]8;;\x1b\\", b"link"),
    ],
    ids=["colour", "cursor", "title", "link"],
)
def test_the_log_of_a_terminal_has_no_control_sequences(sequence, left, pieces, run_at_terminal):
    parts = [sequence] if pieces == "whole" else [bytes([byte]) for byte in sequence]
    running, shown = run_at_terminal(
        "import sys, time\n"
        f"for part in {parts!r}: sys.stdout.buffer.write(part); sys.stdout.flush(); time.sleep(0.001)\n"
        "print(' end')"
    )

    assert running.log == left + b" end\n"
    assert sequence in shown


def test_long_output_at_a_terminal_is_complete(run_at_terminal):
    running, shown = run_at_terminal("for number in range(3000): print('line', number)")

    assert running.log == b"".join(b"line %d\n" % number for number in range(3000))
    assert shown.replace(b"\r\n", b"\n") == running.log
