"""`manage.py match`: all its verbs, as a steward on a server uses them."""

import pytest
from django.core.management import CommandError, call_command

from catalogue.domain.cluster_locks import home_of
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.models import Dataset, Match, RoleGrant, SourceRecord
from catalogue.records import Text
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief():
    user = UserFactory(username="chief")
    RoleGrant.objects.create(user=user, role="chief")
    return user


def say(
    slug, title="Lakes of the north", description="Their shores and depths, measured each year since 1950."
):
    lease = open_run(SourceFactory(slug=slug, title=slug.title()))
    record = make_record(title, description=(Text(description, "en"),))
    ingest_page(lease, IngestPage(incoming=[make_incoming("1", record)]))
    end_quietly(lease)
    return SourceRecord.objects.select_related("source", "dataset").get(source__slug=slug)


def run(capsys, *arguments):
    call_command("match", *map(str, arguments))
    return capsys.readouterr().out


def test_run_joins_what_is_sure_and_tells_how_far_it_is(capsys):
    say("alpha")
    say("beta")
    out = run(capsys, "run")

    assert "2 of 2" in out
    assert "1 pairs joined" in out
    assert Dataset.objects.live().count() == 1


def test_show_join_lead_split(capsys, chief):
    alpha, beta = say("alpha", "Lakes"), say("beta", "Tarns", "Small lakes in the mountains.")
    run(capsys, "join", alpha.dataset.slug, beta.dataset.slug, "--as", "chief", "--reason", "one list")
    out = run(capsys, "show", beta.dataset.slug)
    assert "Alpha leads" in out
    assert f"{home_of(beta)}  beta  1" in out
    assert "joined by chief" in out

    assert "a steward chose it" in run(capsys, "lead", alpha.dataset.slug, home_of(beta), "--as", "chief")
    assert "the first" in run(capsys, "lead", alpha.dataset.slug, "--as", "chief")
    run(capsys, "split", alpha.dataset.slug, home_of(beta), "--as", "chief")

    assert Dataset.objects.live().count() == 2


def test_likely_pair_is_shown_and_refused(capsys, chief):
    alpha = say("alpha")
    say("beta", description="Ten thousand photographs of fish.")
    run(capsys, "run")
    match = Match.objects.get()
    out = run(capsys, "show", alpha.dataset.slug)
    assert f"likely, match {match.pk}: " in out
    assert "+1.5 same_title" in out

    run(capsys, "refuse", match.pk, "--as", "chief")

    match.refresh_from_db()
    assert match.state == Match.State.REFUSED


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "nowhere"),
        ("refuse", "99", "--as", "chief"),
        ("join", "nowhere", "nowhere", "--as", "chief"),
        ("split", "{slug}", "x", "--as", "chief"),
        ("split", "{slug}", "{id}", "--as", "chief"),
        ("lead", "{slug}", "--as", "nobody"),
        ("lead", "{slug}", "--as", "reader"),
    ],
)
def test_what_cannot_be_done_is_said(capsys, chief, arguments):
    UserFactory(username="reader")
    alpha = say("alpha")
    with pytest.raises(CommandError):
        run(capsys, *(item.format(slug=alpha.dataset.slug, id=home_of(alpha)) for item in arguments))
