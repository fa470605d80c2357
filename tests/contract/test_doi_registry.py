"""What a DOI registry promises, and what the client makes of every way in which it fails."""

from collections.abc import Iterator
from copy import copy

import pytest

from catalogue.errors import NotPermitted
from catalogue.integrations.datacite import DataCiteRegistry, RegistryError, needs_permit
from tests.fakes.datacite import NAME, PREFIX, FakeDataCite

URL = "https://catalogue.example.org/datasets/lakes/"
DOI = f"{PREFIX}/lakes-1"
METADATA = {
    "doi": DOI,
    "types": {"resourceTypeGeneral": "Dataset"},
    "creators": [{"name": "Water Office", "nameType": "Organizational", "affiliation": [{"name": "The State"}]}],
    "titles": [{"title": "Lakes of Sweden", "lang": "en"}],
    "publisher": {"name": "Water Office", "publisherIdentifier": "https://ror.org/048a87296", "publisherIdentifierScheme": "ROR"},
    "publicationYear": "2024",
    "schemaVersion": "http://datacite.org/schema/kernel-4",
}  # fmt: skip


@pytest.fixture(params=["memory", "file"])
def fake(request, tmp_path):
    with FakeDataCite(tmp_path / "registry.sqlite3" if request.param == "file" else None) as server:
        yield server


@pytest.fixture
def registry(fake):
    return fake.open_client()


def run(call, *arguments, **options):
    result = call(*arguments, **options)
    return list(result) if isinstance(result, Iterator) else result


def fail(call, *arguments, **options):
    with pytest.raises(RegistryError) as caught:
        run(call, *arguments, **options)
    return caught.value


# --- the promises --------------------------------------------------------------------------------


def test_doi_that_nobody_put_is_not_there(registry):
    assert registry.get(DOI) is None
    assert registry.resolve_handle(DOI) == ""


def test_put_without_event_makes_a_draft_that_resolves_nowhere(registry):
    assert registry.put(DOI) == 201

    remote = registry.get(DOI)
    assert (remote.doi, remote.state, remote.url) == (DOI, "draft", "")
    assert registry.resolve_handle(DOI) == ""


def test_published_doi_is_findable_resolves_and_shows_what_was_sent(registry):
    registry.put(DOI, url=URL, metadata=METADATA, event="publish")

    remote = registry.get(DOI)
    assert (remote.state, remote.url) == ("findable", URL)
    assert remote.metadata["titles"] == METADATA["titles"]
    assert remote.metadata["publisher"] == METADATA["publisher"]
    assert remote.metadata["creators"][0]["affiliation"] == [{"name": "The State"}]
    assert registry.resolve_handle(DOI) == URL


def test_reserve_then_publish_then_hide_then_publish_again(registry):
    registry.put(DOI)
    assert registry.put(DOI, url=URL, metadata=METADATA, event="publish") == 200
    registry.put(DOI, event="hide")
    assert registry.get(DOI).state == "registered"
    assert registry.resolve_handle(DOI) == URL
    assert registry.get(DOI).metadata["titles"] == METADATA["titles"]
    registry.put(DOI, event="publish")
    assert registry.get(DOI).state == "findable"


def test_update_clears_what_is_no_longer_said(registry):
    more = {"subjects": [{"subject": "water"}], "language": "sv", "alternateIdentifiers": [{"alternateIdentifier": "1", "alternateIdentifierType": "Local"}]}  # fmt: skip
    registry.put(DOI, url=URL, metadata=METADATA | more, event="publish")
    registry.put(DOI, url=f"{URL}2", metadata=METADATA)

    remote = registry.get(DOI)
    assert (remote.state, remote.url) == ("findable", f"{URL}2")
    assert remote.metadata["subjects"] == remote.metadata["alternateIdentifiers"] == []
    assert remote.metadata["language"] is None
    assert registry.resolve_handle(DOI) == f"{URL}2"


def test_upper_case_is_the_same_doi(registry):
    registry.put(DOI.upper())

    assert registry.get(DOI).doi == DOI


def test_draft_can_be_removed_and_removed_again(registry):
    registry.put(DOI)
    registry.delete_draft(DOI)
    registry.delete_draft(DOI)

    assert registry.get(DOI) is None


def test_findable_doi_cannot_be_removed(registry):
    registry.put(DOI, url=URL, metadata=METADATA, event="publish")

    error = fail(registry.delete_draft, DOI)
    assert (error.kind, error.status) == ("refused", 405)
    assert registry.get(DOI).state == "findable"


