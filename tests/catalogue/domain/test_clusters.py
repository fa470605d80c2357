"""Joining and splitting: reversible, remembered through harvests, and what goes along with it."""

import pytest

from catalogue.domain.cluster_locks import home_of
from catalogue.domain.clusters import choose_lead, find_bound, follow_merges, join, refuse, split
from catalogue.domain.curation import decide_conflict, override_field, revert_field
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.projection import dataset_graphs
from catalogue.domain.removal import conclude_listing
from catalogue.domain.undo import undo_run
from catalogue.errors import Conflict as StateConflict
from catalogue.errors import InvalidRecord
from catalogue.models import (
    Act,
    Concept,
    Conflict,
    Dataset,
    Edition,
    Match,
    Outbox,
    Override,
    Proposal,
    Run,
    Source,
    SourceRecord,
)
from catalogue.record_paths import value_digest
from catalogue.records import Text
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna")


def harvest(slug, said, *, remote_id="1", now=None, **fields):
    """Harvest one record of a source, and return that record."""
    source = Source.objects.filter(slug=slug).first() or SourceFactory(slug=slug, title=slug.title())
    lease = open_run(source)
    options = {} if now is None else {"now": now}
    ingest_page(
        lease, IngestPage(incoming=[make_incoming(remote_id, make_record(said, **fields))]), **options
    )
    end_quietly(lease)
    return SourceRecord.objects.select_related("source", "dataset").get(source=source, remote_id=remote_id)


@pytest.fixture
def three():
    """Records of three sources, each with a dataset of its own."""
    return [harvest(slug, f"Lakes by {slug}") for slug in ("alpha", "beta", "gamma")]


def cluster_of(record):
    record.refresh_from_db()
    return {row.source.slug for row in record.dataset.source_records.select_related("source")}


def state(*records):
    """All that joining and splitting may change, less what only ever grows."""
    datasets = Dataset.objects.order_by("pk").values(
        "pk", "slug", "state", "record", "title", "merged_into", "lead", "publisher", "newest"
    )
    return list(datasets), list(SourceRecord.objects.order_by("pk").values("pk", "dataset"))


# Joining and splitting


def test_join_makes_one_dataset_and_a_signpost(three, anna):
    alpha, beta, _gamma = three

    joined = join([alpha, beta], by=anna, reason="the same lakes")

    assert joined.pk == home_of(alpha)
    assert cluster_of(alpha) == cluster_of(beta) == {"alpha", "beta"}
    emptied = Dataset.objects.get(pk=home_of(beta))
    assert (emptied.state, follow_merges(emptied)) == (Dataset.State.MERGED, joined)
    act = Act.objects.get()
    assert (act.kind, act.author, act.reason) == (Act.Kind.JOIN, anna, "the same lakes")
    assert Outbox.objects.filter(kind="search", key=str(emptied.pk), generation=emptied.revision).exists()


def test_first_source_leads_and_the_other_fills_what_it_leaves_empty(anna):
    alpha = harvest("alpha", "Lakes", keywords=())
    beta = harvest("beta", "Other lakes", version="3")

    joined = join([alpha, beta], by=anna)

    assert joined.title in {"Lakes", "Other lakes"}
    assert joined.record["version"] == "3"
    assert joined.record["keywords"]


def test_split_gives_back_exactly_what_was(three, anna):
    before = state()
    join(three, by=anna)

    kept, revived = split([three[1]], by=anna)
    assert cluster_of(three[0]) == {"alpha", "gamma"}
    assert revived.pk == home_of(three[1])
    split([three[2]], by=anna, reason="not this one either")

    assert state() == before
    assert kept.pk == home_of(three[0])


def test_splitting_off_the_record_that_the_page_was_born_with_leaves_it_the_page(three, anna):
    join(three, by=anna)

    kept, revived = split([three[0]], by=anna)

    assert kept.pk == home_of(three[0])
    assert cluster_of(three[0]) == {"alpha"}
    assert cluster_of(three[1]) == {"beta", "gamma"}
    assert revived.pk == home_of(three[1])
    assert follow_merges(Dataset.objects.get(pk=home_of(three[2]))) == revived


def test_signposts_always_lead_straight_to_the_page(three, anna):
    alpha, beta, gamma = three
    join([beta, gamma], by=anna)
    join([alpha, beta], by=anna)

    for record in three:
        assert follow_merges(Dataset.objects.get(pk=home_of(record))).pk == home_of(alpha)
    split([beta], by=anna)

    assert cluster_of(alpha) == {"alpha", "gamma"}
    assert follow_merges(Dataset.objects.get(pk=home_of(gamma))).pk == home_of(alpha)


def test_join_and_split_again_and_again(three, anna):
    alpha, beta, _gamma = three
    before = state()
    for _ in range(3):
        join([alpha, beta], by=anna)
        split([beta], by=anna)

    assert state() == before


