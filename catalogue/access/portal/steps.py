"""Pages of long lists that are not counted: this one, and whether there is a next."""

from __future__ import annotations


def read_page(text: str) -> int:
    """Return the number of a page from an address, 1 where it is none."""
    return min(max(int(text), 1), 10_000) if text.isdecimal() and len(text) < 6 else 1
