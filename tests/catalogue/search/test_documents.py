import pytest

from catalogue.records import Agent, Distribution, Identifier, Period, Record, Term, Text
from catalogue.search.documents import build_document


def build(**fields):
    return build_document("1", 3, Record(**fields), source_slugs=("snd",), publisher_slug="su")


def test_machine_translation_is_not_the_publishers_words():
    document = build(
        title=(Text("Luft", "sv"), Text("Air", "en-t-sv-t0-mtec")), keywords=(Text("x", "en-t-sv"),)
    )
    assert document.titles == (("sv", "Luft"),)
    assert document.keywords == ()
    assert "Air" not in document.embedding_text


def test_text_without_language_gets_the_detected_one_or_the_titles():
    assert build(title=(Text("Luft"),), detected_language="sv").titles == (("sv", "Luft"),)
    tagged = build(title=(Text("Luft", "sv"),), description=(Text("Ren luft"),))
    assert tagged.descriptions == (("sv", "Ren luft"),)


def test_format_without_an_authority_keeps_its_word():
    formats = tuple(Distribution(format=Term(raw=word)) for word in (".pgn", "NIfTI", "pgn"))
    assert build(distributions=formats).facets["format"] == ("PGN", "NIfTI")


def test_markup_is_not_indexed():
    assert build(description=(Text("<p>Ren <b>luft</b></p>", "sv"),)).descriptions == (("sv", "Ren luft"),)


def test_identifiers_are_normalised_once_each():
    document = build(
        iri="https://doi.org/10.5878/ABC",
        identifiers=(Identifier("doi:10.5878/abc", "doi"), Identifier("SND-1")),
    )
    assert document.identifiers == ("10.5878/abc", "snd-1")


def test_facets_are_iris_and_slugs():
    document = build(
        themes=(Term("http://example.org/theme/ENVI"), Term(raw="odd")),
        distributions=(
            Distribution(format=Term("http://example.org/f/CSV"), license=Term("http://example.org/l/0")),
        )
        * 2,
        publisher=Agent(name=(Text("SU", "sv"),)),
    )
    assert document.facets == {
        "theme": ("http://example.org/theme/ENVI",),
        "publisher": ("su",),
        "source": ("snd",),
        "format": ("http://example.org/f/CSV",),
        "license": ("http://example.org/l/0",),
    }
    assert document.names == ("SU",)


@pytest.mark.parametrize(
    ("fields", "years"),
    [
        ({"issued": "2019-05-01"}, ("2019",)),
        ({"issued": "2019", "temporal": (Period("2001-01-01", "2003"),)}, ("2001", "2002", "2003")),
        ({"temporal": (Period("1990", ""),)}, ("1990",)),
        ({"temporal": (Period("-5000", "2000"),), "issued": "2020"}, None),
        ({"issued": "not a date"}, None),
    ],
)
def test_years_are_those_the_data_is_about(fields, years):
    assert build(**fields).facets.get("year") == years


def test_newest_is_days_since_1970_and_zero_when_unknown():
    assert build(modified="1970-01-11T12:00:00Z").newest == 10
    assert build(modified="2019-02-31").newest == 0
    assert build().newest == 0


def test_embedding_text_is_title_keywords_and_start_of_description():
    document = build(
        title=(Text("Luft", "sv"),), keywords=(Text("ozon", "sv"),), description=(Text("ord " * 1000, "sv"),)
    )
    assert document.embedding_text.startswith("Luft. ozon. ord ord")
    assert len(document.embedding_text) < 1300
