"""Which datasets may get a DOI, minting for many, comparing with the registry, and the command."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalogue import stores
from catalogue.checks import check_doi_registry
from catalogue.domain.curation import override_field
from catalogue.domain.doi_batch import count_progress, mint_planned, plan_minting
from catalogue.domain.doi_eligibility import explain_ineligible
from catalogue.domain.doi_reconcile import reconcile_dois
from catalogue.domain.doi_status import Status, describe_doi
from catalogue.domain.dois import publish_doi, reserve_doi
from catalogue.domain.editions import withdraw_edition
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.errors import Conflict, NotPermitted
from catalogue.models import Dataset, Doi, DoiPrefix, Outbox
from catalogue.policies import can_mint
from catalogue.records import Identifier
from tests.catalogue.domain.doi_desk import forget_clients, make_prefix, mint, open_registry, work
from tests.factories import SourceFactory, end_quietly, make_incoming, make_record, open_run
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


def harvest(options=None, **fields):
    source = SourceFactory(options=options or {})
    lease = open_run(source)
    ingest_page(lease, IngestPage(incoming=(make_incoming(record=make_record(**fields)),)))
    end_quietly(lease)
    return Dataset.objects.get(source_records__source=source)


# --- which ---------------------------------------------------------------------------------------


def test_own_dataset_may_have_a_doi(publisher, anna):
    assert explain_ineligible(publish(anna, publisher)) == ""


def test_harvested_dataset_may_have_one_only_where_its_source_says_so(publisher):
    assert "DOI agent" in explain_ineligible(harvest())
    assert "DOI agent" in explain_ineligible(harvest({"doi_agent": "yes"}))
    assert explain_ineligible(harvest({"doi_agent": True})) == ""


def test_dataset_with_a_doi_keeps_it(publisher):
    dataset = harvest({"doi_agent": True}, identifiers=(Identifier("10.1234/theirs", "doi"),))

    assert "10.1234/theirs" in explain_ineligible(dataset)
    with pytest.raises(Conflict, match="One thing has one DOI"):
        reserve_doi(dataset)


def test_own_doi_is_no_reason_against_itself(publisher, anna):
    dataset = publish(anna, publisher)
    mint(dataset)
    dataset.refresh_from_db()

    assert explain_ineligible(dataset) == ""


def test_tombstone_and_hidden_dataset_get_none(publisher, anna):
    gone = publish(anna, publisher)
    withdraw_edition(gone, by=anna, reason="A mistake.")
    hidden = harvest({"doi_agent": True})
    Dataset.objects.filter(pk=hidden.pk).update(is_public=False)

    for dataset in (gone, hidden):
        dataset.refresh_from_db()
        assert "not public" in explain_ineligible(dataset)


def test_prefix_is_the_publishers_own_before_everybodys(fake):
    publisher = make_publisher()
    dataset = publish(make_steward(publisher), publisher)
    assert "no DOI prefix" in explain_ineligible(dataset)
    make_prefix("10.55555")
    make_prefix(publisher=publisher)
    make_prefix("10.44444", publisher=make_publisher("River Office"))

    assert reserve_doi(dataset).prefix.prefix == PREFIX


def test_harvested_dataset_of_an_agent_is_minted_and_followed(fake, publisher):
    dataset = harvest({"doi_agent": True})
    doi = mint(dataset)

    assert describe_doi(doi).status == Status.RESOLVES
    assert not Doi.objects.filter(role=Doi.Role.CONCEPT).exists()


def test_steward_who_names_another_publisher_mints_under_the_own_prefix(fake):
    lakes, rivers = make_publisher(), make_publisher("River Office")
    make_prefix("10.44444", publisher=rivers)
    anna, ruth = make_steward(lakes), make_steward(rivers)
    dataset = publish(anna, lakes)
    override_field(dataset, "publisher.iri", "https://river-office.example/", by=anna)
    dataset.refresh_from_db()
    assert dataset.publisher == rivers
    assert can_mint(anna, dataset)
    assert not can_mint(ruth, dataset)
    assert "no DOI prefix" in explain_ineligible(dataset)
    with pytest.raises(Conflict):
        reserve_doi(dataset, by=anna)
    make_prefix(publisher=lakes)
    doi = publish_doi(dataset, by=anna)
    assert {row.prefix.publisher for row in Doi.objects.all()} == {lakes}
    assert doi.doi.startswith(PREFIX)


def test_real_registry_is_refused_unless_setting_and_prefix_allow_it(fake, settings):
    settings.DOI_REGISTRY_URL = "https://api.datacite.org"
    for allow, prefix in ((False, "10.1234"), (True, "")):
        settings.DOI_ALLOW_PRODUCTION = allow
        forget_clients()
        with pytest.raises(NotPermitted, match="real and for ever"):
            stores.doi_registry("sandbox", prefix).put("10.1234/abc")


@pytest.mark.parametrize("accounts", [[], ["sandbox=NAME"], ["other=NAME:secret"]])
def test_account_that_is_not_configured_makes_dois_wait(fake, publisher, anna, settings, accounts):
    settings.DOI_ACCOUNTS = accounts
    forget_clients()
    publish_doi(publish(anna, publisher), with_concept=False)

    assert "MIMIS_DOI_ACCOUNTS" in work().unavailable


# --- many ----------------------------------------------------------------------------------------


def test_many_are_planned_minted_and_counted(fake, publisher, anna):
    good = [publish(anna, publisher, own_json(f"Lake {number}")) for number in range(3)]
    bad = publish(anna, publisher, own_json("Lake X", creators=[{"name": [{"value": "Ada"}], "iri": "https://orcid.org/0000-0002-1825-0098"}]))  # fmt: skip
    foreign = harvest()
    had = publish(anna, publisher, own_json("Lake Y"))
    mint(had)
    ids = [row.pk for row in (*good, bad, foreign, had)]
    plan = list(plan_minting(ids))
    assert [step.will_mint for step in plan] == [True, True, True, False, False, False]
    assert plan[3].violations[0].field == "creators[0].identifiers"
    assert "DOI agent" in plan[4].reason
    assert "already" in plan[5].reason
    outcomes = list(mint_planned(plan, by=anna))
    assert [bool(outcome.doi) for outcome in outcomes] == [True] * 3
    assert count_progress(ids) == {Status.REGISTERING: 3, Status.RESOLVES: 1}
    work(3)

    assert count_progress(ids) == {Status.RESOLVES: 4}
    assert [step.will_mint for step in plan_minting(ids)] == [False] * 6


def test_dataset_that_changed_since_the_plan_is_told_apart(fake, publisher, anna):
    dataset = publish(anna, publisher)
    plan = list(plan_minting([dataset.pk]))
    withdraw_edition(dataset, by=anna, reason="A mistake.")
    [outcome] = mint_planned(plan)

    assert (outcome.doi, "not public" in outcome.reason) == ("", True)


def test_plan_of_three_asks_the_database_no_more_for_each_kind_of_reason(
    publisher, django_assert_num_queries
):
    ids = [harvest().pk for _number in range(3)]
    with django_assert_num_queries(6):
        list(plan_minting(ids[:1]))
    with django_assert_num_queries(6):
        list(plan_minting(ids))


# --- comparing -----------------------------------------------------------------------------------


def test_comparison_of_what_is_right_finds_nothing(fake, publisher, anna):
    mint(publish(anna, publisher))
    [report] = reconcile_dois()

    assert (report.is_clean, report.seen) == (True, 2)
    assert not Outbox.objects.filter(kind="doi").exists()


def test_orphan_is_told_and_left_alone(fake, publisher, anna):
    mint(publish(anna, publisher))
    fake.open_client().put(f"{PREFIX}/stray")
    [report] = reconcile_dois()

    assert report.orphans == [f"{PREFIX}/stray"]
    assert fake.open_client().get(f"{PREFIX}/stray") is not None


def test_what_drifted_is_found_and_mended(fake, publisher, anna):
    doi = mint(publish(anna, publisher), with_concept=False)
    wanted = fake.open_client().get(doi.doi)
    fake.open_client().put(
        doi.doi,
        url="https://elsewhere.example/",
        metadata={**wanted.metadata, "titles": [{"title": "Hacked"}]},
    )
    fake.open_client().put(doi.doi, event="hide")
    [report] = reconcile_dois()
    assert report.drifted == [doi.doi]
    work(2)

    found = fake.open_client().get(doi.doi)
    assert (found.state, found.url) == ("findable", wanted.url)
    assert found.metadata["titles"] == wanted.metadata["titles"]
    assert reconcile_dois()[0].is_clean


def test_draft_that_vanished_is_reserved_again(fake, publisher, anna):
    doi = reserve_doi(publish(anna, publisher))
    work()
    fake.open_client().delete_draft(doi.doi)
    [report] = reconcile_dois()
    assert report.drifted == [doi.doi]
    work()

    assert fake.open_client().get(doi.doi).state == "draft"


def test_doi_that_does_not_resolve_is_found_and_mended(fake, publisher, anna):
    doi = mint(publish(anna, publisher), with_concept=False)
    fake.registry._database.execute("UPDATE dois SET handle = 'https://old.example/'")
    [report] = reconcile_dois()
    assert (report.unresolved, report.drifted) == ([doi.doi], [])
    work()
    doi.refresh_from_db()
    assert doi.error_kind == "handle"
    work(2)

    assert reconcile_dois()[0].is_clean


def test_list_that_lags_is_no_drift_in_the_end(fake, publisher, anna):
    doi = mint(publish(anna, publisher), with_concept=False)
    fake.traps.index_lag = 1
    [report] = reconcile_dois()
    assert report.drifted == [doi.doi]
    work()

    assert fake.registry.puts == {doi.doi: 1}
    doi.refresh_from_db()
    assert describe_doi(doi).status == Status.RESOLVES


def test_list_that_fails_is_said_and_concludes_nothing(fake, publisher, anna):
    mint(publish(anna, publisher))
    fake.traps.storm = [503]
    [report] = reconcile_dois()

    assert report.failure
    assert not report.is_clean
    assert not Outbox.objects.filter(kind="doi").exists()


# --- the command ---------------------------------------------------------------------------------


def run(capsys, *words):
    call_command("doi", *words)
    return capsys.readouterr().out


def test_command_goes_the_whole_way(fake, capsys):
    assert "not real" in run(capsys, "prefix", PREFIX, "--account", "sandbox")
    publisher = make_publisher()
    dataset = publish(make_steward(publisher), publisher)
    doi = run(capsys, "reserve", dataset.slug).split()[0]
    assert "1 done" in run(capsys, "work")
    assert "reserved" in run(capsys, "show", doi)
    assert "registering" in run(capsys, "publish", dataset.slug)
    run(capsys, "work")
    run(capsys, "work")
    assert "findable and resolves" in run(capsys, "show", doi)
    assert "publish 20" in run(capsys, "show", doi)
    assert "2 DOIs" in run(capsys, "reconcile")
    run(capsys, "withdraw", doi)
    run(capsys, "work")
    run(capsys, "work")
    assert "hidden" in run(capsys, "show", doi)
    run(capsys, "restore", doi)
    run(capsys, "update", doi)
    assert run(capsys, "show") == ""


def test_command_says_what_is_wrong_in_words(fake, publisher, anna, capsys):
    dataset = publish(anna, publisher)
    with pytest.raises(CommandError, match="no dataset"):
        call_command("doi", "reserve", "nothing")
    with pytest.raises(CommandError, match="No DOI"):
        call_command("doi", "withdraw", "10.5072/none")
    with pytest.raises(CommandError, match="Drop it"):
        call_command("doi", "withdraw", reserve_doi(dataset).doi)
    with pytest.raises(CommandError, match="four or five digits"):
        call_command("doi", "prefix", "doi:10", "--account", "sandbox")
    fake.traps.bad_credentials = True
    call_command("doi", "work")
    assert "Bad credentials." in run(capsys, "show")
    fake.traps.bad_credentials = False
    assert "1 DOIs" in run(capsys, "resume", "sandbox")


def test_command_makes_a_prefix_real_only_where_that_is_allowed(fake, settings):
    with pytest.raises(CommandError, match="not allowed"):
        call_command("doi", "prefix", "10.1234", "--account", "sandbox", "--production")
    settings.DOI_REGISTRY_URL = "https://api.datacite.org"
    with pytest.raises(CommandError, match="--production"):
        call_command("doi", "prefix", "10.1234", "--account", "sandbox")
    settings.DOI_ALLOW_PRODUCTION = True
    call_command("doi", "prefix", "10.1234", "--account", "sandbox", "--production")

    assert DoiPrefix.objects.get().is_production


def test_reconcile_command_fails_where_something_is_wrong(fake, publisher, capsys):
    fake.open_client().put(f"{PREFIX}/stray")

    with pytest.raises(CommandError, match="Not all"):
        call_command("doi", "reconcile")
    assert "orphans: 10.5072/stray" in capsys.readouterr().out


def test_year_of_publication_is_never_in_the_future(fake, publisher, anna):
    doi = mint(publish(anna, publisher), with_concept=False)

    assert fake.open_client().get(doi.doi).metadata["publicationYear"] <= timezone.now().year


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"DOI_REGISTRY_URL": "", "DOI_ACCOUNTS": []}, []),
        ({"DOI_ACCOUNTS": []}, ["catalogue.E005"]),
        ({"DOI_ACCOUNTS": ["sandbox=NAME"]}, ["catalogue.E005"]),
        ({"DOI_REGISTRY_URL": "http://registry.example.org"}, ["catalogue.W005"]),
        ({"DOI_REGISTRY_URL": "https://api.test.datacite.org", "DOI_HANDLE_URL": "https://doi.org"}, ["catalogue.W006"]),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_said(fake, settings, changes, found):
    for name, value in changes.items():
        setattr(settings, name, value)

    assert [message.id for message in check_doi_registry(None)] == found


def test_command_mints_for_a_search_and_tells_what_came_of_each(fresh_stores, fake, publisher, anna, capsys):
    publish(anna, publisher)
    drain(PROJECTORS["search"])
    call_command("doi", "mint", "q=lakes")
    assert "1 would get a DOI, 0 cannot get one" in capsys.readouterr().out
    assert not Doi.objects.exists()
    call_command("doi", "mint", "q=lakes", "--apply")
    work(2)
    call_command("doi", "mint", "q=lakes")
    assert f"{Doi.objects.get(role='version').doi} findable and resolves" in capsys.readouterr().out
