"""Writing one override among those that are open, so that none overlaps and no divergence is forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from catalogue.domain.curation_place import OpenDataset, Place, with_lang
from catalogue.domain.divergence import is_same_value, settle_conflicts
from catalogue.domain.resolve import value_under
from catalogue.errors import InvalidRecord
from catalogue.models import Act, Conflict, Override
from catalogue.record_paths import get_path, replace_language, set_path


def write_override(
    opened: OpenDataset, place: Place, value: Any, act: Act, now: datetime, *, decides: bool = False
) -> Override | None:
    """Make `value` what the field says, and return the override that says so.

    None: what stands under the field says the same, so that no override is needed any longer. Unless
    `decides`, a conflict that is open stays in the queue: typing a value is no decision. Call inside a
    transaction, and resolve the dataset after.
    """
    place, value = _widen(opened, place, value)
    replaced = [row for row in opened.overrides if overlaps(row, place.path, place.lang)]
    under = opened.read_under(place)
    close_overrides(replaced, Override.Closed.REPLACED, act, now)
    if is_same_value(value, under):
        settle_conflicts(replaced, now)
        return None
    row = Override.objects.create(
        dataset=opened.dataset,
        path=place.path,
        lang=place.lang or "",
        has_lang=place.lang is not None,
        value=value,
        based_on=under if decides else _find_basis(place, under, replaced),
        reason=act.reason,
        author=act.author,
        act=act,
        made_at=now,
    )
    # Two overrides of joined datasets: the question which of them is right goes on with the new one.
    if not decides:
        joined = Conflict.objects.filter(
            override__in=replaced, kind=Conflict.Kind.JOINED, closed_at__isnull=True
        )
        if (first := joined.first()) is not None:
            Conflict.objects.filter(pk=first.pk).update(override=row)
    settle_conflicts(replaced, now)
    return row


def close_overrides(rows: Iterable[Override], closed_as: str, act: Act | None, now: datetime) -> None:
    """Close open overrides. Their conflicts are the caller's to settle."""
    pks = [row.pk for row in rows]
    Override.objects.filter(pk__in=pks, closed_at__isnull=True).update(
        closed_at=now, closed_as=closed_as, closed_by_act=act
    )


def overlaps(row: Override, path: str, lang: str | None) -> bool:
    """Whether an override says something of the field at a path (in a language), or of what is below it."""
    if row.path == path:
        return lang is None or not row.has_lang or row.lang == lang
    return is_below(row.path, path)


def is_below(path: str, parent: str) -> bool:
    """Whether a path leads into the value at another."""
    return path.startswith((f"{parent}.", f"{parent}["))


def restore_overrides(rows: Sequence[Override], now: datetime) -> list[Override]:
    """Make closed overrides count again where nothing newer stands in their place; return the new rows.

    Each is written anew, so that the history tells when it did not count. Call inside a transaction.
    """
    restored: list[Override] = []
    dataset_ids = {row.dataset_id for row in rows}
    standing = list(Override.objects.filter(dataset__in=dataset_ids, closed_at__isnull=True))
    for row in rows:
        lang = row.lang if row.has_lang else None
        beside = [other for other in [*standing, *restored] if other.dataset_id == row.dataset_id]
        if any(overlaps(other, row.path, lang) or is_below(row.path, other.path) for other in beside):
            continue
        restored.append(
            Override(
                dataset_id=row.dataset_id,
                path=row.path,
                lang=row.lang,
                has_lang=row.has_lang,
                value=row.value,
                based_on=row.based_on,
                reason=row.reason,
                author_id=row.author_id,
                act_id=row.act_id,
                made_at=now,
                carried_from_id=row.carried_from_id,
            )
        )
    return Override.objects.bulk_create(restored)


def _widen(opened: OpenDataset, place: Place, value: Any) -> tuple[Place, Any]:
    """Return the wider place that is to be written, with the value in it, where there is one.

    That is the override of which the field is a part already, or the part that is not there yet.
    """
    for row in opened.overrides:
        is_whole = row.path == place.path and place.lang is not None and not row.has_lang
        if is_whole or is_below(place.path, row.path):
            wider = opened.locate(row.path)
            data = dict(opened.data)
            _put(data, place, value)
            return wider, get_path(data, wider.concrete)
    parent, dot, name = place.path.rpartition(".")
    if dot and value is not None and get_path(opened.data, parent) is None:
        said = value if place.lang is None else replace_language(None, place.lang, value)
        return _widen(opened, opened.locate(parent), {name: said})
    return place, value


def _put(data: dict[str, Any], place: Place, value: Any) -> None:
    if place.lang is not None:
        value = replace_language(get_path(data, place.concrete), place.lang, value or [])
    set_path(data, place.concrete, value)


def _find_basis(place: Place, under: Any, replaced: Sequence[Override]) -> Any:
    """Return what a new override is based on: what stands under it, less what is still in question.

    Where an override that it replaces waits for a decision, the source's older value takes the place of
    the newer one, so that the divergence is seen again.
    """
    open_conflicts = Conflict.objects.filter(override__in=replaced, closed_at__isnull=True)
    in_question = set(open_conflicts.exclude(kind=Conflict.Kind.JOINED).values_list("override_id", flat=True))
    for row in replaced:
        if row.pk not in in_question:
            continue
        if row.path == place.path and (not row.has_lang or place.lang is not None):
            return row.based_on
        if row.path == place.path:
            under = replace_language(under, row.lang, row.based_on or [])
            continue
        data = {"part": under}
        below = with_lang(place, row.lang if row.has_lang else None)
        address = f"part{row.path[len(place.path) :]}"
        try:
            value = row.based_on
            if below.lang is not None:
                value = replace_language(get_path(data, address), below.lang, value or [])
            set_path(data, address, value)
        except InvalidRecord:
            continue  # its element is gone from the source
        under = value_under(data, "part", None)
    return under
