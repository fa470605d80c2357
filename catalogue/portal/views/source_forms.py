"""Adding a source and changing one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalogue.domain.source_kinds import kinds
from catalogue.domain.sources import save_source
from catalogue.models import Source
from catalogue.policies import require_operator
from catalogue.portal.forms import SourceForm


@require_http_methods(["GET", "HEAD", "POST"])
def add_source(request: HttpRequest) -> HttpResponse:
    """Ask for a new source and save it."""
    require_operator(request.user)
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        source = save_source(form.save(commit=False), by=request.user)
        messages.success(request, _("The source is saved. Try it before the first harvest."))
        return redirect("source", slug=source.slug)
    return _show(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_source(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for changes of a source and save them."""
    require_operator(request.user)
    source = get_object_or_404(Source, slug=slug)
    form = SourceForm(request.POST or None, instance=source)
    if request.method == "POST" and form.is_valid():
        source = save_source(form.save(commit=False))
        messages.success(request, _("The source is saved."))
        return redirect("source", slug=source.slug)
    return _show(request, form, get_object_or_404(Source, slug=slug))


def _show(request: HttpRequest, form: SourceForm, source: Source | None) -> HttpResponse:
    context = {"form": form, "source": source, "kinds": kinds()}
    return render(request, "portal/source_form.html", context, status=422 if form.errors else 200)
