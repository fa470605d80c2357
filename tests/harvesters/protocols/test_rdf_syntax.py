"""Which syntax a body is in, and errors in words."""

from __future__ import annotations

import io

import pytest

from harvesters.errors import UnreadablePage
from harvesters.protocols.rdf_syntax import Reading, read_triples

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/"'
XML = f'<rdf:RDF {RDF}>\n<rdf:Description rdf:about="http://e.se/d"><dct:title xml:lang="sv">Åäö</dct:title></rdf:Description>\n</rdf:RDF>'
TITLE = '<http://e.se/d> <http://purl.org/dc/terms/title> "Åäö"@sv .\n'
JSON_LD = '{"@context": {"dct": "http://purl.org/dc/terms/"}, "@graph": [{"@id": "http://e.se/d", "dct:title": {"@value": "Åäö", "@language": "sv"}}]}'


def read(
    body: str | bytes, media_type: str = "", url: str = "http://e.se/feed", reading: Reading | None = None
) -> str:
    data = body.encode() if isinstance(body, str) else body
    return b"".join(read_triples(io.BytesIO(data), media_type, url, reading or Reading())).decode()


@pytest.mark.parametrize(
    "body",
    [
        XML,
        f'<?xml version="1.0"?>\n<!-- a comment -->\n{XML}\n<!-- the end -->\n',
        TITLE,
        '@prefix dct: <http://purl.org/dc/terms/> .\n<http://e.se/d> dct:title "Åäö"@sv .',
        'PREFIX dct: <http://purl.org/dc/terms/>\n<http://e.se/d> dct:title "Åäö"@sv .',
        '@prefix dct: <http://purl.org/dc/terms/> . <http://e.se/g> { <http://e.se/d> dct:title "Åäö"@sv . }',
        '<http://e.se/d> <http://purl.org/dc/terms/title> "Åäö"@sv <http://e.se/g> .',
        JSON_LD,
        '{"http://e.se/d": {"http://purl.org/dc/terms/title": [{"type": "literal", "value": "Åäö", "lang": "sv"}]}}',
    ],
    ids=[
        "rdf-xml",
        "rdf-xml-comments",
        "n-triples",
        "turtle",
        "sparql-prefix",
        "trig",
        "n-quads",
        "json-ld",
        "rdf-json",
    ],
)
@pytest.mark.parametrize("media_type", ["", "application/rdf+xml", "application/ld+json", "text/plain"])
def test_syntax_is_told_by_the_bytes_whatever_the_header_says(body, media_type):
    if " <http://e.se/g> ." in body:
        media_type = "application/n-quads"  # Turtle and N-Quads can't be told apart by their beginning
    assert read(body, media_type) == TITLE


@pytest.mark.parametrize(
    ("ending", "body"),
    [
        ("nq", '<http://e.se/d> <http://purl.org/dc/terms/title> "Åäö"@sv <http://e.se/g> .'),
        ("ttl", "<http://e.se/g> { " + TITLE + " }"),
    ],
)
def test_syntax_is_told_by_the_ending(ending, body):
    assert read(body, url=f"http://e.se/feed.{ending}?x=1") == TITLE


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("body", [XML, TITLE, JSON_LD], ids=["rdf-xml", "turtle", "json-ld"])
def test_body_with_a_byte_order_mark_or_utf_16_is_read(body, encoding):
    assert read(body.encode(encoding)) == TITLE


def test_xml_in_a_declared_encoding_is_read():
    assert read(f'<?xml version="1.0" encoding="ISO-8859-1"?>{XML}'.encode("latin-1")) == TITLE


def test_xml_in_an_unknown_encoding_says_so():
    with pytest.raises(UnreadablePage, match="says that it is in x-klingon"):
        read(f'<?xml version="1.0" encoding="x-klingon"?>{XML}')


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "is empty"),
        (" \n ", "is empty"),
        ("<!DOCTYPE html><html><head><title>Portal</title>", 'A web page \\(HTML\\) titled "Portal"'),
        ('<html><title>Hi</title><form><input type="password">', "A login page"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>", "root element is <feed>"),
        ('{"title": "x"}', "no @context"),
        ("[]", "no @context"),
        (XML[:-30], "ends early or is broken: .* at line 2"),
        (XML.replace("</dct:title>", "</dct:titel>"), "mismatched tag at line 2"),
        ('<!DOCTYPE rdf:RDF [<!ENTITY a "b">]>' + XML, "document type declaration"),
        (
            '<?xml version="1.0"?><!-- x -->\n<!DOCTYPE rdf:RDF SYSTEM "x.dtd">' + XML,
            "document type declaration",
        ),
        ("<http://e.se/d> <http://p> 'x' .\n<http://e.se/d> <http://p> \"x", "line 2"),
        ('{"@context": {"t": "http://t/"}, "t": ', "JSON-LD cannot be read at line 1"),
        ('{"http://e.se/d": {"http://p": ["x"]}, "a": [{"type": "uri"', "RDF/JSON is no valid JSON"),
        ('{"http://e.se/d": {"http://p": [{"type": "uri"}]}}', "is no RDF/JSON"),
        ('{"@context": {}, "@id": "http://e.se/d", "title": "x"}', "says nothing"),
        ("openapi: 3.0.3\ninfo: {}", "prefix openapi: has not been declared"),
    ],
)
def test_body_that_is_no_rdf_says_what_it_is(body, words):
    with pytest.raises(UnreadablePage, match=words):
        read(body)


