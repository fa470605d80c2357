"""How datasets are reached: the routes of a committee, one of them, and which committee has a dataset."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalogue.access.domain.routes import explain_route, set_route
from catalogue.access.models import AccessRoute, Committee
from catalogue.access.policies import can, require
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.committees import find_committee
from catalogue.access.portal.manage_fields import DatasetForm
from catalogue.access.portal.route_form import RouteForm, route_initial
from catalogue.errors import InvalidRecord, NotFound, NotPermitted
from catalogue.models import Dataset
from catalogue.portal.desk_forms import add_violations

_ON_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def list_routes(request: HttpRequest, committee: str) -> HttpResponse:
    """List the datasets that the committee decides on; on POST go to the one that was named."""
    found = find_committee(committee)
    require(request.user, "edit_routes", found)
    form = DatasetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        slug = form.cleaned_data["dataset"]
        dataset = Dataset.objects.visible_to(request.user).filter(slug=slug).first()
        refusal = explain_route(signed_in(request), dataset, found) if dataset is not None else None
        if dataset is not None and refusal is None:
            return redirect("manage-route", committee=found.slug, slug=slug)
        form.add_error("dataset", refusal.message if refusal else _("There is no such dataset."))
    routes = AccessRoute.objects.filter(workflow__committee=found).select_related(
        "dataset", "workflow", "form"
    )
    page = Paginator(routes.defer("dataset__record").order_by("dataset__title", "pk"), _ON_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "committee": found,
        "form": form,
        "page": page,
        "page_range": list(page.paginator.get_elided_page_range(page.number)),
    }
    return render(request, "access/manage_routes.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_route(request: HttpRequest, committee: str, slug: str) -> HttpResponse:
    """Say how a dataset is reached, and on what conditions."""
    found = find_committee(committee)
    dataset = _find_dataset(request, slug)
    if (refusal := explain_route(signed_in(request), dataset, found)) is not None:
        raise NotPermitted(refusal.message)
    route = AccessRoute.objects.filter(dataset=dataset).first()
    form = RouteForm(request.POST or None, initial=route_initial(route), committee=found)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            set_route(
                dataset,
                by=signed_in(request),
                kind=said["kind"],
                workflow=said["workflow"],
                form=said["form"],
                terms=list(said["terms"]),
                url=said["url"],
                email=said["email"],
                note=said["note"],
                conditions=form.conditions(),
                is_accepting=said["is_accepting"],
            )
        except InvalidRecord as error:
            add_violations(form, error)
        else:
            messages.success(request, _("Saved."))
            if can(request.user, "edit_routes", found):
                return redirect("manage-routes", committee=found.slug)
            return redirect("dataset", slug=dataset.slug)
    context = {
        "committee": found,
        "form": form,
        "dataset": dataset,
        "is_new": route is None,
        "keeps_routes": can(request.user, "edit_routes", found),
    }
    return render(request, "access/manage_route.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def choose_committee(request: HttpRequest, slug: str) -> HttpResponse:
    """Let whoever speaks for a dataset choose the committee that is to decide on it."""
    dataset = _find_dataset(request, slug)
    require(request.user, "give_dataset", dataset)
    route = AccessRoute.objects.select_related("workflow__committee").filter(dataset=dataset).first()
    context = {
        "dataset": dataset,
        "holder": route.workflow.committee if route is not None and route.workflow is not None else None,
        "committees": Committee.objects.filter(workflows__isnull=False).distinct(),
    }
    return render(request, "access/give_dataset.html", context)


def _find_dataset(request: HttpRequest, slug: str) -> Dataset:
    dataset = Dataset.objects.visible_to(request.user).filter(slug=slug).first()
    if dataset is None:
        raise NotFound(_("There is no such dataset."))
    return dataset
