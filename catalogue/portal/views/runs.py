"""One run: what it did, what failed and why, with the source's own words beside the reason."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalogue import stores
from catalogue.domain.archive import read_payload
from catalogue.models import Run, RunFailure
from catalogue.policies import require_operator
from catalogue.portal.run_words import group_failures, plan_lists, progress_percent, seconds_left

_SHOWN_BYTES = 200_000


@require_safe
def show_run(request: HttpRequest, slug: str, run_id: int) -> HttpResponse:
    """Show a run with its failures by cause and, for a preview, its plan."""
    require_operator(request.user)
    rows = Run.objects.select_related("source", "requested_by")
    run = get_object_or_404(rows, pk=run_id, source__slug=slug)
    context = {
        "run": run,
        "source": run.source,
        "causes": group_failures(run),
        "plan": plan_lists(run.plan),
        "percent": progress_percent(run),
        "seconds_left": seconds_left(run),
        "can_undo": run.kind == Run.Kind.HARVEST and not run.is_open and not run.undone_at,
    }
    return render(request, "portal/run.html", context)


@require_safe
def show_failure(request: HttpRequest, slug: str, run_id: int, failure_id: int) -> HttpResponse:
    """Show the bytes of a record that could not be used, as text; with `download`, the bytes themselves."""
    require_operator(request.user)
    rows = RunFailure.objects.select_related("run__source")
    failure = get_object_or_404(rows, pk=failure_id, run_id=run_id, run__source__slug=slug)
    payload = read_payload(stores.object_store(), failure.raw_pointer) if failure.raw_pointer else b""
    if "download" in request.GET:
        # Never the source's own media type: its HTML would run as ours.
        response = HttpResponse(payload, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="failure-{failure.pk}.txt"'
        return response
    context = {
        "failure": failure,
        "run": failure.run,
        "source": failure.run.source,
        "size": len(payload),
        "text": payload[:_SHOWN_BYTES].decode("utf-8", "replace").replace("\x00", "\ufffd"),
        "is_cut": len(payload) > _SHOWN_BYTES,
    }
    return render(request, "portal/failure.html", context)
