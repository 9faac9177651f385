"""A Keras model's configuration without the names of its layers, so that models built alike have the same text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


def without_names(config: str) -> str:
    """The configuration with its layers numbered in the order in which they stand, everywhere where one is named.

    Another name for each name, the same wherever it stands, so it builds the same model. Keras draws names from a counter
    that goes on through a process. Raises ValueError or RecursionError for what is no configuration.
    """
    tree = json.loads(config)
    names: dict[str, str] = {}
    for name in _names(tree):
        names.setdefault(name, f"layer_{len(names)}")
    return json.dumps(_renamed(tree, names), sort_keys=True)


def _names(tree: Any) -> Iterator[str]:
    """The names of models and their layers. A name elsewhere, as of a type of numbers, says what is computed."""
    if isinstance(tree, list):
        for item in tree:
            yield from _names(item)
    elif isinstance(tree, dict):
        if isinstance(layers := tree.get("layers"), list):
            for holder in (tree, *layers, *(layer.get("config") for layer in layers if isinstance(layer, dict))):
                if isinstance(holder, dict) and isinstance(holder.get("name"), str):
                    yield holder["name"]
        for item in tree.values():
            yield from _names(item)


def _renamed(tree: Any, names: dict[str, str]) -> Any:
    if isinstance(tree, list):
        place = len(tree) == 3 and isinstance(tree[0], str) and all(isinstance(item, int) for item in tree[1:])
        return [names.get(tree[0], tree[0]), *tree[1:]] if place else [_renamed(item, names) for item in tree]
    if not isinstance(tree, dict):
        return tree
    kept = {key: _renamed(value, names) for key, value in tree.items()}
    if isinstance(name := tree.get("name"), str):
        kept["name"] = names.get(name, name)
    return kept
