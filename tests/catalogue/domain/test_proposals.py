"""What programs propose, and what becomes of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.domain.curation import override_field, undo_act
from catalogue.domain.history import read_field_history, state_as_of
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import drain
from catalogue.domain.projection import renew_all
from catalogue.domain.proposals import (
    Filters,
    accept_above,
    accept_proposals,
    proposals_for,
    refuse_proposals,
    summarise_programs,
)
from catalogue.domain.proposing import ProposeProjector, strip_programs
from catalogue.domain.removal import conclude_listing
from catalogue.errors import Conflict, InvalidRecord, NotFound
from catalogue.models import Act, Dataset, Outbox, Proposal, RoleGrant, Run
from catalogue.record_paths import element_keys
from catalogue.records import Distribution, Term, Text
from ontology.namespaces import DATA_THEME, FILE_TYPE, LICENCE
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]

TITLE = "Chest X-ray images of patients with tuberculosis"
FILE = Distribution(access_urls=("https://x.example/scans",), download_urls=("https://x.example/scans.csv",))
MESH = "http://id.nlm.nih.gov/mesh/"


@pytest.fixture
def chief():
    user = UserFactory(username="chief")
    RoleGrant.objects.create(user=user, role=RoleGrant.Role.CHIEF)
    return user


@pytest.fixture
def say():
    """Return a function that harvests a source's whole list, lets programs read, and returns the dataset."""
    source = SourceFactory(slug="scans", title="Scan archive")

    def harvest(title=TITLE, *, key="a", into=source, **fields):
        lease = open_run(into, accept_removals=True)
        fields.setdefault("distributions", (FILE,))
        fields.setdefault("keywords", ())
        record = make_record(title, **fields)
        ingest_page(lease, IngestPage(incoming=[make_incoming(key, record)]))
        end_quietly(lease)
        read_all()
        return Dataset.objects.latest("changed_at")

    return harvest


def read_all():
    while Outbox.objects.filter(kind="propose").exists():
        outcome = drain(ProposeProjector())
        assert not outcome.failed, Outbox.objects.exclude(error="").values_list("error", flat=True)


def waiting(program=""):
    rows = Proposal.objects.filter(state="proposed")
    return {row.value.get("iri") or row.value["value"]: row for row in rows if program in ("", row.program)}


def test_programs_propose_after_a_harvest_and_change_nothing_yet(say):
    dataset = say()
    assert {row.program for row in Proposal.objects.filter(state="proposed")} >= {
        "theme",
        "keywords",
        "modality",
        "disease",
        "format",
    }
    row = waiting("disease")[f"{MESH}D014376"]
    assert row.adds
    assert row.path == "subjects"
    assert 0.5 <= row.confidence < 1
    words = next(item for item in row.evidence["words"] if item["field"] == "title[0].value")
    assert TITLE[words["start"] : words["end"]] == words["text"] == "tuberculosis"
    assert "subjects" not in dataset.record
    assert "themes" not in dataset.record


def test_reading_again_makes_nothing_new(say):
    say()
    before = list(Proposal.objects.order_by("pk").values())
    renew_all(["propose"])
    read_all()
    assert list(Proposal.objects.order_by("pk").values()) == before


def test_accepted_proposal_is_in_the_record_and_marked_with_program_and_person(say, chief):
    dataset = say()
    disease = waiting("disease")[f"{MESH}D014376"]
    format_row = waiting("format")[FILE_TYPE("CSV")]
    act = accept_proposals([disease.pk, format_row.pk], by=chief)
    dataset.refresh_from_db()
    assert dataset.record["subjects"][0]["iri"] == f"{MESH}D014376"
    assert dataset.record["distributions"][0]["format"] == {"iri": FILE_TYPE("CSV")}
    for path, program in (("subjects[0]", "disease"), ("distributions[0].format", "format")):
        origin = dataset.provenance[path]
        assert (origin["layer"], origin["program"], origin["by"]) == ("enrichment", program, "chief")
    assert (act.kind, act.size) == (Act.Kind.ACCEPT, 1)
    entry = read_field_history(dataset, format_row.path)[0]
    assert (entry.layer, entry.who) == ("enrichment", "format")


def test_accepted_proposals_are_kept_when_programs_read_again_and_take_no_ground_from_others(say, chief):
    say(title="Vaccinations by municipality", description=(Text("Doses per week and age, by region.", "en"),))
    theme = waiting("theme")[DATA_THEME("HEAL")]
    others = set(waiting()) - {DATA_THEME("HEAL")}
    accept_proposals([theme.pk], by=chief)
    read_all()
    assert set(waiting()) == others
    theme.refresh_from_db()
    assert theme.state == Proposal.State.ACCEPTED


