"""Records as OAI-PMH metadata: Dublin Core and DataCite.

oai_dc: https://www.openarchives.org/OAI/2.0/guidelines-oai_dc.htm ; DataCite Metadata Schema 4.6
(https://schema.datacite.org/meta/kernel-4.6/) in the envelope of DataCite's own OAI-PMH server.
A record without DOI has its landing page as identifier, as repositories do that mint none.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from harvesters.samples.records import SampleRecord
from harvesters.samples.spellings import FORMATS, LANGUAGES, LICENSES, choose, spell_license

Element = Any  # lxml gives its element type no public name

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
OAI_DATACITE = "http://schema.datacite.org/oai/oai-1.1/"
DATACITE = "http://datacite.org/schema/kernel-4"
ENVELOPE_NSMAP: Any = {None: OAI_DATACITE, "xsi": XSI}  # lxml's types forbid the None that it wants
DATACITE_NSMAP: Any = {None: DATACITE, "xsi": XSI}

METADATA_FORMATS = {
    "oai_dc": ("http://www.openarchives.org/OAI/2.0/oai_dc.xsd", OAI_DC),
    "oai_datacite": ("http://schema.datacite.org/oai/oai-1.1/oai.xsd", OAI_DATACITE),
}
"""Metadata prefix -> schema, namespace."""

ACCESS_WORDS = {
    "PUBLIC": "info:eu-repo/semantics/openAccess",
    "RESTRICTED": "info:eu-repo/semantics/restrictedAccess",
    "NON_PUBLIC": "info:eu-repo/semantics/closedAccess",
}


def build_dublin_core(record: SampleRecord) -> Element:
    """Return the oai_dc:dc element."""
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd")

    def add(name: str, text: str, lang: str = "") -> None:
        _add(root, DC, name, text, lang)

    for lang, text in record.title.items():
        add("title", text, lang)
    for creator in record.creators or (record.publisher.name["en"],):
        add("creator", creator)
    for lang, words in record.keywords.items():
        for word in words:
            add("subject", word, lang)
    for lang, text in record.description.items():
        add("description", text, lang)
    add("publisher", record.publisher.name["en"])
    if record.issued:
        add("date", record.issued)
    add("type", "Dataset")
    for label in dict.fromkeys(FORMATS[file.format].label for file in record.files):
        add("format", label)
    if record.doi:
        add("identifier", (f"https://doi.org/{record.doi}", f"doi:{record.doi}")[choose(record.id, 2)])
    add("identifier", record.landing_page)
    for code in record.languages:
        add("language", (LANGUAGES.get(code, code), code)[choose(record.id, 2)])
    for place in record.places:
        add("coverage", place.name["en"])
    if record.temporal:
        add("coverage", "/".join(record.temporal).strip("/"))
    add("rights", ACCESS_WORDS[record.access])
    if record.license:
        add("rights", spell_license(record.license, record.id))
    return root


def build_datacite(record: SampleRecord) -> Element:
    """Return the oai_datacite element with the DataCite resource as its payload."""
    root = etree.Element(f"{{{OAI_DATACITE}}}oai_datacite", nsmap=ENVELOPE_NSMAP)
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DATACITE} {METADATA_FORMATS['oai_datacite'][0]}")
    _add(root, OAI_DATACITE, "schemaVersion", "4")
    _add(root, OAI_DATACITE, "datacentreSymbol", "SAMPLE.REPO")
    payload = etree.SubElement(root, f"{{{OAI_DATACITE}}}payload")
    payload.append(build_resource(record))
    return root


def build_resource(record: SampleRecord) -> Element:
    """Return the DataCite resource element, its children in the schema's order."""
    root = etree.Element(f"{{{DATACITE}}}resource", nsmap=DATACITE_NSMAP)
    schema = "http://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
    root.set(f"{{{XSI}}}schemaLocation", f"{DATACITE} {schema}")

    def group(name: str) -> Element:
        return etree.SubElement(root, f"{{{DATACITE}}}{name}")

    def add(parent: Element, name: str, text: str, lang: str = "", **attributes: str) -> Element:
        return _add(parent, DATACITE, name, text, lang, **attributes)

    if record.doi:
        add(root, "identifier", record.doi, identifierType="DOI")
    else:
        add(root, "identifier", record.landing_page, identifierType="URL")
    creators = group("creators")
    for name in record.creators or (record.publisher.name["en"],):
        creator = etree.SubElement(creators, f"{{{DATACITE}}}creator")
        add(creator, "creatorName", name, nameType="Organizational")
    titles = group("titles")
    for lang, text in record.title.items():
        add(titles, "title", text, lang)
    add(root, "publisher", record.publisher.name["en"], "en")
    add(root, "publicationYear", record.issued[:4])
    add(root, "resourceType", "Dataset", resourceTypeGeneral="Dataset")
    subjects = group("subjects")
    for lang, words in record.keywords.items():
        for word in words:
            add(subjects, "subject", word, lang)
    dates = group("dates")
    add(dates, "date", record.issued, dateType="Issued")
    if record.modified:
        add(dates, "date", record.modified, dateType="Updated")
    if record.temporal:
        add(dates, "date", "/".join(record.temporal), dateType="Collected")
    for code in record.languages[:1]:  # the schema knows one language
        add(root, "language", code)
    if record.doi:
        alternates = group("alternateIdentifiers")
        add(alternates, "alternateIdentifier", record.landing_page, alternateIdentifierType="URL")
    if formats := dict.fromkeys(FORMATS[file.format].label for file in record.files):
        parent = group("formats")
        for label in formats:
            add(parent, "format", label)
    if record.version:
        add(root, "version", record.version)
    rights = group("rightsList")
    add(rights, "rights", "", rightsURI=ACCESS_WORDS[record.access])
    if record.license:
        uri = spell_license(record.license, record.id)
        add(rights, "rights", LICENSES[record.license].title, rightsURI=uri)
    descriptions = group("descriptions")
    for lang, text in record.description.items():
        add(descriptions, "description", text, lang, descriptionType="Abstract")
    if record.places:
        _add_places(group("geoLocations"), record)
    return root


def _add_places(parent: Element, record: SampleRecord) -> None:
    for place in record.places:
        location = etree.SubElement(parent, f"{{{DATACITE}}}geoLocation")
        _add(location, DATACITE, "geoLocationPlace", place.name["en"])
        if place.bbox:
            box = etree.SubElement(location, f"{{{DATACITE}}}geoLocationBox")
            west, south, east, north = place.bbox
            _add(box, DATACITE, "westBoundLongitude", str(west))
            _add(box, DATACITE, "eastBoundLongitude", str(east))
            _add(box, DATACITE, "southBoundLatitude", str(south))
            _add(box, DATACITE, "northBoundLatitude", str(north))


def _add(parent: Element, namespace: str, name: str, text: str, lang: str = "", **attributes: str) -> Element:
    child = etree.SubElement(parent, f"{{{namespace}}}{name}", attributes)
    child.text = text
    if lang:
        child.set(XML_LANG, lang)
    return child
