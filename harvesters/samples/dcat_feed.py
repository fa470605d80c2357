"""One page of a DCAT feed: DCAT-AP-SE 3.0.1 in RDF/XML, paged with Hydra.

DCAT-AP-SE 3.0.1: https://docs.dataportal.se/dcat/3.0.1/sv/ ; Hydra core vocabulary:
https://www.hydra-cg.com/spec/latest/core/. As the national portal demands, every IRI is absolute and
catalogue, dataset, distribution, publisher and contact have one; places and periods are blank nodes.
Data services and dataset series are not in the sample.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from harvesters.samples.listing import Slice
from harvesters.samples.records import File, Location, Publisher, SampleRecord, Words
from harvesters.samples.spellings import EU, FORMATS, IANA, choose, spell_language, spell_license

IRIS = "https://dataportal.example/"
"""Base of the feed's IRIs: the same wherever the server runs, so that records keep their identity."""
MEDIA_TYPE = "application/rdf+xml; charset=utf-8"

NS = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "adms": "http://www.w3.org/ns/adms#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
}
XSD = "http://www.w3.org/2001/XMLSchema#"
WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
PUBLISHER_TYPES = "http://purl.org/adms/publishertype/"
CC_BY = "http://creativecommons.org/licenses/by/4.0/"

OWNER = Publisher(
    name={"sv": "Exempelportalen", "en": "The example portal"},
    homepage=IRIS,
    uri=f"{IRIS}organisation/portal",
)

Element = Any  # lxml gives its element type no public name


def render_page(page: Slice, url: str) -> bytes:
    """Return the page as RDF/XML. `url` is the feed's own address, without a query."""
    root = etree.Element(_name("rdf:RDF"), nsmap=NS)
    _add_paging(root, page, url)
    _add_catalog(root, page)
    agents = {_publisher_iri(OWNER): OWNER}
    for record in page.records:
        agents.setdefault(_publisher_iri(record.publisher), record.publisher)
        _add_dataset(root, record)
    for iri, agent in agents.items():
        _add_agent(root, iri, agent)
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return body


def dataset_iri(record: SampleRecord) -> str:
    """Return the record's IRI in the feed."""
    return f"{IRIS}dataset/{record.id}"


def _add_paging(root: Element, page: Slice, url: str) -> None:
    collection = _add_node(root, "hydra:Collection", url)
    _add_literal(collection, "hydra:totalItems", str(page.total), datatype=f"{XSD}integer")
    _add_link(collection, "hydra:view", f"{url}?page={page.number}")
    view = _add_node(root, "hydra:PartialCollectionView", f"{url}?page={page.number}")
    _add_link(view, "hydra:first", f"{url}?page=1")
    if page.number > 1:
        _add_link(view, "hydra:previous", f"{url}?page={page.number - 1}")
    if page.next_offset is not None:
        _add_link(view, "hydra:next", f"{url}?page={page.next_offset // page.size + 1}")
    _add_link(view, "hydra:last", f"{url}?page={page.last_number}")


def _add_catalog(root: Element, page: Slice) -> None:
    catalog = _add_node(root, "dcat:Catalog", f"{IRIS}catalog")
    _add_words(
        catalog, "dcterms:title", {"sv": "Exempelportalens katalog", "en": "Catalogue of the example portal"}
    )
    _add_words(
        catalog,
        "dcterms:description",
        {
            "sv": "Beskrivningar av verkliga öppna data, samlade för att visa hur skördning går till.",
            "en": "Descriptions of real open data, gathered to show how harvesting works.",
        },
    )
    _add_link(catalog, "dcterms:publisher", _publisher_iri(OWNER))
    _add_link(catalog, "dcterms:license", CC_BY)
    _add_link(catalog, "dcterms:language", f"{EU}/language/SWE")
    for record in page.records:
        _add_link(catalog, "dcat:dataset", dataset_iri(record))


def _add_dataset(root: Element, record: SampleRecord) -> None:
    iri = dataset_iri(record)
    node = _add_node(root, "dcat:Dataset", iri)
    _add_words(node, "dcterms:title", record.title)
    _add_words(node, "dcterms:description", record.description)
    _add_link(node, "dcterms:publisher", _publisher_iri(record.publisher))
    _add_literal(node, "dcterms:identifier", f"https://doi.org/{record.doi}" if record.doi else record.id)
    for lang, words in record.keywords.items():
        for word in words:
            _add_literal(node, "dcat:keyword", word, lang=lang)
    for theme in record.themes:
        _add_link(node, "dcat:theme", f"{EU}/data-theme/{theme}")
    _add_link(node, "dcat:landingPage", record.landing_page)
    _add_link(node, "dcterms:accessRights", f"{EU}/access-right/{record.access}")
    for field in ("issued", "modified"):
        if value := getattr(record, field):
            _add_date(node, f"dcterms:{field}", value, record.id)
    if record.version:
        _add_literal(node, "dcat:version", record.version)
    if record.frequency:
        _add_link(node, "dcterms:accrualPeriodicity", f"{EU}/frequency/{record.frequency}")
    for code in record.languages:
        value = spell_language(code, record.id)
        (_add_link if "/" in value else _add_literal)(node, "dcterms:language", value)
    for place in record.places:
        _add_place(node, place)
    if record.temporal:
        _add_period(node, record)
    for number, file in enumerate(record.files, 1):
        distribution_iri = f"{iri}/distribution/{number}"
        _add_link(node, "dcat:distribution", distribution_iri)
        _add_distribution(root, distribution_iri, file, record)
    if record.contact:
        contact_iri = f"{iri}/contact"
        _add_link(node, "dcat:contactPoint", contact_iri)
        contact = _add_node(root, "vcard:Organization", contact_iri)
        _add_literal(contact, "vcard:fn", record.contact.name)
        _add_link(contact, "vcard:hasEmail", f"mailto:{record.contact.email}")


