"""oai_dc: unqualified Dublin Core as OAI-PMH carries it (bytes of one record -> Record).

Specifications: OAI-PMH 2.0 (http://www.openarchives.org/OAI/openarchivesprotocol.html), the 15 elements
of DCMES 1.1 (https://www.dublincore.org/specifications/dublin-core/dces/), and the info:eu-repo terms
that the OpenAIRE guidelines 3.0 put in them (https://guidelines.openaire.eu/en/latest/literature/).

Reads an OAI `record` (header and metadata) or a bare `oai_dc:dc`, with any namespace prefix. What each
element becomes: `_Reading.read_*` below and, for coverage and date, oai_dc_coverage.py.

Not here: qualified Dublin Core (dcterms), and the meaning of words (authority IRIs, canonical DOIs).
"""

from __future__ import annotations

import re
from collections import defaultdict

from catalogue.errors import InvalidRecord, Violation
from catalogue.records import (
    Agent,
    Attribution,
    Distribution,
    Identifier,
    Record,
    Relation,
    Term,
    Text,
    Texts,
)
from harvesters.formats.identifier_schemes import is_iri, is_url, make_identifier
from harvesters.formats.oai_dc_coverage import choose_issued, read_coverage
from harvesters.formats.oai_record import find_metadata, local_name, read_datestamp
from harvesters.formats.terms import make_term, sort_rights
from harvesters.safe_xml import Element, parse_xml

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ELEMENTS = frozenset(
    {
        "contributor", "coverage", "creator", "date", "description", "format", "identifier", "language",
        "publisher", "relation", "rights", "source", "subject", "title", "type",
    }
)  # fmt: skip

_LINE_BREAKS = re.compile(r"[ \t]*\r?\n[ \t]*")
_EMBARGO_END = "info:eu-repo/date/embargoend/"
_ALTERNATIVE_ID = re.compile(
    r"info:eu-repo/semantics/altIdentifier/(?P<scheme>\w+)/(?P<value>\S+)", re.IGNORECASE
)
_REFERENCE = re.compile(
    r"info:eu-repo/semantics/(?:reference|dataset)/(?P<scheme>\w+)/(?P<value>\S+)", re.IGNORECASE
)
_GRANT = re.compile(r"info:eu-repo/grantAgreement/", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"(?:application|audio|chemical|font|image|model|multipart|text|video)/[\w.+-]+")
_FILE_NAME = re.compile(r"https?://[^/]+/[^?#]*\.(?P<suffix>[a-zA-Z][a-zA-Z0-9]{0,6})(?:[?#].*)?", re.DOTALL)
_PAGE_SUFFIXES = frozenset({"htm", "html", "xhtml", "shtml", "php", "asp", "aspx", "jsp", "jsf", "do", "cgi"})


class OaiDc:
    """The format `oai_dc`."""

    name = "oai_dc"
    label = "Dublin Core (OAI-PMH oai_dc)"

    def parse(self, payload: bytes, media_type: str, remote_id: str) -> Record:
        """Return the record. Raises InvalidRecord for XML that is broken, deleted, or without a title."""
        root = parse_xml(payload)
        container = find_metadata(root, {"dc"}, "an oai_dc:dc element")
        return _Reading(container).to_record(read_datestamp(root))


FORMAT = OaiDc()


