"""What an operator may do to a source and its runs. Each is one POST, and says what it did."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from catalogue.domain.runs import request_run, request_stop
from catalogue.domain.sources import pause_source, resume_source
from catalogue.domain.undo import undo_run
from catalogue.models import Run, Source
from catalogue.policies import require_operator
from catalogue.tasks import nudge_harvest, nudge_projection

PREVIEW_RECORDS = 200  # enough to see what a source is like, few enough to wait for


def _start(source: Source, request: HttpRequest) -> str | Promise:
    request_run(source, by=request.user)
    nudge_harvest()
    return _("The harvest has been asked for. It begins as soon as a worker is free.")


def _try(source: Source, request: HttpRequest) -> str | Promise:
    request_run(source, by=request.user, kind=Run.Kind.PREVIEW, limit=PREVIEW_RECORDS)
    nudge_harvest()
    return _("The trial has been asked for. Nothing in the catalogue will be changed by it.")


def _accept_removals(source: Source, request: HttpRequest) -> str | Promise:
    request_run(source, by=request.user, accept_removals=True)
    nudge_harvest()
    return _("A harvest that accepts removals has been asked for.")


def _pause(source: Source, request: HttpRequest) -> str | Promise:
    pause_source(source)
    return _("The source is paused. Its datasets stay as they were last seen.")


def _resume(source: Source, request: HttpRequest) -> str | Promise:
    resume_source(source)
    return _("The source is harvested again by its schedule.")


_ACTIONS: dict[str, Callable[[Source, HttpRequest], str | Promise]] = {
    "start": _start,
    "try": _try,
    "accept-removals": _accept_removals,
    "pause": _pause,
    "resume": _resume,
}


@require_POST
def act_on_source(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Start, try, pause or resume a source, or accept its removals, and go back to its page."""
    require_operator(request.user)
    if action not in _ACTIONS:
        raise Http404
    source = get_object_or_404(Source, slug=slug)
    messages.success(request, str(_ACTIONS[action](source, request)))
    return redirect("source", slug=slug)


@require_POST
def stop_run(request: HttpRequest, slug: str, run_id: int) -> HttpResponse:
    """Ask a run to stop, and go back to its source's page."""
    require_operator(request.user)
    request_stop(get_object_or_404(Run, pk=run_id, source__slug=slug))
    messages.success(request, _("The run stops at the end of the page it is reading."))
    return redirect("source", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, slug: str, run_id: int) -> HttpResponse:
    """Ask whether a run shall be undone; on POST, undo it."""
    require_operator(request.user)
    run = get_object_or_404(Run.objects.select_related("source"), pk=run_id, source__slug=slug)
    if request.method != "POST":
        return render(request, "portal/run_undo.html", {"run": run, "source": run.source})
    count = undo_run(run)
    nudge_projection()
    words = ngettext(
        "%d record is back as it was. The source is paused, for its next harvest would say the same again.",
        "%d records are back as they were. The source is paused, for its next harvest would say the same again.",
        count,
    )
    messages.success(request, words % count)
    return redirect("run", slug=slug, run_id=run_id)
