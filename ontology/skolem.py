"""Blank nodes to IRIs that depend on content alone: not on order, and not on the parser's labels.

The blank nodes of a record fall into parts that touch each other. Each part is labelled on its own,
by colour refinement and, where nodes still look alike, by trying each of them and keeping the
smallest outcome. So an IRI changes only when its own part does. Alike parts are told apart by number.

Graph canonicalisation is expensive in the worst case, and a record may be hostile: work is counted,
and after the cap what still looks alike is taken in the order it came. That is harmless for nodes
that are truly interchangeable; only for contrived graphs can the outcome then depend on the order.
RDF 1.2 triple terms are left as they are.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import BlankNode, NamedNode, Triple

DEFAULT_MAX_WORK = 300_000
"""Triples looked at per record before ties are broken by position: about half a second."""

_Edge = tuple[str, str, str]  # a triple; blank nodes as labels that begin with "_:"
_Colours = dict[str, str]


def skolemise(triples: Iterable[Triple], base: str, *, max_work: int = DEFAULT_MAX_WORK) -> list[Triple]:
    """Return the triples with each blank node as an IRI: `base` and 32 hex digits.

    `base` must differ between records, and be the same for each harvest of one.
    """
    triples = list(triples)
    parts = _split_parts(triples)
    if not parts:
        return triples
    budget = _Budget(max_work)
    names: dict[str, NamedNode] = {}
    times_seen: dict[str, int] = defaultdict(int)
    for part in parts:
        certificate, order = _label_part(part, budget)
        copy = times_seen[certificate]
        times_seen[certificate] += 1
        for position, label in enumerate(order):
            names[label] = NamedNode(base + _hash(certificate, str(position), str(copy))[:32])
    return [_rename(triple, names) for triple in triples]


def _rename(triple: Triple, names: dict[str, NamedNode]) -> Triple:
    subject, object_ = triple.subject, triple.object
    if not isinstance(subject, BlankNode) and not isinstance(object_, BlankNode):
        return triple
    return Triple(
        names[str(subject)] if isinstance(subject, BlankNode) else subject,
        triple.predicate,
        names[str(object_)] if isinstance(object_, BlankNode) else object_,
    )


class _Budget:
    def __init__(self, work: int) -> None:
        self.left = work

    def spend(self, work: int) -> None:
        self.left -= work


def _split_parts(triples: list[Triple]) -> list[list[_Edge]]:
    """Return the triples that touch blank nodes, grouped by connected blank nodes."""
    parent: dict[str, str] = {}

    def find(label: str) -> str:
        while parent[label] != label:
            parent[label] = parent[parent[label]]
            label = parent[label]
        return label

    edges: list[tuple[str, _Edge]] = []
    for triple in dict.fromkeys(triples):
        ends = [str(node) for node in (triple.subject, triple.object) if isinstance(node, BlankNode)]
        for label in ends:
            parent.setdefault(label, label)
        if len(ends) == 2:
            parent[find(ends[0])] = find(ends[1])
        if ends:
            edges.append((ends[0], (str(triple.subject), str(triple.predicate), str(triple.object))))
    parts: dict[str, list[_Edge]] = defaultdict(list)
    for label, edge in edges:
        parts[find(label)].append(edge)
    return list(parts.values())


def _label_part(edges: list[_Edge], budget: _Budget) -> tuple[str, list[str]]:
    """Return the part's certificate (equal for alike parts) and its nodes in canonical order."""
    incident: dict[str, list[_Edge]] = defaultdict(list)
    for edge in edges:
        for end in {edge[0], edge[2]}:
            if end.startswith("_:"):
                incident[end].append(edge)
    if len(incident) == 1:  # most parts: a contact point, a period, a checksum
        (label,) = incident
        return _certify(edges, [label]), [label]
    return _settle(edges, incident, dict.fromkeys(incident, ""), budget)


def _settle(
    edges: list[_Edge], incident: dict[str, list[_Edge]], colours: _Colours, budget: _Budget
) -> tuple[str, list[str]]:
    # A loop, not recursion, along the path where nothing is compared: parts may have many alike nodes.
    while True:
        colours = _refine(incident, colours, budget)
        classes: dict[str, list[str]] = defaultdict(list)
        for label, colour in colours.items():
            classes[colour].append(label)
        ties = [(len(labels), colour) for colour, labels in classes.items() if len(labels) > 1]
        if not ties or budget.left <= 0:
            order = sorted(colours, key=lambda label: colours[label])  # stable: position breaks ties
            return _certify(edges, order), order
        tied = classes[min(ties)[1]]
        if not _are_twins(tied, incident):
            break
        for number, label in enumerate(tied):
            colours[label] = _hash(colours[label], "twin", str(number))
    best: tuple[str, list[str]] | None = None
    for label in tied:
        outcome = _settle(edges, incident, {**colours, label: _hash(colours[label], "chosen")}, budget)
        if best is None or outcome[0] < best[0]:
            best = outcome
        if budget.left <= 0:
            break
    assert best is not None
    return best


def _refine(incident: dict[str, list[_Edge]], colours: _Colours, budget: _Budget) -> _Colours:
    """Return colours that tell nodes apart by their neighbours', until that tells no more apart."""
    count = len(set(colours.values()))
    while True:
        fresh: _Colours = {}
        for label, around in incident.items():
            budget.spend(len(around))
            seen = sorted(
                "\x00".join(
                    "\x01" if end == label else colours[end] if end.startswith("_:") else end for end in edge
                )
                + ("\x02" if edge[0] == label else "\x03")
                for edge in around
            )
            fresh[label] = _hash(colours[label], *seen)
        new_count = len(set(fresh.values()))
        colours = fresh
        if new_count in (count, len(fresh)) or budget.left <= 0:
            return colours
        count = new_count


def _are_twins(labels: list[str], incident: dict[str, list[_Edge]]) -> bool:
    """Whether swapping any two of the nodes leaves the graph as it is."""
    contents = {
        frozenset(tuple("\x01" if end == label else end for end in edge) for edge in incident[label])
        for label in labels
    }
    return len(contents) == 1


def _certify(edges: list[_Edge], order: list[str]) -> str:
    numbers = {label: f"_:{position}" for position, label in enumerate(order)}
    return _hash(*sorted("\x00".join(numbers.get(end, end) for end in edge) for edge in edges))


def _hash(*words: str) -> str:
    return hashlib.sha256("\x04".join(words).encode()).hexdigest()
