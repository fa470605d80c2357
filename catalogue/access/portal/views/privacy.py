"""What is held about me: download it, or have it erased."""

from __future__ import annotations

import json
from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalogue.access.domain.erasing import erase_person, explain_erasure
from catalogue.access.domain.held import export_person
from catalogue.access.domain.people import person_of
from catalogue.errors import Conflict
from catalogue.models import User


@require_safe
@login_required
@never_cache
def show_privacy(request: HttpRequest) -> HttpResponse:
    """Tell what is kept, and offer both."""
    return _show(request)


@require_safe
@login_required
@never_cache
def download_held(request: HttpRequest) -> HttpResponse:
    """Give all that is held about the asker, as a JSON file."""
    held = export_person(_owner(request))
    answer = HttpResponse(
        json.dumps(held, ensure_ascii=False, indent=2), content_type="application/json; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="held-about-me.json"'
    return answer


@require_POST
@login_required
@never_cache
def erase_me(request: HttpRequest) -> HttpResponse:
    """Erase the asker, who typed the name of the account, and sign out."""
    user = _owner(request)
    if request.POST.get("username", "").strip() != user.get_username():
        return _show(request, _("Nothing was erased: write the name of your account to confirm."), status=422)
    try:
        erase_person(user, by=user)
    except Conflict as error:
        return _show(request, str(error), status=409)
    logout(request)
    messages.success(request, _("You are erased. Nothing here leads to you any more."))
    return redirect("home")


def _show(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    user = _owner(request)
    context = {"person": person_of(user), "reasons": explain_erasure(user), "error": error, "own_nav": "me"}
    return render(request, "access/privacy.html", context, status=status)


def _owner(request: HttpRequest) -> User:
    return cast("User", request.user)
