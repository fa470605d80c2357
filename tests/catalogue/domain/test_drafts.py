"""Drafts: saved as they are, written by two people, sent to review and back."""

import pytest

from catalogue.domain.drafts import (
    DraftChanged,
    drop_draft,
    find_draft,
    return_draft,
    save_draft,
    start_draft,
    submit_draft,
    take_back,
)
from catalogue.domain.own_record import digest_fields
from catalogue.domain.own_rules import check_draft
from catalogue.errors import Conflict, InvalidRecord, NotFound
from catalogue.models import Draft
from tests.factories.own import make_publisher, make_steward, own_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher():
    return make_publisher()


@pytest.fixture
def anna(publisher):
    return make_steward(publisher, username="anna")


@pytest.fixture
def bo(publisher):
    return make_steward(publisher, username="bo")


@pytest.fixture
def draft(publisher, anna):
    return start_draft(publisher, by=anna, record=own_json())


def stopping(draft):
    return {item.violation.field for item in check_draft(draft) if item.stops}


def test_a_draft_keeps_what_is_wrong(publisher, anna):
    wrong = {
        "title": [{"value": "x", "lang": "swedish language"}],
        "issued": "last year",
        "license": {"raw": "ask Eva"},
        "landing_pages": ["not an address"],
        "spatial_resolution_m": "about ten",
    }
    draft = start_draft(publisher, by=anna, record=wrong)
    assert draft.record == wrong
    assert stopping(draft) >= {"title[0]", "issued", "license", "landing_pages[0]", "spatial_resolution_m"}


def test_what_was_typed_is_brought_into_form(publisher, anna):
    typed = {"license": "CC BY 4.0", "spatial_resolution_m": "12,5", "languages": ["svenska"], "keywords": []}
    record = start_draft(publisher, by=anna, record=typed).record
    assert record["license"]["iri"].endswith("/CC_BY_4_0")
    assert record["languages"][0]["iri"].endswith("/SWE")
    assert record["spatial_resolution_m"] == 12.5
    assert "keywords" not in record


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"title": None}, "title"),
        ({"description": None}, "description"),
        ({"description": [{"value": "Too short", "lang": "en"}]}, "description"),
        ({"contacts": None}, "contacts"),
        ({"contacts": [{"name": [{"value": "Eva"}]}]}, "contacts[0].email"),
        ({"access_rights": None}, "access_rights"),
        ({"distributions": [{"title": [{"value": "a.csv"}]}]}, "license"),
        ({"distributions": [{"title": [{"value": "a.csv"}]}]}, "distributions[0].access_urls"),
        ({"temporal": [{"start": "2024", "end": "2020"}]}, "temporal[0].end"),
        ({"relations": [{"kind": "dct:source"}]}, "relations[0].target"),
        ({"creators": [{"is_person": True}]}, "creators[0].name"),
        (
            {
                "creators": [
                    {"name": [{"value": "E"}], "identifiers": [{"scheme": "orcid", "value": "0000-0002"}]}
                ]
            },
            "creators[0].identifiers[0].value",
        ),
        ({"spatial": [{"bbox": [10, 50, 200, 60]}]}, "spatial[0].bbox"),
        ({"nonsense": 1}, "nonsense"),
        ({"title": [{"value": 5}]}, "title[0]"),
    ],
)
def test_each_wrong_field_is_named(publisher, anna, fields, path):
    draft = start_draft(publisher, by=anna, record=own_json(**fields))
    assert path in stopping(draft)


def test_a_good_draft_has_advice_only(draft):
    assert not stopping(draft)
    assert "themes" in {item.violation.field for item in check_draft(draft)}


def test_the_second_of_two_editors_is_told_and_loses_nothing(draft, anna, bo):
    base = digest_fields(draft.record)
    hers = {**draft.record, "title": [{"value": "Hers", "lang": "en"}], "version": "2"}
    his = {**draft.record, "title": [{"value": "His", "lang": "en"}], "frequency": {"raw": "daily"}}
    save_draft(draft, hers, by=anna, revision=1)
    with pytest.raises(DraftChanged) as caught:
        save_draft(draft, his, by=bo, revision=1, base=base)
    assert "anna" in str(caught.value)
    merge = caught.value.merge
    assert (merge.taken, merge.contested) == (("version",), ("title",))
    assert merge.record["title"][0]["value"] == "His"
    assert merge.record["version"] == "2"
    assert merge.record["frequency"]
    saved = save_draft(draft, merge.record, by=bo, revision=caught.value.current.revision)
    assert (saved.revision, saved.updated_by) == (3, bo)


def test_a_field_that_the_other_took_out_is_gone_from_the_merge(draft, anna, bo):
    base = digest_fields(draft.record)
    hers = {name: value for name, value in draft.record.items() if name != "keywords"}
    save_draft(draft, hers, by=anna, revision=1)
    with pytest.raises(DraftChanged) as caught:
        save_draft(draft, {**draft.record, "version": "2"}, by=bo, revision=1, base=base)
    assert "keywords" not in caught.value.merge.record


def test_saving_the_same_words_changes_nothing(draft, bo):
    assert save_draft(draft, dict(draft.record), by=bo, revision=1).revision == 1


def test_what_no_database_keeps_is_refused(publisher, anna):
    for words in ("nul \x00", "half \ud800"):
        with pytest.raises(InvalidRecord):
            start_draft(publisher, by=anna, record={"title": [{"value": words}]})


def test_review_is_asked_for_and_given_back(draft, anna, bo):
    submit_draft(draft, by=anna, revision=1, note="please")
    with pytest.raises(Conflict):
        save_draft(draft, own_json("Other"), by=anna, revision=1)
    with pytest.raises(InvalidRecord):
        return_draft(draft, by=bo, revision=1, note=" ")
    returned = return_draft(draft, by=bo, revision=1, note="Name the lakes.")
    assert (returned.state, returned.note) == (Draft.State.RETURNED, "Name the lakes.")
    save_draft(draft, own_json("Lakes by name"), by=anna, revision=1)
    submit_draft(draft, by=anna, revision=2)
    assert take_back(draft).state == Draft.State.OPEN


def test_an_unfinished_draft_is_not_reviewed(publisher, anna):
    draft = start_draft(publisher, by=anna, record={"title": [{"value": "Only a title"}]})
    with pytest.raises(InvalidRecord) as caught:
        submit_draft(draft, by=anna, revision=1)
    assert {"description", "contacts", "license", "access_rights"} <= {
        item.field for item in caught.value.violations
    }


def test_a_dropped_draft_is_kept_but_not_written(draft, anna):
    drop_draft(draft)
    with pytest.raises(Conflict):
        save_draft(draft, own_json("Other"), by=anna, revision=1)
    with pytest.raises(Conflict):
        drop_draft(draft)


def test_of_others_drafts_nobody_knows(draft, anna):
    stranger = make_steward(make_publisher("Forest Office"))
    assert find_draft(draft.pk, anna) == draft
    with pytest.raises(NotFound):
        find_draft(draft.pk, stranger)
