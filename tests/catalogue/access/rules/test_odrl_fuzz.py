"""Whatever a policy holds, the evaluator answers; and it is never surer than what it understood."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalogue.access.rules.odrl import judge_odrl
from catalogue.access.rules.odrl_model import Problem
from catalogue.access.rules.verdict import Outcome, Verdict
from tests.catalogue.access.rules.policies import AMERICA, AT, RESEARCHER, SWEDEN, UNKNOWN, offer

WORDS = st.sampled_from(
    [
        "permission",
        "prohibition",
        "obligation",
        "duty",
        "constraint",
        "action",
        "use",
        "leftOperand",
        "operator",
        "rightOperand",
        "purpose",
        "spatial",
        "dateTime",
        "eq",
        "isAnyOf",
        "lt",
        "and",
        "or",
        "xone",
        "SE",
        "US",
        "@context",
        "@id",
        "@type",
        "@value",
        "@list",
        "odrl:use",
        "odrl:permission",
        "refinement",
        "rdf:value",
        "http://www.w3.org/ns/odrl.jsonld",
        "2026-06-01",
        "assignee",
        "target",
        "conflict",
        "perm",
        "Offer",
        "2026-06-01T00:00:00Z",
        "elapsedTime",
        "P1Y",
        "%s",
        "{}",
        "�",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | WORDS
    | st.text(max_size=20)
    | st.binary(max_size=8)
)
ANYTHING = st.recursive(
    SCALARS | st.dates() | st.complex_numbers() | st.builds(object) | st.builds(Problem, WORDS, WORDS),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(WORDS | st.text(max_size=8) | st.integers(), inner, max_size=5)
        | st.tuples(inner)
        | st.frozensets(st.integers(), max_size=2)
    ),
    max_leaves=40,
)


class Hostile(dict):
    """Raises at whatever is done to it."""

    def __getattribute__(self, name):
        raise RuntimeError(name)

    def __iter__(self):
        raise RuntimeError

    __len__ = __bool__ = __repr__ = __iter__


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
@example(float("nan"))
@example(b"\xff\xfe")
def test_never_raises_and_always_says_something(source):
    lines = judge_odrl(source, RESEARCHER, at=AT)
    assert lines
    assert all(line.reason.message and line.verdict in Verdict for line in lines)


def test_never_raises_on_objects_that_do():
    for source in (
        Hostile(),
        {"permission": Hostile()},
        [Hostile()],
        {"@context": Hostile(), "permission": []},
    ):
        assert Outcome(judge_odrl(source, RESEARCHER, at=AT)).verdict is Verdict.NEEDS_PERSON


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_never_raises_on_text(source):
    assert Outcome(judge_odrl(source, RESEARCHER, at=AT)).verdict is not Verdict.FITS


# Constraints whose parts are true, false or unknown for the researcher, and their truth for a given guess.
LEAVES = st.sampled_from([SWEDEN, AMERICA, UNKNOWN])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.tuples(
        st.sampled_from(["and", "or", "xone"]), st.lists(inner, min_size=1, max_size=3)
    ).map(lambda pair: {pair[0]: pair[1]}),
    max_leaves=5,
)
RULES = st.lists(TREES, max_size=2)


def unknowns(source):
    """Return how many unknown parts there are."""
    if source is UNKNOWN or source == UNKNOWN:
        return 1
    if isinstance(source, dict):
        return sum(unknowns(item) for item in source.values())
    return sum(unknowns(item) for item in source) if isinstance(source, list) else 0


def truth(tree, guesses):
    """Return whether a tree holds when each unknown part is taken from the guesses, in order."""
    if "leftOperand" in tree:
        return next(guesses) if tree == UNKNOWN else tree == SWEDEN
    ((kind, parts),) = tree.items()
    found = [truth(part, guesses) for part in parts]
    return all(found) if kind == "and" else any(found) if kind == "or" else sum(found) == 1


def allowed(permissions, prohibitions, guesses):
    """Return whether use is allowed, by the book, in one world."""
    # Lists, not generators: every guess is used up, whatever the ones before it said.
    given = [all([truth(tree, guesses) for tree in rule]) for rule in permissions]  # noqa: C419
    barred = [all([truth(tree, guesses) for tree in rule]) for rule in prohibitions]  # noqa: C419
    return any(given) and not any(barred)


@settings(max_examples=200, deadline=None)
@given(permissions=st.lists(RULES, min_size=1, max_size=3), prohibitions=st.lists(RULES, max_size=2))
def test_fits_and_excluded_hold_in_every_world_that_the_unknown_leaves_open(permissions, prohibitions):
    policy = {
        "permission": [{"action": "use", "constraint": rule} for rule in permissions],
        "prohibition": [{"action": "use", "constraint": rule} for rule in prohibitions],
    }
    verdict = Outcome(judge_odrl(policy, RESEARCHER, at=AT)).verdict
    count = unknowns(policy)
    worlds = {
        allowed(permissions, prohibitions, iter([bool(number >> bit & 1) for bit in range(count)]))
        for number in range(2 ** min(count, 10))
    }
    if verdict is Verdict.FITS:
        assert worlds == {True}
    elif verdict is Verdict.EXCLUDED:
        assert worlds == {False}
    elif count == 0:
        raise AssertionError("nothing was unknown")


def places(source, path=()):
    """Return the paths of all objects in a policy."""
    if isinstance(source, dict):
        yield path
        for key, value in source.items():
            yield from places(value, (*path, key))
    elif isinstance(source, list):
        for n, value in enumerate(source):
            yield from places(value, (*path, n))


SURE = offer(
    {"and": [SWEDEN, {"or": [AMERICA, SWEDEN]}]}, prohibition=[{"action": "use", "constraint": [AMERICA]}]
)


@settings(max_examples=300, deadline=None)
@given(
    place=st.sampled_from([path for path in places(SURE) if not path or path[0] == "permission"]),
    key=st.sampled_from(
        ["unheardOf", "ex:unheardOf", "https://x.example/#y", "unit", "inheritFrom", "profile", "@graph"]
    )
    | st.text(min_size=1, max_size=6).map(lambda text: f"zz{text}"),
    value=SCALARS.filter(lambda value: not isinstance(value, bytes)),
)
def test_a_statement_that_is_not_known_in_a_deciding_place_never_fits(place, key, value):
    import copy

    policy = copy.deepcopy(SURE)
    inner = policy
    for step in place:
        inner = inner[step]
    inner[key] = value
    assert Outcome(judge_odrl(SURE, RESEARCHER, at=AT)).verdict is Verdict.FITS
    found = Outcome(judge_odrl(policy, RESEARCHER, at=AT)).verdict
    # The second half of the "or" decides; the first, which is false anyhow, does not.
    if place[-2:] != ("or", 0):
        assert found is not Verdict.FITS
