"""Pre-flight: the purpose asked once, and what each dataset's conditions say of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalogue.access.portal.basket_page import build_basket_page
from catalogue.access.portal.intent_form import build_intent_form, read_intent_form, summarise
from catalogue.access.portal.intent_session import read_intent, read_profile, write_intent
from catalogue.access.rules.preflight import intent_to_json
from catalogue.errors import InvalidRecord
from catalogue.portal.basket import list_basket


@require_http_methods(["GET", "HEAD", "POST"])
def show_preflight(request: HttpRequest) -> HttpResponse:
    """Ask for the purpose; on POST keep it and say what it means for what is in the basket."""
    back = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    back = back if is_ours else ""
    if request.method == "POST":
        said = read_intent_form(request.POST)
        try:
            write_intent(request, said)
        except InvalidRecord as error:
            context = {
                "own_nav": "purpose",
                "groups": build_intent_form(said, error.violations),
                "error": error,
                "back": back,
            }
            return render(request, "access/preflight.html", context, status=422)
        messages.success(request, _("Your purpose is kept. You can change it at any time."))
        return HttpResponseRedirect(back or f"{reverse('preflight')}#verdicts")
    intent = read_intent(request)
    page = build_basket_page(list_basket(request), request.user, intent)
    said = intent_to_json(intent)
    context = {
        "own_nav": "purpose",
        "groups": build_intent_form(said or read_profile(request.user)),
        "page": page,
        "summary": summarise(intent),
        "back": back,
    }
    return render(request, "access/preflight.html", context)
