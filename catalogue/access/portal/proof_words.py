"""What is known of the end of a right where it was used, in words and times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalogue.access.models import RevocationProof


@dataclass(frozen=True, slots=True)
class SaidProof:
    """What is known of a right's end at one place that used it."""

    where: str
    words: str
    is_proved: bool


def say_proof(proof: RevocationProof) -> SaidProof:
    """Say what is known: told 10:02:11, acknowledged 10:02:13, or that it is waited for."""
    now = timezone.now()
    if proof.target is None:
        dead = proof.confirmed_at is not None and proof.confirmed_at <= now
        if proof.confirmed_at is None or proof.confirmed_at <= proof.ended_at:
            return SaidProof(_("Visas"), _("none was out"), is_proved=True)
        words = _("last visa dead %(when)s") if dead else _("the last visa dies %(when)s")
        return SaidProof(
            _("Visas"), words % {"when": _clock(proof.confirmed_at, proof.ended_at)}, is_proved=dead
        )
    if proof.told_at is None:
        return SaidProof(proof.target.name, _("not told yet"), is_proved=False)
    told = _("told %(when)s") % {"when": _clock(proof.told_at, proof.ended_at)}
    if proof.confirmed_at is None:
        return SaidProof(
            proof.target.name, _("%(told)s, not acknowledged yet") % {"told": told}, is_proved=False
        )
    words = _("%(told)s, acknowledged %(when)s") % {
        "told": told,
        "when": _clock(proof.confirmed_at, proof.ended_at),
    }
    return SaidProof(proof.target.name, words, is_proved=True)


def _clock(moment: datetime, ended: datetime) -> str:
    """Write a time to the second, with its day where that is not the day of the end."""
    local = timezone.localtime(moment)
    form = "H:i:s" if local.date() == timezone.localtime(ended).date() else "j F Y H:i:s"
    return date_format(local, form)
