"""The guide to the fields of distributions and data services (DCAT-AP 3.0.1)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalogue.field_guide import FieldGuide, Importance, Kind, PartGuide
from catalogue.records import DataService, Distribution

_MANDATORY, _RECOMMENDED = Importance.MANDATORY, Importance.RECOMMENDED

_LICENSE = FieldGuide(
    "license",
    Kind.TERM,
    "dct:license",
    _("Licence"),
    _("What one may do with it."),
    _RECOMMENDED,
    vocabulary="licence",
)
_ACCESS = FieldGuide(
    "access_rights",
    Kind.TERM,
    "dct:accessRights",
    _("Access"),
    _("Who may get it."),
    vocabulary="access-right",
)
_CONFORMS = FieldGuide(
    "conforms_to",
    Kind.ROWS,
    "dct:conformsTo",
    _("Conforms to"),
    _("Standards and specifications that it follows."),
    part="document",
)

DISTRIBUTION = PartGuide(
    Distribution,
    _("File or service"),
    (
        FieldGuide(
            "access_urls",
            Kind.ADDRESSES,
            "dcat:accessURL",
            _("Address of access"),
            _("A page or service that leads to the data. One address on each line."),
            _MANDATORY,
            example="https://data.example.org/lakes",
        ),
        FieldGuide(
            "download_urls",
            Kind.ADDRESSES,
            "dcat:downloadURL",
            _("Address of the file"),
            _("Where the file itself is. One address on each line."),
            example="https://data.example.org/lakes.csv",
        ),
        FieldGuide(
            "format",
            Kind.TERM,
            "dct:format",
            _("Format"),
            _("The file type, such as CSV."),
            _RECOMMENDED,
            vocabulary="file-type",
        ),
        _LICENSE,
        FieldGuide(
            "description",
            Kind.PROSE,
            "dct:description",
            _("Description"),
            _("What differs from the other files."),
            _RECOMMENDED,
        ),
        FieldGuide(
            "availability",
            Kind.TERM,
            "dcatap:availability",
            _("Availability"),
            _("How long it is meant to stay."),
            _RECOMMENDED,
            vocabulary="availability",
        ),
        FieldGuide("title", Kind.TITLE, "dct:title", _("Title")),
        FieldGuide(
            "media_type",
            Kind.TERM,
            "dcat:mediaType",
            _("Media type"),
            _("As IANA lists it."),
            vocabulary="media-type",
            example="text/csv",
        ),
        FieldGuide(
            "compress_format",
            Kind.TERM,
            "dcat:compressFormat",
            _("Compression"),
            vocabulary="media-type",
            example="application/gzip",
        ),
        FieldGuide(
            "package_format",
            Kind.TERM,
            "dcat:packageFormat",
            _("Packaging"),
            vocabulary="media-type",
            example="application/zip",
        ),
        FieldGuide("byte_size", Kind.WHOLE, "dcat:byteSize", _("Size"), _("In bytes."), example="147253"),
        FieldGuide(
            "checksum",
            Kind.ROW,
            "spdx:checksum",
            _("Checksum"),
            _("By which one can tell that a download is whole."),
            part="checksum",
        ),
        FieldGuide(
            "rights",
            Kind.TERMS,
            "dct:rights",
            _("Rights"),
            _("Terms that no licence says: words or an address."),
        ),
        _ACCESS,
        FieldGuide("status", Kind.TERM, "adms:status", _("Status"), vocabulary="status"),
        FieldGuide("issued", Kind.DATE, "dct:issued", _("Published"), example="2024-05-01"),
        FieldGuide("modified", Kind.DATE, "dct:modified", _("Changed"), example="2024-05-01"),
        FieldGuide("languages", Kind.TERMS, "dct:language", _("Language"), vocabulary="language"),
        _CONFORMS,
        FieldGuide("documentation", Kind.ROWS, "foaf:page", _("Documentation"), part="document"),
        FieldGuide(
            "access_services",
            Kind.PARTS,
            "dcat:accessService",
            _("Services"),
            _("Data services that give access to it."),
            part="service",
        ),
        FieldGuide(
            "spatial_resolution_m",
            Kind.NUMBER,
            "dcat:spatialResolutionInMeters",
            _("Resolution in space"),
            _("In metres."),
            example="10",
        ),
        FieldGuide(
            "temporal_resolution",
            Kind.DURATION,
            "dcat:temporalResolution",
            _("Resolution in time"),
            _("The shortest time between two values: P1D is a day, PT1H an hour, P1Y a year."),
            example="P1D",
        ),
        FieldGuide(
            "legislation",
            Kind.IRIS,
            "dcatap:applicableLegislation",
            _("Legislation"),
            _("ELI addresses of the acts that demand that the data is shared. One on each line."),
        ),
        FieldGuide("policy", Kind.IRI, "odrl:hasPolicy", _("Policy (ODRL)")),
    ),
)
SERVICE = PartGuide(
    DataService,
    _("Service"),
    (
        FieldGuide("title", Kind.TITLE, "dct:title", _("Title"), "", _MANDATORY),
        FieldGuide(
            "endpoint_urls",
            Kind.ADDRESSES,
            "dcat:endpointURL",
            _("Endpoint"),
            _("Where the service answers. One address on each line."),
            _MANDATORY,
        ),
        FieldGuide(
            "endpoint_descriptions",
            Kind.ADDRESSES,
            "dcat:endpointDescription",
            _("Endpoint description"),
            _("Such as an OpenAPI document. One address on each line."),
            _RECOMMENDED,
        ),
        FieldGuide(
            "serves",
            Kind.IRIS,
            "dcat:servesDataset",
            _("Serves"),
            _("IRIs of the datasets. One on each line."),
            _RECOMMENDED,
        ),
        FieldGuide("description", Kind.PROSE, "dct:description", _("Description")),
        FieldGuide("formats", Kind.TERMS, "dct:format", _("Formats"), vocabulary="file-type"),
        _LICENSE,
        _ACCESS,
        _CONFORMS,
    ),
)
