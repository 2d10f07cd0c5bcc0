"""The list of the languages at a terminal, in columns."""

from __future__ import annotations

from common.console import literal, show, stdout
from course.languages import Language, all_languages

# How many columns of the screen a language needs at least, with a blank after each: for its code, for the words of its
# English name, and for its native name, which stays in one piece.
_CODE, _NAME, _NATIVE = 5, 15, 17
_NEEDED = _CODE + _NAME + _NATIVE + 3


def show_languages() -> None:
    """Print all languages by their English names, down the columns of as many lists as the screen has room for."""
    from rich.table import Table

    # No column is narrower than its longest word, so that none is broken.
    lists = max(1, (stdout().width + 1) // _NEEDED)
    languages = sorted(all_languages(), key=lambda language: language.name.casefold())
    rows = -(-len(languages) // lists)
    content = Table.grid(padding=(0, 1))
    for _ in range(lists):
        # A native name that is read from right to left never begins a line: some terminals would turn the line round.
        content.add_column(no_wrap=True, min_width=_CODE)
        content.add_column()
        content.add_column(no_wrap=True)
    for row in range(rows):
        content.add_row(*(cell for language in languages[row::rows] for cell in _cells(language)))
    show(content)


def _cells(language: Language) -> tuple[str, str, str]:
    return (language.code, literal(language.name), literal(language.native_name))
