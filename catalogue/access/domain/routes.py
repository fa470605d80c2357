"""How datasets are reached, and who says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.models import AccessRoute, Block, Committee, Form, Terms, Workflow
from catalogue.access.policies import Refusal, explain, require
from catalogue.access.rules.preflight import conditions_from_json
from catalogue.errors import InvalidRecord, NotPermitted, Violation
from catalogue.models import Dataset, User


def open_route(dataset: Dataset, by: User) -> AccessRoute:
    """Return the route by which a dataset is asked for here, if it takes requests of this person now.

    Raises InvalidRecord that says why not.
    """
    where = f"datasets[{dataset.slug}]"
    visible = Dataset.objects.visible_to(by).live().filter(pk=dataset.pk).exists()
    route = (
        AccessRoute.objects.select_related("workflow__committee", "form", "dataset")
        .filter(dataset=dataset)
        .first()
    )
    why = ""
    if not visible:
        why = _("There is no such dataset any more.")
    elif route is None or route.kind != AccessRoute.Kind.REQUEST:
        why = _("It is not asked for here; its page says how it is reached.")
    elif not route.is_accepting:
        why = _("Its committee takes no requests at present.")
    elif is_blocked(by, dataset, route.workflow.committee if route.workflow else None):
        why = _("Its committee does not take requests of yours. Write to it if you think this is wrong.")
    if route is None or why:
        raise InvalidRecord(why, (Violation(where, why, dataset.title[:80]),))
    return route


def is_blocked(user: User, dataset: Dataset, committee: Committee | None) -> bool:
    """Whether a block of this person for the dataset or the committee holds now."""
    now = timezone.now()
    return any(
        block.until is None or block.until > now
        for block in Block.objects.filter(user=user, lifted_at__isnull=True)
        if block.dataset_id == dataset.pk or (committee is not None and block.committee_id == committee.pk)
    )


def set_route(
    dataset: Dataset,
    *,
    by: User,
    kind: str,
    workflow: Workflow | None = None,
    form: Form | None = None,
    terms: list[Terms] | None = None,
    url: str = "",
    email: str = "",
    note: str = "",
    conditions: dict[str, Any] | None = None,
    is_accepting: bool = True,
    now: datetime | None = None,
) -> AccessRoute:
    """Say how a dataset is reached.

    Whoever speaks for the dataset gives it to a committee, or to none; while a committee has it, its managers
    say the rest, and may give it back. Raises NotPermitted, InvalidRecord.
    """
    now = now or timezone.now()
    violations = _check_route(kind, workflow, form, terms or [], url, email)
    if violations:
        raise InvalidRecord(_("The route was not saved: see the fields."), tuple(violations))
    conditions_from_json(conditions or {})
    with transaction.atomic():
        current = AccessRoute.objects.select_for_update().filter(dataset=dataset).first()
        _require_say(by, dataset, current, workflow)
        route, _made = AccessRoute.objects.update_or_create(
            dataset=dataset,
            defaults={
                "kind": kind,
                "workflow": workflow,
                "form": form,
                "url": url.strip(),
                "email": email.strip(),
                "note": note.strip(),
                "conditions": conditions or {},
                "is_accepting": is_accepting,
                "changed_at": now,
            },
        )
        route.terms.set(terms or [])
    return route


def explain_route(by: User, dataset: Dataset, committee: Committee) -> Refusal | None:
    """Return why somebody may not say how a dataset is reached at this committee, or None."""
    if explain(by, "give_dataset", dataset) is None:
        return None
    if (refusal := explain(by, "edit_routes", committee)) is not None:
        return refusal
    if AccessRoute.objects.filter(dataset=dataset, workflow__committee=committee).exists():
        return None
    return Refusal(
        "role", _("The committee does not have this dataset. The steward of its publisher gives it to one.")
    )


def _require_say(by: User, dataset: Dataset, current: AccessRoute | None, workflow: Workflow | None) -> None:
    """Raise NotPermitted unless somebody speaks for the dataset, or for the committee that keeps or ends it."""
    holder = current.workflow.committee if current is not None and current.workflow is not None else None
    wanted = workflow.committee if workflow is not None else holder
    if wanted is None:
        require(by, "give_dataset", dataset)
    elif (refusal := explain_route(by, dataset, wanted)) is not None:
        raise NotPermitted(refusal.message)


def _check_route(
    kind: str, workflow: Workflow | None, form: Form | None, terms: list[Terms], url: str, email: str
) -> list[Violation]:
    found = []
    if kind not in AccessRoute.Kind.values:
        found.append(Violation("kind", f"Use one of {', '.join(AccessRoute.Kind.values)}.", kind[:40]))
    if kind == AccessRoute.Kind.REQUEST:
        if workflow is None:
            found.append(Violation("workflow", _("Choose how the committee decides.")))
        if form is None:
            found.append(Violation("form", _("Choose the form that is to be filled in.")))
        elif not form.versions.exists():
            found.append(Violation("form", _("Publish the form first."), form.name))
        if form is not None and workflow is not None and form.committee_id != workflow.committee_id:
            found.append(Violation("form", _("A form of another committee cannot be asked for."), form.name))
        found += [
            Violation("terms", _("Terms of another committee cannot be asked for."), row.name)
            for row in terms
            if workflow is not None and row.committee_id != workflow.committee_id
        ]
    if kind in {"elsewhere", "rems", "registered", "dataspace"} and not (url.strip() or email.strip()):
        found.append(Violation("url", _("Write the address, or a mail address, where it is asked for.")))
    if url.strip() and not url.strip().startswith(("https://", "http://")):
        found.append(Violation("url", _("Begin with https://."), url[:80]))
    return found
