"""Finding records of one dataset: how right it is on labelled pairs, and how long the corpus takes.

    python -m benchmarks.matching --labelled            # precision and recall; --errors 20 shows wrong ones
    python -m benchmarks.matching --corpus              # minutes, pairs and peak memory on 62,941 records

The labelled pairs are those of benchmarks/matching_labels.py. Exit status 1 when a set's sure pairs are
less than 99 % right.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import msgspec

from benchmarks.corpus_records import iterate_records
from benchmarks.matching_labels import (
    Json,
    LabelledSet,
    corpus_size,
    corpus_to_json,
    name_source,
    read_corpus,
    read_files,
    read_worn,
)
from benchmarks.workplace import read_peak_mib
from catalogue.matching.ambiguity import find_ambiguous, make_likely
from catalogue.matching.candidates import CandidateReport, find_candidates
from catalogue.matching.keys import make_keys
from catalogue.matching.profile import Profile, make_profile
from catalogue.matching.score import Match, compare

WANTED_PRECISION = 0.99


@dataclass(slots=True)
class Outcome:
    """Verdicts of a labelled set. `right` and `wrong` count pairs of different sources by verdict."""

    positives: int = 0
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[str, str, Match]] = field(default_factory=list)

    def precision(self, *verdicts: str) -> float:
        """Return the share of pairs with these verdicts that are one dataset."""
        right = sum(self.right[verdict] for verdict in verdicts)
        return right / max(right + sum(self.wrong[verdict] for verdict in verdicts), 1)

    def recall(self, *verdicts: str) -> float:
        """Return the share of pairs of one dataset that got one of these verdicts."""
        return sum(self.right[verdict] for verdict in verdicts) / max(self.positives, 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labelled", action="store_true")
    parser.add_argument("--corpus", action="store_true")
    parser.add_argument("--only", choices=("files", "corpus", "worn"))
    parser.add_argument("--errors", type=int, default=0, help="so many wrong or missed pairs are shown")
    options = parser.parse_args()
    if not (options.labelled or options.corpus):
        parser.error("say what to measure: --labelled, --corpus or both")
    if options.corpus:
        run_corpus()
    if options.labelled:
        readers = {"files": read_files, "corpus": read_corpus, "worn": read_worn}
        chosen = {name: reader for name, reader in readers.items() if options.only in {None, name}}
        sys.exit(not run_labelled(chosen, options.errors))


def run_labelled(readers: Mapping[str, Callable[[], LabelledSet]], errors: int) -> bool:
    """Print a row for each set; say whether all are precise enough."""
    print("| set | records | pairs | proposed | sure: precision | recall | with likely: precision | recall |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    is_good = True
    for name, reader in readers.items():
        labelled = reader()
        outcome = judge_pairs(labelled)
        print(
            f"| {name} | {len(labelled.records):,} | {outcome.positives:,} "
            f"| {outcome.recall('sure', 'likely', 'different', 'version'):.3f} "
            f"| {outcome.precision('sure'):.4f} ({outcome.right['sure']:,} right, {outcome.wrong['sure']} wrong) "
            f"| {outcome.recall('sure'):.3f} "
            f"| {outcome.precision('sure', 'likely'):.3f} | {outcome.recall('sure', 'likely'):.3f} |",
            flush=True,
        )
        for left, right, match in outcome.errors[:errors]:
            print_pair(labelled, left, right, match)
        is_good = is_good and outcome.precision("sure") >= WANTED_PRECISION
    return is_good


def judge_pairs(labelled: LabelledSet) -> Outcome:
    """Return what the matcher makes of a labelled set. Only pairs of different sources can be right."""
    outcome = Outcome(positives=labelled.count_pairs())
    profiles = lru_cache(maxsize=20_000)(lambda name: make_profile(labelled.records[name]))
    found = list(match_all(labelled.records, profiles, labelled.sources))
    ambiguous = find_ambiguous(found, labelled.sources.__getitem__)
    for left, right, stated in found:
        match = make_likely(stated) if (left, right) in ambiguous else stated
        is_one = labelled.truth[left] == labelled.truth[right]
        if is_one and labelled.sources[left] == labelled.sources[right]:
            continue
        (outcome.right if is_one else outcome.wrong)[match.verdict] += 1
        if is_one != (match.verdict == "sure") and (is_one or match.verdict == "sure"):
            outcome.errors.append((left, right, match))
    outcome.errors.sort(key=lambda error: error[2].verdict != "sure")
    return outcome


def match_all(
    records: Mapping[str, Json],
    profiles: Callable[[str], Profile],
    sources: Mapping[str, str],
    report: CandidateReport | None = None,
) -> Iterator[tuple[str, str, Match]]:
    """Yield the candidates with their match."""
    report = report if report is not None else CandidateReport()
    keyed = ((name, make_keys(make_profile(data))) for name, data in records.items())
    for candidate in find_candidates(keyed, report):
        left, right = candidate.left, candidate.right
        one_source = sources[left] == sources[right]
        yield (
            left,
            right,
            compare(profiles(left), profiles(right), one_source=one_source, ignored=report.crowded),
        )


def print_pair(labelled: LabelledSet, left: str, right: str, match: Match) -> None:
    print(f"\n  {match.verdict} {match.score}: {labelled.sources[left]} / {labelled.sources[right]}")
    for fact in match.evidence:
        print(f"    {fact.weight:+} {fact.kind} {' | '.join(value[:90] for value in fact.values)}")


class RecordFile(Mapping[str, Json]):
    """Records on disk, read back one at a time: what the database is to the catalogue."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._places: dict[str, tuple[int, int]] = {}

    def add(self, name: str, data: Json) -> None:
        body = msgspec.json.encode(data)
        self._places[name] = (self._file.seek(0, 2), len(body))
        self._file.write(body)

    def __getitem__(self, name: str) -> Json:
        offset, length = self._places[name]
        self._file.seek(offset)
        return msgspec.json.decode(self._file.read(length))

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def close(self) -> None:
        self._file.close()


def run_corpus() -> None:
    """Print what the whole corpus takes."""
    with tempfile.TemporaryDirectory() as folder:
        records = RecordFile(Path(folder) / "records")
        sources: dict[str, str] = {}
        for number, record in enumerate(iterate_records(corpus_size())):
            name = f"{number:07}"
            records.add(name, corpus_to_json(record))
            sources[name] = name_source(record)
        before_mib = read_peak_mib()
        report = CandidateReport()
        started = time.perf_counter()
        profiles = lru_cache(maxsize=5_000)(lambda name: make_profile(records[name]))
        verdicts = Counter(match.verdict for _, _, match in match_all(records, profiles, sources, report))
        seconds = time.perf_counter() - started
        records.close()
    crowded = Counter(key.kind for key in report.crowded)
    print(f"{len(sources):,} records, {report.keys:,} keys, {report.blocks:,} blocks, {report.pairs:,} pairs")
    print(f"{seconds / 60:.1f} minutes, {report.pairs / seconds:,.0f} pairs/s")
    print(f"peak {read_peak_mib():.0f} MiB, {before_mib:.0f} MiB of it before matching began")
    print("verdicts:", ", ".join(f"{name} {count:,}" for name, count in verdicts.most_common()))
    print("left out as too common:", ", ".join(f"{kind} {count:,}" for kind, count in crowded.most_common()))


if __name__ == "__main__":
    main()
