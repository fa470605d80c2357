"""The vocabularies that the catalogue speaks, as plain strings, and CURIEs for them.

    DCT.title                  -> "http://purl.org/dc/terms/title"
    SPDX["checksumAlgorithm_sha256"], FILE_TYPE("CSV"), str(DCAT)
    curie(DCT.title)           -> "dct:title"

Spellings follow DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/) and HealthDCAT-AP
Release 8 (https://healthdataeu.pages.code.europa.eu/healthdcat-ap/), whose namespace is provisional.
Nothing here says which terms exist in a vocabulary: shapes and concepts.py do.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final


class Namespace:
    """The front part of IRIs: an attribute, item or call adds the local name to it.

    Not a `str`, so that names such as `title` and `format` are terms and not methods of `str`.
    """

    def __init__(self, base: str) -> None:
        self.__dict__["__base"] = base

    def __getattr__(self, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)  # copy, pickle and friends ask for what isn't there
        iri: str = self.__dict__["__base"] + name
        self.__dict__[name] = iri  # the next look-up does not come here
        return iri

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{self!r} is constant")

    def __getitem__(self, name: str) -> str:
        return f"{self}{name}"

    def __call__(self, name: str) -> str:
        return f"{self}{name}"

    def __contains__(self, iri: str) -> bool:
        """Whether the IRI begins with this namespace."""
        return iri.startswith(str(self))

    def __str__(self) -> str:
        base: str = self.__dict__["__base"]
        return base

    def __repr__(self) -> str:
        return f"Namespace({str(self)!r})"


# W3C and friends
RDF: Final = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS: Final = Namespace("http://www.w3.org/2000/01/rdf-schema#")
OWL: Final = Namespace("http://www.w3.org/2002/07/owl#")
XSD: Final = Namespace("http://www.w3.org/2001/XMLSchema#")
SKOS: Final = Namespace("http://www.w3.org/2004/02/skos/core#")
SH: Final = Namespace("http://www.w3.org/ns/shacl#")
PROV: Final = Namespace("http://www.w3.org/ns/prov#")
TIME: Final = Namespace("http://www.w3.org/2006/time#")
ORG: Final = Namespace("http://www.w3.org/ns/org#")
ODRL: Final = Namespace("http://www.w3.org/ns/odrl/2/")
LDP: Final = Namespace("http://www.w3.org/ns/ldp#")
CSVW: Final = Namespace("http://www.w3.org/ns/csvw#")
DQV: Final = Namespace("http://www.w3.org/ns/dqv#")
OA: Final = Namespace("http://www.w3.org/ns/oa#")
DPV: Final = Namespace("https://w3id.org/dpv#")
HYDRA: Final = Namespace("http://www.w3.org/ns/hydra/core#")
VOID: Final = Namespace("http://rdfs.org/ns/void#")

# Catalogues
DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")
DCT: Final = Namespace("http://purl.org/dc/terms/")
DC: Final = Namespace("http://purl.org/dc/elements/1.1/")
DCMITYPE: Final = Namespace("http://purl.org/dc/dcmitype/")
FOAF: Final = Namespace("http://xmlns.com/foaf/0.1/")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
ADMS: Final = Namespace("http://www.w3.org/ns/adms#")
SPDX: Final = Namespace("http://spdx.org/rdf/terms#")
DCATAP: Final = Namespace("http://data.europa.eu/r5r/")
GEODCATAP: Final = Namespace("http://data.europa.eu/930/")
HEALTHDCATAP: Final = Namespace("http://healthdataportal.eu/ns/health#")
MLDCATAP: Final = Namespace("http://data.europa.eu/it6/")
CV: Final = Namespace("http://data.europa.eu/m8g/")
ELI: Final = Namespace("http://data.europa.eu/eli/ontology#")
LOCN: Final = Namespace("http://www.w3.org/ns/locn#")
GEOSPARQL: Final = Namespace("http://www.opengis.net/ont/geosparql#")
SF: Final = Namespace("http://www.opengis.net/ont/sf#")
SCHEMA: Final = Namespace("http://schema.org/")
SCHEMA_HTTPS: Final = Namespace("https://schema.org/")
CROISSANT: Final = Namespace("http://mlcommons.org/croissant/")
CROISSANT_RAI: Final = Namespace("http://mlcommons.org/croissant/RAI/")
DSPACE: Final = Namespace("https://w3id.org/dspace/2025/1/")
FDP: Final = Namespace("https://w3id.org/fdp/fdp-o#")
R3D: Final = Namespace("http://www.re3data.org/schema/3-0#")
BIBO: Final = Namespace("http://purl.org/ontology/bibo/")
PAV: Final = Namespace("http://purl.org/pav/")
DATACITE: Final = Namespace("http://purl.org/spar/datacite/")

# Authority tables of the EU Publications Office: bases of concept IRIs
EU_AUTHORITY: Final = Namespace("http://publications.europa.eu/resource/authority/")
ACCESS_RIGHT: Final = Namespace("http://publications.europa.eu/resource/authority/access-right/")
CORPORATE_BODY: Final = Namespace("http://publications.europa.eu/resource/authority/corporate-body/")
COUNTRY: Final = Namespace("http://publications.europa.eu/resource/authority/country/")
CONTINENT: Final = Namespace("http://publications.europa.eu/resource/authority/continent/")
PLACE: Final = Namespace("http://publications.europa.eu/resource/authority/place/")
DATA_THEME: Final = Namespace("http://publications.europa.eu/resource/authority/data-theme/")
DATASET_TYPE: Final = Namespace("http://publications.europa.eu/resource/authority/dataset-type/")
DISTRIBUTION_STATUS: Final = Namespace(
    "http://publications.europa.eu/resource/authority/distribution-status/"
)
DISTRIBUTION_TYPE: Final = Namespace("http://publications.europa.eu/resource/authority/distribution-type/")
FILE_TYPE: Final = Namespace("http://publications.europa.eu/resource/authority/file-type/")
FREQUENCY: Final = Namespace("http://publications.europa.eu/resource/authority/frequency/")
LANGUAGE: Final = Namespace("http://publications.europa.eu/resource/authority/language/")
LICENCE: Final = Namespace("http://publications.europa.eu/resource/authority/licence/")
PLANNED_AVAILABILITY: Final = Namespace(
    "http://publications.europa.eu/resource/authority/planned-availability/"
)

# Other bases of concept IRIs
ADMS_PUBLISHER_TYPE: Final = Namespace("http://purl.org/adms/publishertype/")
EUROVOC: Final = Namespace("http://eurovoc.europa.eu/")
HDEU_AUTHORITY: Final = Namespace("https://hdeu-dcat.data.health.europa.eu/resource/authority/")
HVD_CATEGORY: Final = Namespace("http://data.europa.eu/bna/")
EU_ELI: Final = Namespace("http://data.europa.eu/eli/")
IANA_MEDIA_TYPE: Final = Namespace("http://www.iana.org/assignments/media-types/")
CLD_FREQUENCY: Final = Namespace("http://purl.org/cld/freq/")
CREATIVE_COMMONS: Final = Namespace("http://creativecommons.org/")

# Names of our own, for what only this catalogue's graphs say
MIMISBRUNN: Final = Namespace("urn:mimisbrunn:")

PREFIXES: Final = MappingProxyType(
    {
        "rdf": str(RDF),
        "rdfs": str(RDFS),
        "owl": str(OWL),
        "xsd": str(XSD),
        "skos": str(SKOS),
        "sh": str(SH),
        "prov": str(PROV),
        "time": str(TIME),
        "org": str(ORG),
        "odrl": str(ODRL),
        "ldp": str(LDP),
        "csvw": str(CSVW),
        "dqv": str(DQV),
        "oa": str(OA),
        "dpv": str(DPV),
        "hydra": str(HYDRA),
        "void": str(VOID),
        "dcat": str(DCAT),
        "dct": str(DCT),
        "dc": str(DC),
        "dcmitype": str(DCMITYPE),
        "foaf": str(FOAF),
        "vcard": str(VCARD),
        "adms": str(ADMS),
        "spdx": str(SPDX),
        "dcatap": str(DCATAP),
        "geodcatap": str(GEODCATAP),
        "healthdcatap": str(HEALTHDCATAP),
        "mldcatap": str(MLDCATAP),
        "cv": str(CV),
        "eli": str(ELI),
        "locn": str(LOCN),
        "geosparql": str(GEOSPARQL),
        "sf": str(SF),
        "schema": str(SCHEMA),
        "cr": str(CROISSANT),
        "rai": str(CROISSANT_RAI),
        "dspace": str(DSPACE),
        "fdp-o": str(FDP),
        "r3d": str(R3D),
        "bibo": str(BIBO),
        "pav": str(PAV),
        "datacite": str(DATACITE),
        "euvoc": "http://publications.europa.eu/ontology/euvoc#",
        "at": str(EU_AUTHORITY),
        "hdeu": str(HDEU_AUTHORITY),
        "mimisbrunn": str(MIMISBRUNN),
    }
)
"""Prefix -> namespace, for Turtle, SPARQL and CURIEs. The longest namespace that fits an IRI wins."""

_LONGEST_FIRST = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))
_ENDS_LOCAL_NAME = frozenset("/#?:")


def curie(iri: str) -> str:
    """Return the IRI as `prefix:name`; unchanged where no prefix fits or the rest is no simple name."""
    for prefix, namespace in _LONGEST_FIRST:
        if iri.startswith(namespace):
            name = iri[len(namespace) :]
            if name and not _ENDS_LOCAL_NAME.intersection(name):
                return f"{prefix}:{name}"
    return iri


def expand(name: str) -> str:
    """Return the IRI that a CURIE stands for; unchanged where its prefix is not one of ours."""
    prefix, colon, local = name.partition(":")
    namespace = PREFIXES.get(prefix) if colon and not local.startswith("//") else None
    return f"{namespace}{local}" if namespace else name
