"""DataCite JSON to the attributes of one DOI (https://support.datacite.org/docs/api-get-doi).

Takes a JSON:API answer `{"data": {"attributes": ...}}`, one item of its list, or the attributes alone
(application/vnd.datacite.datacite+json). Member names of older and hand-made files (`rights_list`,
`schemeURI`) become those of the REST API.
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import Any

from catalogue.errors import InvalidRecord, Violation
from harvesters.formats.loose_json import describe_type, load_json_object, value_to_objects, value_to_text

_DEEPEST = 6
"""Levels of members that the schema has (attributes, a list, its items, a list of theirs, its items)."""


def load_attributes(payload: bytes) -> dict[str, Any]:
    """Return the attributes. Raises InvalidRecord where the JSON is not that of one public DOI."""
    document = load_json_object(payload, "one DOI")
    if "errors" in document and "data" not in document:
        first = next(iter(value_to_objects(document["errors"])), {})
        message = "The source answered with an error instead of a DOI."
        raise InvalidRecord(message, (Violation("errors", message, value_to_text(first.get("title"))),))
    data = document.get("data", document)
    if not isinstance(data, dict):
        message = (
            f"Expected one DOI in `data`, not a {describe_type(data)}; a list must be split into its items."
        )
        raise InvalidRecord(message, (Violation("data", message),))
    attributes = data.get("attributes", data)
    if not isinstance(attributes, dict):
        message = f"`data.attributes` must be an object, not a {describe_type(attributes)}."
        raise InvalidRecord(message, (Violation("data.attributes", message),))
    folded: dict[str, Any] = fold_names(attributes)
    refuse_hidden(folded)
    return folded


def refuse_hidden(attributes: dict[str, Any]) -> None:
    """Raise InvalidRecord if the DOI is a draft or registered only: neither is public."""
    state = value_to_text(attributes.get("state")).casefold()
    if state in ("draft", "registered"):
        message = (
            f"The DOI's state is {state!r}, so its metadata is not public; "
            "the owner must publish it (state 'findable')."
        )
        raise InvalidRecord(message, (Violation("state", message, state),))


def decode_xml(attributes: dict[str, Any]) -> bytes:
    """Return the DOI's XML out of the Base64 in `xml`, b"" where there is none. Raises InvalidRecord."""
    encoded = value_to_text(attributes.get("xml"))
    if encoded.startswith("<"):
        return encoded.encode()
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        message = "The member `xml` must hold the DOI's XML in Base64."
        raise InvalidRecord(message, (Violation("xml", message, encoded[:80]),)) from error


def fold_names(value: Any, depth: int = _DEEPEST) -> Any:
    """Return the value with all member names as the REST API spells them."""
    if isinstance(value, dict):
        if not depth:
            return {}
        return {_fold_name(name): fold_names(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list):
        return [fold_names(item, depth - 1) for item in value] if depth else []
    return value


@lru_cache(maxsize=512)
def _fold_name(name: str) -> str:
    if "_" in name:
        first, *rest = name.split("_")
        name = first + "".join(part.capitalize() for part in rest)
    return f"{name[:-3]}Uri" if name.endswith("URI") else name
