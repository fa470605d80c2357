"""Mapping rules: made, changed, closed and undone. What they do is domain/mapping.py.

A rule that is saved or closed leaves an outbox row `rule`; the datasets it concerns are then resolved
again in the background (domain/renewal.py), so that a rule for half the catalogue takes no longer to
save than one for a single record. Trying one out is domain/rule_trial.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalogue.domain.mapping import RULE_FIELDS, fold_word
from catalogue.domain.outbox import enqueue
from catalogue.domain.rule_fields import find_term
from catalogue.errors import Conflict, InvalidRecord, Violation
from catalogue.models import Act, MappingRule, Source

TARGET_FIELDS = tuple(name for name in RULE_FIELDS if name != "keywords")
"""Fields that a rule may write into."""
LONGEST_WORD = 500


def draft_rule(
    *, source: Source | None, field: str, word: str, target_field: str, target: str | None, note: str = ""
) -> MappingRule:
    """Return a rule as a person wrote it, not saved. `target` None: the word is dropped.

    Raises InvalidRecord with each thing that is wrong.
    """
    violations = list(_check_fields(field, target_field, target))
    if not fold_word(word):
        violations.append(Violation("word", "Write the word as the source has it."))
    elif len(fold_word(word)) > LONGEST_WORD:
        violations.append(Violation("word", f"The word is too long: at most {LONGEST_WORD} characters."))
    term = None
    if target is not None and not violations:
        try:
            term = find_term(target_field, target)
        except InvalidRecord as error:
            violations.extend(Violation("target", item.message, item.value) for item in error.violations)
    if violations:
        names = ", ".join(dict.fromkeys(item.field for item in violations))
        raise InvalidRecord(f"This rule cannot be: see {names}.", tuple(violations))
    return MappingRule(
        source=source,
        field=field,
        match=fold_word(word),
        target_field=target_field,
        target=term,
        note=note,
        made_at=timezone.now(),
    )


def save_rule(
    rule: MappingRule, *, by: Any, reason: str = "", replaces: MappingRule | None = None
) -> MappingRule:
    """Save a drafted rule as one act that can be undone; the datasets follow in the background.

    `replaces` is closed with it. Raises Conflict when there is such a rule already, or when the one to
    be replaced was closed meanwhile.
    """
    now = timezone.now()
    with transaction.atomic():
        if replaces is not None:
            _close(replaces.pk, now)
        act = _write_act(rule, by, now, reason, "")
        rule.made_at, rule.author, rule.act = now, by, act
        # After the act, so that SQLite's one writer is us; there the constraint below does not exist.
        message = f"There is a rule for {rule.match!r} in {rule.field} already; change that one."
        if _same_as(rule).filter(closed_at__isnull=True).exists():
            raise Conflict(message)
        try:
            with transaction.atomic():
                rule.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(message) from error
        _renew_later([rule.pk, *([replaces.pk] if replaces else [])])
    return rule


def close_rule(rule: MappingRule, *, by: Any, reason: str = "") -> Act:
    """Take a rule back: from now on the source's word stands again. Raises Conflict when it is closed."""
    now = timezone.now()
    with transaction.atomic():
        _close(rule.pk, now)
        act = _write_act(rule, by, now, reason, "no longer: ")
        _renew_later([rule.pk])
    return act


def undo_rules(act: Act, now: datetime) -> None:
    """Close what the act made and open what it closed. Call inside a transaction.

    Raises Conflict when a rule for the same word was made since.
    """
    made = list(MappingRule.objects.filter(act=act, closed_at__isnull=True).values_list("pk", flat=True))
    MappingRule.objects.filter(pk__in=made).update(closed_at=now)
    # Rules have no act that closed them; the moment is the act's own, to the microsecond.
    former = list(MappingRule.objects.filter(closed_at=act.made_at).exclude(act=act))
    for rule in former:
        if _same_as(rule).filter(closed_at__isnull=True).exists():
            raise Conflict(f"Another rule for {rule.match!r} was made since; close that one first.")
    pks = [rule.pk for rule in former]
    MappingRule.objects.filter(pk__in=pks).update(closed_at=None)
    _renew_later([*made, *pks])


def describe_rule(rule: MappingRule) -> str:
    """Return a rule in one line, for the history."""
    target = "(dropped)" if rule.target is None else rule.target.get("iri", "")
    return f"{rule.source.slug if rule.source else '*'} {rule.field}: {rule.match} = {target}"[:300]


def _check_fields(field: str, target_field: str, target: str | None) -> Iterator[Violation]:
    if field not in RULE_FIELDS:
        yield Violation("field", f"Use one of {', '.join(RULE_FIELDS)}.", field)
    if target_field not in TARGET_FIELDS:
        yield Violation("target_field", f"Use one of {', '.join(TARGET_FIELDS)}.", target_field)
    elif "." in target_field and "." not in field:
        yield Violation(
            "target_field", "A word of the dataset says nothing of one distribution.", target_field
        )
    if target is None and target_field != field:
        yield Violation("target", "A word can only be dropped from the field it stands in.", "")


def _same_as(rule: MappingRule) -> QuerySet[MappingRule]:
    """Return the rules, open or not, of which only one may be open."""
    return MappingRule.objects.filter(
        source=rule.source, field=rule.field, match=rule.match, target_field=rule.target_field
    )


def _close(pk: int, now: datetime) -> None:
    if not MappingRule.objects.filter(pk=pk, closed_at__isnull=True).update(closed_at=now):
        raise Conflict("The rule was closed or changed meanwhile; look at it again.")


def _write_act(rule: MappingRule, by: Any, now: datetime, reason: str, prefix: str) -> Act:
    return Act.objects.create(
        kind=Act.Kind.RULE,
        author=by,
        made_at=now,
        reason=reason,
        summary=f"{prefix}{describe_rule(rule)}"[:300],
        size=0,  # until the background has counted
    )


def _renew_later(pks: Iterable[int]) -> None:
    generation = time.time_ns() // 1000
    enqueue([("rule", str(pk), generation) for pk in pks])
