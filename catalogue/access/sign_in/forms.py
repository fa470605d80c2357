"""The forms of signing in, where ours differ from django-allauth's."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from django import forms
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):
    """Name and password. The session ends when it is not used, not when a box is ticked."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields.pop("login")
        login.label = _("Username")
        login.widget = forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"})
        self.fields = {"username": login, "password": self.fields["password"]}
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""

    def clean_username(self) -> str:
        """Return the name; it is what the base class calls `login`."""
        name = str(self.cleaned_data["username"]).strip()
        self.cleaned_data["login"] = name
        return name


class PasswordForgottenForm(ResetPasswordForm):
    """Asks for a link to a new password. Accounts of home organisations get none: a mailbox is no second way in."""

    users: list[Any]

    def clean_email(self) -> str:
        """Return the address; whether it is known changes nothing that is seen."""
        address = str(super().clean_email())
        self.users = [user for user in self.users if user.has_usable_password()]
        return address
