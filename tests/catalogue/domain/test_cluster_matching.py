"""What the projector joins, queues and leaves alone, and that it never undoes a person's decision."""

import threading
from contextlib import suppress

import pytest
from django.db import connection, connections

from catalogue.domain.cluster_locks import home_of
from catalogue.domain.cluster_matching import MatchProjector
from catalogue.domain.clusters import join, refuse, split
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import drain, pending
from catalogue.domain.projection import renew_all
from catalogue.errors import Conflict as StateConflict
from catalogue.errors import InvalidRecord
from catalogue.matching.keys import MOST_RECORDS
from catalogue.models import Dataset, Match, MatchKey, Outbox, Source, SourceRecord
from catalogue.records import Agent, Distribution, Identifier, Relation, Text
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db

WORDS = "Daily means of discharge at the gauges of regulated and unregulated rivers, checked every month."


@pytest.fixture
def anna():
    return UserFactory(username="anna")


def say(slug, *records):
    """Harvest records of a source without matching them yet, and return them in order."""
    source = Source.objects.filter(slug=slug).first() or SourceFactory(slug=slug, title=slug.title())
    lease = open_run(source)
    incoming = [make_incoming(str(number), record) for number, record in enumerate(records)]
    ingest_page(lease, IngestPage(incoming=incoming))
    end_quietly(lease)
    found = SourceRecord.objects.select_related("source", "dataset").filter(source=source)
    return [found.get(remote_id=str(number)) for number in range(len(records))]


def river(title="River discharge at gauges", description=WORDS, **fields):
    values = {"distributions": (), "issued": "", "keywords": (), **fields}
    return make_record(title, description=(Text(description, "en"),), **values)


def doi(value):
    return (Identifier(value, "doi"),)


def run():
    """Drain until nothing is due: a join renews the dataset that it made."""
    for _ in range(4):
        outcome = drain(MatchProjector())
        assert outcome.failed == 0, Outbox.objects.values_list("error", flat=True)
    assert pending("match") == 0


def together(one, other):
    one.refresh_from_db()
    other.refresh_from_db()
    return one.dataset_id == other.dataset_id


def test_sure_pair_is_joined_by_rule_with_the_evidence():
    [alpha] = say("alpha", river(identifiers=doi("10.5072/a")))
    [beta] = say("beta", river("Discharge of rivers", description="", identifiers=doi("10.5072/A")))
    run()
    assert not together(alpha, beta)  # one DOI, but other titles

    [gamma] = say("gamma", river(identifiers=doi("https://doi.org/10.5072/a")))
    run()

    assert together(alpha, gamma)
    match = Match.objects.get(first=alpha, second=gamma)
    assert (match.state, match.by_rule, match.decided_by) == (Match.State.JOINED, True, None)
    assert match.evidence[0] == {"kind": "same_doi", "values": ["10.5072/a"], "weight": 9}
    assert Match.objects.get(first=alpha, second=beta).state == Match.State.LIKELY


def test_likely_pair_waits_for_a_person():
    [alpha] = say("alpha", river(description="Something about rivers in the north of the country."))
    [beta] = say("beta", river(description="Anything on streams from the southern lowlands instead."))
    run()

    assert not together(alpha, beta)
    assert Match.objects.get().state == Match.State.LIKELY


def test_versions_are_related_and_not_queued():
    [alpha] = say("alpha", river(identifiers=doi("10.5072/a.1")))
    relation = (Relation("dcat:isVersionOf", "https://doi.org/10.5072/a.1"),)
    [beta] = say("beta", river(identifiers=doi("10.5072/a.2"), relations=relation))
    run()

    assert not together(alpha, beta)
    assert Match.objects.get().state == Match.State.VERSION


def test_members_of_a_series_are_not_even_candidates_for_a_person():
    say("alpha", river("Population 2019"))
    say("beta", river("Population 2020"))
    run()

    assert not Match.objects.exists()


def test_what_a_steward_split_is_never_joined_again(anna):
    [alpha] = say("alpha", river())
    [beta] = say("beta", river())
    run()
    assert together(alpha, beta)

    split([beta], by=anna, reason="two gauges")
    say("beta", river(version="2"))
    say("alpha", river(version="3"))
    renew_all(["match"])
    run()

    assert not together(alpha, beta)
    match = Match.objects.get()
    assert (match.state, match.decided_by, match.act.reason) == (Match.State.REFUSED, anna, "two gauges")


def test_what_a_steward_split_is_not_joined_by_way_of_a_third(anna):
    [alpha] = say("alpha", river())
    [beta] = say("beta", river())
    run()
    split([beta], by=anna)
    [gamma] = say("gamma", river())
    run()

    assert not together(alpha, beta)
    gamma.refresh_from_db()
    assert gamma.dataset_id in {home_of(alpha), home_of(beta)}
    assert Match.objects.filter(state=Match.State.LIKELY).count() == 1  # with the other one, for a person


def test_what_a_steward_joined_stays_joined_when_it_looks_alike_no_longer(anna):
    [alpha] = say("alpha", river())
    [beta] = say("beta", river("Snow depth", description="Depth of snow."))
    join([alpha, beta], by=anna)
    say("beta", river("Bats", description="Bats heard at night."))
    run()

    assert together(alpha, beta)
    assert Match.objects.get().state == Match.State.JOINED


