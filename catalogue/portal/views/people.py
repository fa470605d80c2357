"""Roles: who has which, granting one, taking one back. For chief stewards."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalogue.domain.roles import grant_role, list_flagged, list_grants, revoke_role
from catalogue.errors import InvalidRecord, NotFound
from catalogue.policies import require_chief
from catalogue.portal.desk_forms import GrantForm, add_violations


@require_http_methods(["GET", "HEAD", "POST"])
def list_people(request: HttpRequest) -> HttpResponse:
    """List everybody's roles; on POST, grant one."""
    require_chief(request.user)
    form = GrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            grant = grant_role(
                said["username"],
                said["role"],
                publisher=said["publisher"],
                source=said["source"].slug if said["source"] else "",
                by=request.user,
            )
        except InvalidRecord as error:
            add_violations(form, error)
        except NotFound as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%s has the role now.") % grant.user.get_username())
            return redirect("people")
    context = {"form": form, "grants": list_grants(), "flagged": list_flagged()}
    return render(request, "portal/people.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, grant_id: int) -> HttpResponse:
    """Take a role back."""
    require_chief(request.user)
    grant = revoke_role(grant_id, by=request.user)
    messages.success(request, _("%s no longer has the role.") % grant.user.get_username())
    return redirect("people")
