"""A change for all datasets of a search: chosen, previewed, carried out, looked at and undone."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue import stores
from catalogue.domain.bulk_edit import changed_datasets, measure_progress, name_skipped, start_change
from catalogue.domain.bulk_plan import make_plan, read_plan
from catalogue.domain.curation import touched_datasets, undo_act
from catalogue.domain.rule_fields import term_choices
from catalogue.errors import InvalidRecord
from catalogue.models import Act
from catalogue.policies import require_steward, require_undoer
from catalogue.portal.bulk_page import build_plan_page
from catalogue.portal.desk_forms import ChangeForm, add_violations, change_choices, reader_language
from catalogue.portal.results_page import search_href
from catalogue.search.query import query_from_params, query_to_params
from catalogue.tasks import nudge_projection

_PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def choose_change(request: HttpRequest) -> HttpResponse:
    """Ask what to do with the datasets of the search in the address; on POST, preview it."""
    require_steward(request.user)
    query = replace(query_from_params(request.GET), offset=0)
    field = request.GET.get("field", "")
    form = ChangeForm(request.POST or None, field=field) if field in dict(change_choices()) else None
    if form is not None and request.method == "POST" and form.is_valid() and form.change:
        link = search_href(query).partition("?")[2]
        try:
            plan = make_plan(query, link, form.change, request.user)
        except InvalidRecord as error:
            add_violations(form, error)
        else:
            return redirect("bulk-plan", key=plan.key)
    context = {
        "query": query,
        "params": query_to_params(query),
        "back_href": search_href(query),
        "total": stores.search_engine().search(query).total,
        "fields": change_choices(),
        "field": field,
        "form": form,
        "terms": term_choices(field, reader_language()) if form is not None else [],
    }
    return render(request, "portal/bulk.html", context, status=422 if form and form.errors else 200)


@require_safe
def show_plan(request: HttpRequest, key: str) -> HttpResponse:
    """Show what the change would do, dataset by dataset."""
    require_steward(request.user)
    plan = read_plan(key, request.user)
    page = build_plan_page(
        plan, request.GET.get("verdict", ""), request.GET.get("page", ""), reader_language()
    )
    return render(request, "portal/bulk_plan.html", {"plan": page})


@require_POST
def apply(request: HttpRequest, key: str) -> HttpResponse:
    """Carry a previewed change out."""
    require_steward(request.user)
    act = start_change(read_plan(key, request.user), by=request.user, reason=request.POST.get("reason", ""))
    nudge_projection()
    return redirect("bulk-act", act_id=act.pk)


@require_safe
def show_act(request: HttpRequest, act_id: int) -> HttpResponse:
    """Show how far a change is, what it did, and what it left alone and why."""
    act = _find_act(request, act_id)
    page = Paginator(changed_datasets(act), _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "act": act,
        "progress": measure_progress(act),
        "page": page,
        "page_range": list(page.paginator.get_elided_page_range(page.number)),
        "skipped": name_skipped(act),
    }
    return render(request, "portal/bulk_act.html", context)


@require_POST
def undo(request: HttpRequest, act_id: int) -> HttpResponse:
    """Take the whole change back."""
    act = _find_act(request, act_id)
    if act.author_id != request.user.pk:
        require_undoer(request.user, act, touched_datasets(act))
    count = undo_act(act, by=request.user)
    nudge_projection()
    words = ngettext("%d dataset is back as it was.", "%d datasets are back as they were.", count)
    messages.success(request, words % count)
    return redirect("bulk-act", act_id=act_id)


def _find_act(request: HttpRequest, act_id: int) -> Act:
    require_steward(request.user)
    rows = Act.objects.filter(kind=Act.Kind.BULK).select_related("author", "undone_by")
    return get_object_or_404(rows, pk=act_id)
