"""Curating one dataset: its fields, what each layer says of them, and what stewards do about it."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.timezone import make_aware
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.domain.curation import (
    decide_conflict,
    override_field,
    revert_field,
    touched_datasets,
    undo_act,
)
from catalogue.domain.curation_fields import FieldReader, FieldState
from catalogue.domain.curation_place import FieldChanged, OpenDataset, open_dataset
from catalogue.domain.history import read_field_history
from catalogue.errors import InvalidRecord, NotFound
from catalogue.models import Act, Conflict, Dataset
from catalogue.policies import require_curator, require_undoer
from catalogue.portal.curation_form import FieldForm, ask_field, refuse_answer, save_answer
from catalogue.portal.curation_page import (
    build_curation_page,
    build_field,
    build_history,
    field_anchor,
    part_href,
    part_of,
)
from catalogue.portal.curation_past import build_past
from catalogue.tasks import nudge_projection


@require_safe
def show_curation(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the fields of the dataset, or with `part` of one of its parts."""
    dataset = _find_mine(request, slug)
    reader = get_language() or "en"
    page = build_curation_page(
        open_dataset(dataset), reader, request.GET.get("part", ""), request.GET.get("parts", "")
    )
    return render(request, "portal/curate.html", {"page": page, "dataset": dataset})


