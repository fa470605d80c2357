"""What is over all committees: making one, site roles, the auditor's list, and the check of the logs."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.access.domain.committees import end_site_role, make_committee, name_role, name_site_role
from catalogue.access.domain.logs import check_logs
from catalogue.access.models import Application, ChainAnchor, SiteRole
from catalogue.access.policies import require
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.case_words import APPLICATION_WORDS
from catalogue.access.portal.manage_fields import CommitteeForm, SiteRoleForm
from catalogue.access.portal.steps import read_page
from catalogue.errors import Conflict, NotFound

_ON_PAGE, _AT_ONCE = 50, 2000


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add_committee(request: HttpRequest) -> HttpResponse:
    """Found a committee and name its first manager."""
    require(request.user, "make_committee")
    form = CommitteeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = make_committee(said["name"], by=signed_in(request), name_sv=said["name_sv"])
        except Conflict as error:
            form.add_error("name", str(error))
        else:
            name_role(made, said["manager"], "manager", by=signed_in(request))
            messages.success(request, _("The committee is there. Its manager does the rest."))
            return redirect("manage-people", committee=made.slug)
    return render(
        request, "access/manage_committee_add.html", {"form": form}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_site_roles(request: HttpRequest) -> HttpResponse:
    """Show who has a role over all committees; on POST give one."""
    require(request.user, "name_site_roles")
    form = SiteRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name_site_role(form.cleaned_data["username"], form.cleaned_data["role"], by=signed_in(request))
        messages.success(request, _("The role is given."))
        return redirect("site-roles")
    roles = SiteRole.objects.select_related("user__person").order_by("role", "granted_at")
    context = {"form": form, "roles": roles}
    return render(request, "access/manage_site_roles.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def drop_site_role(request: HttpRequest, site_role_id: int) -> HttpResponse:
    """Take such a role back."""
    require(request.user, "name_site_roles")
    role = SiteRole.objects.select_related("user").filter(pk=site_role_id).first()
    if role is None:
        raise NotFound(_("There is no such role."))
    end_site_role(role.user, role.role, by=signed_in(request))
    messages.success(request, _("The role is ended."))
    return redirect("site-roles")


@require_safe
@login_required
def list_applications(request: HttpRequest) -> HttpResponse:
    """List every request that was submitted, for the auditor."""
    require(request.user, "check_chains")
    rows = Application.objects.visible_to(request.user).filter(submitted_at__isnull=False)
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()[:200]
    if state in APPLICATION_WORDS:
        rows = rows.filter(state=state)
    if words:
        rows = rows.filter(number__iexact=words) | rows.filter(title__icontains=words)
    page = read_page(request.GET.get("page", ""))
    start = (page - 1) * _ON_PAGE
    rows = rows.select_related("applicant__person").prefetch_related("items__committee").defer("answers")
    listed = list(rows.order_by("-submitted_at", "pk")[start : start + _ON_PAGE + 1])
    context = {
        "rows": [(row, APPLICATION_WORDS[row.state]) for row in listed[:_ON_PAGE]],
        "states": APPLICATION_WORDS,
        "state": state,
        "q": words,
        "page": page,
        "has_next": len(listed) > _ON_PAGE,
    }
    return render(request, "access/board_audit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def check_chains(request: HttpRequest) -> HttpResponse:
    """Show the anchors of the logs; on POST check a part of the logs, from where the last part ended."""
    require(request.user, "check_chains")
    report = None
    if request.method == "POST":
        report = check_logs(after=_read_uuid(request.POST.get("after", "")), most=_AT_ONCE)
    context = {"anchors": ChainAnchor.objects.order_by("-day")[:14], "report": report}
    return render(request, "access/board_chains.html", context)


def _read_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
