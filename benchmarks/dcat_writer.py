"""Writing a dataset as RDF/XML the way real feeds do, with their defects.

DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/) in RDF/XML 1.1
(https://www.w3.org/TR/rdf-syntax-grammar/), well-formed always: what is wrong is in the values. The
same seed gives the same bytes, whatever the number of records.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from benchmarks.corpus_records import CorpusRecord

DEFECTS: Mapping[str, float] = MappingProxyType(
    {
        "date as plain text": 0.035,
        "datatype unexpanded": 0.005,
        "date without day": 0.02,
        "licence as text": 0.05,
        "licence as blank node": 0.006,
        "no language tags": 0.3,
        "language as literal": 0.28,
        "language twice": 0.02,
        "title twice in one language": 0.01,
        "language tag with underscore": 0.01,
        "machine translation": 0.03,
        "format as text": 0.35,
        "format as blank node": 0.04,
        "media type as text": 0.23,
        "theme as text": 0.11,
        "theme as blank node": 0.02,
        "access address as literal": 0.15,
        "space in an address": 0.01,
        "space in the dataset's IRI": 0.002,
        "size as decimal": 0.6,
        "size as words": 0.02,
        "publisher as blank node": 0.5,
        "contact as blank node": 0.87,
        "access rights as text": 0.05,
        "frequency as text": 0.1,
        "place as text": 0.1,
        "standard as text": 0.05,
        "period in old terms": 0.1,
        "markup in the description": 0.03,
        "title missing": 0.001,
    }
)
"""What is wrong, and in which share of the records (or of their distributions).

