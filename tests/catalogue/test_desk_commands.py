"""Mapping rules and changes of many on the command line."""

import io

import pytest
from django.core.management import CommandError, call_command

from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.models import Act, Dataset, MappingRule, RoleGrant
from catalogue.records import Term
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def lakes(fresh_stores):
    """Two datasets with a theme that no list knows, and a chief steward."""
    source = SourceFactory(slug="lakes")
    lease = open_run(source)
    said = [make_record(title, themes=(Term(raw="Vatten"),)) for title in ("Lake A", "Lake B")]
    ingest_page(lease, IngestPage(incoming=[make_incoming(str(n), item) for n, item in enumerate(said)]))
    end_quietly(lease)
    drain(PROJECTORS["search"])
    RoleGrant.objects.create(user=UserFactory(username="chief"), role="chief")


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def themes():
    return {row.record["themes"][0].get("iri", "")[-4:] for row in Dataset.objects.all()}


def test_rules_from_unknown_word_to_rule_and_back():
    assert run("rules", "words", "themes") == "2\tVatten\n"
    wish = ["themes", "vatten", "Environment", "--source", "lakes", "--as", "chief"]
    assert "2 records would change" in run("rules", "try", *wish)
    assert themes() == {""}
    assert "2 datasets were resolved" in run("rules", "add", *wish)
    assert themes() == {"ENVI"}
    assert "2 records\tlakes themes: vatten" in run("rules", "list")
    run("rules", "close", str(MappingRule.objects.get().pk), "--as", "chief")
    assert themes() == {""}


def test_bulk_previews_and_changes_only_when_told():
    change = ["bulk", "q=lake", "themes", "replace", "ENVI", "--former", "vatten", "--as", "chief"]
    assert "2\tchanges" in run(*change)
    assert not Act.objects.exists()
    assert "2 changed, 0 left alone" in run(*change, "--apply", "--reason", "nature")
    assert themes() == {"ENVI"}
    assert Act.objects.get().reason == "nature"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rules", "add", "themes", "x", "nonsense", "--as", "chief"], "target: "),
        (["rules", "add", "themes", "x", "ENVI", "--as", "nobody"], "no account"),
        (["rules", "close", "999", "--as", "chief"], "no rule 999"),
        (["bulk", "q=volcano", "themes", "add", "ENVI", "--as", "chief"], "finds nothing"),
        (["bulk", "q=lake", "publisher", "set", "x", "--as", "chief"], "field: "),
    ],
)
def test_what_cannot_be_is_told(arguments, words):
    with pytest.raises(CommandError, match=words):
        run(*arguments)
