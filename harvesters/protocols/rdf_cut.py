"""Cutting a page of DCAT (https://www.w3.org/TR/vocab-dcat-3/) into records of their own triples.

A record is its node and what can be reached from it: distributions, agents, contacts, places, periods,
checksums, blank nodes however deep, and the dcat:CatalogRecords about it. The cut stops at what is a
record or a collection of its own: another dataset, a catalogue, a concept scheme; a series keeps its
name, a concept its labels. Without that, one link would pull the whole feed into each record.

The payload is sorted N-Triples. Blank nodes are named after what is said of them, so the same content
gives the same bytes at every harvest. Records in a ring of blank nodes, which DCAT has no use for, may
get new names when they change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b

from harvesters.base import BadItem, RemoteRecord
from harvesters.protocols.ntriples import LINK, NODE_LINK, node_to_id, unescape_literal
from harvesters.protocols.rdf_index import Kind, PageIndex
from ontology.namespaces import ADMS, DCT, RDF, SKOS

MAX_TRIPLES = 200_000
MAX_BYTES = 64 * 2**20
MAX_HOPS = 8
"""How many IRIs deep a record goes. Blank nodes don't count: a list is a chain of them."""

MEDIA_TYPE = "application/n-triples"
FORMAT = "dcat"

BORDER = Kind.DATASET | Kind.CATALOG | Kind.CATALOG_RECORD | Kind.CONCEPT_SCHEME
"""Nodes of these kinds are named in other records but not described there."""


def match_properties(*iris: str) -> re.Pattern[bytes]:
    """Return what matches whole lines with one of the properties."""
    names = b"|".join(b"<%s>" % re.escape(iri.encode()) for iri in iris)
    return re.compile(rb"^\S+ (?:%s) .*\n" % names, re.MULTILINE)


SERIES_LINES = match_properties(RDF.type, DCT.title)
CONCEPT_LINES = match_properties(
    RDF.type, SKOS.prefLabel, SKOS.altLabel, SKOS.notation, SKOS.inScheme, SKOS.exactMatch, SKOS.definition
)
BEYOND_TYPE = re.compile(rb"^\S+ (?!<%s> )" % re.escape(RDF.type.encode()), re.MULTILINE)
IDENTIFIER = re.compile(rb" <%s> (\".*) \.\n" % re.escape(DCT.identifier.encode()))
OTHER_IDENTIFIER = re.compile(rb" <%s> (\S+) \.\n" % re.escape(ADMS.identifier.encode()))
NOTATION = re.compile(rb" <%s> (\".*) \.\n" % re.escape(SKOS.notation.encode()))


class TooBig(Exception):
    """A record went over a cap."""


def cut_records(index: PageIndex, damaged: set[bytes]) -> Iterator[RemoteRecord | BadItem]:
    """Yield a page's records, and a BadItem for each node that should be one and can't.

    `damaged` are subjects that a syntax error cut short; what they belong to is not taken.
    """
    nameless = name_blank_roots(index)
    for root, kind in index.find_roots():
        lines = index.get(root)
        if is_stub(lines):
            continue
        remote_id = node_to_id(root) if root[:1] == b"<" else nameless.get(root, "")
        if not remote_id:
            yield refuse_nameless(root, lines, kind)
            continue
        try:
            blocks = collect_closure(index, root, lines)
        except TooBig as error:
            yield BadItem(reason=str(error), remote_id=remote_id, field="dataset")
            continue
        if damaged and not damaged.isdisjoint(blocks):
            yield BadItem(
                reason="A syntax error in the feed cuts this record short, so it is left as it was.",
                remote_id=remote_id,
            )
            continue
        yield RemoteRecord(
            remote_id=remote_id, payload=join_blocks(blocks, root), media_type=MEDIA_TYPE, format=FORMAT
        )


def is_stub(lines: bytes) -> bool:
    """Whether nothing but a type is said: the node is only mentioned, by a service for instance."""
    return not BEYOND_TYPE.search(lines)


def name_blank_roots(index: PageIndex) -> dict[bytes, str]:
    """Return an identifier for each record node that has no IRI, where one is stated and no other has it."""
    taken: dict[str, list[bytes]] = {}
    for root, _kind in index.find_roots():
        if root[:1] == b"<":
            continue
        if identifier := find_identifier(index, index.get(root)):
            taken.setdefault(identifier, []).append(root)
    return {roots[0]: identifier for identifier, roots in taken.items() if len(roots) == 1}


def find_identifier(index: PageIndex, lines: bytes) -> str:
    """Return dct:identifier, else adms:identifier's notation, "" where neither is stated."""
    if found := IDENTIFIER.search(lines):
        return unescape_literal(found[1]).strip()
    for other in OTHER_IDENTIFIER.findall(lines):
        if found := NOTATION.search(index.get(other)):
            return unescape_literal(found[1]).strip()
    return ""


def refuse_nameless(root: bytes, lines: bytes, kind: Kind) -> BadItem:
    """Return why a blank node is no record."""
    what = (kind.name or "dataset").lower()
    stated = IDENTIFIER.search(lines)
    shared = (
        f"its identifier {stated[1].decode()} is used by others on the page too"
        if stated
        else "it has no dct:identifier"
    )
    return BadItem(
        reason=f"A {what} without an IRI can't be told from the others at the next harvest: {shared}. "
        "The publisher should give it an IRI (rdf:about).",
        field="dct:identifier",
        payload=lines,
        media_type=MEDIA_TYPE,
    )


