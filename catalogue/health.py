"""Whether this process lives, and whether the site can serve: for supervisors, load balancers and people.

`/health/live` says that the process answers, nothing else. `/health/ready` says how each part stands, and
answers 503 only when the database or the search index cannot serve; all else degrades and is only told.
It asks no outside server: reachability of others is theirs to tell, and this has to be cheap. It names
no address, and no secret can be in it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalogue import stores
from catalogue.domain.file_fixity import describe_fixity
from catalogue.errors import CatalogueError, Unavailable
from catalogue.models import Dataset, Outbox, Run

log = logging.getLogger(__name__)

# Beat looks for work every 10 s at most, and a batch of vectors takes a minute on a slow machine.
STALLED_AFTER = timedelta(minutes=5)

Part = dict[str, Any]
_migrated: set[str] = set()


@require_safe
@never_cache
def show_live(request: HttpRequest) -> HttpResponse:
    """Answer that the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def show_ready(request: HttpRequest) -> HttpResponse:
    """Answer with each part's state; 503 when the database or the index cannot serve."""
    parts = {name: _look(check) for name, check in PARTS.items()}
    can_serve = all(parts[name]["state"] != "failed" for name in VITAL)
    is_whole = all(part["state"] in {"ok", "off", "empty"} for part in parts.values())
    status = ("ok" if is_whole else "degraded") if can_serve else "failed"
    return JsonResponse({"status": status, "parts": parts}, status=200 if can_serve else 503)


def check_database() -> Part:
    """Ask the database the least question there is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"state": "ok", "kind": connection.vendor}


def check_migrations() -> Part:
    """Look whether the database has the tables that the code expects; asked until it has."""
    if connection.alias not in _migrated:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            return {"state": "failed", "message": f"{missing} migrations are missing: run manage.py migrate."}
        _migrated.add(connection.alias)
    return {"state": "ok"}


def check_index() -> Part:
    """Look whether the search index can be read; none yet is fine as long as there is nothing to find."""
    index = stores.search_engine().status()
    if not index.live:
        if Dataset.objects.live().exists():
            return {"state": "failed", "message": "There is no index: run manage.py rebuild search."}
        return {"state": "empty", "documents": 0}
    refused = Outbox.objects.filter(kind="search", attempts__gt=0).count()
    facts = {"kind": index.engine, "documents": index.documents, "generation": index.live}
    return {"state": "ok", **facts, "previous": index.previous, "refused": refused}


def check_encoder() -> Part:
    """Look whether search understands meaning; looking makes the model load if it has not begun to."""
    encoder = stores.encoder()
    if encoder is None:
        return {"state": "off"}
    try:
        return {"state": "ok", "fingerprint": encoder.fingerprint}
    except Unavailable:
        if failure := encoder.failure:
            return {"state": "failed", "message": failure}
        return {"state": "loading"}


def check_graph() -> Part:
    """Look whether the knowledge graph is where the settings say."""
    if settings.GRAPH_QUERY_URL:
        return {"state": "ok", "kind": "server", "message": "Its own health is its server's to tell."}
    if not settings.GRAPH_DIR.is_dir():
        return {"state": "empty", "kind": "embedded"}
    is_readable = os.access(settings.GRAPH_DIR, os.R_OK | os.X_OK)
    return {"state": "ok" if is_readable else "failed", "kind": "embedded"}


def check_object_store() -> Part:
    """Look whether payloads can be archived."""
    if settings.S3_BUCKET:
        return {"state": "ok", "kind": "s3", "message": "Its own health is its server's to tell."}
    folder = settings.OBJECTS_DIR if settings.OBJECTS_DIR.is_dir() else settings.VAR_DIR
    if not os.access(folder, os.W_OK | os.X_OK):
        return {"state": "failed", "kind": "folder", "message": "The folder of payloads cannot be written."}
    return {"state": "ok", "kind": "folder"}


def check_files() -> Part:
    """Look whether people's files are what they were when they came."""
    facts = describe_fixity()
    return {"state": "damaged" if facts["in_trouble"] else "ok", **facts}


def check_outbox() -> Part:
    """Count what waits to be projected, and how long the oldest has."""
    facts = Outbox.objects.aggregate(
        waiting=Count("pk"),
        failing=Count("pk", filter=Q(attempts__gt=0)),
        oldest=Min("created_at"),
        overdue=Min("next_attempt_at", filter=Q(leased_until__isnull=True)),
    )
    is_late = _is_older(facts["overdue"], STALLED_AFTER)
    return {
        "state": "stalled" if is_late else "ok",
        "waiting": facts["waiting"],
        "failing": facts["failing"],
        "oldest_s": _age_s(facts["oldest"]),
    }


def check_workers() -> Part:
    """Look for signs of life: runs that wait too long say that no worker takes them."""
    now = timezone.now()
    open_states = (Run.State.QUEUED, Run.State.RUNNING)
    facts = Run.objects.aggregate(
        queued=Count("pk", filter=Q(state=Run.State.QUEUED)),
        running=Count("pk", filter=Q(state=Run.State.RUNNING, lease_until__gte=now)),
        abandoned=Count("pk", filter=Q(state=Run.State.RUNNING, lease_until__lt=now - STALLED_AFTER)),
        oldest=Min("requested_at", filter=Q(state=Run.State.QUEUED)),
        ended=Max("ended_at", filter=~Q(state__in=open_states)),
    )
    # One worker carries its runs one after another: a queue behind a run at work is no stall.
    is_stuck = facts["abandoned"] or _is_older(facts["oldest"], STALLED_AFTER)
    return {
        "state": "stalled" if is_stuck and not facts["running"] else "ok",
        "runs_queued": facts["queued"],
        "runs_running": facts["running"],
        "last_run_ended_at": facts["ended"],
    }


PARTS: dict[str, Callable[[], Part]] = {
    "database": check_database,
    "migrations": check_migrations,
    "index": check_index,
    "encoder": check_encoder,
    "graph": check_graph,
    "object_store": check_object_store,
    "files": check_files,
    "outbox": check_outbox,
    "workers": check_workers,
}
VITAL = ("database", "index")


def _look(check: Callable[[], Part]) -> Part:
    """Return a part's state. What went wrong goes to the log: a driver's words may hold an address."""
    try:
        return check()
    except (DatabaseError, CatalogueError, OSError) as error:
        log.warning("%s: %s", check.__name__, error)
        return {"state": "failed", "message": f"{type(error).__name__}; the log says more."}


def _is_older(moment: datetime | None, age: timedelta) -> bool:
    return moment is not None and timezone.now() - moment > age


def _age_s(moment: datetime | None) -> int | None:
    return None if moment is None else round((timezone.now() - moment).total_seconds())


urlpatterns = [
    path("live", show_live, name="health-live"),
    path("ready", show_ready, name="health-ready"),
]
