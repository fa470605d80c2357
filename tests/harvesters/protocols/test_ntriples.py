"""N-Triples made clean: what a lenient parser let through is mended, line by line."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from harvesters.protocols.ntriples import clean_lines

NODE = ox.NamedNode("http://a.example/x")


def make_quad(value):
    return ox.Quad(NODE, NODE, value)


def parse_one(xml_object):
    page = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="http://p.example/">'
        f'<rdf:Description rdf:about="http://a.example/x">{xml_object}</rdf:Description></rdf:RDF>'
    )
    return list(ox.parse(page, format=ox.RdfFormat.RDF_XML, lenient=True))


@pytest.mark.parametrize(
    ("xml_object", "mended", "repaired"),
    [
        ('<p:p rdf:resource="http://b.example/a b"/>', b"<http://b.example/a%20b>", ["http://b.example/a b"]),
        (
            '<p:p rdf:datatype="http://b.example/ t">1</p:p>',
            b'"1"^^<http://b.example/%20t>',
            ["http://b.example/ t"],
        ),
        ('<p:p xml:lang="en_GB">tea</p:p>', b'"tea"@en-gb', []),
    ],
)
def test_clean_lines_with_a_term_that_is_no_ntriples_mends_only_that_line(xml_object, mended, repaired):
    before, after = make_quad(ox.Literal("before\nit")), make_quad(ox.Literal('"@en_GB "^^<a b>'))
    found: list[str] = []
    lines = clean_lines([before, *parse_one(xml_object), after], found)
    assert lines.splitlines()[1].endswith(mended + b" .")
    assert found == repaired
    parsed = list(ox.parse(lines, format=ox.RdfFormat.N_TRIPLES))  # strict: all of it is valid now
    assert [quad.object for quad in (parsed[0], parsed[2])] == [before.object, after.object]
