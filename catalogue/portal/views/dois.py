"""The DOIs of one dataset: how they stand at the registry, and what its publisher's stewards do with them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalogue.domain.doi_acts import DoiAct, act_on_doi
from catalogue.errors import Conflict, InvalidRecord
from catalogue.models import Dataset
from catalogue.policies import require_minter
from catalogue.portal.doi_page import DONE, build_doi_page
from catalogue.tasks import nudge_dois


@require_safe
def show_dois(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how a dataset's DOIs were last seen, and what may be done now."""
    return _show(request, _find(request, slug))


@require_POST
def act(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Reserve, publish, send, hide, restore or give up the dataset's DOI."""
    dataset = _find(request, slug)
    if action not in set(DoiAct):
        raise Http404
    try:
        act_on_doi(dataset, DoiAct(action), by=request.user)
    except InvalidRecord as error:
        return _show(request, dataset, error=error, status=422)
    except Conflict as error:
        messages.error(request, str(error))
    else:
        nudge_dois()
        messages.success(request, str(DONE[DoiAct(action)]))
    return redirect("dois", slug=slug)


def _show(request: HttpRequest, dataset: Dataset, *, status: int = 200, **context: Any) -> HttpResponse:
    page = build_doi_page(dataset)
    return render(request, "portal/dois.html", {"page": page, **context}, status=status)


def _find(request: HttpRequest, slug: str) -> Dataset:
    """Return the dataset or tombstone that the user may mint for. Raises Http404, NotPermitted."""
    rows = Dataset.objects.visible_to(request.user).exclude(state=Dataset.State.MERGED)
    dataset = get_object_or_404(rows.select_related("publisher"), slug=slug)
    require_minter(request.user, dataset)
    return dataset
