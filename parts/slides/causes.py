"""Tells what is wrong with slides by its causes: each cause is said once, and each slide is named once for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from urllib.parse import unquote

from common.console import counted
from common.formats import each_once
from course.curricula import Curriculum, Slide
from slides.entry import Entry

# How many slides are named for one cause, and how many causes are told; the manifest has them all.
_MOST_NAMED = 12
_MOST_CAUSES = 12
# For so few slides, and headings so short, a slide is told by its heading as well.
_MOST_HEADINGS = 3
_LONGEST_HEADING = 30

# What the site does not deliver, as ``presenter.js`` says it. The last group is there if it came too late.
_LACK = re.compile(r"(picture|icon|font|style sheet) (.+?) did not load(?: in ([0-9.]+) s)?")
_STYLE_OF_FONT = re.compile(r"^\w+ \w+ [0-9.]+px ")
# What of a reason is about the one slide, and what stands for it where the same befalls others.
_OF_ONE_SLIDE = (
    (re.compile(r"\?session=[^\s]*?(?=[.,;:]?(?:\s|$))"), ""),
    (re.compile(r"the page shows (?:another )?slide \S+(?: instead)?"), "the page shows another slide"),
    (re.compile(r"the page shows session \S+"), "the page shows another session"),
    (re.compile(r"(the browser broke down again and again) \(.*\)", re.DOTALL), r"\1"),
)


@dataclass(frozen=True)
class SlideTrouble:
    """A slide with which something is wrong.

    Attributes:
        folder: of the curriculum, e.g. ``10``.
        name: the slide's, as ``slide_names`` has it.
        reason: what is wrong, as the manifest has it; "" if there is nothing more to say.
        heading: what stands at its top, or "".
    """

    folder: str
    name: str
    reason: str
    heading: str = ""


def slide_names(slides: Iterable[Slide]) -> dict[str, str]:
    """Return what to call the slides of a curriculum: by their keys, with the session where others have the same key.

    Returns:
        By the slides' own names, e.g. ``session_3_t4_c``: ``t4_c``; ``session_3_final``: ``final of session 3``.
    """
    each = {slide.name: slide for slide in slides}
    often = Counter(slide.key for slide in each.values())
    return {
        name: slide.key if often[slide.key] == 1 else f"{slide.key} of session {slide.session}"
        for name, slide in each.items()
    }


def troubles_of(curriculum: Curriculum, entries: Iterable[Entry], befallen: Iterable[Entry]) -> list[SlideTrouble]:
    """Return what a manifest says is wrong with slides.

    Args:
        curriculum: whose slides they are.
        entries: all of its manifest.
        befallen: those with which something is wrong.
    """
    names = slide_names(entry.slide for entry in entries)
    return [
        SlideTrouble(curriculum.folder, names[each.slide.name], each.error or "", each.texts.heading)
        for each in befallen
    ]


def cause_of(reason: str) -> str:
    """Return a reason without what of it is about one slide: two slides with the same cause have the same text."""
    for pattern, instead in _OF_ONE_SLIDE:
        reason = pattern.sub(instead, reason)
    return reason.strip().removesuffix(".")


def is_lack(reason: str) -> bool:
    """Say whether the only fault is what the site does not deliver, so that --allow-flawed would keep the slide."""
    return bool(reason) and all(_LACK.fullmatch(part) for part in reason.split("; "))


def told_by_cause(troubles: Iterable[SlideTrouble], advice: str = "") -> list[str]:
    """Return a sentence for each cause, with the slides that it befell, those with the most slides first.

    Args:
        troubles: what is wrong, in course order.
        advice: what to add, in brackets, where the site does not deliver something.

    Returns:
        E.g. ``2 slides lack tree.svg: s1_1_4, t2_a (10 and 20)``. Not too many sentences: the last one says how many
        are left out.
    """
    by_cause: dict[str, list[SlideTrouble]] = {}
    for trouble in troubles:
        by_cause.setdefault(_cause_told(trouble.reason), []).append(trouble)
    ordered = sorted(by_cause.items(), key=lambda item: -number_of(item[1]))
    sentences = []
    for cause, befallen in ordered[:_MOST_CAUSES]:
        if cause and number_of(befallen) == 1 and not is_lack(befallen[0].reason):
            reasons = {trouble.reason for trouble in befallen}
            sentences.append(f"{named(befallen)}: {reasons.pop() if len(reasons) == 1 else cause}")
            continue
        hint = f" ({advice})" if advice and is_lack(befallen[0].reason) else ""
        sentences.append(f"{_subject(cause, number_of(befallen))}: {named(befallen)}{hint}")
    left_out = [trouble for _, befallen in ordered[_MOST_CAUSES:] for trouble in befallen]
    if left_out:
        sentences.append(f"and {counted(number_of(left_out), 'slide')} more, which manifest.json lists")
    return sentences


def number_of(troubles: Iterable[SlideTrouble]) -> int:
    """Return how many slides these are: one that is in several curricula is one slide."""
    counts: dict[str, Counter[str]] = {}
    for trouble in troubles:
        counts.setdefault(trouble.folder, Counter())[trouble.name] += 1
    return reduce(or_, counts.values(), Counter()).total()


def named(troubles: Sequence[SlideTrouble]) -> str:
    """Return the names of slides, each once, with where they are: ``t2_a, t7_d (10 and 20); s1_1_4 (10)``."""
    names: dict[str, list[str]] = {}
    for trouble in troubles:
        names.setdefault(trouble.folder, []).append(trouble.name)
    folders: dict[str, list[str]] = {}
    for folder, its_names in names.items():
        for name in each_once(its_names):
            folders.setdefault(name, []).append(folder)
    headings = _headings(troubles) if len(folders) <= _MOST_HEADINGS else {}
    shown = dict(list(folders.items())[:_MOST_NAMED])
    by_place: dict[str, list[str]] = {}
    for name, places in shown.items():
        by_place.setdefault(joined(places), []).append(f"{name}{headings.get(name, '')}")
    text = "; ".join(f"{', '.join(there)} ({places})" for places, there in by_place.items())
    unnamed = len(folders) - len(shown)
    return text + (f" and {unnamed} more, which manifest.json lists" if unnamed else "")


def _headings(troubles: Iterable[SlideTrouble]) -> Mapping[str, str]:
    return {
        each.name: f" “{each.heading}”" for each in troubles if each.heading and len(each.heading) <= _LONGEST_HEADING
    }


def joined(words: Sequence[str]) -> str:
    """Return words as a sentence has them: ``10, 20 and intensive``."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _cause_told(reason: str) -> str:
    """Return a cause as the verb and object of a sentence about slides, or as it is if it is something else."""
    if not is_lack(reason):
        return cause_of(reason)
    found = [_LACK.fullmatch(part) for part in reason.split("; ")]
    lacking = list(dict.fromkeys(_short(match[1], match[2]) for match in found if match and not match[3]))
    late = list(dict.fromkeys((_short(match[1], match[2]), match[3]) for match in found if match and match[3]))
    phrases = [f"lack {joined(lacking)}"] if lacking else []
    phrases += [f"did not get {joined([what for what, _ in late])} within {late[0][1]} s (--wait)"] if late else []
    return " and ".join(phrases)


def _short(kind: str, name: str) -> str:
    """Return what to call something that the site does not deliver: a file by its name."""
    if kind == "font":
        return f"the font {_STYLE_OF_FONT.sub('', name)}"
    return unquote(re.split(r"[?#]", name)[0].rpartition("/")[2]) or name


def _subject(cause: str, number: int) -> str:
    """Return how many slides a cause befell, and what it is, as the beginning of a sentence."""
    slides = counted(number, "slide")
    if not cause:
        return slides
    if cause.startswith("lack "):
        return f"{slides} {'lacks' if number == 1 else 'lack'}{cause.removeprefix('lack')}"
    if cause.startswith("did not get "):
        return f"{slides} {cause}"
    return f"{cause} on {slides}"
