"""Reading OAI-PMH 2.0 answers (http://www.openarchives.org/OAI/openarchivesprotocol.html): bytes to parts.

Servers answer with HTML under status 200, cut XML off, put in characters that XML forbids and let one
broken record spoil a page. Here the page is read whole where possible, else without the forbidden
characters, else record by record. Knows nothing of paging or dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from lxml import etree

from harvesters.base import BadItem, RemoteRecord
from harvesters.errors import BadXml, UnreadablePage
from harvesters.protocols.oai_formats import choose_format, fill_record
from harvesters.safe_xml import Element, parse_xml

FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FORBIDDEN_REFERENCE = re.compile(r"&#(?:x0*([0-9a-fA-F]{1,6})|0*([0-9]{1,7}));")
RECORD_START = re.compile(rb"<(?:(\w+):)?record\b[^<>]*>\s*(?=<(?:\w+:)?header\b)")
ROOT_START = re.compile(rb"<((?:\w+:)?OAI-PMH)\b[^<>]*>")
IDENTIFIER = re.compile(rb"<(?:\w+:)?identifier>([^<]*)</")
TOKEN = re.compile(rb"<(?:\w+:)?resumptionToken\b([^<>]*)>([^<]*)</")
SIZE = re.compile(rb"completeListSize\s*=\s*[\"'](\d+)")


@dataclass
class Listed:
    """What a ListRecords answer held."""

    records: list[RemoteRecord] = field(default_factory=list)
    problems: list[BadItem] = field(default_factory=list)
    datestamps: list[str] = field(default_factory=list)
    token: str = ""
    complete_size: int | None = None
    cursor: int | None = None
    doubt: str = ""  # why the page may lack something

    @property
    def count(self) -> int:
        """How many records the page had, readable or not."""
        return len(self.records) + sum(problem.complete_matters for problem in self.problems)


@dataclass(frozen=True, slots=True)
class OaiError:
    """A protocol error, e.g. badResumptionToken."""

    code: str
    message: str


def read_answer(body: bytes, url: str) -> Element:
    """Return the OAI-PMH element. Raises BadXml, or UnreadablePage for XML of another kind."""
    root = parse_xml(body)
    if etree.QName(root).localname != "OAI-PMH":
        raise UnreadablePage(
            f"{url} answers with XML, but its root is <{etree.QName(root).localname}>, not <OAI-PMH>."
        )
    return root


def find_errors(root: Element) -> list[OaiError]:
    """Return the answer's protocol errors."""
    return [
        OaiError(element.get("code", ""), " ".join((element.text or "").split())[:300])
        for element in root.iterfind("{*}error")
    ]


def text_of(root: Element, path: str) -> str:
    """Return an element's text, trimmed; "" when absent."""
    return (root.findtext(path) or "").strip()


def read_list(body: bytes, url: str, prefix: str) -> Listed | list[OaiError]:
    """Return what a ListRecords answer holds, or the errors that came instead of it.

    Raises UnreadablePage when nothing can be got out of the body.
    """
    try:
        return read_list_tree(read_answer(body, url), prefix)
    except BadXml as error:
        reason = str(error)
    if b"<!DOCTYPE" in body[:4096] or not ROOT_START.search(body):
        raise UnreadablePage(f"{url} did not answer with OAI-PMH: {reason}")
    cleaned = strip_forbidden(body)
    if cleaned != body:
        try:
            result = read_list_tree(read_answer(cleaned, url), prefix)
        except BadXml as error:
            reason = str(error)
        else:
            if isinstance(result, Listed):
                result.problems.append(
                    BadItem(
                        reason=f"Characters that XML forbids were left out. {reason}", complete_matters=False
                    )
                )
            return result
    return read_list_pieces(cleaned, reason, prefix)


def read_list_tree(root: Element, prefix: str) -> Listed | list[OaiError]:
    """Return what a well-formed answer holds."""
    if errors := find_errors(root):
        return errors
    listed = Listed()
    container = root.find("{*}ListRecords")
    if container is None:
        listed.doubt = "The answer has neither ListRecords nor an error in it."
        return listed
    for element in container.iterfind("{*}record"):
        add_record(listed, element, prefix)
    token = container.find("{*}resumptionToken")
    if token is not None:
        listed.token = (token.text or "").strip()
        listed.complete_size = to_number(token.get("completeListSize", ""))
        listed.cursor = to_number(token.get("cursor", ""))
    return listed


