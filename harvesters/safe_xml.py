"""XML from strangers, read without the parts of XML that harm (https://www.w3.org/TR/xml/, fifth edition).

A document type declaration is refused, so there are no entities to expand and nothing to fetch; the
parser has no network either way. libxml2's own limits stay on: text nodes of at most 10 million
characters and its nesting limit, past which a document counts as unreadable.

Comments and processing instructions are dropped: no format here gives them a meaning, and without
them an element's text is in one piece. Broken XML is never repaired: a cut feed must look cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from catalogue.errors import Violation
from harvesters.errors import BadXml

Element = etree._Element  # noqa: SLF001 - lxml gives its element type no public name

SHOWN_CHARS = 120
"""How much of the broken line an error shows."""

SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "recover": False,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
}


def parse_xml(data: bytes) -> Element:
    """Return the root element.

    Raises BadXml, an InvalidRecord that names line and column, for anything but one whole XML
    document without a document type declaration.
    """
    try:
        root = etree.fromstring(data, etree.XMLParser(**SAFE))
    except etree.XMLSyntaxError as error:
        if not data.strip():
            raise bad_xml("is empty", 0, 0, data) from error
        raise explain_syntax_error(error, data) from error
    refuse_doctype(root, data)
    return root


def iterparse_xml(stream: BinaryIO, *tags: str) -> Iterator[Element]:
    """Yield each whole element of `tags`, one at a time, in memory that does not grow with the stream.

    `tags` are in Clark notation (`{namespace}name`, `{*}name` for any namespace). An element inside
    another of them comes as a part of that one only. A yielded element is emptied when the next one is
    asked for, so take from it what you need. Raises BadXml as parse_xml does, after the elements that
    were still whole.
    """
    events = etree.iterparse(stream, events=("end",), tag=tags, **SAFE)
    is_first = True
    try:
        for _event, element in events:
            if is_first:
                refuse_doctype(element)
                is_first = False
            if next(element.iterancestors(*tags), None) is not None:
                continue
            yield element
            forget(element)
    except etree.XMLSyntaxError as error:
        raise explain_syntax_error(error) from error
    if is_first:
        refuse_doctype(events.root)


def forget(element: Element) -> None:
    """Free an element that was used, and all before it under the same parent."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        for earlier in list(element.itersiblings(preceding=True)):
            parent.remove(earlier)


def refuse_doctype(element: Element, data: bytes = b"") -> None:
    """Raise BadXml if the element's document has a document type declaration."""
    docinfo: Any = element.getroottree().docinfo
    if not docinfo.doctype:
        return
    # Dropping NUL makes UTF-16 text searchable; the count of line breaks stays right.
    before, found, _after = data.replace(b"\0", b"").partition(b"<!DOCTYPE")
    line = before.count(b"\n") + 1 if found else 0
    raise bad_xml("has a document type declaration (DOCTYPE), which is not accepted", line, 0, data)


def explain_syntax_error(error: etree.XMLSyntaxError, data: bytes = b"") -> BadXml:
    """Return the parser's error in words for the publisher."""
    if looks_like_html(data):
        return bad_xml("is an HTML page, not XML", 1, 0, data)
    line, column = error.position if error.position and error.position[0] else (0, 0)
    reason = (error.msg or "it is empty").partition(", line ")[0]
    return bad_xml(f"cannot be read: {reason}", line, column, data)


def looks_like_html(data: bytes) -> bool:
    """Whether what should be XML begins as an HTML page does: the usual look of an error page."""
    return data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))


def bad_xml(what: str, line: int, column: int, data: bytes) -> BadXml:
    """Return the error; `line` and `column` count from 1, 0 is not known."""
    place = f" (line {line}, column {column})" if column else f" (line {line})" if line else ""
    lines = data.splitlines()
    shown = lines[line - 1].decode(errors="replace")[:SHOWN_CHARS] if 0 < line <= len(lines) else ""
    message = f"The XML {what}{place}."
    return BadXml(message, (Violation("xml", message, shown),), line=line, column=column)
