"""Are the logs whole, and do the tables say what they say (I5, I6)? The nightly check and the day's anchor."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalogue.access.domain.log import event_to_json
from catalogue.access.evidence.chain import check_chain, digest_heads
from catalogue.access.evidence.fold import fold
from catalogue.access.models import Application, ChainAnchor, Event, Grant, Item

_BATCH = 200


@dataclass(slots=True)
class LogReport:
    """What a check of logs found. Drift and breaks are lines in words. `last`: where a part of them ended."""

    applications: int = 0
    events: int = 0
    broken: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)
    last: uuid.UUID | None = None

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.broken and not self.drifted


def check_logs(*, after: uuid.UUID | None = None, most: int | None = None) -> LogReport:
    """Check every chain and compare the tables with what the logs tell. Reads in batches; changes nothing.

    `most`: end after about so many applications (whole batches), with `last` to go on `after`.
    """
    report = LogReport()
    for applications in _batches(after):
        if most is not None and report.applications >= most:
            return report
        report.last = applications[-1].pk
        ids = [application.pk for application in applications]
        events: dict[object, list[Event]] = {pk: [] for pk in ids}
        for event in Event.objects.filter(application__in=ids).order_by("application", "seq").iterator(5000):
            events[event.application_id].append(event)
        items: dict[object, list[Item]] = {pk: [] for pk in ids}
        for item in Item.objects.filter(application__in=ids).only("pk", "application_id", "state"):
            items[item.application_id].append(item)
        grants: dict[object, list[tuple[object, str]]] = {pk: [] for pk in ids}
        rows = Grant.objects.filter(item__application__in=ids)
        for application_id, pk, state in rows.values_list("item__application", "pk", "state"):
            grants[application_id].append((pk, state))
        for application in applications:
            _check(report, application, events[application.pk], items[application.pk], grants[application.pk])
    report.last = None
    return report


def anchor_heads(*, now: datetime | None = None) -> ChainAnchor:
    """Hash the heads of all logs, once a day, and write it beside the database too (I5)."""
    now = now or timezone.now()
    heads: dict[str, str] = {}
    rows = Event.objects.order_by("application", "seq").values_list("application_id", "hash")
    for application_id, own_hash in rows.iterator(5000):
        heads[str(application_id)] = own_hash
    digest = digest_heads(heads.items())
    with transaction.atomic():
        anchor, made = ChainAnchor.objects.get_or_create(
            day=now.date(), defaults={"heads": len(heads), "sha256": digest, "made_at": now}
        )
    if made:
        path = Path(settings.VAR_DIR) / "anchors.jsonl"
        line = {"day": anchor.day.isoformat(), "heads": anchor.heads, "sha256": anchor.sha256}
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return anchor


def _batches(after: uuid.UUID | None = None) -> Iterator[list[Application]]:
    last = after
    while True:
        rows = Application.objects.order_by("pk").only("pk", "state", "number", "submitted_at")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        batch = list(rows[:_BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def _check(
    report: LogReport,
    application: Application,
    events: list[Event],
    items: list[Item],
    grants: list[tuple[object, str]],
) -> None:
    report.applications += 1
    report.events += len(events)
    number = application.number
    entries = [(event_to_json(event), event.prev_hash, event.hash) for event in events]
    report.broken += [f"{number} {wrong.field}: {wrong.message}" for wrong in check_chain(entries)]
    if not events:
        if application.submitted_at is not None or application.state != Application.State.DRAFT:
            report.broken.append(f"{number}: it was submitted, and has no log.")
        return
    folded = fold((event.type, str(event.item_id or ""), event.body) for event in events)
    report.broken += [f"{number}: an event of an unknown kind, {kind}" for kind in folded.unknown]
    if folded.state != application.state:
        report.drifted.append(f"{number}: the table says {application.state}, the log {folded.state}.")
    for item in items:
        logged = folded.items.get(str(item.pk), Item.State.DRAFT)
        if logged != item.state:
            report.drifted.append(f"{number}, item {item.pk}: the table says {item.state}, the log {logged}.")
    for pk, state in grants:
        told = folded.grants.get(str(pk), "")
        if told != state:
            report.drifted.append(
                f"{number}, right {pk}: the table says {state}, the log {told or 'nothing'}."
            )
