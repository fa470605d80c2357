"""What the basket shows: its datasets by committee, what pre-flight says of each, and what may be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from catalogue.access.domain.advice import judge_datasets
from catalogue.access.domain.baskets import refusals
from catalogue.access.domain.pace import Pace, pace_of
from catalogue.access.models import Committee
from catalogue.access.portal.advice_words import AdviceWords, word_outcome
from catalogue.access.rules.preflight import Intent
from catalogue.access.rules.verdict import Verdict
from catalogue.models import Dataset
from catalogue.portal.dataset_card import publisher_words
from catalogue.portal.reach_section import name_committee, word_pace
from catalogue.portal.words import Words, rank_words


@dataclass(frozen=True, slots=True)
class BasketRow:
    """One dataset. `advice` is None where nothing was said of the purpose, or it is not asked for here."""

    dataset: Dataset
    title: Words
    publisher: Words
    advice: AdviceWords | None
    why_not: str

    @property
    def is_ticked(self) -> bool:
        """Whether it is asked for unless its box is cleared."""
        return not self.why_not and (self.advice is None or self.advice.verdict != Verdict.EXCLUDED)


@dataclass(frozen=True, slots=True)
class BasketGroup:
    """The datasets that one committee decides on; the last group has none."""

    committee: Committee | None
    name: str
    pace: str
    rows: Sequence[BasketRow]


@dataclass(frozen=True, slots=True)
class BasketPage:
    """Everything that templates/access/basket.html shows."""

    groups: Sequence[BasketGroup]
    total: int
    requestable: int
    counts: dict[str, int]  # verdict -> how many
    has_intent: bool


def build_basket_page(datasets: Sequence[Dataset], user: Any, intent: Intent) -> BasketPage:
    """Return the basket. Queries do not grow with the datasets, and only once in a while with committees."""
    reader = get_language() or "en"
    has_intent = intent != Intent()
    why_not = refusals(user, datasets)
    advice = {found.dataset.pk: word_outcome(found.outcome) for found in judge_datasets(datasets, intent)}
    by_committee: dict[Committee | None, list[BasketRow]] = {}
    for dataset in datasets:
        committee = _committee_of(dataset)
        row = BasketRow(
            dataset=dataset,
            title=next(iter(rank_words(dataset.to_record().title, reader)), Words(dataset.title)),
            publisher=publisher_words(dataset, reader),
            advice=advice[dataset.pk] if committee is not None and has_intent else None,
            why_not=why_not.get(dataset.pk, ""),
        )
        by_committee.setdefault(committee, []).append(row)
    paces = pace_of([committee.pk for committee in by_committee if committee is not None])
    groups = [
        BasketGroup(
            committee,
            name_committee(committee),
            word_pace(paces.get(committee.pk, Pace())) if committee is not None else "",
            rows,
        )
        for committee, rows in sorted(by_committee.items(), key=lambda pair: pair[0] is None)
    ]
    rows = [row for group in groups for row in group.rows]
    return BasketPage(
        groups=groups,
        total=len(datasets),
        requestable=sum(not row.why_not for row in rows),
        counts={
            str(verdict): sum(row.advice is not None and row.advice.verdict == verdict for row in rows)
            for verdict in Verdict
        },
        has_intent=has_intent,
    )


def _committee_of(dataset: Dataset) -> Committee | None:
    route = getattr(dataset, "access_route", None)
    return route.workflow.committee if route is not None and route.workflow is not None else None
