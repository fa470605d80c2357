"""What stewards do to fields, and what becomes of it when sources go on harvesting."""

import pytest

from catalogue.domain.curation import decide_conflict, override_field, revert_field, undo_act
from catalogue.domain.curation_place import FieldChanged, field_digest, open_dataset
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.layers import FOLLOWERS
from catalogue.errors import Conflict as StateConflict
from catalogue.errors import InvalidRecord, NotFound
from catalogue.models import Act, Conflict, Dataset, Outbox, Override, Proposal
from catalogue.record_paths import element_keys, value_digest
from catalogue.records import Agent, Distribution, Text
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def bo():
    return UserFactory(username="bo")


@pytest.fixture
def say():
    """Return a function that harvests one record of one source and returns its dataset."""
    source = SourceFactory(slug="lakes", title="Lake portal")

    def harvest(title="Lakes of Sweden", into=source, **fields):
        lease = open_run(into)
        ingest_page(lease, IngestPage(incoming=[make_incoming("a", make_record(title, **fields))]))
        end_quietly(lease)
        return Dataset.objects.latest("changed_at")

    return harvest


def read(dataset, path, lang=None):
    dataset.refresh_from_db()
    opened = open_dataset(dataset)
    assert opened.data == dataset.record
    return opened.read(opened.locate(path, lang))


def title(text, lang="en"):
    return [{"value": text, "lang": lang}]


def key(dataset, field, number=0):
    return f"{field}[~{element_keys(dataset.record[field])[number]}]"


# Overriding


def test_override_shows_and_the_sources_value_stays_below(say, anna):
    dataset = say()
    row = override_field(dataset, "issued", "2020", by=anna, reason="as printed")
    assert read(dataset, "issued") == "2020"
    assert open_dataset(dataset).base["issued"] == "2024-05-01"
    assert dataset.provenance["issued"] | {"at": ""} == {
        "layer": "curation",
        "author": "anna",
        "reason": "as printed",
        "at": "",
    }
    assert (row.act.kind, row.act.author, row.based_on) == (Act.Kind.EDIT, anna, "2024-05-01")
    assert Outbox.objects.filter(key=str(dataset.pk), generation=dataset.revision).count() == len(FOLLOWERS)


def test_override_of_one_language_leaves_the_others(say, anna):
    dataset = say()
    override_field(dataset, "title", ["Sveriges sjöar"], lang="sv", by=anna)
    assert read(dataset, "title") == [*title("Lakes of Sweden"), *title("Sveriges sjöar", "sv")]
    say("Lakes, newly measured")
    assert read(dataset, "title") == [*title("Lakes, newly measured"), *title("Sveriges sjöar", "sv")]
    assert not Conflict.objects.exists()


def test_override_in_a_distribution_follows_it_to_another_place(say, anna):
    first, second = (Distribution(access_urls=(f"https://water.example/{n}",)) for n in "ab")
    dataset = say(distributions=(first, second))
    override_field(dataset, "distributions[1].byte_size", "1000", by=anna)
    say(distributions=(second, first))
    assert [item.get("byte_size") for item in read(dataset, "distributions")] == [1000, None]


def test_override_of_agents_and_contacts(say, anna):
    dataset = say(creators=(Agent(name=(Text("Ada"),)),))
    override_field(dataset, "publisher.email", "data@water.example", by=anna)
    override_field(dataset, "creators[0].name", ["Ada Exempel"], lang="", by=anna)
    override_field(dataset, "contacts", [{"email": "ask@water.example"}], by=anna)
    assert read(dataset, "publisher")["email"] == "data@water.example"
    assert read(dataset, "creators") == [{"name": [{"value": "Ada Exempel"}]}]
    override_field(dataset, "contacts[0].phone", "112", by=anna)
    assert read(dataset, "contacts") == [{"email": "ask@water.example", "phone": "112"}]
    assert Override.objects.filter(closed_at=None, path="contacts").count() == 1


