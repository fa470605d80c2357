"""Which RDF syntax a body is in, and reading it as clean N-Triples, piece by piece.

Syntaxes: RDF/XML, Turtle, TriG, N-Triples, N-Quads, Notation3 (its Turtle part), JSON-LD 1.1
(https://www.w3.org/TR/json-ld11/) and RDF/JSON (https://www.w3.org/TR/rdf-json/). The first bytes
decide, then Content-Type, then the file's ending, because servers and file names often lie.

Named graphs are merged: a feed's graphs are its own bookkeeping. Nothing is ever fetched: JSON-LD
contexts come from ontology/contexts, and an XML document type declaration is refused.
"""

from __future__ import annotations

import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import BinaryIO
from urllib.parse import urlsplit
from xml.parsers import expat

import pyoxigraph as ox

from harvesters.errors import UnreadablePage
from harvesters.protocols import rdf_json
from harvesters.protocols.body_encoding import IN_MEMORY_BYTES, open_as_utf8
from harvesters.protocols.json_ld import open_json_ld
from harvesters.protocols.ntriples import clean_lines

HEAD_BYTES = 65_536
"""How much of a body is looked at to tell its syntax."""

QUADS_AT_ONCE = 2_000


class Syntax(Enum):
    """A syntax, with the parser for it; Turtle and Notation3 go to TriG's, which reads Turtle too."""

    RDF_XML = "RDF/XML"
    TURTLE = "Turtle"
    N_TRIPLES = "N-Triples"
    N_QUADS = "N-Quads"
    JSON_LD = "JSON-LD"
    RDF_JSON = "RDF/JSON"


PARSERS = {
    Syntax.RDF_XML: ox.RdfFormat.RDF_XML,
    Syntax.TURTLE: ox.RdfFormat.TRIG,  # TriG is often saved as .ttl, and every Turtle document is TriG
    Syntax.N_TRIPLES: ox.RdfFormat.N_QUADS,  # likewise
    Syntax.N_QUADS: ox.RdfFormat.N_QUADS,
    Syntax.JSON_LD: ox.RdfFormat.JSON_LD,
}

BY_MEDIA_TYPE = {
    "application/rdf+xml": Syntax.RDF_XML,
    "text/turtle": Syntax.TURTLE,
    "application/x-turtle": Syntax.TURTLE,
    "application/turtle": Syntax.TURTLE,
    "application/trig": Syntax.TURTLE,
    "text/n3": Syntax.TURTLE,
    "text/rdf+n3": Syntax.TURTLE,
    "application/n-triples": Syntax.N_TRIPLES,
    "application/n-quads": Syntax.N_QUADS,
    "application/ld+json": Syntax.JSON_LD,
    "application/rdf+json": Syntax.RDF_JSON,
}

BY_ENDING = {
    "rdf": Syntax.RDF_XML,
    "ttl": Syntax.TURTLE,
    "trig": Syntax.TURTLE,
    "n3": Syntax.TURTLE,
    "nt": Syntax.N_TRIPLES,
    "nq": Syntax.N_QUADS,
    "jsonld": Syntax.JSON_LD,
    "rj": Syntax.RDF_JSON,
}

ACCEPT = (
    "application/rdf+xml, text/turtle;q=0.9, application/n-triples;q=0.9, application/ld+json;q=0.8, "
    "application/trig;q=0.7, application/n-quads;q=0.7, application/rdf+json;q=0.5, */*;q=0.1"
)

# These run on what strangers send: each part of a pattern can match in one way only, so none runs long.
HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
HTML_TITLE = re.compile(rb"<title[^<>]*>([^<]*)<", re.IGNORECASE)
LOGIN = re.compile(rb"type=[\"']?password|log ?in\b|sign ?in\b|logga in", re.IGNORECASE)
JSON = re.compile(rb"(?:\{\s*[\"}]|\[\s*[\[{\"]|\[\s*\]\s*$)")
JSON_LD_KEYWORD = re.compile(rb'"@(?:context|id|graph|type)"')
UNEXPLAINED = re.compile(rb"^\S+ <[^:>]*> .*\n", re.MULTILINE)
RDF_JSON_OBJECT = re.compile(rb'"type"\s*:\s*"(?:uri|literal|bnode)"')
TURTLE_START = re.compile(rb"(?:\s*#[^\n]*\n)*\s*(?:@prefix|@base|PREFIX|BASE)\b", re.IGNORECASE)
XML_START = re.compile(
    rb"<(?:\?xml|!DOCTYPE|!--|[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?\s[^<>]*xmlns|[A-Za-z_][\w.-]*>)",
    re.IGNORECASE,
)
XML_PROLOG = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
XML_ROOT = re.compile(rb"<([A-Za-z_][\w.-]*(?::[\w.-]+)?)")
RDF_NAMESPACE = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@dataclass
class Reading:
    """What reading a body brought to light beside its triples."""

    errors: list[str] = field(default_factory=list)
    damaged: set[bytes] = field(default_factory=set)  # subjects that a syntax error may have cut short
    repaired: list[str] = field(default_factory=list)  # IRIs as written that had to be encoded


