"""What follows when a right begins or ends: targets are to be told, and what ended is to be proved.

Rows only (I7): a target's worker reads the view of effective rights at the time it acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q

from catalogue.access.models import Grant, RevocationProof, Target, TargetState
from catalogue.domain.outbox import enqueue

ENDED = (
    Grant.State.SUSPENDED,
    Grant.State.REVOKED,
    Grant.State.EXPIRED,
    Grant.State.RELINQUISHED,
)


def push_key(target_id: int, user_id: int, dataset_id: object) -> str:
    """Return the outbox key of one person, one dataset, one target."""
    return f"{target_id}:{user_id}:{dataset_id}"


def note_rights_changed(grants: Iterable[Grant], *, now: datetime) -> None:
    """Ask for every target to be brought to what holds now. Call in the transaction of the change."""
    for grant in grants:
        if grant.state == Grant.State.ACTIVE:
            # It holds again before its end was proved: there is nothing left to prove.
            RevocationProof.objects.filter(grant=grant, confirmed_at__isnull=True).delete()
        targets = Target.objects.filter(is_active=True).filter(
            Q(committee__isnull=True) | Q(committee=grant.item.committee_id)
        )
        for target in targets:
            key = {"target": target, "user_id": grant.user_id, "dataset_id": grant.dataset_id}
            state, made = TargetState.objects.get_or_create(**key, defaults={"generation": 1})
            if not made:
                TargetState.objects.filter(pk=state.pk).update(generation=F("generation") + 1)
                state.refresh_from_db(fields=["generation"])
            enqueue([("push", push_key(target.pk, grant.user_id, grant.dataset_id), state.generation)])
            if grant.state in ENDED:
                RevocationProof.objects.update_or_create(
                    grant=grant,
                    target=target,
                    defaults={"ended_at": now, "told_at": None, "confirmed_at": None},
                )
        if grant.state in ENDED:
            last = grant.visas.order_by("-expires_at").values_list("expires_at", flat=True).first()
            RevocationProof.objects.update_or_create(
                grant=grant,
                target=None,
                defaults={"ended_at": now, "told_at": now, "confirmed_at": last or now},
            )