def _add_distribution(root: Element, iri: str, file: File, record: SampleRecord) -> None:
    node = _add_node(root, "dcat:Distribution", iri)
    _add_words(node, "dcterms:title", file.title)
    _add_link(node, "dcat:accessURL", file.access_url)
    if file.download_url:
        _add_link(node, "dcat:downloadURL", file.download_url)
    spelling = FORMATS[file.format]
    way = choose(record.id, 4)
    if way == 0 and spelling.eu_code:
        _add_link(node, "dcterms:format", f"{EU}/file-type/{spelling.eu_code}")
    elif way == 1 and spelling.media_type:
        _add_link(node, "dcat:mediaType", f"{IANA}/{spelling.media_type}")
        _add_literal(node, "dcterms:format", spelling.label)
    elif way == 2 and spelling.media_type:
        _add_literal(node, "dcterms:format", spelling.media_type)
    else:
        _add_literal(node, "dcterms:format", spelling.label)
    if record.license:
        _add_link(node, "dcterms:license", spell_license(record.license, record.id))
    if file.byte_size is not None:
        _add_literal(node, "dcat:byteSize", str(file.byte_size), datatype=f"{XSD}nonNegativeInteger")


def _add_agent(root: Element, iri: str, agent: Publisher) -> None:
    node = _add_node(root, "foaf:Agent", iri)
    _add_words(node, "foaf:name", agent.name)
    _add_link(node, "dcterms:type", f"{PUBLISHER_TYPES}{agent.type or 'NonProfitOrganisation'}")
    _add_link(node, "foaf:homepage", agent.homepage)


def _add_place(node: Element, place: Location) -> None:
    location = etree.SubElement(etree.SubElement(node, _name("dcterms:spatial")), _name("dcterms:Location"))
    if place.uri:
        location.set(_name("rdf:about"), place.uri)
    for lang, name in place.name.items():
        _add_literal(location, "foaf:name", name, lang=lang)
    if place.bbox:
        west, south, east, north = place.bbox
        corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
        ring = ", ".join(f"{x} {y}" for x, y in corners)
        _add_literal(location, "dcat:bbox", f"POLYGON(({ring}))", datatype=WKT)


def _add_period(node: Element, record: SampleRecord) -> None:
    period = etree.SubElement(
        etree.SubElement(node, _name("dcterms:temporal")), _name("dcterms:PeriodOfTime")
    )
    for tag, value in zip(("dcat:startDate", "dcat:endDate"), record.temporal or (), strict=False):
        if value:
            _add_date(period, tag, value, record.id)


def _add_date(node: Element, tag: str, value: str, record_id: str) -> None:
    """Add a date as exact as it is known; some feeds make midnight of a day, some give no datatype."""
    way = choose(record_id, 6)
    if len(value) == len("2026-01-01") and way == 0:
        _add_literal(node, tag, f"{value}T00:00:00Z", datatype=f"{XSD}dateTime")
    elif way == 1:
        _add_literal(node, tag, value)
    else:
        datatype = {4: "gYear", 7: "gYearMonth"}.get(len(value), "date")
        _add_literal(node, tag, value, datatype=f"{XSD}{datatype}")


def _publisher_iri(publisher: Publisher) -> str:
    return publisher.uri or publisher.homepage


def _name(curie: str) -> str:
    prefix, local = curie.split(":", 1)
    return f"{{{NS[prefix]}}}{local}"


def _add_node(root: Element, tag: str, iri: str) -> Element:
    return etree.SubElement(root, _name(tag), {_name("rdf:about"): iri})


def _add_link(node: Element, tag: str, iri: str) -> None:
    etree.SubElement(node, _name(tag), {_name("rdf:resource"): iri})


def _add_words(node: Element, tag: str, words: Words) -> None:
    for lang, text in words.items():
        _add_literal(node, tag, text, lang=lang)


def _add_literal(node: Element, tag: str, text: str, *, lang: str = "", datatype: str = "") -> None:
    child = etree.SubElement(node, _name(tag))
    child.text = text
    if lang:
        child.set("{http://www.w3.org/XML/1998/namespace}lang", lang)
    if datatype:
        child.set(_name("rdf:datatype"), datatype)
