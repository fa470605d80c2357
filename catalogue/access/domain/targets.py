"""Targets as operators keep them: added, changed, tried, switched off and on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalogue.access.domain.push import Reconciled, reconcile_target
from catalogue.access.models import Committee, Target
from catalogue.access.policies import require
from catalogue.errors import Conflict, InvalidRecord, Violation
from catalogue.models import User

_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


def save_target(
    name: str,
    *,
    by: User | None,
    kind: str,
    address: str,
    secret_name: str = "",
    committee: Committee | None = None,
    is_active: bool = True,
    now: datetime | None = None,
) -> tuple[Target, Reconciled | None]:
    """Add or change a target by its name, and compare it at once if it is active.

    `by` None: somebody with a shell on the machine. Raises InvalidRecord that names each field.
    """
    if by is not None:
        require(by, "edit_targets")
    violations = _check(name, kind, address, secret_name)
    if by is not None:
        violations += _check_remote(kind, address, secret_name)
    if violations:
        raise InvalidRecord(_("The target was not saved: see the fields."), tuple(violations))
    with transaction.atomic():
        target, _made = Target.objects.update_or_create(
            slug=slugify(name)[:60],
            defaults={
                "name": name.strip()[:120],
                "kind": kind,
                "address": address.strip(),
                "secret_name": secret_name.strip(),
                "committee": committee,
                "is_active": is_active,
            },
        )
    return target, reconcile_target(target, now=now or timezone.now()) if is_active else None


def try_target(target: Target, *, by: User, now: datetime | None = None) -> Reconciled:
    """Compare a target now; what differs is told again. Raises NotPermitted, and Conflict for one that is off."""
    require(by, "edit_targets")
    if not target.is_active:
        raise Conflict(_("It is switched off. Switch it on first; then it is compared."))
    return reconcile_target(target, now=now or timezone.now())


def switch_target(
    target: Target, *, by: User, is_active: bool, now: datetime | None = None
) -> Reconciled | None:
    """Switch a target off, after which it is told nothing, or on, and compare it then."""
    require(by, "edit_targets")
    with transaction.atomic():
        Target.objects.filter(pk=target.pk).update(is_active=is_active)
    target.is_active = is_active
    return reconcile_target(target, now=now or timezone.now()) if is_active else None


def _check_remote(kind: str, address: str, secret_name: str) -> list[Violation]:
    """Return what only somebody with a shell may set: folders of the machine, and where a secret goes anew."""
    found = []
    if kind == Target.Kind.FOLDER:
        found.append(Violation("kind", _("A folder is set up on the machine, with manage.py access target.")))
    known = Target.objects.filter(secret_name=secret_name.strip()).exclude(secret_name="")
    hosts = {urlsplit(row.address).netloc for row in known}
    if hosts and urlsplit(address.strip()).netloc not in hosts:
        found.append(
            Violation(
                "address",
                _(
                    "This secret is that of another host. Name another secret, or use manage.py access target."
                ),
                address[:80],
            )
        )
    return found


def _check(name: str, kind: str, address: str, secret_name: str) -> list[Violation]:
    found = []
    if not slugify(name):
        found.append(Violation("name", _("Give it a name with letters or digits.")))
    if kind not in Target.Kind.values:
        found.append(Violation("kind", f"Use one of {', '.join(Target.Kind.values)}.", kind[:40]))
    is_web = kind in {Target.Kind.HTTP, Target.Kind.REMS}
    if is_web and not address.startswith(("https://", *_LOOPBACK)):
        found.append(Violation("address", _("Begin with https://: a secret travels with it."), address[:80]))
    if kind == Target.Kind.FOLDER and not Path(address).is_absolute():
        found.append(Violation("address", _("Give the whole path of the folder."), address[:80]))
    if not address.strip():
        found.append(Violation("address", _("Write where it is.")))
    known = {row.partition("=")[0] for row in settings.ACCESS_TARGET_SECRETS}
    if secret_name and secret_name not in known:
        found.append(
            Violation(
                "secret_name", _("MIMIS_ACCESS_TARGET_SECRETS has no secret of this name."), secret_name[:40]
            )
        )
    return found