Dates, licences, languages, formats, themes, sizes, publishers and contacts: about as counted in 50 real
feeds. The other shares are chosen.
"""

NAMESPACES = MappingProxyType(
    {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "hydra": "http://www.w3.org/ns/hydra/core#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "schema": "http://schema.org/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
    }
)
XSD = "http://www.w3.org/2001/XMLSchema#"
EU = "http://publications.europa.eu/resource/authority/"
THEMES = ("TECH", "SOCI", "ENVI", "HEAL", "TRAN", "GOVE", "EDUC", "ECON", "AGRI", "ENER")
FORMATS = (
    ("CSV", "text/csv"),
    ("JSON", "application/json"),
    ("PARQUET", "application/vnd.apache.parquet"),
    ("ZIP", "application/zip"),
    ("XML", "application/xml"),
)
LANGUAGES = MappingProxyType(
    {"en": "ENG", "sv": "SWE", "de": "DEU", "fr": "FRA", "es": "SPA", "zh": "ZHO", "fi": "FIN"}
)
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class DatasetWriter:
    """Writes one dataset; `iri` is what a reader must know it by, `is_bad` whether none can take it."""

    def __init__(self, record: CorpusRecord, *, seed: int, edition: int = 1) -> None:
        self.record = record
        self.edition = edition
        self.dice = random.Random(f"{seed} {record.iri}")
        self.written_iri = record.iri
        if self.hits("space in the dataset's IRI"):
            self.written_iri = f"{record.iri} (copy)"
        self.iri = self.written_iri.replace(" ", "%20")
        self.is_bad = self.hits("title missing")
        self.tag = "" if self.hits("no language tags") or not record.languages else record.languages[0]

    def hits(self, defect: str) -> bool:
        return self.dice.random() < DEFECTS[defect]

    def write(self, *, nested: bool) -> str:
        """Return the dcat:Dataset element, its distributions inside it or after it."""
        distributions = [self.write_distribution(number) for number in range(self.dice.choice((1, 1, 2, 3)))]
        own = "".join(self.write_own())
        if nested:
            parts = "".join(f"<dcat:distribution>{text}</dcat:distribution>\n" for text in distributions)
            return f"<dcat:Dataset rdf:about={attribute(self.written_iri)}>\n{own}{parts}</dcat:Dataset>\n"
        links = "".join(
            point_to("dcat:distribution", self.name_distribution(number))
            for number in range(len(distributions))
        )
        after = "\n".join(distributions)
        return (
            f"<dcat:Dataset rdf:about={attribute(self.written_iri)}>\n{own}{links}</dcat:Dataset>\n{after}\n"
        )

    def write_own(self) -> Iterator[str]:
        """Yield what is said of the dataset itself."""
        record = self.record
        if not self.is_bad:
            yield from self.write_title()
        description = record.description
        if self.hits("markup in the description"):
            description = f"<p>{description}</p>"
        yield say("dct:description", description, lang=self.tag)
        yield say("dct:identifier", record.iri)
        for keyword in record.keywords:
            yield say("dcat:keyword", keyword, lang=self.tag)
        if record.landing_page:
            yield point_to("dcat:landingPage", record.landing_page)
        yield self.write_date("dct:issued", 2012, 2020)
        yield self.write_date("dct:modified", 2020, 2026)
        yield self.write_theme()
        yield from self.write_languages()
        yield self.write_publisher()
        yield self.write_contact()
        yield self.write_coded(
            "dct:accrualPeriodicity", "frequency as text", f"{EU}frequency/ANNUAL", "annual"
        )
        yield self.write_coded(
            "dct:accessRights", "access rights as text", f"{EU}access-right/PUBLIC", "public"
        )
        yield self.write_coded("dct:spatial", "place as text", f"{EU}country/SWE", "Sweden")
        yield self.write_period()
        if self.hits("standard as text"):
            yield say("dct:conformsTo", "INSPIRE")

    def write_title(self) -> Iterator[str]:
        title = self.record.title or self.iri
        if self.edition > 1:
            title += f", edition {self.edition}"
        tag = self.tag
        if self.hits("language tag with underscore"):
            tag = "en_GB"
        yield say("dct:title", title, lang=tag)
        if self.hits("title twice in one language"):
            yield say("dct:title", title.upper() + "!", lang=tag)
        if self.hits("machine translation"):
            yield say("dct:title", f"[sv] {title}", lang="sv-t-en-t0-mtec")

    def write_date(self, name: str, first: int, last: int) -> str:
        date = f"{self.dice.randint(first, last)}-{self.dice.randint(1, 12):02}-{self.dice.randint(1, 28):02}"
        if self.hits("date as plain text"):
            return say(name, f"{date} 00:00:00")
        if self.hits("datatype unexpanded"):
            return say(name, f"{date}T12:00:00Z", datatype="xsd:dateTime")
        if self.hits("date without day"):
            return say(name, date[:7], datatype=f"{XSD}gYearMonth")
        if self.dice.random() < 0.5:
            return say(name, f"{date}T12:00:00Z", datatype=f"{XSD}dateTime")
        return say(name, date, datatype=f"{XSD}date")

    def write_theme(self) -> str:
        theme = self.dice.choice(THEMES)
        if self.hits("theme as text"):
            return say("dcat:theme", theme.lower())
        if self.hits("theme as blank node"):
            label = say("skos:prefLabel", theme.title(), lang="en")
            return f"<dcat:theme><skos:Concept>{label}</skos:Concept></dcat:theme>\n"
        return point_to("dcat:theme", f"{EU}data-theme/{theme}")

    def write_languages(self) -> Iterator[str]:
        for code in self.record.languages[:5]:
            if self.hits("language as literal") or code not in LANGUAGES:
                yield say("dct:language", code)
            else:
                yield point_to("dct:language", f"{EU}language/{LANGUAGES[code]}")
            if self.hits("language twice"):
                yield say("dct:language", code.upper())

    def write_publisher(self) -> str:
        name = self.record.publisher
        if not name:
            return ""
        about = ""
        if not self.hits("publisher as blank node"):
            about = f" rdf:about={attribute('https://data.example.org/agent/' + quote(name, safe=''))}"
        agent = f"<foaf:Agent{about}>{say('foaf:name', name, lang=self.tag)}</foaf:Agent>"
        return f"<dct:publisher>{agent}</dct:publisher>\n"

    def write_contact(self) -> str:
        name = self.record.publisher or "Help desk"
        about = "" if self.hits("contact as blank node") else f" rdf:about={attribute(self.iri + '#contact')}"
        address = f"data-{len(name)}@example.org"
        inside = say("vcard:fn", name) + point_to("vcard:hasEmail", f"mailto:{address}")
        kind = "vcard:Organization"
        return f"<dcat:contactPoint><{kind}{about}>{inside}</{kind}></dcat:contactPoint>\n"

    def write_coded(self, name: str, defect: str, iri: str, words: str) -> str:
        return say(name, words) if self.hits(defect) else point_to(name, iri)

    def write_period(self) -> str:
        start, end = ("dcat:startDate", "dcat:endDate")
        if self.hits("period in old terms"):
            start, end = ("schema:startDate", "schema:endDate")
        year = self.dice.randint(1990, 2015)
        dates = say(start, f"{year}-01-01", datatype=f"{XSD}date") + say(
            end, f"{year + 5}", datatype=f"{XSD}gYear"
        )
        return f"<dct:temporal><dct:PeriodOfTime>{dates}</dct:PeriodOfTime></dct:temporal>\n"

    def name_distribution(self, number: int) -> str:
        return f"{self.iri}#distribution-{number + 1}"

    def write_distribution(self, number: int) -> str:
        """Return one dcat:Distribution element."""
        return (
            f"<dcat:Distribution rdf:about={attribute(self.name_distribution(number))}>\n"
            f"{''.join(self.write_access(number))}</dcat:Distribution>"
        )

    def write_access(self, number: int) -> Iterator[str]:
        """Yield what is said of a distribution."""
        format_name, media_type = self.dice.choice(FORMATS)
        address = f"{self.record.landing_page or self.iri}/files/{number + 1}.{format_name.lower()}"
        if self.hits("space in an address"):
            address = address.replace("/files/", "/our files/")
        yield say("dct:title", f"Part {number + 1} as {format_name}", lang=self.tag)
        if self.hits("access address as literal"):
            yield say("dcat:accessURL", address)
        else:
            yield point_to("dcat:accessURL", address)
        yield point_to("dcat:downloadURL", address)
        if self.hits("format as text"):
            yield say("dct:format", f".{format_name.lower()}")
        elif self.hits("format as blank node"):
            yield f"<dct:format><dct:MediaTypeOrExtent>{say('rdfs:label', format_name)}</dct:MediaTypeOrExtent></dct:format>\n"
        else:
            yield point_to("dct:format", f"{EU}file-type/{format_name}")
        if self.hits("media type as text"):
            yield say("dcat:mediaType", media_type)
        else:
            yield point_to("dcat:mediaType", f"https://www.iana.org/assignments/media-types/{media_type}")
        yield self.write_size()
        yield self.write_license()

    def write_size(self) -> str:
        size = self.dice.randint(1000, 10**9)
        if self.hits("size as words"):
            return say("dcat:byteSize", f"{size // 1000} kB")
        if self.hits("size as decimal"):
            return say("dcat:byteSize", f"{size}.0", datatype=f"{XSD}decimal")
        return say("dcat:byteSize", str(size), datatype=f"{XSD}nonNegativeInteger")

    def write_license(self) -> str:
        record = self.record
        if not record.license and not record.license_url:
            return ""
        if self.hits("licence as blank node"):
            label = say("dct:title", record.license or "See our terms")
            return f"<dct:license><dct:LicenseDocument>{label}</dct:LicenseDocument></dct:license>\n"
        if not record.license_url or self.hits("licence as text"):
            return say("dct:license", record.license or "See our terms")
        return point_to("dct:license", record.license_url)


def say(name: str, words: str, *, lang: str = "", datatype: str = "") -> str:
    """Return an element with words in it."""
    more = (
        f" xml:lang={attribute(lang)}" if lang else f" rdf:datatype={attribute(datatype)}" if datatype else ""
    )
    return f"<{name}{more}>{escape(NOT_IN_XML.sub('', words))}</{name}>\n"


def point_to(name: str, iri: str) -> str:
    """Return an element with a link."""
    return f"<{name} rdf:resource={attribute(iri)}/>\n"


def attribute(value: str) -> str:
    return quoteattr(NOT_IN_XML.sub("", value))
