"""From a commit to index and graph, what reconcile sees, and what a rebuild makes."""

from contextlib import contextmanager

import pytest

from catalogue import stores
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import pending
from catalogue.domain.projection import drain_all
from catalogue.domain.reconcile import measure_drift, rebuild_graph, rebuild_search, repair, swap_back_search
from catalogue.domain.removal import conclude_listing
from catalogue.errors import Conflict
from catalogue.models import Dataset
from catalogue.search.embedded import EmbeddedEngine
from catalogue.search.engine import SearchQuery
from tests.factories import SourceFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]


def harvest(source, titles):
    lease = open_run(source, accept_removals=True)
    incoming = [make_incoming(remote_id, make_record(title)) for remote_id, title in titles.items()]
    ingest_page(lease, IngestPage(incoming=incoming))
    conclude_listing(lease, is_delta=False)
    end_quietly(lease)


def find(words):
    return {hit.id for hit in stores.search_engine().search(SearchQuery(text=words)).hits}


def graph_iris():
    with stores.graph(read_only=True) as graph:
        return set(graph.graph_names())


def drifted():
    return {drift.projection for drift in measure_drift() if drift.size}


def test_drain_makes_a_dataset_findable_and_part_of_the_graph():
    harvest(SourceFactory(), {"a": "Lakes", "b": "Roads"})
    drain_all()
    lakes = Dataset.objects.get(title="Lakes")
    assert find("lakes") == {str(lakes.id)}
    assert lakes.iri in graph_iris()
    assert len(graph_iris()) == 4
    assert pending() == 0
    assert drifted() == set()


def test_drain_after_a_removal_takes_the_dataset_out_of_both():
    source = SourceFactory()
    harvest(source, {"a": "Lakes", "b": "Roads"})
    drain_all()
    for _ in range(2):
        harvest(source, {"a": "Lakes"})
    drain_all()
    assert find("roads") == set()
    assert len(graph_iris()) == 2
    assert drifted() == set()


def test_drain_after_a_change_shows_the_new_words_only():
    source = SourceFactory()
    harvest(source, {"a": "Lakes"})
    drain_all()
    harvest(source, {"a": "Rivers"})
    drain_all()
    assert len(find("rivers")) == 1
    assert find("lakes") == set()
    assert drifted() == set()


def test_reconcile_finds_what_was_lost_and_repair_mends_it():
    harvest(SourceFactory(), {"a": "Lakes", "b": "Roads"})
    drain_all()
    lakes = Dataset.objects.get(title="Lakes")
    with stores.search_engine().write() as writer:
        writer.delete([str(lakes.id)])
    with stores.graph() as graph:
        graph.delete_graphs([lakes.iri])
    drifts = measure_drift()
    assert {drift.projection: drift.missing for drift in drifts if drift.size} == {
        "search": (str(lakes.id),),
        "graph": (str(lakes.id),),
    }
    repair(drifts)
    drain_all()
    assert drifted() == set()
    assert find("lakes") == {str(lakes.id)}


def test_reconcile_finds_what_is_too_many():
    harvest(SourceFactory(), {"a": "Lakes"})
    drain_all()
    Dataset.objects.update(is_public=False)
    assert {drift.projection for drift in measure_drift() if drift.extra} == {
        "search",
        "graph",
        "source graph",
    }
    repair(measure_drift())
    drain_all()
    assert drifted() == set()


def test_rebuild_makes_the_same_from_nothing():
    harvest(SourceFactory(), {"a": "Lakes", "b": "Roads"})
    drain_all()
    before = graph_iris()
    assert rebuild_search() == 2
    assert rebuild_graph() == 4
    assert graph_iris() == before
    assert len(find("lakes")) == 1
    assert drifted() == set()


def test_source_graph_holds_what_the_source_said():
    harvest(SourceFactory(), {"a": "Lakes"})
    drain_all()
    (record_graph,) = [iri for iri in graph_iris() if "/id/record/" in iri]
    with stores.graph(read_only=True) as graph:
        words = {str(getattr(triple.object, "value", "")) for triple in graph.read_graph(record_graph)}
    assert "Lakes" in words


def test_rebuild_is_swapped_back_and_catches_up():
    harvest(SourceFactory(), {"a": "Lakes", "b": "Roads"})
    drain_all()
    rebuild_search()
    dataset = Dataset.objects.live().first()
    Dataset.objects.filter(pk=dataset.pk).update(revision=dataset.revision + 5)
    rebuild_search()
    assert swap_back_search() == 2
    assert drifted() == {"search", "graph"}
    drain_all()
    assert "search" not in drifted()


class ForgetfulEngine(EmbeddedEngine):
    """Loses the last document of each rebuild."""

    @contextmanager
    def rebuild(self):
        with super().rebuild() as writer:
            upsert = writer.upsert
            writer.upsert = lambda documents, vectors: upsert(documents[:-1], vectors)
            yield writer


def test_rebuild_that_lost_a_document_is_not_swapped_in(fresh_stores, monkeypatch):
    harvest(SourceFactory(), {"a": "Lakes", "b": "Roads"})
    drain_all()
    monkeypatch.setattr(stores, "search_engine", lambda: ForgetfulEngine(fresh_stores / "index"))
    with pytest.raises(Conflict, match="1 documents, and 2 were written"):
        rebuild_search()
    assert drifted() == set()
