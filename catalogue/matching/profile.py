"""A record as the matcher reads it: everything comparable, in one spelling, and nothing else.

Made once for a record and compared with many. Machine translations are left out: they are nobody's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.folding import fold_word, split_words
from catalogue.identifiers import is_doi, normalise_identifier
from catalogue.matching.addresses import fold_address, fold_host
from catalogue.matching.titles import Title, read_title
from catalogue.records import Text

Json = Mapping[str, Any]

OPENING_WORDS = 80
"""Words of a description that are compared; aggregators cut the rest off anyway."""

_SHOWN = 120  # characters of a description that are quoted as evidence
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
_NOTHING = frozenset({"todo", "none", "null", "unknown", "n/a", "tbd", "test", "dataset", "identifier"})
_SAME = frozenset({"owl:sameAs", "schema:sameAs", "datacite:IsIdenticalTo", "adms:identifier"})
_WORK = frozenset({"dcat:isVersionOf", "dct:isVersionOf"})
_VERSIONS = frozenset(
    {
        "dcat:hasVersion",
        "dct:hasVersion",
        "dcat:previousVersion",
        "dcat:hasCurrentVersion",
        "dct:replaces",
        "dct:isReplacedBy",
    }
)
_LEGAL_FORMS = frozenset({"ab", "as", "bv", "gmbh", "inc", "ltd", "llc", "oy", "sa", "the"})


@dataclass(frozen=True, slots=True)
class Party:
    """A publisher or creator: what it is known by, and its names by language, as sets of folded words.

    `label` is its first name as written, for people.
    """

    label: str = ""
    marks: frozenset[str] = frozenset()
    names: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def name(self) -> str:
        """The first name's words in order of the alphabet, "" where it has none."""
        return " ".join(sorted(self.names[0][1])) if self.names else ""

    @property
    def words(self) -> frozenset[str]:
        """The words of all its names."""
        return frozenset(word for _, words in self.names for word in words)


@dataclass(frozen=True, slots=True)
class Opening:
    """The first words of a description in one language, folded, and as written, for people."""

    lang: str
    words: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What is compared of a record."""

    kind: str = "dataset"
    dois: frozenset[str] = frozenset()
    iris: frozenset[str] = frozenset()  # addresses that the source gave as identifiers, folded
    identifiers: frozenset[str] = frozenset()  # unique anywhere: UUIDs, URNs, handles
    local_identifiers: frozenset[str] = frozenset()  # unique at their publisher at best
    same_as: frozenset[str] = frozenset()
    works: frozenset[str] = frozenset()  # of which it says to be a version: DOIs and folded addresses
    versions: frozenset[str] = frozenset()  # its other versions, before or after
    pages: frozenset[str] = frozenset()
    downloads: frozenset[str] = frozenset()
    checksums: frozenset[str] = frozenset()
    titles: tuple[Title, ...] = ()
    openings: tuple[Opening, ...] = ()
    publisher: Party | None = None
    creators: tuple[Party, ...] = ()
    version: str = ""
    issued: str = ""
    periods: tuple[tuple[str, str], ...] = ()
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    places: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """All that the record itself is called, as relations of other records would name it."""
        return self.dois | self.iris | self.identifiers | self.pages


def make_profile(data: Json) -> Profile:
    """Return the profile of a record's JSON (catalogue/record_json.py)."""
    sorted_out = _Identifiers()
    for item in data.get("identifiers", ()):
        sorted_out.add(item.get("value", ""))
    sorted_out.add(data.get("iri", ""))
    pages: set[str] = set()
    for address in data.get("landing_pages", ()):
        name = name_target(address)
        (sorted_out.dois if is_doi(name) else pages).add(name)
    distributions = data.get("distributions", ())
    return Profile(
        kind=data.get("kind", "dataset"),
        dois=frozenset(sorted_out.dois),
        iris=frozenset(sorted_out.iris),
        identifiers=frozenset(sorted_out.identifiers),
        local_identifiers=frozenset(sorted_out.local),
        same_as=_targets(data, _SAME),
        works=_targets(data, _WORK),
        versions=_targets(data, _VERSIONS),
        pages=frozenset(pages - {""}),
        downloads=frozenset(
            folded
            for item in distributions
            for address in item.get("download_urls", ())
            if (folded := fold_address(address))
        ),
        checksums=frozenset(
            f"{checksum['algorithm'].rpartition('_')[2].lower()}:{checksum['value'].lower()}"
            for item in distributions
            if (checksum := item.get("checksum"))
        ),
        titles=tuple(
            read_title(text["value"], text.get("lang", "")) for text in _human(data.get("title", ()))
        ),
        openings=tuple(
            Opening(text.get("lang", "").partition("-")[0].lower(), words, text["value"][:_SHOWN])
            for text in _human(data.get("description", ()))
            if (words := _fold_opening(text["value"]))
        ),
        publisher=_make_party(data["publisher"]) if data.get("publisher") else None,
        creators=tuple(party for agent in data.get("creators", ()) if (party := _make_party(agent)).names),
        version=data.get("version", ""),
        issued=data.get("issued", "")[:10],
        periods=tuple(
            (item.get("start", "")[:10], item.get("end", "")[:10]) for item in data.get("temporal", ())
        ),
        boxes=tuple(tuple(item["bbox"]) for item in data.get("spatial", ()) if item.get("bbox")),
        places=frozenset(item["iri"] for item in data.get("spatial", ()) if item.get("iri")),
    )


