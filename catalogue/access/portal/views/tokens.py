"""Tokens with which programs use the API as somebody: made, shown once, looked after, revoked."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from catalogue.access.domain.tokens import account_tokens, end_token, make_account_token
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.token_form import TokenForm
from catalogue.access.sign_in.strength import (
    StrongSignInNeeded,
    has_second_factor,
    has_strong_sign_in,
)
from catalogue.errors import Conflict


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def show_tokens(request: HttpRequest) -> HttpResponse:
    """Show one's tokens; on POST make one, and show it this once."""
    user = signed_in(request)
    form = TokenForm(request.POST or None, use_required_attribute=False)
    secret = ""
    if request.method == "POST" and form.is_valid():
        _require_strong_session(request)
        try:
            _token, secret = make_account_token(**form.cleaned_data, by=user)
        except Conflict as error:
            form.add_error(None, str(error))
        else:
            form = TokenForm(use_required_attribute=False)
    context = {
        "own_nav": "tokens",
        "form": form,
        "secret": secret,
        "tokens": account_tokens(user),
        "now": timezone.now(),
    }
    return render(request, "access/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def end_own_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revoke one of one's tokens."""
    user = signed_in(request)
    token = get_object_or_404(account_tokens(user), pk=token_id)
    end_token(token, by=user)
    messages.success(request, _("The token is revoked: %(name)s") % {"name": token.label})
    return redirect("tokens")


def _require_strong_session(request: HttpRequest) -> None:
    """Raise StrongSignInNeeded where an account with a second factor has not used it in this session."""
    if has_second_factor(request.user) and not has_strong_sign_in(request):
        raise StrongSignInNeeded(_("Confirm your second factor before you make a token."))