def detect_syntax(head: bytes, media_type: str, url: str) -> Syntax:
    """Return the syntax of a body (UTF-8) that begins with `head`.

    Raises UnreadablePage for what is no RDF: nothing at all, a web page, other XML, other JSON.
    """
    start = head.lstrip()
    if not start:
        raise UnreadablePage("The answer is empty; a catalogue in RDF was expected.")
    if HTML.match(head, skip_prolog(head)):
        raise UnreadablePage(describe_html(head, url))
    declared = BY_MEDIA_TYPE.get(media_type) or BY_ENDING.get(urlsplit(url).path.rpartition(".")[2].lower())
    if JSON.match(start):
        return detect_json_syntax(head, declared)
    if XML_START.match(start):
        check_xml_root(start)
        return Syntax.RDF_XML
    if TURTLE_START.match(head) or declared in {None, Syntax.RDF_XML, Syntax.JSON_LD, Syntax.RDF_JSON}:
        return Syntax.TURTLE
    return declared


def detect_json_syntax(head: bytes, declared: Syntax | None) -> Syntax:
    """Return JSON-LD or RDF/JSON for a body that is JSON."""
    if JSON_LD_KEYWORD.search(head):
        return Syntax.JSON_LD
    if declared is Syntax.RDF_JSON or RDF_JSON_OBJECT.search(head) or rdf_json.SEARCH_ANSWER.search(head):
        return Syntax.RDF_JSON
    if declared is Syntax.JSON_LD:
        return Syntax.JSON_LD
    raise UnreadablePage(
        "The answer is JSON but not RDF: it has no @context, so its names mean nothing. "
        "Set the address of a JSON-LD, RDF/XML or Turtle form of the catalogue."
    )