def name_target(target: str) -> str:
    """Return what an address or identifier is compared as: a DOI, a folded address, or the identifier."""
    name = normalise_identifier(target)
    if is_doi(name):
        return name
    return fold_address(target) if name.startswith(("http:", "https:", "ftp:")) else name


class _Identifiers:
    """The identifiers of a record, sorted by how far they are unique."""

    def __init__(self) -> None:
        self.dois: set[str] = set()
        self.iris: set[str] = set()
        self.identifiers: set[str] = set()
        self.local: set[str] = set()

    def add(self, value: str) -> None:
        name = normalise_identifier(value)
        if is_doi(name):
            self.dois.add(name)
        elif name.startswith(("http:", "https:", "ftp:")):
            if folded := fold_address(value):
                self.iris.add(folded)
        elif name.startswith(("urn:", "ark:")) or _UUID.fullmatch(name) or _is_handle(value):
            self.identifiers.add(name.removeprefix("urn:uuid:"))
        elif len(name) >= 4 and name not in _NOTHING and any(letter.isdigit() for letter in name):
            self.local.add(name)


def _is_handle(value: str) -> bool:
    return "hdl.handle.net/" in value or value.lower().startswith(("hdl:", "info:hdl/"))


def _targets(data: Json, kinds: frozenset[str]) -> frozenset[str]:
    names = (name_target(item["target"]) for item in data.get("relations", ()) if item.get("kind") in kinds)
    return frozenset(name for name in names if name)


def _human(texts: Iterable[Json]) -> Iterator[Json]:
    for text in texts:
        if text.get("value") and not Text("", text.get("lang", "")).is_machine_translated:
            yield text


def _fold_opening(text: str) -> tuple[str, ...]:
    # Words are at least a letter and a space; ten letters a word is more than any language needs.
    return tuple(fold_word(word) for word in split_words(text[: OPENING_WORDS * 20])[:OPENING_WORDS])


def _fold_name(name: str) -> frozenset[str]:
    words = frozenset(fold_word(word) for word in split_words(name))
    return words - _LEGAL_FORMS or words


def _make_party(agent: Json) -> Party:
    marks = {fold_address(agent.get("iri", "")), fold_host(agent.get("homepage", ""))}
    marks.update(normalise_identifier(item["value"]) for item in agent.get("identifiers", ()))
    names = tuple(
        (text.get("lang", "").partition("-")[0].lower(), words)
        for text in _human(agent.get("name", ()))
        if (words := _fold_name(text["value"]))
    )
    label = next((text["value"] for text in _human(agent.get("name", ()))), "")
    return Party(label, frozenset(marks - {""}), names)
