"""Mapping rules: tried, saved, counted, changed, closed, undone; datasets follow in the background."""

import pytest
from django.utils import timezone

from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import drain, pending
from catalogue.domain.projection import PROJECTORS
from catalogue.domain.renewal import count_waiting
from catalogue.domain.rule_trial import count_touched, frequent_words, try_rule
from catalogue.domain.rules import close_rule, draft_rule, save_rule, undo_rules
from catalogue.errors import Conflict, InvalidRecord
from catalogue.models import Act, Dataset, MappingRule
from catalogue.records import Distribution, Term, Text
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db

THEME = "http://publications.europa.eu/resource/authority/data-theme/"
FILE = "http://publications.europa.eu/resource/authority/file-type/"


def harvest(source, **records):
    """Take in records by remote id."""
    lease = open_run(source)
    ingest_page(lease, IngestPage(incoming=[make_incoming(key, said) for key, said in records.items()]))
    end_quietly(lease)


def about(word, **fields):
    return make_record(word, keywords=(), themes=(Term(raw=word, label=(Text(word, "sv"),)),), **fields)


def settle():
    """Do what waits, as a worker does."""
    for kind in ("rule", "resolve"):
        outcome = drain(PROJECTORS[kind])
        assert not outcome.failed


def themes_of(title):
    return [term.get("iri", "") for term in Dataset.objects.get(title=title).record["themes"]]


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def roads():
    source = SourceFactory(slug="roads")
    harvest(source, a=about("Trafik och väg"), b=about("TRAFIK  OCH VÄG"), c=about("Miljö"))
    return source


def traffic(source, **fields):
    values = {"field": "themes", "word": "Trafik och väg", "target_field": "themes", "target": "TRAN"}
    return draft_rule(source=source, **{**values, **fields})


def test_trial_shows_what_would_change_and_changes_nothing(roads):
    other = SourceFactory(slug="other")
    harvest(other, d=about("Trafik och väg", issued="2020"))
    trial = try_rule(traffic(roads), limit=1)
    assert trial.total == 2
    row = trial.rows[0]
    assert (row.source, row.words, row.title) == ("roads", ("Trafik och väg",), "Trafik och väg")
    assert [term.get("iri") for term in row.before] == [None]
    assert [term["iri"] for term in row.after] == [f"{THEME}TRAN"]
    assert try_rule(traffic(roads), offset=1, limit=1).rows[0].title == "TRAFIK  OCH VÄG"
    assert try_rule(traffic(None)).total == 3
    assert not MappingRule.objects.exists()
    assert pending("resolve") == 0


def test_saved_rule_reaches_every_dataset_and_names_itself_as_origin(roads, by):
    rule = save_rule(traffic(roads), by=by, reason="as agreed")
    assert count_waiting() == 1
    settle()
    assert themes_of("Trafik och väg") == themes_of("TRAFIK  OCH VÄG") == [f"{THEME}TRAN"]
    assert themes_of("Miljö") == [""]
    dataset = Dataset.objects.get(title="Trafik och väg")
    assert dataset.record["themes"][0]["raw"] == "Trafik och väg"
    assert dataset.provenance["themes"]["rule"] == rule.pk
    assert rule.act.kind == Act.Kind.RULE
    assert Act.objects.get(pk=rule.act_id).size == 2
    assert count_touched([rule]) == {rule.pk: 2}
    assert pending("search") == 3


def test_rule_holds_for_what_is_harvested_later(roads, by):
    save_rule(traffic(roads), by=by)
    harvest(roads, e=about("Trafik och väg", issued="2021"))
    assert {term["iri"] for term in Dataset.objects.latest("created_at").record["themes"]} == {f"{THEME}TRAN"}


def test_change_of_a_rule_closes_the_old_row_and_undoing_opens_it_again(roads, by):
    first = save_rule(traffic(roads), by=by)
    second = save_rule(traffic(roads, target="ENVI"), by=by, replaces=first)
    settle()
    assert themes_of("Trafik och väg") == [f"{THEME}ENVI"]
    first.refresh_from_db()
    assert first.closed_at == second.made_at
    undo_rules(second.act, timezone.now())
    settle()
    assert themes_of("Trafik och väg") == [f"{THEME}TRAN"]


