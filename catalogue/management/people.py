"""Who does it: the account that a command acts for, with that account's roles."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from catalogue.errors import NotFound
from catalogue.models import User


def add_person(parser: ArgumentParser) -> None:
    """Let a command ask for whom it acts."""
    parser.add_argument("--as", dest="person", required=True, help="the account's name")


def find_person(options: dict[str, Any]) -> User:
    """Return the account. Raises NotFound."""
    user = User.objects.filter(username=options["person"], is_active=True).first()
    if user is None:
        raise NotFound(f"There is no account {options['person']!r}.")
    return user
