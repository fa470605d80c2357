"""The past of a dataset, as a whole and field by field."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalogue.domain.curation import decide_conflict, override_field, revert_field, undo_act
from catalogue.domain.history import read_field_history, state_as_of
from catalogue.domain.ingest import Finding, IngestPage, ingest_page
from catalogue.domain.layers import rewrite_from_database
from catalogue.domain.undo import undo_run
from catalogue.errors import NotFound
from catalogue.models import Act, Conflict, Dataset, MappingRule, Override, Proposal, Run, SourceRecord
from catalogue.record_paths import element_keys, value_digest
from catalogue.records import Term
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def day(number):
    return START + timedelta(days=number)


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def say():
    """Return a function that harvests one record on a day and returns its dataset."""
    source = SourceFactory(slug="lakes", title="Lake portal")

    def harvest(number, title="Lakes", into=source, **fields):
        lease = open_run(into)
        ingest_page(
            lease, IngestPage(incoming=[make_incoming("a", make_record(title, **fields))]), now=day(number)
        )
        end_quietly(lease)
        return Dataset.objects.get(source_records__source=into)

    return harvest


def issued(dataset, number):
    return state_as_of(dataset, day(number)).record.get("issued")


def test_past_of_sources(say):
    dataset = say(1, "A")
    say(3, "A2")
    assert state_as_of(dataset, day(2)).record["title"][0]["value"] == "A"
    assert state_as_of(dataset, day(3)).record["title"][0]["value"] == "A2"
    with pytest.raises(NotFound):
        state_as_of(dataset, day(0))


def test_past_of_an_undone_run_is_seen_while_it_lasted(say):
    dataset = say(1, "A")
    say(3, "Broken")
    undo_run(Run.objects.latest("id"), now=day(5))
    assert [state_as_of(dataset, day(n)).record["title"][0]["value"] for n in (2, 4, 6)] == [
        "A",
        "Broken",
        "A",
    ]


def test_past_of_overrides_conflicts_and_decisions(say, anna):
    dataset = say(1, issued="2001")
    override_field(dataset, "issued", "2002", by=anna, now=day(2))
    say(4, issued="2003")
    decide_conflict(Conflict.objects.get(), "take", by=anna, now=day(6))
    override_field(dataset, "issued", "2004", by=anna, now=day(8))
    revert_field(dataset, "issued", by=anna, now=day(10))
    assert [issued(dataset, n) for n in (1, 3, 5, 7, 9, 11)] == [
        "2001",
        "2002",
        "2002",
        "2003",
        "2004",
        "2003",
    ]
    assert [len(state_as_of(dataset, day(n)).conflicts) for n in (3, 5, 7)] == [0, 1, 0]
    assert state_as_of(dataset, day(9)).provenance["issued"]["author"] == "anna"


def test_past_keeps_the_gap_before_an_undo(say, anna):
    dataset = say(1, issued="2001")
    override_field(dataset, "issued", "2002", by=anna, now=day(2))
    act = revert_field(dataset, "issued", by=anna, now=day(4))
    undo_act(act, by=anna, now=day(6))
    assert [issued(dataset, n) for n in (3, 5, 7)] == ["2002", "2001", "2002"]


def test_past_of_rules_and_proposals(say, anna):
    transport = {"iri": "http://publications.europa.eu/resource/authority/data-theme/TRAN"}
    health = {"iri": "http://publications.europa.eu/resource/authority/data-theme/HEAL"}
    dataset = say(1, themes=(Term(raw="Väg"),))
    MappingRule.objects.create(
        field="themes", match="väg", target_field="themes", target=transport, author=anna, note="roads",
        made_at=day(2), closed_at=day(4),
    )  # fmt: skip
    act = Act.objects.create(kind=Act.Kind.ACCEPT, author=anna, made_at=day(6), reason="seen")
    Proposal.objects.create(
        dataset=dataset, path="themes", value=health, value_key=value_digest(health), adds=True, confidence=0.9,
        program="themer", state=Proposal.State.ACCEPTED, made_at=day(1), decided_at=day(6), decided_by=anna, act=act,
    )  # fmt: skip
    undo_act(act, by=anna, now=day(8))
    seen = [state_as_of(dataset, day(n)).record["themes"] for n in (1, 3, 5, 7, 9)]
    mapped, plain = {**transport, "raw": "Väg"}, {"raw": "Väg"}
    assert seen == [[plain], [mapped], [plain], [plain, health], [plain]]
    layers = [(entry.layer, entry.who, entry.ended) for entry in read_field_history(dataset, "themes")]
    assert layers == [("rule", "anna", "closed"), ("source", "Lake portal", "")]


def test_source_that_left_the_dataset_is_not_in_its_later_past(say):
    dataset = say(1)
    second = SourceFactory(slug="second")
    say(2, into=second, version="7")
    SourceRecord.objects.filter(source=second).update(dataset=dataset)
    assert state_as_of(dataset, day(3)).record["version"] == "7"
    SourceRecord.objects.filter(source=second).update(state=SourceRecord.State.REMOVED)
    rewrite_from_database([dataset.pk], day(4))
    dataset.refresh_from_db()
    assert state_as_of(dataset, day(5)).record == dataset.record


def test_present_is_the_past_of_this_moment(say, anna):
    dataset = say(1, issued="2001")
    override_field(dataset, "title", ["Sjöar"], lang="sv", by=anna, now=day(2))
    override_field(dataset, "distributions[0].byte_size", 5, by=anna, now=day(3))
    dataset.refresh_from_db()
    assert state_as_of(dataset, day(4)).record == dataset.record


def test_history_of_a_field_names_every_value_and_its_end(say, anna):
    dataset = say(1, issued="2001")
    override_field(dataset, "issued", "2002", by=anna, reason="as printed", now=day(2))
    say(3, "Other words", issued="2001")
    say(4, issued="2003")
    decide_conflict(Conflict.objects.get(), "merge", value="2004", by=anna, reason="both", now=day(5))
    told = [
        (entry.layer, entry.who, entry.value, entry.why, entry.ended, entry.ended_by)
        for entry in read_field_history(dataset, "issued")
    ]
    assert told == [
        ("curation", "anna", "2004", "both", "", ""),
        ("source", "Lake portal", "2003", "", "", ""),
        ("curation", "anna", "2002", "as printed", "replaced", "anna"),
        ("source", "Lake portal", "2001", "", "replaced", ""),
    ]


def test_history_of_a_language_and_of_a_part(say, anna):
    dataset = say(1)
    override_field(dataset, "title", [{"value": "Sjöar", "lang": "sv"}], by=anna, now=day(2))
    assert [entry.value for entry in read_field_history(dataset, "title", "sv")] == [["Sjöar"]]
    path = f"distributions[~{element_keys(dataset.record['distributions'])[0]}]"
    parts = [{"access_urls": ["https://water.example/lakes"], "byte_size": 7}]
    override_field(dataset, "distributions", parts, by=anna, now=day(3))
    assert [entry.value for entry in read_field_history(dataset, f"{path}.byte_size")] == [7]
    undo_act(Override.objects.latest("id").act, by=anna, now=day(4))
    entry = read_field_history(dataset, f"{path}.byte_size")[0]
    assert (entry.ended, entry.ended_by) == ("undone", "anna")


def test_history_tells_of_findings(say):
    dataset = say(1)
    assert not read_field_history(dataset, "detected_language")
    lease = open_run(SourceFactory(slug="second"))
    finding = Finding("detected_language", "en", "lingua", 0.9)
    item = replace(make_incoming("b", make_record("B")), findings=(finding,))
    ingest_page(lease, IngestPage(incoming=[item]))
    other = Dataset.objects.exclude(pk=dataset.pk).get()
    assert [
        (entry.layer, entry.who, entry.value) for entry in read_field_history(other, "detected_language")
    ] == [("enrichment", "lingua", "en")]
