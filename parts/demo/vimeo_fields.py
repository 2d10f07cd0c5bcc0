"""The ``fields`` parameter: trims an answer to what was asked for."""

from __future__ import annotations

from typing import Any

Tree = dict[str, "Tree"]


def trim(answer: Any, fields: str | None) -> Any:
    """Return the answer with nothing but the named fields.

    Args:
        answer: what JSON can hold; a name goes through lists to each of their items.
        fields: names separated by commas, with dots for nested ones (``total,data.name``); None or blank for all.
    """
    tree = _parse(fields or "")
    return _pick(answer, tree) if tree else answer


def _parse(fields: str) -> Tree:
    tree: Tree = {}
    for name in filter(None, (name.strip() for name in fields.split(","))):
        branch = tree
        for step in name.split("."):
            branch = branch.setdefault(step, {})
    return tree


def _pick(value: Any, tree: Tree) -> Any:
    if not tree:  # the end of a name: all of it
        return value
    if isinstance(value, list):
        return [_pick(item, tree) for item in value]
    if isinstance(value, dict):
        return {name: _pick(value[name], branch) for name, branch in tree.items() if name in value}
    return value