def test_stripped_record_is_what_the_source_and_the_steward_say(say, chief):
    dataset = say(subjects=(Term(raw="imaging"),))
    source_said = dict(dataset.record)
    accept_above("disease", 0.5, by=chief)
    accept_above("modality", 0.5, by=chief)
    accept_above("format", 0.5, by=chief)
    dataset.refresh_from_db()
    assert dataset.record != source_said
    assert strip_programs(dataset.record, dataset.provenance) == source_said


def test_refused_proposal_is_never_made_again(say, chief):
    say()
    row = waiting("disease")[f"{MESH}D014376"]
    refuse_proposals([row.pk], by=chief, reason="the cohort is of healthy people")
    read_all()
    say(description=(Text("Tuberculosis cohort, tuberculosis diagnosed by sputum.", "en"),))
    assert f"{MESH}D014376" not in waiting("disease")
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.act.reason) == (
        "refused",
        chief,
        "the cohort is of healthy people",
    )


def test_refused_value_is_not_proposed_by_another_program_nor_under_another_label(say, chief):
    dataset = say()
    row = waiting("disease")[f"{MESH}D014376"]
    Proposal.objects.filter(pk=row.pk).update(
        program="other", value={"iri": f"{MESH}D014376", "label": []}, value_key="x"
    )
    Proposal.objects.filter(pk=row.pk).update(state="refused")
    renew_all(["propose"])
    read_all()
    assert f"{MESH}D014376" not in waiting("disease")
    assert Dataset.objects.get() == dataset


def test_proposal_is_withdrawn_when_the_text_changed_and_comes_back_with_it(say):
    say()
    row = waiting("disease")[f"{MESH}D014376"]
    say(title="Chest X-ray images of patients")
    row.refresh_from_db()
    assert row.state == "withdrawn"
    say()
    row.refresh_from_db()
    assert (row.state, row.decided_at) == ("proposed", None)


def test_proposal_is_withdrawn_when_the_record_got_the_value(say, chief):
    dataset = say()
    row = waiting("format")[FILE_TYPE("CSV")]
    key = element_keys(dataset.record["distributions"])[0]
    override_field(dataset, f"distributions[~{key}].format", {"iri": FILE_TYPE("XML")}, by=chief)
    read_all()
    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_accepted_value_of_a_field_yields_when_the_source_states_its_own(say, chief):
    say()
    row = waiting("format")[FILE_TYPE("CSV")]
    accept_proposals([row.pk], by=chief)
    read_all()
    dataset = say(
        distributions=(
            Distribution(
                access_urls=FILE.access_urls,
                download_urls=FILE.download_urls,
                format=Term(iri=FILE_TYPE("TSV")),
            ),
        )
    )
    dataset.refresh_from_db()
    assert dataset.record["distributions"][0]["format"]["iri"] == FILE_TYPE("TSV")
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("withdrawn", chief)


def test_proposals_of_a_dataset_that_is_gone_are_withdrawn(say):
    dataset = say()
    assert waiting()
    source = dataset.source_records.get().source
    for _ in range(3):
        lease = open_run(source, accept_removals=True)
        conclude_listing(lease, is_delta=False)
        end_quietly(lease)
    dataset.refresh_from_db()
    if dataset.state == Dataset.State.LIVE:
        pytest.fail(f"still there after {Run.objects.count()} runs")
    read_all()
    assert not waiting()


def test_accept_above_takes_the_sure_ones_of_one_program_as_one_act(say, chief):
    say()
    say(key="b", title="Air quality and weather", into=SourceFactory())
    rows = list(Proposal.objects.filter(state="proposed"))
    sure = [row for row in rows if row.program == "theme" and row.confidence >= 0.7]
    unsure = [row for row in rows if row not in sure]
    assert len(sure) >= 2
    act = accept_above("theme", 0.7, by=chief)
    assert act.size == len({row.dataset_id for row in sure})
    assert {row.pk for row in Proposal.objects.filter(state="accepted", act=act)} == {r.pk for r in sure}
    assert set(Proposal.objects.filter(state="proposed").values_list("pk", flat=True)) == {
        row.pk for row in unsure
    }
    assert all(row.record["themes"] for row in Dataset.objects.all())


def test_accept_above_of_many_datasets_resolves_them_in_the_background(say, chief, monkeypatch):
    say()
    monkeypatch.setattr("catalogue.domain.proposals.WRITTEN_AT_ONCE", 0)
    accept_above("disease", 0.5, by=chief)
    assert Outbox.objects.filter(kind="resolve").count() == 1
    assert "subjects" not in Dataset.objects.get().record