def test_closed_rule_gives_the_word_of_the_source_back(roads, by):
    rule = save_rule(traffic(roads), by=by)
    settle()
    act = close_rule(rule, by=by)
    settle()
    assert themes_of("Trafik och väg") == [""]
    act.refresh_from_db()
    assert act.size == 2
    with pytest.raises(Conflict, match="closed or changed"):
        close_rule(rule, by=by)
    undo_rules(act, timezone.now())
    settle()
    assert themes_of("Trafik och väg") == [f"{THEME}TRAN"]


def test_second_rule_for_the_same_word_is_refused(roads, by):
    save_rule(traffic(roads), by=by)
    with pytest.raises(Conflict, match="already"):
        save_rule(traffic(roads, target="ENVI"), by=by)
    assert Act.objects.count() == 1


def test_undo_is_refused_while_a_newer_rule_holds_the_word(roads, by):
    act = close_rule(save_rule(traffic(roads), by=by), by=by)
    save_rule(traffic(roads, target="ENVI"), by=by)
    with pytest.raises(Conflict, match="made since"):
        undo_rules(act, timezone.now())


def test_word_can_be_dropped_and_a_keyword_can_give_a_theme(by):
    source = SourceFactory(slug="mixed")
    harvest(source, a=make_record("A", keywords=(Text("järnväg", "sv"),), themes=(Term(raw="Övrigt"),)))
    save_rule(traffic(source, word="övrigt", target=None), by=by)
    save_rule(traffic(source, field="keywords", word="Järnväg"), by=by)
    settle()
    assert themes_of("A") == [f"{THEME}TRAN"]


def test_rule_for_distributions_reads_each_of_them(by):
    source = SourceFactory(slug="files")
    kinds = [
        Distribution(access_urls=(f"https://a.example/{n}",), format=Term(raw="Excel-fil")) for n in "12"
    ]
    harvest(source, a=make_record("A", distributions=tuple(kinds)))
    wish = {"field": "distributions.format", "target_field": "distributions.format", "target": "XLSX"}
    rule = draft_rule(source=source, word="excel-fil", **wish)
    assert [term["iri"] for term in try_rule(rule).rows[0].after] == [f"{FILE}XLSX"] * 2
    save_rule(rule, by=by)
    settle()
    said = Dataset.objects.get().record["distributions"]
    assert {item["format"]["iri"] for item in said} == {f"{FILE}XLSX"}


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"field": "title"}, "field"),
        ({"word": "  "}, "word"),
        ({"word": "x" * 501}, "word"),
        ({"target": "no such theme"}, "target"),
        ({"target_field": "keywords"}, "target_field"),
        ({"target_field": "distributions.format", "target": "CSV"}, "target_field"),
        ({"target_field": "types", "target": None}, "target"),
        ({"target_field": "subjects", "target": "road"}, "target"),
    ],
)
def test_rule_that_cannot_be_says_which_part(wrong, name):
    with pytest.raises(InvalidRecord) as caught:
        traffic(None, **wrong)
    assert name in {item.field for item in caught.value.violations}


def test_frequent_words_are_those_that_nobody_knows_yet(roads, by):
    assert frequent_words(roads, "themes") == [("Trafik och väg", 2), ("Miljö", 1)]
    save_rule(traffic(roads), by=by)
    harvest(roads, f=make_record("F", themes=(Term(iri=f"{THEME}ENVI", raw="env"),), keywords=()))
    assert frequent_words(roads, "themes") == [("Miljö", 1)]
    assert frequent_words(None, "keywords") == []


def test_trial_of_a_change_counts_what_differs_from_the_present_rule(roads, by):
    rule = save_rule(traffic(roads), by=by)
    assert try_rule(traffic(roads), replaces=rule).total == 0
    trial = try_rule(traffic(roads, word="Miljö", target="ENVI"), replaces=rule)
    assert trial.total == 3


@pytest.mark.parametrize("word", ["Straße", "İzmir", "ÅÄÖ", "a b\tc", 'quote " and \\ slash'])
def test_word_in_any_script_is_found(word, by):
    source = SourceFactory(slug="scripts")
    harvest(source, a=about(word))
    assert try_rule(traffic(source, word=word)).total == 1
