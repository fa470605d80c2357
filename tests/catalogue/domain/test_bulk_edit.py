"""A change for all datasets of a search: previewed, carried out as it was previewed, undone as a whole."""

import pytest

from catalogue.domain import bulk_edit
from catalogue.domain.bulk_change import Verdict, read_change
from catalogue.domain.bulk_edit import changed_datasets, measure_progress, skipped_remarks, start_change
from catalogue.domain.bulk_plan import make_plan, preview_rows, read_plan
from catalogue.domain.curation import override_field, undo_act
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.errors import Conflict, InvalidRecord, NotFound
from catalogue.models import Act, Dataset, Outbox, Override, RoleGrant, User
from catalogue.search.query import query_from_params
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def lakes(fresh_stores):
    """A source with three datasets, indexed."""
    source = SourceFactory(slug="lakes")
    harvest(source, a="Lake Vänern", b="Lake Vättern", c="Forest of Småland")
    return source


@pytest.fixture
def chief():
    user = UserFactory(username="chief")
    RoleGrant.objects.create(user=user, role="chief")
    return user


def harvest(source, **titles):
    lease = open_run(source)
    incoming = [make_incoming(key, make_record(title)) for key, title in titles.items()]
    ingest_page(lease, IngestPage(incoming=incoming))
    end_quietly(lease)
    drain(PROJECTORS["search"])


def plan_for(user, query="q=lake", field="themes", operation="add", **values):
    change = read_change(field, operation, **{"value": "ENVI", **values})
    params = dict(pair.split("=") for pair in query.split("&")) if query else {}
    return make_plan(query_from_params(params), query, change, user)


def verdicts(plan):
    return {Dataset.objects.get(pk=row.dataset).title: row.verdict.value for row in plan.rows}


def themes():
    return {
        row.title: [term["iri"].rpartition("/")[2] for term in row.record.get("themes", ())]
        for row in Dataset.objects.all()
    }


def test_preview_tells_what_would_change_and_why_not_and_changes_nothing(lakes, chief):
    vanern = Dataset.objects.get(title="Lake Vänern")
    override_field(vanern, "themes", ["ENVI"], by=chief)
    plan = plan_for(chief, query="")
    assert verdicts(plan) == {
        "Lake Vänern": "same",
        "Lake Vättern": "changes",
        "Forest of Småland": "changes",
    }
    assert plan.counts == {Verdict.CHANGES: 2, Verdict.SAME: 1}
    rows = {row.title: row for row in preview_rows(plan, plan.rows)}
    assert rows["Lake Vättern"].edits[0].before is None
    assert rows["Lake Vättern"].edits[0].after[0]["iri"].endswith("/ENVI")
    assert rows["Lake Vänern"].edits == ()
    assert not Act.objects.filter(kind="bulk").exists()


def test_only_what_words_and_filters_find_is_meant(lakes, chief):
    assert set(verdicts(plan_for(chief))) == {"Lake Vänern", "Lake Vättern"}
    with pytest.raises(InvalidRecord, match="finds nothing"):
        plan_for(chief, query="q=volcano")


def test_steward_is_told_what_is_not_theirs(lakes, chief):
    other = SourceFactory(slug="other")
    harvest(other, z="Lake Mälaren")
    steward = UserFactory()
    RoleGrant.objects.create(user=steward, role="steward", source=other)
    assert verdicts(plan_for(steward)) == {
        "Lake Mälaren": "changes",
        "Lake Vänern": "not_yours",
        "Lake Vättern": "not_yours",
    }


def test_open_conflict_keeps_a_dataset_out(lakes, chief):
    override_field(Dataset.objects.get(title="Lake Vänern"), "issued", "2000", by=chief)
    lease = open_run(lakes)
    incoming = make_incoming("a", make_record("Lake Vänern", issued="2023-01-01"))
    ingest_page(lease, IngestPage(incoming=[incoming]))
    drain(PROJECTORS["search"])
    assert (
        verdicts(plan_for(chief, field="issued", operation="set", value="2022"))["Lake Vänern"] == "conflict"
    )
    assert verdicts(plan_for(chief))["Lake Vänern"] == "changes"


def test_plan_is_carried_out_as_one_act_and_undone_as_one(lakes, chief):
    plan = plan_for(chief)
    act = start_change(read_plan(plan.key, chief), by=chief, reason="they are all about nature")
    act.refresh_from_db()
    assert (act.kind, act.size, act.reason) == ("bulk", 2, "they are all about nature")
    assert themes() == {"Lake Vänern": ["ENVI"], "Lake Vättern": ["ENVI"], "Forest of Småland": []}
    assert {row.title for row in changed_datasets(act)} == {"Lake Vänern", "Lake Vättern"}
    assert not measure_progress(act).waiting
    assert Override.objects.filter(act=act).count() == 2
    undo_act(act, by=chief)
    assert themes() == {"Lake Vänern": [], "Lake Vättern": [], "Forest of Småland": []}


def test_dataset_that_changed_since_the_preview_is_left_alone_and_told(lakes, chief):
    plan = plan_for(chief)
    override_field(Dataset.objects.get(title="Lake Vänern"), "issued", "2000", by=chief)
    assert {row.verdict for row in preview_rows(plan, plan.rows)} == {Verdict.CHANGES, Verdict.STALE}
    act = start_change(plan, by=chief)
    assert themes()["Lake Vänern"] == []
    assert [remark.text for remark in skipped_remarks(act)] == ["It has changed since the preview."]
    assert measure_progress(act).skipped == 1


def test_role_that_was_taken_back_meanwhile_counts(lakes, chief):
    plan = plan_for(chief)
    RoleGrant.objects.all().delete()
    act = start_change(plan, by=User.objects.get(pk=chief.pk))
    assert themes()["Lake Vänern"] == []
    assert "no longer yours" in skipped_remarks(act)[0].text


def test_large_change_goes_on_where_a_killed_worker_left_it(lakes, chief, monkeypatch):
    monkeypatch.setattr(bulk_edit, "CHUNK", 1)
    plan = plan_for(chief, query="")
    act = start_change(plan, by=chief)
    assert measure_progress(act).waiting == 3
    drain(PROJECTORS["bulk"], limit=1)
    progress = measure_progress(act)
    assert (progress.changed, progress.waiting) == (1, 2)
    # The chunk that is done comes back, as after a kill between its last dataset and its own end.
    Outbox.objects.create(kind="bulk", key=f"{act.pk}:{plan.key}:0")
    drain(PROJECTORS["bulk"])
    act.refresh_from_db()
    assert act.size == 3
    assert not skipped_remarks(act).exists()
    assert Override.objects.filter(act=act).count() == 3


def test_undoing_a_change_under_way_stops_the_rest(lakes, chief, monkeypatch):
    monkeypatch.setattr(bulk_edit, "CHUNK", 1)
    act = start_change(plan_for(chief, query=""), by=chief)
    drain(PROJECTORS["bulk"], limit=1)
    undo_act(act, by=chief)
    drain(PROJECTORS["bulk"])
    assert not any(themes().values())
    assert not measure_progress(act).waiting


def test_plan_belongs_to_who_made_it(lakes, chief):
    plan = plan_for(chief)
    for key in (plan.key, "0" * 64, "../etc/passwd"):
        with pytest.raises(NotFound):
            read_plan(key, UserFactory())


def test_change_of_nothing_is_refused(lakes, chief):
    plan = plan_for(chief, operation="remove")
    with pytest.raises(Conflict, match="nothing"):
        start_change(plan, by=chief)
    assert not Act.objects.exists()
