"""ODRL 2.2 policies in JSON-LD to a closed form: rules, actions, constraints, and what was not understood.

W3C Recommendations of 15 February 2018: ODRL Information Model 2.2 (https://www.w3.org/TR/odrl-model/) and
Vocabulary (https://www.w3.org/TR/odrl-vocab/). Total: whatever comes in, a Policy comes out, and what it
could not read stands in `problems` at the place where it was. Nothing is evaluated, expanded as a template,
or fetched: a context is known by its address, or it is a problem. Not read: @graph, inheritance, profiles.
"""

from __future__ import annotations

import json
from typing import Any, Final

from catalogue.access.rules.odrl_context import ODRL, read_context
from catalogue.access.rules.odrl_model import Constraint, Leaf, Logic, Policy, Problem, Rule, Value

MAX_DEPTH: Final = 32
MAX_NODES: Final = 4_000
MAX_SIGNS: Final = 200_000
_WIDEST_NUMBER: Final = 64  # bits

# Statements that say something of a policy without deciding anything.
_DESCRIPTIVE: Final = frozenset(
    {"title", "description", "issued", "modified", "created", "creator", "publisher", "identifier"}
)
_DESCRIPTIVE_HEADS: Final = ("dct:", "dcterms:", "http://purl.org/dc/terms/")
_LABELS: Final = frozenset({"rdfs:label", "rdfs:comment", "@id", "uid", "@type"})
_POLICY_TYPES: Final = frozenset({"Policy", "Set", "Offer", "Agreement"})


def read_policy(source: object) -> Policy:
    """Return the policy of parsed JSON, or of JSON as text or bytes. Never raises."""
    # Exact types, compared by identity: a subclass could do anything when it is looked at.
    if type(source) is str or type(source) is bytes:
        if len(source) > MAX_SIGNS:
            return Policy(broken=Problem("odrl_too_large", ""))
        try:
            source = json.loads(source, object_pairs_hook=_read_object)
        except (ValueError, RecursionError):
            return Policy(broken=Problem("odrl_not_json", ""))
    if (refused := _measure(source)) is not None:
        return Policy(broken=refused)
    if type(source) is list and len(source) == 1:
        source = source[0]
    if type(source) is not dict:
        return Policy(broken=Problem("odrl_not_policy", ""))
    is_odrl_default = read_context(source.get("@context"))
    if is_odrl_default is None:
        return Policy(broken=Problem("odrl_unknown_context", "@context", show(source.get("@context"))))
    return _Reader(is_odrl_default=is_odrl_default).read(source)


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that says a key twice: of two prohibitions, one would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("A key is said twice")
    return found


def show(value: object) -> str:
    """Return a value in short, for people."""
    return (value if type(value) is str else repr(value))[:80]


def _measure(source: object) -> Problem | None:
    """Refuse what is too large, too deep or no JSON, without recursion; a cycle is too large."""
    stack: list[tuple[object, int]] = [(source, 0)]
    nodes = signs = 0
    while stack:
        value, depth = stack.pop()
        nodes += 1
        kind = type(value)
        if kind is str:
            signs += len(value)  # type: ignore[arg-type]
        elif kind is dict:
            for key, item in value.items():  # type: ignore[attr-defined]
                if type(key) is not str:
                    return Problem("odrl_not_json", "")
                signs += len(key)
                stack.append((item, depth + 1))
        elif kind is list:
            stack.extend((item, depth + 1) for item in value)  # type: ignore[attr-defined]
        elif kind is int:
            if value.bit_length() > _WIDEST_NUMBER:  # type: ignore[attr-defined]
                return Problem("odrl_too_large", "")
        elif not (value is None or kind is float or kind is bool):
            return Problem("odrl_not_json", "")
        if nodes + len(stack) > MAX_NODES or depth > MAX_DEPTH or signs > MAX_SIGNS:
            return Problem("odrl_too_large", "")
    return None