def test_undeclared_prefix_names_line_column_and_the_words():
    reading = Reading()
    read(
        '@prefix dct: <http://purl.org/dc/terms/> .\n<http://e.se/a> dct:title "A" .\n<http://e.se/b> dct:title "B" ; nope:x "y" .\n<http://e.se/c> dct:title "C" .',
        reading=reading,
    )
    assert reading.errors == [
        'The Turtle cannot be read at line 3, column 33: The prefix nope: has not been declared in: <http://e.se/b> dct:title "B" ; nope:x "y" .'
    ]
    assert reading.damaged == {b"<http://e.se/b>"}


@pytest.mark.parametrize(
    "context",
    [
        '"https://w3id.org/unknown/context.jsonld"',
        '["https://w3id.org/unknown/context.jsonld", {"a": "http://a/"}]',
        '{"@import": "https://w3id.org/unknown/context.jsonld"}',
    ],
)
def test_remote_context_that_is_not_bundled_is_named_and_not_fetched(context):
    with pytest.raises(UnreadablePage, match=r"https://w3id\.org/unknown/context\.jsonld"):
        read(f'{{"@context": {context}, "@id": "http://e.se/d"}}')


def test_remote_context_that_is_bundled_is_used():
    body = '{"@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld", "@id": "http://e.se/d", "@type": "dcat:Dataset", "title": "T"}'
    assert '<http://purl.org/dc/terms/title> "T"' in read(body)
    body = '{"@context": ["http://semiceu.github.io/DCAT-AP/releases/3.0.1/context/dcat-ap.jsonld"], "id": "http://e.se/d", "landingPage": "p"}'
    assert "<http://www.w3.org/ns/dcat#landingPage> <http://e.se/p>" in read(body)


def test_iris_with_spaces_are_encoded_where_they_are_named_and_where_described():
    reading = Reading()
    body = f'<rdf:RDF {RDF}><rdf:Description rdf:about="http://e.se/a http://e.se/b"><dct:title>T &lt;p class="x"&gt;</dct:title></rdf:Description><rdf:Description rdf:about="http://e.se/c"><dct:hasPart rdf:resource="http://e.se/a%20http://e.se/b"/></rdf:Description></rdf:RDF>'
    text = read(body, reading=reading)
    assert text.count("<http://e.se/a%20http://e.se/b>") == 2
    assert '"T <p class=\\"x\\">"' in text
    assert reading.repaired == ["http://e.se/a http://e.se/b"]


def test_language_tag_with_an_underscore_is_mended():
    text = read(
        f'<rdf:RDF {RDF}><rdf:Description rdf:about="http://e.se/a"><dct:title xml:lang="sv_SE">T</dct:title><dct:title xml:lang="??">U</dct:title></rdf:Description></rdf:RDF>'
    )
    assert '"T"@sv-se' in text
    assert '"U" .' in text


def test_relative_iris_are_resolved_against_the_address():
    assert (
        read("<d/1> <p> <../x> .", "text/turtle", "http://e.se/a/feed")
        == "<http://e.se/a/d/1> <http://e.se/a/p> <http://e.se/x> .\n"
    )


def test_quotes_and_line_breaks_in_literals_stay_on_one_line():
    assert (
        read('<http://e.se/d> <http://p> """a "b"\n. <http://x> .\n""" .')
        == '<http://e.se/d> <http://p> "a \\"b\\"\\n. <http://x> .\\n" .\n'
    )


def test_many_comments_before_the_root_are_passed_over():
    assert read("<!-- one -->\n" * 500 + XML) == TITLE


@pytest.mark.parametrize(
    "body",
    [
        b"<!-- x -->" * 20_000,
        b"<!--a" * 20_000,
        b"<?xml " + b"<?a " * 20_000,
        b'{"@context":[],"http://x/":' + b"[" * 100_000,
        b'{"a":{"b":[{"type":"uri","value":' + b"[" * 100_000,
        bytes(range(256)) * 100,
    ],
    ids=["comments", "open comments", "open instructions", "deep JSON-LD", "deep RDF/JSON", "binary"],
)
def test_hostile_body_is_unreadable_and_soon(body):
    with pytest.raises(UnreadablePage):
        read(body)


def test_rdf_json_with_members_of_the_wrong_type_is_read_as_well_as_can_be():
    assert (
        read('{"http://e.se/d": {"http://p": [{"type": "literal", "value": "x", "lang": 5}]}}')
        == '<http://e.se/d> <http://p> "x" .\n'
    )