def test_field_of_a_part_that_is_not_there_makes_the_part(say, anna):
    dataset = say(publisher=None)
    override_field(dataset, "publisher.name", ["Sjöverket"], lang="sv", by=anna)
    override_field(dataset, "publisher.email", "data@sjo.example", by=anna)
    dataset.refresh_from_db()
    assert dataset.record["publisher"] == {"name": title("Sjöverket", "sv"), "email": "data@sjo.example"}
    assert dataset.publisher.name == "Sjöverket"


def test_language_of_a_field_that_is_overridden_whole_becomes_part_of_it(say, anna):
    dataset = say()
    override_field(dataset, "title", [*title("Sjöar", "sv"), *title("Lakes")], by=anna)
    # The source's own word: on its own it would need no override, and the whole one would win again.
    override_field(dataset, "title", ["Lakes of Sweden"], lang="en", by=anna)
    assert read(dataset, "title") == [*title("Sjöar", "sv"), *title("Lakes of Sweden")]
    assert Override.objects.get(closed_at=None).has_lang is False


def test_whole_list_takes_in_what_was_set_below_it(say, anna):
    dataset = say()
    path = key(dataset, "distributions")
    override_field(dataset, f"{path}.byte_size", 5, by=anna)
    value = [{"access_urls": ["https://water.example/lakes"], "byte_size": 7}]
    override_field(dataset, "distributions", value, by=anna)
    assert read(dataset, "distributions") == value
    assert list(Override.objects.order_by("id").values_list("path", "closed_as")) == [
        (f"{path}.byte_size", "replaced"),
        ("distributions", ""),
    ]


def test_same_value_again_is_no_act(say, anna):
    dataset = say()
    assert override_field(dataset, "issued", "2024-05-01", by=anna) is None
    row = override_field(dataset, "issued", "2020", by=anna)
    assert override_field(dataset, "issued", "2020", by=anna) == row
    assert Act.objects.count() == 1


def test_sources_own_value_typed_ends_the_override(say, anna):
    dataset = say()
    override_field(dataset, "issued", "2020", by=anna)
    assert override_field(dataset, "issued", "2024-05-01", by=anna) is None
    assert not Override.objects.filter(closed_at=None).exists()


def test_empty_value_hides_the_sources(say, anna):
    dataset = say()
    override_field(dataset, "issued", None, by=anna)
    assert read(dataset, "issued") is None
    say("Lakes again")
    assert read(dataset, "issued") is None


@pytest.mark.parametrize(
    ("path", "value"), [("issued", "soon"), ("kind", "series"), ("distributions[7].format", "CSV")]
)
def test_wrong_value_or_field_changes_nothing(say, anna, path, value):
    dataset = say()
    with pytest.raises(InvalidRecord) as refusal:
        override_field(dataset, path, value, by=anna)
    assert refusal.value.violations
    assert not Act.objects.exists()


def test_tombstone_is_not_curated(say, anna):
    dataset = say()
    Dataset.objects.update(state=Dataset.State.GONE)
    with pytest.raises(NotFound):
        override_field(dataset, "issued", "2020", by=anna)


# Two stewards


def test_second_steward_is_told_who_changed_what(say, anna, bo):
    dataset = say()
    seen = field_digest(read(dataset, "issued"))
    override_field(dataset, "issued", "2020", by=anna, seen=seen)
    with pytest.raises(FieldChanged, match=r"anna.*2020") as told:
        override_field(dataset, "issued", "2021", by=bo, seen=seen)
    assert (told.value.value, told.value.who, told.value.digest) == ("2020", "anna", field_digest("2020"))
    override_field(dataset, "issued", "2021", by=bo, seen=told.value.digest)
    assert read(dataset, "issued") == "2021"


def test_two_stewards_of_two_fields_do_not_meet(say, anna, bo):
    dataset = say()
    seen = {lang: field_digest(read(dataset, "title", lang)) for lang in ("sv", "en")}
    override_field(dataset, "title", ["Sjöar"], lang="sv", by=anna, seen=seen["sv"])
    override_field(dataset, "title", ["Lakes"], lang="en", by=bo, seen=seen["en"])
    assert read(dataset, "title") == [*title("Lakes"), *title("Sjöar", "sv")]