def test_accept_above_is_undone_as_one(say, chief):
    dataset = say()
    before = dataset.record
    moment = dataset.changed_at
    act = accept_above("disease", 0.5, by=chief)
    undo_act(act, by=chief)
    dataset.refresh_from_db()
    assert dataset.record == before
    assert state_as_of(dataset, moment).record == before
    row = waiting("disease")[f"{MESH}D014376"]
    assert (row.decided_at, row.decided_by) == (None, None)


def test_refusal_can_be_undone(say, chief):
    say()
    row = waiting("disease")[f"{MESH}D014376"]
    undo_act(refuse_proposals([row.pk], by=chief), by=chief)
    read_all()
    assert f"{MESH}D014376" in waiting("disease")


def test_second_decision_says_who_was_first(say, chief):
    say()
    row = waiting("disease")[f"{MESH}D014376"]
    accept_proposals([row.pk], by=chief)
    with pytest.raises(Conflict, match="chief"):
        refuse_proposals([row.pk], by=chief)
    assert Act.objects.count() == 1


def test_several_are_decided_even_if_one_was_decided_meanwhile(say, chief):
    say()
    rows = list(waiting("modality").values()) + list(waiting("disease").values())
    assert len(rows) >= 2
    accept_proposals([rows[0].pk], by=chief)
    refuse_proposals([row.pk for row in rows], by=chief)
    states = [Proposal.objects.get(pk=row.pk).state for row in rows]
    assert states == ["accepted", *["refused"] * (len(rows) - 1)]


def test_accept_above_refuses_what_is_no_program_or_confidence_and_says_when_nothing_waits(say, chief):
    say()
    with pytest.raises(InvalidRecord):
        accept_above("guess", 0.5, by=chief)
    with pytest.raises(InvalidRecord):
        accept_above("theme", 1.5, by=chief)
    with pytest.raises(Conflict):
        accept_above("licence", 0.99, by=chief)
    assert not Act.objects.exists()


def test_steward_sees_and_decides_only_what_is_theirs(say, chief):
    mine = say()
    theirs = say(key="b", title="Asthma and chest X-rays of patients", into=SourceFactory(slug="other"))
    steward = UserFactory()
    RoleGrant.objects.create(
        user=steward, role=RoleGrant.Role.STEWARD, source=mine.source_records.get().source
    )
    visible = proposals_for(steward)
    assert set(visible.values_list("dataset", flat=True)) == {mine.pk}
    other = Proposal.objects.filter(dataset=theirs, state="proposed").first()
    with pytest.raises(NotFound):
        accept_proposals([other.pk], by=steward)
    act = accept_above("disease", 0.5, by=steward)
    assert set(Proposal.objects.filter(act=act).values_list("dataset", flat=True)) == {mine.pk}
    assert not proposals_for(UserFactory()).exists()
    assert proposals_for(chief).count() == Proposal.objects.exclude(program="lingua").count()


def test_filters_narrow_by_source_publisher_dataset_and_confidence(say, chief):
    dataset = say()
    say(key="b", title="Asthma and chest X-rays of patients", into=SourceFactory(slug="other"))
    everything = proposals_for(chief).count()
    for filters in (
        Filters(source="other"),
        Filters(dataset=dataset.pk),
        Filters(program="theme"),
        Filters(above=0.979),
    ):
        assert 0 < proposals_for(chief, filters).count() < everything
    assert proposals_for(chief, Filters(publisher=dataset.publisher.slug)).count() == everything
    assert not proposals_for(chief, Filters(publisher="nobody")).exists()


def test_summary_counts_what_waits_with_the_measured_precision(say, chief, django_assert_num_queries):
    say()
    proposals_for(chief).exists()
    with django_assert_num_queries(1):
        summaries = {item.program: item for item in summarise_programs(chief)}
    assert summaries["disease"].waiting == summaries["disease"].above_threshold == 1
    assert summaries["disease"].precision.share >= 0.9
    assert summaries["licence"].waiting == 0


def test_reading_takes_a_fixed_number_of_queries(say):
    counts = []
    for number in range(3):
        say(key=str(number), title=f"{TITLE}, part {number}")
        renew_all(["propose"])
        with CaptureQueriesContext(connection) as queries:
            drain(ProposeProjector())
        counts.append(len(queries))
    assert len(set(counts)) == 1


def test_licence_is_proposed_where_rights_state_it(say, chief):
    dataset = say(rights=(Term(raw="CC BY 4.0"),))
    row = waiting("licence")[LICENCE("CC_BY_4_0")]
    accept_proposals([row.pk], by=chief)
    dataset.refresh_from_db()
    assert dataset.record["distributions"][0]["license"]["iri"] == LICENCE("CC_BY_4_0")
