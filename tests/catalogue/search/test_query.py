import pytest

from catalogue.errors import InvalidRecord
from catalogue.search.engine import SearchQuery
from catalogue.search.query import parse_query, query_from_params, query_to_params, shorten_value


class Params(dict):
    """As Django's QueryDict: the last value by key, all by getlist."""

    def getlist(self, key):
        return self.get(key, [])


@pytest.mark.parametrize(
    ("text", "identifiers"),
    [
        ("doi:10.5281/Zenodo.1", ("10.5281/zenodo.1",)),
        ("https://dx.doi.org/10.5281/zenodo.1", ("10.5281/zenodo.1",)),
        ("URN:NBN:se:uu:diva-1", ("urn:nbn:se:uu:diva-1",)),
        ("hdl:2077/123", ("2077/123",)),
        ("https://data.example/set/1", ("https://data.example/set/1",)),
        ("(10.5281/zenodo.1).", ("10.5281/zenodo.1).", "10.5281/zenodo.1")),
    ],
)
def test_identifier_alone_is_not_searched_as_words(text, identifiers):
    parsed = parse_query(text)
    assert parsed.identifiers == identifiers
    assert parsed.is_identifier_only


def test_parts_are_told_apart():
    parsed = parse_query('vatten "ren luft" -buller publisher:"Region Skåne" year:2019-2021 -"gammal karta"')
    assert parsed.words == ("vatten",)
    assert parsed.phrases == (("ren", "luft"),)
    assert parsed.excluded == (("buller",), ("gammal", "karta"))
    assert parsed.fields == (("publisher", ("region", "skåne")),)
    assert parsed.values == (("year", ("2019", "2020", "2021")),)
    assert parsed.meaning == "vatten ren luft Region Skåne"


def test_unknown_field_and_open_quote_are_plain_words():
    assert parse_query('SXS:BBH:0002 "open').words == ("sxs", "bbh", "0002", "open")


def test_hyphen_inside_a_word_excludes_nothing():
    assert parse_query("covid-19").excluded == ()


@pytest.mark.parametrize("text", ["", "   ", "\x00", ":::", '"""', "- - -", "*/()"])
def test_text_without_words_is_empty(text):
    assert parse_query(text).is_empty


def test_long_text_is_cut():
    assert len(parse_query("ord " * 5000).words) == 1
    assert len(parse_query(" ".join(f"w{i}" for i in range(5000))).words) == 40


def test_params_and_query_are_each_others_inverse():
    query = SearchQuery("luft", {"format": ("a", "b"), "year": ("2020",)}, "newest", offset=40, limit=20)
    pairs = query_to_params(query)
    assert pairs == [
        ("q", "luft"),
        ("format", "a"),
        ("format", "b"),
        ("year", "2020"),
        ("sort", "newest"),
        ("page", "3"),
    ]
    params = Params()
    for name, value in pairs:
        params.setdefault(name, []).append(value)
    assert query_from_params(params) == query


def test_params_of_people_are_brought_into_range():
    query = query_from_params({"q": "x" * 2000, "sort": "best", "page": "-3", "page_size": "5000"})
    assert (len(query.text), query.sort, query.offset, query.limit) == (1000, "relevance", 0, 100)


def test_params_of_programs_are_refused_by_name():
    with pytest.raises(InvalidRecord) as caught:
        query_from_params({"sort": "best", "page": "0", "page_size": "x"}, is_strict=True)
    assert [violation.field for violation in caught.value.violations] == ["sort", "page_size", "page"]


def test_shorten_value_takes_the_last_part():
    assert shorten_value("http://example.org/file-type/CSV") == "csv"
    assert shorten_value("skolverket") == "skolverket"
