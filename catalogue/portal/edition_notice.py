"""What the page of an own dataset says beside its description: a newer edition, and what a steward may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalogue.domain.editions import current_edition, find_edition
from catalogue.models import OWN_PROTOCOL, Dataset, Edition
from catalogue.policies import can_publish_for


@dataclass(frozen=True, slots=True)
class EditionNotice:
    """An edition, the one that its work's address leads to, and whether the reader may act on it."""

    edition: Edition
    current: Edition
    may_act: bool

    @property
    def is_superseded(self) -> bool:
        """Whether there is a newer edition to read instead."""
        return self.current.number > self.edition.number or (
            self.edition.withdrawn_at is not None and self.current.withdrawn_at is None
        )


def describe_edition(dataset: Dataset, user: Any) -> EditionNotice | None:
    """Return the notice for an own dataset, None for others, which costs no query."""
    if dataset.provenance.get("", {}).get("source") != OWN_PROTOCOL:
        return None
    edition = find_edition(dataset)
    if edition is None:
        return None
    return EditionNotice(
        edition,
        current_edition(edition.concept_id),
        can_publish_for(user, edition.publisher_id),
    )
