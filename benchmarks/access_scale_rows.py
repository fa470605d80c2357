"""Steps of benchmarks/access_scale.py: a committee of many requests and rights, and what is asked of it.

Run in a process where Django is set up (benchmarks/workplace.py).
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from benchmarks.desk_rows import measure
from catalogue.access.domain.logs import anchor_heads, check_logs
from catalogue.access.evidence.chain import FIRST, Entry, entry_to_json, hash_entry
from catalogue.access.models import (
    Application,
    Committee,
    CommitteeRole,
    Event,
    Form,
    FormVersion,
    Grant,
    Item,
    MatchReport,
    Person,
    Review,
    Snapshot,
    Workflow,
)
from catalogue.models import Dataset, User

_BATCH = 2000
_OPEN = ("pending", "in_review", "recommended")
_ASKERS = 20_000
_VISA_ROUNDS = 300
_ALGORITHMS = ("RS256", "ES256")
PAGES = (
    "/board/",
    "/board/?state=pending",
    "/board/?state=decided&page=40",
    "/board/?mine=1",
    "/board/?overdue=1",
    "/committees/lakes/rights/",
    "/committees/lakes/rights/?q=asker77&state=active",
)


def fill(rights: int, waiting: int) -> None:
    """Write one committee with so many decided items, each with a right, and so many that wait."""
    now = timezone.now()
    committee = Committee.objects.create(slug="lakes", name="Lake committee", created_at=now)
    people = {name: User.objects.create_user(name, password=None) for name in ("handler", "decider")}
    for name, user in people.items():
        CommitteeRole.objects.create(
            committee=committee, user=user, role=name, starts_at=now - timedelta(days=1)
        )
        Person.objects.create(user=user, orcid=f"0000-0002-1825-00{len(name)}7", ror="https://ror.org/1")
    workflow = Workflow.objects.create(committee=committee, name="Usual", kind="four_eyes")
    form = Form.objects.create(committee=committee, name="Usual", edited_at=now)
    version = FormVersion.objects.create(
        form=form, number=1, schema={}, ui={}, sha256="0" * 64, published_at=now
    )
    datasets = [
        Dataset(slug=f"d{n}", title=f"Lake {n}", record={}, created_at=now, changed_at=now)
        for n in range(200)
    ]
    Dataset.objects.bulk_create(datasets)
    askers = User.objects.bulk_create(
        [User(username=f"asker{n}", password="!") for n in range(_ASKERS)], batch_size=_BATCH
    )
    Person.objects.bulk_create(
        [
            Person(user=user, name=user.username, ror=f"https://ror.org/{n % 500}")
            for n, user in enumerate(askers)
        ],
        batch_size=_BATCH,
    )
    for start in range(0, rights + waiting, _BATCH):
        numbers = range(start, min(start + _BATCH, rights + waiting))
        applications = Application.objects.bulk_create(
            Application(
                number=f"B-{n}", applicant=askers[n % len(askers)], title=f"Project {n}",
                state="decided" if n < rights else ("returned" if n % 9 == 0 else "submitted"),
                created_at=now, changed_at=now, submitted_at=now,
            )
            for n in numbers
        )  # fmt: skip
        items = Item.objects.bulk_create(
            Item(
                application=application, dataset=datasets[(n // len(askers)) % 200], committee=committee,
                workflow=workflow, form_version=version, applicant=application.applicant,
                state="approved" if n < rights else _OPEN[n % 3], pending_at=now - timedelta(days=n % 90),
                handler=people["handler"] if n >= rights and n % 3 else None,
                deadline_at=now + timedelta(days=n % 60 - 10) if n % 3 else None,
                decided_at=now - timedelta(minutes=n) if n < rights else None,
            )
            for n, application in zip(numbers, applications, strict=True)
        )  # fmt: skip
        waits = [item for n, item in zip(numbers, items, strict=True) if n >= rights]
        snapshots = Snapshot.objects.bulk_create(
            Snapshot(
                application=item.application, number=1, canonical_json="{}", sha256="0" * 64, submitted_at=now
            )
            for item in waits
        )
        MatchReport.objects.bulk_create(
            MatchReport(snapshot=snapshot, item=item, verdict="needs_person")
            for snapshot, item in zip(snapshots, waits, strict=True)
        )
        Review.objects.bulk_create(
            Review(item=item, reviewer=people["decider"], invited_at=now, snapshot=snapshot, vote="for")
            for snapshot, item in zip(snapshots, waits, strict=True)
        )
        grants = Grant.objects.bulk_create(
            Grant(
                item=item, user=item.applicant, dataset=item.dataset, starts_at=now,
                ends_at=now + timedelta(days=1 + n % 365), state="active", granted_at=now, changed_at=now,
            )
            for n, item in zip(numbers, items, strict=True)
            if n < rights
        )  # fmt: skip
        held = {grant.item_id: grant for grant in grants}
        Event.objects.bulk_create(
            (event for item in items for event in make_log(item, held.get(item.pk), now)), batch_size=_BATCH
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def make_log(item: Item, grant: Grant | None, now: datetime) -> Iterator[Event]:
    """Yield the lines of one request's log, as its item's and right's states have it."""
    told = [("created", None, {}), ("item_added", item, {}), ("submitted", None, {"pending": [str(item.pk)]})]
    if item.state == "in_review":
        told.append(("taken", item, {}))
    elif item.state == "recommended":
        told += [("taken", item, {}), ("recommended", item, {})]
    elif grant is not None:
        told += [("taken", item, {}), ("recommended", item, {}), ("voted", item, {"vote": "for"})]
        told += [("approved", item, {}), ("granted", item, {"grant": str(grant.pk)}), ("decided", None, {})]
        told.append(("terms_accepted", item, {"grant": str(grant.pk)}))
    if item.application.state == "returned":
        told.append(("returned", None, {}))
    last = FIRST
    for number, (kind, about, body) in enumerate(told, start=1):
        about_id = str(about.pk) if about else ""
        entry = Entry(str(item.application_id), number, kind, about_id, "", now, body, is_public=True)
        own = hash_entry(last, entry_to_json(entry))
        yield Event(
            application_id=item.application_id, seq=number, type=kind, item=about, at=now, body=body,
            prev_hash=last, hash=own,
        )  # fmt: skip
        last = own