def collect_closure(index: PageIndex, root: bytes, lines: bytes) -> dict[bytes, bytes]:
    """Return the lines of the record's nodes, by node.

    Raises TooBig when the record is over the caps.
    """
    blocks = {root: lines}
    size, count = len(lines), lines.count(b"\n")
    own_records = index.records_of.get(root, [])
    frontier = index.find_described(LINK.findall(lines) + own_records)
    for _hop in range(MAX_HOPS):
        deeper: list[bytes] = []
        while frontier:
            node = frontier.pop()
            if node in blocks:
                continue
            block, targets = read_node(index, node, is_own_record=node in own_records)
            if not block:
                continue
            for target in targets:
                (frontier if target[:1] == b"_" else deeper).append(target)
            blocks[node] = block
            size += len(block)
            count += block.count(b"\n")
            if count > MAX_TRIPLES or size > MAX_BYTES:
                raise TooBig(
                    f"The record is larger than {MAX_TRIPLES} triples or {MAX_BYTES >> 20} MB. "
                    "The publisher can split it, for instance into a series."
                )
        frontier = deeper
        if not frontier:
            break
    return blocks


def read_node(index: PageIndex, node: bytes, *, is_own_record: bool) -> tuple[bytes, list[bytes]]:
    """Return what a record says of a node that it reaches, and where it goes on from there.

    `is_own_record` marks a dcat:CatalogRecord about the record itself.
    """
    kind = index.kinds.get(node)
    if kind is None or is_own_record:
        block = index.get(node)
        return block, index.find_described(LINK.findall(block))
    if kind & Kind.SERIES:
        return b"".join(SERIES_LINES.findall(index.get(node))), []
    if kind & BORDER:
        return b"", []
    if kind & Kind.CONCEPT:
        return b"".join(CONCEPT_LINES.findall(index.get(node))), []
    block = index.get(node)
    return block, index.find_described(LINK.findall(block))


def join_blocks(blocks: dict[bytes, bytes], root: bytes) -> bytes:
    """Return the blocks' lines, each once, sorted, with blank nodes named after their content."""
    if any(node[:1] == b"_" for node in blocks) or b"> _:" in b"".join(blocks.values()):
        blocks = rename_blank_nodes(blocks, root)
    lines = set(b"".join(blocks.values()).split(b"\n"))
    lines.discard(b"")
    return b"\n".join(sorted(lines)) + b"\n"


def rename_blank_nodes(blocks: dict[bytes, bytes], root: bytes) -> dict[bytes, bytes]:
    """Return the blocks with every blank node renamed to a digest of what is said of it.

    Nodes of the same content get numbers in the order in which sorted lines reach them, so two equal
    distributions stay two.
    """
    digests = digest_blank_nodes(blocks)
    names = number_digests(blocks, digests, root)

    def rename(found: re.Match[bytes]) -> bytes:
        return b"> %s .\n" % names.get(found[1], found[1])

    renamed = {}
    for node, block in blocks.items():
        new = NODE_LINK.sub(rename, block) if b"> _:" in block else block
        if node[:1] == b"_":
            new = new.replace(b"\n" + node + b" ", b"\n" + names[node] + b" ")
            new = names[node] + new[len(node) :]
        renamed[node] = new
    return renamed


def digest_blank_nodes(blocks: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """Return a digest of the content of each blank node, those in it digested first."""
    digests: dict[bytes, bytes] = {}
    open_nodes: set[bytes] = set()

    def name_child(found: re.Match[bytes]) -> bytes:
        # Not yet digested: a node in a ring with this one, or one that the record only names.
        return b"> _:%s .\n" % digests.get(found[1], b"open")

    stack = [node for node in blocks if node[:1] == b"_"]
    while stack:
        node = stack[-1]
        if node in digests:
            stack.pop()
            continue
        block = blocks.get(node, b"")
        if node not in open_nodes:
            open_nodes.add(node)
            children = [c for c in NODE_LINK.findall(block) if c not in digests and c not in open_nodes]
            if children:
                stack += children
                continue
        stack.pop()
        if b"> _:" in block:
            block = NODE_LINK.sub(name_child, block)
        without_own_name = [line[len(node) :] for line in block.split(b"\n")]
        content = b"\n".join(sorted(without_own_name))
        digests[node] = blake2b(content, digest_size=8).hexdigest().encode()
    return digests


def number_digests(
    blocks: dict[bytes, bytes], digests: dict[bytes, bytes], root: bytes
) -> dict[bytes, bytes]:
    """Return the new name of each blank node; nodes with the same digest are numbered."""
    if len(set(digests.values())) == len(digests):
        return {node: b"_:b" + digest for node, digest in digests.items()}
    order = sorted(
        (sort_key(line, digests), child)
        for block in blocks.values()
        for line in block.splitlines(keepends=True)
        for child in NODE_LINK.findall(line)
    )
    counts: dict[bytes, int] = {}
    names: dict[bytes, bytes] = {}
    for node in [root, *(child for _key, child in order), *sorted(digests)]:
        digest = digests.get(node)
        if digest is None or node in names:
            continue
        counts[digest] = counts.get(digest, 0) + 1
        names[node] = b"_:b" + digest + (b"x%d" % counts[digest] if counts[digest] > 1 else b"")
    return names


def sort_key(line: bytes, digests: dict[bytes, bytes]) -> bytes:
    """Return a line without the names that the feed gave to blank nodes."""
    subject, rest = line.split(b" ", 1)
    return digests.get(subject, subject) + NODE_LINK.sub(lambda m: digests.get(m[1], b""), rest)
