"""Writing own datasets: the list of drafts, beginning one, the editor with its autosave, the preview."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.domain.drafts import (
    UNPUBLISHED,
    WRITABLE,
    DraftChanged,
    drafts_for,
    find_draft,
    needs_review,
    publishers_for,
    save_draft,
    start_draft,
)
from catalogue.domain.editions import editions_for
from catalogue.domain.own_rules import check_draft
from catalogue.errors import Conflict
from catalogue.models import Agent, Draft
from catalogue.policies import can_approve_draft, require_publishing
from catalogue.portal.draft_form import find_places, read_form
from catalogue.portal.draft_page import (
    STATE_WORDS,
    build_editor,
    describe_problems,
    list_draft_rows,
    mark_fields,
    read_base,
    write_base,
)
from catalogue.portal.draft_preview import describe_preview
from catalogue.portal.field_controls import long_term_lists
from catalogue.portal.file_upload import describe_upload_target

_PER_PAGE = 25
_SHOWN_DRAFTS = 200
_OFFERED_PUBLISHERS = 500


@require_safe
def list_drafts(request: HttpRequest) -> HttpResponse:
    """List the drafts that wait, and what is published by the publishers of the user."""
    require_publishing(request.user)
    rows = list_draft_rows(drafts_for(request.user).filter(state__in=UNPUBLISHED)[:_SHOWN_DRAFTS])
    waiting = [
        row
        for row in rows
        if row.draft.state == Draft.State.IN_REVIEW and can_approve_draft(request.user, row.draft)
    ]
    page = Paginator(editions_for(request.user), _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "waiting": waiting,
        "drafts": [row for row in rows if row not in waiting],
        "page": page,
        "page_range": list(page.paginator.get_elided_page_range(page.number)),
    }
    return render(request, "portal/drafts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_draft(request: HttpRequest) -> HttpResponse:
    """Ask for whom a dataset is to be published, and begin its draft."""
    require_publishing(request.user)
    offered = list(publishers_for(request.user)[:_OFFERED_PUBLISHERS])
    typed = request.POST.get("publisher", "").strip()
    if request.method == "POST" and (publisher := _find_publisher(request.user, typed)):
        draft = start_draft(publisher, by=request.user)
        return redirect("draft", draft_id=draft.pk)
    context = {"publishers": offered, "typed": typed, "is_short": len(offered) < _OFFERED_PUBLISHERS}
    return render(request, "portal/draft_new.html", context, status=422 if typed else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_draft(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Show the editor; on POST save what was written, and do what the button says."""
    draft = find_draft(draft_id, request.user)
    if draft.state not in WRITABLE:
        return redirect("draft-preview", draft_id=draft.pk)
    if request.method != "POST":
        return _show_editor(request, draft)
    deed, _colon, name = request.POST.get("do", "save").partition(":")
    record = read_form(request.POST, draft.record, removed=name if deed == "remove" else "")
    revision, base = read_base(request.POST)
    try:
        draft = save_draft(draft, record, by=request.user, revision=revision, base=base)
    except DraftChanged as changed:
        return _show_editor(request, changed.current, changed)
    if deed == "review":
        return redirect("draft-preview", draft_id=draft.pk)
    target = reverse("draft", args=[draft.pk])
    if deed in {"add", "remove"}:
        return HttpResponseRedirect(f"{target}#field-{name.partition('.')[0].replace('_', '-')}")
    messages.success(request, _("The draft is saved."))
    return HttpResponseRedirect(target)


@require_POST
def autosave_draft(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Save what is being typed, and answer with the parts of the page that change by it."""
    draft = find_draft(draft_id, request.user)
    revision, base = read_base(request.POST)
    record = read_form(request.POST, draft.record)
    try:
        draft = save_draft(draft, record, by=request.user, revision=revision, base=base)
    except Conflict as error:
        return render(request, "portal/partials/draft_not_saved.html", {"error": error})
    places = find_places(request.POST)
    problems = describe_problems(check_draft(draft), places)
    marks = mark_fields(problems, request.POST.get("marked", ""), places)
    context = {
        "draft": draft,
        "problems": problems,
        "base": write_base(draft.record),
        "marks": marks.items(),
        "marked": " ".join(name for name, words in marks.items() if words),
    }
    return render(request, "portal/partials/draft_saved.html", context)


@require_safe
def preview_draft(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Show the page as it would be, what keeps it from being published, and what may be done now."""
    draft = find_draft(draft_id, request.user)
    context: dict[str, Any] = {
        **describe_preview(draft),
        "draft": draft,
        "state": STATE_WORDS[draft.state],
        "problems": describe_problems(check_draft(draft)) if draft.state in UNPUBLISHED else None,
        "is_writable": draft.state in WRITABLE,
        "needs_review": needs_review(draft.publisher_id),
        "may_approve": can_approve_draft(request.user, draft),
    }
    return render(request, "portal/draft_preview.html", context)


def _show_editor(request: HttpRequest, draft: Draft, changed: DraftChanged | None = None) -> HttpResponse:
    context = {
        "editor": build_editor(draft, changed),
        "upload_target": describe_upload_target(draft, reverse("draft", args=[draft.pk])),
        "term_lists": long_term_lists(),
    }
    return render(request, "portal/draft.html", context, status=409 if changed else 200)


def _find_publisher(user: Any, typed: str) -> Agent | None:
    """Return the publisher that was chosen by slug, or typed by name, among those the user may have."""
    rows = publishers_for(user)
    return rows.filter(slug=typed).first() or rows.filter(name=typed).first()
