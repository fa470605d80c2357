"""Fills a database with a committee of many requests and rights, and asks for its board; benchmarks/access_board.py."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from benchmarks.desk_rows import measure
from catalogue.access.models import (
    Application,
    Committee,
    CommitteeRole,
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
        [User(username=f"asker{n}", password="!") for n in range(20_000)], batch_size=_BATCH
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
        Grant.objects.bulk_create(
            Grant(
                item=item, user=item.applicant, dataset=item.dataset, starts_at=now,
                ends_at=now + timedelta(days=1 + n % 365), state="active", granted_at=now, changed_at=now,
            )
            for n, item in zip(numbers, items, strict=True)
            if n < rights
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def ask_all() -> list[tuple[str, float, float, int]]:
    """Return (address, processor ms, wall ms, queries) of every page."""
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, ALLOWED_HOSTS=["testserver"]):
        client = Client()
        client.force_login(User.objects.get(username="handler"))
        return [(address, *measure(client, address)) for address in PAGES]
