"""Attachments: given to whoever may read them, taken out by the applicant."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalogue.access.domain.attachments import find_attachment, read_attachment, remove_attachment
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.request_page import find_own
from catalogue.errors import Conflict, NotPermitted
from catalogue.integrations.file_store import attachment_header


@require_safe
@login_required
def give_attachment(
    request: HttpRequest, application_id: uuid.UUID, attachment_id: uuid.UUID
) -> HttpResponse:
    """Give the bytes, to be saved and never shown in place."""
    attachment = find_attachment(application_id, attachment_id, request.user)
    headers = {
        "Content-Disposition": attachment_header(attachment.name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(read_attachment(attachment), content_type=attachment.media_type, headers=headers)


@require_POST
@login_required
def drop_attachment(
    request: HttpRequest, application_id: uuid.UUID, attachment_id: uuid.UUID
) -> HttpResponse:
    """Take a file out of a request that was not submitted with it."""
    application = find_own(application_id, request.user)
    attachment = get_object_or_404(application.attachments, pk=attachment_id)
    try:
        remove_attachment(attachment, by=signed_in(request))
    except (Conflict, NotPermitted) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The file is taken out: %(name)s") % {"name": attachment.name})
    return redirect("request", application_id=application.pk)
