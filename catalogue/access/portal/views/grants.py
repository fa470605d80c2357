"""Rights, as a committee and the security officer see them: the list, one right, and what is done to it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalogue.access.domain.grants import find_block, find_grant, lift_block
from catalogue.access.models import Grant
from catalogue.access.policies import relations_to, require
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.case_words import GRANT_WORDS
from catalogue.access.portal.committees import find_committee
from catalogue.access.portal.grant_offers import COMMANDS, do_grant_command, make_grant_form
from catalogue.access.portal.grants_page import build_grant, list_grants
from catalogue.access.table import Relation
from catalogue.errors import InvalidRecord, NotFound
from catalogue.portal.desk_forms import add_violations

_READERS = {
    Relation.HANDLER,
    Relation.DECIDER,
    Relation.COMMITTEE_AUDITOR,
    Relation.AUDITOR,
    Relation.SECURITY,
}


@require_safe
@login_required
def list_of_committee(request: HttpRequest, committee: str) -> HttpResponse:
    """List the rights that a committee gave."""
    found = find_committee(committee)
    require(request.user, "read_board", found)
    context = {"committee": found, "grants": list_grants(found, request.GET.dict()), "states": GRANT_WORDS}
    return render(request, "access/board_grants.html", context)


@require_safe
@login_required
def list_all(request: HttpRequest) -> HttpResponse:
    """List the rights of all committees, for the security officer and the auditors."""
    require(request.user, "read_rights")
    context = {"committee": None, "grants": list_grants(None, request.GET.dict()), "states": GRANT_WORDS}
    return render(request, "access/board_grants.html", context)


@require_safe
@login_required
def show_grant(request: HttpRequest, right_id: uuid.UUID) -> HttpResponse:
    """Show one right with its history and, when it ended, the proof."""
    grant = _find(right_id, request)
    return render(
        request,
        "access/board_grant.html",
        {"page": build_grant(grant, request.user), "committee": grant.item.committee},
    )


@require_POST
@login_required
def act_on_grant(request: HttpRequest, right_id: uuid.UUID, command: str) -> HttpResponse:
    """Suspend, reinstate, revoke, or block."""
    grant = _find(right_id, request)
    if command not in COMMANDS:
        raise NotFound(_("There is no such thing to do."))
    require(request.user, command, grant)
    form = make_grant_form(command, request.POST)
    if form.is_valid():
        try:
            messages.success(request, do_grant_command(form, grant, request.user))
        except InvalidRecord as error:
            add_violations(form, error)
        else:
            return redirect("committee-grant", right_id=grant.pk)
    context = {
        "page": build_grant(grant, request.user, form),
        "committee": grant.item.committee,
        "failed": form,
    }
    return render(request, "access/board_grant.html", context, status=422)


@require_POST
@login_required
def lift(request: HttpRequest, block_id: int) -> HttpResponse:
    """Lift a block, and go back to where it was seen."""
    block = find_block(block_id, signed_in(request))
    lift_block(block, by=signed_in(request))
    messages.success(request, _("The block is lifted."))
    right = request.POST.get("right", "")
    grant = Grant.objects.filter(pk=right).first() if _is_uuid(right) else None
    if grant is not None:
        return redirect("committee-grant", right_id=grant.pk)
    return redirect("board")


def _find(right_id: uuid.UUID, request: HttpRequest) -> Grant:
    """Return a right of others. One's own has its page among one's rights."""
    grant = find_grant(right_id, signed_in(request))
    if not relations_to(request.user, grant) & _READERS:
        raise NotFound(_("There is no such right, or it is not yours to know of."))
    return grant


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
