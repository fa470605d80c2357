"""DataCite XML to the shape of DataCite's JSON, so that one mapping serves both.

Kernels 2.0 to 4.7 (https://schema.datacite.org/meta/kernel-4/): element and attribute names are the
same throughout, so the namespace (of any kernel, behind any prefix, or forgotten) is not looked at.
The JSON is that of the REST API (https://support.datacite.org/docs/api): `rightsURI` is `rightsUri`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harvesters.formats.oai_record import local_name
from harvesters.safe_xml import Element

# container -> its items' own text in JSON; what else an item says stands in its XML attributes
_LISTS_OF_TEXTS = {
    "titles": "title",
    "subjects": "subject",
    "dates": "date",
    "alternateIdentifiers": "alternateIdentifier",
    "relatedIdentifiers": "relatedIdentifier",
    "descriptions": "description",
    "rightsList": "rights",
}
_LISTS_OF_STRINGS = frozenset({"sizes", "formats"})
_SINGLE_TEXTS = frozenset({"publicationYear", "language", "version"})


def resource_to_attributes(resource: Element) -> dict[str, Any]:
    """Return the attributes that the REST API would give for the `resource` element."""
    attributes: dict[str, Any] = {}
    for child in resource:
        name = local_name(child)
        if name in _LISTS_OF_TEXTS:
            key = _LISTS_OF_TEXTS[name]
            attributes.setdefault(name, []).extend(_read_item(item, key) for item in child)
        elif name in _LISTS_OF_STRINGS:
            attributes.setdefault(name, []).extend(_read_text(item) for item in child)
        elif name in _SINGLE_TEXTS:
            attributes[name] = _read_text(child)
        elif name in _READERS:
            attributes.setdefault(name, []).extend(_READERS[name](item) for item in child)
        elif name == "identifier":
            identifier = _read_item(child, "identifier")
            # an identifier without a type is a slip of the pen: the schema knows DOI only
            if identifier.get("identifierType", "DOI").upper() == "DOI":
                attributes["doi"] = identifier["identifier"]
            else:
                attributes.setdefault("identifiers", []).append(identifier)
        elif name == "publisher":
            attributes[name] = _read_item(child, "name")
        elif name == "resourceType":
            attributes["types"] = _read_item(child, "resourceType")
        elif name == "rights":  # kernel 2 has it without a list
            attributes.setdefault("rightsList", []).append(_read_item(child, "rights"))
    return attributes


def _read_text(element: Element) -> str:
    """Return the text in one piece; a `br` within (descriptions may have them) is a line break."""
    if not len(element):
        return (element.text or "").strip()
    parts = [element.text or ""]
    for inner in element.iter():
        if inner is not element:
            if local_name(inner) == "br":
                parts.append("\n")
            parts += [inner.text or "", inner.tail or ""]
    return "".join(parts).strip()


def _read_attributes(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in element.attrib.items():
        name = str(key).rpartition("}")[2]
        found[f"{name[:-3]}Uri" if name.endswith("URI") else name] = str(value).strip()
    return found


def _read_item(element: Element, key: str) -> dict[str, Any]:
    item = _read_attributes(element)
    item[key] = _read_text(element)
    return item


def _read_person(element: Element) -> dict[str, Any]:
    """Return a creator or contributor."""
    person: dict[str, Any] = _read_attributes(element)
    for child in element:
        name = local_name(child)
        if name in ("creatorName", "contributorName"):
            person.update(_read_item(child, "name"))
        elif name in ("givenName", "familyName"):
            person[name] = _read_text(child)
        elif name == "nameIdentifier":
            person.setdefault("nameIdentifiers", []).append(_read_item(child, "nameIdentifier"))
        elif name == "affiliation":
            person.setdefault("affiliation", []).append(_read_item(child, "name"))
    return person


def _read_geo_location(element: Element) -> dict[str, Any]:
    location: dict[str, Any] = {}
    for child in element:
        name = local_name(child)
        if name == "geoLocationPolygon":
            location.setdefault(name, []).append([_read_members(point) for point in child])
        else:
            # kernel 3 has the numbers of points and boxes as one text
            location[name] = _read_members(child) if len(child) else _read_text(child)
    return location


def _read_members(element: Element) -> dict[str, Any]:
    """Return the texts of an element's children by name, with the attributes they carry."""
    members: dict[str, Any] = {}
    for child in element:
        members[local_name(child)] = _read_text(child)
        members |= _read_attributes(child)
    return members


def _read_related_item(element: Element) -> dict[str, Any]:
    item = _read_attributes(element)
    for child in element:
        name = local_name(child)
        if name == "relatedItemIdentifier":
            item[name] = _read_item(child, name)
        elif name == "titles":
            item[name] = [_read_item(title, "title") for title in child]
    return item


_READERS: dict[str, Callable[[Element], dict[str, Any]]] = {
    "creators": _read_person,
    "contributors": _read_person,
    "geoLocations": _read_geo_location,
    "fundingReferences": _read_members,
    "relatedItems": _read_related_item,
}