def read_list_pieces(body: bytes, reason: str, prefix: str) -> Listed:
    """Return what can be read of broken XML, each record parsed alone, so that one bad record falls out alone."""
    listed = Listed(doubt=f"A page is broken XML. {reason}")
    root = ROOT_START.search(body)
    for piece in cut_records(body):
        wrapped = (root[0] if root else b"") + piece + b"</" + (root[1] if root else b"") + b">"
        try:
            element = parse_xml(wrapped).find("{*}record")
        except BadXml as error:
            identifier = IDENTIFIER.search(piece)
            listed.problems.append(
                BadItem(
                    reason=f"The record is broken XML: {error}",
                    remote_id=unescape(identifier[1].decode("utf-8", "replace")).strip()
                    if identifier
                    else "",
                    payload=piece,
                    media_type="application/xml",
                )
            )
            continue
        if element is not None:
            add_record(listed, element, prefix)
    if token := last_match(TOKEN, body):
        listed.token = unescape(token[2].decode("utf-8", "replace")).strip()
        size = SIZE.search(token[1])
        listed.complete_size = int(size[1]) if size else None
    return listed


def cut_records(body: bytes) -> Iterator[bytes]:
    """Yield the bytes of each record, from its start tag to the last end tag before the next one."""
    starts = list(RECORD_START.finditer(body))
    stops = [*(found.start() for found in starts[1:]), len(body)]
    for found, stop in zip(starts, stops, strict=False):  # a body without records has a stop more
        piece = body[found.start() : stop]
        prefix = found[1] + b":" if found[1] else b""
        end = piece.rfind(b"</" + prefix + b"record>")
        yield piece if end < 0 else piece[: end + len(prefix) + 9]


def last_match(pattern: re.Pattern[bytes], body: bytes) -> re.Match[bytes] | None:
    """Return the last match: resumption tokens stand at the end."""
    found = None
    for found in pattern.finditer(body):  # noqa: B007 - the last one is wanted
        pass
    return found


def strip_forbidden(body: bytes) -> bytes:
    """Return the body without characters and character references that XML 1.0 forbids; invalid UTF-8 replaced."""
    text = FORBIDDEN.sub("", body.decode("utf-8", "replace"))
    return FORBIDDEN_REFERENCE.sub(drop_if_forbidden, text).encode()


def drop_if_forbidden(found: re.Match[str]) -> str:
    """Return a character reference, or nothing for one that XML forbids."""
    code = int(found[1], 16) if found[1] else int(found[2])
    return "" if code > 0x10FFFF or FORBIDDEN.match(chr(code)) else found[0]


def add_record(listed: Listed, element: Element, prefix: str) -> None:
    """Add one <record> to what was listed."""
    identifier = text_of(element, "{*}header/{*}identifier")
    datestamp = text_of(element, "{*}header/{*}datestamp")
    payload = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    if datestamp:
        listed.datestamps.append(datestamp)
    if not identifier:
        listed.problems.append(
            BadItem(
                reason="The record's header has no identifier, so it can't be told from the others.",
                field="header/identifier",
                payload=payload,
                media_type="application/xml",
            )
        )
        return
    header = element.find("{*}header")
    if header is not None and header.get("status") == "deleted":
        listed.records.append(
            RemoteRecord(
                identifier, b"", "application/xml", choose_format(prefix), deleted=True, datestamp=datestamp
            )
        )
        return
    metadata = element.find("{*}metadata")
    if metadata is None or len(metadata) == 0:
        listed.problems.append(
            BadItem(
                reason="The record has no metadata and isn't marked as deleted.",
                remote_id=identifier,
                field="metadata",
                payload=payload,
                media_type="application/xml",
            )
        )
        return
    item = fill_record(identifier, datestamp, payload, metadata[0], prefix)
    if isinstance(item, RemoteRecord):
        listed.records.append(item)
    else:
        listed.problems.append(item)


def to_number(text: str) -> int | None:
    """Return a whole number, None for anything else."""
    return int(text) if text.strip().isdecimal() else None
