"""The text index of the embedded engine: its fields, and a document in them.

tantivy (https://docs.rs/tantivy, through tantivy-py 0.27). The whole document is stored too: highlights
need the texts, and a compaction can then write a new generation without asking the database.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import tantivy

from catalogue.search.engine import IndexDocument
from catalogue.search.index_fields import BOXED, COUNTED, EXACT, LONGEST_TITLE, POSITIONED, analyse_document

NO_ROW = -1  # in `row`: a document without a vector

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(IndexDocument).decode


def build_schema() -> tantivy.Schema:
    """Return the fields. A change of them changes SCHEMA_VERSION."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("document", stored=True)
    builder.add_integer_field("revision", fast=True, stored=True)
    builder.add_integer_field("row", fast=True, indexed=True)
    builder.add_integer_field("newest", fast=True)
    builder.add_integer_field("size_bytes", fast=True)
    for name in BOXED:
        builder.add_float_field(name, fast=True)
    builder.add_text_field("sort_title", fast=True, tokenizer_name="raw", index_option="basic")
    for name in POSITIONED:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in COUNTED:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in EXACT:
        is_counted = name == "language" or name.startswith("facet_")
        builder.add_text_field(name, fast=is_counted, tokenizer_name="raw", index_option="basic")
    return builder.build()


def open_index(folder: Path) -> tantivy.Index:
    """Open the index in a folder, or make an empty one there."""
    index = tantivy.Index(build_schema(), str(folder))
    splitter = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("whitespace", splitter)  # again at every open: an index does not keep them
    return index


def build_tantivy_document(document: IndexDocument, row: int) -> tantivy.Document:
    """Return a document as tantivy takes it; `row` is its vector's, or NO_ROW."""
    out = tantivy.Document()
    out.add_text("id", document.id)
    out.add_bytes("document", _encode(document))
    # A value of another type than the field's would end the writer, not raise: hence int() here.
    out.add_integer("revision", int(document.revision))
    out.add_integer("row", int(row))
    out.add_integer("newest", int(document.newest))
    out.add_text("sort_title", document.sort_title[:LONGEST_TITLE])
    fields = analyse_document(document)
    for name, words in fields.words.items():
        out.add_text(name, words)
    for name, values in fields.values.items():
        for value in values:
            out.add_text(name, value)
    for name, degree in fields.degrees.items():
        out.add_float(name, degree)
    if fields.size_bytes is not None:
        out.add_integer("size_bytes", fields.size_bytes)
    return out


def read_stored_document(found: tantivy.Document) -> IndexDocument:
    """Return the document that was indexed."""
    return _decode(bytes(found.get_first("document") or b""))
