import itertools
import random

import pytest
from pyoxigraph import BlankNode, RdfFormat, Triple, parse

from ontology.skolem import skolemise

BASE = "urn:node:"


def read(turtle):
    prefix = "@prefix : <urn:x#> .\n"
    return [quad.triple for quad in parse(prefix + turtle, RdfFormat.TURTLE)]


def shuffle(triples, seed):
    rng = random.Random(seed)
    labels = {}

    def relabel(node):
        if not isinstance(node, BlankNode):
            return node
        return labels.setdefault(node, BlankNode(f"n{rng.randrange(10**12)}"))

    fresh = [Triple(relabel(t.subject), t.predicate, relabel(t.object)) for t in triples]
    rng.shuffle(fresh)
    return fresh


ONE_CONTACT = ':d :contact [ :name "A"; :mail <mailto:a@x> ] .'
TWINS = ":d :contact [ :name 'A' ], [ :name 'A' ], [ :name 'A' ] ."
NESTED_TWINS = ":d :contact [ :address [ :town 'X' ] ], [ :address [ :town 'X' ] ] ."
RING = "_:a :knows _:b . _:b :knows _:c . _:c :knows _:a ."
# Every node has the same surroundings, yet the ring of six and the rings of three are different graphs.
RINGS = "".join(
    f"_:{kind}{i} :knows _:{kind}{(i + 1) % size} . _:hub :of _:{kind}{i} . "
    for kind, size in (("p", 6), ("q", 3), ("r", 3))
    for i in range(size)
)
SELF = "_:a :knows _:a , _:b . _:b :knows _:b ."
LIST = ":d :files ( 'a' 'a' 'a' 'b' ) ."


@pytest.mark.parametrize("turtle", [ONE_CONTACT, TWINS, NESTED_TWINS, RING, RINGS, SELF, LIST])
def test_skolemise_gives_the_same_triples_for_any_order_and_labels(turtle):
    triples = read(turtle)
    expected = set(skolemise(triples, BASE))
    assert len(expected) == len(set(triples))
    for seed in range(8):
        assert set(skolemise(shuffle(triples, seed), BASE)) == expected


@pytest.mark.parametrize("turtle", [TWINS, NESTED_TWINS, RING, RINGS, LIST])
def test_skolemise_keeps_alike_nodes_apart(turtle):
    triples = read(turtle)
    before = {n for t in triples for n in (t.subject, t.object) if isinstance(n, BlankNode)}
    after = {n for t in skolemise(triples, BASE) for n in (t.subject, t.object) if BASE in str(n)}
    assert len(after) == len(before)


def test_skolemise_leaves_no_blank_node_and_changes_nothing_else():
    plain = read(":d :title 'T' .")
    assert skolemise(plain, BASE) == plain
    ends = itertools.chain.from_iterable((t.subject, t.object) for t in skolemise(read(TWINS), BASE))
    assert not any(isinstance(end, BlankNode) for end in ends)


def test_skolemise_name_depends_on_its_own_part_only():
    one = skolemise(read(ONE_CONTACT), BASE)
    with_other = skolemise(read(ONE_CONTACT + ":d :title 'new'; :period [ :start '2020' ] ."), BASE)
    assert set(one) <= set(with_other)


def test_skolemise_names_differ_between_records():
    assert not set(skolemise(read(ONE_CONTACT), "urn:a:")) & set(skolemise(read(ONE_CONTACT), "urn:b:"))


def test_skolemise_of_a_hostile_graph_ends_and_keeps_nodes_apart():
    size = 60  # a complete graph: the search without a cap would be 60 factorial
    turtle = " ".join(f"_:n{a} :knows _:n{b} ." for a in range(size) for b in range(size) if a != b)
    result = skolemise(read(turtle), BASE, max_work=20_000)
    assert len(set(result)) == size * (size - 1)


def test_skolemise_of_thousands_of_alike_nodes_ends():
    turtle = "_:s :part " + ", ".join("[ :checksum [ :value 'x' ] ]" for _ in range(2000)) + " ."
    assert len(set(skolemise(read(turtle), BASE))) == 6000
