"""What an ODRL policy says once it is read: closed forms that the evaluator walks. Terms: odrl_reading.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something not understood: a code of MESSAGES, where, and what stood there."""

    code: str
    path: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A right operand: its text, its datatype's local name ("" for none), and whether it is an IRI."""

    text: str
    datatype: str = ""
    is_iri: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison."""

    left: str
    operator: str
    right: tuple[Value, ...]
    path: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Logic:
    """and, or, xone over constraints."""

    kind: str
    parts: tuple[Constraint, ...]
    path: str
    problems: tuple[Problem, ...] = ()


Constraint = Leaf | Logic


@dataclass(frozen=True, slots=True)
class Rule:
    """A permission, prohibition or duty. Constraints (and refinements of the action) must all hold."""

    path: str
    actions: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    assignees: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    duties: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What was understood. With `broken` set, nothing of it can be relied on."""

    permissions: tuple[Rule, ...] = ()
    prohibitions: tuple[Rule, ...] = ()
    obligations: tuple[Rule, ...] = ()
    conflict: str = "prohibit"
    problems: tuple[Problem, ...] = ()
    broken: Problem | None = None