def test_list_has_every_doi_once_in_all_states(registry, monkeypatch):
    monkeypatch.setattr("catalogue.integrations.datacite.PAGE_SIZE", 2)
    for number in range(5):
        registry.put(f"{PREFIX}/{number}")
    registry.put(DOI, url=URL, metadata=METADATA, event="publish")

    assert [(d.doi, d.state) for d in registry.list_dois(PREFIX)] == [
        *((f"{PREFIX}/{number}", "draft") for number in range(5)),
        (DOI, "findable"),
    ]
    assert list(registry.list_dois("10.9999")) == []


def test_state_survives_a_restart(tmp_path):
    with FakeDataCite(tmp_path / "registry.sqlite3") as first:
        first.open_client().put(DOI, url=URL, metadata=METADATA, event="publish")
    with FakeDataCite(tmp_path / "registry.sqlite3") as second:
        assert second.open_client().get(DOI).state == "findable"
        assert second.open_client().resolve_handle(DOI) == URL


# --- no in the registry's own words --------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "source", "words"),
    [
        ({"titles": []}, "titles", "Missing child element"),
        ({"contributors": [{"name": "A", "contributorType": "Funder"}]}, "contributors", "Funder is not supported"),
        ({"rightsList": [{"rights": "x" * 2001}]}, "rights_list", "2000 characters"),
        ({"language": "svenska språket"}, "language", "invalid format"),
    ],
)  # fmt: skip
def test_refusal_keeps_field_and_reason(registry, change, source, words):
    error = fail(registry.put, DOI, url=URL, metadata=METADATA | change, event="publish")

    assert (error.kind, error.status, error.source, error.retryable) == ("refused", 422, source, False)
    assert words in error.title
    assert words in str(error)
    assert registry.get(DOI) is None


def test_draft_may_lack_everything_and_a_findable_doi_no_address(registry):
    registry.put(DOI, metadata={"doi": DOI, "titles": []})

    assert fail(registry.put, DOI, metadata=METADATA, event="publish").source == "url"
    assert registry.get(DOI).state == "draft"


def test_address_outside_of_the_repositorys_domains_is_refused(tmp_path):
    with FakeDataCite(url_hosts=["catalogue.example.org"]) as fake:
        registry = fake.open_client()
        registry.put(DOI, url=URL, metadata=METADATA, event="publish")

        error = fail(registry.put, DOI, url="https://elsewhere.example/", metadata=METADATA)
        assert (error.kind, error.source) == ("refused", "url")
        assert "domain settings" in error.title


def test_reason_without_a_field_is_kept_too(fake, registry):
    fake.traps.refuse = "This value is not allowed here"

    error = fail(registry.put, DOI, url=URL, metadata=METADATA)
    assert (error.source, error.title) == ("", "This value is not allowed here")


def test_doi_of_another_account_is_unknown_and_not_ours_to_change(fake, registry, tmp_path):
    fake.registry._accounts["other"] = "x"
    fake.open_client(name="OTHER", password="x").put(DOI)

    assert registry.get(DOI) is None
    assert fail(registry.put, DOI).kind == "credentials"


# --- traps ---------------------------------------------------------------------------------------


def test_event_that_is_not_possible_changes_nothing_and_is_not_an_error(registry):
    registry.put(DOI, metadata=METADATA)

    assert registry.put(DOI, event="hide") == 200
    assert registry.get(DOI).state == "draft"


def test_ignored_event_shows_when_asked(fake, registry):
    fake.traps.ignore_events = 1

    assert registry.put(DOI, url=URL, metadata=METADATA, event="publish") == 201
    assert registry.get(DOI).state == "draft"


@pytest.mark.parametrize(
    ("trap", "value", "stored"),
    [
        ("lose_answers", 1, True),
        ("lose_requests", 1, False),
        ("storm", [500], False),
        ("storm", [503], False),
        ("storm_after", [502], True),
        ("storm_after", [504], True),
    ],
)
def test_lost_answer_says_nothing_about_what_was_done(fake, registry, trap, value, stored):
    setattr(fake.traps, trap, copy(value))

    error = fail(registry.put, DOI, url=URL, metadata=METADATA, event="publish")
    assert (error.kind, error.retryable) == ("unknown", True)
    assert (registry.get(DOI) is not None) is stored


def test_nothing_is_repeated_by_itself(fake, registry):
    fake.traps.storm = [500]
    fail(registry.put, DOI)

    assert fake.registry.asked == [f"PUT /dois/{DOI}"]


@pytest.mark.parametrize(("header", "wait_s"), [("7", 7.0), ("", None), ("soon", None)])
def test_registry_that_is_busy_says_how_long(fake, registry, header, wait_s):
    fake.traps.throttle, fake.traps.retry_after = 1, header

    error = fail(registry.put, DOI)
    assert (error.kind, error.status, error.retry_after_s, error.retryable) == ("busy", 429, wait_s, True)


