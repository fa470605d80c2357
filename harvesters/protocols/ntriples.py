"""N-Triples as bytes: made clean from parsed quads, and taken apart again without building terms.

Clean means valid N-Triples 1.1 (https://www.w3.org/TR/n-triples/), one triple a line, no named graphs.
The parsers are lenient, so an IRI may hold spaces and a language tag an underscore; here they are
mended. Working on lines is several times faster than on term objects, and this is the hot path of an
unchanged re-harvest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox

# What remains of a clean line when every harmless byte is deleted: `<> <> <> ` and the like.
MARKS = b'<>"{}|^`\\' + bytes(range(0x21))
HARMLESS = bytes(sorted(set(range(256)) - set(MARKS)))
SUSPICIOUS_SHAPE = re.compile(rb'^(?!(?:<>)? <> (?:"|(?:<>)? $))', re.MULTILINE)
SUSPICIOUS_TAG = re.compile(rb'"@[A-Za-z0-9-]*(?:[^A-Za-z0-9 -]| (?!\.\n))')
SUSPICIOUS_DATATYPE = re.compile(rb'"\^\^<[^>\n]*[\x00-\x20<"{}|^`\\]')
FORBIDDEN_IN_IRI = re.compile('[\x00-\x20<>"{}|^`\\\\]')
LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")

BLOCK = re.compile(rb"^(\S+) .*\n(?:\1 .*\n)*", re.MULTILINE)
LINK = re.compile(rb"> (<[^>\n]*>|_:[^ \n]+) \.\n")
NODE_LINK = re.compile(rb"> (_:[^ \n]+) \.\n")

MAX_REPAIRS_KEPT = 20


def clean_lines(quads: list[ox.Quad], repaired: list[str]) -> bytes:
    """Return the quads as clean N-Triples lines; IRIs that were mended are added to `repaired` as they were."""
    try:
        lines = ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES) or b""
    except ValueError:  # N-Triples knows no named graphs
        quads_or_triples = [quad.triple for quad in quads]
        lines = ox.serialize(quads_or_triples, format=ox.RdfFormat.N_TRIPLES) or b""
    shape = lines.translate(None, HARMLESS)
    numbers = {shape.count(b"\n", 0, found.start()) for found in SUSPICIOUS_SHAPE.finditer(shape[:-1])}
    for pattern in (SUSPICIOUS_TAG, SUSPICIOUS_DATATYPE):
        numbers.update(lines.count(b"\n", 0, found.start()) for found in pattern.finditer(lines))
    if not numbers:
        return lines
    each_line = lines.split(b"\n")  # a quad is a line
    for number in sorted(numbers):
        each_line[number] = clean_line(quads[number], repaired)
    return b"\n".join(each_line)


def clean_line(quad: ox.Quad, repaired: list[str]) -> bytes:
    """Return the line of a quad, without its end, its terms mended."""
    terms = (clean_term(term, repaired) for term in (quad.subject, quad.predicate, quad.object))
    return b"%s %s %s ." % tuple(terms)


def clean_term(term: object, repaired: list[str]) -> bytes:
    """Return a term in N-Triples, mended."""
    if isinstance(term, ox.NamedNode):
        return b"<%s>" % clean_iri(term.value, repaired).encode()
    if isinstance(term, ox.Literal):
        language = term.language
        if language is not None and not LANGUAGE_TAG.fullmatch(language):
            return literal_to_nt(term.value, language=clean_language(language))
        if language is None:
            return literal_to_nt(term.value, datatype=clean_iri(term.datatype.value, repaired))
    return str(term).encode()


def clean_iri(iri: str, repaired: list[str]) -> str:
    """Return the IRI with the characters that RFC 3987 forbids percent-encoded."""
    if not FORBIDDEN_IN_IRI.search(iri):
        return iri
    if len(repaired) < MAX_REPAIRS_KEPT and iri not in repaired:
        repaired.append(iri)
    return FORBIDDEN_IN_IRI.sub(lambda found: quote(found[0], safe=""), iri.strip())


def clean_language(tag: str) -> str:
    """Return a valid language tag, "" when the source's can't be made one (`sv_SE` -> `sv-SE`)."""
    fixed = tag.strip().replace("_", "-")
    return fixed if LANGUAGE_TAG.fullmatch(fixed) else ""


XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


def literal_to_nt(value: str, *, language: str = "", datatype: str = "") -> bytes:
    """Return a literal in N-Triples."""
    text = f'"{value.translate(ESCAPES)}"'
    if language:
        text += f"@{language}"
    elif datatype and datatype != XSD_STRING:
        text += f"^^<{datatype}>"
    return text.encode("utf-8", "replace")


def split_blocks(lines: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (subject, its lines) for each run of lines with one subject."""
    for found in BLOCK.finditer(lines):
        yield found[1], found[0]


def node_to_id(node: bytes) -> str:
    """Return the IRI of a subject such as `<https://...>`."""
    return node[1:-1].decode()


def unescape_literal(term: bytes) -> str:
    """Return the text of a literal term."""
    end = term.rindex(b'"')
    text = term[1:end].decode()
    if "\\" not in text:
        return text
    literal = next(ox.parse(b"<x:x> <x:x> " + term + b" .", ox.RdfFormat.N_TRIPLES, lenient=True)).object
    return literal.value if isinstance(literal, ox.Literal) else text
