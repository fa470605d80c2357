"""RDF/JSON (https://www.w3.org/TR/rdf-json/, W3C Note 2013), also inside EntryScape's search answers.

EntryStore, the store under EntryScape and dataportal.se, answers a search with
`{"offset", "limit", "results", "resource": {"children": [{"metadata": <RDF/JSON>, ...}]}}`; its literals
say `lang` and `datatype` as RDF/JSON does. Each entry's `metadata` is taken; what the store tells about
its own entries (`info`, `relations`) is not the publisher's word and is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvesters.errors import UnreadablePage
from harvesters.protocols.ntriples import clean_iri, clean_language, literal_to_nt

HEAD_BYTES = 65_536
SEARCH_ANSWER = re.compile(rb'"(?:children|facetFields)"\s*:\s*\[')


def read_rdf_json(body: bytes, repaired: list[str]) -> Iterator[bytes]:
    """Yield the document's triples as clean N-Triples, a piece per subject.

    Raises UnreadablePage for JSON that is broken or no RDF/JSON.
    """
    document = load_json(body)
    for number, graph in enumerate(find_graphs(document)):
        for subject, properties in graph.items():
            if not isinstance(properties, dict):
                raise UnreadablePage(
                    f'The JSON is no RDF/JSON: under "{subject[:100]}", an object of properties was expected.'
                )
            yield read_subject(subject, properties, number, repaired)


def load_json(body: bytes) -> Any:
    """Return the JSON document; raises UnreadablePage with line and column."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:  # the latter for thousands of brackets in each other
        raise UnreadablePage(f"The RDF/JSON is no valid JSON: {error}.") from error


def find_graphs(document: Any) -> Iterator[Mapping[str, Any]]:
    """Yield each RDF/JSON object: the document itself, or the metadata of a search answer's entries."""
    if not isinstance(document, dict):
        raise UnreadablePage("The JSON is no RDF/JSON: an object of subjects was expected.")
    children = find_children(document)
    if children is None:
        yield document
        return
    for child in children:
        metadata = child.get("metadata") if isinstance(child, dict) else None
        if isinstance(metadata, dict):
            yield metadata


def find_children(document: Mapping[str, Any]) -> list[Any] | None:
    """Return the entries of an EntryStore search answer, None when it is something else."""
    resource = document.get("resource")
    children = resource.get("children") if isinstance(resource, dict) else None
    return children if isinstance(children, list) else None


def read_subject(subject: str, properties: Mapping[str, Any], number: int, repaired: list[str]) -> bytes:
    """Return the lines of one subject; `number` keeps the blank nodes of different entries apart."""
    start = node_to_nt(subject, number, repaired)
    lines = []
    for predicate, values in properties.items():
        for value in values if isinstance(values, list) else [values]:
            if not isinstance(value, dict) or not isinstance(value.get("value"), str):
                raise UnreadablePage(
                    f'The JSON is no RDF/JSON: a value of "{predicate[:100]}" has no "type" and "value".'
                )
            lines.append(
                b"%s <%s> %s .\n"
                % (start, clean_iri(predicate, repaired).encode(), value_to_nt(value, number, repaired))
            )
    return b"".join(lines)


def node_to_nt(node: str, number: int, repaired: list[str]) -> bytes:
    """Return an IRI or blank node in N-Triples."""
    if node.startswith("_:"):
        label = re.sub(r"[^A-Za-z0-9]", lambda found: f"x{ord(found[0]):x}x", node[2:])
        return f"_:g{number}n{label}".encode()
    return b"<%s>" % clean_iri(node, repaired).encode("utf-8", "replace")


def value_to_nt(value: Mapping[str, Any], number: int, repaired: list[str]) -> bytes:
    """Return an RDF/JSON value in N-Triples."""
    text = value["value"]
    if value.get("type") in {"uri", "bnode"}:
        return node_to_nt(text, number, repaired)
    language = str(value.get("lang") or value.get("language") or "")
    datatype = str(value.get("datatype") or "")
    return literal_to_nt(text, language=clean_language(language), datatype=clean_iri(datatype, repaired))


def find_next_search(stream: BinaryIO, url: str) -> tuple[str, int | None]:
    """Return the next page's address ("" on the last) and the number of results of a search answer.

    The number is None for a document that is no search answer.
    """
    if not SEARCH_ANSWER.search(stream.read(HEAD_BYTES)):
        return "", None
    stream.seek(0)
    document = load_json(stream.read())
    children = find_children(document) if isinstance(document, dict) else None
    if children is None or not isinstance(total := document.get("results"), int):
        return "", None
    offset = document.get("offset")
    after = (offset if isinstance(offset, int) else 0) + len(children)
    if not children or after >= total:
        return "", total
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | {"offset": str(after)}
    return urlunsplit(parts._replace(query=urlencode(query))), total