@require_http_methods(["GET", "HEAD", "POST"])
def edit_field(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one field: as it is, with `edit` its form, with `history` what it has been; on POST save it."""
    dataset = _find_mine(request, slug)
    if request.method == "POST":
        return _save_field(request, dataset)
    opened = open_dataset(dataset)
    state = FieldReader(opened).find_field(request.GET.get("path", ""))
    form = ask_field(state, conflict_id=request.GET.get("merge", "")) if "edit" in request.GET else None
    return _render_field(request, opened, state, form=form, has_history="history" in request.GET)


@require_safe
def show_past(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the dataset as it was at the end of a day, beside what it says now."""
    dataset = _find_mine(request, slug)
    text = request.GET.get("on", "")
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        problem = (
            _("“%(text)s” is no day. Write one such as 2026-11-22.") % {"text": text[:40]} if text else ""
        )
        return render(
            request,
            "portal/curate_past.html",
            {"dataset": dataset, "problem": problem},
            status=422 if text else 200,
        )
    moment = make_aware(datetime.combine(day, time.max))
    context = {"dataset": dataset, "day": day, "problem": ""}
    try:
        context["fields"] = build_past(dataset, moment, get_language() or "en")
    except NotFound as error:
        context["problem"] = str(error)
    return render(request, "portal/curate_past.html", context)


@require_POST
def revert(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a steward's value back."""
    dataset = _find_mine(request, slug)
    path, lang = request.POST.get("path", ""), request.POST.get("lang", "*")
    revert_field(dataset, path, lang=None if lang == "*" else lang, by=request.user)
    return _answer(
        request,
        dataset,
        request.POST.get("field", path),
        _("The value is taken back; the source's stands again."),
    )


@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Set a value of the field's history again."""
    dataset = _find_mine(request, slug)
    path = request.POST.get("path", "")
    lang = request.POST.get("lang") if request.POST.get("lang", "*") != "*" else None
    place = open_dataset(dataset).locate(path, lang)
    at = request.POST.get("at", "")
    entry = next(
        (item for item in read_field_history(dataset, place.path, lang) if item.at.isoformat() == at), None
    )
    if entry is None:
        raise NotFound(_("The history has no such value."))
    override_field(
        dataset, path, entry.value, lang=lang, by=request.user, reason=_("Set again from the history")
    )
    return _answer(request, dataset, path, _("The earlier value stands again."))


@require_POST
def leave_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a part, such as a contact, out of its list."""
    dataset = _find_mine(request, slug)
    opened = open_dataset(dataset)
    part = FieldReader(opened).find_part(request.POST.get("part", ""))
    if not part.concrete.endswith("]"):
        raise NotFound(_("Only one of several, such as a contact, can be left out."))
    path, _bracket, number = part.concrete.rpartition("[")
    kept = [item for index, item in enumerate(opened.read(opened.locate(path))) if index != int(number[:-1])]
    override_field(dataset, path, kept, by=request.user, reason=request.POST.get("reason", ""))
    nudge_projection()
    messages.success(request, _("“%(title)s” is left out.") % {"title": part.title})
    return redirect("curate", slug=slug)


@require_POST
def decide(request: HttpRequest, slug: str, conflict_id: int) -> HttpResponse:
    """Keep a steward's value or take the source's."""
    dataset = _find_mine(request, slug)
    conflict = get_object_or_404(Conflict.objects.select_related("override"), pk=conflict_id, dataset=dataset)
    choice: Literal["keep", "take"] = "take" if request.POST.get("choice") == "take" else "keep"
    decide_conflict(
        conflict,
        choice,
        by=request.user,
        seen=request.POST.get("seen") or None,
        reason=request.POST.get("reason", ""),
    )
    words = _("The source's value is taken.") if choice == "take" else _("The steward's value is kept.")
    return _answer(request, dataset, request.POST.get("path", ""), words)


@require_POST
def undo(request: HttpRequest, slug: str, act_id: int) -> HttpResponse:
    """Undo an act, and go back to the page."""
    dataset = _find_mine(request, slug)
    act = get_object_or_404(Act, pk=act_id)
    require_undoer(request.user, act, touched_datasets(act))
    undo_act(act, by=request.user)
    nudge_projection()
    messages.success(request, _("It is undone."))
    return redirect("curate", slug=dataset.slug)


def _find_mine(request: HttpRequest, slug: str) -> Dataset:
    dataset = get_object_or_404(
        Dataset.objects.visible_to(request.user).select_related("publisher"), slug=slug
    )
    require_curator(request.user, dataset)
    if dataset.state != Dataset.State.LIVE:
        raise NotFound(_("The dataset is gone; nothing of it can be changed."))
    return dataset


def _save_field(request: HttpRequest, dataset: Dataset) -> HttpResponse:
    """Write what the form says; what cannot be comes back with what was typed."""
    path = request.POST.get("path", "")
    opened = open_dataset(dataset)
    state = FieldReader(opened).find_field(path)
    try:
        count = save_answer(dataset, state, request.POST, request.user)
    except (InvalidRecord, FieldChanged) as error:
        opened = open_dataset(dataset)
        state = FieldReader(opened).find_field(path)
        form = refuse_answer(state, request.POST, error)
        status = 409 if isinstance(error, FieldChanged) else 422
        return _render_field(request, opened, state, form=form, status=status)
    if not count:
        return _answer(request, dataset, path, _("Nothing was changed."))
    return _answer(
        request,
        dataset,
        path,
        ngettext("The value is saved.", "%(n)d values are saved.", count) % {"n": count},
    )


def _answer(request: HttpRequest, dataset: Dataset, path: str, words: str) -> HttpResponse:
    """Say what was done: in the field's place for htmx, else on the page."""
    nudge_projection()
    if path and request.headers.get("HX-Request") == "true":
        opened = open_dataset(dataset)
        try:
            state = FieldReader(opened).find_field(path)
        except InvalidRecord:
            state = None
        if state is not None:
            return _render_field(request, opened, state, notice=words)
    messages.success(request, words)
    address = part_href(dataset, part_of(path))
    return HttpResponseRedirect(f"{address}#{field_anchor(path)}" if path else address)


def _render_field(
    request: HttpRequest,
    opened: OpenDataset,
    state: FieldState,
    *,
    form: FieldForm | None = None,
    has_history: bool = False,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    reader = get_language() or "en"
    context: dict[str, Any] = {
        "dataset": opened.dataset,
        "field": build_field(FieldReader(opened), state, reader),
        "form": form,
        "notice": notice,
        "back_href": f"{part_href(opened.dataset, part_of(state.path))}#{field_anchor(state.path)}",
    }
    if has_history:
        languages = [item.lang for item in state.languages] or [None]
        context["histories"] = [(lang, build_history(opened, state, lang, reader)) for lang in languages]
    context["is_fragment"] = is_fragment = request.headers.get("HX-Request") == "true"
    template = "portal/partials/curate_field.html" if is_fragment else "portal/curate_field.html"
    response = render(request, template, context, status=status)
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    return response
