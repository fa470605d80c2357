"""`/access/applications/{id}/attachments`: files for the questions that take them.

A file is sent first and then named in the answers by its SHA-256, also inside entries of repeated groups.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.access.api.bodies import NewAttachmentSerializer
from catalogue.access.api.commands import PROBLEMS, TAGS
from catalogue.access.api.permissions import IsSignedIn, asker
from catalogue.access.api.serializers import AttachmentSerializer
from catalogue.access.api.showing import find_application
from catalogue.access.domain.attachments import (
    attach_file,
    find_attachment,
    find_file_question,
    read_attachment,
    remove_attachment,
)
from catalogue.access.policies import require
from catalogue.api.schema import describe, path_parameter
from catalogue.api.view import ApiView
from catalogue.errors import InvalidRecord, Violation
from catalogue.integrations.file_store import attachment_header

_APPLICATION_ID = path_parameter("application_id", "The application's id.", "", uuid.UUID)
_ATTACHMENT_ID = path_parameter("attachment_id", "The attachment's id.", "", uuid.UUID)


class AttachmentsView(ApiView):
    """Attaching files."""

    permission_classes = (IsSignedIn,)
    parser_classes = (MultiPartParser,)

    @describe(
        "Attach a file",
        AttachmentSerializer,
        operation="attachFile",
        tags=TAGS,
        description=(
            "As multipart/form-data. Name the `sha256` of the answer in the answers; the same bytes are kept "
            "once. The media type is sniffed, whatever the name says."
        ),
        status=201,
        parameters=[_APPLICATION_ID],
        request={"multipart/form-data": NewAttachmentSerializer},
        problems=PROBLEMS,
    )
    def post(self, request: Request, application_id: uuid.UUID) -> Response:
        """Attach it."""
        application = find_application(application_id, request.user)
        require(request.user, "attach", application)
        form = NewAttachmentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        path, upload = form.validated_data["question"], form.validated_data["file"]
        question = find_file_question(application, path)
        if question is None:
            raise InvalidRecord(
                "The file was not attached.",
                (Violation("question", "Write the path of a question that takes files.", path[:200]),),
            )
        content = upload.read(settings.ATTACHMENTS_MAX_MIB * 1024 * 1024 + 1)
        attachment = attach_file(
            application, upload.name, content, by=asker(request), accept=question.accept, field="file"
        )
        return Response(AttachmentSerializer(attachment).data, status=201)


class AttachmentView(ApiView):
    """One attachment."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Fetch an attached file",
        None,
        media_types=("application/octet-stream",),
        operation="fetchAttachment",
        tags=TAGS,
        description="For the request's people, and for those who serve an item that names it as submitted.",
        parameters=[_APPLICATION_ID, _ATTACHMENT_ID],
        problems=(401, 404),
    )
    def get(self, request: Request, application_id: uuid.UUID, attachment_id: uuid.UUID) -> HttpResponse:
        """Answer with its bytes."""
        attachment = find_attachment(application_id, attachment_id, request.user)
        response = HttpResponse(read_attachment(attachment), content_type="application/octet-stream")
        response.headers["Content-Disposition"] = attachment_header(attachment.name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    @describe(
        "Take an attached file out",
        None,
        operation="removeAttachment",
        tags=TAGS,
        description="Only one that was not submitted; a submitted one stays with its round.",
        status=204,
        parameters=[_APPLICATION_ID, _ATTACHMENT_ID],
        problems=(401, 403, 404, 409),
    )
    def delete(self, request: Request, application_id: uuid.UUID, attachment_id: uuid.UUID) -> Response:
        """Take it out."""
        application = find_application(application_id, request.user)
        require(request.user, "attach", application)
        remove_attachment(find_attachment(application.pk, attachment_id, request.user), by=asker(request))
        return Response(status=204)
