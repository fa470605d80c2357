"""What the page of minting for many shows: the plan before, how far it is after, dataset by dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator

from catalogue.domain.doi_status import Status
from catalogue.domain.minting import Minting, MintingProgress, MintingRow, look_at, measure_minting
from catalogue.portal.doi_page import TONES, Words

PER_PAGE = 25
_AT_REST = frozenset({Status.RESOLVES, Status.RESERVED, Status.HIDDEN, Status.DROPPED})


@dataclass(frozen=True, slots=True)
class RowView:
    """One dataset. `tone` is of its DOI's status."""

    row: MintingRow
    tone: str


@dataclass(frozen=True, slots=True)
class MintingPage:
    """Everything that templates/portal/minting_plan.html shows."""

    minting: Minting
    progress: MintingProgress
    statuses: Sequence[tuple[Words, int]]
    planned: int
    refused: int
    shows_refused: bool
    rows: Sequence[RowView]
    page: Any
    page_range: Sequence[Any]
    is_moving: bool


def build_minting_page(minting: Minting, shown: str, number: str, user: Any) -> MintingPage:
    """Return a page of the planned datasets, or of those that were refused."""
    progress = measure_minting(minting)
    planned, refused = minting.planned, minting.refused
    shows_refused = bool(refused) and (shown == "refused" or not planned)
    page = Paginator(refused if shows_refused else planned, PER_PAGE).get_page(number)
    moving = sum(count for status, count in progress.statuses.items() if status not in _AT_REST)
    return MintingPage(
        minting=minting,
        progress=progress,
        statuses=[
            (status.label, progress.statuses[status]) for status in Status if progress.statuses.get(status)
        ],
        planned=len(planned),
        refused=len(refused),
        shows_refused=shows_refused,
        rows=[
            RowView(row, TONES[row.status.status] if row.status else "")
            for row in look_at(minting, list(page), user)
        ],
        page=page,
        page_range=list(page.paginator.get_elided_page_range(page.number)),
        is_moving=bool(progress.waiting or moving),
    )
