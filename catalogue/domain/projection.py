"""The projections of the relational truth: search index, vectors, knowledge graph.

Each projector reads the state as it is when it acts; what made it due does not matter.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from pyoxigraph import RdfFormat, parse

from catalogue import stores
from catalogue.domain.alerts import AlertProjector, announce
from catalogue.domain.archive import read_payload
from catalogue.domain.bulk_edit import BulkProjector
from catalogue.domain.cluster_lead import order_versions
from catalogue.domain.cluster_matching import MatchProjector
from catalogue.domain.layers import record_uuid
from catalogue.domain.minting import MintProjector
from catalogue.domain.outbox import Drained, Projector, drain, enqueue
from catalogue.domain.proposing import ProposeProjector
from catalogue.domain.renewal import ResolveProjector, RuleProjector
from catalogue.errors import Unavailable
from catalogue.exports.dcat_ap import record_to_triples
from catalogue.exports.other_sources import OtherSource, link_other_sources
from catalogue.models import Dataset, Outbox, SourceRecord, SourceVersion, dataset_iri
from catalogue.record_json import record_from_json
from catalogue.search.documents import build_document
from catalogue.search.engine import IndexDocument
from catalogue.search.vector_cache import encode_documents, hash_text
from ontology.graph import NamedGraph
from ontology.skolem import skolemise

Progress = Callable[[int, int], None]


class SearchProjector:
    """Words and facets into the index, at once; vectors follow when they are made."""

    kind = "search"
    batch_size = 500

    def project(self, keys: Sequence[str]) -> None:
        """Index the live datasets among the keys and remove the others from the index."""
        documents = build_documents(keys)
        ready, waiting = split_by_vector(documents)
        present = {document.id for document in documents}
        with stores.search_engine().write() as writer:
            writer.delete(key for key in keys if key not in present)
            if ready:
                writer.upsert(ready, encode_documents(stores.ready_encoder(), stores.vector_cache(), ready))
            if waiting:
                writer.upsert(waiting, None)
        if stores.encoder() is not None:
            # A generation of its own each time: a drain that is finishing the same revision must not
            # take this row for the one it has done.
            enqueue([("vector", document.id, time.time_ns() // 1000) for document in waiting])
        announce(present)


class VectorProjector:
    """Vectors for documents that the index has without one. Slow: batches are small, progress is kept."""

    kind = "vector"
    batch_size = 64  # on a busy machine half a minute, of the two that the lease lasts

    def project(self, keys: Sequence[str]) -> None:
        """Encode the live datasets among the keys and index them with their vectors."""
        documents = build_documents(keys)
        vectors = encode_documents(stores.ready_encoder(), stores.vector_cache(), documents)
        with stores.search_engine().write() as writer:
            writer.upsert(documents, vectors)
        announce(document.id for document in documents)  # searches by meaning find them only now


class GraphProjector:
    """A named graph for each resolved dataset, and one for each source record as harvested."""

    kind = "graph"
    batch_size = 200

    def project(self, keys: Sequence[str]) -> None:
        """Swap the graphs of these datasets and of their source records."""
        graphs: dict[str, Iterable[Any]] = {}
        revisions: dict[str, int] = {}
        for key in keys:
            graphs[dataset_iri(key)] = ()
        for record in SourceRecord.objects.filter(dataset_id__in=keys).select_related("source"):
            graphs[record_graph_iri(record)] = ()
        for named in dataset_graphs(keys):
            graphs[named.iri] = list(named.triples)
            if named.revision is not None:
                revisions[named.iri] = named.revision
        with stores.graph() as graph:
            graph.replace_graphs(graphs, revisions)


PROJECTORS: Mapping[str, Projector] = {
    projector.kind: projector
    for projector in (
        *(RuleProjector(), ResolveProjector(), BulkProjector(), MintProjector(), MatchProjector()),
        *(SearchProjector(), GraphProjector(), VectorProjector(), ProposeProjector(), AlertProjector()),
    )
}
"""In the order they are drained: what changes datasets comes before what follows them."""


def drain_all(*, limit: int | None = None) -> dict[str, Drained]:
    """Drain every kind; what one cannot do now does not keep the others."""
    return {kind: drain(projector, limit=limit) for kind, projector in PROJECTORS.items()}


def build_documents(keys: Iterable[str]) -> list[IndexDocument]:
    """Return the index documents of the live, public datasets among the keys."""
    records = SourceRecord.objects.filter(state=SourceRecord.State.LIVE).select_related("source")
    rows = (
        Dataset.objects.live()
        .filter(pk__in=[uuid.UUID(key) for key in keys], is_public=True)
        .select_related("publisher")
        .prefetch_related(Prefetch("source_records", queryset=records))
    )
    return [
        build_document(
            str(row.pk),
            row.revision,
            row.to_record(),
            source_slugs=[item.source.slug for item in row.source_records.all()],
            publisher_slug=row.publisher.slug if row.publisher else "",
            extra_identifiers=[item.remote_id for item in row.source_records.all()],
        )
        for row in rows
    ]


def split_by_vector(documents: Sequence[IndexDocument]) -> tuple[list[IndexDocument], list[IndexDocument]]:
    """Return the documents whose vectors are in the cache, and the others."""
    encoder = stores.encoder()
    if encoder is None:
        return [], list(documents)
    try:
        fingerprint = encoder.fingerprint
    except Unavailable:
        return [], list(documents)
    hashes = [hash_text(document.embedding_text) for document in documents]
    cached = stores.vector_cache().get_many(fingerprint, hashes)
    ready = [document for document, key in zip(documents, hashes, strict=True) if key in cached]
    waiting = [document for document, key in zip(documents, hashes, strict=True) if key not in cached]
    return ready, waiting


def dataset_graphs(keys: Iterable[str]) -> Iterator[NamedGraph]:
    """Yield the graphs of live datasets: the resolved one, and each source record's."""
    rows = Dataset.objects.live().filter(pk__in=[uuid.UUID(key) for key in keys], is_public=True).in_bulk()
    versions = [version for _record, version in current_versions(rows)]
    for version in versions:
        version.record.dataset = rows[version.record.dataset_id]
    ordered = order_versions(versions)
    for row in rows.values():
        others = link_other_sources(row.iri, map(_name_source, ordered.get(row.pk, [])[1:]))
        yield NamedGraph(row.iri, record_to_triples(row.to_record(), row.iri, extra=others), row.revision)
    for version in versions:
        iri = record_graph_iri(version.record)
        yield NamedGraph(iri, source_triples(version, iri), version.number)


