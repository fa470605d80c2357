"""How fast a DCAT feed is harvested, and in how much memory; beside it the parsers' own time.

    python -m benchmarks.harvest_speed --records 10000 60000
    python -m benchmarks.harvest_speed --records 10000 --database-url postgres://postgres@127.0.0.1:5432/speed

The feed is benchmarks/corpus_feed.py's, with the defects of real feeds; the encoder is off. Goals: first
import 700 records/s, unchanged re-harvest 3,000 records/s, peak memory 500 MB at any size.

CPU seconds and memory are those of the harvesting process and of its lister together; on a machine that
others use too, CPU seconds are the fairer figure. The parsers read a sample of the pages; their time is extrapolated to all.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus_feed import CorpusFeed
from benchmarks.workplace import Measured, open_workplace, run_step

STEP = "benchmarks.harvest_speed:"
SAMPLED_PAGES = 4
COUNTS = ("state", "complete", "message", "seen", "new", "changed", "unchanged", "removed", "failed")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, nargs="+", default=[10_000, 60_000])
    parser.add_argument(
        "--database-url", default="", help="PostgreSQL database to create and drop; else SQLite"
    )
    parser.add_argument("--skip-projection", action="store_true")
    options = parser.parse_args()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {load}; {'PostgreSQL' if options.database_url else 'SQLite'}\n")
    print("| records | step | seconds | CPU s | in lister | records/s | records/CPU s | peak MiB | outcome |")
    print("|--:|---|--:|--:|--:|--:|--:|--:|---|")
    for records in options.records:
        with CorpusFeed(records) as feed, open_workplace(options.database_url) as environment:
            for step, measured, count, outcome in measure(feed, environment, options.skip_projection):
                print_row(records, step, measured, count, outcome)


def measure(
    feed: CorpusFeed, environment: dict[str, str], skip_projection: bool
) -> Iterator[tuple[str, Measured, int, str]]:
    """Yield (step, what it took, how many records it was about, outcome)."""
    pages = sorted(feed.folder.glob("*.rdf"), key=lambda path: int(path.stem))
    sample = [str(page) for page in pages[:: max(1, len(pages) // SAMPLED_PAGES)][:SAMPLED_PAGES]]
    sampled = min(feed.records, len(sample) * feed.page_size)
    for name in ("pyoxigraph", "rdflib"):
        measured = run_step(environment, f"{STEP}parse_with_{name}", sample)
        factor = feed.records / sampled
        whole = Measured(None, measured.wall_s * factor, measured.cpu_s * factor, 0.0, measured.peak_mib)
        yield (
            f"{name} parses only",
            whole,
            feed.records,
            f"{measured.result} triples in {sampled} records, extrapolated",
        )
    run_step(environment, f"{STEP}add_source", feed.url)
    yield from harvest(environment, "first import", feed.records)
    if not skip_projection:
        drained = run_step(environment, f"{STEP}drain")
        yield "index and graph", drained, feed.records, str(drained.result)
    yield from harvest(environment, "unchanged", feed.records)
    feed.render(changed_share=0.01)
    yield from harvest(environment, "1 % changed", feed.records)
    if not skip_projection:
        drained = run_step(environment, f"{STEP}drain")
        yield "index and graph", drained, max(1, feed.records // 100), str(drained.result)


def harvest(environment: dict[str, str], step: str, records: int) -> Iterator[tuple[str, Measured, int, str]]:
    measured = run_step(environment, f"{STEP}carry")
    outcome = ", ".join(f"{name} {measured.result[name]}" for name in COUNTS if measured.result[name])
    if measured.result["state"] != "finished" or not measured.result["complete"]:
        print(f"NOT A FAIR FIGURE: {outcome}", file=sys.stderr)
    yield step, measured, records, outcome


def print_row(records: int, step: str, measured: Measured, count: int, outcome: str) -> None:
    print(
        f"| {records:,} | {step} | {measured.wall_s:.1f} | {measured.cpu_s:.1f} | {measured.child_cpu_s:.1f} "
        f"| {count / measured.wall_s:,.0f} | {count / measured.cpu_s:,.0f} | {measured.peak_mib:.0f} | {outcome} |",
        flush=True,
    )


def add_source(url: str) -> None:
    from catalogue.models import Source

    Source.objects.create(slug="corpus", title="The corpus", protocol="dcat", url=url)


def carry() -> dict[str, object]:
    from catalogue.domain.runs import request_run
    from catalogue.models import Source
    from harvesters.runner import carry_run

    run = carry_run(request_run(Source.objects.get(slug="corpus")))
    return {name: getattr(run, name) for name in COUNTS}


def drain() -> dict[str, int]:
    from catalogue.domain.projection import drain_all

    return {kind: outcome.done for kind, outcome in drain_all().items() if outcome.done or outcome.failed}


def parse_with_pyoxigraph(pages: list[str]) -> int:
    import pyoxigraph as ox

    return sum(
        sum(1 for _ in ox.parse(Path(page).read_bytes(), ox.RdfFormat.RDF_XML, lenient=True))
        for page in pages
    )


def parse_with_rdflib(pages: list[str]) -> int:
    import logging

    import rdflib

    logging.getLogger("rdflib").setLevel(logging.CRITICAL)  # it warns of each IRI with a space
    # It refuses a whole page for one language tag such as en_GB, so those are mended for it.
    bodies = [Path(page).read_bytes().replace(b'"en_GB"', b'"en-GB"') for page in pages]
    return sum(len(rdflib.Graph().parse(data=body, format="xml")) for body in bodies)


if __name__ == "__main__":
    main()
