"""What managers keep of a committee: its words, its people, its workflows and terms, blocks."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.access.domain.committees import change_committee, end_role, name_role, save_workflow
from catalogue.access.domain.terms import publish_terms
from catalogue.access.models import Block
from catalogue.access.policies import can, require
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.committees import find_committee, list_people
from catalogue.access.portal.manage_fields import (
    AboutForm,
    PersonForm,
    TermsForm,
    WorkflowForm,
    about_initial,
    workflow_initial,
)
from catalogue.errors import CatalogueError, InvalidRecord, NotFound
from catalogue.portal.desk_forms import add_violations

_FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_FORM_METHODS)
@login_required
def edit_about(request: HttpRequest, committee: str) -> HttpResponse:
    """Change what the committee says of itself."""
    found = find_committee(committee)
    require(request.user, "edit_workflows", found)
    form = AboutForm(request.POST or None, initial=about_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            change_committee(found, by=signed_in(request), **form.cleaned_data)
        except InvalidRecord as error:
            add_violations(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("manage-about", committee=found.slug)
    return render(
        request, "access/manage_about.html", {"committee": found, "form": form}, status=_status(form)
    )


@require_http_methods(_FORM_METHODS)
@login_required
def edit_people(request: HttpRequest, committee: str) -> HttpResponse:
    """Show who does what from when to when; on POST, give somebody a role."""
    found = find_committee(committee)
    require(request.user, "read_people", found)
    may_name = can(request.user, "name_people", found)
    form = PersonForm(request.POST or None, only_managers=not can(request.user, "edit_workflows", found))
    if request.method == "POST":
        require(request.user, "name_people", found)
        if form.is_valid():
            said = form.cleaned_data
            try:
                name_role(
                    found,
                    said["username"],
                    said["role"],
                    by=signed_in(request),
                    delegate_of=said["delegate"],
                    **form.period(),
                )
            except CatalogueError as error:
                _put_error(form, error)
            else:
                messages.success(request, _("The role is given."))
                return redirect("manage-people", committee=found.slug)
    context = {
        "committee": found,
        "form": form if may_name else None,
        "people": list_people(found),
        "may_name": may_name,
    }
    return render(request, "access/manage_people.html", context, status=_status(form))


@require_POST
@login_required
def end_person(request: HttpRequest, committee: str, role_id: int) -> HttpResponse:
    """End a role now."""
    found = find_committee(committee)
    require(request.user, "name_people", found)
    role = found.roles.filter(pk=role_id).first()
    if role is None:
        raise NotFound(_("There is no such role."))
    end_role(role, by=signed_in(request))
    messages.success(request, _("The role is ended."))
    return redirect("manage-people", committee=found.slug)


@require_http_methods(_FORM_METHODS)
@login_required
def edit_workflows(request: HttpRequest, committee: str) -> HttpResponse:
    """Show how the committee decides; on POST make or change a workflow, by its name."""
    found = find_committee(committee)
    require(request.user, "read_forms", found)
    chosen = found.workflows.filter(name=request.GET.get("workflow", "")).first()
    initial = workflow_initial(chosen) if chosen is not None else None
    form = WorkflowForm(request.POST or None, initial=initial)
    if request.method == "POST":
        require(request.user, "edit_workflows", found)
        if form.is_valid():
            said = dict(form.cleaned_data)
            try:
                save_workflow(found, said.pop("name"), by=signed_in(request), **said)
            except InvalidRecord as error:
                add_violations(form, error)
            else:
                messages.success(
                    request, _("The workflow is saved. Requests that are open follow it from now on.")
                )
                return redirect("manage-workflows", committee=found.slug)
    may_edit = can(request.user, "edit_workflows", found)
    context = {
        "committee": found,
        "form": form if may_edit else None,
        "workflows": found.workflows.order_by("name"),
        "chosen": chosen,
    }
    return render(request, "access/manage_workflows.html", context, status=_status(form))


@require_http_methods(_FORM_METHODS)
@login_required
def edit_terms(request: HttpRequest, committee: str) -> HttpResponse:
    """Show the terms and their versions; on POST publish the next version of one, or new ones."""
    found = find_committee(committee)
    require(request.user, "read_forms", found)
    chosen = found.terms.filter(name=request.GET.get("terms", "")).first()
    last = chosen.versions.order_by("-number").first() if chosen is not None else None
    initial = {"name": chosen.name, **last.texts} if chosen is not None and last is not None else None
    form = TermsForm(request.POST or None, initial=initial)
    if request.method == "POST":
        require(request.user, "edit_forms", found)
        if form.is_valid():
            said = form.cleaned_data
            try:
                version = publish_terms(
                    found, said["name"], {lang: said[lang] for lang in ("sv", "en")}, by=signed_in(request)
                )
            except InvalidRecord as error:
                add_violations(form, error)
            else:
                messages.success(
                    request, _("Version %(n)d is published. New requests ask for it.") % {"n": version.number}
                )
                return redirect("manage-terms", committee=found.slug)
    may_edit = can(request.user, "edit_forms", found)
    context = {
        "committee": found,
        "form": form if may_edit else None,
        "terms": found.terms.prefetch_related("versions"),
        "chosen": chosen,
    }
    return render(request, "access/manage_terms.html", context, status=_status(form))


@require_safe
@login_required
def list_blocks(request: HttpRequest, committee: str) -> HttpResponse:
    """List who is blocked from the committee's datasets."""
    found = find_committee(committee)
    require(request.user, "read_blocks", found)
    of_datasets = Block.objects.filter(dataset__access_route__workflow__committee=found)
    blocks = (Block.objects.filter(committee=found) | of_datasets).distinct().order_by("lifted_at", "-at")
    context = {
        "committee": found,
        "blocks": blocks.select_related("user__person", "by__person", "dataset", "committee").defer(
            "dataset__record"
        )[:500],
        "may_lift": can(request.user, "lift_block", found),
    }
    return render(request, "access/manage_blocks.html", context)


def _put_error(form: PersonForm, error: CatalogueError) -> None:
    if isinstance(error, InvalidRecord):
        add_violations(form, error)
    else:
        form.add_error(None, str(error))


def _status(form: AboutForm | PersonForm | WorkflowForm | TermsForm) -> int:
    return 422 if form.errors else 200
