"""Pages of signing in: django-allauth's, and the few where ours differ."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth.views import LogoutView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from catalogue.access.sign_in.forms import SignInForm
from catalogue.access.sign_in.oidc import StrictAdapter
from catalogue.errors import NotPermitted


class SignInView(LoginView):
    """Name and password, a passkey, or a home organisation."""

    form_class = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the page shows."""
        providers = get_adapter().list_providers(self.request) if settings.OIDC_PROVIDERS else []
        context = super().get_context_data(**kwargs)
        too_many = any(error.code == "too_many_login_attempts" for error in _errors(context["form"]))
        return {**context, "providers": providers, "too_many": too_many, "may_sign_up": settings.SIGN_UP}


class SignOutView(LogoutView):
    """A POST signs out; there is no page, the visitor goes home."""


@never_cache
@require_POST
def leave_for_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the visitor to a provider.

    By a page that refreshes itself: a redirect after a form would have to be allowed by `form-action` of the
    Content Security Policy, for every host that the provider itself sends on to.
    """
    adapter = _adapter(request, provider_id)
    provider = adapter.get_provider()
    try:
        response: HttpResponse = provider.redirect_from_request(request)
    except (OAuth2Error, RequestException, ValueError, KeyError) as error:
        return render_authentication_error(request, provider, exception=error)  # type: ignore[no-any-return]
    if not isinstance(response, HttpResponseRedirect):
        return response
    page = render(request, "socialaccount/leaving.html", {"provider": provider, "address": response.url})
    page.headers["Refresh"] = f"0; url={response.url}"
    return page


class CallbackView(OAuth2CallbackView):
    """The provider's answer, checked against what the session remembers."""

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[Any, Any]:
        state, response = super()._get_state(request, provider)
        # RFC 9207: an answer that names its issuer must name this one.
        if (
            state
            and request.GET.get("iss", provider.app.settings["issuer"]) != provider.app.settings["issuer"]
        ):
            return None, render_authentication_error(request, provider)
        if state:
            self.adapter.nonce = state.get("nonce", "")
        return state, response


@never_cache
@require_GET
def receive_answer(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take a provider's answer, and sign in whom it is about."""
    adapter = _adapter(request, provider_id)
    try:
        view = CallbackView.adapter_view(adapter)
        return view(request)  # type: ignore[no-any-return]
    except (OAuth2Error, RequestException, ValueError, KeyError) as error:
        return render_authentication_error(request, adapter.get_provider(), exception=error)  # type: ignore[no-any-return]


def refuse_password(request: HttpRequest) -> HttpResponse:
    """Refuse a password to an account that signs in at its home organisation."""
    raise NotPermitted(_("This account signs in at its home organisation, and has no password here."))


def _errors(form: Any) -> list[Any]:
    return form.errors.as_data().get("__all__", []) if form.is_bound else []


def _adapter(request: HttpRequest, provider_id: str) -> StrictAdapter:
    adapter = StrictAdapter(request, provider_id)
    try:
        adapter.get_provider()
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return adapter
