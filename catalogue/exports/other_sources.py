"""The other source records of a dataset, beside the leading one, as its graph names them.

dct:source leads to the graph of each record as harvested; adms:identifier says what its source calls it
(DCAT-AP 3.0.1, https://semiceu.github.io/DCAT-AP/releases/3.0.1/; ADMS 2.0, https://www.w3.org/TR/vocab-adms/).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from catalogue.exports.triples import Triples
from ontology.namespaces import ADMS, DCT, SKOS


@dataclass(frozen=True, slots=True)
class OtherSource:
    """A source record: the IRI of its graph, what its source calls it, and the source's name."""

    iri: str
    identifier: str
    source: str


def link_other_sources(subject_iri: str, others: Iterable[OtherSource]) -> list[ox.Triple]:
    """Return the triples that lead from a dataset to the records beside the leading one."""
    out = Triples(subject_iri)
    for other in others:
        out.add_links(out.subject, DCT.source, [other.iri])
        about = out.name_node("", "identifier", other)
        out.add(out.subject, ADMS.identifier, about)
        out.add_type(about, ADMS.Identifier)
        out.add_word(about, SKOS.notation, other.identifier)
        out.add_word(about, ADMS.schemaAgency, other.source)
    return out.to_list()
