"""Own datasets: published as a source's record, corrected, followed, withdrawn and restored."""

import json
import uuid

import pytest
from django.utils import timezone

from catalogue import stores
from catalogue.domain.archive import read_payload
from catalogue.domain.drafts import (
    DraftChanged,
    save_draft,
    start_correction,
    start_draft,
    start_edition,
    submit_draft,
)
from catalogue.domain.editions import (
    current_edition,
    preview_record,
    publish_draft,
    restore_edition,
    withdraw_edition,
)
from catalogue.domain.own_files import file_url
from catalogue.domain.projection import dataset_graphs, drain_all
from catalogue.domain.runs import request_due_runs, request_run
from catalogue.domain.sources import save_source
from catalogue.errors import Conflict, InvalidRecord, NotFound, NotPermitted
from catalogue.models import Dataset, Edition, Source, SourceVersion, StoredFile, concept_iri
from tests.factories import SourceFactory
from tests.factories.own import make_publisher, make_steward, own_json, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]


@pytest.fixture
def publisher():
    return make_publisher()


@pytest.fixture
def anna(publisher):
    return make_steward(publisher, username="anna")


@pytest.fixture
def dataset(publisher, anna):
    return publish(anna, publisher)


def publish_again(draft, by, **fields):
    draft = save_draft(draft, {**draft.record, **fields}, by=by, revision=draft.revision) if fields else draft
    return publish_draft(draft, by=by, revision=draft.revision)


def follow(dataset, by, **fields):
    return publish_again(start_edition(dataset, by=by), by, **fields).edition.dataset


def relations(dataset):
    dataset.refresh_from_db()
    return {(item["kind"], item["target"]) for item in dataset.record.get("relations", ())}


def make_file(draft, name="lakes.csv", state=StoredFile.State.READY, **fields):
    return StoredFile.objects.create(
        draft=draft,
        name=name,
        size_bytes=12,
        sha256="ab" * 32,
        media_type="text/csv",
        object_key=uuid.uuid4().hex,
        state=state,
        created_at=timezone.now(),
        **fields,
    )


def test_first_publication_makes_a_dataset_like_any_other(dataset, publisher, anna):
    edition = dataset.edition
    assert (edition.number, edition.publisher, edition.published_by) == (1, publisher, anna)
    assert (dataset.state, dataset.publisher, dataset.title) == ("live", publisher, "Lakes of Sweden")
    assert dataset.record["version"] == "1"
    assert dataset.record["issued"] == f"{edition.published_at:%Y-%m-%d}"
    assert dataset.provenance[""]["source"] == "own"
    assert relations(dataset) == {("dcat:isVersionOf", concept_iri(edition.concept_id))}
    [named, of_source] = dataset_graphs([str(dataset.pk)])
    assert named.iri == dataset.iri
    assert list(of_source.triples)


def test_what_was_written_is_archived(dataset):
    version = SourceVersion.objects.get(record__dataset=dataset)
    payload = read_payload(stores.object_store(), version.raw_pointer, sha256=version.payload_sha256)
    assert json.loads(payload)["record"]["title"] == dataset.record["title"]
    assert (version.format, version.run) == ("own", None)


def test_the_index_finds_what_is_published_and_forgets_what_is_withdrawn(dataset, anna, client):
    drain_all()
    engine = stores.search_engine()
    assert engine.count() == 1
    withdraw_edition(dataset, by=anna, reason="Wrong lake.")
    drain_all()
    assert engine.count() == 0


def test_a_draft_that_is_not_ready_is_not_published(publisher, anna):
    draft = start_draft(publisher, by=anna, record=own_json(contacts=None))
    with pytest.raises(InvalidRecord) as caught:
        publish_draft(draft, by=anna, revision=1)
    assert [item.field for item in caught.value.violations] == ["contacts"]
    assert not Dataset.objects.exists()


def test_publishing_what_somebody_saved_meanwhile_is_refused(publisher, anna):
    draft = start_draft(publisher, by=anna, record=own_json())
    save_draft(draft, own_json("Other"), by=anna, revision=1)
    with pytest.raises(DraftChanged):
        publish_draft(draft, by=anna, revision=1)


def test_a_correction_adds_a_version_and_no_edition(dataset, anna):
    draft = start_correction(dataset, by=anna)
    assert start_correction(dataset, by=anna) == draft
    assert "publisher" not in draft.record
    assert "relations" not in draft.record
    publish_again(draft, anna, title=[{"value": "Lakes of Norrland", "lang": "en"}])
    dataset.refresh_from_db()
    assert dataset.title == "Lakes of Norrland"
    assert [v.number for v in SourceVersion.objects.order_by("number")] == [1, 2]
    assert Edition.objects.count() == 1


def test_a_correction_that_changes_nothing_adds_no_version(dataset, anna):
    outcome = publish_again(start_correction(dataset, by=anna), anna)
    assert SourceVersion.objects.count() == 1
    assert outcome.changed == (dataset.pk,)


