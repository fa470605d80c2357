import pytest

from harvesters.value_rules import (
    clean_email,
    clean_language_tag,
    clean_url,
    encode_iri,
    find_doi,
    parse_byte_size,
)


@pytest.mark.parametrize(
    ("raw", "iri"),
    [
        ("https://x.org/a?b=c#d", "https://x.org/a?b=c#d"), ("urn:isbn:1", "urn:isbn:1"),
        ("https://x.org/åäö/%20", "https://x.org/åäö/%20"), (" https://x.org/a b ", "https://x.org/a%20b"),
        ("http://x.org/a http://x.org/b", "http://x.org/a%20http://x.org/b"), ("<http://x.org/>", "http://x.org/"),
        ("http://x.org/{id}|\\", "http://x.org/%7Bid%7D%7C%5C"), ("http://x.org/100%", "http://x.org/100%25"),
        ("relative/path", ""), ("", ""), ("N123", ""), ("http:", ""),
    ],
)  # fmt: skip
def test_encode_iri(raw, iri):
    assert encode_iri(raw) == iri
    assert encode_iri(iri) == iri


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("http://x.org", "http://x.org"), ("HTTPS://X.org:8080/a b", "HTTPS://X.org:8080/a%20b"),
        ("www.x.org/a", "http://www.x.org/a"), ("http://[2001:db8::1]/", "http://[2001:db8::1]/"),
        ("ftp://x.org/a", ""), ("file:///etc/passwd", ""), ("javascript:alert(1)", ""), ("http://", ""),
        ("http:///path", ""), ("C:\\data\\a.csv", ""), ("not published", ""),
    ],
)  # fmt: skip
def test_clean_url(raw, url):
    assert clean_url(raw) == url
    assert clean_url(url) == url


@pytest.mark.parametrize(
    "raw",
    [
        "10.1234/AbC", "doi:10.1234/abc", "DOI: 10.1234/abc", "https://doi.org/10.1234/ABC", "http://dx.doi.org/10.1234/abc",
        "https://www.doi.org/10.1234/abc", "info:doi/10.1234/abc", "doi.org/10.1234/abc", "https://doi.org/10.1234%2Fabc",
        "10.1234/abc.",
    ],
)  # fmt: skip
def test_find_doi_however_it_is_written(raw):
    assert find_doi(raw) == "10.1234/abc"


@pytest.mark.parametrize(
    "raw", ["", "10.1234", "version 10.2/3", "https://x.org/10.1234/abc", "10.12/x", "see 10.1234/abc"]
)
def test_find_doi_in_something_else_is_empty(raw):
    assert find_doi(raw) == ""


@pytest.mark.parametrize(
    ("raw", "email"),
    [
        ("a@x.org", "a@x.org"), ("mailto:a@x.org", "a@x.org"), ("MAILTO:a%2Bb@x.org?subject=Hi", "a+b@x.org"),
        ("Anna <a@x.org>", "a@x.org"), (" a@x.org; b@x.org", "a@x.org"), ("anna (at) x.org", ""), ("", ""),
    ],
)  # fmt: skip
def test_clean_email(raw, email):
    assert clean_email(raw) == email


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        ("sv", "sv"), ("SV", "sv"), ("de-DE", "de-DE"), ("de-de", "de-DE"), ("zh_hant_tw", "zh-Hant-TW"), ("swe", "sv"),
        ("eng-GB", "en-GB"), ("sma", "sma"), ("cz", "cs"), ("dk", "da"), ("SE", "se"), ("English", "en"), ("und", ""),
        ("sv-T-EN-t0-MTEC", "sv-t-en-t0-mtec"), ("??", ""), ("", ""), ("en-x-AB", "en-x-ab"),
    ],
)  # fmt: skip
def test_clean_language_tag(raw, tag):
    assert clean_language_tag(raw) == tag
    assert clean_language_tag(tag) == tag


@pytest.mark.parametrize(
    ("raw", "size"),
    [("147253.0", 147253), ("12", 12), ("1,2 MB", 1_200_000), ("12 KiB", 12_288), ("1 000 bytes", 1000), ("big", None), ("-1", None), ("", None)],
)  # fmt: skip
def test_parse_byte_size(raw, size):
    assert parse_byte_size(raw) == size
