"""One page, one transaction: records, versions, datasets, outbox and the run's progress."""

from dataclasses import replace

import pytest
from django.utils import timezone

from catalogue.domain.ingest import Failure, Finding, IngestPage, ingest_page, known_records
from catalogue.domain.layers import FOLLOWERS
from catalogue.domain.runs import LeaseLostError, claim_run
from catalogue.models import Dataset, Identifier, Outbox, Run, RunFailure, SourceRecord, SourceVersion
from catalogue.records import Identifier as RecordIdentifier
from catalogue.records import Text
from tests.factories import SourceFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db


def ingest(source, *incoming, **page):
    lease = open_run(source)
    outcome = ingest_page(lease, IngestPage(incoming=incoming, **page))
    end_quietly(lease)
    return outcome


def test_ingest_new_record_makes_dataset_version_and_work_for_the_projections():
    outcome = ingest(SourceFactory(), make_incoming())
    dataset = Dataset.objects.get()
    assert (outcome.new, outcome.changed, outcome.seen) == (1, 0, 1)
    assert dataset.title == "Lakes of Sweden"
    assert dataset.slug.startswith("lakes-of-sweden-")
    assert dataset.publisher.name == "Water Office"
    assert dataset.record == SourceVersion.objects.get().data
    assert set(Outbox.objects.values_list("kind", "key")) == {(kind, str(dataset.id)) for kind in FOLLOWERS}


def test_ingest_same_record_again_writes_no_version():
    source = SourceFactory()
    ingest(source, make_incoming())
    first = SourceRecord.objects.get()
    outcome = ingest(source, make_incoming())
    again = SourceRecord.objects.get()
    assert (outcome.new, outcome.changed, outcome.unchanged) == (0, 0, 1)
    assert again.last_seen > first.last_seen
    assert SourceVersion.objects.count() == 1
    assert Dataset.objects.get().revision == 1


def test_ingest_changed_record_keeps_both_versions_and_the_address():
    source = SourceFactory()
    ingest(source, make_incoming())
    before = Dataset.objects.get()
    outcome = ingest(source, make_incoming(record=make_record("Lakes and ponds")))
    after = Dataset.objects.get()
    assert outcome.changed == 1
    assert list(SourceVersion.objects.values_list("number", flat=True)) == [1, 2]
    assert (after.id, after.slug) == (before.id, before.slug)
    assert after.title == "Lakes and ponds"
    assert after.revision == before.revision + 1


def test_ingest_modified_stamped_now_is_no_change():
    source = SourceFactory()
    ingest(source, make_incoming(record=make_record(modified=timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"))))
    outcome = ingest(source, make_incoming(record=make_record(modified=timezone.now().strftime("%Y-%m-%d"))))
    assert outcome.unchanged == 1


def test_ingest_same_remote_id_in_two_sources_are_two_datasets():
    ingest(SourceFactory(), make_incoming())
    ingest(SourceFactory(), make_incoming())
    assert Dataset.objects.count() == 2


def test_ingest_record_that_comes_back_has_its_old_address():
    source = SourceFactory()
    ingest(source, make_incoming())
    slug = Dataset.objects.get().slug
    SourceRecord.objects.update(state=SourceRecord.State.REMOVED)
    Dataset.objects.update(state=Dataset.State.GONE, gone_reason="gone", gone_at=timezone.now())
    ingest(source, make_incoming())
    dataset = Dataset.objects.get()
    assert (dataset.slug, dataset.state, dataset.gone_reason) == (slug, Dataset.State.LIVE, "")


def test_ingest_failure_is_kept_with_its_reason_and_the_record_is_not_missing():
    source = SourceFactory()
    ingest(source, make_incoming())
    failure = Failure("No title. Give dct:title.", remote_id="https://water.example/1", field="title")
    outcome = ingest(source, failures=[failure])
    assert outcome.failed == 1
    assert RunFailure.objects.get().field == "title"
    assert SourceRecord.objects.get().last_run == Run.objects.latest("id")


def test_ingest_with_a_lost_lease_writes_nothing():
    source = SourceFactory()
    lease = open_run(source)
    Run.objects.update(lease_until=timezone.now() - timezone.timedelta(seconds=1))
    claim_run(Run.objects.get())
    with pytest.raises(LeaseLostError):
        ingest_page(lease, IngestPage(incoming=[make_incoming()]))
    assert not SourceRecord.objects.exists()
    assert not Dataset.objects.exists()


def test_ingest_counts_and_checkpoint_are_the_runs():
    source = SourceFactory()
    lease = open_run(source)
    ingest_page(lease, IngestPage(incoming=[make_incoming()], checkpoint={"page": 2}, total=9))
    ingest_page(lease, IngestPage(unchanged=["https://water.example/1"], checkpoint={"page": 3}))
    run = Run.objects.get()
    assert (run.seen, run.new, run.unchanged, run.listed_total) == (2, 1, 1, 9)
    assert run.checkpoint == {"page": 3}


def test_ingest_finding_becomes_a_value_with_the_programs_name():
    finding = Finding("detected_language", "sv", "lingua", 0.97)
    ingest(SourceFactory(), replace(make_incoming(), findings=(finding,)))
    dataset = Dataset.objects.get()
    assert dataset.record["detected_language"] == "sv"
    assert dataset.provenance["detected_language"]["program"] == "lingua"
    assert dataset.proposals.get().confidence == pytest.approx(0.97)


def test_ingest_identifiers_follow_the_record():
    source = SourceFactory()
    ingest(source, make_incoming(record=make_record(identifiers=(RecordIdentifier("10.1/a", "doi"),))))
    ingest(source, make_incoming(record=make_record(identifiers=(RecordIdentifier("10.1/b", "doi"),))))
    assert list(Identifier.objects.values_list("value", flat=True)) == ["10.1/b"]


def test_ingest_publisher_named_in_two_languages_is_one_agent():
    source = SourceFactory()
    record = make_record()
    swedish = replace(record.publisher, name=(Text("Vattenverket", "sv"),))
    ingest(source, make_incoming("1", record), make_incoming("2", replace(record, publisher=swedish)))
    publishers = {dataset.publisher for dataset in Dataset.objects.all()}
    assert len(publishers) == 1
    ingest(source, make_incoming("2", replace(record, publisher=swedish, issued="2020")))
    assert {name["lang"] for name in Dataset.objects.first().publisher.names} == {"en", "sv"}


def test_known_records_tells_removed_ones_apart():
    source = SourceFactory()
    ingest(source, make_incoming("1"), make_incoming("2"))
    SourceRecord.objects.filter(remote_id="2").update(state=SourceRecord.State.REMOVED)
    known = known_records(source.pk, ["1", "2", "3"])
    assert {key: value.is_live for key, value in known.items()} == {"1": True, "2": False}


def test_ingest_query_count_does_not_grow_with_the_page(django_assert_num_queries):
    source = SourceFactory()
    ingest(source, make_incoming("warm"))
    counts = []
    for size in (1, 3):
        lease = open_run(source)
        page = IngestPage(incoming=[make_incoming(f"{size}-{n}") for n in range(size)])
        with django_assert_num_queries(16) as queries:
            ingest_page(lease, page)
        counts.append(len(queries))
        end_quietly(lease)
    assert counts[0] == counts[1]
