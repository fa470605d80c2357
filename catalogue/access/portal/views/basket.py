"""The basket: what is in it, what may be asked for, and the request that comes of it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalogue.access.domain.applications import start_application
from catalogue.access.domain.baskets import find_datasets
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.basket_page import build_basket_page
from catalogue.access.portal.intent_session import read_intent
from catalogue.access.rules.preflight import intent_to_json
from catalogue.errors import Conflict, InvalidRecord
from catalogue.portal.basket import add_to_basket, list_basket, remove_from_basket


@require_safe
def show_basket(request: HttpRequest) -> HttpResponse:
    """Show what is in the basket."""
    page = build_basket_page(list_basket(request), request.user, read_intent(request))
    return render(request, "access/basket.html", {"page": page, "own_nav": "basket"})


@require_POST
def change_basket(request: HttpRequest) -> HttpResponse:
    """Put a dataset into the basket, or take it out."""
    found = find_datasets(request.user, [request.POST.get("dataset", "")])
    if not found:
        raise Http404
    if request.POST.get("do") == "remove":
        remove_from_basket(request, [found[0].pk])
        messages.success(request, _("Taken out of the basket: %(title)s") % {"title": found[0].title})
    else:
        try:
            add_to_basket(request, found)
        except Conflict as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("In the basket: %(title)s") % {"title": found[0].title})
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if is_ours else reverse("basket"))


@require_POST
def request_basket(request: HttpRequest) -> HttpResponse:
    """Begin one request for everything that is ticked; what is asked for leaves the basket."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("basket"))
    ticked = set(request.POST.getlist("datasets"))
    wanted = [dataset for dataset in list_basket(request) if str(dataset.pk) in ticked]
    intent = intent_to_json(read_intent(request))
    try:
        application = start_application(wanted, by=signed_in(request), intent=intent, reuse=True)
    except InvalidRecord as error:
        for violation in error.violations:
            messages.error(request, f"{violation.value}: {violation.message}".removeprefix(": "))
        return redirect("basket")
    remove_from_basket(request, [dataset.pk for dataset in wanted])
    return redirect("request-form", application_id=application.pk)
