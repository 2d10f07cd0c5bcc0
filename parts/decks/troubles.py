"""What is wrong with the slides of decks: one sentence for a single slide, or one for all that have it in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from slides.causes import SlideTrouble, named, told_by_cause


@dataclass(frozen=True)
class DeckTrouble:
    """A slide of a deck that is missing or not clear.

    Attributes:
        slide: which one; its reason is that of part 3.
        told: a whole sentence about it.
        cause: what it has in common with others, as the beginning of a sentence that then names them; "" for nothing.
        remedy: what to do about all of them, or "".
    """

    slide: SlideTrouble
    told: str
    cause: str = ""
    remedy: str = ""


# The cause of a slide of which the package has nothing; then the reason of part 3 tells more.
NO_PICTURE = "No picture"


def troubles_told(troubles: Iterable[DeckTrouble]) -> list[str]:
    """Return sentences about all slides; those with one cause share one."""
    by_cause: dict[tuple[str, str], list[DeckTrouble]] = {}
    alone = []
    for trouble in troubles:
        if trouble.cause:
            by_cause.setdefault((trouble.cause, trouble.remedy), []).append(trouble)
        else:
            alone.append(trouble.told)
    sentences = []
    for (cause, remedy), befallen in by_cause.items():
        slides = [trouble.slide for trouble in befallen]
        if len(befallen) == 1:
            sentences.append(befallen[0].told)
        elif cause == NO_PICTURE:
            sentences += [f"{cause}: {sentence}" for sentence in told_by_cause(slides)]
        else:
            sentences.append(f"{cause}: {named(slides)}. {remedy}".strip())
    return sentences + alone
