"""`manage.py curate` from the first look to the undo."""

import json

import pytest
from django.core.management import CommandError, call_command

from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.models import Act, Conflict, Dataset
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def say():
    source = SourceFactory(slug="lakes", title="Lake portal")

    def harvest(**fields):
        lease = open_run(source)
        ingest_page(lease, IngestPage(incoming=[make_incoming("a", make_record(**fields))]))
        end_quietly(lease)
        return Dataset.objects.get()

    return harvest


@pytest.fixture
def curate(capsys):
    UserFactory(username="anna", is_superuser=True)

    def run(*args, person="anna"):
        call_command("curate", *args, *(["--as", person] if args[0] != "show" else []))
        return capsys.readouterr().out

    return run


def test_field_is_shown_set_and_reverted(say, curate):
    dataset = say()
    assert "issued = 2024-05-01  [source Lake portal]" in curate("show", dataset.slug)
    curate("set", dataset.slug, "issued", "2020", "--reason", "as printed")
    curate("set", str(dataset.pk), "title", "Sjöar", "--lang", "sv")
    shown = curate("show", dataset.slug, "issued")
    assert "issued = 2020  [curation anna]" in shown
    assert "under it: 2024-05-01" in shown
    assert "(as printed)" in shown
    curate("revert", dataset.slug, "issued")
    dataset.refresh_from_db()
    assert (dataset.record["issued"], len(dataset.record["title"])) == ("2024-05-01", 2)
    curate("set", dataset.slug, "themes", json.dumps(["Transport"]))
    dataset.refresh_from_db()
    assert dataset.record["themes"][0]["iri"].endswith("/TRAN")


def test_conflict_is_listed_decided_and_undone(say, curate):
    dataset = say()
    curate("set", dataset.slug, "issued", "2020")
    say(issued="2025")
    listed = curate("conflicts")
    assert "based on: 2024-05-01" in listed
    assert listed.endswith("1 open\n")
    curate("decide", str(Conflict.objects.get().pk), "merge", "2021")
    assert Dataset.objects.get().record["issued"] == "2021"
    curate("undo", str(Act.objects.latest("id").pk))
    assert Dataset.objects.get().record["issued"] == "2020"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("set", "{slug}", "issued", "soon"), "issued: “soon” is no date"),
        (("set", "{slug}", "titel", "x"), "titel"),
        (("set", "{slug}", "issued", "2020", "--seen", "0"), "changed meanwhile by Lake portal"),
        (("set", "nowhere", "issued", "2020"), "no dataset"),
        (("set", "{slug}", "themes", "[broken"), "not JSON"),
        (("revert", "{slug}", "issued"), "nothing to revert"),
        (("decide", "999", "keep"), "no conflict"),
        (("undo", "999"), "no act"),
    ],
)
def test_mistakes_are_said_in_words(say, curate, args, words):
    slug = say().slug
    with pytest.raises(CommandError, match=words):
        curate(*(arg.format(slug=slug) for arg in args))


def test_account_without_the_role_changes_nothing(say, curate):
    UserFactory(username="carl")
    dataset = say()
    for args in (("set", dataset.slug, "issued", "2020"), ("revert", dataset.slug, "issued")):
        with pytest.raises(CommandError, match="may not curate"):
            curate(*args, person="carl")
    with pytest.raises(CommandError, match="no account"):
        curate("conflicts", person="nobody")
