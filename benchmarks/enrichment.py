"""How often the programs that propose are right, on the labelled sample of tests/data/enrichment.

    python -m benchmarks.enrichment            print the table
    python -m benchmarks.enrichment --write    and keep it for the product, in catalogue/enrichment/measured.toml
    python -m benchmarks.enrichment --misses   and print each wrong suggestion and each label not found

Half of the sample (by a digest of the ids) was looked at while the programs were written; the other half is
held out, and its precision is printed apart. `--words` leaves the encoder out.
"""

from __future__ import annotations

import argparse
import tempfile
import tomllib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from catalogue.enrichment.distributions import list_distributions
from catalogue.enrichment.keywords import LEXICONS
from catalogue.enrichment.lexicon import Lexicon
from catalogue.enrichment.measuring import Labelled, Labels, Outcome, measure
from catalogue.enrichment.precision import BAND_WIDTH
from catalogue.enrichment.reading import read_record
from catalogue.enrichment.registry import PROGRAM_NAMES, build_concept_space, build_programs
from catalogue.enrichment.suggestions import DEFAULT_THRESHOLD
from catalogue.records import Distribution, Record, Term, Text
from catalogue.search.documents import build_document
from catalogue.search.encoder import EncoderSettings
from catalogue.search.engine import Encoder
from catalogue.search.lazy_encoder import open_encoder
from catalogue.search.vector_cache import SqliteVectorCache, encode_documents
from harvesters.samples.records import SampleRecord, load_records
from ontology.concepts import FORMATS, IANA_MEDIA_TYPE, THEMES
from ontology.licences import LICENSES
from ontology.namespaces import DATA_THEME, FILE_TYPE, LANGUAGE, LICENCE

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "data" / "enrichment"
MEASURED = ROOT / "catalogue" / "enrichment" / "measured.toml"
COMMAND = "python -m benchmarks.enrichment --write"
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
CONCEPTS = Lexicon(*(vocabulary for lexicon in LEXICONS for vocabulary in lexicon.vocabularies))
SUBJECT_LABELS = {"modality": "modality", "ml-task": "task", "disease": "disease"}


def read_sample() -> list[Labelled]:
    """Return the labelled records: those built on harvesters/samples, and those in our own file."""
    rows = tomllib.loads((SAMPLE / "samples.toml").read_text("utf-8"))
    samples = {record.id: record for record in load_records()}
    sample = [label_sample(samples[key], row) for key, row in rows.items()]
    own = tomllib.loads((SAMPLE / "records.toml").read_text("utf-8"))["record"]
    return [*sample, *(label_own(row) for row in own)]


def label_sample(sample: SampleRecord, row: Mapping) -> Labelled:
    record = Record(
        title=make_texts(sample.title),
        description=make_texts(sample.description),
        keywords=tuple(Text(word, lang) for lang, words in sample.keywords.items() for word in words),
    )
    themes = {"theme": list(sample.themes), "theme_also": row.get("theme_also", ())}
    labels = {**label_subjects({**row, **themes}), "language": label_language(row)}
    return Labelled(sample.id, read_record(record), labels)


def label_own(row: Mapping) -> Labelled:
    record = Record(
        title=make_texts(row["title"]),
        description=make_texts(row.get("description", {})),
        keywords=tuple(Text(word, lang) for lang, words in row.get("keywords", {}).items() for word in words),
        rights=tuple(Term(raw=words) for words in row.get("rights", ())),
        distributions=tuple(make_distribution(item) for item in row.get("distributions", ())),
    )
    labels = {
        **label_subjects(row),
        "language": label_language(row),
        "keywords": label_keywords(record, row),
        "format": label_distributions(record, row, "format", FILE_TYPE),
        "licence": label_distributions(record, row, "license", LICENCE),
    }
    chosen = {name: labels[name] for name in row.get("only", labels)}
    return Labelled(row["id"], read_record(record), chosen)


def label_subjects(row: Mapping) -> dict[str, Labels]:
    by_code = {iri.rpartition("/")[2]: iri for iri in CONCEPTS.concepts}
    labels = {
        name: label_codes("subjects", row, key, by_code.__getitem__) for name, key in SUBJECT_LABELS.items()
    }
    return {**labels, "theme": label_codes("themes", row, "theme", DATA_THEME)}


def label_language(row: Mapping) -> Labels:
    return label_codes("languages", row, "language", LANGUAGE)


def label_codes(path: str, row: Mapping, key: str, to_iri) -> Labels:
    def read(name: str) -> frozenset[tuple[str, str]]:
        return frozenset((path, to_iri(code)) for code in row.get(name, ()))

    return Labels(read(key), read(f"{key}_also"))


def label_keywords(record: Record, row: Mapping) -> Labels:
    by_code = {iri.rpartition("/")[2]: iri for iri in CONCEPTS.concepts}
    languages = [text.lang for text in record.title]

    def read(name: str) -> frozenset[tuple[str, str]]:
        return frozenset(
            ("keywords", CONCEPTS.label(by_code[code], lang))
            for code in row.get(name, ())
            for lang in languages
        )

    return Labels(read("keyword"), read("keyword_also"))


def label_distributions(record: Record, row: Mapping, key: str, namespace) -> Labels:
    wanted = set()
    for addressed, item in zip(list_distributions(record), row.get("distributions", ()), strict=True):
        if code := item.get(key):
            wanted.add((f"{addressed.path}.{key}", code if "/" in code else namespace(code)))
    return Labels(frozenset(wanted))


