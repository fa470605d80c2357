"""What the pages of mapping rules show: rules in words with their counts, words to map, a trial's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from catalogue.domain.rule_fields import guide_of, term_choices
from catalogue.domain.rule_trial import Trial, TrialRow, count_touched, frequent_words, try_rule
from catalogue.models import MappingRule, Source, SourceVersion
from catalogue.policies import can_map_source
from catalogue.portal.dataset_values import Value
from catalogue.portal.desk_forms import RuleForm, label_field
from catalogue.portal.json_words import say_value

PER_PAGE = 20
_KEPT_S = 600


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule in words."""

    rule: MappingRule
    field: str
    target_field: str
    target: Sequence[Value]
    count: int
    may_change: bool


@dataclass(frozen=True, slots=True)
class TrialView:
    """A page of what a rule would change."""

    total: int
    rows: Sequence[tuple[TrialRow, Sequence[Value], Sequence[Value]]]
    number: int
    last: int


def describe_rules(rules: Sequence[MappingRule], user: Any, reader: str) -> list[RuleView]:
    """Return rules in words, each with the number of records in which it finds its word now."""
    counts = _count(rules)
    return [
        RuleView(
            rule=rule,
            field=label_field(rule.field, guide_of(rule.field)),
            target_field=label_field(rule.target_field, guide_of(rule.target_field)),
            target=say_value(rule.target, reader),
            count=counts[rule.pk],
            may_change=can_map_source(user, rule.source_id),
        )
        for rule in rules
    ]


def show_trial(rule: MappingRule, former: MappingRule | None, page: str, reader: str) -> TrialView:
    """Return a page of what saving the rule would change."""
    number = max(int(page), 1) if page.isdigit() and len(page) < 6 else 1
    found: Trial = try_rule(rule, replaces=former, offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
    rows = [
        (row, say_value(list(row.before), reader), say_value(list(row.after), reader)) for row in found.rows
    ]
    return TrialView(found.total, rows, number, max(-(-found.total // PER_PAGE), 1))


def offer_words(form: RuleForm, user: Any) -> list[tuple[str, int]]:
    """Return the most frequent words that no vocabulary knows, of the source and field that are chosen."""
    field = chosen_value(form, "field")
    if field not in dict(form.fields["field"].choices):  # type: ignore[attr-defined]
        return []
    key = chosen_value(form, "source")
    source = Source.objects.filter(pk=key).first() if key.isdigit() else None
    return frequent_words(source, field) if can_map_source(user, source.pk if source else None) else []


def target_terms(form: RuleForm, reader: str) -> list[tuple[str, str]]:
    """Return (IRI, name) of the terms to choose from."""
    field = chosen_value(form, "target_field") or chosen_value(form, "field")
    is_known = field in dict(form.fields["target_field"].choices)  # type: ignore[attr-defined]
    return term_choices(field, reader) if is_known else []


def rule_initial(said: Mapping[str, str], former: MappingRule | None) -> dict[str, Any]:
    """Return what the form begins with: the rule that is changed, or what the address says."""
    if former is not None:
        return {
            "source": former.source_id,
            "field": former.field,
            "word": former.match,
            "target_field": former.target_field,
            "target": (former.target or {}).get("iri", ""),
            "is_dropped": former.target is None,
            "note": former.note,
        }
    names = ("source", "field", "word", "target_field")
    initial = {name: said[name] for name in names if said.get(name)}
    if "field" in initial and initial["field"] != "keywords":
        initial.setdefault("target_field", initial["field"])
    return initial


def chosen_value(form: RuleForm, name: str) -> str:
    """Return what is chosen in a field, whether it was sent or is what the form begins with."""
    value = form.data.get(name) if form.is_bound else form.initial.get(name)
    return str(value or "")


def _count(rules: Sequence[MappingRule]) -> dict[int, int]:
    """Return the counts, for as long as no source has said anything new."""
    newest = SourceVersion.objects.order_by("-pk").values_list("pk", flat=True).first()
    key = f"rule-counts:{newest}:{','.join(str(rule.pk) for rule in rules)}"
    found: dict[int, int] | None = cache.get(key)
    if found is None:
        found = count_touched(rules)
        cache.set(key, found, _KEPT_S)
    return found
