"""Steps of benchmarks/desk.py: filling an empty catalogue with work, and asking for pages.

Run in a process where Django is set up (benchmarks/workplace.py).
"""

from __future__ import annotations

import statistics
import sys
import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from catalogue.models import (
    Agent,
    Conflict,
    Dataset,
    Match,
    Override,
    Proposal,
    RoleGrant,
    Run,
    RunFailure,
    Source,
    SourceRecord,
    User,
)

DATASETS, PUBLISHERS, SOURCES = 60_000, 600, 40
CONFLICTS, PROPOSALS, MATCHES, FAILURES = 6_000, 60_000, 6_000, 20_000
ROUNDS = 9
PAGES = (
    "/desk/",
    "/desk/?by=publisher",
    "/desk/?by=source",
    "/desk/conflicts/",
    "/desk/conflicts/?narrow=1",
    "/desk/proposals/",
    "/desk/proposals/?page=500",
    "/desk/matches/",
    "/desk/failures/",
)
_CHUNK = 2000


def fill() -> None:
    """Write the catalogue, its open work, and two people."""
    with transaction.atomic():
        write_rows()
        make_people()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def write_rows() -> None:
    now = timezone.now()
    words = "Measured along the coast, in lakes and in streams, every hour since 1990. " * 40
    publishers = Agent.objects.bulk_create(
        Agent(key=f"p{n}", slug=f"publisher-{n}", name=f"Publisher {n}") for n in range(PUBLISHERS)
    )
    sources = Source.objects.bulk_create(
        Source(slug=f"source-{n}", title=f"Source {n}", protocol="dcat", url="https://a.example/")
        for n in range(SOURCES)
    )
    runs = Run.objects.bulk_create(
        Run(source=source, state="finished", complete=True, ended_at=now) for source in sources
    )
    datasets = [
        Dataset(
            id=uuid.uuid5(uuid.NAMESPACE_URL, str(n)), slug=f"dataset-{n}", title=f"Dataset {n} of the coast",
            publisher=publishers[n % PUBLISHERS], created_at=now, changed_at=now,
            record={"title": [{"value": f"Dataset {n}", "lang": "en"}], "description": [{"value": words, "lang": "en"}]},
            provenance={"": {"layer": "source", "source": f"source-{n % SOURCES}", "version": 1}},
        )
        for n in range(DATASETS)
    ]  # fmt: skip
    Dataset.objects.bulk_create(datasets, batch_size=_CHUNK)
    records = SourceRecord.objects.bulk_create(
        (
            SourceRecord(source=sources[n % SOURCES], remote_id=str(n), dataset=row, content_hash="", payload_sha256="",
                         first_seen=now, last_seen=now)
            for n, row in enumerate(datasets)
        ),
        batch_size=_CHUNK,
    )  # fmt: skip
    overrides = Override.objects.bulk_create(
        (Override(dataset=datasets[n * 7], path="title", value="x", made_at=now) for n in range(CONFLICTS)),
        batch_size=_CHUNK,
    )
    Conflict.objects.bulk_create(
        (
            Conflict(
                override=row, dataset_id=row.dataset_id, theirs="y", opened_at=now - timedelta(minutes=n)
            )
            for n, row in enumerate(overrides)
        ),
        batch_size=_CHUNK,
    )
    Proposal.objects.bulk_create(
        (
            Proposal(dataset=datasets[n % DATASETS], path="keywords", value={"value": "coast"}, value_key=str(n), adds=True,
                     confidence=(n % 97) / 97, program="keywords", made_at=now)
            for n in range(PROPOSALS)
        ),
        batch_size=_CHUNK,
    )  # fmt: skip
    Match.objects.bulk_create(
        (
            Match(first=records[2 * n], second=records[2 * n + 1], score=(n % 89) / 89, found_at=now)
            for n in range(MATCHES)
        ),
        batch_size=_CHUNK,
    )
    RunFailure.objects.bulk_create(
        (
            RunFailure(run=runs[n % SOURCES], remote_id=str(n), field="issued", reason=f"Cause {n % 50}.")
            for n in range(FAILURES)
        ),
        batch_size=_CHUNK,
    )


def make_people() -> None:
    """Make a chief steward and the steward of one source."""
    chief, steward = User.objects.create(username="chief"), User.objects.create(username="steward")
    RoleGrant.objects.create(user=chief, role="chief")
    RoleGrant.objects.create(user=steward, role="steward", source=Source.objects.get(slug="source-3"))


def ask_all() -> list[tuple[str, str, float, float, int]]:
    """Return (who, address, processor ms, wall ms, queries) of every page."""
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    rows = []
    with override_settings(STORAGES=storages, ALLOWED_HOSTS=["testserver"]):
        for name in ("chief", "steward"):
            client = Client()
            client.force_login(User.objects.get(username=name))
            rows.extend((name, address, *measure(client, address)) for address in PAGES)
    return rows


def measure(client: Client, address: str) -> tuple[float, float, int]:
    """Return the median processor and wall time of an address in ms, and its number of queries."""
    client.get(address)
    times = []
    for _ in range(ROUNDS):
        started = time.process_time(), time.perf_counter()
        answer = client.get(address)
        times.append((time.process_time() - started[0], time.perf_counter() - started[1]))
        if answer.status_code != 200:
            sys.exit(f"{address} answered {answer.status_code}.")
    with CaptureQueriesContext(connection) as caught:
        client.get(address)
    worked, passed = zip(*times, strict=True)
    return statistics.median(worked) * 1000, statistics.median(passed) * 1000, len(caught)