def test_what_cannot_be_joined_or_split_is_said(three, anna):
    alpha, beta, _gamma = three
    with pytest.raises(InvalidRecord):
        split([alpha], by=anna)
    join([alpha, beta], by=anna)
    with pytest.raises(StateConflict):
        join([alpha, beta], by=anna)
    with pytest.raises(InvalidRecord):
        split([alpha, beta], by=anna)
    with pytest.raises(StateConflict):
        refuse(Match.objects.get(), by=anna)


def test_dataset_published_here_keeps_its_page(three, anna):
    alpha, beta, gamma = three
    Edition.objects.create(
        dataset=beta.dataset,
        concept=Concept.objects.create(created_at=beta.first_seen),
        number=1,
        publisher=beta.dataset.publisher,
        published_at=beta.first_seen,
    )

    assert join([alpha, beta], by=anna).pk == home_of(beta)
    assert find_bound([home_of(beta)]) == {home_of(beta)}
    Edition.objects.create(
        dataset=gamma.dataset,
        concept=Concept.objects.create(created_at=gamma.first_seen),
        number=1,
        publisher=gamma.dataset.publisher,
        published_at=gamma.first_seen,
    )
    with pytest.raises(StateConflict):
        join([alpha, gamma], by=anna)
    assert cluster_of(gamma) == {"gamma"}


# Harvests go on


def test_joined_record_stays_joined_through_harvests(three, anna):
    alpha, beta, _gamma = three
    joined = join([alpha, beta], by=anna)

    harvest("beta", "Lakes by beta, second edition", temporal_resolution="P1D")
    harvest("alpha", "Lakes by alpha, second edition")

    joined.refresh_from_db()
    assert cluster_of(beta) == {"alpha", "beta"}
    assert joined.title == "Lakes by alpha, second edition"
    assert joined.record["temporal_resolution"] == "P1D"
    assert Dataset.objects.get(pk=home_of(beta)).state == Dataset.State.MERGED


def test_both_records_of_a_joined_dataset_may_come_in_one_page(anna):
    source = SourceFactory(slug="alpha")
    first = harvest("alpha", "Lakes", remote_id="1")
    second = harvest("alpha", "Lakes once more", remote_id="2", temporal_resolution="P1D")
    joined = join([first, second], by=anna)
    lease = open_run(source)
    ingest_page(
        lease,
        IngestPage(
            incoming=[
                make_incoming("2", make_record("Lakes once more", temporal_resolution="P1M")),
                make_incoming("1", make_record("Lakes, corrected")),
            ]
        ),
    )
    end_quietly(lease)

    joined.refresh_from_db()
    assert joined.title == "Lakes, corrected"
    assert joined.record["temporal_resolution"] == "P1M"


def test_record_that_goes_and_returns_is_still_joined(three, anna):
    alpha, beta, _gamma = three
    joined = join([alpha, beta], by=anna)
    for _ in range(2):
        lease = open_run(beta.source, accept_removals=True)
        conclude_listing(lease, is_delta=False)
        end_quietly(lease)

    beta.refresh_from_db()
    assert beta.state == SourceRecord.State.REMOVED
    joined.refresh_from_db()
    assert joined.state == Dataset.State.LIVE
    harvest("beta", "Lakes by beta, back again")
    assert cluster_of(beta) == {"alpha", "beta"}
    assert Dataset.objects.get(pk=home_of(beta)).state == Dataset.State.MERGED


def test_undoing_the_harvest_of_one_source_leaves_the_dataset_to_the_other(three, anna):
    alpha, beta, _gamma = three
    joined = join([alpha, beta], by=anna)

    undo_run(Run.objects.get(source=alpha.source))

    joined.refresh_from_db()
    assert (joined.state, joined.title) == (Dataset.State.LIVE, "Lakes by beta")


# What stewards said goes along


def said(dataset, field):
    dataset.refresh_from_db()
    return dataset.record.get(field)


def test_override_is_carried_and_brought_back(three, anna):
    alpha, beta, _gamma = three
    override_field(beta.dataset, "version", "1.5", by=anna, reason="printed on the box")

    joined = join([alpha, beta], by=anna)
    assert said(joined, "version") == "1.5"
    assert joined.provenance["version"]["author"] == "anna"
    kept, revived = split([beta], by=anna)

    assert said(kept, "version") is None
    assert said(revived, "version") == "1.5"
    assert Override.objects.filter(closed_at__isnull=True).count() == 1


def test_value_taken_back_while_joined_does_not_return(three, anna):
    alpha, beta, _gamma = three
    override_field(beta.dataset, "version", "1.5", by=anna)
    joined = join([alpha, beta], by=anna)
    revert_field(joined, "version", by=anna)

    _kept, revived = split([beta], by=anna)

    assert said(revived, "version") is None


