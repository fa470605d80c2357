"""Files: downloads, the folder store's signed addresses, and uploads without a script."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue import stores
from catalogue.access.domain.downloads import note_download
from catalogue.domain.drafts import find_draft
from catalogue.domain.file_links import RestrictedFile, find_download, sign_download
from catalogue.domain.files import delete_file
from catalogue.errors import InvalidRecord, NotFound
from catalogue.integrations.file_folder import FolderFiles
from catalogue.integrations.file_store import attachment_header
from catalogue.models import StoredFile
from catalogue.policies import can_edit_file
from catalogue.portal.byte_range import UnsatisfiableRangeError, parse_range
from catalogue.portal.file_upload import describe_upload_target
from catalogue.portal.upload_handler import StoreUploadHandler
from catalogue.tasks import nudge_files


@require_safe
def show_file(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """Lead to a short-lived address of the file; who may not have it is told how to get it."""
    try:
        file = find_download(file_id, request.user)
    except RestrictedFile as error:
        return render(request, "portal/file_restricted.html", {"dataset": error.dataset}, status=403)
    response: HttpResponse
    if request.method == "HEAD":  # a signed address is for one method
        response = HttpResponse(content_type=file.media_type)
        response.headers["Content-Length"] = str(file.size_bytes)
        response.headers["Accept-Ranges"] = "bytes"
    else:
        response = HttpResponseRedirect(sign_download(file))
        note_download(request.user, file)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def give_content(request: HttpRequest, token: str) -> HttpResponseBase:
    """Give the bytes that a token of the folder store allows, whole or a range of them."""
    store = _find_folder()
    key, name, media_type = store.open_download(token)
    size_bytes, etag = store.size(key), f'"{key}"'
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""
    try:
        part = parse_range(wanted, size_bytes)
    except UnsatisfiableRangeError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size_bytes}"})
    offset, length = part or (0, size_bytes)
    # Or the middleware would compress it: a range of that is no range of the file.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    headers = {
        "Content-Type": media_type or "application/octet-stream",
        "Content-Length": str(length),
        "Content-Disposition": attachment_header(name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Cache-Control": "private, no-store",
    }
    if part:
        headers["Content-Range"] = f"bytes {offset}-{offset + length - 1}/{size_bytes}"
    return StreamingHttpResponse(
        store.read(key, offset, length), status=206 if part else 200, headers=headers
    )


@csrf_exempt  # the token is the permission, and no cookie is looked at
@require_http_methods(["PUT"])
def receive_part(request: HttpRequest, token: str) -> HttpResponse:
    """Take a part of an upload into the folder store."""
    size_bytes = request.headers.get("Content-Length", "")
    _find_folder().receive_part(token, request.read, int(size_bytes) if size_bytes.isdecimal() else 0)
    return HttpResponse(status=204)


@require_safe
def list_files(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Show the rows of the control alone: what the script asks for when a file has moved on."""
    draft = find_draft(draft_id, request.user)
    context = {"upload_target": describe_upload_target(draft, request.GET.get("next", ""))}
    return render(request, "portal/partials/file_rows.html", context)


@csrf_exempt  # looked at below: where the middleware looks, the body would be read before it has a place
@require_POST
def send_file(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Take the file of a form, for browsers without a script."""
    handler = StoreUploadHandler(find_draft(draft_id, request.user), request.user)
    request.upload_handlers = [handler]
    try:
        return _finish_form(request, handler)
    finally:
        handler.give_up()


@csrf_protect
def _finish_form(request: HttpRequest, handler: StoreUploadHandler) -> HttpResponse:
    back = request.POST.get("next", "")  # reads the form, and the file with it
    file = handler.finish()
    if file is None:
        raise InvalidRecord(_("No file came with the form. Choose one first."))
    nudge_files()
    messages.success(request, _("“%(name)s” arrived and is being checked.") % {"name": file.name})
    return redirect(_safe_back(request, back))


@require_POST
def remove_file(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """Give up an upload, or delete a file of a draft."""
    file = get_object_or_404(StoredFile.objects.select_related("draft", "dataset"), pk=file_id)
    if not can_edit_file(request.user, file):
        raise Http404
    delete_file(file)
    nudge_files()
    messages.success(request, _("“%(name)s” is removed.") % {"name": file.name})
    return redirect(_safe_back(request, request.POST.get("next", "")))


def _find_folder() -> FolderFiles:
    store = stores.file_store()
    if not isinstance(store, FolderFiles):
        raise NotFound("Files are in a bucket here; this address is not used.")
    return store


def _safe_back(request: HttpRequest, back: str) -> str:
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if is_ours else "/"
