import pytest

from catalogue.errors import NotFound
from catalogue.exports.registry import FORMATS, find_export_for_media_type, get_export
from catalogue.records import Record, Text
from tests.catalogue.exports.generated_records import FULL_RECORD, SUBJECT


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "record", [FULL_RECORD, Record(title=(Text("Bara en titel", "sv"),))], ids=["full", "bare"]
)
def test_every_format_writes_every_record(name, record):
    assert get_export(name).render(record, SUBJECT).decode()


@pytest.mark.parametrize("attribute", ["media_type", "label"])
def test_no_two_formats_share(attribute):
    assert len({getattr(export, attribute) for export in FORMATS.values()}) == len(FORMATS)


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("text/turtle", "turtle"),
        ("application/ld+json", "jsonld"),
        ('application/ld+json; profile="https://schema.org/"', "schema_org"),
    ],
)
def test_format_is_found_by_its_media_type(media_type, name):
    assert find_export_for_media_type(media_type).name == name


def test_unknown_names_and_media_types_are_not_found():
    with pytest.raises(NotFound, match="docx"):
        get_export("docx")
    with pytest.raises(NotFound, match="image/png"):
        find_export_for_media_type("image/png")
