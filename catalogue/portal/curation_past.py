"""A dataset at a moment beside what it is now, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from catalogue.domain.divergence import is_same_value
from catalogue.domain.history import state_as_of
from catalogue.field_guide import list_fields
from catalogue.models import Dataset
from catalogue.portal.curation_values import say_field
from catalogue.portal.dataset_values import Value


@dataclass(frozen=True, slots=True)
class PastField:
    """A field then and now."""

    label: str | Promise
    then: Sequence[Value]
    now: Sequence[Value]
    differs: bool


def build_past(dataset: Dataset, moment: datetime, reader: str) -> list[PastField]:
    """Return the fields that said anything then or say it now, those that differ first.

    Raises NotFound when no source described the dataset then.
    """
    past = state_as_of(dataset, moment).record
    fields = [
        PastField(
            guide.label,
            say_field(guide, past.get(guide.name), reader),
            say_field(guide, dataset.record.get(guide.name), reader),
            not is_same_value(past.get(guide.name), dataset.record.get(guide.name)),
        )
        for guide in list_fields("dataset")
        if past.get(guide.name) or dataset.record.get(guide.name)
    ]
    return sorted(fields, key=lambda field: not field.differs)