class _Reader:
    """Reads one policy under its context."""

    def __init__(self, *, is_odrl_default: bool) -> None:
        self.is_odrl_default = is_odrl_default

    def name(self, key: str) -> str:
        """Return ODRL's own words bare, and every other word so that it is nobody's."""
        for head in (ODRL, "odrl:"):
            if key.startswith(head):
                return key.removeprefix(head)
        if ":" in key or key.startswith("@") or self.is_odrl_default:
            return key
        return f"?{key}"

    def fields(
        self, source: dict[str, Any], path: str, known: frozenset[str]
    ) -> tuple[dict[str, Any], list[Problem]]:
        """Return the known statements of an object by their bare names; the others are problems."""
        found: dict[str, Any] = {}
        problems = []
        for key, value in source.items():
            name = self.name(key)
            if name in found:
                problems.append(Problem("odrl_said_twice", path, show(name)))
            elif name in known:
                found[name] = value
            elif name not in _LABELS and not _is_descriptive(name):
                problems.append(Problem("odrl_unknown_property", path, show(key)))
        return found, problems

    def read(self, source: dict[str, Any]) -> Policy:
        known = frozenset(
            {"@context", "permission", "prohibition", "obligation", "conflict", "action", "target", "assignee",
             "assigner", "@type"}
        )  # fmt: skip
        found, problems = self.fields(source, "policy", known)
        kinds = self.references(found.get("@type"))
        if kinds is None or not all(self.name(kind) in _POLICY_TYPES for kind in kinds):
            problems.append(Problem("odrl_not_offered", "@type", show(found.get("@type"))))
        conflict = self.references(found.get("conflict", f"{ODRL}prohibit")) or ()
        above: dict[str, Any] = {key: found[key] for key in ("action", "target", "assignee") if key in found}
        rules = {
            kind: tuple(
                self.read_rule(item, f"{kind}[{n}]", kind, above)
                for n, item in enumerate(_many(found.get(kind)))
            )
            for kind in ("permission", "prohibition", "obligation")
        }
        problems.extend(
            problem
            for group in rules.values()
            for rule in group
            for problem in rule.problems
            if problem.code == "odrl_not_rule"  # it may be of another kind than where it stands
        )
        targets = {target for group in rules.values() for rule in group for target in rule.targets}
        if len(targets) > 1:
            problems.append(Problem("odrl_several_targets", "target", ", ".join(sorted(targets))[:80]))
        return Policy(
            rules["permission"],
            rules["prohibition"],
            rules["obligation"],
            self.name(conflict[0]) if len(conflict) == 1 else "?",
            tuple(problems),
        )

    def read_rule(self, source: Any, path: str, kind: str, above: dict[str, Any]) -> Rule:
        if type(source) is not dict:
            return Rule(path, problems=(Problem("odrl_not_rule", path, show(source)),))
        known = {"action", "target", "assignee", "assigner", "constraint", "@type"}
        known |= (
            {"duty"} if kind == "permission" else {"remedy"} if kind == "prohibition" else {"consequence"}
        )
        found, problems = self.fields(source, path, frozenset(known))
        said = self.references(found.pop("@type", None))
        expected = {kind.capitalize(), "Rule"} | ({"Duty"} if kind in {"duty", "obligation"} else set())
        if said is None or not all(self.name(word) in expected for word in said):
            problems.append(Problem("odrl_not_rule", path, show(source.get("@type"))))
        merged = {**above, **found} if kind != "duty" else found
        actions, refinements = self.read_actions(merged.get("action"), path, problems)
        constraints = [
            self.read_constraint(item, f"{path}.constraint[{n}]")
            for n, item in enumerate(_many(found.get("constraint")))
        ]
        lists = {}
        for field in ("target", "assignee"):
            words = self.references(merged.get(field))
            if words is None:
                problems.append(Problem("odrl_unknown_value", f"{path}.{field}", show(merged.get(field))))
            lists[field] = words or ()
        duties = tuple(
            self.read_rule(item, f"{path}.duty[{n}]", "duty", {})
            for n, item in enumerate(_many(found.get("duty")))
        )
        return Rule(
            path,
            actions,
            (*constraints, *refinements),
            lists["assignee"],
            lists["target"],
            duties,
            tuple(problems),
        )

    def read_actions(
        self, source: Any, path: str, problems: list[Problem]
    ) -> tuple[tuple[str, ...], list[Constraint]]:
        """Return the actions' names, and the refinements, which must hold like constraints."""
        actions: list[str] = []
        refinements: list[Constraint] = []
        items = _many(source)
        if not items:
            problems.append(Problem("odrl_no_action", path))
        for item in items:
            value = item
            if type(item) is dict:
                found, wrong = self.fields(
                    item, f"{path}.action", frozenset({"rdf:value", "value", "refinement"})
                )
                problems.extend(wrong)
                value = found.get("rdf:value", found.get("value", item.get("@id")))
                if "refinement" in found and len(items) > 1:
                    # It narrows one action only, which this form cannot say.
                    problems.append(Problem("odrl_unknown_property", f"{path}.action", "refinement"))
                refinements.extend(
                    self.read_constraint(part, f"{path}.refinement[{n}]")
                    for n, part in enumerate(_many(found.get("refinement")))
                )
            words = self.references(value)
            if not words or len(words) > 1:
                problems.append(Problem("odrl_no_action", path, show(value)))
            else:
                actions.append(self.name(words[0]))
        return tuple(actions), refinements

    def read_constraint(self, source: Any, path: str) -> Constraint:
        if type(source) is not dict:
            return Leaf("", "", (), path, (Problem("odrl_not_constraint", path, show(source)),))
        logic = [key for key in source if self.name(key) in {"and", "or", "xone", "andSequence"}]
        if logic:
            kind = self.name(logic[0])
            _, problems = self.fields(source, path, frozenset({kind}))
            parts = source[logic[0]]
            if type(parts) is dict and set(parts) == {"@list"}:
                parts = parts["@list"]
            if kind == "andSequence" or type(parts) is not list or not parts:
                problems.append(Problem("odrl_not_constraint", path, kind))
            read = tuple(
                self.read_constraint(item, f"{path}.{kind}[{n}]") for n, item in enumerate(_many(parts))
            )
            return Logic(kind, read, path, tuple(problems))
        found, problems = self.fields(
            source, path, frozenset({"leftOperand", "operator", "rightOperand", "dataType"})
        )
        left, operator = self.word(found.get("leftOperand")), self.word(found.get("operator"))
        datatype = self.references(found.get("dataType"))
        right = self.read_values(found.get("rightOperand"), datatype[0] if datatype else "")
        if not left or not operator or datatype is None or len(datatype) > 1:
            problems.append(Problem("odrl_not_constraint", path, show(source)))
        if not right:
            problems.append(Problem("odrl_unknown_value", path, show(found.get("rightOperand"))))
        return Leaf(left, operator, right or (), path, tuple(problems))

    def word(self, source: Any) -> str:
        words = self.references(source)
        return self.name(words[0]) if words and len(words) == 1 else ""

    def references(self, source: Any) -> tuple[str, ...] | None:
        """Return IRIs or words said bare or as {"@id": ...}; () for nothing, None for anything else."""
        found = []
        for item in _many(source):
            value = item
            if type(item) is dict:
                keys = set(item) - {"@type"}
                value = item.get("@id", item.get("uid")) if keys in ({"@id"}, {"uid"}) else None
            if type(value) is not str or not value:
                return None
            found.append(value)
        return tuple(found)

    def read_values(self, source: Any, datatype: str) -> tuple[Value, ...] | None:
        """Return the right operands; None if one of them is no scalar, IRI or typed literal."""
        if type(source) is dict and set(source) == {"@list"}:
            source = source["@list"]
        found = []
        for item in _many(source):
            kind, value, is_iri = datatype, item, False
            if type(item) is dict:
                if set(item) == {"@id"}:
                    value, is_iri = item["@id"], True
                elif set(item) <= {"@value", "@type", "@language"} and "@value" in item:
                    value, kind = item["@value"], item.get("@type", datatype)
                else:
                    return None
            if type(kind) is not str or not _is_scalar(value):
                return None
            local = kind.removeprefix("http://www.w3.org/2001/XMLSchema#").removeprefix("xsd:")
            found.append(Value(value if type(value) is str else repr(value), local, is_iri))
        return tuple(found)


def _is_descriptive(name: str) -> bool:
    return any(
        name.startswith(head) and name.removeprefix(head) in _DESCRIPTIVE for head in _DESCRIPTIVE_HEADS
    )


def _is_scalar(value: Any) -> bool:
    return type(value) is str or type(value) is int or type(value) is float


def _many(source: Any) -> list[Any]:
    if source is None:
        return []
    return source if type(source) is list else [source]
