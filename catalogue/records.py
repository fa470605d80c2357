"""The contract between harvest and catalogue: one record as a tree of frozen dataclasses.

Field names follow DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/); the comment
beside a field names its property where the name alone does not. A field left empty was not stated.

What normalisation changed is never lost: a `Term` keeps the source's word in `raw`, and every other
changed value has an entry in `Record.normalised`.

This module knows no Django, no RDF and no store. JSON: see `catalogue/record_json.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["dataset", "series", "service"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words in one language. `lang` is a BCP 47 tag, "" where the source gave none."""

    value: str
    lang: str = ""

    @property
    def is_machine_translated(self) -> bool:
        """Whether the tag says so (BCP 47 extension T, e.g. `sv-t-en-t0-mtec`; RFC 6497)."""
        return "-t-" in f"{self.lang.lower()}-"


Texts = tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A coded value: licence, theme, format, language, role ...

    `iri` is the authority's IRI, or the source's own when no authority's fits, or "". `raw` is what
    the source wrote, kept where it differs from `iri`. `label` is what the source called it.
    """

    iri: str = ""
    label: Texts = ()
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier with its scheme: `doi`, `handle`, `urn`, `uri`, `isbn`, `orcid`, `ror`, `orgnr`, or ""."""

    value: str
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """foaf:Agent: a publisher or creator."""

    name: Texts = ()
    iri: str = ""
    type: Term | None = None  # dct:type
    identifiers: tuple[Identifier, ...] = ()
    homepage: str = ""
    email: str = ""
    is_person: bool = False
    affiliation: Texts = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """vcard:Kind: whom to ask."""

    name: Texts = ()
    iri: str = ""
    email: str = ""  # without mailto:
    phone: str = ""
    url: str = ""
    is_person: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """dct:PeriodOfTime. Dates are ISO 8601, as exact as the source gave them; "" is open."""

    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """dct:Location. `bbox` is west, south, east, north in degrees (WGS 84); `geometry` is WKT."""

    iri: str = ""
    label: Texts = ()
    bbox: tuple[float, float, float, float] | None = None
    geometry: str = ""
    centroid: tuple[float, float] | None = None  # longitude, latitude


@dataclass(frozen=True, slots=True)
class Checksum:
    """spdx:Checksum. `algorithm` is the SPDX IRI's last part, e.g. `checksumAlgorithm_sha256`."""

    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A link to another resource.

    `kind` is the property's CURIE (`dct:relation`, `dct:source`, `dcat:hasVersion`, `dct:isReferencedBy`,
    `dcat:inSeries`, `foaf:page` ...), `role` the dcat:hadRole of a dcat:Relationship.
    """

    kind: str
    target: str  # an IRI or an identifier
    label: Texts = ()
    role: str = ""


@dataclass(frozen=True, slots=True)
class Attribution:
    """prov:qualifiedAttribution: an agent with a role other than publisher and creator."""

    agent: Agent
    role: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """foaf:Document or dct:Standard: something to read."""

    iri: str = ""
    label: Texts = ()


@dataclass(frozen=True, slots=True)
class DataService:
    """dcat:DataService, in a distribution's accessService or as a record of its own."""

    iri: str = ""
    title: Texts = ()
    description: Texts = ()
    endpoint_urls: tuple[str, ...] = ()
    endpoint_descriptions: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()  # dcat:servesDataset: IRIs
    formats: tuple[Term, ...] = ()
    conforms_to: tuple[Document, ...] = ()
    license: Term | None = None
    access_rights: Term | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """dcat:Distribution."""

    iri: str = ""
    title: Texts = ()
    description: Texts = ()
    access_urls: tuple[str, ...] = ()
    download_urls: tuple[str, ...] = ()
    format: Term | None = None
    media_type: Term | None = None
    compress_format: Term | None = None
    package_format: Term | None = None
    byte_size: int | None = None
    checksum: Checksum | None = None
    license: Term | None = None
    rights: tuple[Term, ...] = ()
    access_rights: Term | None = None
    policy: str = ""  # odrl:hasPolicy: IRI
    availability: Term | None = None  # dcatap:availability
    status: Term | None = None  # adms:status
    issued: str = ""
    modified: str = ""
    languages: tuple[Term, ...] = ()
    conforms_to: tuple[Document, ...] = ()
    documentation: tuple[Document, ...] = ()  # foaf:page
    access_services: tuple[DataService, ...] = ()
    spatial_resolution_m: float | None = None
    temporal_resolution: str = ""  # xsd:duration
    legislation: tuple[str, ...] = ()  # dcatap:applicableLegislation: ELI IRIs


@dataclass(frozen=True, slots=True)
class Normalised:
    """One value that normalisation changed, outside a Term. `field` is a path such as `issued`."""

    field: str
    raw: str
    value: str
    rule: str


@dataclass(frozen=True, slots=True)
class Record:
    """A dataset, dataset series or data service as one source (or the resolver) describes it."""

    kind: Kind = "dataset"
    iri: str = ""  # the source's own IRI for it
    title: Texts = ()
    description: Texts = ()
    identifiers: tuple[Identifier, ...] = ()  # dct:identifier, adms:identifier
    landing_pages: tuple[str, ...] = ()
    publisher: Agent | None = None
    creators: tuple[Agent, ...] = ()
    attributions: tuple[Attribution, ...] = ()
    contacts: tuple[Contact, ...] = ()
    keywords: Texts = ()
    themes: tuple[Term, ...] = ()  # dcat:theme
    subjects: tuple[Term, ...] = ()  # dct:subject
    types: tuple[Term, ...] = ()  # dct:type
    access_rights: Term | None = None
    rights: tuple[Term, ...] = ()
    license: Term | None = None  # where the source states one on the dataset itself
    policy: str = ""  # odrl:hasPolicy: IRI
    languages: tuple[Term, ...] = ()
    frequency: Term | None = None  # dct:accrualPeriodicity
    issued: str = ""  # ISO 8601 date or date-time, year alone is legal
    modified: str = ""
    version: str = ""
    version_notes: Texts = ()
    provenance: Texts = ()  # dct:provenance
    spatial: tuple[Place, ...] = ()
    temporal: tuple[Period, ...] = ()
    spatial_resolution_m: float | None = None
    temporal_resolution: str = ""  # xsd:duration
    conforms_to: tuple[Document, ...] = ()
    documentation: tuple[Document, ...] = ()  # foaf:page
    samples: tuple[str, ...] = ()  # adms:sample
    relations: tuple[Relation, ...] = ()
    was_generated_by: tuple[str, ...] = ()  # prov:wasGeneratedBy: IRIs
    legislation: tuple[str, ...] = ()  # dcatap:applicableLegislation: ELI IRIs
    hvd_categories: tuple[Term, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    service: DataService | None = None  # only for kind "service"
    record_issued: str = ""  # dcat:CatalogRecord issued and modified at the source
    record_modified: str = ""
    detected_language: str = ""  # enrichment: ISO 639-1 of title and description, "" when unsure
    normalised: tuple[Normalised, ...] = ()
