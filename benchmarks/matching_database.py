"""The corpus through the catalogue's own matching: keys, matches and joins in the database.

    python -m benchmarks.matching_database --records 62908
    python -m benchmarks.matching_database --database-url postgres://postgres@127.0.0.1:5432/matching

The records are those of benchmarks/matching_labels.py: the load corpus from its four collections, and every
tenth again from an aggregator as it may show it, so that there is something to join. Every step is a process
of its own: the import, the first matching of everything, and a second one that finds nothing new.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from benchmarks.corpus_records import iterate_records
from benchmarks.matching_labels import Json, corpus_to_json, name_source, wear
from benchmarks.workplace import Measured, open_workplace, run_step

_PAGE = 500
_WORN_SHARE = 10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=62_908)
    parser.add_argument("--database-url", default="")
    options = parser.parse_args()
    print("| step | minutes | CPU minutes | peak MiB | outcome |\n|---|--:|--:|--:|---|")
    with open_workplace(options.database_url) as environment:
        for words, step, arguments in (
            ("import", "take_in", (options.records,)),
            ("first matching", "match_everything", ()),
            ("matching again", "match_everything", ()),
        ):
            print_step(words, run_step(environment, f"benchmarks.matching_database:{step}", *arguments))


def print_step(words: str, measured: Measured) -> None:
    outcome = ", ".join(f"{name} {count:,}" for name, count in measured.result.items())
    minutes, cpu_minutes = measured.wall_s / 60, measured.cpu_s / 60
    print(
        f"| {words} | {minutes:.1f} | {cpu_minutes:.1f} | {measured.peak_mib:.0f} | {outcome} |", flush=True
    )


def list_records(number: int) -> Iterator[tuple[str, str, Json]]:
    """Yield (source, remote id, record): the corpus, then the aggregator's share of it."""
    dice = random.Random(1)
    for record in iterate_records(number):
        yield name_source(record).replace(".", "-").replace("/", "-"), record.iri, corpus_to_json(record)
    for record in islice(iterate_records(number), 0, None, _WORN_SHARE):
        worn = wear(corpus_to_json(record), dice)
        yield "aggregator", f"copy of {record.iri}", {**worn, "iri": "", "landing_pages": []}


def take_in(number: int) -> dict[str, int]:
    """Ingest the records, and count them by source."""
    import hashlib

    from catalogue.domain.ingest import Incoming, IngestPage, ingest_page
    from catalogue.domain.runs import claim_run, request_run
    from catalogue.models import Outbox, Source
    from catalogue.record_json import record_from_json

    leases = {}
    counts: Counter[str] = Counter()
    remaining = list_records(number)
    while chunk := list(islice(remaining, _PAGE)):
        pages: dict[str, list[Incoming]] = {}
        for slug, remote_id, data in chunk:
            digest = hashlib.sha256(remote_id.encode()).hexdigest()
            incoming = Incoming(
                remote_id, record_from_json(data), digest, f"{digest}:0:1", "application/json", "ckan_package"
            )
            pages.setdefault(slug, []).append(incoming)
        for slug, page in pages.items():
            if slug not in leases:
                source = Source.objects.create(
                    slug=slug, title=slug, protocol="dcat", url=f"https://{slug}.example/"
                )
                leases[slug] = claim_run(request_run(source))
            ingest_page(leases[slug], IngestPage(incoming=page))
            counts[slug] += len(page)
    Outbox.objects.all().delete()
    return dict(counts)


def match_everything() -> dict[str, int]:
    """Do what `manage.py match run` does, and count what came of it."""
    from catalogue.domain.cluster_matching import MatchProjector, write_all_keys
    from catalogue.domain.outbox import drain
    from catalogue.domain.projection import renew_all
    from catalogue.models import Dataset, Match, MatchKey

    write_all_keys()
    renew_all([MatchProjector.kind])
    outcome = drain(MatchProjector())
    states = Counter(Match.objects.values_list("state", flat=True))
    return {
        "failed": outcome.failed,
        "keys": MatchKey.objects.count(),
        "datasets": Dataset.objects.live().count(),
        **dict(states),
    }


if __name__ == "__main__":
    main()
