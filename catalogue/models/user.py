"""People who sign in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """An account. Roles: `is_staff` operates sources; finer ones are added with the desks that need them."""
