"""How often each program was right on the labelled sample: to show beside what it proposes.

Read from measured.toml, which `python -m benchmarks.enrichment --write` writes.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

_FILE = Path(__file__).with_name("measured.toml")
BAND_WIDTH = 0.05
_Z = 1.96  # of a normal distribution, for 95 %


@dataclass(frozen=True, slots=True)
class Band:
    """Suggestions of one program with a confidence from `start` to the next band's."""

    start: float
    made: int
    right: int


@dataclass(frozen=True, slots=True)
class Precision:
    """Of `made` suggestions on the labelled sample, `right` were right."""

    made: int
    right: int

    @property
    def share(self) -> float | None:
        """The share that was right; None when none was made, as nothing is known then."""
        return self.right / self.made if self.made else None

    @property
    def at_least(self) -> float:
        """The lower end of the 95 % interval of the share (Wilson's score interval); 0 of none."""
        if not self.made:
            return 0.0
        share, n = self.right / self.made, self.made
        middle = share + _Z**2 / (2 * n)
        spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        return (middle - spread) / (1 + _Z**2 / n)


@cache
def read_bands() -> Mapping[str, tuple[Band, ...]]:
    """Return each program's bands, the least sure first."""
    document = tomllib.loads(_FILE.read_text("utf-8"))
    return MappingProxyType(
        {
            name: tuple(Band(band["from"], band["made"], band["right"]) for band in table["bands"])
            for name, table in document.items()
            if isinstance(table, dict)
        }
    )


def measured_precision(program: str, confidence: float) -> Precision:
    """Return how often the program was right in the band of this confidence and those above it."""
    bands = [band for band in read_bands().get(program, ()) if band.start > confidence - BAND_WIDTH + 1e-9]
    return Precision(sum(band.made for band in bands), sum(band.right for band in bands))
