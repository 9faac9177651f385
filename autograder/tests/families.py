"""Tests that differ in a name or a seed only are a family: some members are always run, all of them by `make test-all`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def members(family: Iterable[str], always: Collection[str]) -> list[Any]:
    """The members as parameters of a test; those not in `always` carry the mark `family`, which `make test` leaves out."""
    names = list(family)
    assert set(always) <= set(names), "a member that is always run must be one of the family"
    return [pytest.param(name, marks=() if name in always else pytest.mark.family) for name in names]
