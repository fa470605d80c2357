"""Horizontal bars, drawn on the server as SVG that grows with the page: widths are per cent, heights pixels.

Labels stand above their bars, in as many lines as they need at 360 pixels' width. Colours come from the style
sheet.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

_LINE_PX = 18
_BAR_PX = 28  # the bar with the space below it
_MOST = 15
_LINE_CHARS = 38


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `width` is per cent of the page's; `is_rest`: what is not told apart."""

    lines: list[tuple[str, int]]  # words, and how far down
    count: int
    width: str
    bar_y: int
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with the words that stand for it. `rows` are all values, also those without a bar."""

    key: str
    title: str
    description: str
    bars: list[Bar]
    height: int
    rows: list[tuple[str, int]]
    left_out: int = 0


def draw_bars(key: str, title: str, description: str, values: Iterable[tuple[str, int, bool]]) -> Chart:
    """Return the chart of (label, count, whether it is the rest); the first 15 get a bar."""
    rows = list(values)
    shown = rows[:_MOST]
    largest = max((count for _label, count, _rest in shown), default=1) or 1
    bars = []
    height = 0
    for label, count, is_rest in shown:
        words = textwrap.wrap(label, _LINE_CHARS) or [""]
        lines = [(line, height + (number + 1) * _LINE_PX - 4) for number, line in enumerate(words)]
        height += len(lines) * _LINE_PX
        bars.append(Bar(lines, count, f"{max(100 * count / largest, 0.5):.1f}%", height + 2, is_rest))
        height += _BAR_PX
    table = [(label, count) for label, count, _rest in rows]
    return Chart(key, title, description, bars, height, table, len(rows) - len(shown))
