"""Committees: made by a chief steward, run by their managers; who does what from when to when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalogue.access.models import Committee, CommitteeRole, SiteRole, Workflow
from catalogue.access.policies import require
from catalogue.errors import Conflict, InvalidRecord, NotFound, Violation
from catalogue.models import User

_WORKFLOW_FIELDS = (
    "kind",
    "votes_needed",
    "is_anonymised",
    "deadline_days",
    "max_grant_days",
    "max_stale_days",
)
_COMMITTEE_FIELDS = (
    "name",
    "name_sv",
    "about",
    "ror",
    "country",
    "contact_email",
    "same_ror_conflicts",
)


def make_committee(name: str, *, by: User, now: datetime | None = None, **fields: Any) -> Committee:
    """Found a committee. For chief stewards; they name its first manager (`name_role`)."""
    now = now or timezone.now()
    require(by, "make_committee")
    _check_names(fields, _COMMITTEE_FIELDS)
    if not name.strip():
        raise InvalidRecord(_("The committee needs a name."), (Violation("name", _("Write its name.")),))
    slug = slugify(name)[:80] or "committee"
    with transaction.atomic():
        if Committee.objects.filter(slug=slug).exists():
            raise Conflict(_("There is a committee of this name already."))
        return Committee.objects.create(slug=slug, name=name.strip()[:200], created_at=now, **fields)


def change_committee(committee: Committee, *, by: User, **fields: Any) -> Committee:
    """Change what is said of a committee."""
    require(by, "edit_workflows", committee)
    _check_names(fields, _COMMITTEE_FIELDS)
    with transaction.atomic():
        current = Committee.objects.select_for_update().get(pk=committee.pk)
        for name, value in fields.items():
            setattr(current, name, value)
        current.save(update_fields=list(fields) or None)
    return current


def save_workflow(committee: Committee, name: str, *, by: User, **fields: Any) -> Workflow:
    """Make or change a workflow by its name. Items keep the limits that hold when they are decided.

    Raises InvalidRecord that names each field.
    """
    require(by, "edit_workflows", committee)
    violations = [
        Violation(key, _("There is no such field."), str(value)[:40])
        for key, value in fields.items()
        if key not in _WORKFLOW_FIELDS
    ]
    if fields.get("kind", Workflow.Kind.SINGLE) not in Workflow.Kind.values:
        violations.append(
            Violation("kind", f"Use one of {', '.join(Workflow.Kind.values)}.", str(fields["kind"])[:40])
        )
    violations += [
        Violation(key, _("Use a whole number from 1 to 3660."), str(value)[:20])
        for key in ("votes_needed", "deadline_days", "max_grant_days", "max_stale_days")
        if (value := fields.get(key)) is not None and not (isinstance(value, int) and 1 <= value <= 3660)
    ]
    if not name.strip():
        violations.append(Violation("name", _("Give the workflow a name.")))
    if violations:
        raise InvalidRecord(_("The workflow was not saved: see the fields."), tuple(violations))
    with transaction.atomic():
        workflow, _made = Workflow.objects.update_or_create(
            committee=committee, name=name.strip()[:120], defaults=fields
        )
    return workflow


def name_role(
    committee: Committee,
    user: User,
    role: str,
    *,
    by: User,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    delegate_of: User | None = None,
    now: datetime | None = None,
) -> CommitteeRole:
    """Give somebody a role in a committee, from and until; a delegate's has an end.

    A chief steward names managers only; managers name everybody.
    """
    now = now or timezone.now()
    require(by, "name_people", committee)
    if role not in CommitteeRole.Role.values:
        raise InvalidRecord(
            _("There is no such role."),
            (Violation("role", f"Use one of {', '.join(CommitteeRole.Role.values)}.", role[:40]),),
        )
    if role != CommitteeRole.Role.MANAGER:
        require(by, "edit_workflows", committee)
    starts_at = starts_at or now
    violations = []
    if ends_at is not None and ends_at <= max(starts_at, now):
        violations.append(Violation("ends_at", _("Choose a time after its beginning, and later than now.")))
    if delegate_of is not None and ends_at is None:
        violations.append(Violation("ends_at", _("A delegate's role needs an end.")))
    if violations:
        raise InvalidRecord(_("The role was not given: see the fields."), tuple(violations))
    with transaction.atomic():
        lasting = CommitteeRole.objects.filter(
            committee=committee, user=user, role=role, ends_at__isnull=True
        )
        if (found := lasting.first()) is not None and ends_at is None:
            return found
        return CommitteeRole.objects.create(
            committee=committee,
            user=user,
            role=role,
            starts_at=starts_at,
            ends_at=ends_at,
            delegate_of=delegate_of,
            granted_by=by,
        )


def end_role(role: CommitteeRole, *, by: User, now: datetime | None = None) -> None:
    """End a role now. It is kept: who had been what stays known."""
    now = now or timezone.now()
    with transaction.atomic():
        current = CommitteeRole.objects.select_for_update().select_related("committee").get(pk=role.pk)
        require(by, "name_people", current.committee)
        if current.role != CommitteeRole.Role.MANAGER:
            require(by, "edit_workflows", current.committee)
        if current.ends_at is not None and current.ends_at <= now:
            raise Conflict(_("This role is over already."))
        if current.starts_at >= now:
            current.delete()
            return
        current.ends_at = now
        current.save(update_fields=["ends_at"])


def name_site_role(user: User, role: str, *, by: User, now: datetime | None = None) -> SiteRole:
    """Make somebody an auditor of all committees, or a security officer."""
    require(by, "name_site_roles")
    if role not in SiteRole.Role.values:
        raise InvalidRecord(
            _("There is no such role."),
            (Violation("role", f"Use one of {', '.join(SiteRole.Role.values)}.", role[:40]),),
        )
    with transaction.atomic():
        found, _made = SiteRole.objects.get_or_create(
            user=user, role=role, defaults={"granted_at": now or timezone.now()}
        )
    return found


def end_site_role(user: User, role: str, *, by: User) -> None:
    """Take such a role back."""
    require(by, "name_site_roles")
    with transaction.atomic():
        if not SiteRole.objects.filter(user=user, role=role).delete()[0]:
            raise NotFound(_("They have no such role."))


def _check_names(fields: dict[str, Any], known: tuple[str, ...]) -> None:
    wrong = [Violation(name, _("There is no such field.")) for name in fields if name not in known]
    if wrong:
        raise InvalidRecord(_("Nothing was saved: see the fields."), tuple(wrong))
