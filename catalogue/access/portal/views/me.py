"""Me: what committees read of somebody, how mail reaches them, and what their home organisation says."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalogue.access.domain.people import describe_self, person_of
from catalogue.access.portal.me_form import FIELDS, build_me_form
from catalogue.errors import InvalidRecord


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_me(request: HttpRequest) -> HttpResponse:
    """Show the profile; on POST save it."""
    person = person_of(request.user)
    said = {name: str(getattr(person, name)) for name in FIELDS}
    context = {"own_nav": "me", "person": person}
    if request.method == "POST":
        said = {name: request.POST.get(name, "").strip() for name in FIELDS}
        try:
            describe_self(request.user, **said)
        except InvalidRecord as error:
            context |= {"groups": build_me_form(said, error.violations), "error": error}
            return render(request, "access/me.html", context, status=422)
        messages.success(request, _("Your profile is saved."))
        return redirect("me")
    return render(request, "access/me.html", context | {"groups": build_me_form(said)})
