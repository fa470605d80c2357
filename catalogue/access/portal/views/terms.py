"""The terms of a request: read, and accepted by each of its people by the hash of the words shown."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalogue.access.domain.terms import accept_terms
from catalogue.access.policies import can
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.request_page import asked_terms, find_own, missing_terms_of
from catalogue.access.portal.terms_form import read_hashes
from catalogue.errors import Conflict, InvalidRecord
from catalogue.portal.reach_section import choose_text


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_terms(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """Show the terms; on POST accept those that are ticked."""
    application = find_own(application_id, request.user)
    if request.method == "POST":
        hashes = read_hashes(request.POST)
        if not hashes:
            messages.error(request, _("Tick the terms that you accept."))
            return redirect("request-terms", application_id=application.pk)
        try:
            accept_terms(application, hashes, by=signed_in(request))
        except (Conflict, InvalidRecord) as error:
            messages.error(request, str(error))
            return redirect("request-terms", application_id=application.pk)
        messages.success(request, _("You accepted the terms."))
        left = missing_terms_of(application, request.user)
        writes = application.applicant_id == request.user.pk and can(request.user, "submit", application)
        target = "request-terms" if left else "request-check" if writes else "request"
        return redirect(target, application_id=application.pk)
    missing = missing_terms_of(application, request.user)
    to_accept = {version.pk for version, _words in missing}
    context = {
        "own_nav": "requests",
        "application": application,
        "missing": missing,
        "accepted": [
            (version, choose_text(version))
            for version in asked_terms(application)
            if version.pk not in to_accept
        ],
    }
    return render(request, "access/terms.html", context)