def test_the_next_edition_is_related_both_ways(dataset, anna, publisher):
    draft = start_edition(dataset, by=anna)
    assert not {"version", "issued", "relations"} & draft.record.keys()
    outcome = publish_again(draft, anna)
    second = outcome.edition.dataset
    concept = concept_iri(dataset.edition.concept_id)
    assert second.pk != dataset.pk
    assert set(outcome.changed) == {dataset.pk, second.pk}
    assert relations(second) == {("dcat:isVersionOf", concept), ("dcat:previousVersion", dataset.iri)}
    assert relations(dataset) == {("dcat:isVersionOf", concept), ("dct:isReplacedBy", second.iri)}
    assert second.record["version"] == "2"
    # The new edition's record has one version: it knew its place when it was written.
    assert SourceVersion.objects.filter(record__dataset=second).count() == 1


def test_relations_that_people_wrote_stay_through_editions(dataset, anna):
    made_from = {"kind": "dct:source", "target": "https://water.example/raw"}
    publish_again(start_correction(dataset, by=anna), anna, relations=[made_from])
    second = follow(dataset, anna)
    for one in (dataset, second):
        assert ("dct:source", "https://water.example/raw") in relations(one)


def test_a_doi_belongs_to_one_edition(publisher, anna):
    doi = {"value": "10.5072/abc", "scheme": "doi"}
    number = {"value": "Dnr 12"}
    dataset = publish(anna, publisher, own_json(identifiers=[doi, number]))
    assert start_edition(dataset, by=anna).record["identifiers"] == [number]
    assert start_correction(dataset, by=anna).record["identifiers"] == [doi, number]


def test_withdrawing_leaves_a_tombstone_and_restoring_brings_it_back(dataset, anna):
    before = dict(dataset.record)
    with pytest.raises(InvalidRecord):
        withdraw_edition(dataset, by=anna, reason=" ")
    withdraw_edition(dataset, by=anna, reason="Consent was withdrawn.")
    dataset.refresh_from_db()
    edition = Edition.objects.get()
    assert (dataset.state, dataset.gone_reason) == ("gone", "Consent was withdrawn.")
    assert (edition.withdrawn_by, edition.withdrawn_at) == (anna, dataset.gone_at)
    for verb in (start_correction, start_edition):
        with pytest.raises(Conflict):
            verb(dataset, by=anna)
    with pytest.raises(Conflict):
        withdraw_edition(dataset, by=anna, reason="Again.")
    restore_edition(dataset)
    dataset.refresh_from_db()
    assert (dataset.state, dataset.gone_reason, dataset.record) == ("live", "", before)
    with pytest.raises(Conflict):
        restore_edition(dataset)


def test_a_withdrawn_edition_replaces_nothing(dataset, anna):
    second = follow(dataset, anna)
    third = follow(second, anna)
    concept = dataset.edition.concept_id
    assert current_edition(concept).dataset == third
    withdraw_edition(second, by=anna, reason="Wrong units.")
    assert ("dct:isReplacedBy", third.iri) in relations(dataset)
    assert ("dcat:previousVersion", second.iri) in relations(third)
    withdraw_edition(third, by=anna, reason="Wrong units.")
    assert not {kind for kind, _ in relations(dataset)} & {"dct:isReplacedBy"}
    assert current_edition(concept).dataset == dataset
    restore_edition(third)
    assert ("dct:isReplacedBy", third.iri) in relations(dataset)


def test_an_address_of_a_work_leads_to_the_newest_tombstone_when_all_is_withdrawn(dataset, anna):
    second = follow(dataset, anna)
    for one in (dataset, second):
        withdraw_edition(one, by=anna, reason="Wrong lake.")
    assert current_edition(dataset.edition.concept_id).dataset == second
    with pytest.raises(NotFound):
        current_edition(uuid.uuid4())


def test_where_review_is_demanded_another_person_approves(anna):
    publisher = make_publisher("Health Office", needs_review=True)
    anna, bo = make_steward(publisher), make_steward(publisher)
    draft = start_draft(publisher, by=anna, record=own_json())
    for by in (anna, bo):
        with pytest.raises(NotPermitted):
            publish_draft(draft, by=by, revision=1)
    draft = submit_draft(draft, by=anna, revision=1)
    with pytest.raises(NotPermitted):
        publish_draft(draft, by=anna, revision=1)
    edition = publish_draft(draft, by=bo, revision=1).edition
    assert (edition.published_by, edition.approved_by) == (anna, bo)


def test_what_is_harvested_has_no_editions(db, anna):
    dataset = Dataset.objects.create(
        slug="x", title="x", record={}, created_at=timezone.now(), changed_at=timezone.now()
    )
    for verb in (start_correction, start_edition):
        with pytest.raises(NotFound):
            verb(dataset, by=anna)
    with pytest.raises(NotFound):
        withdraw_edition(dataset, by=anna, reason="No.")