def check_xml_root(start: bytes) -> None:
    """Raise UnreadablePage for XML that declares a document type or isn't RDF."""
    rest = start[skip_prolog(start) :]
    if rest[:9].upper() == b"<!DOCTYPE":
        raise UnreadablePage(
            "The RDF/XML has a document type declaration (<!DOCTYPE ...>), which is refused because its "
            "entities can be made to fill the memory. The publisher can write the IRIs out in full."
        )
    root = XML_ROOT.match(rest)
    if not root:
        raise UnreadablePage("The answer begins like XML, but no root element comes in its first 64 KB.")
    if RDF_NAMESPACE not in rest[: HEAD_BYTES // 2]:
        name = root[1].decode("utf-8", "replace")
        raise UnreadablePage(f"The answer is XML but not RDF/XML: its root element is <{name}>.")


def skip_prolog(head: bytes) -> int:
    """Return where an XML declaration, comments and processing instructions at the start end."""
    prolog = XML_PROLOG.match(head)
    return prolog.end() if prolog else 0


def describe_html(head: bytes, url: str) -> str:
    """Return a sentence about a web page that came instead of data."""
    title = HTML_TITLE.search(head)
    named = f' titled "{" ".join(title[1].decode("utf-8", "replace").split())[:100]}"' if title else ""
    if LOGIN.search(head):
        return f"A login page{named} came from {url} instead of RDF: the catalogue is not open, or has moved."
    return f"A web page (HTML){named} came from {url} instead of RDF: set the address of the data itself."


def read_triples(stream: BinaryIO, media_type: str, url: str, reading: Reading) -> Iterator[bytes]:
    """Yield the body's triples as pieces of clean N-Triples (whole lines, UTF-8), in the body's order.

    A statement that cannot be read is noted in `reading` with the subject it cut short, and the
    reading goes on where the syntax allows that. Raises UnreadablePage for a body that is no RDF, or
    ends early.
    """
    utf8 = open_as_utf8(stream)
    try:
        yield from parse_triples(utf8, media_type, url, reading)
    finally:
        if utf8 is not stream:
            utf8.close()


def parse_triples(stream: BinaryIO, media_type: str, url: str, reading: Reading) -> Iterator[bytes]:
    """Yield the triples of a body in UTF-8; see read_triples."""
    start = stream.tell()
    syntax = detect_syntax(stream.read(HEAD_BYTES), media_type, url)
    stream.seek(start)
    if syntax is Syntax.RDF_JSON:
        yield from rdf_json.read_rdf_json(stream.read(), reading.repaired)
        return
    if syntax is Syntax.RDF_XML:
        check_xml_end(stream)
    source = open_json_ld(stream) if syntax is Syntax.JSON_LD else take_in(stream)
    # Lenient, because one IRI with a space must not cost the whole page; clean_lines mends it.
    quads = ox.parse(source, PARSERS[syntax], base_iri=url or None, lenient=True)
    any_came = False
    for chunk in read_chunks(quads, syntax, stream, reading):
        lines = clean_lines(chunk, reading.repaired)
        if syntax is Syntax.JSON_LD:  # the lenient parser lets names through that no context explains
            lines = UNEXPLAINED.sub(b"", lines)
        any_came = any_came or bool(lines)
        yield lines
    if not any_came and reading.errors:
        raise UnreadablePage(reading.errors[0])
    if not any_came and syntax is Syntax.JSON_LD:
        raise UnreadablePage(
            "The JSON-LD says nothing: without a @context that gives its names a meaning, no statement is left."
        )


def take_in(stream: BinaryIO) -> bytes | BinaryIO:
    """Return the body itself when small, else the stream."""
    start = stream.tell()
    data = stream.read(IN_MEMORY_BYTES)
    if len(data) < IN_MEMORY_BYTES:
        return data
    stream.seek(start)
    return stream


def read_chunks(
    quads: ox.QuadParser, syntax: Syntax, stream: BinaryIO, reading: Reading
) -> Iterator[list[ox.Quad]]:
    """Yield the quads in lists; note syntax errors and what they damaged."""
    last: ox.Quad | None = None
    while True:
        chunk: list[ox.Quad] = []
        error: SyntaxError | None = None
        try:
            chunk.extend(islice(quads, QUADS_AT_ONCE))  # on an error, what came before it stays in the list
        except SyntaxError as found:
            error = found
        if chunk:
            last = chunk[-1]
            yield chunk
        if error is not None:
            if syntax in {Syntax.RDF_XML, Syntax.JSON_LD}:  # a tree can't be taken up in its middle
                raise UnreadablePage(explain_syntax_error(error, syntax, stream)) from error
            note_damage(error, syntax, stream, last, chunk, reading)
        elif not chunk:
            return


MAX_ERRORS = 100
"""After so many unreadable statements, a page counts as unreadable."""


def note_damage(
    error: SyntaxError,
    syntax: Syntax,
    stream: BinaryIO,
    last: ox.Quad | None,
    chunk: list[ox.Quad],
    reading: Reading,
) -> None:
    """Note the error, and the subjects whose statements it may have cut off."""
    message = explain_syntax_error(error, syntax, stream)
    if len(reading.errors) >= MAX_ERRORS or "end of file" in message:
        raise UnreadablePage(message) from error
    reading.errors.append(message)
    if last is not None:
        reading.damaged.add(str(last.subject).encode())
    for quad in reversed(chunk):  # inside [ ... ], the statement belongs to the IRI before it
        if isinstance(quad.subject, ox.NamedNode):
            reading.damaged.add(str(quad.subject).encode())
            break


def check_xml_end(stream: BinaryIO) -> None:
    """Raise UnreadablePage when the XML does not end with its root's end tag: it was cut off.

    The RDF/XML parser takes a document that just stops for a whole one, so this must be looked at.
    """
    start = stream.tell()
    head = stream.read(HEAD_BYTES)
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(start, size - 4096))
    tail = stream.read()
    stream.seek(start)
    root = XML_ROOT.match(head, skip_prolog(head))
    ending = re.sub(rb"(?:\s|<!--(?:(?!-->).)*-->|<\?(?:(?!\?>).)*\?>)+$", b"", tail, flags=re.DOTALL)
    if root and re.search(rb"</" + re.escape(root[1]) + rb"\s*>$", ending):
        return
    fault = locate_xml_fault(stream)
    if fault:
        raise UnreadablePage(f"The RDF/XML ends early or is broken: {fault}.")


def locate_xml_fault(stream: BinaryIO) -> str:
    """Return what is wrong with the XML and where, "" when it is well-formed. Leaves the stream at its start."""
    start = stream.tell()
    parser = expat.ParserCreate()
    try:
        parser.ParseFile(stream)
    except expat.ExpatError as error:
        return f"{expat.ErrorString(error.code)} at line {error.lineno}, column {error.offset + 1}"
    finally:
        stream.seek(start)
    return ""


def explain_syntax_error(error: SyntaxError, syntax: Syntax, stream: BinaryIO) -> str:
    """Return the error in words, with line, column and the line itself."""
    if syntax is Syntax.RDF_XML:
        stream.seek(0)
        skip_mark(stream)
        where = locate_xml_fault(stream)
        return f"The RDF/XML cannot be read: {where or error.msg}."
    detail = re.sub(r"^Parser error (?:at|between) .*?: ", "", str(error.msg))
    if not error.lineno:
        return f"The {syntax.value} cannot be read: {detail}."
    place = f"line {error.lineno}, column {error.offset}"
    shown = find_line(stream, error.lineno)
    return f"The {syntax.value} cannot be read at {place}: {detail}" + (f" in: {shown}" if shown else ".")


def skip_mark(stream: BinaryIO) -> None:
    """Move past a UTF-8 byte order mark."""
    if stream.read(len(BOM_UTF8)) != BOM_UTF8:
        stream.seek(0)


def find_line(stream: BinaryIO, number: int) -> str:
    """Return a line of the body, shortened; leaves the stream where it was."""
    place = stream.tell()
    stream.seek(0)
    line = next(islice(stream, number - 1, None), b"")
    stream.seek(place)
    return line.decode("utf-8", "replace").strip()[:200]
