"""Values as people write them: taken in, or refused in words that name the field."""

import pytest
from hypothesis import given, settings

from catalogue.errors import InvalidRecord
from catalogue.field_guide import part_guide
from catalogue.field_values import check_values, clean_value, clean_words
from catalogue.record_json import record_to_json
from tests.catalogue.exports.generated_records import FULL_RECORD, SERVICE, records

AUTHORITY = "http://publications.europa.eu/resource/authority"


@pytest.mark.parametrize(
    ("path", "written", "stored"),
    [
        ("title", [{"value": " Lakes ", "lang": "en"}, {"value": "Sjöar", "lang": ""}], [{"value": "Lakes", "lang": "en"}, {"value": "Sjöar"}]),
        ("license", "CC BY 4.0", {"iri": f"{AUTHORITY}/licence/CC_BY_4_0"}),
        ("license", "https://terms.example/own", {"iri": "https://terms.example/own"}),
        ("access_rights", "PUBLIC", {"iri": f"{AUTHORITY}/access-right/PUBLIC"}),
        ("themes", ["Transport", f"{AUTHORITY}/data-theme/TRAN"], [{"iri": f"{AUTHORITY}/data-theme/TRAN"}]),
        ("languages", ["svenska"], [{"iri": f"{AUTHORITY}/language/SWE"}]),
        ("rights", ["Ask first", "https://a.example/terms"], [{"raw": "Ask first"}, {"iri": "https://a.example/terms"}]),
        ("issued", "2024", "2024"),
        ("temporal", [{"start": "2019", "end": "2019-05"}], [{"start": "2019", "end": "2019-05"}]),
        ("spatial", [{"bbox": "10.5, 55 24,69.1"}], [{"bbox": [10.5, 55.0, 24.0, 69.1]}]),
        ("spatial_resolution_m", "10,5", 10.5),
        ("distributions[~1f3a9c22].byte_size", "147 253", 147253),
        ("temporal_resolution", "p1d", "P1D"),
        ("publisher.email", "mailto:data@example.org", "data@example.org"),
        ("landing_pages", "https://a.example/", ["https://a.example/"]),
        ("identifiers", [{"value": "10.1234/abc", "scheme": "doi"}], [{"value": "10.1234/abc", "scheme": "doi"}]),
        ("publisher.is_person", False, None),
        ("keywords", [], None),
        ("version", "", None),
    ],
)  # fmt: skip
def test_value_is_stored_as_the_contract_has_it(path, written, stored):
    assert clean_value(path, written) == stored


@pytest.mark.parametrize(
    ("path", "written", "at", "advice"),
    [
        ("title", [{"value": "Lakes", "lang": "english please"}], "title[0]", "sv for Swedish"),
        ("title", [{"value": "Lakes\x00"}], "title[0]", "cannot be stored"),
        ("title", "Lakes", "title[0]", '"lang"'),
        ("title", {"value": "Lakes"}, "title", "list"),
        ("themes", ["Transprot"], "themes[0]", "Transport"),
        ("access_rights", "https://a.example/mine", "access_rights", "not in the list"),
        ("issued", "1 May 2024", "issued", "2024-05-01"),
        ("issued", "2024-02-30", "issued", "2024-05-01"),
        ("landing_pages", ["www.example.org"], "landing_pages[0]", "https://"),
        ("landing_pages", ["javascript:alert(1)"], "landing_pages[0]", "https://data.example.org"),
        ("landing_pages", ["https://me:secret@a.example/"], "landing_pages[0]", "password"),
        ("publisher.email", "data at example", "publisher.email", "data@example.org"),
        ("spatial_resolution_m", "-1", "spatial_resolution_m", "less than zero"),
        ("spatial_resolution_m", "nan", "spatial_resolution_m", "no number"),
        ("spatial_resolution_m", True, "spatial_resolution_m", "no number"),
        ("distributions[0].byte_size", "1.5", "distributions[0].byte_size", "whole"),
        ("temporal_resolution", "P", "temporal_resolution", "P1D"),
        ("temporal", [{"start": "2020", "end": "2019"}], "temporal[0].end", "before it starts"),
        ("spatial", [{"bbox": [1, 2, 3]}], "spatial[0].bbox", "4 numbers"),
        ("spatial", [{"bbox": [1, 60, 3, 50]}], "spatial[0].bbox", "north"),
        ("identifiers", [{"value": "0000-0002-1825-0098", "scheme": "orcid"}], "identifiers[0].value", "check digits"),
        ("relations", [{"kind": "dct:source"}], "relations[0].target", "missing"),
        ("relations", [{"kind": "my:kind", "target": "x"}], "relations[0].kind", "Choose one"),
        ("contacts", [{"mail": "a@b.se"}], "contacts[0].mail", "no such field"),
        ("contacts", ["a@b.se"], "contacts[0]", "object"),
        ("publisher.is_person", "yes", "publisher.is_person", "true or false"),
    ],
)  # fmt: skip
def test_value_is_refused_in_words_at_its_field(path, written, at, advice):
    with pytest.raises(InvalidRecord) as refusal:
        clean_value(path, written)
    violation = refusal.value.violations[0]
    assert violation.field == at
    assert advice in violation.message


def test_what_is_there_already_is_not_judged_again():
    old = [{"raw": "Kultur och sånt"}]
    assert clean_value("themes", [*old, "Transport"], known=old)[0] == old[0]
    with pytest.raises(InvalidRecord):
        clean_value("themes", old)


def test_words_in_one_language():
    assert clean_words("keywords", "sv", ["sjö", "", "vatten"]) == ["sjö", "vatten"]
    assert clean_words("title", "sv", "Sjöar") == ["Sjöar"]
    assert clean_words("title", "sv", None) is None
    with pytest.raises(InvalidRecord, match="language by language"):
        clean_words("issued", "sv", ["2024"])


def test_whole_record_is_checked_value_by_value():
    assert {item.field for item in check_values(record_to_json(FULL_RECORD))} == {"themes[1]"}
    assert not check_values(record_to_json(SERVICE))


@settings(max_examples=40, deadline=None)
@given(records)
def test_any_value_of_a_record_may_stay_as_it_is(record):
    data = record_to_json(record)
    for field in part_guide("dataset").fields:
        assert clean_value(field.name, data.get(field.name), known=data.get(field.name)) == data.get(
            field.name
        )
