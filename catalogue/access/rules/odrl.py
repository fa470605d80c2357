"""ODRL policies against an intent: a total evaluator with closed tables and three values.

ODRL Information Model 2.2 (W3C Recommendation, 15 February 2018). For one policy:
- a prohibition that surely applies excludes, whatever is permitted (with `conflict: perm`, a person decides);
- else a permission to use that surely applies fits, if nothing else is in doubt;
- else, if every permission surely does not apply, the intent is excluded;
- everything unknown in a place that decides needs a person.
Never raises, for any input; nothing of a policy is run, expanded or fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from catalogue.access.rules.intent import Intent
from catalogue.access.rules.odrl_model import Constraint, Leaf, Logic, Policy, Problem, Rule
from catalogue.access.rules.odrl_operands import (
    DUTIES_TO_KEEP,
    OPERATORS,
    TERMS,
    TIMES,
    Context,
    asks_for,
    compare,
    is_party,
)
from catalogue.access.rules.odrl_reading import read_policy
from catalogue.access.rules.truth import Truth, all_of, any_of, one_of
from catalogue.access.rules.verdict import Line, Reason, Verdict

ENGINE: Final = "odrl"
VERSION: Final = "1 (ODRL 2.2)"

_LOGIC: Final[dict[str, Callable[[Iterable[Truth]], Truth]]] = {"and": all_of, "or": any_of, "xone": one_of}


def judge_odrl(policy: object, intent: Intent, *, at: datetime | None = None) -> tuple[Line, ...]:
    """Return what a policy (JSON-LD, parsed or as text) says of an intent: at least one line. Never raises.

    `at` is now, in UTC; without it, constraints on time need a person.
    """
    read = read_policy(policy)
    if read.broken is not None:
        return (_problem_line(read.broken),)
    return tuple(_judge(read, Context(intent, at)))


def _judge(policy: Policy, context: Context) -> Iterator[Line]:
    yield from (_problem_line(problem) for problem in policy.problems)
    for rule in policy.prohibitions:
        applies, touches = _applies(rule, context), _touches(rule, context.intent)
        truth = all_of((touches, applies))
        if truth is None:
            yield from _unknown_lines(rule, context)
        elif truth is False and touches is False and applies is not False:
            yield _line(Verdict.FITS, "odrl_term_to_keep", rule.path, _describe(rule), action=_actions(rule))
        elif truth and policy.conflict == "prohibit":
            yield _line(
                Verdict.EXCLUDED, "odrl_prohibited", rule.path, _describe(rule), action=_actions(rule)
            )
        elif truth:
            yield _line(
                Verdict.NEEDS_PERSON, "odrl_conflict", rule.path, _describe(rule), action=_actions(rule)
            )
    if policy.conflict not in {"prohibit", "perm", "invalid"}:
        yield _problem_line(Problem("odrl_unknown_property", "conflict", policy.conflict[:80]))
    yield from _judge_permissions(policy.permissions, context)
    for duty in policy.obligations:
        yield from _judge_duty(duty)


def _judge_permissions(permissions: tuple[Rule, ...], context: Context) -> Iterator[Line]:
    found = [(rule, all_of((_covers(rule), _applies(rule, context)))) for rule in permissions]
    if not found:
        yield _line(Verdict.NEEDS_PERSON, "odrl_no_permission", "permission", "")
    elif sure := [rule for rule, truth in found if truth]:
        # One that surely applies is enough: of several, the one with the lightest duties.
        rule = min(sure, key=lambda one: len(one.duties))
        yield _line(Verdict.FITS, "odrl_permitted", rule.path, _describe(rule), action=_actions(rule))
        for duty in rule.duties:
            yield from _judge_duty(duty)
    elif unsure := [rule for rule, truth in found if truth is None]:
        for rule in unsure:
            yield from _unknown_lines(rule, context)
    else:
        for rule, _ in found:
            yield from _failed_lines(rule, context)


def _judge_duty(duty: Rule) -> Iterator[Line]:
    # Constraints of a duty say how it is to be done, so they are a person's to judge.
    is_plain = not (duty.constraints or duty.assignees or duty.problems or duty.duties)
    if is_plain and duty.actions and all(action in DUTIES_TO_KEEP for action in duty.actions):
        yield _line(Verdict.FITS, "odrl_duty_to_keep", duty.path, _describe(duty), action=_actions(duty))
    else:
        yield _line(Verdict.NEEDS_PERSON, "odrl_duty", duty.path, _describe(duty), action=_actions(duty))


def _covers(rule: Rule) -> Truth:
    """Whether a permission is one to use; a narrower action may not be all that is wanted."""
    return True if "use" in rule.actions else None


def _touches(rule: Rule, intent: Intent) -> Truth:
    """Whether a prohibition is of something that is asked for; unknown if it was not wholly understood."""
    if rule.problems or not rule.actions:
        return None
    return any_of(asks_for(action, intent) for action in rule.actions)


def _applies(rule: Rule, context: Context) -> Truth:
    """Whether a rule is about this asker and all its constraints hold; what was not understood is unknown."""
    parts: list[Truth] = [_holds(constraint, context) for constraint in rule.constraints]
    if rule.assignees:
        parts.append(any_of(is_party(assignee, context.intent) for assignee in rule.assignees))
    if rule.problems:
        parts.append(None)
    return all_of(parts)


def _holds(constraint: Constraint, context: Context) -> Truth:
    if isinstance(constraint, Leaf):
        return compare(constraint, context)
    if constraint.problems or constraint.kind not in _LOGIC:
        return None
    return _LOGIC[constraint.kind](_holds(part, context) for part in constraint.parts)


def _leaves(constraints: Iterable[Constraint]) -> Iterator[Constraint]:
    for constraint in constraints:
        if isinstance(constraint, Logic):
            if constraint.problems:
                yield constraint
            yield from _leaves(constraint.parts)
        else:
            yield constraint


def _unknown_lines(rule: Rule, context: Context) -> Iterator[Line]:
    """Say why a rule is in doubt: each thing not understood, or what the rule is about."""
    problems = list(rule.problems)
    for leaf in _leaves(rule.constraints):
        if leaf.problems:
            problems.extend(leaf.problems)
        elif isinstance(leaf, Leaf) and compare(leaf, context) is None:
            problems.append(_doubt(leaf))
    problems.extend(
        Problem("odrl_other_party", f"{rule.path}.assignee", assignee[:80])
        for assignee in rule.assignees
        if is_party(assignee, context.intent) is None
    )
    if not problems:
        problems.append(Problem("odrl_unclear_action", rule.path, _actions(rule)))
    for problem in problems:
        yield _problem_line(problem, _describe(rule))


def _doubt(leaf: Leaf) -> Problem:
    if leaf.left not in TERMS and leaf.left not in TIMES:
        return Problem("odrl_unknown_operand", leaf.path, leaf.left[:80])
    if leaf.operator not in OPERATORS:
        return Problem("odrl_unknown_operator", leaf.path, leaf.operator[:80])
    return Problem("odrl_undecided", leaf.path, _words(leaf))


def _failed_lines(rule: Rule, context: Context) -> Iterator[Line]:
    """Say which constraints of a permission do not hold."""
    failed = [leaf for leaf in _leaves(rule.constraints) if _holds(leaf, context) is False]
    for leaf in failed:
        words = _words(leaf) if isinstance(leaf, Leaf) else leaf.kind
        yield _line(Verdict.EXCLUDED, "odrl_not_met", leaf.path, _describe(rule), constraint=words)
    if not failed:
        yield _line(Verdict.EXCLUDED, "odrl_not_for_you", rule.path, _describe(rule))


def _problem_line(problem: Problem, condition: str = "") -> Line:
    return _line(Verdict.NEEDS_PERSON, problem.code, problem.path or "policy", condition, value=problem.value)


def _actions(rule: Rule) -> str:
    return ", ".join(rule.actions)[:80]


def _words(leaf: Leaf) -> str:
    right = ", ".join(value.text for value in leaf.right)
    return f"{leaf.left} {leaf.operator} {right}"[:120]


def _describe(rule: Rule) -> str:
    words = [_words(leaf) for leaf in _leaves(rule.constraints) if isinstance(leaf, Leaf) and leaf.left]
    return "; ".join((_actions(rule), *words))[:200]


def _line(verdict: Verdict, code: str, rule: str, condition: str, **params: str) -> Line:
    return Line(ENGINE, VERSION, verdict, Reason(code, rule, tuple(params.items()), condition))
