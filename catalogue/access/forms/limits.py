"""How large a form and its answers may be, and a look at foreign JSON that cannot be led astray."""

from __future__ import annotations

from typing import Any, Final

MAX_QUESTIONS: Final = 200
MAX_SECTIONS: Final = 30
MAX_OPTIONS: Final = 500
MAX_ENTRIES: Final = 100
MAX_SIGNS: Final = 20_000  # of one answer
MAX_TEXT: Final = 4_000  # of a label or help
FORM_SIZE: Final = (20_000, 400_000, 16)
ANSWERS_SIZE: Final = (50_000, 2_000_000, 8)
"""Nodes, signs and levels."""


def is_plain(source: Any, size: tuple[int, int, int]) -> bool:
    """Whether a value is JSON within a size; looks without recursion, so a cycle is too large."""
    most_nodes, most_signs, deepest = size
    stack: list[tuple[Any, int]] = [(source, 0)]
    nodes = signs = 0
    while stack:
        value, depth = stack.pop()
        nodes += 1
        if type(value) is str:
            signs += len(value)
            if any("\ud800" <= sign <= "\udfff" for sign in value):
                return False
        elif type(value) is dict:
            for key, item in value.items():
                if type(key) is not str:
                    return False
                stack.extend(((key, depth + 1), (item, depth + 1)))
        elif type(value) is list:
            stack.extend((item, depth + 1) for item in value)
        elif type(value) is int:
            if abs(value) >= 2**53:  # what canonical JSON can carry
                return False
        elif type(value) is float:
            if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN
                return False
        elif value is not None and type(value) is not bool:
            return False
        if nodes + len(stack) > most_nodes or signs > most_signs or depth > deepest:
            return False
    return True
