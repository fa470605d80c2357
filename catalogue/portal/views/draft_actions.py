"""What is done with a draft as a whole: sent to review, returned, published, given up. Each is one POST."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalogue.domain.drafts import drop_draft, find_draft, return_draft, submit_draft, take_back
from catalogue.domain.editions import publish_draft
from catalogue.errors import Conflict, InvalidRecord
from catalogue.models import Draft
from catalogue.portal.draft_page import read_base
from catalogue.tasks import nudge_projection

_Done = tuple[str, str | Promise]
"""Where to go, and what to say there."""


def _submit(draft: Draft, request: HttpRequest) -> _Done:
    note = request.POST.get("note", "")
    submit_draft(draft, by=request.user, revision=read_base(request.POST)[0], note=note)
    return reverse("drafts"), _("The draft is in review. Somebody else has to approve it.")


def _take_back(draft: Draft, request: HttpRequest) -> _Done:
    take_back(draft)
    return reverse("draft", args=[draft.pk]), _("The draft is yours again.")


def _return(draft: Draft, request: HttpRequest) -> _Done:
    note = request.POST.get("note", "")
    return_draft(draft, by=request.user, revision=read_base(request.POST)[0], note=note)
    return reverse("drafts"), _("The draft is returned, with your note.")


def _publish(draft: Draft, request: HttpRequest) -> _Done:
    outcome = publish_draft(draft, by=request.user, revision=read_base(request.POST)[0])
    nudge_projection()
    return reverse("dataset", args=[outcome.edition.dataset.slug]), _("It is published.")


def _drop(draft: Draft, request: HttpRequest) -> _Done:
    drop_draft(draft)
    return reverse("drafts"), _("The draft is given up.")


_ACTIONS: dict[str, Callable[[Draft, HttpRequest], _Done]] = {
    "submit": _submit,
    "take-back": _take_back,
    "return": _return,
    "publish": _publish,
    "drop": _drop,
}


@require_POST
def act_on_draft(request: HttpRequest, draft_id: uuid.UUID, action: str) -> HttpResponse:
    """Do it and say so; what keeps it from being done is said on the draft's page."""
    draft = find_draft(draft_id, request.user)
    if action not in _ACTIONS:
        raise Http404
    try:
        target, words = _ACTIONS[action](draft, request)
    except (Conflict, InvalidRecord) as error:
        messages.error(request, str(error))
        return redirect("draft-preview", draft_id=draft.pk)
    messages.success(request, str(words))
    return redirect(target)