def make_distribution(item: Mapping) -> Distribution:
    media_type = item.get("media_type", "")
    return Distribution(
        title=make_texts(item.get("title", {})),
        access_urls=tuple(url for url in [item.get("access_url")] if url),
        download_urls=tuple(url for url in [item.get("download_url")] if url),
        media_type=Term(iri=IANA_MEDIA_TYPE(media_type)) if media_type else None,
        rights=(Term(raw=item["rights"]),) if "rights" in item else (),
    )


def make_texts(words: Mapping[str, str]) -> tuple[Text, ...]:
    return tuple(Text(value, lang) for lang, value in words.items())


def add_vectors(sample: list[Labelled], encoder: Encoder, work: Path) -> list[Labelled]:
    documents = [build_document(item.id, 1, item.reading.record) for item in sample]
    vectors = encode_documents(encoder, SqliteVectorCache(work / "vectors.sqlite3"), documents)
    return [
        Labelled(item.id, read_record(item.reading.record, np.asarray(vector)), item.labels)
        for item, vector in zip(sample, vectors, strict=True)
    ]


def is_held_out(item: Labelled) -> bool:
    return zlib.crc32(item.id.encode()) % 2 == 1


def print_table(outcomes: Mapping[str, Outcome], held_out: Mapping[str, Outcome]) -> None:
    print(
        f"{'program':10} {'wanted':>6} "
        + " ".join(f"{f'from {t:.1f}':>16}" for t in THRESHOLDS)
        + "   held out"
    )
    for name in PROGRAM_NAMES:
        outcome, other = outcomes[name], held_out[name]
        cells = [
            f"{outcome.precision(t):.2f}/{outcome.recall(t):.2f} ({len(outcome.made(t))})".rjust(16)
            for t in THRESHOLDS
        ]
        rest = f"{other.precision(DEFAULT_THRESHOLD):.2f}/{other.recall(DEFAULT_THRESHOLD):.2f}"
        print(
            f"{name:10} {outcome.wanted:6} {' '.join(cells)}   {rest} ({len(other.made(DEFAULT_THRESHOLD))})"
        )
    print("precision/recall (suggestions); held out: at the default threshold")


def print_misses(sample: Iterable[Labelled], outcomes: Mapping[str, Outcome]) -> None:
    for name, outcome in outcomes.items():
        for item in sorted(outcome.judged, key=lambda item: -item.confidence):
            if not item.is_right:
                print(f"{name:9} wrong   {item.confidence:.2f} {item.record:24} {shorten(item.value)}")
        found = {(item.record, item.path, item.value) for item in outcome.made(DEFAULT_THRESHOLD)}
        for labelled in sample:
            for path, value in sorted(labelled.labels.get(name, Labels()).wanted):
                if (labelled.id, path, value) not in found:
                    print(f"{name:9} missed       {labelled.id:24} {shorten(value)}")


def shorten(value: str) -> str:
    for vocabulary in (THEMES, FORMATS, LICENSES):
        if vocabulary.contains(value):
            return value.rpartition("/")[2]
    return CONCEPTS.label(value, "en") or value


def list_bands(outcome: Outcome) -> Iterator[tuple[float, int, int]]:
    """Yield (from, suggestions, right ones) for each band of confidence that has any."""
    counts: dict[int, list[int]] = {}
    for item in outcome.judged:
        band = counts.setdefault(int(item.confidence / BAND_WIDTH + 1e-9), [0, 0])
        band[0] += 1
        band[1] += item.is_right
    for number, (made, right) in sorted(counts.items()):
        yield round(number * BAND_WIDTH, 2), made, right


def write_measured(outcomes: Mapping[str, Outcome], size: int) -> None:
    lines = [
        "# How often each program was right on the labelled sample, by band of confidence: what the desk shows",
        f"# beside a suggestion and before accepting all above a confidence. Made by: {COMMAND}",
        f"records = {size}",
        f"threshold = {DEFAULT_THRESHOLD}",
    ]
    for name in PROGRAM_NAMES:
        lines += ["", f"[{name}]", f"wanted = {outcomes[name].wanted}", "bands = ["]
        lines += [
            f"  {{ from = {start}, made = {made}, right = {right} }},"
            for start, made, right in list_bands(outcomes[name])
        ]
        lines.append("]")
    MEASURED.write_text("\n".join([*lines, ""]), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mimisbrunn-benchmark")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--misses", action="store_true", help="of the half that is not held out")
    parser.add_argument("--words", action="store_true", help="without the encoder")
    options = parser.parse_args()
    sample = read_sample()
    space = None
    if not options.words:
        encoder = open_encoder(EncoderSettings(cache_dir=options.work / "models")).wait()
        space = build_concept_space(encoder)
        sample = add_vectors(sample, encoder, options.work)
    programs = build_programs(space)
    held_out = [item for item in sample if is_held_out(item)]
    seen = [item for item in sample if not is_held_out(item)]
    outcomes = measure(sample, programs)
    print(f"{len(sample)} records, {len(held_out)} of them held out")
    print_table(outcomes, measure(held_out, programs))
    if options.misses:
        print_misses(seen, measure(seen, programs))
    if options.write:
        write_measured(outcomes, len(sample))


if __name__ == "__main__":
    main()
