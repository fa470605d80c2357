"""Rights of a committee: the list, and one right with its history and the proof of its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from catalogue.access.domain.rights import ENDED
from catalogue.access.models import Block, Committee, EffectiveRight, Grant, Item
from catalogue.access.policies import can
from catalogue.access.portal.case_log import LogLine, read_case_log
from catalogue.access.portal.case_words import GRANT_WORDS, Tone, name_of
from catalogue.access.portal.grant_offers import Offer, offer_grant
from catalogue.access.portal.proof_words import SaidProof, say_proof
from catalogue.access.portal.steps import read_page
from catalogue.models import Dataset, User

_ON_PAGE = 50


@dataclass(slots=True)
class GrantRow:
    """One right, in a list."""

    grant: Grant
    name: str
    organisation: str
    state: Tone
    is_over: bool


@dataclass(slots=True)
class GrantList:
    """A page of rights."""

    rows: list[GrantRow]
    filters: Mapping[str, str]
    page: int
    has_next: bool


@dataclass(slots=True)
class GrantPage:
    """One right."""

    grant: Grant
    name: str
    state: Tone
    holds: bool
    blocks: list[Block]
    may_lift: bool
    proofs: list[SaidProof]
    log: list[LogLine] | None
    offers: list[Offer]
    refusals: list[Offer]
    sees_case: bool


def list_grants(committee: Committee | None, params: Mapping[str, str]) -> GrantList:
    """Return a page of the rights of a committee, or of all; `params`: state (active by default, "all"), q, sort, page."""
    state = params.get("state") or Grant.State.ACTIVE
    grants = Grant.objects.all()
    if committee is not None:
        grants = grants.filter(item__committee=committee)
    if state in Grant.State.values:
        grants = grants.filter(state=state)
    if words := params.get("q", "").strip()[:200]:
        grants = grants.filter(_search(words))
    order = {"ends": ("ends_at", "pk"), "new": ("-granted_at", "pk")}
    page = read_page(params.get("page", ""))
    listed: Sequence[Grant] = _cut(grants.order_by(*order.get(params.get("sort", ""), order["ends"])), page)
    now = timezone.now()
    rows = [_make_row(grant, now) for grant in listed[:_ON_PAGE]]
    return GrantList(rows, {**params, "state": state}, page, len(listed) > _ON_PAGE)


def build_grant(grant: Grant, user: Any, failed: Any = None) -> GrantPage:
    """Return the page of one right that its reader may see."""
    item = grant.item
    holds = EffectiveRight.objects.filter(grant=grant).exists()
    sees_log = can(user, "read_log", item)
    offers = offer_grant(grant, user, failed)
    blocks = Block.objects.filter(user=grant.user, lifted_at__isnull=True).filter(
        Q(dataset=grant.dataset_id) | Q(committee=item.committee_id)
    )
    now = timezone.now()
    return GrantPage(
        grant=grant,
        name=name_of(grant.user),
        state=GRANT_WORDS[grant.state],
        holds=holds,
        blocks=[
            block
            for block in blocks.select_related("by__person", "committee", "dataset")
            if block.until is None or block.until > now
        ],
        may_lift=can(user, "lift_block", item.committee),
        proofs=[say_proof(proof) for proof in grant.proofs.select_related("target")]
        if grant.state in ENDED
        else [],
        log=read_case_log(item.application, [item], grant=str(grant.pk)) if sees_log else None,
        offers=[offer for offer in offers if offer.refusal is None],
        refusals=[offer for offer in offers if offer.refusal is not None],
        sees_case=can(user, "read", item),
    )


def _cut(grants: QuerySet[Grant], page: int) -> list[Grant]:
    """Return a page and one more, chosen by id before anything is joined."""
    start = (page - 1) * _ON_PAGE
    ids = list(grants.values_list("pk", flat=True)[start : start + _ON_PAGE + 1])
    rows = Grant.objects.filter(pk__in=ids).select_related("user__person", "dataset", "item__committee")
    by_id = {grant.pk: grant for grant in rows.defer("dataset__record")}
    return [by_id[pk] for pk in ids if pk in by_id]


def _search(words: str) -> Q:
    """Return the condition of a search: people, datasets and numbers are found first, then their rights."""
    named = Q(person__name__icontains=words) | Q(person__organisation__icontains=words)
    people = User.objects.filter(named | Q(username__icontains=words)).values("pk")
    datasets = Dataset.objects.filter(title__icontains=words).values("pk")
    numbered = Item.objects.filter(application__number__iexact=words).values("pk")
    return Q(user__in=people) | Q(dataset__in=datasets) | Q(item__in=numbered)


def _make_row(grant: Grant, now: datetime) -> GrantRow:
    person = getattr(grant.user, "person", None)
    return GrantRow(
        grant,
        name_of(grant.user),
        person.organisation if person else "",
        GRANT_WORDS[grant.state],
        is_over=grant.state in Grant.LASTING and grant.ends_at <= now,
    )
