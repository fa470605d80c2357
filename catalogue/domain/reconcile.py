"""Comparing the projections with the truth, repairing them, and making them anew.

"No errors" proves nothing; equal (id, revision) pairs do.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.db.models import QuerySet

from catalogue import stores
from catalogue.domain.outbox import enqueue
from catalogue.domain.projection import (
    build_documents,
    current_versions,
    dataset_graphs,
    forget,
    record_graph_iri,
    renew_all,
)
from catalogue.errors import Conflict
from catalogue.models import Dataset, SourceRecord, SourceVersion, dataset_iri
from catalogue.search.engine import IndexWriter, SearchEngine
from catalogue.search.vector_cache import encode_documents
from ontology.graph import NamedGraph

Progress = Callable[[int, int], None]
_CHUNK = 500
_SAMPLE = 200  # documents of a new index that are read back
_LOADING_S = 600.0  # that the model may take to load on a busy machine
_MOST_REFUSED = 0.01  # share of documents; more is a fault of ours or the engine's, not theirs


@dataclass(frozen=True, slots=True)
class Drift:
    """How one projection differs from the truth: keys that it lacks, has at another revision, has too many."""

    projection: str
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Return how many keys differ."""
        return len(self.missing) + len(self.stale) + len(self.extra)


def measure_drift() -> list[Drift]:
    """Compare every projection with the database, revision by revision."""
    truth = {str(key): revision for key, revision in _live_datasets().values_list("pk", "revision")}
    engine = stores.search_engine()
    drifts = [
        _compare("search", truth, engine.revisions()),
        Drift("vector", missing=tuple(engine.missing_vectors()) if stores.encoder() else ()),
    ]
    datasets, records = f"{settings.BASE_URL}/id/dataset/", f"{settings.BASE_URL}/id/record/"
    with stores.graph(read_only=True) as graph:
        in_graph = {iri.removeprefix(datasets): revision for iri, revision in graph.revisions(datasets)}
        drifts.append(_compare("graph", truth, in_graph.items()))
        versions = {record_graph_iri(record): version.number for record, version in _all_versions(truth)}
        drifts.append(_compare("source graph", versions, graph.revisions(records)))
    return drifts


def repair(drifts: Iterable[Drift]) -> int:
    """Put what drifted into the outbox, remove what is too many, and return how many keys that were."""
    count = 0
    for drift in drifts:
        count += drift.size
        if drift.projection == "source graph":
            _repair_source_graphs(drift)
            continue
        keys = [*drift.missing, *drift.stale, *(drift.extra if drift.projection == "search" else ())]
        enqueue([(drift.projection, key, 0) for key in keys])
        if drift.projection == "graph" and drift.extra:
            with stores.graph() as graph:
                graph.delete_graphs(dataset_iri(key) for key in drift.extra)
    return count


def rebuild_search(progress: Progress | None = None) -> int:
    """Make the index anew beside the live one, with vectors, and swap it in; return its size.

    Its count and a sample are read back first. What changed meanwhile, and what the engine refused, is in
    the outbox afterwards. Raises Conflict when it is not as written, Unavailable when the encoder cannot work; with the encoder off the index has words only.
    """
    encoder = stores.ready_encoder(_LOADING_S) if stores.encoder() else None
    engine = stores.search_engine()
    total = _live_datasets().count()
    step = max(total // _SAMPLE, 1)
    sample: dict[str, int] = {}
    done = 0
    with engine.rebuild() as writer:
        for keys in _live_keys():
            documents = build_documents(keys)
            vectors = encode_documents(encoder, stores.vector_cache(), documents) if encoder else None
            writer.upsert(documents, vectors)
            sample |= {item.id: item.revision for item in documents[-done % step :: step]}
            done += len(documents)
            if progress:
                progress(done, total)
        writer.commit()
        _verify(writer, done, sample, has_vectors=encoder is not None)
        refused = list(writer.refused)
    _catch_up(engine, refused)
    return done - len(refused)


def swap_back_search() -> int:
    """Make the index live that was so before the last rebuild; return its size.

    What has changed since it was made is put into the outbox. Raises NotFound when none is kept.
    """
    engine = stores.search_engine()
    engine.swap_back()
    _catch_up(engine, ())
    return engine.count()


def rebuild_graph(progress: Progress | None = None) -> int:
    """Make the knowledge graph anew and swap it in; return the number of graphs."""
    total = _live_datasets().count()
    count = 0

    def graphs() -> Iterator[NamedGraph]:
        nonlocal count
        done = 0
        for keys in _live_keys():
            for named in dataset_graphs(keys):
                count += 1
                yield named
            done += len(keys)
            if progress:
                progress(done, total)

    with stores.graph() as graph:
        graph.rebuild(graphs())
    forget("graph")
    return count


def _verify(writer: IndexWriter, written: int, sample: dict[str, int], *, has_vectors: bool) -> None:
    """Raise Conflict when a new index does not hold what was written to it: it is not swapped in then."""
    refused = writer.refused
    if len(refused) > written * _MOST_REFUSED:
        reasons = "; ".join(sorted(set(refused.values()))[:3])
        raise Conflict(f"The engine refused {len(refused)} of {written} documents: {reasons}.")
    counted = writer.count()
    if counted != written - len(refused):
        raise Conflict(f"The new index has {counted} documents, and {written - len(refused)} were written.")
    wanted = {key: (revision, has_vectors) for key, revision in sample.items() if key not in refused}
    found = writer.read_back(list(wanted))
    if wrong := [key for key, facts in wanted.items() if found.get(key) != facts]:
        raise Conflict(f"{len(wrong)} of {len(wanted)} documents looked at are not as written: {wrong[0]}.")


def _catch_up(engine: SearchEngine, refused: Iterable[str]) -> None:
    """Put into the outbox what a generation just swapped in lacks, and what it refused, to be told there."""
    truth = {str(key): revision for key, revision in _live_datasets().values_list("pk", "revision")}
    drift = _compare("search", truth, engine.revisions())
    enqueue([("search", key, 0) for key in {*drift.missing, *drift.stale, *drift.extra, *refused}])


def _live_datasets() -> QuerySet[Dataset]:
    return Dataset.objects.live().filter(is_public=True)


def _compare(name: str, truth: dict[str, int], projected: Iterable[tuple[str, int]]) -> Drift:
    found = dict(projected)
    return Drift(
        name,
        missing=tuple(key for key in truth if key not in found),
        stale=tuple(key for key, revision in truth.items() if found.get(key, revision) != revision),
        extra=tuple(key for key in found if key not in truth),
    )


def _all_versions(keys: Iterable[str]) -> Iterator[tuple[SourceRecord, SourceVersion]]:
    remaining = iter(keys)
    while chunk := [uuid.UUID(key) for key in islice(remaining, _CHUNK)]:
        yield from current_versions(chunk)


def _repair_source_graphs(drift: Drift) -> None:
    """Source graphs are written with their dataset's: renew all datasets only when some differ."""
    if drift.missing or drift.stale:
        renew_all(["graph"])
    if drift.extra:
        with stores.graph() as graph:
            graph.delete_graphs(drift.extra)


def _live_keys() -> Iterator[list[str]]:
    keys = (
        str(key)
        for key in _live_datasets().order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)
    )
    while chunk := list(islice(keys, _CHUNK)):
        yield chunk
