"""Triples as compact JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/) with the context in the document.

Our context (ontology/contexts/dcat_ap_export.jsonld) has CURIEs as keys and says which hold IRIs or numbers; only the
part that a document uses is put in it, so that nobody has to fetch anything. A node that just one
statement points to is written inside that statement. Named graphs and lists are not handled: our exports have none.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from ontology.namespaces import PREFIXES, RDF, XSD, curie

CONTEXT_FILE = Path(__file__).parents[2] / "ontology" / "contexts" / "dcat_ap_export.jsonld"

Json = dict[str, Any]


@cache
def load_context() -> Json:
    """Return the bundled context."""
    context: Json = json.loads(CONTEXT_FILE.read_text("utf-8"))["@context"]
    return context


def triples_to_json_ld(triples: Iterable[ox.Triple]) -> Json:
    """Return a JSON-LD document: one node with what hangs on it, or a @graph of several."""
    document = _Document(triples)
    top = document.write_top_nodes()
    body = top[0] if len(top) == 1 else {"@graph": top}
    return {"@context": document.used_context(), **body}


class _Document:
    """The nodes of one document, and which names of the context they used."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._statements: dict[str, list[tuple[str, Any]]] = {}
        self._pointed_to: Counter[str] = Counter()
        self._used: set[str] = set()
        self._written: set[str] = set()
        for triple in triples:
            subject = _node_to_id(triple.subject)
            self._statements.setdefault(subject, []).append((triple.predicate.value, triple.object))
            if not isinstance(triple.object, ox.Literal) and triple.predicate.value != RDF.type:
                self._pointed_to[_node_to_id(triple.object)] += 1

    def write_top_nodes(self) -> list[Json]:
        """Return the nodes that no single other one can hold. The first subject is always among them."""
        first = next(iter(self._statements), None)
        top = [key for key in self._statements if key == first or self._pointed_to[key] != 1]
        # What is told apart first is not put into another node: rings of nodes need one to begin with.
        self._written.update(top)
        nodes = [self._write_node(key) for key in top]
        for key in self._statements:
            if key not in self._written:
                self._written.add(key)
                nodes.append(self._write_node(key))
        return nodes

    def used_context(self) -> Json:
        """Return the part of the context that the nodes written so far need."""
        context = load_context()
        terms = {name: context[name] for name in sorted(self._used) if name in context}
        names = [*self._used, *(term["@type"] for term in terms.values())]
        prefixes = {name.partition(":")[0] for name in names}
        return {prefix: PREFIXES[prefix] for prefix in sorted(prefixes & PREFIXES.keys())} | terms

    def _write_node(self, key: str) -> Json:
        node: Json = {"@id": key}
        for predicate, value in self._statements[key]:
            if predicate == RDF.type and isinstance(value, ox.NamedNode):
                name, entry = "@type", self._shorten(value.value)
            else:
                name = self._shorten(predicate)
                entry = self._write_value(name, value)
            if name in node:
                if not isinstance(node[name], list):
                    node[name] = [node[name]]
                node[name].append(entry)
            else:
                node[name] = entry
        return node

    def _write_value(self, name: str, value: Any) -> Any:
        expected = load_context().get(name, {}).get("@type")
        if not isinstance(value, ox.Literal):
            key = _node_to_id(value)
            if key in self._statements and key not in self._written:
                self._written.add(key)
                return self._write_node(key)
            return key if expected == "@id" else {"@id": key}
        if value.language:
            return {"@language": value.language, "@value": value.value}
        if value.datatype.value == XSD.string:
            return {"@value": value.value} if expected else value.value
        datatype = self._shorten(value.datatype.value)
        return value.value if datatype == expected else {"@type": datatype, "@value": value.value}

    def _shorten(self, iri: str) -> str:
        name = curie(iri)
        if name != iri:
            self._used.add(name)
        return name


def _node_to_id(node: Any) -> str:
    return f"_:{node.value}" if isinstance(node, ox.BlankNode) else str(node.value)
