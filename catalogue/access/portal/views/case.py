"""A case: shown, and acted on. Every act is one POST that carries the hash of the round that was read."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalogue.access.domain.reviewing import SnapshotMoved
from catalogue.access.models import Application, Item, Snapshot
from catalogue.access.policies import require
from catalogue.access.portal.case_acts import do_command
from catalogue.access.portal.case_forms import CaseForm
from catalogue.access.portal.case_offers import CASE_COMMANDS, ITEM_COMMANDS, TALK_COMMANDS, make_form
from catalogue.access.portal.case_page import build_case, find_case, list_items, read_viewer
from catalogue.access.portal.case_round import compare_rounds
from catalogue.errors import InvalidRecord, NotFound
from catalogue.portal.desk_forms import add_violations


@require_safe
@login_required
def show_case(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """Show a case, at its last round or an earlier one."""
    application = find_case(application_id, request.user)
    wanted = request.GET.get("round", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 5 else None
    case = build_case(application, request.user, round_number=number)
    return render(request, "access/case.html", {"case": case})


@require_POST
@login_required
def act_on_case(request: HttpRequest, application_id: uuid.UUID, command: str) -> HttpResponse:
    """Do something with the whole of a case."""
    application = find_case(application_id, request.user)
    if command not in {**CASE_COMMANDS, **TALK_COMMANDS}:
        raise NotFound(_("There is no such thing to do."))
    return _act(request, make_form(command, application, None, request.user, request.POST))


@require_POST
@login_required
def act_on_item(
    request: HttpRequest, application_id: uuid.UUID, item_id: uuid.UUID, command: str
) -> HttpResponse:
    """Do something with one dataset of a case."""
    application = find_case(application_id, request.user)
    item = list_items(application, request.user).filter(pk=item_id).first()
    if item is None or command not in ITEM_COMMANDS:
        raise NotFound(_("There is no such thing to do."))
    item.application = application
    return _act(request, make_form(command, application, item, request.user, request.POST))


def _act(request: HttpRequest, form: CaseForm) -> HttpResponse:
    require(request.user, form.command, form.item or form.application)
    if not form.is_valid():
        return _show_again(request, form)
    try:
        words, code = do_command(form)
    except SnapshotMoved as moved:
        return _show_moved(request, form, moved)
    except InvalidRecord as error:
        add_violations(form, error)
        return _show_again(request, form)
    application = form.application
    if code:
        answer = render(
            request, "access/case_code.html", {"application": application, "code": code, "form": form}
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer
    messages.success(request, words)
    if (
        form.command == "declare_conflict"
        and not Application.objects.visible_to(request.user).filter(pk=application.pk).exists()
    ):
        return redirect("board")
    return redirect("case", application_id=application.pk)


def _show_again(request: HttpRequest, form: CaseForm) -> HttpResponse:
    case = build_case(form.application, request.user, failed=form)
    return render(request, "access/case.html", {"case": case, "failed": form}, status=422)


def _show_moved(request: HttpRequest, form: CaseForm, moved: SnapshotMoved) -> HttpResponse:
    """Say what changed since the round that was read, and give back what was typed."""
    application = form.application
    items: list[Item] = list(list_items(application, request.user))
    read = Snapshot.objects.filter(application=application, sha256=form.cleaned_data["snapshot"]).first()
    current = Snapshot.objects.filter(application=application).latest("number")
    changes = None
    if read is not None:
        changes = compare_rounds(read, current, items, read_viewer(application, request.user))
    typed = [(field.label, field.value()) for field in form.visible_fields() if field.value()]
    context = {
        "application": application,
        "moved": moved,
        "changes": changes,
        "read": read,
        "current": current,
        "typed": typed,
    }
    return render(request, "access/case_moved.html", context, status=409)