def current_versions(dataset_ids: Iterable[uuid.UUID]) -> Iterator[tuple[SourceRecord, SourceVersion]]:
    """Yield the live source records of datasets with the version that counts. Two queries."""
    records = {
        record.pk: record
        for record in SourceRecord.objects.filter(
            dataset_id__in=list(dataset_ids), state=SourceRecord.State.LIVE
        ).select_related("source")
    }
    for version in SourceVersion.objects.filter(record_id__in=records):
        record = records[version.record_id]
        if version.number == record.number:
            version.record = record
            yield record, version


def record_graph_iri(record: SourceRecord) -> str:
    """Return the IRI of the graph with a source record as harvested."""
    return f"{settings.BASE_URL}/id/record/{record_uuid(record.source.slug, record.remote_id)}"


def _name_source(version: SourceVersion) -> OtherSource:
    record = version.record
    return OtherSource(record_graph_iri(record), record.remote_id, record.source.title)


def source_triples(version: SourceVersion, base: str) -> list[Any]:
    """Return what a source said, as triples without blank nodes.

    RDF stays exactly as it was harvested; other formats have no triples of their own, so theirs are
    those of the record that was read from them.
    """
    if version.media_type == "application/n-triples":
        payload = read_payload(stores.object_store(), version.raw_pointer, sha256=version.payload_sha256)
        return skolemise([quad.triple for quad in parse(payload, format=RdfFormat.N_TRIPLES)], f"{base}#")
    return list(record_to_triples(record_from_json(version.data), base))


def renew_all(kinds: Iterable[str]) -> int:
    """Put every dataset into the outbox for the given kinds; return how many datasets."""
    count = 0
    rows = Dataset.objects.values_list("pk", "revision").iterator(chunk_size=2000)
    chunk: list[tuple[str, str, int]] = []
    chosen = list(kinds)
    for key, revision in rows:
        count += 1
        chunk.extend((kind, str(key), revision) for kind in chosen)
        if len(chunk) >= 2000:
            enqueue(chunk)
            chunk = []
    enqueue(chunk)
    return count


def forget(kind: str) -> None:
    """Empty the outbox of a kind: a rebuild has just done all of it."""
    Outbox.objects.filter(kind=kind).delete()
