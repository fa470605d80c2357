"""Recognising identifiers by their shape and check digits."""

import pytest

from catalogue.check_digits import is_orcid, is_ror
from harvesters.formats.identifier_schemes import is_iri, make_identifier


@pytest.mark.parametrize(
    ("value", "hint", "scheme"),
    [
        ("10.5555/a(b)<c>", "", "doi"),
        ("https://dx.doi.org/10.5555/a", "", "doi"),
        ("doi: 10.5555/a", "", "doi"),
        ("nonsense", "DOI", ""),
        ("http://hdl.handle.net/1/2", "URL", "handle"),
        ("10013/epic.1", "Handle", "handle"),
        ("urn:nbn:se:x-1", "", "urn"),
        ("https://x.example/a", "URL", "uri"),
        ("x.example/a", "URL", ""),
        ("https://orcid.org/0000-0002-1825-0097", "", "orcid"),
        ("0000-0002-1825-0097", "ORCID", "orcid"),
        ("0000-0002-1825-0097", "", ""),
        ("https://orcid.org/0000-0002-1825-0098", "ORCID", ""),
        ("04wxnsj81", "ROR", "ror"),
        ("https://ror.org/04wxnsj82", "ROR", ""),
        ("ISBN 978-3-905673-82-1", "", "isbn"),
        ("abc123", "ISNI", ""),
    ],
)
def test_scheme_is_told_by_value_and_hint(value, hint, scheme):
    identifier = make_identifier(value, hint)
    assert (identifier.value, identifier.scheme) == (value, scheme)


def test_check_digits_are_checked():
    assert is_orcid("0000-0002-9079-593X")
    assert not is_orcid("0000-0002-9079-5931")
    assert not is_orcid("٠٠٠٠-0002-1825-0097")
    assert is_ror("https://ror.org/04z8jg394")
    assert not is_ror("0ſſſſſſ00")


def test_words_with_a_colon_are_no_iri():
    assert is_iri("urn:x:y")
    assert not is_iri("Note: see below")
    assert not is_iri("https://x.example/a b")
