"""Published editions: the address of a work, and what its publisher's stewards do with an edition."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from catalogue.domain.drafts import start_correction, start_edition
from catalogue.domain.editions import current_edition, find_edition, restore_edition, withdraw_edition
from catalogue.errors import Conflict, InvalidRecord
from catalogue.models import Dataset, Edition
from catalogue.policies import require_publisher
from catalogue.tasks import nudge_projection

_Done = tuple[str, str | Promise]


@require_safe
def resolve_concept(request: HttpRequest, concept_id: uuid.UUID) -> HttpResponse:
    """Lead from a work to its newest edition (303)."""
    edition = current_edition(concept_id)
    return HttpResponseRedirect(reverse("dataset", args=[edition.dataset.slug]), status=303)


@require_safe
def ask_withdrawal(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask why an edition is to be withdrawn, and say what that means."""
    return render(request, "portal/edition_withdraw.html", {"edition": _find(request, slug)})


@require_POST
def act_on_edition(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Correct, follow, withdraw or restore an edition, and go where that leads."""
    edition = _find(request, slug)
    if action not in _ACTIONS:
        raise Http404
    try:
        target, words = _ACTIONS[action](edition, request)
    except InvalidRecord as error:
        context = {"edition": edition, "error": error, "reason": request.POST.get("reason", "")}
        return render(request, "portal/edition_withdraw.html", context, status=422)
    except Conflict as error:
        messages.error(request, str(error))
        return redirect("dataset", slug=slug)
    messages.success(request, str(words))
    return redirect(target)


def _correct(edition: Edition, request: HttpRequest) -> _Done:
    draft = start_correction(edition.dataset, by=request.user)
    return reverse("draft", args=[draft.pk]), _("What you change here is shown when you publish it.")


def _follow(edition: Edition, request: HttpRequest) -> _Done:
    draft = start_edition(edition.dataset, by=request.user)
    return reverse("draft", args=[draft.pk]), _("This becomes the next edition when you publish it.")


def _withdraw(edition: Edition, request: HttpRequest) -> _Done:
    withdraw_edition(edition.dataset, by=request.user, reason=request.POST.get("reason", ""))
    nudge_projection()
    return reverse("dataset", args=[edition.dataset.slug]), _("It is withdrawn. Its page says why.")


def _restore(edition: Edition, request: HttpRequest) -> _Done:
    restore_edition(edition.dataset)
    nudge_projection()
    return reverse("dataset", args=[edition.dataset.slug]), _("It is back.")


_ACTIONS: dict[str, Callable[[Edition, HttpRequest], _Done]] = {
    "correct": _correct,
    "follow": _follow,
    "withdraw": _withdraw,
    "restore": _restore,
}


def _find(request: HttpRequest, slug: str) -> Edition:
    """Return the edition that the user may act on. Raises Http404, NotPermitted."""
    dataset = get_object_or_404(Dataset.objects.visible_to(request.user), slug=slug)
    edition = find_edition(dataset)
    if edition is None:
        raise Http404
    require_publisher(request.user, edition.publisher_id)
    return edition
