"""Terms: published in versions, accepted by each person by the hash of the exact words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.granting import activate, explain_hindrance, missing_terms
from catalogue.access.domain.locking import lock_application, touch
from catalogue.access.domain.log import append_if_begun
from catalogue.access.evidence.canonical import sha256_of
from catalogue.access.models import Application, Committee, Grant, Terms, TermsAcceptance, TermsVersion
from catalogue.access.policies import require
from catalogue.errors import Conflict, InvalidRecord, Violation
from catalogue.models import User

LANGUAGES = ("en", "sv")


def publish_terms(
    committee: Committee, name: str, texts: Mapping[str, str], *, by: User, now: datetime | None = None
) -> TermsVersion:
    """Publish the next version of a committee's terms; the same words again are the same version."""
    now = now or timezone.now()
    words = {lang: text.strip() for lang, text in texts.items() if text.strip()}
    violations = [
        Violation(f"texts.{lang}", f"Use one of {', '.join(LANGUAGES)}.", lang[:20])
        for lang in words
        if lang not in LANGUAGES
    ]
    if not words:
        violations.append(Violation("texts", _("Write the terms in at least one language.")))
    if not name.strip():
        violations.append(Violation("name", _("Give the terms a name.")))
    if violations:
        raise InvalidRecord(_("The terms were not published: see the fields."), tuple(violations))
    with transaction.atomic():
        require(by, "edit_forms", committee)
        terms, _made = Terms.objects.get_or_create(committee=committee, name=name.strip()[:120])
        Terms.objects.select_for_update().get(pk=terms.pk)
        last = terms.versions.order_by("-number").first()
        digest = sha256_of(words)
        if last is not None and last.sha256 == digest:
            return last
        return TermsVersion.objects.create(
            terms=terms,
            number=last.number + 1 if last else 1,
            texts=words,
            sha256=digest,
            published_at=now,
        )


def accept_terms(
    application: Application, hashes: Mapping[int, str], *, by: User, now: datetime | None = None
) -> Application:
    """Accept terms of an application's items, each by the hash of the words that were shown.

    A member's or applicant's rights that waited for them begin, where nothing else hinders them. Raises
    Conflict for other words.
    """
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_application(application.pk)
        require(by, "accept_terms", current)
        asked = TermsVersion.objects.filter(items__application=current).distinct()
        accept_words(current, by, list(asked), hashes, now)
        touch(current, now)
        waiting = Grant.objects.filter(
            item__application=current, user=by, state=Grant.State.PENDING_TERMS
        ).select_related("item", "user")
        for grant in waiting:
            grant.item.application = current
            if not missing_terms(grant) and not explain_hindrance(grant, now=now):
                activate(grant, now=now)
    return current


def accept_words(
    application: Application,
    user: User,
    asked: Sequence[TermsVersion],
    hashes: Mapping[int, str],
    now: datetime,
) -> None:
    """Write that somebody accepted exactly these words, also into the log. Call under the application's lock."""
    by_id = {row.pk: row for row in asked}
    accepted = []
    for pk, sha256 in hashes.items():
        version = by_id.get(pk)
        if version is None:
            raise InvalidRecord(
                _("These terms are not asked for here."), (Violation(f"terms[{pk}]", _("Leave them out.")),)
            )
        if version.sha256 != sha256:
            raise Conflict(_("The words you read are not the ones that are asked for. Read them again."))
        _row, is_new = TermsAcceptance.objects.get_or_create(
            application=application,
            user=user,
            terms_version=version,
            defaults={"sha256": sha256, "accepted_at": now},
        )
        if is_new:
            accepted.append(sha256)
    if accepted:
        append_if_begun(application, "terms_read", by=user, now=now, body={"terms": sorted(accepted)})
