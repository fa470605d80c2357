"""Granting roles and taking them back. What each role may do is the table of docs/roles.md."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from catalogue.errors import Conflict, InvalidRecord, NotFound, Violation
from catalogue.models import Agent, RoleGrant, Source, User

_SCOPED = RoleGrant.Role.STEWARD


def grant_role(
    username: str, role: str, *, publisher: str = "", source: str = "", by: Any = None
) -> RoleGrant:
    """Give somebody a role, and return the grant; one that is there already is returned as it is.

    `publisher` and `source` are slugs, of which a steward needs exactly one. Raises NotFound for an
    account, publisher or source that there is not, InvalidRecord for a role that cannot be.
    """
    _check_scope(role, publisher, source)
    with transaction.atomic():
        user = User.objects.select_for_update().filter(username=username, is_active=True).first()
        if user is None:
            raise NotFound(f"There is no account {username[:150]!r}.")
        grant, _ = RoleGrant.objects.get_or_create(
            user=user,
            role=role,
            publisher=_find(Agent, publisher, "publisher"),
            source=_find(Source, source, "source"),
            defaults={"granted_by": by},
        )
    return grant


def revoke_role(grant_id: int, *, by: Any = None) -> RoleGrant:
    """Take a role back, and return what it was.

    Raises NotFound; Conflict when a chief steward would take the own role, which might be the last.
    """
    with transaction.atomic():
        grant = list_grants().select_for_update(of=("self",)).filter(pk=grant_id).first()
        if grant is None:
            raise NotFound("There is no such role; somebody may have taken it back already.")
        if grant.role == RoleGrant.Role.CHIEF and by is not None and grant.user_id == by.pk:
            raise Conflict("You cannot take your own role of a chief steward; another chief has to.")
        grant.delete()
    return grant


def list_grants() -> QuerySet[RoleGrant]:
    """Return all grants, by account, with what lists show of them."""
    rows = RoleGrant.objects.select_related("user", "publisher", "source", "granted_by")
    return rows.order_by("user__username", "role", "id")


def list_flagged() -> QuerySet[User]:
    """Return the accounts that an administrator made operators or everything, without any grant."""
    return User.objects.filter(Q(is_staff=True) | Q(is_superuser=True), is_active=True).order_by("username")


def find_grant(username: str, role: str, *, publisher: str = "", source: str = "") -> RoleGrant:
    """Return the grant that is described as in `grant_role`. Raises NotFound."""
    rows = list_grants().filter(user__username=username, role=role)
    rows = rows.filter(publisher__slug=publisher) if publisher else rows.filter(publisher__isnull=True)
    rows = rows.filter(source__slug=source) if source else rows.filter(source__isnull=True)
    grant = rows.first()
    if grant is None:
        raise NotFound(f"{username} has no such role.")
    return grant


def _check_scope(role: str, publisher: str, source: str) -> None:
    violations = []
    if role not in RoleGrant.Role.values:
        violations.append(Violation("role", f"Use one of {', '.join(RoleGrant.Role.values)}.", role[:40]))
    elif role == _SCOPED and bool(publisher) == bool(source):
        violations.append(Violation("publisher", "A steward has one publisher or one source."))
    elif role != _SCOPED and (publisher or source):
        violations.append(Violation("role", "This role is for everything; leave publisher and source out."))
    if violations:
        raise InvalidRecord("This role cannot be given: see role, publisher, source.", tuple(violations))


def _find(model: Any, slug: str, what: str) -> Any:
    if not slug:
        return None
    row = model.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"There is no {what} {slug[:120]!r}.")
    return row
