"""Mapping rules: the list, writing and trying one, closing one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.domain.renewal import count_waiting
from catalogue.domain.rules import close_rule, save_rule
from catalogue.errors import Conflict
from catalogue.models import MappingRule, Source
from catalogue.policies import require_desk, require_mapper, require_steward
from catalogue.portal.desk_forms import RuleForm, reader_language
from catalogue.portal.rule_page import (
    chosen_value,
    describe_rules,
    offer_words,
    rule_initial,
    show_trial,
    target_terms,
)
from catalogue.tasks import nudge_projection

_PER_PAGE = 20


@require_safe
def list_rules(request: HttpRequest) -> HttpResponse:
    """List the rules that hold, with how many records each touches."""
    require_desk(request.user)
    rows = MappingRule.objects.filter(closed_at__isnull=True).select_related("source", "author", "act")
    if slug := request.GET.get("source", ""):
        rows = rows.filter(source__slug=slug)
    page = Paginator(rows.order_by("source__title", "field", "match", "pk"), _PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "page_range": list(page.paginator.get_elided_page_range(page.number)),
        "rules": describe_rules(list(page), request.user, reader_language()),
        "sources": Source.objects.filter(mapping_rules__closed_at__isnull=True).distinct(),
        "chosen": slug,
        "waiting": count_waiting(),
    }
    return render(request, "portal/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def write_rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """Ask for a rule, new or changed; GET tries it, POST saves it."""
    require_steward(request.user)
    former = None
    if rule_id is not None:
        rows = MappingRule.objects.filter(closed_at__isnull=True).select_related("source")
        former = get_object_or_404(rows, pk=rule_id)
        require_mapper(request.user, former.source_id)
    said = request.POST or request.GET
    form = RuleForm(said if "do" in said else None, user=request.user, initial=rule_initial(said, former))
    context: dict[str, Any] = {"form": form, "former": former}
    is_valid = form.is_bound and form.is_valid()
    if is_valid and form.rule and request.method == "POST":
        require_mapper(request.user, form.rule.source_id)
        try:
            save_rule(form.rule, by=request.user, reason=form.rule.note, replaces=former)
        except Conflict as error:
            form.add_error(None, str(error))
        else:
            nudge_projection()
            messages.success(
                request, _("The rule is saved. The datasets it concerns follow in the background.")
            )
            return redirect("rules")
    elif is_valid and form.rule:
        context["trial"] = show_trial(form.rule, former, request.GET.get("page", ""), reader_language())
    context |= {
        "words": offer_words(form, request.user),
        "terms": target_terms(form, reader_language()),
        "said": [(name, said[name]) for name in form.fields if said.get(name)],
        "chosen": {name: chosen_value(form, name) for name in ("source", "field")},
    }
    return render(request, "portal/rule_form.html", context, status=422 if form.errors else 200)


@require_POST
def close(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Take a rule back."""
    require_steward(request.user)
    rule = get_object_or_404(MappingRule.objects.select_related("source"), pk=rule_id)
    require_mapper(request.user, rule.source_id)
    close_rule(rule, by=request.user)
    nudge_projection()
    messages.success(
        request, _("The rule no longer holds. The datasets it concerned follow in the background.")
    )
    return redirect("rules")
