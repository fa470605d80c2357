"""The records behind the benchmarks' feeds: the real corpus, or made-up records where it is absent.

The corpus (`../shared/data/corpus/mixed-load-corpus.jsonl.gz`, 62,941 descriptions of datasets from
Hugging Face, data portals, Papers with Code and HDR UK) lies beside the checkout and is not part of it.
More records than there are come by repeating them with other identifiers.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from urllib.parse import quote

CORPUS = Path(__file__).resolve().parents[2] / "shared/data/corpus/mixed-load-corpus.jsonl.gz"
IRI_BASE = "https://data.example.org/dataset/"

TOPICS = "river ice forest traffic speech image genome protein weather school budget museum radar cancer"
WORDS = TOPICS.split()


@dataclass(frozen=True, slots=True)
class CorpusRecord:
    """What the corpus says of one dataset; "" where it says nothing."""

    iri: str
    title: str
    description: str
    publisher: str
    license: str
    license_url: str
    languages: tuple[str, ...]
    keywords: tuple[str, ...]
    landing_page: str


def iterate_records(number: int, *, real: bool | None = None) -> Iterator[CorpusRecord]:
    """Yield so many records, each with an IRI of its own. `real` insists on the corpus, or on none of it."""
    real = CORPUS.is_file() if real is None else real
    return islice(repeat_corpus() if real else make_up_records(), number)


def repeat_corpus() -> Iterator[CorpusRecord]:
    """Yield the corpus without its repeats, and then all of it again under other identifiers."""
    seen: set[str] = set()
    for turn in count():
        with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                iri = name_record(row["id"], turn)
                if iri not in seen:
                    seen.add(iri)
                    yield read_row(row, iri, turn)


def name_record(identifier: str, turn: int) -> str:
    """Return a valid IRI for a corpus id (`pwc:MuMu` becomes an address), different at each turn."""
    if identifier.startswith(("http://", "https://")):
        iri = quote(identifier, safe="/:?#[]@!$&()*+,;=%~")
    else:
        iri = IRI_BASE + quote(identifier.replace(":", "/", 1))
    return f"{iri}{'&' if '?' in iri else '?'}copy={turn}" if turn else iri


def read_row(row: dict, iri: str, turn: int) -> CorpusRecord:
    return CorpusRecord(
        iri=iri,
        title=f"{row['title']} ({turn + 1})" if turn else str(row["title"]),
        description=str(row["description"]),
        publisher=row.get("publisher") or "",
        license=row.get("license") or "",
        license_url=row.get("license_url") or "",
        languages=tuple(map(str, row["language"])),
        keywords=tuple(map(str, row["keywords"])),  # some are numbers
        landing_page=row.get("landing_page") or "",
    )


def make_up_records() -> Iterator[CorpusRecord]:
    """Yield records of the corpus's usual length, made of a few words."""
    for number in count(1):
        dice = random.Random(number)
        topic = " ".join(dice.choices(WORDS, k=3))
        yield CorpusRecord(
            iri=f"{IRI_BASE}{number}",
            title=f"{topic.capitalize()} {number}",
            description=" ".join(dice.choices(WORDS, k=60)) + ".",
            publisher=f"The {dice.choice(WORDS)} office {number % 97}",
            license="CC BY 4.0",
            license_url="http://creativecommons.org/licenses/by/4.0/",
            languages=(dice.choice(("en", "sv", "de")),),
            keywords=tuple(dict.fromkeys(dice.choices(WORDS, k=5))),
            landing_page=f"https://www.example.org/{number}",
        )
