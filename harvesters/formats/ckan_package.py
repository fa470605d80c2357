"""A CKAN package to a Record.

Package dictionaries of CKAN 2.10 to 2.12 (https://docs.ckan.org/en/2.11/api/, `package_show`) with the
fields of ckanext-dcat 2.x (https://docs.ckan.org/projects/ckanext-dcat/), ckanext-scheming,
ckanext-fluent and ckanext-spatial. Takes the package alone or the answer of `package_show`.

Where a field may stand: ckan_fields.py. Agents, coverage and resources have their own modules. Not
read: fields that a portal made up for itself, and those of HealthDCAT-AP that a Record has no place for.
"""

from __future__ import annotations

from typing import Any

from catalogue.errors import InvalidRecord, Violation
from catalogue.records import Identifier, Kind, Record, Relation, Term, Text, Texts
from harvesters.formats.ckan_agents import read_attributions, read_contacts, read_creators, read_publisher
from harvesters.formats.ckan_coverage import read_periods, read_places
from harvesters.formats.ckan_fields import Fields, value_to_texts
from harvesters.formats.ckan_resource import read_distributions, read_license
from harvesters.formats.identifier_schemes import is_iri, make_identifier
from harvesters.formats.loose_json import (
    describe_type,
    load_json_object,
    value_to_list,
    value_to_objects,
    value_to_text,
)
from harvesters.formats.terms import make_term

RELATION_OF_FIELD = {
    "in_series": "dcat:inSeries",
    "has_version": "dcat:hasVersion",
    "is_version_of": "dcat:isVersionOf",
    "source": "dct:source",
    "related_resource": "dct:relation",
    "is_referenced_by": "dct:isReferencedBy",
    "references": "dct:references",
    "same_as": "owl:sameAs",
}
NO_DATASETS = frozenset({"harvest", "showcase"})
"""Types of packages that are no data: ckanext-harvest's sources and ckanext-showcase's pages."""


class CkanPackage:
    """The format `ckan_package`."""

    name = "ckan_package"
    label = "CKAN package (JSON)"

    def parse(self, payload: bytes, media_type: str, remote_id: str) -> Record:
        """Return the record. Raises InvalidRecord if it is unreadable, not public, or has no title."""
        package = _unwrap(load_json_object(payload, "one CKAN package"))
        fields = Fields(package)
        _refuse_hidden(fields)
        return _fields_to_record(fields)


FORMAT = CkanPackage()


def _unwrap(document: dict[str, Any]) -> dict[str, Any]:
    """Return the package out of an answer of the Action API."""
    if "success" not in document:
        return document
    if document["success"] is not True:
        error = document.get("error")
        reason = value_to_text(error.get("message")) if isinstance(error, dict) else value_to_text(error)
        message = "The source answered with an error instead of a package."
        raise InvalidRecord(message, (Violation("error", message, reason),))
    result = document.get("result")
    if isinstance(result, dict) and "results" not in result:
        return result
    what = "search answer" if isinstance(result, dict) else describe_type(result)
    message = f"Expected one package in `result`, not a {what}; a list must be split into packages."
    raise InvalidRecord(message, (Violation("result", message),))


def _refuse_hidden(fields: Fields) -> None:
    """Raise InvalidRecord for what is not public or not data."""
    state, kind = fields.text("state"), fields.text("type")
    private = fields.get("private")
    if private is True or value_to_text(private).casefold() == "true":
        message = "The package is private; its owner must make it public before it can be listed."
        raise InvalidRecord(message, (Violation("private", message, "true"),))
    if state and state != "active":
        message = f"The package's state is {state!r}, not 'active', so it is not public."
        raise InvalidRecord(message, (Violation("state", message, state),))
    if kind in NO_DATASETS:
        message = f"A package of type {kind!r} describes no data; leave it out at the source's search."
        raise InvalidRecord(message, (Violation("type", message, kind),))