class _Reading:
    """One oai_dc:dc element, its texts by element name in the order of the document."""

    def __init__(self, container: Element) -> None:
        self.texts: dict[str, list[Text]] = defaultdict(list)
        for child in container:
            name = local_name(child)
            value = _read_text(child) if name in ELEMENTS else ""
            # "-" and the like stand for nothing at all
            if any(char.isalnum() for char in value):
                self.texts[name].append(Text(value, child.get(XML_LANG, "").strip()))

    def to_record(self, datestamp: str) -> Record:
        titles = self.take("title")
        if not titles:
            message = "The record has no title; fill in dc:title at the source."
            raise InvalidRecord(message, (Violation("title", message),))
        identifiers, landing_pages, files = self.read_identifiers()
        rights = sort_rights(
            [make_term(text.value, lang=text.lang) for text in self.take("rights")]
            + [Term(iri=value) for value in self.values("date") if value.casefold().startswith(_EMBARGO_END)]
        )
        publisher, further_publishers = self.read_publishers()
        subjects = [text.value for text in self.take("subject") if is_iri(text.value)]
        spatial, temporal = read_coverage(self.take("coverage"))
        return Record(
            title=titles,
            description=self.take("description"),
            identifiers=identifiers,
            landing_pages=landing_pages,
            publisher=publisher,
            creators=tuple(Agent(name=(text,)) for text in self.take("creator")),
            attributions=(
                *(Attribution(agent, "dct:publisher") for agent in further_publishers),
                *(Attribution(Agent(name=(text,)), "dct:contributor") for text in self.take("contributor")),
            ),
            keywords=tuple(text for text in self.take("subject") if not is_iri(text.value)),
            subjects=tuple(Term(iri=value) for value in subjects),
            types=tuple(make_term(value) for value in self.values("type")),
            languages=tuple(make_term(value) for value in self.values("language")),
            issued=choose_issued(self.values("date")),
            license=rights.license,
            access_rights=rights.access_rights,
            rights=rights.rights,
            spatial=spatial,
            temporal=temporal,
            relations=self.read_relations(),
            distributions=self.read_distributions(files),
            record_modified=datestamp,
        )

    def take(self, name: str) -> Texts:
        """Return the element's different texts in order."""
        return tuple(dict.fromkeys(self.texts.get(name, ())))

    def values(self, name: str) -> list[str]:
        """Return the element's different texts without their languages."""
        return list(dict.fromkeys(text.value for text in self.texts.get(name, ())))

    def read_identifiers(self) -> tuple[tuple[Identifier, ...], tuple[str, ...], list[str]]:
        """Return identifiers, landing pages and file addresses.

        A URL is where the dataset's page is; a DOI's URL only if there is no other page.
        """
        identifiers: list[Identifier] = []
        pages: list[str] = []
        files: list[str] = []
        for value in self.values("identifier"):
            identifier = make_identifier(value)
            if identifier.scheme != "uri":
                identifiers.append(identifier)
                if identifier.scheme == "handle" and is_url(value):
                    pages.append(value)
            elif _is_file(value):
                files.append(value)
            else:
                pages.append(value)
        alternatives = map(_ALTERNATIVE_ID.fullmatch, self.values("relation"))
        identifiers += [make_identifier(match["value"], match["scheme"]) for match in alternatives if match]
        pages = pages or [item.value for item in identifiers if item.scheme == "doi" and is_url(item.value)]
        return tuple(dict.fromkeys(identifiers)), tuple(pages), files

    def read_publishers(self) -> tuple[Agent | None, list[Agent]]:
        """Return the publisher and any further ones; names in several languages are one publisher."""
        names = self.take("publisher")
        if not names:
            return None, []
        languages = {text.lang for text in names}
        if len(names) > 1 and len(languages) == len(names) and "" not in languages:
            return Agent(name=names), []
        return Agent(name=names[:1]), [Agent(name=(text,)) for text in names[1:]]

    def read_relations(self) -> tuple[Relation, ...]:
        """Return dc:source and dc:relation; words that are no address are the target and the label."""
        relations: list[Relation] = []
        for name in ("source", "relation"):
            for text in self.take(name):
                value = text.value
                if _ALTERNATIVE_ID.fullmatch(value):
                    continue
                if match := _REFERENCE.fullmatch(value):
                    relations.append(Relation("dct:references", match["value"]))
                elif _GRANT.match(value):
                    relations.append(Relation("schema:funding", value))
                else:
                    has_scheme = is_iri(value) or make_identifier(value).scheme
                    relations.append(Relation(f"dct:{name}", value, () if has_scheme else (text,)))
        return tuple(dict.fromkeys(relations))

    def read_distributions(self, files: list[str]) -> tuple[Distribution, ...]:
        """Return a distribution for each file address in dc:identifier or beside a type in dc:format.

        Without a file address dc:format says nothing that a user could act on. The one media type
        given is that of the one file; of several it can't be told which is whose.
        """
        media_types: list[str] = []
        distributions: list[Distribution] = []
        for value in self.values("format"):
            media_type, _space, address = value.partition(" ")
            if is_url(address) and _MEDIA_TYPE.fullmatch(media_type):
                distributions.append(_make_distribution(address.strip(), media_type))
            elif _MEDIA_TYPE.fullmatch(value):
                media_types.append(value)
        sole_type = media_types[0] if len(media_types) == len(files) == 1 else ""
        return (*(_make_distribution(address, sole_type) for address in files), *distributions)


def _make_distribution(address: str, media_type: str) -> Distribution:
    return Distribution(
        access_urls=(address,),
        download_urls=(address,),
        media_type=Term(raw=media_type) if media_type else None,
    )


def _is_file(address: str) -> bool:
    match = _FILE_NAME.fullmatch(address)
    return match is not None and match["suffix"].lower() not in _PAGE_SUFFIXES


def _read_text(element: Element) -> str:
    """Return the text without outer space; line breaks stay (paragraphs), the indentation does not."""
    text = "".join(map(str, element.itertext())) if len(element) else element.text or ""
    return _LINE_BREAKS.sub("\n", text.strip())
