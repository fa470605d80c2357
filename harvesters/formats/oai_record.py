"""The envelope of OAI-PMH 2.0 around one record (http://www.openarchives.org/OAI/openarchivesprotocol.html).

Finds the metadata in a `record`, in a whole GetRecord answer, or bare. Listing is the protocol's
business (harvesters/protocols/oai_pmh.py), not this module's.
"""

from __future__ import annotations

from collections.abc import Collection

from catalogue.errors import InvalidRecord, Violation
from harvesters.safe_xml import Element

OAI = "{http://www.openarchives.org/OAI/2.0/}"


def find_metadata(root: Element, names: Collection[str], what: str) -> Element:
    """Return the one outermost element with one of the local `names`; `what` describes it in errors.

    Raises InvalidRecord for a deleted record, an OAI-PMH error, none, or more than one.
    """
    if local_name(root) in names:
        return root
    refuse_deleted(root)
    found = {element: None for element in root.iter() if local_name(element) in names}
    # An element of that name inside another belongs to it.
    outermost = [item for item in found if not any(parent in found for parent in item.iterancestors())]
    if len(outermost) == 1:
        return outermost[0]
    if outermost:
        message = f"The XML holds {len(outermost)} records where one was expected; split the list first."
        raise InvalidRecord(message, (Violation("metadata", message),))
    error = root.find(f"{OAI}error")
    if error is not None:
        message = f"The source answered with the OAI-PMH error {error.get('code', '')!r}."
        raise InvalidRecord(message, (Violation("error", message, (error.text or "").strip()),))
    shown = local_name(root)
    message = f"The XML has no metadata: expected {what}, found <{shown}> (line {root.sourceline}, column 1)."
    raise InvalidRecord(message, (Violation("metadata", message, shown),))


def refuse_deleted(root: Element) -> None:
    """Raise InvalidRecord if the record's header says that it is deleted."""
    header = (
        root.find(f"{OAI}header") if root.tag == f"{OAI}record" else root.find(f".//{OAI}record/{OAI}header")
    )
    if header is not None and header.get("status") == "deleted":
        message = "The source marks this record as deleted; it has no metadata to read."
        raise InvalidRecord(message, (Violation("header", message, "deleted"),))


def read_datestamp(root: Element) -> str:
    """Return the header's datestamp, "" where there is no OAI envelope."""
    return (root.findtext(f".//{OAI}header/{OAI}datestamp") or "").strip()


def local_name(element: Element) -> str:
    """Return the element's name without its namespace, which feeds get wrong or leave out."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
