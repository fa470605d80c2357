"""`/files`: uploads in parts that go straight to the store, and downloads by short-lived addresses."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpResponseRedirect
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.access.domain.downloads import note_download
from catalogue.api.lookup import find_own_file
from catalogue.api.schema import describe, path_parameter
from catalogue.api.serializers.files import (
    FileSerializer,
    FinishedFileSerializer,
    NewFileSerializer,
    PartNumbersSerializer,
    PartsSerializer,
)
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.domain.drafts import find_draft
from catalogue.domain.file_links import find_download, sign_download
from catalogue.domain.file_types import contradicts
from catalogue.domain.files import (
    begin_upload,
    delete_file,
    finish_upload,
    list_received,
    plan_parts,
    sign_parts,
)
from catalogue.models import StoredFile
from catalogue.tasks import nudge_files

_ID = path_parameter("file_id", "The file's id.", "", uuid.UUID)
_TAGS = ["Files"]
_MINE = (401, 403, 404)


class FilesView(ApiView):
    """New files."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Begin to upload a file",
        FileSerializer,
        operation="beginUpload",
        tags=_TAGS,
        description=(
            "For those who may edit the draft. Cut the file into parts of `upload.part_size_bytes`, ask for "
            "addresses at `{url}/parts`, PUT each part to its own, then POST `{url}/complete` with the SHA-256 "
            "of the file. An upload that was interrupted goes on with the parts that `upload.received` does "
            "not name or whose PUT was never answered."
        ),
        status=201,
        request=NewFileSerializer,
        body_example={"draft": str(uuid.UUID(int=1)), "name": "lakes.csv", "size_bytes": 1048576},
        problems=(*_MINE, 409, 502),
    )
    def post(self, request: Request) -> Response:
        """Begin the upload of the body."""
        form = NewFileSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        draft = find_draft(given.pop("draft"), request.user)
        file = describe_file(begin_upload(draft, by=request.user, **given))
        return Response(FileSerializer(file).data, status=201, headers={"Location": file.api_url})


class FileView(ApiView):
    """One file."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Read how a file stands",
        FileSerializer,
        operation="readFile",
        tags=_TAGS,
        description="For those who may edit its dataset.",
        parameters=[_ID],
        problems=(*_MINE, 502),
    )
    def get(self, request: Request, file_id: uuid.UUID) -> Response:
        """Answer with the file."""
        return Response(FileSerializer(describe_file(find_own_file(file_id, request.user))).data)

    @describe(
        "Give up an upload, or delete a file",
        None,
        operation="deleteFile",
        tags=_TAGS,
        description="For those who may edit its draft. A published file stays.",
        status=204,
        parameters=[_ID],
        problems=(*_MINE, 409),
    )
    def delete(self, request: Request, file_id: uuid.UUID) -> Response:
        """Delete the file."""
        delete_file(find_own_file(file_id, request.user))
        nudge_files()
        return Response(status=204)


class FilePartsView(ApiView):
    """Addresses for parts."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Ask for addresses to send parts to",
        PartsSerializer,
        operation="signParts",
        tags=_TAGS,
        description="Up to 100 at a time. They hold for a short time; ask again for those that ran out.",
        parameters=[_ID],
        request=PartNumbersSerializer,
        body_example={"numbers": [1, 2, 3]},
        problems=(*_MINE, 409),
    )
    def post(self, request: Request, file_id: uuid.UUID) -> Response:
        """Answer with the addresses."""
        form = PartNumbersSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        parts = sign_parts(find_own_file(file_id, request.user), form.validated_data["numbers"])
        signed = [
            {
                "number": part.number,
                "offset": part.offset,
                "size_bytes": part.size_bytes,
                "url": request.build_absolute_uri(part.url),
            }
            for part in parts
        ]
        return Response(PartsSerializer({"parts": signed, "expires_s": settings.FILES_LINK_S}).data)


class FileCompleteView(ApiView):
    """The end of an upload."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Say that all parts were sent",
        FileSerializer,
        operation="completeUpload",
        tags=_TAGS,
        description="The file is then checked in the background: read it again until its state moves on.",
        status=202,
        parameters=[_ID],
        request=FinishedFileSerializer,
        body_example={"sha256": ""},
        problems=(*_MINE, 409, 502),
    )
    def post(self, request: Request, file_id: uuid.UUID) -> Response:
        """Finish the upload."""
        form = FinishedFileSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        file = finish_upload(find_own_file(file_id, request.user), **form.validated_data)
        nudge_files()
        return Response(FileSerializer(describe_file(file)).data, status=202)


class FileContentView(ApiView):
    """The bytes of a file."""

    @describe(
        "Download a file",
        None,
        operation="downloadFile",
        tags=_TAGS,
        description="Leads to an address that gives the bytes, whole or by range, for a short time.",
        status=302,
        parameters=[_ID],
        problems=(403, 404, 409),
    )
    def get(self, request: Request, file_id: uuid.UUID) -> HttpResponseRedirect:
        """Redirect to the store."""
        file = find_download(file_id, request.user)
        response = HttpResponseRedirect(request.build_absolute_uri(sign_download(file)))
        note_download(request.user, file)
        response.headers["Cache-Control"] = "no-store"
        return response


def describe_file(file: StoredFile) -> Any:
    """Return the file with what its serializer shows besides its columns."""
    row: Any = file
    row.is_misnamed = contradicts(file.name, file.media_type) if file.media_type else False
    row.api_url = build_url("api-file", file.pk)
    row.content_url = build_url("file", file.pk)
    row.progress = None
    if file.state == StoredFile.State.UPLOADING:
        row.progress = {
            "part_size_bytes": file.upload.part_size_bytes,
            "part_count": len(plan_parts(file)),
            "received": list_received(file),
        }
    return row
