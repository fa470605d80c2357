r"""Regular expressions that a form may ask for: a small part of them, with a bound on the work of a match.

Patterns come from people who edit forms and run on what applicants write, with Python's backtracking
matcher. So a pattern is read here first. It has: literals, classes, . and \d \w \s, groups with |, and
counts ? * + {n,m} of single signs; a group may be optional. Not: lookaround, references, counts of groups,
lazy counts. Without nested counts, a match tries at most the product of all choices; that product, with
* and + taken as maxLength, has a limit. Whole values are matched, in ASCII.
"""

from __future__ import annotations

import re
import warnings
from typing import Final

LONGEST: Final = 2_000
MOST_WORK: Final = 250_000
_DEEPEST: Final = 4
_HIGHEST_COUNT: Final = 1_000
_COUNTS: Final = frozenset({"?", "*", "+", "{"})
_CLASSES: Final = "dDwWsS"
_COUNT = re.compile(r"\{(\d{1,4})(,(\d{0,4}))?\}", re.ASCII)


class UnsafePattern(ValueError):
    """The pattern is not in the part that is allowed; the words say why."""


def check_pattern(pattern: str, max_length: int) -> None:
    """Raise UnsafePattern unless the pattern can be matched with bounded work on so many signs."""
    if len(pattern) > 500:
        raise UnsafePattern("it is longer than 500 signs")
    if not pattern.startswith("^") or not pattern.endswith("$") or len(pattern) < 2:
        raise UnsafePattern("begin it with ^ and end it with $")
    reader = _Reader(pattern[1:-1], max_length)
    work = reader.read_choices(0)
    if reader.at < len(reader.text):
        raise UnsafePattern(f"there is a ) too many at sign {reader.at + 2}")
    if work > MOST_WORK:
        raise UnsafePattern("it leaves too many ways to match; use fewer * and +, or a smaller maxLength")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern[1:-1], re.ASCII)
    except (re.error, Warning, OverflowError) as error:
        raise UnsafePattern(str(error)) from None


def is_match(pattern: str, text: str) -> bool:
    """Whether a checked pattern matches the whole text."""
    return len(text) <= LONGEST and re.fullmatch(pattern[1:-1], text, re.ASCII) is not None


class _Reader:
    """Reads a pattern from left to right and counts the ways to match."""

    def __init__(self, text: str, max_length: int) -> None:
        self.text, self.at, self.max_length = text, 0, max_length

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def read_choices(self, depth: int) -> int:
        if depth > _DEEPEST:
            raise UnsafePattern(f"groups are nested more than {_DEEPEST} deep")
        work = self.read_sequence(depth)
        while self.peek() == "|":
            self.at += 1
            work += self.read_sequence(depth)
        return work

    def read_sequence(self, depth: int) -> int:
        work = 1
        while self.peek() not in {"", "|", ")"}:
            work = min(work * self.read_piece(depth), MOST_WORK + 1)
        return work

    def read_piece(self, depth: int) -> int:
        if self.peek() != "(":
            self.read_sign()
            return self.read_count(is_group=False)
        self.at += 1
        if self.peek() == "?":
            if self.text[self.at : self.at + 2] != "?:":
                raise UnsafePattern("of groups with (? only (?: can be used")
            self.at += 2
        inner = self.read_choices(depth + 1)
        if self.peek() != ")":
            raise UnsafePattern("a ) is missing")
        self.at += 1
        return inner + self.read_count(is_group=True) - 1

    def read_sign(self) -> None:
        sign = self.peek()
        self.at += 1
        if sign == "[":
            self.read_class()
        elif sign == "\\":
            self.read_escape()
        elif sign in {"*", "+", "?", "{", "}", "^", "$", "]"}:
            raise UnsafePattern(f"{sign} at sign {self.at + 1} must be written \\{sign}")

    def read_escape(self) -> None:
        sign = self.peek()
        self.at += 1
        if not sign or (sign.isalnum() and sign not in _CLASSES) or sign == "_":
            raise UnsafePattern(f"\\{sign} cannot be used")

    def read_class(self) -> None:
        if self.peek() == "^":
            self.at += 1
        first = True
        while (sign := self.peek()) != "]" or first:
            self.at += 1
            if not sign or sign == "[":
                raise UnsafePattern("a class [...] is not closed, or has a [ that is not written \\[")
            if sign == "\\":
                self.read_escape()
            first = False
        self.at += 1

    def read_count(self, *, is_group: bool) -> int:
        """Return how many numbers of repetitions a count leaves open; 1 without a count."""
        sign = self.peek()
        if sign not in _COUNTS:
            return 1
        ways = self.max_length + 1
        if sign == "{":
            found = _COUNT.match(self.text, self.at)
            if not found:
                raise UnsafePattern("a count is written {2}, {2,} or {2,5}")
            low = int(found[1])
            high = low if found[2] is None else int(found[3]) if found[3] else None
            if (high or low) > _HIGHEST_COUNT or (high is not None and high < low):
                raise UnsafePattern(f"counts go up to {_HIGHEST_COUNT}, the lower first")
            ways = ways if high is None else high - low + 1
            self.at = found.end()
        else:
            ways = 2 if sign == "?" else ways
            self.at += 1
        if is_group and sign != "?":
            raise UnsafePattern("a group can be optional (?), but not repeated")
        if self.peek() in _COUNTS:
            raise UnsafePattern("a count cannot be counted")
        return ways
