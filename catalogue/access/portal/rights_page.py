"""Somebody's rights: what holds, until when, and what may be done with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from catalogue.access.domain.granting import missing_terms
from catalogue.access.models import EffectiveRight, Grant, TermsVersion
from catalogue.access.policies import can, explain
from catalogue.access.portal.own_words import GRANT_WORDS, Tone
from catalogue.models import StoredFile
from catalogue.portal.reach_section import choose_text, name_committee

_DAYS_BEFORE_END = 60


@dataclass(frozen=True, slots=True)
class RightRow:
    """One right in a list. `holds`: whether data is given on it now."""

    grant: Grant
    committee: str
    state: Tone
    holds: bool
    ends_soon: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """Something to do with a right: a button, or why there is none."""

    name: str
    label: str
    tone: str
    why_not: str


@dataclass(frozen=True, slots=True)
class RightPage:
    """Everything that templates/access/right.html shows."""

    row: RightRow
    why_held_back: str
    conditions: str
    deeds: Sequence[Deed]
    terms: Sequence[tuple[TermsVersion, str]]  # to be accepted, with the words to show
    files: Sequence[StoredFile]
    papers: Sequence[tuple[str | Promise, str]]  # words and address


def list_right_rows(grants: Any) -> list[RightRow]:
    """Return rights (a queryset) as rows; two queries."""
    listed = list(grants.select_related("dataset", "item__committee", "item__application"))
    held = set(
        EffectiveRight.objects.filter(grant__in=[grant.pk for grant in listed]).values_list(
            "grant_id", flat=True
        )
    )
    return [_make_row(grant, holds=grant.pk in held) for grant in listed]


def build_right_page(grant: Grant, user: Any) -> RightPage:
    """Return the page of one right for whoever may know of it."""
    (row,) = list_right_rows(Grant.objects.filter(pk=grant.pk))
    is_holder = grant.user_id == user.pk
    missing = missing_terms(grant) if is_holder and grant.state == Grant.State.PENDING_TERMS else []
    decision = getattr(grant.item, "decision", None)
    why = ""
    if grant.state == Grant.State.ACTIVE and not row.holds:
        why = _(
            "It is held back now: the dataset was withdrawn, or the committee blocks it. Ask the committee."
        )
    return RightPage(
        row=row,
        why_held_back=why,
        conditions=decision.conditions if decision is not None else "",
        deeds=_list_deeds(grant, user) if is_holder else (),
        terms=[(version, choose_text(version)) for version in missing],
        files=list(StoredFile.objects.filter(dataset=grant.dataset_id, state="ready")) if row.holds else (),
        papers=_list_papers(grant) if can(user, "read_evidence", grant.item.application) else (),
    )


def _make_row(grant: Grant, *, holds: bool) -> RightRow:
    left = (grant.ends_at - timezone.now()).days
    return RightRow(
        grant=grant,
        committee=name_committee(grant.item.committee),
        state=GRANT_WORDS[grant.state],
        holds=holds,
        ends_soon=grant.state == Grant.State.ACTIVE and left <= _DAYS_BEFORE_END,
    )


def _list_deeds(grant: Grant, user: Any) -> list[Deed]:
    labels = {
        "renew": (_("Renew it"), ""),
        "amend": (_("Change what it is for"), ""),
        "relinquish": (_("Give it back"), "danger"),
    }
    deeds = []
    for name, (label, tone) in labels.items():
        refusal = explain(user, name, grant)
        why = refusal.message if refusal else ""
        if not why and name in {"renew", "amend"} and grant.item.application.applicant_id != user.pk:
            why = _("The applicant renews and amends for everybody in the request.")
        deeds.append(Deed(name, label, tone, why))
    return deeds


def _list_papers(grant: Grant) -> list[tuple[str | Promise, str]]:
    """Return links to the papers that this site makes of a decision."""
    return [
        (_("Decision letter (PDF)"), reverse("api-letter", args=[grant.item_id])),
        (_("Evidence (ZIP)"), reverse("api-evidence", args=[grant.item.application_id])),
    ]
