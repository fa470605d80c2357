"""Check and submit: everything that is missing, what changed since the last round, and the one button."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalogue.access.domain.attachments import scan_waiting
from catalogue.access.domain.submitting import submit_application
from catalogue.access.models import Application
from catalogue.access.policies import can
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.check_page import build_check_page
from catalogue.access.portal.request_page import find_own
from catalogue.errors import Conflict, InvalidRecord


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def check_request(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """Show what keeps a request from being submitted, or all of it; on POST submit it."""
    application = find_own(application_id, request.user)
    if not can(request.user, "submit", application):
        return redirect("request", application_id=application.pk)
    if request.method != "POST":
        scan_waiting(application)
        return _show(request, application)
    version = request.POST.get("version", "")
    number = int(version) if version.isdecimal() and len(version) < 10 else 0
    try:
        submit_application(application, by=signed_in(request), version=number)
    except InvalidRecord:
        application.refresh_from_db()
        return _show(request, application, status=422)
    except Conflict as error:
        messages.error(request, str(error))
        return redirect("request-check", application_id=application.pk)
    messages.success(request, _("It is submitted. Each committee decides on its own datasets."))
    return redirect("request", application_id=application.pk)


def _show(request: HttpRequest, application: Application, *, status: int = 200) -> HttpResponse:
    context = {
        "own_nav": "requests",
        "application": application,
        "page": build_check_page(application),
    }
    return render(request, "access/check.html", context, status=status)
