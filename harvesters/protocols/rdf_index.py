"""One page's triples by subject: in memory while small, in a temporary SQLite file beyond that.

So a single document of any size is read in constant memory. Blocks are N-Triples lines with one
subject (see ntriples.py). What the cut needs to know about a page as a whole is noted on the way in:
which nodes are of the kinds where a record ends, what the catalogue names, and who is a
dcat:CatalogRecord of whom.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from enum import IntFlag
from pathlib import Path
from types import TracebackType
from typing import Self

from harvesters.protocols.ntriples import split_blocks
from ontology.namespaces import DCAT, DCT, FOAF, HYDRA, RDF, SKOS

SPILL_BYTES = 48 * 2**20
"""N-Triples kept in memory; about 100 MB with Python's overhead."""

FILTER_BITS = 2**26
"""Size of the filter before a page's file: 8 MB, which tells 1 million subjects from others 98 times in 100."""


class Kind(IntFlag):
    """What a node is, as far as the cut cares."""

    DATASET = 1
    SERIES = 2
    SERVICE = 4
    CATALOG = 8
    CATALOG_RECORD = 16
    CONCEPT_SCHEME = 32
    CONCEPT = 64


ROOTS = Kind.DATASET | Kind.SERIES | Kind.SERVICE

KINDS = {
    DCAT.Dataset: Kind.DATASET,
    DCAT.DatasetSeries: Kind.SERIES,
    DCAT.DataService: Kind.SERVICE,
    DCAT.Catalog: Kind.CATALOG,
    DCAT.CatalogRecord: Kind.CATALOG_RECORD,
    SKOS.ConceptScheme: Kind.CONCEPT_SCHEME,
    SKOS.Concept: Kind.CONCEPT,
}
KINDS_BY_NODE = {f"<{iri}>".encode(): kind for iri, kind in KINDS.items()}

# Each begins with a fixed string, which the regular expression engine finds at memory speed.
TYPE = re.compile(
    b" <%s> (%s) \\.\n" % (re.escape(RDF.type.encode()), b"|".join(re.escape(node) for node in KINDS_BY_NODE))
)
MEMBER = re.compile(b" <%s> (<[^>\n]*>|_:\\S+) \\.\n" % re.escape(DCAT.dataset.encode()))
PRIMARY_TOPIC = re.compile(b" <%s> (<[^>\n]*>|_:\\S+) \\.\n" % re.escape(FOAF.primaryTopic.encode()))
HYDRA_LINE = re.compile(b"^.* <?%s.*\n" % re.escape(str(HYDRA).encode()), re.MULTILINE)
HYDRA_MARK = str(HYDRA).encode()

NODE_USE = re.compile(rb"(<[^>\n]*>) (_:[^ \n]+) \.\n")
LISTING_PROPERTIES = frozenset(
    f"<{iri}>".encode()
    for iri in (
        DCAT.dataset,
        DCAT.service,
        DCAT.servesDataset,
        DCAT.seriesMember,
        FOAF.primaryTopic,
        DCT.hasPart,
    )
)

MAX_HYDRA_LINES = 1_000


