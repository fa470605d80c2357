from dataclasses import replace

import pytest

from catalogue.folding import fold_word, split_words
from catalogue.search.analysis import make_grams, make_query_grams, stem_word
from catalogue.search.highlights import find_parts_of, find_words_of
from catalogue.search.word_query import Weights, count_needed_grams
from tests.catalogue.search.test_embedded_crash import make


def test_words_are_split_at_signs_and_lowered():
    assert split_words("Covid-19 i foo_bar: ﬁler, SXS:2") == [
        "covid",
        "19",
        "i",
        "foo",
        "bar",
        "filer",
        "sxs",
        "2",
    ]


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("skogar", "skog", "sv"),
        ("homes", "home", "en"),
        ("buildings", "building", "en"),
        ("Häuser".lower(), "hauser", "de"),
        ("skove", "skov", "da"),
        ("metsät", "metsä", "fi"),
        # languages that tantivy has no stemmer for
        ("lasy", "lasu", "pl"),
        ("města", "město", "cs"),
        ("metsad", "metsa", "et"),
        ("miškai", "miškas", "lt"),
    ],
)
def test_forms_of_a_word_have_one_stem(one, other, language):
    assert stem_word(one, language) == stem_word(other, language)


@pytest.mark.parametrize(
    ("word", "language"), [("och", "sv"), ("the", "en"), ("und", "de"), ("jest", "pl"), ("που", "el")]
)
def test_stop_words_of_each_language(word, language):
    assert stem_word(word, language) == ""


def test_swedish_words_keep_their_letters_but_fold_for_grams():
    assert stem_word("för", "xx") == "för"
    assert fold_word("Hälsøß") == "halsoss"
    assert make_query_grams("hälsa") == ["hals", "alsa"]


@pytest.mark.parametrize(
    ("part", "compound", "is_found"),
    [
        ("luft", "luftkvalitet", True),
        ("kvalitet", "luftkvalitet", True),
        ("hudcancer", "hudcancerregister", True),
        ("göteborg", "goteborgsregionen", True),
        ("hälsa", "halsband", False),
    ],
)
def test_part_of_a_compound_shares_enough_grams(part, compound, is_found):
    grams = make_query_grams(part)
    needed = count_needed_grams(len(grams), Weights().gram_share)
    assert (len(set(grams) & set(make_grams(compound))) >= needed) == is_found


def test_highlight_shows_the_sentence_with_most_different_words():
    document = replace(
        make("a"),
        titles=(("sv", "Skogar"),),
        descriptions=(("sv", "Om kartan. Skogens luft mäts varje timme. Skog, skog, skog."),),
    )
    assert find_words_of([document], ["skog", "luft"])[0].highlights == {
        "title": (("Skogar", True),),
        "description": (("Skogens", True), (" ", False), ("luft", True), (" mäts varje timme.", False)),
    }
    assert find_words_of([document], ["skog"])[0].terms == ("Skogar", "Skogens", "Skog")
    assert find_words_of([document], ["hav"])[0].highlights == {}


def test_record_found_by_parts_of_words_shows_the_words_that_have_them():
    document = replace(
        make("a"),
        titles=(("sv", "Meteorologiska observationer"),),
        keywords=(("sv", "vattenkvalitet"),),
        descriptions=(
            ("sv", "Lufttryck och vind. Kvalitetsgranskade serier."),
            ("en", "Kvalitetskontroll"),  # an index of English has no parts of words of descriptions
        ),
    )
    assert find_words_of([document], ["luftkvalitet"])[0].terms == ()
    found = find_parts_of(document, ["luftkvalitet"])
    assert found.terms == ("vattenkvalitet", "Kvalitetsgranskade")
    assert found.highlights["description"] == (("Kvalitetsgranskade", True), (" serier.", False))
    assert find_parts_of(document, ["met"]).terms == ("Meteorologiska",)
    assert find_parts_of(document, ["hav"]).terms == ()


def test_long_sentence_is_cut_around_its_first_match():
    words = " ".join(f"ord{number}" for number in range(200))
    text = f"Först detta.\n{words} ＳＫＯＧ {words} skog. Och detta."
    document = replace(make("a"), titles=(("sv", "Karta"),), descriptions=(("sv", text),))
    pieces = find_words_of([document], ["skog"])[0].highlights["description"]
    shown = "".join(piece for piece, _ in pieces)
    assert [piece for piece, is_match in pieces if is_match] == ["ＳＫＯＧ"]
    assert shown.startswith("… ord")
    assert shown.endswith(" …")
    assert len(shown) <= 244
    assert all(word in text.split() for word in shown.strip("… ").split())
