"""All fields of a record, in the order in which people ask for them; each field has one place.

The fields that the top of a dataset's page shows (title, description, distributions) are in
dataset_page.py; everything else in catalogue/records.py is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.field_guide_parts import RELATION_KINDS
from catalogue.portal.dataset_values import (
    Row,
    Section,
    Value,
    address,
    agent_value,
    contact_value,
    document_value,
    identifier_value,
    period_value,
    place_value,
    plain,
    term_raws,
    term_values,
    text_values,
)
from catalogue.portal.dates import write_date
from catalogue.portal.links import search_for, search_within
from catalogue.portal.origins import OriginReader
from catalogue.portal.terms import language_label, licences_of, term_words
from catalogue.portal.words import Words, choose_words, own_words
from catalogue.records import Record, Relation, Term

_RELATION_LABELS = dict(RELATION_KINDS)


@dataclass(frozen=True, slots=True)
class _Builder:
    record: Record
    reader: str
    origins: OriginReader

    def row(self, label: str | Promise, path: str, values: list[Value]) -> Row | None:
        return Row(label, values, self.origins.read(path)) if values else None

    def terms(self, label: str | Promise, path: str, terms: tuple[Term | None, ...]) -> Row | None:
        values = term_values(terms, self.reader)
        origin = self.origins.read(path, term_raws(terms, self.reader))
        return Row(label, values, origin) if values else None


def build_sections(
    record: Record, reader: str, origins: OriginReader, local_links: Mapping[str, str]
) -> list[Section]:
    """Return the sections that have anything to show.

    `local_links` leads from a relation's target to our own page of it.
    """
    build = _Builder(record, reader, origins)
    parts: list[tuple[str, str | Promise, Callable[[_Builder], list[Row | None]]]] = [
        ("service", _("Service"), _service_rows),
        ("topics", _("Topics"), _topic_rows),
        ("coverage", _("Coverage"), _coverage_rows),
        ("rights", _("Rights and access"), _rights_rows),
        ("people", _("People and organisations"), _people_rows),
        ("making", _("How it was made"), _making_rows),
        ("relations", _("Relations"), lambda b: _relation_rows(b, local_links)),
        ("identifiers", _("Identifiers and dates"), _identifier_rows),
    ]
    sections = [(anchor, title, [row for row in rows(build) if row]) for anchor, title, rows in parts]
    return [Section(anchor, title, rows) for anchor, title, rows in sections if rows]


def _service_rows(b: _Builder) -> list[Row | None]:
    service = b.record.service
    if service is None:
        return []
    descriptions = text_values(service.description, b.reader) if not b.record.description else []
    return [
        b.row(_("About the service"), "service.description", descriptions),
        b.row(_("Endpoint"), "service.endpoint_urls", [address(url) for url in service.endpoint_urls]),
        b.row(
            _("Endpoint description"),
            "service.endpoint_descriptions",
            [address(url) for url in service.endpoint_descriptions],
        ),
        b.row(_("Serves"), "service.serves", [address(url) for url in service.serves]),
        b.terms(_("Formats"), "service.formats", service.formats),
        b.row(
            _("Conforms to"),
            "service.conforms_to",
            [document_value(item, b.reader) for item in service.conforms_to],
        ),
        b.terms(_("Licence of the service"), "service.license", (service.license,)),
        b.terms(_("Access to the service"), "service.access_rights", (service.access_rights,)),
    ]


def _topic_rows(b: _Builder) -> list[Row | None]:
    keywords = [
        Value(words, search_for(f'keyword:"{words.value}"'))
        for words in own_words(b.record.keywords, b.reader)
    ]
    themes = [
        Value(term_words(term, b.reader), search_within("theme", term.iri) if term.iri else "")
        for term in b.record.themes
    ]
    theme_origin = b.origins.read("themes", term_raws(b.record.themes, b.reader))
    return [
        Row(_("Themes"), themes, theme_origin) if themes else None,
        b.row(_("Keywords"), "keywords", keywords),
        b.terms(_("Subjects"), "subjects", b.record.subjects),
        b.terms(_("Type"), "types", b.record.types),
        b.terms(_("High-value dataset category"), "hvd_categories", b.record.hvd_categories),
        b.terms(_("Language of the data"), "languages", b.record.languages),
    ]


def _coverage_rows(b: _Builder) -> list[Row | None]:
    record = b.record
    metres = record.spatial_resolution_m
    return [
        b.row(_("Places"), "spatial", [place_value(place, b.reader) for place in record.spatial]),
        b.row(
            _("Period"),
            "temporal",
            [period_value(item) for item in record.temporal if item.start or item.end],
        ),
        b.row(_("Resolution in space"), "spatial_resolution_m", [plain(f"{metres:g} m")] if metres else []),
        b.row(
            _("Resolution in time"),
            "temporal_resolution",
            [plain(record.temporal_resolution)] if record.temporal_resolution else [],
        ),
        b.terms(_("Updated"), "frequency", (record.frequency,)),
    ]


def _rights_rows(b: _Builder) -> list[Row | None]:
    record = b.record
    path = "license" if record.license else "distributions"
    return [
        b.terms(_("Access"), "access_rights", (record.access_rights,)),
        b.terms(_("Licence"), path, tuple(licences_of(record))),
        b.terms(_("Rights"), "rights", record.rights),
        b.row(_("Policy (ODRL)"), "policy", [address(record.policy)] if record.policy else []),
        b.row(_("Legislation"), "legislation", [address(iri) for iri in record.legislation]),
    ]


def _people_rows(b: _Builder) -> list[Row | None]:
    record = b.record
    publisher = [agent_value(record.publisher, b.reader)] if record.publisher else []
    others = [agent_value(item.agent, b.reader, item.role) for item in record.attributions]
    return [
        b.row(_("Publisher"), "publisher", publisher),
        b.row(_("Creators"), "creators", [agent_value(agent, b.reader) for agent in record.creators]),
        b.row(_("Others"), "attributions", others),
        b.row(_("Contact"), "contacts", [contact_value(item, b.reader) for item in record.contacts]),
    ]


def _making_rows(b: _Builder) -> list[Row | None]:
    record, reader = b.record, b.reader
    return [
        b.row(_("Origin"), "provenance", text_values(record.provenance, reader)),
        b.row(_("Generated by"), "was_generated_by", [address(iri) for iri in record.was_generated_by]),
        b.row(_("Version"), "version", [plain(record.version)] if record.version else []),
        b.row(_("About this version"), "version_notes", text_values(record.version_notes, reader)),
        b.row(_("Conforms to"), "conforms_to", [document_value(item, reader) for item in record.conforms_to]),
        b.row(
            _("Documentation"),
            "documentation",
            [document_value(item, reader) for item in record.documentation],
        ),
        b.row(_("Samples"), "samples", [address(url) for url in record.samples]),
    ]


def _relation_rows(b: _Builder, local_links: Mapping[str, str]) -> list[Row | None]:
    by_kind: dict[str, list[Value]] = {}
    for relation in b.record.relations:
        by_kind.setdefault(relation.kind, []).append(_relation_value(relation, b.reader, local_links))
    return [b.row(_RELATION_LABELS.get(kind, kind), "relations", values) for kind, values in by_kind.items()]


def _relation_value(relation: Relation, reader: str, local_links: Mapping[str, str]) -> Value:
    linked = address(relation.target, choose_words(relation.label, reader) or None)
    if local := local_links.get(relation.target):
        linked = Value(linked.words, local, str(_("in this catalogue")))
    if relation.role:
        linked = Value(linked.words, linked.href, term_words(Term(relation.role), reader).value)
    return linked


def _identifier_rows(b: _Builder) -> list[Row | None]:
    record = b.record
    dates = (
        (_("Issued"), "issued", record.issued),
        (_("Changed"), "modified", record.modified),
        (_("Record made at the source"), "record_issued", record.record_issued),
        (_("Record changed at the source"), "record_modified", record.record_modified),
    )
    detected = record.detected_language
    language = language_label(detected, b.reader)
    return [
        b.row(_("Identifiers"), "identifiers", [identifier_value(item) for item in record.identifiers]),
        b.row(
            _("The source's own address"),
            "iri",
            [address(record.iri, Words(record.iri))] if record.iri else [],
        ),
        b.row(_("Page at the source"), "landing_pages", [address(url) for url in record.landing_pages]),
        *(b.row(label, path, [plain(write_date(value))] if value else []) for label, path, value in dates),
        b.row(_("Language of the description"), "detected_language", [plain(language)] if detected else []),
    ]
