"""My searches: saving one, how one is told of it, its feed, and stopping the mail."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.alert_words import because_to_words
from catalogue.domain.saved_searches import (
    change_search,
    delete_search,
    find_stoppable,
    save_search,
    stop_mail,
)
from catalogue.errors import CatalogueError, NotFound, Unavailable
from catalogue.models import Dataset, SavedSearch, SearchHit, User
from catalogue.portal.feed import FeedEntry, build_feed
from catalogue.portal.searches_page import build_searches_page

_NEWEST = 50


@require_safe
@login_required
def list_searches(request: HttpRequest) -> HttpResponse:
    """Show the visitor's saved searches with what is new."""
    return _show(request)


@require_POST
@login_required
def add_search(request: HttpRequest) -> HttpResponse:
    """Save a search."""
    wishes: dict[str, Any] = {"by_meaning": bool(request.POST.get("by_meaning"))}
    if "mail" in request.POST:
        wishes["mail"] = request.POST["mail"]
    try:
        saved = save_search(
            _owner(request),
            request.POST.get("query", "")[:4000],
            name=request.POST.get("name", ""),
            language=get_language() or "en",
            **wishes,
        )
    except Unavailable:
        raise
    except CatalogueError as error:
        return _show(request, str(error), status=422)
    messages.success(request, _("Saved: you will hear of what is new for “%(name)s”.") % {"name": saved.name})
    return redirect("searches")


@require_POST
@login_required
def edit_search(request: HttpRequest, search_id: uuid.UUID) -> HttpResponse:
    """Change how the visitor is told of a search."""
    search = _find(request, search_id)
    wishes = {name: request.POST[name] for name in ("name", "mail", "webhook_url") if name in request.POST}
    try:
        change_search(search, wishes)
    except CatalogueError as error:
        return _show(request, str(error), status=422)
    messages.success(request, _("Changed."))
    return redirect("searches")


@require_POST
@login_required
def remove_search(request: HttpRequest, search_id: uuid.UUID) -> HttpResponse:
    """Delete a search."""
    search = _find(request, search_id)
    delete_search(search)
    messages.success(request, _("Deleted: “%(name)s”.") % {"name": search.name})
    return redirect("searches")


@require_safe
def show_search_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return what a saved search has found as an Atom feed. Who knows the address may read it."""
    search = SavedSearch.objects.filter(feed_token=token).select_related("owner").first()
    if search is None:
        raise NotFound("There is no such feed.")
    hits = SearchHit.objects.filter(search=search, is_old=False).order_by("-found_at", "-id")[:_NEWEST]
    rows = Dataset.objects.visible_to(None).live().filter(pk__in=[hit.dataset_id for hit in hits])
    by_id = {row.pk: row for row in rows.select_related("publisher")}
    entries = [
        FeedEntry(by_id[hit.dataset_id], hit.found_at, because_to_words(hit.because))
        for hit in hits
        if hit.dataset_id in by_id
    ]
    address = reverse("saved-feed", args=[token])
    body = build_feed(search.name, address, f"{reverse('search')}?{search.query}", entries)
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@csrf_exempt  # RFC 8058: the post comes from a mail program; the signed address is what allows it
@require_http_methods(["GET", "HEAD", "POST"])
def stop_messages(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mail of the searches that a signed address names: by a post, as programs follow links."""
    searches = find_stoppable(token)
    is_done = request.method == "POST"
    if is_done:
        stop_mail(searches)
    return render(request, "portal/alerts_stop.html", {"searches": searches, "is_done": is_done})


def _show(request: HttpRequest, error: str = "", *, status: int = 200) -> HttpResponse:
    context = {"searches": build_searches_page(_owner(request)), "error": error}
    return render(request, "portal/searches.html", context, status=status)


def _find(request: HttpRequest, search_id: uuid.UUID) -> SavedSearch:
    return get_object_or_404(SavedSearch, pk=search_id, owner=_owner(request))


def _owner(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
