"""One request: its page, and what its people do with it as a whole. Each deed is one POST."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from catalogue.access.domain.applications import change_items, delete_draft, withdraw_application
from catalogue.access.domain.conflicts import add_comment
from catalogue.access.domain.deciding import withdraw_item
from catalogue.access.domain.invitations import leave_application
from catalogue.access.models import Application
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.request_page import build_request_page, find_own
from catalogue.errors import Conflict, InvalidRecord, NotPermitted

_Done = tuple[str, str | Promise]
"""Where to go, and what to say there."""


@require_safe
@login_required
def show_request(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """Show how a request stands."""
    application = find_own(application_id, request.user)
    context = {"own_nav": "requests", "page": build_request_page(application, request.user)}
    return render(request, "access/request.html", context)


def _withdraw(application: Application, request: HttpRequest) -> _Done:
    withdraw_application(application, by=signed_in(request), reason=request.POST.get("reason", ""))
    return reverse("request", args=[application.pk]), _("The request is withdrawn.")


def _delete(application: Application, request: HttpRequest) -> _Done:
    delete_draft(application, by=signed_in(request))
    return reverse("requests"), _("The draft is deleted.")


def _leave(application: Application, request: HttpRequest) -> _Done:
    leave_application(application, by=signed_in(request))
    return reverse("requests"), _("You left the request.")


def _comment(application: Application, request: HttpRequest) -> _Done:
    add_comment(application, by=signed_in(request), text=request.POST.get("text", ""), is_public=True)
    return reverse("request", args=[application.pk]) + "#said", _("Your words are with the committees.")


def _withdraw_item(application: Application, request: HttpRequest) -> _Done:
    item = get_object_or_404(application.items, pk=_read_id(request))
    withdraw_item(item, by=signed_in(request), reason=request.POST.get("reason", ""))
    return reverse("request", args=[application.pk]), _("The dataset is withdrawn from the request.")


def _take_out(application: Application, request: HttpRequest) -> _Done:
    version = request.POST.get("version", "")
    change_items(
        application,
        by=signed_in(request),
        version=int(version) if version.isdecimal() and len(version) < 10 else 0,
        remove=[_read_id(request)],
    )
    return reverse("request", args=[application.pk]), _("The dataset is taken out.")


_DEEDS: dict[str, Callable[[Application, HttpRequest], _Done]] = {
    "withdraw": _withdraw,
    "delete": _delete,
    "leave": _leave,
    "comment": _comment,
    "withdraw-item": _withdraw_item,
    "take-out": _take_out,
}


@require_POST
@login_required
def act_on_request(request: HttpRequest, application_id: uuid.UUID, action: str) -> HttpResponse:
    """Do it and say so; what keeps it from being done is said on the request's page."""
    application = find_own(application_id, request.user)
    if action not in _DEEDS:
        raise Http404
    try:
        target, words = _DEEDS[action](application, request)
    except InvalidRecord as error:
        messages.error(request, " ".join(violation.message for violation in error.violations) or str(error))
        return redirect("request", application_id=application.pk)
    except (Conflict, NotPermitted) as error:
        messages.error(request, str(error))
        return redirect("request", application_id=application.pk)
    messages.success(request, str(words))
    return redirect(target)


def _read_id(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("item", ""))
    except ValueError:
        raise Http404 from None
