"""Choosing among languages, and which addresses may become links."""

import pytest

from catalogue.portal.links import identifier_href, safe_href
from catalogue.portal.words import choose_words, own_words
from catalogue.records import Identifier, Text

SWEDISH, ENGLISH, GERMAN = Text("Sjöar", "sv"), Text("Lakes", "en"), Text("Seen", "de")
MACHINE = Text("Sjöar!", "sv-t-en-t0-mtec")


def test_reader_gets_own_language_then_english():
    assert choose_words((ENGLISH, SWEDISH), "sv").value == "Sjöar"
    assert choose_words((GERMAN, ENGLISH), "sv").value == "Lakes"


def test_words_of_another_language_carry_it_and_own_ones_do_not():
    assert choose_words((GERMAN,), "sv").lang == "de"
    assert choose_words((SWEDISH,), "sv").lang == ""


def test_machine_translation_comes_after_any_human_words():
    assert choose_words((MACHINE, GERMAN), "sv").value == "Seen"
    assert choose_words((MACHINE,), "sv").is_machine_translated


def test_untagged_text_is_in_the_detected_language():
    assert choose_words((Text("Lakes"),), "sv", known="en").lang == "en"


def test_own_words_are_the_readers_or_all():
    assert [words.value for words in own_words((SWEDISH, ENGLISH), "sv")] == ["Sjöar"]
    assert [words.value for words in own_words((GERMAN, ENGLISH), "sv")] == ["Lakes", "Seen"]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "/relative",
        "https://",
        "http://[::1",
        "https://x.example/a b",
        'https://x.example/"onclick',
        "java\nscript:alert(1)",
        "",
    ],
)
def test_unsafe_address_is_no_link(address):
    assert safe_href(address) == ""


def test_safe_address_stays_as_it_is():
    assert safe_href("https://data.example/å?q=1#x") == "https://data.example/å?q=1#x"


def test_identifiers_resolve_where_their_scheme_does():
    assert identifier_href(Identifier("10.5281/zenodo.1", "doi")) == "https://doi.org/10.5281/zenodo.1"
    assert identifier_href(Identifier("urn:nbn:se:1", "urn")).startswith("https://urn.kb.se/")
    assert identifier_href(Identifier("local-17")) == ""
