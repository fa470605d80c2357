from catalogue.matching.ambiguity import find_ambiguous, make_likely
from catalogue.matching.facts import Fact, FactKind
from catalogue.matching.score import Match

BY_WORDS = Match(0.95, "sure", (Fact(FactKind.SAME_TITLE, ("a", "a"), 3),))
BY_DOI = Match(0.99, "sure", (Fact(FactKind.SAME_DOI, ("10.1/a",), 9),))


def source_of(name):
    return name[0]


def test_record_alike_to_two_of_one_source_is_sure_with_neither():
    pairs = [("a1", "b1", BY_WORDS), ("a1", "b2", BY_WORDS), ("a2", "b3", BY_WORDS)]

    assert find_ambiguous(pairs, source_of) == {("a1", "b1"): "b1", ("a1", "b2"): "b2"}


def test_records_of_several_sources_may_all_be_one():
    pairs = [("a1", "b1", BY_WORDS), ("a1", "c1", BY_WORDS), ("b1", "c1", BY_WORDS)]

    assert find_ambiguous(pairs, source_of) == {}


def test_shared_identifier_stands_above_likeness():
    pairs = [("a1", "b1", BY_DOI), ("a1", "b2", BY_WORDS)]

    assert find_ambiguous(pairs, source_of) == {("a1", "b2"): "b2"}


def test_identifier_of_two_records_of_one_source_decides_nothing():
    pairs = [("a1", "b1", BY_DOI), ("a1", "b2", BY_DOI)]

    assert find_ambiguous(pairs, source_of) == {("a1", "b1"): "b1", ("a1", "b2"): "b2"}


def test_what_becomes_of_an_ambiguous_pair():
    likely = make_likely(BY_WORDS)

    assert likely.verdict == "likely"
    assert FactKind.AMBIGUOUS in {fact.kind for fact in likely.evidence}
