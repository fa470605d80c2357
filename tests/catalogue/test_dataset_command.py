"""`manage.py dataset`: an own dataset from a file to its tombstone and back."""

import json

import pytest
from django.core.management import CommandError, call_command

from catalogue.models import Dataset, Draft
from tests.factories.own import make_publisher, make_steward, own_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]


@pytest.fixture
def publisher():
    return make_publisher()


@pytest.fixture
def run(publisher, capsys):
    make_steward(publisher, username="anna")

    def call(*words, by="anna"):
        call_command("dataset", "--as", by, *map(str, words))
        return capsys.readouterr().out

    return call


def write(folder, record):
    file = folder / "record.json"
    file.write_text(json.dumps(record), "utf-8")
    return file


def test_a_dataset_is_written_published_withdrawn_and_restored(run, publisher, tmp_path):
    incomplete = write(tmp_path, own_json(contacts=None))
    assert "! contacts:" in run("new", incomplete, "--publisher", publisher.slug)
    draft = Draft.objects.get()
    with pytest.raises(CommandError, match="contacts:"):
        run("publish", draft.pk)
    run("new", write(tmp_path, own_json()), "--draft", draft.pk)
    assert "revision 2 by anna" in run("show", draft.pk)
    run("publish", draft.pk)
    dataset = Dataset.objects.get()
    run("withdraw", dataset.slug, "--reason", "Wrong lake.")
    dataset.refresh_from_db()
    assert (dataset.state, dataset.gone_reason) == ("gone", "Wrong lake.")
    run("restore", dataset.slug)
    dataset.refresh_from_db()
    assert dataset.state == "live"


def test_the_command_knows_who_may(run, publisher, tmp_path):
    file = write(tmp_path, own_json())
    make_steward(make_publisher("Other"), username="eve")
    with pytest.raises(CommandError, match="publishes for no publisher"):
        run("new", file, "--publisher", publisher.slug, by="eve")
    run("new", file, "--publisher", publisher.slug)
    draft = Draft.objects.get()
    for words in (("show", draft.pk), ("publish", draft.pk)):
        with pytest.raises(CommandError, match="another publisher"):
            run(*words, by="eve")
    run("publish", draft.pk)
    with pytest.raises(CommandError, match="may not publish"):
        run("withdraw", Dataset.objects.get().slug, "--reason", "No.", by="eve")
    with pytest.raises(CommandError, match="no account"):
        run("show", draft.pk, by="nobody")


@pytest.mark.parametrize("text", ["{", "[]", None])
def test_a_file_without_a_record_is_refused(run, publisher, tmp_path, text):
    file = tmp_path / "record.json"
    if text is not None:
        file.write_text(text, "utf-8")
    with pytest.raises(CommandError):
        run("new", file, "--publisher", publisher.slug)
