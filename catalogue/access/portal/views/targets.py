"""Systems that are told who may have what: how they stand, added, changed, tried, switched off and on."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.access.domain.push import Reconciled
from catalogue.access.domain.targets import save_target, switch_target, try_target
from catalogue.access.models import Target
from catalogue.access.policies import can, require
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.target_form import TargetForm, target_initial
from catalogue.access.portal.targets_page import build_target, list_targets, say_comparison
from catalogue.access.tasks import nudge_push
from catalogue.errors import Conflict, InvalidRecord, NotFound
from catalogue.models import User
from catalogue.portal.desk_forms import add_violations

_DEEDS: dict[str, Callable[[Target, User], Reconciled | None]] = {
    "try": lambda target, by: try_target(target, by=by),
    "off": lambda target, by: switch_target(target, by=by, is_active=False),
    "on": lambda target, by: switch_target(target, by=by, is_active=True),
}


@require_safe
@login_required
def show_targets(request: HttpRequest) -> HttpResponse:
    """List all of them."""
    require(request.user, "read_targets")
    context = {"rows": list_targets(), "may_edit": can(request.user, "edit_targets")}
    return render(request, "access/targets.html", context)


@require_safe
@login_required
def show_target(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one with what differs there and the proofs of what ended."""
    require(request.user, "read_targets")
    return render(request, "access/target.html", {"page": build_target(_find(slug), request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_target(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Add one, or change the one named; it is compared at once."""
    require(request.user, "edit_targets")
    target = _find(slug) if slug else None
    form = TargetForm(
        request.POST or None, target=target, initial=target_initial(target) if target is not None else None
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        name = target.name if target is not None else said["name"]
        is_active = target.is_active if target is not None else True
        if target is None and Target.objects.filter(slug=slugify(name)[:60]).exists():
            form.add_error("name", _("There is one of this name already."))
            return _show_form(request, form, target)
        try:
            saved, report = save_target(**{**said, "name": name}, by=signed_in(request), is_active=is_active)
        except InvalidRecord as error:
            add_violations(form, error)
        else:
            _tell(request, _("Saved."), report)
            return redirect("target", slug=saved.slug)
    return _show_form(request, form, target)


@require_POST
@login_required
def act_on_target(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Try it, or switch it off or on."""
    require(request.user, "edit_targets")
    target = _find(slug)
    if action not in _DEEDS:
        raise NotFound(_("There is no such act."))
    try:
        report = _DEEDS[action](target, signed_in(request))
    except Conflict as error:
        messages.error(request, str(error))
    else:
        _tell(request, _("It is switched off and told nothing.") if action == "off" else "", report)
    return redirect("target", slug=target.slug)


def _show_form(request: HttpRequest, form: TargetForm, target: Target | None) -> HttpResponse:
    context = {"form": form, "target": target}
    return render(request, "access/target_form.html", context, status=422 if form.errors else 200)


def _tell(request: HttpRequest, words: str, report: Reconciled | None) -> None:
    """Say what was done and what a comparison found, and let the worker tell what differs."""
    if report is None:
        messages.success(request, words)
        return
    say = messages.error if report.failure else messages.success
    say(request, f"{words} {say_comparison(report)}".strip())
    nudge_push()


def _find(slug: str) -> Target:
    target = Target.objects.filter(slug=slug).first()
    if target is None:
        raise NotFound(_("There is no such target."))
    return target
