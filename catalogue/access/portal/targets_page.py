"""Targets as pages show them: how each stands, for how long it differs, and what is proved there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalogue.access.domain.people import person_of
from catalogue.access.domain.push import Reconciled
from catalogue.access.models import RevocationProof, Target, TargetState
from catalogue.access.policies import can
from catalogue.access.portal.case_words import Tone, name_of
from catalogue.access.portal.proof_words import SaidProof, say_proof
from catalogue.models import User

_SHOWN = 50
_OFF: Tone = ("quiet", gettext_lazy("Switched off"))
_SILENT: Tone = ("bad", gettext_lazy("Does not answer"))
_DIFFERS: Tone = ("warning", gettext_lazy("Differs"))
_NEW: Tone = ("busy", gettext_lazy("Never compared"))
_AGREES: Tone = ("good", gettext_lazy("As it should be"))


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target: how many rights it keeps, how many pairs differ there, and since when the oldest does."""

    target: Target
    state: Tone
    kept: int
    differing: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class TargetPage:
    """One target with what differs (the oldest first) and what ended last, each with who it is about."""

    row: TargetRow
    drifts: Sequence[tuple[TargetState, str]]
    proofs: Sequence[tuple[RevocationProof, str, SaidProof]]
    may_edit: bool


def list_targets() -> list[TargetRow]:
    """Return all targets, by name."""
    return [_make_row(target) for target in _counted(Target.objects.all())]


def build_target(target: Target, reader: Any) -> TargetPage:
    """Return one target. People stand as their ids for who may not see rights."""
    sees_names = can(reader, "read_rights")
    drifts = TargetState.objects.filter(target=target, drift_since__isnull=False)
    drifts = drifts.select_related("user__person", "dataset").order_by("drift_since", "pk")
    proofs = RevocationProof.objects.filter(target=target)
    proofs = proofs.select_related("target", "grant__user__person", "grant__dataset").order_by("-ended_at")
    return TargetPage(
        row=_make_row(_counted(Target.objects.filter(pk=target.pk)).get()),
        drifts=[(row, _say_person(row.user, sees_names)) for row in drifts[:_SHOWN]],
        proofs=[(row, _say_person(row.grant.user, sees_names), say_proof(row)) for row in proofs[:_SHOWN]],
        may_edit=can(reader, "edit_targets"),
    )


def say_comparison(report: Reconciled) -> str:
    """Write what a comparison found."""
    if report.failure:
        return _("It does not answer as it should: %(why)s") % {"why": report.failure}
    listed = ngettext("%(n)d right is there", "%(n)d rights are there", report.listed) % {"n": report.listed}
    if report.is_clean:
        return _("%(listed)s, as it should be.") % {"listed": listed}
    return _("%(listed)s; %(missing)d missing and %(surplus)d too many are put right now.") % {
        "listed": listed,
        "missing": len(report.missing),
        "surplus": len(report.surplus),
    }


def _counted(targets: Any) -> Any:
    differs = Q(states__drift_since__isnull=False)
    return targets.select_related("committee").annotate(
        kept=Count("states", filter=Q(states__observed=True)),
        differing=Count("states", filter=differs),
        since=Min("states__drift_since"),
    )


def _make_row(target: Any) -> TargetRow:
    state = _AGREES
    if not target.is_active:
        state = _OFF
    elif target.reconcile_error:
        state = _SILENT
    elif target.differing:
        state = _DIFFERS
    elif target.reconciled_at is None:
        state = _NEW
    return TargetRow(target, state, target.kept, target.differing, target.since)


def _say_person(user: User, sees_names: bool) -> str:
    return name_of(user) if sees_names else str(person_of(user).pk)
