"""Answers the questions of a script in the process of the tests, as somebody at a terminal would."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from types import ModuleType

import pytest


class Answers:
    """Somebody who answers questions in order, and q when there is nothing more to answer.

    Args:
        monkeypatch: of the test.
        answers: what is typed.

    Attributes:
        questions: what was asked so far.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers: Sequence[str]) -> None:
        self.questions: list[str] = []
        self._answers = list(answers)
        monkeypatch.setattr("builtins.input", self._answer)
        monkeypatch.setattr(getpass, "getpass", self._answer)

    def _answer(self, question: str) -> str:
        self.questions.append(question)
        return self._answers[len(self.questions) - 1] if len(self.questions) <= len(self._answers) else "q"


def sit_down_at(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a script believe that somebody can be asked."""
    monkeypatch.setattr(script, "can_ask", lambda: True)
