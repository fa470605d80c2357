"""From keys to candidate pairs, in memory that does not grow with the records.

Lines are sorted in runs on disk and merged (external merge sort); records with one key form a block, and
each two of a block are a pair, named once with all the keys they share. A block of more records than its
kind allows (keys.MOST_RECORDS) proposes nothing, and is reported.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import combinations, groupby, islice
from operator import itemgetter
from typing import IO

from catalogue.matching.keys import MOST_RECORDS, Key

RUN_LINES = 250_000
"""Lines sorted in memory at a time: about 40 MB."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two records that share keys; `left` sorts before `right`."""

    left: str
    right: str
    kinds: tuple[str, ...]


@dataclass(slots=True)
class CandidateReport:
    """What finding candidates came to. `crowded`: keys that too many records share, and how many do."""

    keys: int = 0
    blocks: int = 0
    pairs: int = 0
    crowded: dict[Key, int] = field(default_factory=dict)


def find_candidates(
    records: Iterable[tuple[str, Iterable[Key]]],
    report: CandidateReport | None = None,
    *,
    run_lines: int = RUN_LINES,
) -> Iterator[Candidate]:
    """Yield each pair of records that share a key, sorted by `left`; count into `report`.

    Record names have no tab or line break. Uses a temporary folder, removed at the end.
    """
    report = report if report is not None else CandidateReport()
    with ExitStack() as files:
        lines = (
            f"{kind}\t{_one_line(value)}\t{record}\n" for record, keys in records for kind, value in keys
        )
        pairs = sort_lines(_pair_blocks(sort_lines(lines, files, run_lines), report), files, run_lines)
        split = (line.rstrip("\n").split("\t") for line in pairs)
        for (left, right), rows in groupby(split, key=itemgetter(0, 1)):
            report.pairs += 1
            yield Candidate(left, right, tuple(dict.fromkeys(row[2] for row in rows)))


def sort_lines(lines: Iterable[str], files: ExitStack, run_lines: int = RUN_LINES) -> Iterator[str]:
    """Yield lines in order; all but `run_lines` of them at a time lie in temporary files of `files`."""
    remaining = iter(lines)
    runs: list[IO[str]] = []
    while run := sorted(islice(remaining, run_lines)):
        if len(run) < run_lines and not runs:
            yield from run
            return
        file = files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n"))  # noqa: SIM115 - closed with the stack
        file.writelines(run)
        file.seek(0)
        runs.append(file)
    yield from heapq.merge(*runs)


def _pair_blocks(lines: Iterable[str], report: CandidateReport) -> Iterator[str]:
    split = (line.rstrip("\n").split("\t") for line in lines)
    for (kind, value), rows in groupby(split, key=itemgetter(0, 1)):
        limit = MOST_RECORDS[kind]
        block = list(dict.fromkeys(row[2] for row in islice(rows, limit + 1)))
        report.keys += 1
        if len(block) > limit:
            report.crowded[Key(kind, value)] = len(block) + sum(1 for _ in rows)
        elif len(block) > 1:
            report.blocks += 1
            for left, right in combinations(block, 2):
                yield f"{left}\t{right}\t{kind}\n"


def _one_line(value: str) -> str:
    return " ".join(value.split()) if not value.isprintable() else value
