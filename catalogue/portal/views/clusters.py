"""What a steward does about a dataset's sources: join, split, let one lead, keep another dataset apart."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalogue.domain.cluster_views import find_named, find_record, list_likely
from catalogue.domain.clusters import choose_lead, join, join_datasets, refuse, split
from catalogue.errors import Conflict, InvalidRecord, NotFound
from catalogue.models import Dataset, Match
from catalogue.policies import require_curator
from catalogue.tasks import nudge_projection

_Done = tuple[Dataset, str | Promise]


@require_POST
def act_on_sources(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Do it and go back to the page, which says what was done or why not."""
    dataset = get_object_or_404(Dataset.objects.visible_to(request.user), slug=slug)
    require_curator(request.user, dataset)
    if action not in _ACTIONS:
        raise Http404
    try:
        dataset, words = _ACTIONS[action](dataset, request)
    except (Conflict, InvalidRecord, NotFound) as error:
        messages.error(request, str(error))
    else:
        nudge_projection()
        messages.success(request, str(words))
    return redirect(f"{reverse('dataset', args=[dataset.slug])}#sources")


def _join(dataset: Dataset, request: HttpRequest) -> _Done:
    other = find_named(request.POST.get("dataset", ""), Dataset.objects.visible_to(request.user))
    require_curator(request.user, other)
    joined = join_datasets([dataset, other], by=request.user, reason=_reason(request))
    return joined, _("The two are one dataset now.")


def _split(dataset: Dataset, request: HttpRequest) -> _Done:
    record = find_record(dataset, _read_id(request))
    kept, _revived = split([record], by=request.user, reason=_reason(request))
    return kept, _("That source has a dataset of its own again.")


def _lead(dataset: Dataset, request: HttpRequest) -> _Done:
    record = find_record(dataset, _read_id(request)) if request.POST.get("record") else None
    choose_lead(dataset, record, by=request.user, reason=_reason(request))
    return dataset, _("Another source leads now.") if record else _("The rules choose who leads again.")


def _accept(dataset: Dataset, request: HttpRequest) -> _Done:
    match = _find_match(dataset, request)
    joined = join([match.first, match.second], by=request.user, reason=_reason(request))
    return joined, _("The two are one dataset now.")


def _refuse(dataset: Dataset, request: HttpRequest) -> _Done:
    refuse(_find_match(dataset, request), by=request.user, reason=_reason(request))
    return dataset, _("They stay apart, and no program proposes them again.")


def _find_match(dataset: Dataset, request: HttpRequest) -> Match:
    """Return the match of the form, which is about this dataset and another that the user curates too."""
    match = next((row for row in list_likely(dataset) if str(row.pk) == request.POST.get("match")), None)
    if match is None:
        raise NotFound(_("This is decided already."))
    for record in (match.first, match.second):
        require_curator(request.user, record.dataset)
    return match


def _read_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("record", ""))
    except ValueError as error:
        raise NotFound(_("Choose one of the sources.")) from error


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:2000]


_ACTIONS: dict[str, Callable[[Dataset, HttpRequest], _Done]] = {
    "join": _join,
    "split": _split,
    "lead": _lead,
    "accept": _accept,
    "refuse": _refuse,
}
