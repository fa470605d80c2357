"""Many datasets in one file: CSV (RFC 4180), JSON Lines and BibTeX. Pure; each writes one dataset at a time.

CSV is for spreadsheets too, which run a cell that begins with = + - or @ as a formula: such a cell gets an
apostrophe in front (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from catalogue.exports.citation import record_to_bibtex
from catalogue.exports.csv_cell import guard_cell
from catalogue.exports.wording import choose_text
from catalogue.records import Agent, Record, Term

COLUMNS = (
    *("title", "publisher", "access", "license", "formats", "size_bytes", "keywords", "themes"),
    *("issued", "modified", "changed_at", "page", "iri", "doi", "description"),
)
_DESCRIPTION = 2000  # characters in a cell
_ITEMS = "; "


@dataclass(frozen=True, slots=True)
class ListedDataset:
    """A dataset of the list. `data` is the record as JSON."""

    iri: str
    page: str
    changed_at: str
    record: Record
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListFormat:
    """One way to have a list. `write` yields the text of each dataset, head included."""

    name: str
    media_type: str
    extension: str
    label: str
    write: Callable[[Iterable[ListedDataset], str], Iterator[str]]


def write_csv(rows: Iterable[ListedDataset], lang: str) -> Iterator[str]:
    """Yield lines of CSV, the names of the columns first."""
    yield _line(COLUMNS)
    for row in rows:
        yield _line([guard_cell(cell) for cell in _list_cells(row, lang)])


def write_jsonl(rows: Iterable[ListedDataset], lang: str) -> Iterator[str]:
    """Yield a line of JSON for each dataset: its addresses, and the record as the API has it."""
    for row in rows:
        body = {"iri": row.iri, "page": row.page, "changed_at": row.changed_at, "record": row.data}
        yield json.dumps(body, ensure_ascii=False) + "\n"


def write_bibtex(rows: Iterable[ListedDataset], lang: str) -> Iterator[str]:
    """Yield an entry for each dataset; a key that was there already gets a number."""
    seen: dict[str, int] = {}
    for row in rows:
        entry = record_to_bibtex(row.record, row.page, lang)
        head, _, rest = entry.partition(",")
        seen[head] = seen.get(head, 0) + 1
        number = f"-{seen[head]}" if seen[head] > 1 else ""
        yield f"{head}{number},{rest}\n"


LISTS: Final = MappingProxyType(
    {
        form.name: form
        for form in (
            ListFormat("csv", "text/csv", "csv", "CSV", write_csv),
            ListFormat("jsonl", "application/jsonl", "jsonl", "JSON Lines", write_jsonl),
            ListFormat("bibtex", "application/x-bibtex", "bib", "BibTeX", write_bibtex),
        )
    }
)
"""Name -> format."""


def _list_cells(row: ListedDataset, lang: str) -> list[str]:
    record = row.record
    size = sum(item.byte_size or 0 for item in record.distributions)
    licenses = [record.license, *(item.license for item in record.distributions)]
    access = (
        [record.access_rights] if record.access_rights else [d.access_rights for d in record.distributions]
    )
    doi = next((item.value for item in record.identifiers if item.scheme == "doi"), "")
    return [
        choose_text(record.title, lang),
        _name(record.publisher, lang),
        _join(access),
        _join(licenses),
        _join(item.format or item.media_type for item in record.distributions),
        str(size or ""),
        _ITEMS.join(dict.fromkeys(text.value for text in record.keywords)),
        _join(record.themes),
        record.issued,
        record.modified,
        row.changed_at,
        row.page,
        row.iri,
        doi,
        choose_text(record.description, lang)[:_DESCRIPTION],
    ]


def _name(agent: Agent | None, lang: str) -> str:
    return choose_text(agent.name, lang) if agent else ""


def _join(terms: Iterable[Term | None]) -> str:
    return _ITEMS.join(dict.fromkeys(term.iri or term.raw for term in terms if term is not None))


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([cell.replace("\x00", "") for cell in cells])
    return out.getvalue()
