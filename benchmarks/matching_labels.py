"""Records of which it is known which two describe one dataset, with all that says so taken away.

Two records are one dataset when they share a DOI, landing page, IRI or identifier; then these fields
are removed, so that the matcher has to find the pair by the rest. Every other pair is a negative.

- `files`: the real input files beside the checkout, as their formats read them; each folder's file is a source
- `corpus`: the corpus files, each record as its own file has it and as the load corpus has it
- `worn`: the corpus, and every third of it again as an aggregator may show it: cut, retagged, renamed; of
  half of those, the aggregator has the only copy, so that a look-alike can be taken for its original
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.corpus_records import CORPUS, CorpusRecord, iterate_records
from benchmarks.shared_files import DATA, list_file, list_paths, parse_remote
from catalogue.errors import CatalogueError
from catalogue.matching.profile import make_profile

Json = dict[str, Any]

_ADDRESS = re.compile(r"https?://\S+")
_HIDDEN = ("iri", "identifiers", "landing_pages", "relations")
_SHOWN_BY_AGGREGATORS = 240  # characters of a description


@dataclass(slots=True)
class LabelledSet:
    """Records of several sources, by name; `truth` says which dataset a record is of."""

    name: str
    records: dict[str, Json] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    truth: dict[str, int] = field(default_factory=dict)

    def add(self, source: str, data: Json, dataset: int) -> None:
        """Add a record with its identity hidden."""
        name = f"{len(self.records):07}"
        self.records[name], self.sources[name], self.truth[name] = hide_identity(data), source, dataset

    def count_pairs(self) -> int:
        """Return how many pairs of records from different sources are of one dataset."""
        members: dict[int, list[str]] = {}
        for name, dataset in self.truth.items():
            members.setdefault(dataset, []).append(self.sources[name])
        return sum(
            source != other
            for sources in members.values()
            for number, source in enumerate(sources)
            for other in sources[:number]
        )


def hide_identity(data: Json) -> Json:
    """Return a record without what tells which one it is, addresses in its description included."""
    hidden = {name: value for name, value in data.items() if name not in _HIDDEN}
    hidden["description"] = [
        {**text, "value": _ADDRESS.sub("", text["value"])} for text in data.get("description", ())
    ]
    return hidden


def read_files() -> LabelledSet:
    """Return the records of the real input files."""
    found = LabelledSet("files")
    rows = [(str(path.relative_to(DATA)), data) for path, data in _parse_files()]
    datasets = join_by_names([name_record(data) for _, data in rows])
    for (source, data), dataset in zip(rows, datasets, strict=True):
        found.add(source, data, dataset)
    return found


def _parse_files() -> Iterator[tuple[Any, Json]]:
    for path, protocol in list_paths():
        try:
            remotes = [remote for page in list_file(path, protocol) for remote in page.records]
        except CatalogueError:
            continue
        for remote in remotes:
            try:
                yield path, parse_remote(remote)
            except CatalogueError:
                continue  # benchmarks/shared_files.py tells why


def name_record(data: Json) -> frozenset[str]:
    """Return all that a record is called, its publisher's own numbers included."""
    profile = make_profile(data)
    return profile.names | profile.local_identifiers | ({data["iri"]} if data.get("iri") else set())


def join_by_names(names: list[frozenset[str]]) -> list[int]:
    """Return a number for each set of names: the same for those that a chain of shared names links."""
    leads = list(range(len(names)))

    def find(number: int) -> int:
        while leads[number] != number:
            number = leads[number]
        return number

    first: dict[str, int] = {}
    for number, own in enumerate(names):
        for name in own:
            other = first.setdefault(name, number)
            leads[max(find(number), find(other))] = min(find(number), find(other))
    return [find(number) for number in range(len(names))]


