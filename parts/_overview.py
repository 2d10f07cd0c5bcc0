"""Writes ``index.html``: a page to look through a language package without internet."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from _curriculum import Curriculum, Slide
from _languages import find_language
from _package import Item, Plan

_STYLE = """
body { font: 16px/1.4 system-ui, sans-serif; margin: 2rem; background: #f6f5f1; color: #222; }
.slides { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; }
figure { margin: 0; background: #fff; border: 1px solid #ccc; }
img, video { display: block; width: 100%; aspect-ratio: 3000 / 1680; background: #ddd; }
figcaption { padding: .3rem .5rem; font-size: .85rem; }
.missing { color: #b00020; }
@media print { figure { break-inside: avoid; } }
"""


def overview(plan: Plan, language_code: str) -> str:
    """Return the page: what is missing first, then every curriculum by session, in course order.

    Args:
        plan: the package.
        language_code: gives the title and the writing direction.
    """
    language = find_language(language_code)
    title = f"{language.name} – {language.native_name}" if language else language_code
    direction = language.direction if language else "ltr"
    missing = "".join(f"<li>{escape(sentence)}</li>" for sentence in plan.missing)
    items = {item.target.rpartition(".")[0]: item for item in plan.items}
    sections = "".join(_curriculum(curriculum, slides, items) for curriculum, slides in plan.sequences.items())
    return (
        f'<!doctype html>\n<html lang="{escape(language_code)}" dir="{direction}">\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n<h1>{escape(title)}</h1>\n"
        + (f'<ul class="missing">{missing}</ul>\n' if missing else "")
        + sections
        + "</html>\n"
    )


def _curriculum(curriculum: Curriculum, slides: Sequence[Slide], items: dict[str, Item]) -> str:
    parts = [f"<h2>{escape(curriculum.title)}</h2>\n"]
    for session, group in groupby(slides, key=lambda slide: slide.session):
        figures = "".join(_figure(curriculum, slide, items) for slide in group)
        parts.append(f'<h3>{session}</h3>\n<div class="slides">\n{figures}</div>\n')
    return "".join(parts)


def _figure(curriculum: Curriculum, slide: Slide, items: dict[str, Item]) -> str:
    item = items.get(f"{curriculum.folder}/{slide.position}")
    name = f"{slide.position} · {escape(slide.key)}"
    if item is None:
        return f'<figure class="missing"><figcaption>{name}: missing</figcaption></figure>\n'
    caption = f"<figcaption>{name}</figcaption>"
    target = escape(item.target)
    if target.endswith(".mp4"):
        return f'<figure><video src="{target}" controls preload="none"></video>{caption}</figure>\n'
    return f'<figure><a href="{target}"><img src="{target}" loading="lazy" alt=""></a>{caption}</figure>\n'