def test_files_become_distributions_with_what_their_bytes_say(publisher, anna):
    draft = start_draft(publisher, by=anna, record=own_json(distributions=None))
    file = make_file(draft)
    described = {
        "download_urls": [file_url(file)],
        "title": [{"value": "Levels", "lang": "en"}],
        "byte_size": 1,
    }
    licence = own_json()["distributions"][0]["license"]
    draft = save_draft(
        draft, {**draft.record, "distributions": [described], "license": licence}, by=anna, revision=1
    )
    dataset = publish_again(draft, anna).edition.dataset
    [item] = dataset.record["distributions"]
    assert item["download_urls"] == item["access_urls"] == [f"http://localhost:8000/files/{file.pk}"]
    assert item["byte_size"] == 12
    assert item["checksum"] == {"algorithm": "checksumAlgorithm_sha256", "value": "ab" * 32}
    assert item["media_type"]["iri"].endswith("/text/csv")
    assert item["format"]["iri"].endswith("/CSV")
    assert item["title"] == [{"value": "Levels", "lang": "en"}]
    file.refresh_from_db()
    assert (file.dataset, file.draft) == (dataset, None)


@pytest.mark.parametrize("state", ["uploading", "checking", "refused"])
def test_an_upload_that_is_not_ready_keeps_from_publishing(publisher, anna, state):
    draft = start_draft(publisher, by=anna, record=own_json())
    make_file(draft, state=state, problem="It holds malware.")
    with pytest.raises(InvalidRecord) as caught:
        publish_again(draft, anna)
    assert "lakes.csv" in caught.value.violations[0].message


def test_files_go_on_to_the_next_edition_and_back_when_that_is_withdrawn(publisher, anna):
    draft = start_draft(publisher, by=anna, record=own_json(license={"raw": "CC0"}))
    file, other = make_file(draft), make_file(draft, "notes.csv")
    first = publish_again(draft, anna).edition.dataset
    draft = start_edition(first, by=anna)
    kept = [
        item for item in draft.record["distributions"] if file_url(other) not in item.get("download_urls", ())
    ]
    second = publish_again(draft, anna, distributions=kept).edition.dataset
    urls = {url for item in second.record["distributions"] for url in item.get("download_urls", ())}
    assert file_url(file) in urls
    assert file_url(other) not in urls
    file.refresh_from_db()
    other.refresh_from_db()
    assert (file.dataset, other.dataset) == (second, first)
    withdraw_edition(second, by=anna, reason="Wrong lake.")
    file.refresh_from_db()
    assert file.dataset == first


def test_another_datasets_file_stays_an_address_like_any_other(publisher, anna):
    theirs = start_draft(publisher, by=anna, record=own_json())
    file = make_file(theirs)
    mine = {"download_urls": [file_url(file)], "byte_size": 5}
    draft = start_draft(publisher, by=anna, record=own_json(distributions=[mine], license={"raw": "CC0"}))
    [item] = preview_record(draft)["distributions"]
    assert item["byte_size"] == 5
    publish_again(draft, anna)
    file.refresh_from_db()
    assert file.draft == theirs


def test_preview_is_what_is_published(publisher, anna):
    draft = start_draft(publisher, by=anna, record=own_json())
    preview = preview_record(draft)
    published = publish_again(draft, anna).edition.dataset.record
    unlike = {"relations", "record_issued"}
    assert {k: v for k, v in preview.items() if k not in unlike} == {
        k: v for k, v in published.items() if k not in unlike
    }


def test_the_own_source_is_never_harvested(dataset, anna):
    source = Source.objects.get(slug="own")
    Source.objects.filter(pk=source.pk).update(state="enabled", interval_hours=1)
    SourceFactory()
    assert [run.source.protocol for run in request_due_runs()] == ["dcat"]
    with pytest.raises(Conflict):
        request_run(source)
    source.title = "Other"
    with pytest.raises(Conflict):
        save_source(source)


def test_a_new_source_cannot_take_the_own_slug(db):
    assert save_source(Source(title="Own", protocol="dcat", url="https://x.example/")).slug != "own"


def test_nothing_is_left_of_a_publication_that_fails(publisher, anna, monkeypatch):
    first = publish(anna, publisher)
    draft = start_edition(first, by=anna)
    monkeypatch.setattr("catalogue.domain.editions.settle_files", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish_draft(draft, by=anna, revision=1)
    assert Edition.objects.count() == Dataset.objects.count() == 1
    assert relations(first) == {("dcat:isVersionOf", concept_iri(first.edition.concept_id))}


def test_the_number_of_queries_does_not_grow_with_the_record(publisher, anna, django_assert_max_num_queries):
    many = own_json()["distributions"] * 30
    draft = start_draft(publisher, by=anna, record=own_json(distributions=many))
    with django_assert_max_num_queries(60):
        publish_draft(draft, by=anna, revision=1)


def test_the_number_of_queries_does_not_grow_with_the_editions(dataset, anna, django_assert_max_num_queries):
    newest = dataset
    for _ in range(6):
        newest = follow(newest, anna)
    draft = start_correction(newest, by=anna)
    draft = save_draft(draft, {**draft.record, "version": "7.1"}, by=anna, revision=1)
    with django_assert_max_num_queries(45):
        publish_draft(draft, by=anna, revision=2)