def _fields_to_record(fields: Fields) -> Record:
    title = fields.texts("title")
    if not title:
        message = "The package has no title; fill in `title` at the source."
        raise InvalidRecord(message, (Violation("title", message, fields.text("name")),))
    spatial, dropped = read_places(fields)
    landing_page, policy = fields.text("url", "landing_page"), fields.text("has_policy")
    issued, modified = _read_reference_dates(fields)
    return Record(
        kind=_read_kind(fields),
        iri=fields.text("uri"),
        title=title,
        description=fields.texts("notes", "description"),
        identifiers=_read_identifiers(fields),
        landing_pages=(landing_page,) if landing_page else (),
        publisher=read_publisher(fields),
        creators=read_creators(fields),
        attributions=read_attributions(fields),
        contacts=read_contacts(fields),
        keywords=_read_keywords(fields),
        themes=_read_themes(fields),
        types=_read_types(fields),
        access_rights=fields.term("access_rights"),
        rights=tuple(make_term(text.value, lang=text.lang) for text in fields.texts("rights")),
        license=read_license(fields),
        policy=policy if is_iri(policy) else "",
        languages=fields.terms("language", "metadata_language"),
        frequency=fields.term("frequency", "accrual_periodicity", "frequency_of_update"),
        issued=issued,
        modified=modified,
        version=fields.text("version"),
        version_notes=fields.texts("version_notes"),
        provenance=fields.texts("provenance"),
        spatial=spatial,
        temporal=read_periods(fields),
        spatial_resolution_m=fields.number("spatial_resolution_in_meters"),
        temporal_resolution=fields.text("temporal_resolution"),
        conforms_to=fields.documents("conforms_to"),
        documentation=fields.documents("documentation"),
        samples=tuple(fields.words("sample")),
        relations=_read_relations(fields),
        legislation=tuple(fields.words("applicable_legislation")),
        hvd_categories=fields.terms("hvd_category"),
        distributions=read_distributions(fields),
        record_issued=fields.utc_time("metadata_created"),
        record_modified=fields.utc_time("metadata_modified"),
        normalised=dropped,
    )


def _read_kind(fields: Fields) -> Kind:
    return "series" if fields.text("type") == "dataset_series" else "dataset"


def _read_identifiers(fields: Fields) -> tuple[Identifier, ...]:
    """Return the stated identifiers, then CKAN's own id, which other portals repeat as dct:identifier."""
    values = [
        *fields.words("doi"),
        *fields.words("identifier"),
        *fields.words("guid"),
        *fields.words("alternate_identifier"),
        *fields.words("id"),
    ]
    return tuple(make_identifier(value) for value in dict.fromkeys(values))


def _read_keywords(fields: Fields) -> Texts:
    translated = value_to_texts(fields.get("tags_translated", "keywords_translated", "keywords"))
    if translated:
        return translated
    found: list[Text] = []
    for tag in value_to_list(fields.get("tags")):
        if isinstance(tag, dict):
            if tag.get("state") != "deleted":
                found += value_to_texts(tag.get("display_name")) or value_to_texts(tag.get("name"))
        else:
            found += value_to_texts(tag)
    return tuple(dict.fromkeys(found))


def _read_themes(fields: Fields) -> tuple[Term, ...]:
    """Return the stated themes and the groups, which is what portals use groups for."""
    themes = [*fields.terms("theme"), *fields.terms("health_theme"), *fields.terms("health_category")]
    for group in value_to_objects(fields.get("groups")):
        label = Fields(group).texts("title", "display_name")
        name = value_to_text(group.get("name"))
        if name or label:
            themes.append(Term(raw=name or label[0].value, label=label))
    return tuple(dict.fromkeys(themes))


def _read_types(fields: Fields) -> tuple[Term, ...]:
    """Return the stated type, and CKAN's own unless it is one of the two that every portal has."""
    own = fields.text("type")
    terms = fields.terms("dcat_type")
    return (*terms, Term(raw=own)) if own not in ("", "dataset", "dataset_series") else terms


def _read_reference_dates(fields: Fields) -> tuple[str, str]:
    """Return issued and modified; ckanext-spatial has both in `dataset-reference-date`."""
    dates = {
        item.text("type"): item.text("value") for item in reversed(fields.objects("dataset_reference_date"))
    }
    issued = fields.text("issued") or dates.get("publication", "")
    return issued, fields.text("modified") or dates.get("revision", "")


def _read_relations(fields: Fields) -> tuple[Relation, ...]:
    found = [Relation(kind, word) for name, kind in RELATION_OF_FIELD.items() for word in fields.words(name)]
    for item in fields.objects("qualified_relation"):
        if target := item.text("relation"):
            found.append(Relation("dct:relation", target, role=item.text("role")))  # noqa: PERF401
    return tuple(dict.fromkeys(found))
