"""The guide to people, places, documents and other parts of a dataset (DCAT-AP 3.0.1)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalogue.field_guide import FieldGuide, Importance, Kind, PartGuide
from catalogue.records import (
    Agent,
    Attribution,
    Checksum,
    Contact,
    Document,
    Identifier,
    Period,
    Place,
    Relation,
)

_MANDATORY, _RECOMMENDED = Importance.MANDATORY, Importance.RECOMMENDED

RELATION_KINDS = (
    ("dct:relation", _("Related to")),
    ("dct:source", _("Made from")),
    ("dcat:hasVersion", _("Has version")),
    ("dct:hasVersion", _("Has version")),
    ("dct:isVersionOf", _("Is a version of")),
    ("dcat:isVersionOf", _("Is a version of")),
    ("dcat:previousVersion", _("Previous version")),
    ("dct:replaces", _("Replaces")),
    ("dct:isReplacedBy", _("Is replaced by")),
    ("dct:isReferencedBy", _("Cited by")),
    ("dct:references", _("Cites")),
    ("dct:hasPart", _("Has part")),
    ("dct:isPartOf", _("Is part of")),
    ("dcat:inSeries", _("In series")),
    ("dcat:seriesMember", _("Member of the series")),
    ("dcat:prev", _("Previous in the series")),
    ("dcat:next", _("Next in the series")),
    ("foaf:page", _("Page about it")),
)
"""The kinds of relation that have a name in words; sources use others too."""
_IDENTIFIER_SCHEMES = (
    ("", _("Other")),
    ("doi", "DOI"),
    ("handle", "Handle"),
    ("urn", "URN"),
    ("uri", "URI"),
    ("isbn", "ISBN"),
    ("orcid", "ORCID"),
    ("ror", "ROR"),
    ("orgnr", _("Swedish organisation number")),
)
_CHECKSUMS = tuple(
    (f"checksumAlgorithm_{name}", name.upper().replace("SHA", "SHA-"))
    for name in ("sha256", "sha512", "sha384", "sha224", "sha1", "md5")
)

_NAME = FieldGuide("name", Kind.TITLE, "foaf:name", _("Name"), _("One for each language."), _MANDATORY)
_EMAIL = FieldGuide(
    "email", Kind.EMAIL, "foaf:mbox", _("E-mail"), _("Anybody may read it."), example="data@example.org"
)
_PERSON = FieldGuide("is_person", Kind.FLAG, "rdf:type", _("This is a person, not an organisation"))
_DOCUMENT_LABEL = FieldGuide("label", Kind.TITLE, "rdfs:label", _("Name"))

AGENT = PartGuide(
    Agent,
    _("Person or organisation"),
    (
        _NAME,
        FieldGuide(
            "type",
            Kind.TERM,
            "dct:type",
            _("Type"),
            _("What kind of organisation it is."),
            _RECOMMENDED,
            vocabulary="publisher-type",
        ),
        FieldGuide(
            "iri",
            Kind.IRI,
            "@id",
            _("IRI"),
            _("A lasting address of the person or organisation, such as its ROR or ORCID."),
            example="https://ror.org/048a87296",
        ),
        FieldGuide(
            "identifiers",
            Kind.ROWS,
            "dct:identifier",
            _("Identifiers"),
            _("ORCID of a person, ROR or organisation number of an organisation."),
            part="identifier",
        ),
        FieldGuide(
            "homepage", Kind.ADDRESS, "foaf:homepage", _("Home page"), example="https://www.example.org/"
        ),
        _EMAIL,
        _PERSON,
        FieldGuide("affiliation", Kind.TITLE, "org:memberOf", _("Affiliation"), _("Where a person works.")),
    ),
)
CONTACT = PartGuide(
    Contact,
    _("Contact"),
    (
        FieldGuide("name", Kind.TITLE, "vcard:fn", _("Name"), _("One for each language."), _RECOMMENDED),
        FieldGuide(
            "email",
            Kind.EMAIL,
            "vcard:hasEmail",
            _("E-mail"),
            _("Anybody may read it."),
            _RECOMMENDED,
            example="data@example.org",
        ),
        FieldGuide(
            "url",
            Kind.ADDRESS,
            "vcard:hasURL",
            _("Page with a form"),
            _("Where one can ask without e-mail."),
            _RECOMMENDED,
        ),
        FieldGuide("phone", Kind.LINE, "vcard:hasTelephone", _("Telephone"), example="+46 8 123 45 67"),
        FieldGuide("iri", Kind.IRI, "@id", _("IRI")),
        _PERSON,
    ),
)
PARTS: dict[str, PartGuide] = {
    "agent": AGENT,
    "contact": CONTACT,
    "attribution": PartGuide(
        Attribution,
        _("Role"),
        (
            FieldGuide("agent", Kind.PART, "prov:agent", _("Person or organisation"), part="agent"),
            FieldGuide(
                "role",
                Kind.LINE,
                "dcat:hadRole",
                _("Role"),
                _("An IRI of a list of roles, or a word."),
                example="Funder",
            ),
        ),
    ),
    "identifier": PartGuide(
        Identifier,
        _("Identifier"),
        (
            FieldGuide("value", Kind.LINE, "skos:notation", _("Identifier"), "", _MANDATORY),
            FieldGuide("scheme", Kind.LINE, "adms:schemaAgency", _("Scheme"), choices=_IDENTIFIER_SCHEMES),
        ),
    ),
    "period": PartGuide(
        Period,
        _("Period"),
        (
            FieldGuide("start", Kind.DATE, "dcat:startDate", _("From"), example="1990"),
            FieldGuide("end", Kind.DATE, "dcat:endDate", _("Until"), example="2024-12-31"),
        ),
    ),
    "place": PartGuide(
        Place,
        _("Place"),
        (
            FieldGuide("label", Kind.TITLE, "skos:prefLabel", _("Name")),
            FieldGuide("iri", Kind.IRI, "@id", _("IRI"), _("Of a list of places, such as GeoNames.")),
            FieldGuide(
                "bbox",
                Kind.NUMBERS,
                "dcat:bbox",
                _("Box"),
                _("West, south, east and north in degrees."),
                example="10.5 55.0 24.2 69.1",
            ),
            FieldGuide(
                "centroid",
                Kind.NUMBERS,
                "dcat:centroid",
                _("Centre"),
                _("Longitude and latitude in degrees."),
                example="17.0 62.5",
            ),
            FieldGuide("geometry", Kind.LINE, "locn:geometry", _("Geometry"), _("As WKT.")),
        ),
    ),
    "document": PartGuide(
        Document,
        _("Document"),
        (FieldGuide("iri", Kind.IRI, "@id", _("Address")), _DOCUMENT_LABEL),
    ),
    "relation": PartGuide(
        Relation,
        _("Relation"),
        (
            FieldGuide("kind", Kind.LINE, "@property", _("How"), "", _MANDATORY, choices=RELATION_KINDS),
            FieldGuide("target", Kind.LINE, "@id", _("What"), _("Its IRI or DOI."), _MANDATORY),
            _DOCUMENT_LABEL,
            FieldGuide("role", Kind.LINE, "dcat:hadRole", _("Role")),
        ),
    ),
    "checksum": PartGuide(
        Checksum,
        _("Checksum"),
        (
            FieldGuide(
                "algorithm", Kind.LINE, "spdx:algorithm", _("Algorithm"), "", _MANDATORY, choices=_CHECKSUMS
            ),
            FieldGuide("value", Kind.LINE, "spdx:checksumValue", _("Value"), "", _MANDATORY),
        ),
    ),
}
