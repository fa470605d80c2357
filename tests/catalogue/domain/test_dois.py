"""DOIs from wanting one to having one, through everything that goes wrong on the way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue import stores
from catalogue.domain.doi_registration import FIRST_RETRY_S, LAST_RETRY_S
from catalogue.domain.doi_status import Status, describe_doi
from catalogue.domain.doi_target import build_target
from catalogue.domain.dois import (
    drop_doi,
    failing_dois,
    publish_doi,
    reserve_doi,
    restore_doi,
    resume_account,
    update_doi,
    withdraw_doi,
)
from catalogue.domain.drafts import save_draft, start_correction, start_edition
from catalogue.domain.editions import publish_draft, restore_edition, withdraw_edition
from catalogue.errors import Conflict, InvalidRecord
from catalogue.exports.citation import record_to_citation_text
from catalogue.models import Doi, Outbox
from tests.catalogue.domain.doi_desk import forget_clients, make_prefix, mint, open_registry, work
from tests.factories.own import make_publisher, make_steward, own_json, publish
from tests.fakes.datacite import PREFIX

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]


@pytest.fixture
def fake(settings):
    with open_registry(settings) as server:
        yield server


@pytest.fixture
def publisher(fake):
    make_prefix()
    return make_publisher()


@pytest.fixture
def anna(publisher):
    return make_steward(publisher, username="anna")


@pytest.fixture
def dataset(anna, publisher):
    return publish(anna, publisher)


def status(doi):
    doi.refresh_from_db()
    return describe_doi(doi).status


def remote(fake, doi):
    return fake.open_client().get(doi.doi)


def correct(dataset, by, **fields):
    draft = start_correction(dataset, by=by)
    draft = save_draft(draft, {**draft.record, **fields}, by=by, revision=draft.revision)
    publish_draft(draft, by=by, revision=draft.revision)
    dataset.refresh_from_db()


def follow(dataset, by):
    draft = start_edition(dataset, by=by)
    return publish_draft(draft, by=by, revision=draft.revision).edition.dataset


def cite(dataset):
    dataset.refresh_from_db()
    return record_to_citation_text(dataset.to_record(), "https://page.example/")


def related(fake, doi):
    return {
        (item["relationType"], item["relatedIdentifier"])
        for item in remote(fake, doi).metadata["relatedIdentifiers"]
    }


def wait_s(doi):
    row = Outbox.objects.get(kind="doi", key=str(doi.pk))
    return (row.next_attempt_at - timezone.now()).total_seconds()


# --- reserving and publishing --------------------------------------------------------------------


def test_reserved_doi_is_a_draft_that_nothing_cites(fake, dataset, anna):
    doi = reserve_doi(dataset, by=anna)
    assert doi.doi.startswith(f"{PREFIX}/")
    assert (status(doi), doi.created_by) == (Status.WAITING, anna)
    work()

    assert status(doi) == Status.RESERVED
    assert remote(fake, doi).state == "draft"
    assert "doi.org" not in cite(dataset)


def test_reserving_again_gives_the_same_doi(fake, dataset):
    assert reserve_doi(dataset).pk == reserve_doi(dataset).pk
    assert reserve_doi(dataset).doi == publish_doi(dataset).doi


def test_published_doi_is_findable_resolves_and_is_cited(fake, dataset):
    doi = publish_doi(dataset, with_concept=False)
    assert status(doi) == Status.REGISTERING
    assert "doi.org" not in cite(dataset)
    work(2)

    found = remote(fake, doi)
    assert (found.state, found.url) == ("findable", build_target(doi).url)
    assert fake.open_client().resolve_handle(doi.doi) == found.url
    assert status(doi) == Status.RESOLVES
    assert describe_doi(doi).is_settled
    assert cite(dataset).endswith(f"https://doi.org/{doi.doi}")
    assert dataset.identifiers.filter(scheme="doi", value=doi.doi).exists()
    assert not Outbox.objects.filter(kind="doi").exists()


def test_nothing_is_sent_twice(fake, dataset):
    doi = mint(dataset, with_concept=False)
    update_doi(doi)
    work(3)

    assert fake.registry.puts == {doi.doi: 1}


def test_concept_and_editions_name_each_other(fake, dataset, anna):
    first = mint(dataset)
    concept = Doi.objects.get(role=Doi.Role.CONCEPT)
    second = mint(follow(dataset, anna))

    assert related(fake, first) == {("IsVersionOf", concept.doi), ("IsPreviousVersionOf", second.doi)}
    assert related(fake, second) == {("IsVersionOf", concept.doi), ("IsNewVersionOf", first.doi)}
    assert related(fake, concept) == {("HasVersion", first.doi), ("HasVersion", second.doi)}
    assert remote(fake, concept).url.endswith(f"/concepts/{concept.concept_id}")
    assert "version" not in {k for k, v in remote(fake, concept).metadata.items() if v}
    assert not Outbox.objects.filter(kind="doi").exists()


def test_change_of_the_dataset_is_sent_and_one_that_says_nothing_new_is_not(fake, dataset, anna):
    doi = mint(dataset, with_concept=False)
    correct(dataset, anna, title=[{"value": "Ponds of Sweden", "lang": "en"}])
    work(2)
    assert remote(fake, doi).metadata["titles"][0]["title"] == "Ponds of Sweden"
    assert fake.registry.puts[doi.doi] == 2
    correct(
        dataset, anna, frequency={"iri": "http://publications.europa.eu/resource/authority/frequency/ANNUAL"}
    )
    work(2)

    assert fake.registry.puts[doi.doi] == 2
    assert describe_doi(Doi.objects.get(pk=doi.pk)).is_settled


def test_description_that_the_registry_would_refuse_is_not_wanted_at_all(fake, publisher, anna):
    record = own_json(creators=[{"name": [{"value": "Ada"}], "iri": "https://orcid.org/0000-0002-1825-0098", "is_person": True}])  # fmt: skip
    with pytest.raises(InvalidRecord) as caught:
        publish_doi(publish(anna, publisher, record))

    assert [item.field for item in caught.value.violations] == ["creators[0].identifiers"]
    assert not Doi.objects.exists()


# --- withdrawing, restoring, dropping ------------------------------------------------------------


def test_withdrawn_edition_hides_its_doi_and_restoring_brings_it_back(fake, dataset, anna):
    doi = mint(dataset)
    concept = Doi.objects.get(role=Doi.Role.CONCEPT)
    withdraw_edition(dataset, by=anna, reason="A mistake in the instruments.")
    work(2)
    assert (remote(fake, doi).state, remote(fake, concept).state) == ("registered", "registered")
    assert status(doi) == Status.HIDDEN
    assert fake.open_client().resolve_handle(doi.doi) == remote(fake, doi).url
    restore_edition(dataset)
    work(3)

    assert (remote(fake, doi).state, remote(fake, concept).state) == ("findable", "findable")
    assert doi.doi in cite(dataset)


def test_doi_can_be_hidden_by_itself_and_restored(fake, dataset):
    doi = mint(dataset, with_concept=False)
    withdraw_doi(doi)
    withdraw_doi(doi)
    work(2)
    assert status(doi) == Status.HIDDEN
    assert "doi.org" not in cite(dataset)
    restore_doi(doi)
    work(3)
    assert status(doi) == Status.RESOLVES
    assert doi.doi in cite(dataset)


def test_doi_of_a_tombstone_is_not_restored(fake, dataset, anna):
    doi = mint(dataset, with_concept=False)
    withdraw_doi(doi)
    withdraw_edition(dataset, by=anna, reason="A mistake.")

    with pytest.raises(Conflict, match="withdrawn"):
        restore_doi(doi)


def test_reserved_doi_can_be_dropped_and_reserved_again(fake, dataset):
    doi = reserve_doi(dataset)
    work()
    drop_doi(doi)
    work()
    assert remote(fake, doi) is None
    assert status(doi) == Status.DROPPED
    assert reserve_doi(dataset).doi == doi.doi
    work()
    assert status(doi) == Status.RESERVED


@pytest.mark.parametrize("verb", [drop_doi, restore_doi])
def test_findable_doi_is_for_ever(fake, dataset, verb):
    doi = mint(dataset, with_concept=False)

    with pytest.raises(Conflict):
        verb(doi)


def test_doi_of_a_tombstone_is_not_published(fake, dataset, anna):
    reserve_doi(dataset)
    withdraw_edition(dataset, by=anna, reason="A mistake.")
    dataset.refresh_from_db()

    with pytest.raises(Conflict, match="not public"):
        publish_doi(dataset)


def test_reserved_doi_cannot_be_withdrawn(fake, dataset):
    with pytest.raises(Conflict, match="Drop it"):
        withdraw_doi(reserve_doi(dataset))


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trap", "value", "kind"),
    [
        ("lose_answers", 1, "unreachable"),
        ("lose_requests", 1, "unreachable"),
        ("storm", [503], "unreachable"),
        ("storm_after", [502], "unreachable"),
        ("html", 1, "unreachable"),
        ("throttle", 1, "unreachable"),
        ("ignore_events", 1, "mismatch"),
        ("handle_lag", 1, "handle"),
        ("lose_handles", 1, "handle"),
    ],
)
def test_fault_is_shown_and_got_over_without_a_second_doi(fake, dataset, trap, value, kind):
    setattr(fake.traps, trap, value[:] if isinstance(value, list) else value)
    doi = publish_doi(dataset, with_concept=False)
    outcome = work()
    doi.refresh_from_db()
    assert (outcome.failed, doi.error_kind) == (1, kind)
    assert doi.error_title
    assert describe_doi(doi).advice
    assert not describe_doi(doi).is_settled
    assert "doi.org" not in cite(dataset)
    work(4)

    assert status(doi) == Status.RESOLVES
    assert (doi.error_kind, doi.failing_since) == ("", None)
    assert [row.doi for row in fake.registry.list_all()] == [doi.doi]
    assert doi.doi in cite(dataset)


def test_lost_answer_to_publishing_is_looked_up_and_not_sent_again(fake, dataset):
    fake.traps.lose_answers = 1
    doi = publish_doi(dataset, with_concept=False)
    work()
    assert status(doi) == Status.UNKNOWN
    work(2)

    assert status(doi) == Status.RESOLVES
    assert fake.registry.puts == {doi.doi: 1}


def test_refusal_is_shown_in_the_registrys_words_and_a_change_is_tried_at_once(fake, dataset, anna):
    fake.traps.refuse = "This value is not allowed here"
    doi = publish_doi(dataset, with_concept=False)
    work()
    doi.refresh_from_db()
    assert (doi.error_kind, doi.error_title) == ("refused", "This value is not allowed here")
    assert list(failing_dois()) == [doi]
    assert wait_s(doi) > FIRST_RETRY_S - 2
    fake.traps.refuse = ""
    correct(dataset, anna, title=[{"value": "Ponds", "lang": "en"}])
    assert wait_s(doi) < 1
    work(2)

    assert status(doi) == Status.RESOLVES
    assert not failing_dois().exists()


def test_address_that_the_repository_does_not_allow_names_the_field(settings):
    with open_registry(settings, url_hosts=["elsewhere.example"]):
        make_prefix()
        publisher = make_publisher()
        doi = publish_doi(publish(make_steward(publisher), publisher), with_concept=False)
        work()
        doi.refresh_from_db()

        assert (doi.error_kind, doi.error_source) == ("refused", "url")
        assert "domain settings" in doi.error_title


def test_landing_page_that_does_not_answer_stops_publishing(fake, dataset):
    fake.traps.pages_down = True
    doi = publish_doi(dataset, with_concept=False)
    work()
    doi.refresh_from_db()
    assert doi.error_kind == "landing_page"
    assert remote(fake, doi) is None
    fake.traps.pages_down = False
    work(2)

    assert status(doi) == Status.RESOLVES


def test_private_landing_page_is_not_registered_at_a_registry_of_others(fake, dataset, settings):
    stores.doi_registry("sandbox")  # the client stays the fake's, only the name is another's
    settings.DOI_REGISTRY_URL = "https://api.test.datacite.org"
    doi = publish_doi(dataset, with_concept=False)
    work()
    doi.refresh_from_db()

    assert doi.error_kind == "landing_page"
    assert "private address" in doi.error_title
    assert fake.registry.puts == {}


def test_bad_credentials_stop_the_account_until_somebody_resumes_it(fake, dataset, anna, publisher):
    other = publish(anna, publisher, own_json("Rivers of Sweden"))
    fake.traps.bad_credentials = True
    first, second = publish_doi(dataset, with_concept=False), publish_doi(other, with_concept=False)
    work()
    first.refresh_from_db()
    second.refresh_from_db()
    asked = len(fake.registry.asked)
    assert {first.prefix.halted, second.prefix.halted} == {"Bad credentials."}
    assert "credentials" in {first.error_kind, second.error_kind}
    assert failing_dois().exists()
    work(2)
    assert len(fake.registry.asked) == asked
    fake.traps.bad_credentials = False
    assert resume_account("sandbox") == 2
    work(2)

    assert status(first) == status(second) == Status.RESOLVES


def test_waits_grow_up_to_an_hour_and_never_end(fake, dataset):
    fake.traps.storm = [503] * 10
    doi = publish_doi(dataset, with_concept=False)
    waits = []
    for failing_for in (timedelta(0), timedelta(seconds=40), timedelta(minutes=20), timedelta(days=3)):
        if failing_for:
            Doi.objects.filter(pk=doi.pk).update(failing_since=timezone.now() - failing_for)
        work()
        waits.append(round(wait_s(doi), -1))

    assert waits == [FIRST_RETRY_S, 40, 1200, LAST_RETRY_S]


def test_registry_that_asks_for_patience_gets_it(fake, dataset):
    fake.traps.throttle, fake.traps.retry_after = 1, "300"
    doi = publish_doi(dataset, with_concept=False)
    work()

    assert round(wait_s(doi), -1) == 300


def test_alarm_after_six_hours(fake, dataset):
    fake.traps.storm = [503] * 5
    doi = publish_doi(dataset, with_concept=False)
    work()
    assert not failing_dois().exists()
    Doi.objects.filter(pk=doi.pk).update(failing_since=timezone.now() - timedelta(hours=7))

    assert list(failing_dois()) == [doi]


def test_failure_is_noted_once_and_acts_each_time(fake, dataset):
    fake.traps.pages_down = True
    doi = publish_doi(dataset, with_concept=False)
    work(4)
    fake.traps.pages_down = False
    work(2)

    assert [(event.action, event.status) for event in doi.events.order_by("id")] == [
        ("look", None),
        ("publish", 201),
    ]


def test_lost_update_does_not_take_the_doi_out_of_citations(fake, dataset, anna):
    doi = mint(dataset, with_concept=False)
    fake.traps.lose_answers = 1
    correct(dataset, anna, title=[{"value": "Ponds", "lang": "en"}])
    work()

    assert status(doi) == Status.RESOLVES
    assert doi.error_kind == "unreachable"
    assert doi.doi in cite(dataset)


def test_doi_of_a_slow_worker_that_was_overtaken_is_looked_at_again(fake, dataset, anna, monkeypatch):
    doi = publish_doi(dataset, with_concept=False)
    work(2)
    registry = stores.doi_registry("sandbox")
    put = registry.put

    def change_mind(*arguments, **options):
        update_doi(doi)  # another intent, which another worker has dealt with before this one is done
        Outbox.objects.filter(kind="doi").delete()
        return put(*arguments, **options)

    monkeypatch.setattr(registry, "put", change_mind)
    correct(dataset, anna, title=[{"value": "Ponds", "lang": "en"}])
    work()
    doi.refresh_from_db()

    assert describe_doi(doi).is_settled  # though nobody else would have looked


def test_without_a_registry_dois_wait_and_nothing_fails(fake, dataset, settings):
    doi = publish_doi(dataset, with_concept=False)
    settings.DOI_REGISTRY_URL = ""
    forget_clients()
    outcome = work()

    assert "MIMIS_DOI_REGISTRY_URL" in outcome.unavailable
    assert status(doi) == Status.REGISTERING
