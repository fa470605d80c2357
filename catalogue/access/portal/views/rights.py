"""My rights: the list, one of them, and what its holder does with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from catalogue.access.domain.grants import accept_grant_terms, find_grant, relinquish_grant
from catalogue.access.domain.renewals import start_amendment, start_renewal
from catalogue.access.models import Grant
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.rights_page import build_right_page, list_right_rows
from catalogue.access.portal.terms_form import read_hashes
from catalogue.errors import Conflict, InvalidRecord, NotPermitted

_PER_PAGE = 25
_Done = tuple[str, str | Promise]
"""Where to go, and what to say there."""


@require_safe
@login_required
def list_rights(request: HttpRequest) -> HttpResponse:
    """List somebody's rights: those that last, then those that ended."""
    mine = Grant.objects.filter(user=signed_in(request))
    ended = Paginator(
        mine.exclude(state__in=Grant.LASTING).order_by("-changed_at", "pk"), _PER_PAGE
    ).get_page(request.GET.get("page"))
    context = {
        "own_nav": "rights",
        "lasting": list_right_rows(mine.filter(state__in=Grant.LASTING).order_by("ends_at", "pk")),
        "ended": list_right_rows(ended.object_list),
        "page": ended,
        "page_range": list(ended.paginator.get_elided_page_range(ended.number)),
    }
    return render(request, "access/rights.html", context)


@require_safe
@login_required
def show_right(request: HttpRequest, grant_id: uuid.UUID) -> HttpResponse:
    """Show one right to its holder, or to whoever else may know of it."""
    grant = find_grant(grant_id, signed_in(request))
    page = build_right_page(grant, request.user)
    context = {"own_nav": "rights", "page": page, "is_holder": grant.user_id == request.user.pk}
    return render(request, "access/right.html", context)


def _accept(grant: Grant, request: HttpRequest) -> _Done:
    accept_grant_terms(grant, read_hashes(request.POST), by=signed_in(request))
    return reverse("right", args=[grant.pk]), _("Your access begins now.")


def _relinquish(grant: Grant, request: HttpRequest) -> _Done:
    relinquish_grant(grant, by=signed_in(request))
    return reverse("rights"), _("You gave the right back.")


def _renew(grant: Grant, request: HttpRequest) -> _Done:
    application = start_renewal(grant, by=signed_in(request))
    words = _("This renews your right, with the answers you gave before. Change what changed, and submit it.")
    return reverse("request-form", args=[application.pk]), words


def _amend(grant: Grant, request: HttpRequest) -> _Done:
    application = start_amendment(grant, by=signed_in(request))
    words = _("Change what is to be different, and submit it. Your right goes on meanwhile.")
    return reverse("request-form", args=[application.pk]), words


_DEEDS: dict[str, Callable[[Grant, HttpRequest], _Done]] = {
    "accept-terms": _accept,
    "relinquish": _relinquish,
    "renew": _renew,
    "amend": _amend,
}


@require_POST
@login_required
def act_on_right(request: HttpRequest, grant_id: uuid.UUID, action: str) -> HttpResponse:
    """Do it and say so; what keeps it from being done is said on the right's page."""
    grant = find_grant(grant_id, signed_in(request))
    if action not in _DEEDS:
        raise Http404
    try:
        target, words = _DEEDS[action](grant, request)
    except InvalidRecord as error:
        messages.error(request, " ".join(violation.message for violation in error.violations) or str(error))
        return redirect("right", grant_id=grant.pk)
    except (Conflict, NotPermitted) as error:
        messages.error(request, str(error))
        return redirect("right", grant_id=grant.pk)
    messages.success(request, str(words))
    return redirect(target)
