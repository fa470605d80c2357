"""Logic with three values, True, False and None for unknown (Kleene's strong logic).

An unknown part makes the whole unknown only where the other parts do not settle it.
"""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None


def all_of(parts: Iterable[Truth]) -> Truth:
    """Whether all hold; True when there is none."""
    found = list(parts)
    if any(part is False for part in found):
        return False
    return None if any(part is None for part in found) else True


def any_of(parts: Iterable[Truth]) -> Truth:
    """Whether any holds; False when there is none."""
    return negate(all_of(negate(part) for part in parts))


def one_of(parts: Iterable[Truth]) -> Truth:
    """Whether exactly one holds."""
    found = list(parts)
    sure = sum(part is True for part in found)
    if sure > 1:
        return False
    return None if any(part is None for part in found) else sure == 1


def negate(part: Truth) -> Truth:
    """Return the opposite."""
    return None if part is None else not part