def test_refused_pair_is_not_proposed_again(anna):
    [alpha] = say("alpha", river(description="Something about rivers in the north of the country."))
    say("beta", river(description="Anything on streams from the southern lowlands instead."))
    run()
    act = refuse(Match.objects.get(), by=anna, reason="other rivers")
    say("beta", river(description="Anything on streams from the southern lowlands, corrected."))
    run()

    match = Match.objects.get()
    assert (match.state, match.act) == (Match.State.REFUSED, act)
    assert not together(alpha, match.second)


def test_queued_pair_that_looks_alike_no_longer_leaves_the_queue():
    say("alpha", river(description="Something about rivers in the north of the country."))
    say("beta", river(description="Anything on streams from the southern lowlands instead."))
    run()
    say("beta", river("Bats", description="Bats heard at night."))
    run()

    assert Match.objects.get().state == Match.State.STALE


def test_record_that_is_gone_is_no_candidate(anna):
    [alpha] = say("alpha", river())
    SourceRecord.objects.filter(pk=alpha.pk).update(state=SourceRecord.State.REMOVED)
    renew_all(["match"])
    [beta] = say("beta", river())
    run()

    assert not together(alpha, beta)
    assert not MatchKey.objects.filter(record=alpha).exists()


def test_two_records_of_one_source_are_never_joined_by_rule():
    [one, other] = say("alpha", river(), river())
    run()

    assert not together(one, other)
    assert Match.objects.get().state == Match.State.LIKELY


@pytest.mark.parametrize("twins_first", [True, False])
def test_record_alike_to_two_of_one_source_is_for_a_person(twins_first):
    if twins_first:
        twins = say("alpha", river(), river())
        [beta] = say("beta", river())
        run()
    else:
        [alpha] = say("alpha", river())
        [beta] = say("beta", river())
        run()
        assert together(alpha, beta)
        twins = say("alpha", river(), river())
        run()

    assert not any(together(twin, beta) for twin in twins)
    states = dict(Match.objects.filter(second=beta).values_list("first", "state"))
    states |= dict(Match.objects.filter(first=beta).values_list("second", "state"))
    assert states == {twin.pk: Match.State.LIKELY for twin in twins}


def test_twin_does_not_take_apart_what_a_person_joined(anna):
    [alpha] = say("alpha", river())
    [beta] = say("beta", river())
    join([alpha, beta], by=anna)
    say("alpha", river(), river())
    run()

    assert together(alpha, beta)


def test_page_that_very_many_share_is_no_evidence():
    page = ("https://portal.example/open-data",)
    many = MOST_RECORDS["page"] + 1
    publisher = Agent(name=(Text("Gauge Office", "en"),))
    say(
        "alpha",
        *(river(f"Rivers of {n}", f"About {n}.", landing_pages=page) for n in "abcdefghijklmnopqrstu"[:many]),
    )
    say("beta", river("Rivers of a", "Other words here.", landing_pages=page, publisher=publisher))
    run()
    renew_all(["match"])  # the first ones came before the page was common
    run()

    assert Dataset.objects.live().count() == many + 1


def test_dataset_has_one_search_result(fresh_stores):
    from catalogue import stores
    from catalogue.domain.projection import drain_all
    from catalogue.search.engine import SearchQuery

    [alpha] = say("alpha", river())
    say("beta", river())
    for _ in range(3):
        drain_all()

    found = stores.search_engine().search(SearchQuery(text="river discharge"))
    assert [hit.id for hit in found.hits] == [str(home_of(alpha))]


def test_keys_follow_the_record():
    [alpha] = say("alpha", river(landing_pages=("https://water.example/a",)))
    run()
    before = set(MatchKey.objects.filter(record=alpha, kind="page").values_list("digest", flat=True))
    say("alpha", river(landing_pages=("https://water.example/b",)))
    run()

    after = set(MatchKey.objects.filter(record=alpha, kind="page").values_list("digest", flat=True))
    assert len(before) == len(after) == 1
    assert before != after


def test_file_and_checksum_are_evidence_too():
    files = (Distribution(download_urls=("https://water.example/q.csv",)),)
    [alpha] = say("alpha", river("Discharge of rivers, daily", distributions=files))
    [beta] = say("beta", river("Discharge of rivers, daily", description="", distributions=files))
    run()

    assert together(alpha, beta)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="locks of rows are PostgreSQL's")
def test_harvest_and_steward_at_once_leave_every_record_in_a_living_dataset(anna):
    say("alpha", river("Lakes"))
    say("beta", river("Snow"))
    alpha, beta = SourceRecord.objects.select_related("source").order_by("pk")
    errors = []

    def in_thread(work):
        def body():
            try:
                for number in range(8):
                    work(number)
            except Exception as error:
                errors.append(error)
            finally:
                connections.close_all()

        return threading.Thread(target=body)

    def toggle(_number):
        for verb, records in ((join, [alpha, beta]), (split, [beta])):
            with suppress(StateConflict, InvalidRecord):  # the other one was faster
                verb(records, by=anna)

    threads = [
        in_thread(lambda number: say("alpha", river(f"Lakes {number}"))),
        in_thread(lambda number: say("beta", river(f"Snow {number}"))),
        in_thread(toggle),
        in_thread(toggle),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    for record in SourceRecord.objects.select_related("dataset"):
        assert record.dataset.state == Dataset.State.LIVE
    living = set(Dataset.objects.live().values_list("pk", flat=True))
    assert living == set(SourceRecord.objects.values_list("dataset", flat=True))
    lead = Dataset.objects.get(pk=home_of(alpha))
    assert lead.title in {"Lakes 7", "Snow 7"}