def test_steward_is_told_of_a_harvest_too(say, anna):
    dataset = say()
    seen = field_digest(read(dataset, "title", "en"))
    say("Lakes 2")
    with pytest.raises(FieldChanged, match=r"Lake portal.*Lakes 2"):
        override_field(dataset, "title", ["Lakes!"], lang="en", by=anna, seen=seen)


# Reverting


def test_revert_brings_the_sources_value_back(say, anna):
    dataset = say()
    override_field(dataset, "issued", "2020", by=anna)
    revert_field(dataset, "issued", by=anna, reason="misread")
    assert read(dataset, "issued") == "2024-05-01"
    assert Override.objects.get().closed_as == Override.Closed.REVERTED
    with pytest.raises(NotFound, match="nothing to revert"):
        revert_field(dataset, "issued", by=anna)


def test_revert_of_one_language(say, anna):
    dataset = say()
    for lang in ("sv", "en"):
        override_field(dataset, "title", [lang], lang=lang, by=anna)
    revert_field(dataset, "title", lang="en", by=anna)
    assert read(dataset, "title") == [*title("Lakes of Sweden"), *title("sv", "sv")]
    revert_field(dataset, "title", by=anna)
    assert read(dataset, "title") == title("Lakes of Sweden")


# Conflicts


@pytest.fixture
def conflict(say, anna):
    dataset = say()
    override_field(dataset, "issued", "2020", by=anna)
    say(issued="2025")
    return Conflict.objects.get(closed_at=None)


def test_source_that_changes_under_an_override_opens_a_conflict(conflict):
    assert (conflict.based_on, conflict.override.value, conflict.theirs) == ("2024-05-01", "2020", "2025")
    assert read(conflict.dataset, "issued") == "2020"


def test_source_that_agrees_closes_override_and_conflict(conflict, say):
    say(issued="2020")
    conflict.refresh_from_db()
    assert conflict.decision == Conflict.Decision.SETTLED
    assert Override.objects.get().closed_as == Override.Closed.AGREED


def test_keep_stays_until_the_source_changes_again(conflict, say, bo):
    decide_conflict(conflict, "keep", by=bo)
    say("Only the title changed", issued="2025")
    assert not Conflict.objects.filter(closed_at=None).exists()
    say(issued="2026")
    assert Conflict.objects.get(closed_at=None).based_on == "2025"
    assert read(conflict.dataset, "issued") == "2020"


def test_take_ends_the_override(conflict, bo):
    decide_conflict(conflict, "take", by=bo)
    assert read(conflict.dataset, "issued") == "2025"
    assert Override.objects.get().closed_as == Override.Closed.TAKEN


def test_merge_is_a_third_value(conflict, bo):
    decide_conflict(conflict, "merge", value="2025-01", by=bo)
    assert read(conflict.dataset, "issued") == "2025-01"
    assert not Conflict.objects.filter(closed_at=None).exists()
    assert Override.objects.get(closed_at=None).based_on == "2025"


def test_decided_conflict_is_not_decided_twice(conflict, anna, bo):
    decide_conflict(conflict, "keep", by=bo)
    with pytest.raises(StateConflict, match="bo has decided"):
        decide_conflict(conflict, "take", by=anna)


def test_decision_on_an_older_value_is_refused(conflict, say, bo):
    seen = field_digest(conflict.theirs)
    say(issued="2026")
    with pytest.raises(FieldChanged, match="2026"):
        decide_conflict(conflict, "take", by=bo, seen=seen)


@pytest.mark.parametrize(
    ("path", "lang", "value"),
    [("issued", None, "2021"), ("title", "sv", ["Sjöar"]), ("title", None, title("Lakes!"))],
)
def test_typing_a_value_decides_no_conflict(say, anna, bo, path, lang, value):
    dataset = say()
    override_field(dataset, "issued", "2020", by=anna)
    override_field(dataset, "title", title("Mine"), by=anna)
    say("Theirs", issued="2025")
    override_field(dataset, path, value, lang=lang, by=bo)
    waiting = Conflict.objects.filter(closed_at=None)
    assert {row.override.path for row in waiting} == {"issued", "title"}
    assert all(row.override.closed_at is None for row in waiting)


