"""The desk: what waits, and deciding it piece by piece. Each decision is one POST, then the next is open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalogue.domain.desk import (
    KINDS,
    assign_piece,
    comment_on_piece,
    count_work,
    decide_piece,
    find_kind,
    find_piece,
    release_piece,
    share_work,
)
from catalogue.domain.work.kind import Choice, WorkKind
from catalogue.errors import CatalogueError
from catalogue.policies import require_desk
from catalogue.portal.desk_page import build_queue_page, read_confidence, read_filters, write_query
from catalogue.portal.field_text import text_to_value
from catalogue.tasks import nudge_harvest, nudge_projection

_SHARES_PER_PAGE = 50
_WAYS = ("kind", "publisher", "source")


@require_safe
def show_desk(request: HttpRequest) -> HttpResponse:
    """Show what waits for the visitor: by kind, or by publisher or source."""
    require_desk(request.user)
    by = request.GET.get("by", "kind")
    by = by if by in _WAYS else "kind"
    context: dict[str, Any] = {"by": by}
    if by == "kind":
        context["piles"] = count_work(request.user)
    else:
        context["kinds"] = [kind for kind in KINDS.values() if kind.leads_to(by)]
        page = Paginator(share_work(request.user, by), _SHARES_PER_PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "page_range": list(page.paginator.get_elided_page_range(page.number))}
    return render(request, "portal/desk.html", context)


@require_safe
def show_queue(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the queue of one kind with one piece open."""
    require_desk(request.user)
    queue = build_queue_page(find_kind(kind), request.GET, request.user, get_language() or "en")
    return render(
        request, "portal/desk_queue.html", {"queue": queue}, status=404 if queue.is_missing else 200
    )


@require_POST
def decide(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Do what was decided about a piece, and open the next."""
    require_desk(request.user)
    work = find_kind(kind)
    try:
        decide_piece(work, key, _read_choice(request, work, key))
    except CatalogueError as error:
        messages.error(request, str(error))
        return _return(request, kind, item=key)
    nudge_projection()
    nudge_harvest()
    messages.success(request, _("Decided."))
    return _return(request, kind, item=request.POST.get("next", ""))


@require_POST
def decide_batch(request: HttpRequest, kind: str) -> HttpResponse:
    """Decide together what is sure enough, as one act."""
    require_desk(request.user)
    above = read_confidence(request.POST)
    try:
        count = find_kind(kind).decide_batch(
            request.POST.get("batch", ""), above, read_filters(request.GET), request.user
        )
    except CatalogueError as error:
        messages.error(request, str(error))
    else:
        nudge_projection()
        words = ngettext("%d dataset has changed.", "%d datasets have changed.", count)
        messages.success(request, words % count)
    return _return(request, kind, item="")


@require_POST
def assign(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Take a piece, give it to somebody, or let go of it."""
    require_desk(request.user)
    work, to = find_kind(kind), request.POST.get("to", "").strip()
    if to:
        assign_piece(work, key, to=to, by=request.user)
        messages.success(request, _("%s has it now.") % to)
    else:
        find_piece(work, request.user, key)
        release_piece(work, key)
        messages.success(request, _("Anybody may take it now."))
    return _return(request, kind, item=key)


@require_POST
def comment(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Write something about a piece for the others."""
    require_desk(request.user)
    comment_on_piece(find_kind(kind), key, by=request.user, text=request.POST.get("text", ""))
    return _return(request, kind, item=key)


def _read_choice(request: HttpRequest, kind: WorkKind[Any], key: str) -> Choice:
    """Return what the form says. Its text is read as the field of the card says; Raises NotFound, InvalidRecord."""
    value = None
    if text := request.POST.get("value", ""):
        path, at, lang = kind.card(find_piece(kind, request.user, key)).path.partition("@")
        value = text_to_value(path, lang if at else None, text)
    return Choice(
        decision=request.POST.get("decision", ""),
        by=request.user,
        reason=request.POST.get("reason", ""),
        value=value,
        seen=request.POST.get("seen", ""),
    )


def _return(request: HttpRequest, kind: str, *, item: str) -> HttpResponse:
    filters = read_filters(request.GET)
    query = write_query(filters, page=request.GET.get("page", ""), item=item)
    return redirect(f"{reverse('desk-queue', args=[kind])}{query}")
