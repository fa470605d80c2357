"""The people of a request: who asks along, invitations with a code that is shown once, and joining."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from catalogue.access.domain.invitations import (
    accept_invitation,
    invitations_for,
    invite_member,
    remove_member,
)
from catalogue.access.models import Application
from catalogue.access.policies import explain
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.request_list import own_applications
from catalogue.access.portal.request_page import find_own, living_members, name_person
from catalogue.errors import Conflict, InvalidRecord, NotFound, NotPermitted


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def show_people(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """Show who asks along; on POST invite somebody, and show the code this once."""
    application = find_own(application_id, request.user)
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        email = request.POST.get("email", "").strip()
        try:
            member, code = invite_member(application, email, by=signed_in(request))
            context = {"code": code, "invited": member.email}
        except InvalidRecord as error:
            context = {"email": email, "errors": [item.message for item in error.violations]}
            status = 422
        except (Conflict, NotPermitted) as error:
            context, status = {"email": email, "errors": [str(error)]}, 409
    return render(request, "access/people.html", context | _describe(request, application), status=status)


@require_POST
@login_required
def drop_member(request: HttpRequest, application_id: uuid.UUID, member_id: int) -> HttpResponse:
    """Take a member or an invitation out; their rights from this request end."""
    application = find_own(application_id, request.user)
    member = get_object_or_404(living_members(application), pk=member_id)
    try:
        remove_member(member, by=signed_in(request))
    except (Conflict, NotPermitted) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The person is taken out. What they had by this request ends."))
    return redirect("request-people", application_id=application.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def join(request: HttpRequest) -> HttpResponse:
    """Enter a code, or take an invitation that was sent to an own address."""
    errors: list[str] = []
    if request.method == "POST":
        chosen, code = request.POST.get("invitation", ""), request.POST.get("code", "").strip()
        number = int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None
        try:
            application = accept_invitation(by=signed_in(request), code=code, invitation_id=number)
        except (NotFound, Conflict) as error:
            errors = [str(error)]
        else:
            return _go_to(request, application)
    context = {
        "own_nav": "requests",
        "errors": errors,
        "invitations": [
            (row, row.kind, about.application)
            for row in invitations_for(signed_in(request))
            if (about := row.member or row.item) is not None
        ],
    }
    return render(request, "access/join.html", context, status=422 if errors else 200)


def _go_to(request: HttpRequest, application: Application) -> HttpResponse:
    if not own_applications(request.user).filter(pk=application.pk).exists():
        messages.success(request, _("You may review this request now."))
        return redirect("case", application_id=application.pk)
    messages.success(request, _("You are in the request now. Read its terms next."))
    return redirect("request-terms", application_id=application.pk)


def _describe(request: HttpRequest, application: Application) -> dict[str, object]:
    refusals = {name: explain(request.user, name, application) for name in ("invite_member", "remove_member")}
    return {
        "own_nav": "requests",
        "application": application,
        "applicant": name_person(application.applicant),
        "members": [
            (member, name_person(member.user) if member.user else member.email)
            for member in living_members(application)
        ],
        "why_no_invitation": refusals["invite_member"].message if refusals["invite_member"] else "",
        "may_remove": refusals["remove_member"] is None,
    }