class PageIndex:
    """The triples of one page, by subject. Use as a context manager: its file goes with it."""

    def __init__(self, spill_bytes: int = SPILL_BYTES) -> None:
        self.kinds: dict[bytes, Kind] = {}
        self.members: dict[bytes, None] = {}  # objects of dcat:dataset, in order
        self.records_of: dict[bytes, list[bytes]] = {}  # dataset -> its dcat:CatalogRecords
        self.hydra_lines: list[bytes] = []
        self.triple_bytes = 0
        self._spill_bytes = spill_bytes
        self._memory: dict[bytes, list[bytes]] = {}
        self._filter = bytearray()
        self._disk: sqlite3.Connection | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._disk is not None:
            self._disk.close()
        if self._folder is not None:
            self._folder.cleanup()

    def load(self, pieces: Iterable[bytes]) -> None:
        """Take in pieces of clean N-Triples; call once."""
        for lines in pieces:
            self.triple_bytes += len(lines)
            self._note(lines)
            if self._disk is not None:
                self._write(split_blocks(lines))
                continue
            memory = self._memory
            for subject, block in split_blocks(lines):
                blocks = memory.get(subject)
                if blocks is None:
                    memory[subject] = [block]
                else:
                    blocks.append(block)
            if self.triple_bytes > self._spill_bytes:
                self._spill()
        if self._disk is not None:
            self._disk.execute("CREATE INDEX by_subject ON block (subject)")
            self._disk.commit()
        for node in self.find_described([node for node in self.members if node not in self.kinds]):
            if self.get(node):
                self.kinds[node] = Kind.DATASET
        self._release_blank_parts()

    def _release_blank_parts(self) -> None:
        """Forget the kind of blank nodes that others use: a distribution's `[ a dcat:DataService ]` is its part.

        What has no name, and is not just listed by a catalogue, can't be meant as a record of its own.
        """
        nameless = {node for node, kind in self.kinds.items() if node[:1] == b"_" and kind & ROOTS}
        if not nameless:
            return
        for lines in self._iterate_blocks():
            for predicate, node in NODE_USE.findall(lines):
                if node in nameless and predicate not in LISTING_PROPERTIES:
                    self.kinds.pop(node, None)

    def _iterate_blocks(self) -> Iterator[bytes]:
        if self._disk is None:
            return (block for blocks in self._memory.values() for block in blocks)
        return (row[0] for row in self._disk.execute("SELECT lines FROM block"))

    def _note(self, lines: bytes) -> None:
        """Remember what concerns the page as a whole."""
        for found in TYPE.finditer(lines):
            subject = subject_before(lines, found.start())
            self.kinds[subject] = self.kinds.get(subject, Kind(0)) | KINDS_BY_NODE[found[1]]
        for found in MEMBER.finditer(lines):
            self.members[found[1]] = None
        for found in PRIMARY_TOPIC.finditer(lines):
            self.records_of.setdefault(found[1], []).append(subject_before(lines, found.start()))
        if HYDRA_MARK in lines and len(self.hydra_lines) < MAX_HYDRA_LINES:
            self.hydra_lines += HYDRA_LINE.findall(lines)

    def _spill(self) -> None:
        """Move what is in memory to disk."""
        self._folder = tempfile.TemporaryDirectory(prefix="harvest-page-")
        self._disk = sqlite3.connect(Path(self._folder.name) / "page.sqlite")
        # The file dies with the page, so nothing of it needs to survive a crash.
        self._disk.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000;"
        )
        self._disk.execute("CREATE TABLE block (subject BLOB, lines BLOB)")
        self._filter = bytearray(FILTER_BITS // 8)
        self._write((subject, block) for subject, blocks in self._memory.items() for block in blocks)
        self._memory = {}

    def _write(self, blocks: Iterable[tuple[bytes, bytes]]) -> None:
        if self._disk is not None:
            self._disk.executemany("INSERT INTO block VALUES (?, ?)", self._pass_filter(blocks))

    def _pass_filter(self, blocks: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
        """Note each subject's bit: most links lead out of the feed, and then no look-up is needed."""
        bits = self._filter
        for block in blocks:
            bit = hash(block[0]) % FILTER_BITS
            bits[bit >> 3] |= 1 << (bit & 7)
            yield block

    def get(self, subject: bytes) -> bytes:
        """Return all lines of a subject, b"" when nothing is said of it."""
        if self._disk is None:
            blocks = self._memory.get(subject)
            if blocks is None:
                return b""
            return blocks[0] if len(blocks) == 1 else b"".join(blocks)
        rows = self._disk.execute("SELECT lines FROM block WHERE subject = ? ORDER BY rowid", (subject,))
        return b"".join(row[0] for row in rows)

    def find_described(self, nodes: Iterable[bytes]) -> list[bytes]:
        """Return those of the nodes that something is said of.

        For a page on disk, a few others may be among them, for which `get` returns nothing.
        """
        if self._disk is None:
            memory = self._memory
            return [node for node in nodes if node in memory]
        bits = self._filter
        return [node for node in nodes if bits[(bit := hash(node) % FILTER_BITS) >> 3] & (1 << (bit & 7))]

    def find_roots(self) -> Iterator[tuple[bytes, Kind]]:
        """Yield each node that is to be a record, with its kind: datasets, series, data services.

        A catalogue is none, also where it calls itself a dataset; what a catalogue lists under
        dcat:dataset is a dataset even without a type.
        """
        for node, kind in self.kinds.items():
            if kind & ROOTS and not kind & (Kind.CATALOG | Kind.CATALOG_RECORD):
                yield node, kind

    def find_undescribed(self) -> list[bytes]:
        """Return what the page's catalogue lists under dcat:dataset without a word about it."""
        return [node for node in self.members if node not in self.kinds]


def subject_before(lines: bytes, position: int) -> bytes:
    """Return the subject of the line that has `position` in it, or just before it."""
    start = lines.rfind(b"\n", 0, position) + 1
    return lines[start : lines.index(b" ", start)]
