"""Part 4, killed at a moment that the test chooses."""

from __future__ import annotations

import subprocess
import sys

from suite import PARTS, clean_environment

# Runs part 4, and kills it with the signal that nothing can catch when it is about to use the file system for the
# N-th time. The system tells of each use (Python's audit events), whatever function the code goes through.
KILLED = """
import os, runpy, signal, sys
path, project, left = sys.argv[1], sys.argv[2], int(sys.argv[3])
TOUCHING = {"open", "os.link", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "shutil.copyfile"}
def count(event, arguments):
    global left
    name = arguments[0] if arguments else None
    changes = event != "open" or (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR))
    if event in TOUCHING and changes:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        print(event, file=sys.stderr)
sys.addaudithook(count)
sys.path.insert(0, os.path.dirname(path))
sys.argv = [path, "-p", project, "--link", sys.argv[4]]
runpy.run_path(path, run_name="__main__")
"""

# A prelude for systems that cannot exchange two folders.
WITHOUT_EXCHANGE = f"""
import sys
sys.path.insert(0, {str(PARTS[4].parent)!r})
import common.filesystem, errno
def exchange(*_):
    raise OSError(errno.EINVAL, "")
common.filesystem.exchange = exchange
"""


def run_and_kill(course, moment, link, prelude=""):
    """Run part 4 and kill it before it uses the file system once more than so many times; its uses are on stderr."""
    command = [sys.executable, "-c", prelude + KILLED, PARTS[4], course.project.path, moment, link]
    # What Python itself writes when a module is new to it would be counted in the first run and in no later one.
    environment = clean_environment(ZUME_HOME=str(course.project.path.parent), PYTHONDONTWRITEBYTECODE="1")
    return subprocess.run([*map(str, command)], env=environment, capture_output=True, text=True, check=False)