@pytest.mark.parametrize("ask", ["get", "put", "delete_draft", "list_dois"])
def test_bad_credentials_are_an_operators_business(fake, registry, ask):
    fake.traps.bad_credentials = True

    error = fail(getattr(registry, ask), DOI)
    assert (error.kind, error.retryable, error.title) == ("credentials", False, "Bad credentials.")


def test_wrong_password_is_refused_by_the_server_itself(fake):
    assert fail(fake.open_client(password="wrong").get, DOI).kind == "credentials"


def test_401_of_an_unknown_doi_is_not_taken_for_bad_credentials(fake, registry):
    fake.traps.unknown_is_401 = True

    assert registry.get(DOI) is None
    registry.delete_draft(DOI)


def test_forbidden_write_is_a_matter_of_credentials(fake, registry):
    fake.traps.forbid_writes = True

    assert fail(registry.put, DOI).kind == "credentials"


@pytest.mark.parametrize("ask", ["get", "list_dois", "resolve_handle"])
def test_page_of_html_instead_of_an_answer_is_no_answer(fake, registry, ask):
    fake.traps.html = 1

    assert fail(getattr(registry, ask), DOI).kind == "unknown"


def test_handle_follows_later(fake, registry):
    fake.traps.handle_lag = 2
    registry.put(DOI, url=URL, metadata=METADATA, event="publish")

    assert [registry.resolve_handle(DOI) for _look in range(3)] == ["", "", URL]


def test_handle_that_never_follows_is_seen(fake, registry):
    fake.traps.lose_handles = 1
    registry.put(DOI, url=URL, metadata=METADATA, event="publish")

    assert registry.get(DOI).state == "findable"
    assert registry.resolve_handle(DOI) == ""
    registry.put(DOI, url=URL, metadata=METADATA)
    assert registry.resolve_handle(DOI) == URL


def test_list_lags_behind_what_is_true(fake, registry):
    registry.put(DOI)
    fake.traps.index_lag = 1
    registry.put(DOI, url=URL, metadata=METADATA, event="publish")

    assert [d.state for d in registry.list_dois(PREFIX)] == ["draft"]
    assert registry.get(DOI).state == "findable"


@pytest.mark.parametrize("trap", ["loop_pages", "repeat_page"])
def test_list_that_goes_in_a_circle_is_not_taken_for_whole(fake, registry, monkeypatch, trap):
    monkeypatch.setattr("catalogue.integrations.datacite.PAGE_SIZE", 2)
    for number in range(5):
        registry.put(f"{PREFIX}/{number}")
    setattr(fake.traps, trap, True)

    error = fail(registry.list_dois, PREFIX)
    assert "circle" in str(error)
    assert error.kind == "unknown"


def test_credentials_do_not_follow_a_list_to_another_host(fake, registry):
    registry.put(DOI)
    fake.traps.foreign_page = "http://127.0.0.1:9/dois?page[cursor]=2"

    assert "another host" in str(fail(registry.list_dois, PREFIX))


def test_server_that_is_not_there_is_no_answer():
    with FakeDataCite() as fake:
        registry = fake.open_client()
    error = fail(registry.get, DOI)

    assert (error.kind, error.status) == ("unknown", None)


def test_password_is_in_no_error_and_no_text(fake):
    registry = fake.open_client(password="hush-hush")
    error = fail(registry.get, DOI)

    assert "hush" not in f"{error} {error.title} {fake.account(password='hush-hush')!r}"


# --- real DOIs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "prefix", "needed"),
    [
        ("https://api.datacite.org", "10.1234", True),
        ("https://api.datacite.org", PREFIX, True),
        ("https://mds.datacite.org", "10.1234", True),
        ("https://registry.example.org", "10.1234", True),
        ("https://registry.example.org", PREFIX, False),
        ("https://api.test.datacite.org", "10.1234", False),
        ("http://127.0.0.1:8081", "10.1234", False),
        ("https://api.test.datacite.org.example.org", "10.1234", True),
    ],
)
def test_permit_is_needed_where_dois_may_be_real(url, prefix, needed):
    assert needs_permit(url, prefix) is needed


@pytest.mark.parametrize(
    ("allow", "prefixes"), [(False, ["10.1234"]), (True, []), (True, ["10.9999"]), (False, [])]
)
def test_real_dois_need_the_setting_and_the_prefix(fake, allow, prefixes):
    account = fake.account(name=NAME, url="https://api.datacite.org", allow_production=allow)
    registry = DataCiteRegistry(account, production_prefixes=prefixes)

    for write in (registry.put, registry.delete_draft):
        with pytest.raises(NotPermitted, match="real and for ever"):
            write("10.1234/abc")
    registry.close()