def read_corpus() -> LabelledSet:
    """Return the load corpus, and its records again as the files that it was made of have them."""
    found = LabelledSet("corpus")
    datasets: dict[str, int] = {}
    for record in iterate_records(corpus_size(), real=True):
        key = record.landing_page or record.iri
        found.add(name_source(record), corpus_to_json(record), datasets.setdefault(key, len(datasets)))
    for source, key, data in _read_originals():
        found.add(source, data, datasets.setdefault(key, len(datasets)))
    return found


def read_worn(seed: int = 1) -> LabelledSet:
    """Return the load corpus, and every third record as an aggregator may show it, half of them only so."""
    found = LabelledSet("worn")
    dice = random.Random(seed)
    for number, record in enumerate(iterate_records(corpus_size(), real=True)):
        data = corpus_to_json(record)
        if number % 6 != 3:  # of these the aggregator's copy is the only one: nothing may be sure of it
            found.add(name_source(record), data, number)
        if number % 3 == 0:
            found.add("aggregator", wear(data, dice), number)
    return found


def corpus_size() -> int:
    """Return how many records the corpus has, repeats left out."""
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        return len({json.loads(line)["id"] for line in lines})


def name_source(record: CorpusRecord) -> str:
    """Return which of the corpus's four collections a record is of."""
    for part in ("huggingface.co/datasets", "dataset/pwc", "dataset/hdruk"):
        if part in record.iri:
            return part
    return "dataportals"


def corpus_to_json(record: CorpusRecord) -> Json:
    """Return a corpus record as a record's JSON."""
    lang = record.languages[0] if len(record.languages) == 1 and len(record.languages[0]) == 2 else ""
    return _make_record(record.title, record.description, record.publisher, lang=lang) | {
        "iri": record.iri,
        "landing_pages": [record.landing_page] if record.landing_page else [],
        "keywords": [{"value": word} for word in record.keywords],
    }


def wear(data: Json, dice: random.Random) -> Json:
    """Return a record as an aggregator may show it; what it does is what real ones were seen to do."""
    worn = dict(data)
    title, description = data["title"][0], (data.get("description") or [{"value": ""}])[0]
    if dice.random() < 0.5 and len(description["value"]) > _SHOWN_BY_AGGREGATORS:
        description = {**description, "value": f"{description['value'][:_SHOWN_BY_AGGREGATORS]}…"}
    if dice.random() < 0.3:
        title, description = {"value": title["value"]}, {"value": description["value"]}
    match dice.randrange(10):
        case 0:
            title = {**title, "value": title["value"].upper()}
        case 1 if publisher := data.get("publisher"):
            title = {**title, "value": f"{title['value']} - {publisher['name'][0]['value']}"}
        case 2:
            title = {**title, "value": title["value"].replace("_", " ").replace("-", " ")}
    match dice.randrange(10):
        case 0 | 1:
            worn.pop("publisher", None)
        case 2:
            worn["publisher"] = {"name": [{"value": "Open data portal"}]}
    return {**worn, "title": [title], "description": [description], "keywords": []}


def _read_originals() -> Iterator[tuple[str, str, Json]]:
    """Yield (source, landing page or IRI, record) of the files that the load corpus was made of."""
    folder = CORPUS.parent
    with gzip.open(folder / "dataportals-19140.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            owner = (row.get("owner") or {}).get("name") or ""
            yield "portals file", row["link"], _make_record(row["name"], row.get("description") or "", owner)
    with gzip.open(folder / "hf-otdi-39869.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            data = _make_record(row["title"], row["description"], row.get("publisher") or "")
            yield "hf file", row["landing_page"], data
    with (folder / "hdruk-datasets.v2.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            iri = f"https://data.example.org/dataset/hdruk/{row['id']}"
            yield "hdruk file", iri, _make_record(row["title"], row["abstract"], row["publisher"])


def _make_record(title: str, description: str, publisher: str, *, lang: str = "") -> Json:
    return {
        "kind": "dataset",
        "title": [{"value": title, "lang": lang}],
        "description": [{"value": description, "lang": lang}] if description else [],
        **({"publisher": {"name": [{"value": publisher}]}} if publisher else {}),
    }
