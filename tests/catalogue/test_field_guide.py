"""The field guide covers the contract, and its paths lead to it."""

import dataclasses

import pytest

from catalogue.errors import InvalidRecord
from catalogue.field_guide import NOT_WRITTEN, OF_PARTS, Importance, find_field, list_fields, part_guide
from catalogue.term_lists import VOCABULARIES

PARTS = [
    "dataset",
    "distribution",
    "service",
    "agent",
    "contact",
    "attribution",
    "identifier",
    "period",
    "place",
    "document",
    "relation",
    "checksum",
]
IDENTITIES = {"distribution": {"iri"}, "service": {"iri"}, "dataset": NOT_WRITTEN}


@pytest.mark.parametrize("part", PARTS)
def test_guide_has_every_field_that_people_write(part):
    guide = part_guide(part)
    names = {field.name for field in dataclasses.fields(guide.record_class)}
    assert {field.name for field in guide.fields} == names - IDENTITIES.get(part, set())


@pytest.mark.parametrize("part", PARTS)
def test_guide_names_parts_and_vocabularies_that_are_there(part):
    for field in part_guide(part).fields:
        assert str(field.label)
        assert (field.kind in OF_PARTS) == bool(field.part)
        assert not field.part or part_guide(field.part)
        assert not field.vocabulary or field.vocabulary in VOCABULARIES


def test_importance_is_that_of_dcat_ap():
    names = {level: {field.name for field in list_fields("dataset", level)} for level in Importance}
    assert names[Importance.MANDATORY] == {"title", "description"}
    assert names[Importance.RECOMMENDED] == {
        *("publisher", "contacts", "themes", "keywords", "spatial", "temporal", "distributions")
    }
    assert {field.name for field in list_fields("distribution", Importance.MANDATORY)} == {"access_urls"}


@pytest.mark.parametrize(
    ("path", "owner", "name"),
    [
        ("title", "dataset", "title"),
        ("publisher.name", "agent", "name"),
        ("distributions[~1f3a9c22].license", "distribution", "license"),
        ("distributions[0].access_services[~1f3a9c22].title", "service", "title"),
        ("temporal[2].start", "period", "start"),
        ("attributions[~1f3a9c22-2].agent.email", "agent", "email"),
    ],
)
def test_path_leads_to_its_field(path, owner, name):
    part, field = find_field(path)
    assert (part, field.name) == (part_guide(owner), name)


@pytest.mark.parametrize(
    "path",
    [
        "kind",
        "titel",
        "title[0].value",
        "distributions[0]",
        "themes[0]",
        "title.value",
        "distributions.license",
        "",
    ],
)
def test_path_to_what_nobody_writes_is_refused(path):
    with pytest.raises(InvalidRecord):
        find_field(path)
