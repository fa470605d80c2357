"""DOIs as people want them: reserving, publishing, updating, withdrawing, restoring, dropping.

A verb writes what is wanted, and the outbox row for it, in one transaction; doi_registration.py brings the registry
there. What is shown of a DOI is what the registry was seen to have (doi_status.py), never what is wanted.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.domain.doi_eligibility import explain_ineligible, find_prefix
from catalogue.domain.doi_followers import find_family, renew_dois
from catalogue.domain.doi_target import build_metadata, describe_by, landing_page
from catalogue.errors import Conflict, InvalidRecord, NotFound
from catalogue.exports.datacite_rules import validate_datacite
from catalogue.models import Dataset, Doi, DoiPrefix, Edition

ALARM_AFTER = timedelta(hours=6)
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: nothing in it is mistaken for something else when read aloud."""
_NEEDS_SOMEBODY = (Doi.ErrorKind.CREDENTIALS, Doi.ErrorKind.REFUSED, Doi.ErrorKind.LANDING_PAGE)


def reserve_doi(dataset: Dataset, *, by: Any = None) -> Doi:
    """Reserve a DOI for a dataset: a draft at the registry, which may be written into files and papers to come.

    One that the dataset has already is returned as it is. Raises Conflict where it may not have one.
    """
    with transaction.atomic():
        doi = _ensure_doi(dataset, Doi.Role.VERSION, by)
        if doi.desired == Doi.Desired.NONE:
            _want([doi], Doi.Desired.RESERVED)
        return doi


def publish_doi(dataset: Dataset, *, by: Any = None, with_concept: bool = True) -> Doi:
    """Have the dataset's DOI made findable, reserving it first where there is none.

    An own dataset's concept gets a DOI too, unless `with_concept` says otherwise, and all that name each other are
    sent anew. Raises Conflict where it may not have one, InvalidRecord with what the registry would refuse.
    """
    with transaction.atomic():
        if reason := explain_ineligible(dataset):  # as things are now, whatever was reserved before
            raise Conflict(reason)
        doi = _ensure_doi(dataset, Doi.Role.VERSION, by)
        wanted = [doi]
        edition = Edition.objects.filter(dataset=dataset).first()
        if edition is not None and with_concept:
            wanted.append(_ensure_doi(dataset, Doi.Role.CONCEPT, by, edition))
        for item in wanted:
            _require_valid(item)
        _want(wanted, Doi.Desired.FINDABLE)
        return doi


def update_doi(doi: Doi) -> None:
    """Have the registry compared with what is wanted, and mended, now."""
    with transaction.atomic():
        renew_dois([doi.pk])


def withdraw_doi(doi: Doi) -> None:
    """Have a DOI hidden: it stays registered and resolves to the tombstone, and nobody finds it any more.

    Raises Conflict for one that was never to be findable.
    """
    with transaction.atomic():
        row = _lock(doi)
        if row.desired == Doi.Desired.HIDDEN:
            return
        if row.desired != Doi.Desired.FINDABLE:
            raise Conflict(_("The DOI was never published. Drop it instead."))
        _want([row], Doi.Desired.HIDDEN)


def restore_doi(doi: Doi) -> None:
    """Have a withdrawn DOI made findable again. Raises Conflict while its dataset is a tombstone."""
    with transaction.atomic():
        row = _lock(doi)
        if row.desired != Doi.Desired.HIDDEN:
            raise Conflict(_("The DOI is not withdrawn."))
        if describe_by(row).state == Dataset.State.GONE:
            raise Conflict(_("The dataset is withdrawn. Restore it first; a DOI has to lead to something."))
        _require_valid(row)
        _want([row], Doi.Desired.FINDABLE)


def drop_doi(doi: Doi) -> None:
    """Give up a reserved DOI. Raises Conflict for one that was or may have been published: that is for ever."""
    with transaction.atomic():
        row = _lock(doi)
        if row.desired not in (Doi.Desired.RESERVED, Doi.Desired.NONE):
            raise Conflict(_("The DOI is published or about to be. It can be withdrawn, but not taken back."))
        _want([row], Doi.Desired.NONE)


def find_doi_row(doi: str) -> Doi:
    """Return the row of a DOI. Raises NotFound."""
    rows = Doi.objects.select_related("prefix", "dataset", "concept")
    found = rows.filter(doi=doi.strip().lower()).first()
    if found is None:
        raise NotFound(f"No DOI {doi} was made here.")
    return found


def failing_dois() -> QuerySet[Doi]:
    """Return the DOIs that somebody should look at: refused for good, or failing for six hours."""
    late = Q(failing_since__lte=timezone.now() - ALARM_AFTER)
    return Doi.objects.filter(Q(error_kind__in=_NEEDS_SOMEBODY) | late, failing_since__isnull=False)


def resume_account(account: str) -> int:
    """Let a halted account's DOIs be sent again, and return how many wait.

    The registry had refused its credentials; they have been mended.
    """
    with transaction.atomic():
        DoiPrefix.objects.filter(account=account).update(halted="")
        waiting = Doi.objects.filter(prefix__account=account).exclude(generation=F("confirmed_generation"))
        pks = list(waiting.values_list("pk", flat=True))
        renew_dois(pks)
        return len(pks)


def _ensure_doi(dataset: Dataset, role: Doi.Role, by: Any, edition: Edition | None = None) -> Doi:
    """Return the DOI of a dataset or of its edition's concept, made where there is none."""
    # Two who ask at once are told the same DOI.
    locked = Dataset.objects.select_for_update().get(pk=dataset.pk)
    owner: dict[str, Any] = {"dataset": locked} if edition is None else {"concept": edition.concept}
    existing = Doi.objects.filter(role=role, **owner).select_related("prefix").first()
    if existing is not None:
        return existing
    if reason := explain_ineligible(locked):
        raise Conflict(reason)
    prefix = find_prefix(locked)
    assert prefix is not None  # explain_ineligible has seen one
    doi = Doi.objects.create(
        doi=f"{prefix.prefix}/{_make_suffix()}",
        prefix=prefix,
        role=role,
        created_by=by if getattr(by, "is_authenticated", False) else None,
        created_at=timezone.now(),
        **owner,
    )
    renew_dois([doi.pk])
    return doi


def _make_suffix() -> str:
    """Return eight letters in two groups, which nobody used before (one in 10^12 is a repetition, and refused)."""
    letters = "".join(secrets.choice(_LETTERS) for _letter in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def _lock(doi: Doi) -> Doi:
    rows = Doi.objects.select_for_update(of=("self",)).select_related("prefix", "dataset", "concept")
    return rows.get(pk=doi.pk)


def _want(dois: Iterable[Doi], desired: Doi.Desired) -> None:
    """Write what is wanted, and have the whole family sent: its members name each other."""
    rows = list(dois)
    Doi.objects.filter(pk__in=[row.pk for row in rows]).update(desired=desired)
    for row in rows:
        row.desired = desired
    family = find_family(describe_by(row).pk for row in rows)
    renew_dois({*(row.pk for row in rows), *family.values_list("pk", flat=True)})


def _require_valid(doi: Doi) -> None:
    dataset = describe_by(doi)
    metadata = build_metadata(doi, dataset, landing_page(doi, dataset))
    if found := validate_datacite(metadata, this_year=timezone.now().year):
        raise InvalidRecord(_("The registry would refuse the description. Mend these fields first."), found)