def test_conflict_below_stays_when_the_whole_list_is_written(say, anna):
    dataset = say()
    path = key(dataset, "distributions")
    override_field(dataset, f"{path}.license", "CC0", by=anna)
    say(distributions=(Distribution(access_urls=("https://water.example/lakes",)),))
    assert Conflict.objects.get(closed_at=None).theirs is None
    override_field(dataset, "distributions", [{"access_urls": ["https://water.example/all"]}], by=anna)
    assert Conflict.objects.get(closed_at=None).override.path == "distributions"


def test_override_of_what_is_gone_waits_for_it(say, anna, bo):
    dataset = say()
    path = key(dataset, "distributions")
    override_field(dataset, f"{path}.byte_size", 5, by=anna)
    say(distributions=())
    conflict = Conflict.objects.get(closed_at=None)
    assert conflict.kind == Conflict.Kind.HOMELESS
    with pytest.raises(InvalidRecord, match="comes back"):
        decide_conflict(conflict, "merge", value=6, by=bo)
    decide_conflict(conflict, "keep", by=bo)
    say("Still without", distributions=())
    assert not Conflict.objects.filter(closed_at=None).exists()
    say("Back again")
    assert read(dataset, f"{path}.byte_size") == 5


# Undoing


def test_undo_of_an_edit_restores_what_it_replaced(say, anna, bo):
    dataset = say()
    override_field(dataset, "issued", "2020", by=anna, reason="first")
    second = override_field(dataset, "issued", "2021", by=bo)
    assert undo_act(second.act, by=anna) == 1
    assert read(dataset, "issued") == "2020"
    assert Override.objects.get(closed_at=None).reason == "first"
    with pytest.raises(StateConflict, match="anna has undone"):
        undo_act(second.act, by=bo)
    undo_act(Act.objects.earliest("id"), by=bo)
    assert read(dataset, "issued") == "2024-05-01"


def test_undo_leaves_what_is_newer(say, anna, bo):
    dataset = say()
    first = override_field(dataset, "issued", "2020", by=anna)
    second = override_field(dataset, "issued", "2021", by=bo)
    override_field(dataset, "issued", "2022", by=bo)
    undo_act(second.act, by=anna)
    undo_act(first.act, by=anna)
    assert read(dataset, "issued") == "2022"


def test_undo_of_a_revert(say, anna):
    dataset = say()
    override_field(dataset, "issued", "2020", by=anna)
    undo_act(revert_field(dataset, "issued", by=anna), by=anna)
    assert read(dataset, "issued") == "2020"


@pytest.mark.parametrize(("choice", "value"), [("keep", None), ("take", None), ("merge", "2024")])
def test_undo_of_a_decision_asks_again(conflict, anna, choice, value):
    undo_act(decide_conflict(conflict, choice, value=value, by=anna), by=anna)
    assert read(conflict.dataset, "issued") == "2020"
    asked = Conflict.objects.get(closed_at=None)
    assert (asked.based_on, asked.theirs, asked.override.value) == ("2024-05-01", "2025", "2020")


def test_undo_of_an_acceptance_proposes_again(say, anna):
    dataset = say()
    act = Act.objects.create(kind=Act.Kind.ACCEPT, author=anna, made_at=dataset.changed_at)
    value = {"iri": "http://publications.europa.eu/resource/authority/data-theme/ENVI"}
    proposal = Proposal.objects.create(
        dataset=dataset, path="themes", value=value, value_key=value_digest(value), adds=True, confidence=0.9,
        program="themes", state=Proposal.State.ACCEPTED, made_at=dataset.changed_at, act=act,
    )  # fmt: skip
    override_field(dataset, "version", "2", by=anna)
    assert read(dataset, "themes") == [value]
    undo_act(act, by=anna)
    assert read(dataset, "themes") is None
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.PROPOSED


def test_joining_is_undone_elsewhere(anna, say):
    act = Act.objects.create(kind=Act.Kind.JOIN, author=anna, made_at=say().changed_at)
    with pytest.raises(StateConflict, match="page of the dataset's sources"):
        undo_act(act, by=anna)
