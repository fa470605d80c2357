"""The order of a dataset's sources: which one leads, and why.

A steward's choice leads; else the rules of matching/lead.py. Versions are given with their record, its
source and its dataset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from catalogue.domain.source_kinds import AGGREGATOR
from catalogue.matching.lead import View, choose_lead, rank_views
from catalogue.models import OWN_PROTOCOL, Dataset, SourceVersion

CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class LeadReason:
    """Why a record leads: `rule` is a matching.lead.Reason, or CHOSEN with who, when and why.

    `values` is what the rule's sentence names; `words` is that sentence in English.
    """

    record_id: int
    rule: str
    words: str
    values: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    at: datetime | None = None
    why: str = ""


def order_versions(versions: Iterable[SourceVersion]) -> dict[UUID, list[SourceVersion]]:
    """Return the versions by dataset, the leading one first."""
    grouped: dict[UUID, list[SourceVersion]] = defaultdict(list)
    for version in versions:
        grouped[version.record.dataset_id].append(version)
    return {key: order_of_one(rows) if len(rows) > 1 else rows for key, rows in grouped.items()}


def order_of_one(versions: Sequence[SourceVersion]) -> list[SourceVersion]:
    """Return the versions of one dataset, the leading one first."""
    by_key = {str(version.record_id): version for version in versions}
    ranked = [by_key[view.key] for view in rank_views([make_view(version) for version in versions])]
    return sorted(ranked, key=lambda version: version.record.dataset.lead_id != version.record_id)


def explain_lead(dataset: Dataset, versions: Sequence[SourceVersion]) -> LeadReason:
    """Return which of a dataset's versions leads, and why. `dataset` comes with its lead's act."""
    chosen = next((version for version in versions if version.record_id == dataset.lead_id), None)
    if chosen is not None:
        act = dataset.lead_act
        who = act.author.get_username() if act and act.author else ""
        source = chosen.record.source.title
        return LeadReason(
            record_id=chosen.record_id,
            rule=CHOSEN,
            words=f"{source} leads: a steward chose it.",
            values={"source": source},
            by=who,
            at=act.made_at if act else None,
            why=act.reason if act else "",
        )
    lead = choose_lead([make_view(version) for version in versions])
    return LeadReason(int(lead.key), lead.reason.value, lead.words, lead.values)


def make_view(version: SourceVersion) -> View:
    """Return a version as the rules take it."""
    record, source = version.record, version.record.source
    return View(
        key=str(record.pk),
        source=source.title,
        data=version.data,
        sites=(source.url, source.homepage),
        is_own=source.protocol == OWN_PROTOCOL,
        is_aggregator=source.options.get(AGGREGATOR) is True,
        first_seen=record.first_seen.isoformat(),
    )
