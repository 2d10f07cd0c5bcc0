"""The list of the languages at a terminal, in columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from common.console import on_terminal, show, stdout
from course.languages import Language, all_languages

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.control import Control
    from rich.segment import Segment

# How many columns of the screen a code, the words of an English name, and a native name in one piece need, with the
# blank after each.
_CODE, _NAME, _NATIVE = 6, 16, 18
_LONGEST_NAME = 24


def show_languages() -> None:
    """Print all languages by their English names, down the columns of as many lists as the screen has room for."""
    # Nothing need follow the last native name.
    lists = max(1, (stdout().width + 1) // (_CODE + _NAME + _NATIVE))
    languages = sorted(all_languages(), key=lambda language: language.name.casefold())
    show(_Lists(languages, lists, stdout().width // lists - _CODE - _NATIVE))


@dataclass(frozen=True)
class _Lists:
    """Languages in several lists beside each other, as rich prints it.

    Terminals do not agree on how wide the letters of India and Burma are. So each list begins where the cursor is told
    to go, whatever stands before it. A native name never begins a line: where it is read from right to left, some
    terminals would turn the line round.

    Attributes:
        languages: in their order.
        lists: how many lists.
        name_width: the columns for an English name.
    """

    languages: Sequence[Language]
    lists: int
    name_width: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment | Control]:
        from rich.cells import set_cell_size
        from rich.control import Control
        from rich.segment import Segment

        name_width = min(max(self.name_width, _NAME), _LONGEST_NAME)
        width = _CODE + name_width + _NATIVE
        rows = -(-len(self.languages) // self.lists)
        for row in range(rows):
            cells = [_lines(language, name_width) for language in self.languages[row::rows]]
            for line in zip_longest(*cells, fillvalue=("", "", "")):
                for number, (code, name, native) in enumerate(line):
                    if number and on_terminal():
                        yield Control.move_to_column(number * width)
                    is_last = number == len(line) - 1
                    yield Segment(f"{code:{_CODE}}{name:{name_width}}")
                    yield Segment(native if is_last else set_cell_size(native, _NATIVE))
                yield Segment.line()


def _lines(language: Language, name_width: int) -> list[tuple[str, str, str]]:
    """Return the lines of a language: code, a piece of the English name, and native name; no word is broken."""
    pieces = textwrap.wrap(language.name, name_width - 1, break_long_words=False)
    return [(language.code, pieces[0], language.native_name), *(("", piece, "") for piece in pieces[1:])]
