"""The form of a request: written, saved as one types, files attached."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from catalogue.access.domain.advice import saved_intent
from catalogue.access.domain.answering import writable_items
from catalogue.access.domain.applications import save_application
from catalogue.access.domain.attachments import attach_file, find_file_question
from catalogue.access.domain.locking import VersionMoved
from catalogue.access.models import Application
from catalogue.access.policies import can
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.form_page import (
    anchor_of,
    build_form_page,
    compare_answers,
    describe_conflict,
    digest_written,
    list_blocks,
    read_form_page,
)
from catalogue.access.portal.intent_form import country_names, summarise
from catalogue.access.portal.request_page import find_own, title_of
from catalogue.access.rules.preflight import intent_from_json, intent_to_json
from catalogue.errors import Conflict, InvalidRecord

_UPLOAD = "upload:"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_request(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """Show the form; on POST save what was written, and do what the button says."""
    application = find_own(application_id, request.user)
    if not can(request.user, "save", application):
        return redirect("request", application_id=application.pk)
    if request.method != "POST":
        return _show(request, application, application.answers, application.title)
    deed, _colon, path = request.POST.get("do", "save").partition(":")
    title = request.POST.get("title", "")
    removed = path if deed == "remove" else ""
    answers = read_form_page(application, request.POST, removed=removed)
    try:
        application = _save(application, request, answers, title)
        if attached := _attach_files(application, request):
            answers = read_form_page(application, request.POST, removed=removed, attached=attached)
            application.refresh_from_db()
            save_application(application, by=signed_in(request), version=application.version, answers=answers)
    except VersionMoved as moved:
        changes = compare_answers(moved.current, moved.current.answers, answers)
        return _show(request, moved.current, answers, title, status=409, changes=changes)
    except InvalidRecord as error:
        return _show(request, application, answers, title, status=422, error=error)
    return _lead_on(application, deed, path)


@require_POST
@login_required
def autosave_request(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """Save what is being typed, and answer with the parts of the page that change by it."""
    application = find_own(application_id, request.user)
    answers = read_form_page(application, request.POST)
    title = request.POST.get("title", "")
    error: Conflict | InvalidRecord | None = None
    try:
        application = _save(application, request, answers, title)
    except (Conflict, InvalidRecord) as found:
        error = found
    page = build_form_page(application, answers)
    was_shown, is_shown = (set(words.split()) for words in (request.POST.get("shown", ""), page.shown))
    marks: dict[str, Sequence[str]] = dict.fromkeys(request.POST.get("marked", "").split(), ())
    blocks = list_blocks(page)
    marks |= {block.row.html_id: block.errors for block in blocks if block.errors}
    context = {
        "application": application,
        "page": page,
        "error": error,
        "is_moved": isinstance(error, Conflict),  # then the page stays at what it began with
        "base": digest_written(application.answers, application.title),
        "turned": [
            block for block in blocks if (block.row.path in was_shown) != (block.row.path in is_shown)
        ],
        "marks": marks.items(),
        "countries": country_names().items(),
    }
    return render(request, "access/form_saved.html", context)


def _save(application: Application, request: HttpRequest, answers: dict[str, Any], title: str) -> Application:
    """Save; where only something beside the answers was changed meanwhile, save all the same."""
    version = request.POST.get("version", "")
    number = int(version) if version.isdecimal() and len(version) < 10 else 0
    intent = None
    if request.POST.get("do") == "purpose":
        intent = intent_to_json(saved_intent(request.user))
    try:
        return save_application(
            application, by=signed_in(request), version=number, answers=answers, title=title, intent=intent
        )
    except VersionMoved as moved:
        if digest_written(moved.current.answers, moved.current.title) != request.POST.get("base", ""):
            raise
        return save_application(
            application,
            by=signed_in(request),
            version=moved.current.version,
            answers=answers,
            title=title,
            intent=intent,
        )


def _attach_files(application: Application, request: HttpRequest) -> dict[str, list[str]]:
    """Attach the files that came with the form; return their hashes by the path of the question each is for.

    Raises InvalidRecord.
    """
    attached: dict[str, list[str]] = {}
    for name in request.FILES:
        path = name.removeprefix(_UPLOAD)
        question = find_file_question(application, path) if name.startswith(_UPLOAD) else None
        if question is None:
            continue
        for upload in request.FILES.getlist(name):
            content = upload.read(settings.ATTACHMENTS_MAX_MIB * 1024 * 1024 + 1)
            attachment = attach_file(
                application,
                upload.name or "",
                content,
                by=signed_in(request),
                accept=question.accept,
                field=path,
            )
            attached.setdefault(path, []).append(attachment.sha256)
    return attached


def _lead_on(application: Application, deed: str, path: str) -> HttpResponse:
    if deed == "check":
        return redirect("request-check", application_id=application.pk)
    target = reverse("request-form", args=[application.pk])
    if deed == "add":
        return HttpResponseRedirect(f"{target}?{urlencode({'blank': path})}#{anchor_of(path)}")
    if deed == "remove":
        return HttpResponseRedirect(f"{target}#{anchor_of(path.rpartition('[')[0])}")
    if deed == "attach":
        return HttpResponseRedirect(f"{target}#{anchor_of(path)}")
    return redirect(target)


def _show(
    request: HttpRequest,
    application: Application,
    answers: dict[str, Any],
    title: str,
    *,
    status: int = 200,
    changes: list[tuple[str, str, str]] | None = None,
    error: InvalidRecord | None = None,
) -> HttpResponse:
    page = build_form_page(
        application,
        answers,
        is_complete=request.GET.get("missing") == "1",
        blank_entries=request.GET.getlist("blank"),
    )
    if error is not None:
        for violation in error.violations:
            messages.error(request, violation.message)
    context = {
        "own_nav": "requests",
        "application": application,
        "page": page,
        "base": digest_written(application.answers, application.title),
        "countries": country_names().items(),
        "title": title,
        "heading": title_of(application, writable_items(application)),
        "purpose": summarise(intent_from_json(application.intent)),
        "changes": changes,
        "conflict": describe_conflict(changes) if changes is not None else "",
        "max_mib": settings.ATTACHMENTS_MAX_MIB,
        "is_complete_asked": request.GET.get("missing") == "1",
    }
    return render(request, "access/request_form.html", context, status=status)
