"""What one change makes of one record."""

import pytest

from catalogue.domain.bulk_change import Refused, Verdict, list_fields, plan_edits, read_change
from catalogue.errors import InvalidRecord
from catalogue.record_json import record_to_json
from catalogue.records import Distribution, Term, Text
from tests.factories import make_record

THEME = "http://publications.europa.eu/resource/authority/data-theme/"
LICENCE = "http://publications.europa.eu/resource/authority/licence/"


def record(**fields):
    return record_to_json(make_record(**fields))


def edits(change, **fields):
    return [(edit.path, edit.lang, edit.before, edit.after) for edit in plan_edits(record(**fields), change)]


def verdict(change, **fields):
    with pytest.raises(Refused) as caught:
        plan_edits(record(**fields), change)
    return caught.value.verdict


def test_set_a_term_by_its_name():
    change = read_change("frequency", "set", value="weekly")
    weekly = "http://publications.europa.eu/resource/authority/frequency/WEEKLY"
    assert edits(change) == [("frequency", None, None, {"iri": weekly})]
    assert verdict(change, frequency=Term(iri=weekly)) is Verdict.SAME


def test_replace_only_where_the_former_value_stands_by_name_word_or_iri():
    change = read_change("frequency", "replace", former="årligen", value="annual")
    annual = "http://publications.europa.eu/resource/authority/frequency/ANNUAL"
    assert edits(change, frequency=Term(raw="Årligen")) == [
        ("frequency", None, {"raw": "Årligen"}, {"iri": annual})
    ]
    assert verdict(change, frequency=Term(raw="ibland")) is Verdict.ABSENT
    assert verdict(change) is Verdict.ABSENT


def test_add_to_and_remove_from_a_list_keep_the_others():
    transport, health = Term(iri=f"{THEME}TRAN"), Term(iri=f"{THEME}HEAL")
    add = read_change("themes", "add", value="HEAL")
    assert edits(add, themes=(transport,))[0][3] == [{"iri": f"{THEME}TRAN"}, {"iri": f"{THEME}HEAL"}]
    assert verdict(add, themes=(health,)) is Verdict.SAME
    remove = read_change("themes", "remove", value="Health")
    assert edits(remove, themes=(transport, health))[0][3] == [{"iri": f"{THEME}TRAN"}]
    assert edits(remove, themes=(health,))[0][3] is None
    assert verdict(remove, themes=(transport,)) is Verdict.ABSENT


def test_replace_in_a_list_leaves_no_value_twice():
    change = read_change("themes", "replace", former="HEAL", value="TRAN")
    both = (Term(iri=f"{THEME}TRAN"), Term(iri=f"{THEME}HEAL"))
    assert edits(change, themes=both)[0][3] == [{"iri": f"{THEME}TRAN"}]


def test_words_change_in_their_language_only():
    said = {"keywords": (Text("water", "en"), Text("vatten", "sv"))}
    add = read_change("keywords", "add", value="lakes", lang="en")
    assert edits(add, **said) == [("keywords", "en", ["water"], ["water", "lakes"])]
    remove = read_change("keywords", "remove", value="Vatten", lang="sv")
    assert edits(remove, **said) == [("keywords", "sv", ["vatten"], None)]
    title = read_change("title", "set_text", value="Sjöar", lang="sv")
    assert edits(title) == [("title", "sv", None, ["Sjöar"])]


def test_dataset_keeps_a_title():
    change = read_change("title", "set_text", value="", lang="en")
    assert verdict(change) is Verdict.INVALID


def test_field_of_distributions_changes_in_each_of_them():
    change = read_change("distributions.license", "set", value="CC0")
    files = tuple(Distribution(access_urls=(f"https://a.example/{n}",)) for n in "12")
    found = edits(change, distributions=files)
    assert len({path for path, *_ in found}) == 2
    assert {after["iri"] for *_, after in found} == {f"{LICENCE}CC0"}
    assert verdict(change, distributions=()) is Verdict.NO_PLACE


@pytest.mark.parametrize(
    ("field", "operation", "given", "name"),
    [
        ("publisher", "set", {"value": "x"}, "field"),
        ("nothing", "set", {"value": "x"}, "field"),
        ("frequency", "add", {"value": "weekly"}, "operation"),
        ("frequency", "set", {"value": "when it rains"}, "value"),
        ("frequency", "set", {"value": ""}, "value"),
        ("frequency", "replace", {"value": "weekly"}, "former"),
        ("keywords", "add", {"value": ""}, "value"),
        ("themes", "remove", {"value": ""}, "value"),
        ("issued", "set", {"value": "31 februari"}, "value"),
    ],
)
def test_change_that_cannot_be_says_which_part(field, operation, given, name):
    with pytest.raises(InvalidRecord) as caught:
        read_change(field, operation, **given)
    assert {item.field for item in caught.value.violations} == {name}


def test_every_field_that_is_offered_can_be_asked_for():
    for field, guide, operations in list_fields():
        assert operations, guide.name
        with pytest.raises(InvalidRecord) as caught:
            read_change(field, "no such operation")
        assert caught.value.violations[0].field == "operation"
