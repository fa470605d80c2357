"""The section "Sources" of a dataset's page: what each source says, and what a steward may do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.domain.cluster_lead import CHOSEN, LeadReason
from catalogue.domain.cluster_views import SourceView, list_likely, other_record, read_views
from catalogue.models import Dataset, Match, SourceRecord
from catalogue.policies import can_curate
from catalogue.portal.dataset_values import Value
from catalogue.portal.json_words import say_path, say_value
from catalogue.portal.match_words import say_fact, say_lead

_SHOWN = (
    "title", "description", "publisher", "identifiers", "landing_pages", "keywords", "license", "issued",
    "modified", "version",
)  # fmt: skip
_LONGEST_TEXT = 400
_MOST_VALUES = 12


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact in words, with the values it was made on; `speaks_for` says which way."""

    words: str
    values: Sequence[str]
    speaks_for: bool


@dataclass(frozen=True, slots=True)
class ViewCard:
    """One source's view: what it says, field by field, and how it came to the dataset."""

    view: SourceView
    rows: Sequence[tuple[str, Sequence[Value]]]
    evidence: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class LikelyCard:
    """Another dataset that may be this one."""

    match: Match
    other: SourceRecord
    evidence: Sequence[Evidence]
    may_decide: bool


@dataclass(frozen=True, slots=True)
class ClusterSection:
    """Everything that templates/portal/partials/sources.html shows."""

    dataset: Dataset
    lead: LeadReason | None
    lead_words: str
    cards: Sequence[ViewCard]
    likely: Sequence[LikelyCard]
    may_curate: bool

    @property
    def is_joined(self) -> bool:
        """Whether several records make the dataset."""
        return len(self.cards) > 1

    @property
    def is_chosen(self) -> bool:
        """Whether a steward chose who leads."""
        return self.lead is not None and self.lead.rule == CHOSEN


def build_cluster_section(
    dataset: Dataset, user: Any, reader: str, *, records: int, may_curate: bool
) -> ClusterSection | None:
    """Return the section; None for a visitor where there is one source only, which costs no query."""
    if records < 2 and not may_curate:
        return None
    cluster = read_views(dataset)
    likely = list_likely(dataset) if may_curate else []
    return ClusterSection(
        dataset=dataset,
        lead=cluster.lead,
        lead_words=say_lead(cluster.lead) if cluster.lead else "",
        cards=[_build_card(view, reader) for view in cluster.views],
        likely=[_build_likely(match, dataset, user) for match in likely],
        may_curate=may_curate,
    )


def _build_card(view: SourceView, reader: str) -> ViewCard:
    rows = [
        (say_path(name), lines[:_MOST_VALUES])
        for name in _SHOWN
        if (lines := say_value(_shorten(view.data.get(name)), reader))
    ]
    return ViewCard(view, rows, say_evidence(view.bond.evidence if view.bond else ()))


def _build_likely(match: Match, dataset: Dataset, user: Any) -> LikelyCard:
    other = other_record(match, dataset)
    return LikelyCard(match, other, say_evidence(match.evidence), can_curate(user, other.dataset))


def say_evidence(evidence: Sequence[Mapping[str, Any]]) -> list[Evidence]:
    """Return stored facts in words, the weightiest first."""
    ordered = sorted(evidence, key=lambda fact: -abs(fact["weight"]))
    return [Evidence(say_fact(fact["kind"]), fact["values"], fact["weight"] >= 0) for fact in ordered]


def _shorten(value: Any) -> Any:
    """Return texts cut to what can be compared at a glance."""
    if not isinstance(value, list):
        return value
    return [
        {**item, "value": f"{item['value'][:_LONGEST_TEXT]}…"}
        if isinstance(item, dict) and len(str(item.get("value", ""))) > _LONGEST_TEXT
        else item
        for item in value
    ]
