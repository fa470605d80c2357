"""How to cite a record: a sentence, BibTeX, RIS.

The sentence follows DataCite (https://support.datacite.org/docs/data-citation): Creator (Year): Title.
Version. Publisher. [Resource type]. Identifier. RIS has the type DATA of its 2011 specification. A DOI is shown
only if it is among the record's identifiers; else the address that the caller gives. What the record
does not say is left out, except the year: `n.d.`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from catalogue.exports.wording import choose_text, find_doi, find_year, name_agent
from catalogue.records import Agent, Record

KINDS = {"dataset": "Dataset", "series": "Collection", "service": "Service"}

_BIBTEX_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\n": " ",
        "\r": " ",
    }
)


@dataclass(frozen=True, slots=True)
class Citation:
    """The parts of a citation, "" where the record is silent."""

    creators: tuple[str, ...]
    are_persons: tuple[bool, ...]
    year: str
    title: str
    version: str
    publisher: str
    kind: str
    doi: str
    url: str


def cite_record(record: Record, url: str, lang: str = "") -> Citation:
    """Return the parts; without creators the publisher stands in their place. `url` is the record's page here."""
    people = record.creators or ((record.publisher,) if record.publisher else ())
    named: list[tuple[str, Agent]] = [(name_agent(agent, lang), agent) for agent in people]
    doi = find_doi(record)
    return Citation(
        creators=tuple(_flatten(name) for name, _agent in named if name),
        are_persons=tuple(agent.is_person for name, agent in named if name),
        year=find_year(record),
        title=_flatten(choose_text(record.title, lang)),
        version=_flatten(record.version),
        publisher=_flatten(name_agent(record.publisher, lang)),
        kind=KINDS[record.kind],
        doi=doi,
        url=f"https://doi.org/{doi}" if doi else url,
    )


def record_to_citation_text(record: Record, url: str, lang: str = "") -> str:
    """Return the sentence."""
    cited = cite_record(record, url, lang)
    creators = "; ".join(cited.creators)
    head = f"{creators} ({cited.year or 'n.d.'})" if creators else f"({cited.year or 'n.d.'})"
    version = f"Version {cited.version}" if cited.version[:1].isdigit() else cited.version
    publisher = "" if cited.publisher == creators else cited.publisher
    parts = [part.rstrip(".") for part in (cited.title, version, publisher) if part]
    return f"{head}: {'. '.join([*parts, f'[{cited.kind}]'])}. {cited.url}"


def record_to_bibtex(record: Record, url: str, lang: str = "") -> str:
    """Return a BibTeX entry of type misc, which every style knows (BibLaTeX: dataset)."""
    cited = cite_record(record, url, lang)
    # Braces keep an organisation's name from being taken apart into first and last names.
    authors = " and ".join(
        name.translate(_BIBTEX_ESCAPES) if is_person else f"{{{name.translate(_BIBTEX_ESCAPES)}}}"
        for name, is_person in zip(cited.creators, cited.are_persons, strict=True)
    )
    fields = {
        "author": authors,
        "title": f"{{{cited.title.translate(_BIBTEX_ESCAPES)}}}",
        "year": cited.year,
        "version": cited.version.translate(_BIBTEX_ESCAPES),
        "publisher": cited.publisher.translate(_BIBTEX_ESCAPES),
        "howpublished": cited.kind,
        "doi": _drop_braces(cited.doi),
        "url": _drop_braces(cited.url),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{_make_key(cited)},\n" + ",\n".join(lines) + "\n}\n"


def record_to_ris(record: Record, url: str, lang: str = "") -> str:
    """Return a RIS entry (lines end in CR LF)."""
    cited = cite_record(record, url, lang)
    keywords = dict.fromkeys(_flatten(keyword.value) for keyword in record.keywords)
    tags = [
        ("TY", "DATA"),
        *(("AU", name) for name in cited.creators),
        ("TI", cited.title),
        ("PY", cited.year),
        ("PB", cited.publisher),
        ("ET", cited.version),
        ("AB", _flatten(choose_text(record.description, lang))),
        *(("KW", keyword) for keyword in keywords),
        ("DO", cited.doi),
        ("UR", cited.url),
    ]
    lines = [f"{tag}  - {value}" for tag, value in tags if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def _flatten(text: str) -> str:
    """Return the text on one line: a line break would begin a new field."""
    return " ".join(text.split())


def _drop_braces(address: str) -> str:
    return address.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _make_key(cited: Citation) -> str:
    """Return `lastname2020word`, ASCII only."""
    creator = cited.creators[0] if cited.creators else "dataset"
    is_person = bool(cited.are_persons and cited.are_persons[0])
    name = creator.split(",")[0] if "," in creator else creator.split()[-1 if is_person else 0]
    word = next((word for word in re.findall(r"\w+", cited.title) if len(word) > 3), "")
    ascii_key = unicodedata.normalize("NFKD", f"{name}{cited.year}{word}").encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]", "", ascii_key).lower() or "dataset"