def test_two_stewards_values_become_a_question_that_the_split_takes_back(three, anna):
    alpha, beta, _gamma = three
    override_field(alpha.dataset, "version", "A", by=anna)
    override_field(beta.dataset, "version", "B", by=UserFactory(username="bo"))

    joined = join([alpha, beta], by=anna)
    asked = Conflict.objects.get(closed_at__isnull=True)
    assert (asked.kind, asked.theirs, asked.dataset) == (Conflict.Kind.JOINED, "B", joined)
    assert said(joined, "version") == "A"
    kept, revived = split([beta], by=anna)

    assert not Conflict.objects.filter(closed_at__isnull=True).exists()
    assert (said(kept, "version"), said(revived, "version")) == ("A", "B")


def test_question_about_two_values_can_be_decided(three, anna):
    alpha, beta, _gamma = three
    override_field(alpha.dataset, "version", "A", by=anna)
    override_field(beta.dataset, "version", "B", by=anna)
    joined = join([alpha, beta], by=anna)
    harvest("alpha", "Lakes by alpha", version="C")  # one question at a time: this one waits

    decide_conflict(Conflict.objects.get(closed_at__isnull=True), "take", by=anna)

    assert said(joined, "version") == "B"


def test_accepted_and_refused_proposals_go_along(three, anna):
    alpha, beta, _gamma = three
    for number, decision in enumerate((Proposal.State.ACCEPTED, Proposal.State.REFUSED)):
        Proposal.objects.create(
            dataset=beta.dataset,
            path="keywords",
            value={"value": f"word {number}", "lang": "en"},
            value_key=value_digest({"value": f"word {number}", "lang": "en"}),
            adds=True,
            confidence=0.9,
            program="keywords",
            state=decision,
            made_at=beta.first_seen,
            decided_at=beta.first_seen,
            decided_by=anna,
        )

    joined = join([alpha, beta], by=anna)
    assert {"value": "word 0", "lang": "en"} in said(joined, "keywords")
    assert joined.proposals.filter(state=Proposal.State.REFUSED).exists()
    kept, _revived = split([beta], by=anna)

    assert {"value": "word 0", "lang": "en"} not in said(kept, "keywords")
    assert not kept.proposals.exists()


# Who leads


def test_steward_chooses_who_leads_and_lets_the_rules_choose_again(three, anna):
    alpha, beta, gamma = three
    joined = join([alpha, beta], by=anna)

    act = choose_lead(joined, beta, by=anna, reason="newer")
    assert said(joined, "title")[0]["value"] == "Lakes by beta"
    assert (joined.lead, joined.lead_act, act.reason) == (beta, act, "newer")
    harvest("alpha", "Lakes by alpha, second edition")
    assert said(joined, "title")[0]["value"] == "Lakes by beta"
    choose_lead(joined, None, by=anna)

    assert said(joined, "title")[0]["value"] == "Lakes by alpha, second edition"
    with pytest.raises(InvalidRecord):
        choose_lead(joined, gamma, by=anna)


def test_chosen_leader_that_is_split_off_leads_no_longer(three, anna):
    alpha, beta, _gamma = three
    joined = join([alpha, beta], by=anna)
    choose_lead(joined, beta, by=anna)

    split([beta], by=anna)

    joined.refresh_from_db()
    assert (joined.lead, joined.title) == (None, "Lakes by alpha")


def test_source_on_whose_site_the_page_is_leads_though_it_came_later(anna):
    portal = harvest("portal", "Lakes, collected", landing_pages=("https://water.example/lakes",))
    Source.objects.filter(slug="portal").update(url="https://data.europa.eu/api")
    water = harvest("water", "Lakes, from the office", landing_pages=("https://water.example/lakes",))
    Source.objects.filter(slug="water").update(url="https://water.example/dcat.rdf")

    assert join([portal, water], by=anna).title == "Lakes, from the office"


# The graph


def test_graph_of_the_dataset_names_its_other_sources(three, anna, fresh_stores):
    alpha, beta, _gamma = three
    joined = join([alpha, beta], by=anna)

    graph = next(named for named in dataset_graphs([str(joined.pk)]) if named.iri == joined.iri)

    triples = {
        (t.predicate.value.rpartition("/")[2].rpartition("#")[2], str(t.object)) for t in graph.triples
    }
    assert any(name == "source" and str(home_of(beta)) in value for name, value in triples)
    assert not any(name == "source" and str(home_of(alpha)) in value for name, value in triples)


def test_each_source_keeps_its_own_words(anna):
    alpha = harvest("alpha", "Lakes")
    beta = harvest("beta", "Lakes too", description=(Text("Sjöar", "sv"),))

    join([alpha, beta], by=anna)

    assert beta.versions.get().data["description"] == [{"value": "Sjöar", "lang": "sv"}]
    assert alpha.versions.get().data["title"] == [{"value": "Lakes", "lang": "en"}]