def ask_pages() -> list[tuple[str, float, float, int]]:
    """Return (address, processor ms, wall ms, queries) of every page."""
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, ALLOWED_HOSTS=["testserver"]):
        client = Client()
        client.force_login(User.objects.get(username="handler"))
        return [(address, *measure(client, address)) for address in PAGES]


def ask_visas() -> list[tuple[str, int, list[float], list[float]]]:
    """Return (algorithm, visas in each answer, [p50, p95] of processor ms, [p50, p95] of wall ms)."""
    rows = []
    for first, algorithm in enumerate(_ALGORITHMS):
        with override_settings(VISA_ALGORITHM=algorithm, ALLOWED_HOSTS=["testserver"]):
            client, times, visas = Client(), [], 0
            for number in range(_VISA_ROUNDS):
                name = f"asker{first * _VISA_ROUNDS + number}"
                client.force_login(User.objects.get(username=name))
                started = time.process_time(), time.perf_counter()
                answer = client.get(f"/api/permissions/{name}")
                times.append((time.process_time() - started[0], time.perf_counter() - started[1]))
                if answer.status_code != 200:
                    sys.exit(f"/api/permissions/{name} answered {answer.status_code}.")
                visas = len(answer.json()["ga4gh_passport_v1"])
            worked, passed = zip(*times[1:], strict=True)  # the first one makes the keys
        rows.append((algorithm, visas, describe(worked), describe(passed)))
    return rows


def describe(times: tuple[float, ...]) -> list[float]:
    """Return the median and the 95th percentile of seconds, in ms."""
    return [statistics.median(times) * 1000, statistics.quantiles(times, n=20)[-1] * 1000]


def check() -> tuple[int, int, int]:
    """Fold all logs and hash their heads, as every night; return (logs, events, what is wrong)."""
    report = check_logs()
    anchor_heads()
    return report.applications, report.events, len(report.broken) + len(report.drifted)
