"""Forms as managers edit them: a list, and the editor with its preview."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalogue.access.domain.form_editing import FormMoved, publish_form, save_form, start_form
from catalogue.access.forms.editing import (
    add_section,
    drop_empty_section,
    move_question,
    put_question,
    remove_question,
)
from catalogue.access.models import Form
from catalogue.access.policies import can, require
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.committees import find_committee
from catalogue.access.portal.form_editor import build_editor, build_preview, draft_of
from catalogue.access.portal.manage_fields import FormNameForm
from catalogue.access.portal.question_form import QuestionForm, read_json
from catalogue.errors import InvalidRecord, NotFound
from catalogue.portal.desk_forms import add_violations

_STEPS = {"up": -1, "down": 1}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def list_forms(request: HttpRequest, committee: str) -> HttpResponse:
    """List the forms of a committee; on POST begin one."""
    found = find_committee(committee)
    require(request.user, "read_forms", found)
    form = FormNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = start_form(found, form.cleaned_data["name"], by=signed_in(request))
        except InvalidRecord as error:
            add_violations(form, error)
        else:
            return redirect("manage-form", committee=found.slug, form_id=made.pk)
    may_edit = can(request.user, "edit_forms", found)
    context = {
        "committee": found,
        "forms": found.forms.prefetch_related("versions"),
        "form": form if may_edit else None,
    }
    return render(request, "access/manage_forms.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_form(request: HttpRequest, committee: str, form_id: uuid.UUID) -> HttpResponse:
    """Show a form's editor; on POST do what its button says, to the revision that was read."""
    found = find_committee(committee)
    require(request.user, "read_forms", found)
    form = found.forms.filter(pk=form_id).first()
    if form is None:
        raise NotFound(_("There is no such form."))
    if request.method == "POST":
        require(request.user, "edit_forms", found)
        return _change(request, form)
    name = request.GET.get("question", "")
    question = None
    if can(request.user, "edit_forms", found) and (name or "add" in request.GET):
        question = QuestionForm(draft=draft_of(form), name=name, section=request.GET.get("add", ""))
    return _show(request, form, question=question)


def _change(request: HttpRequest, form: Form) -> HttpResponse:
    deed, _colon, name = request.POST.get("do", "").partition(":")
    draft = draft_of(form)
    if deed == "publish":
        return _publish(request, form)
    if deed == "question":
        question = QuestionForm(request.POST, draft=draft, name=name)
        if not question.is_valid():
            return _show(request, form, question=question, status=422)
        draft = put_question(draft, question.question())
        if request.POST.get("look"):
            return render(
                request,
                "access/partials/form_preview.html",
                {"preview": build_preview(draft), "is_draft": True},
            )
    elif deed == "json":
        try:
            draft = read_json(request.POST.get("draft", ""))
        except django_forms.ValidationError as error:
            return _show(
                request, form, raw=request.POST.get("draft", ""), raw_errors=error.messages, status=422
            )
    elif deed in _STEPS:
        draft = move_question(draft, name, _STEPS[deed])
    elif deed == "remove":
        draft = remove_question(draft, name)
    elif deed == "section":
        titles = {lang: request.POST.get(f"title_{lang}", "").strip() for lang in ("sv", "en")}
        other = titles["sv"] or titles["en"] or _("More")
        draft = add_section(draft, {lang: words or other for lang, words in titles.items()})
    elif deed == "drop":
        draft = drop_empty_section(draft, name)
    else:
        raise NotFound(_("There is no such thing to do."))
    return _save(request, form, draft)


def _save(request: HttpRequest, form: Form, draft: Any) -> HttpResponse:
    try:
        save_form(
            form,
            draft if isinstance(draft, dict) else {},
            by=signed_in(request),
            revision=_revision(request),
        )
    except FormMoved as error:
        messages.error(request, str(error))
    except InvalidRecord as error:
        words = [item.message for item in error.violations] or [str(error)]
        return _show(request, form, raw=request.POST.get("draft", ""), raw_errors=words, status=422)
    else:
        messages.success(request, _("The draft is saved."))
    return redirect("manage-form", committee=form.committee.slug, form_id=form.pk)


def _publish(request: HttpRequest, form: Form) -> HttpResponse:
    try:
        version = publish_form(form, by=signed_in(request), revision=_revision(request))
    except (FormMoved, InvalidRecord) as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("Version %(n)d is published. New requests ask by it.") % {"n": version.number}
        )
    return redirect("manage-form", committee=form.committee.slug, form_id=form.pk)


def _show(
    request: HttpRequest,
    form: Form,
    *,
    question: QuestionForm | None = None,
    raw: str = "",
    raw_errors: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    editor = build_editor(form, question=question, raw=raw, raw_errors=raw_errors)
    may_edit = can(request.user, "edit_forms", form.committee)
    context = {"committee": form.committee, "editor": editor, "may_edit": may_edit}
    return render(request, "access/manage_form.html", context, status=status)


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0
