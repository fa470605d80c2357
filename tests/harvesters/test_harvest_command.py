"""`manage.py harvest`: what an operator types and reads."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalogue.domain.outbox import pending
from catalogue.domain.runs import claim_run, request_run
from catalogue.models import Dataset, Run, Source
from harvesters.samples.server import SampleServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_stores")]


@pytest.fixture
def server():
    with SampleServer() as server:
        yield server


def harvest(*words):
    out = StringIO()
    call_command("harvest", *words, stdout=out)
    return out.getvalue()


def add(server):
    return harvest(
        "add", server.ckan_url, "--protocol", "ckan", "--title", "Öppna data", "--option", "rows=20"
    )


def test_add_and_list(server):
    assert "added: oppna-data" in add(server)
    assert Source.objects.get().options == {"rows": "20"}
    assert "there already" in add(server)
    assert "oppna-data  ckan  0 records  never run" in harvest("list")


def test_add_with_an_unknown_option_names_the_known_ones(server):
    with pytest.raises(CommandError, match="has no option pages; it has rows"):
        harvest("add", server.ckan_url, "--protocol", "ckan", "--title", "X", "--option", "pages=3")


def test_run_harvests_and_projects(server):
    add(server)
    text = harvest("run", "oppna-data")
    total = len(server.records.list_all("ckan"))
    assert f"finished, {total} new, 0 changed" in text
    assert f"search: {total} brought up to date, 0 failed" in text
    assert Dataset.objects.live().count() == total
    assert pending() == 0


def test_dry_run_shows_the_plan_and_writes_nothing(server):
    add(server)
    record = server.records.list_all("ckan")[0]
    assert "  + " in harvest("run", "oppna-data", "--dry-run")
    assert not Dataset.objects.exists()
    harvest("run", "oppna-data")
    server.records.change(record.id, title={"en": "A title that was changed"})
    text = harvest("run", "oppna-data", "--dry-run")
    assert "A title that was changed" in text
    assert "      title: " in text
    assert not Dataset.objects.filter(title="A title that was changed").exists()


def test_undo_puts_back(server):
    add(server)
    harvest("run", "oppna-data")
    text = harvest("undo", str(Run.objects.get().pk))
    assert "put back as they were" in text
    assert not Dataset.objects.live().exists()


def test_show_lists_runs_and_failures(server):
    harvest("add", server.dcat_url, "--protocol", "dcat", "--title", "Portal")
    server.faults = "http500"
    with pytest.raises(CommandError, match="Not harvested: portal"):
        harvest("run", "portal")
    text = harvest("show", "portal")
    assert "failed" in text
    assert "Nothing was removed" in text


def test_run_of_an_unknown_source_names_the_known_ones(server):
    add(server)
    with pytest.raises(CommandError, match=r"There is no source .nope.\. Sources: oppna-data"):
        harvest("run", "nope")


def test_run_all_leaves_out_what_a_worker_has(server):
    add(server)
    harvest("add", server.dcat_url, "--protocol", "dcat", "--title", "Portal")
    run = request_run(Source.objects.get(slug="oppna-data"))
    claim_run(run)
    out = StringIO()
    with pytest.raises(CommandError, match=r"Not harvested: oppna-data\."):
        call_command("harvest", "run", "--all", stdout=out)
    assert f"oppna-data: Run {run.pk} is held by another worker." in out.getvalue()
    assert Source.objects.get(slug="portal").records.count() > 40
