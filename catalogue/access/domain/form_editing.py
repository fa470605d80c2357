"""Forms as their managers edit them: a draft that several people save, and versions that are published.

What was published is never changed. A draft may be wrong; only what access/forms reads can be published.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.forms.canonical import digest
from catalogue.access.forms.editing import empty_draft
from catalogue.access.forms.limits import FORM_SIZE, is_plain
from catalogue.access.forms.schema import read_form
from catalogue.access.models import Committee, Form, FormVersion
from catalogue.access.policies import require
from catalogue.errors import Conflict, InvalidRecord, Violation
from catalogue.models import User


class FormMoved(Conflict):
    """The draft is at another revision than the editor read. Nothing was saved."""


def start_form(committee: Committee, name: str, *, by: User, now: datetime | None = None) -> Form:
    """Begin a form of a committee, with one section and one question."""
    require(by, "edit_forms", committee)
    words = name.strip()[:120]
    if not words:
        raise InvalidRecord(_("The form was not made."), (Violation("name", _("Give the form a name.")),))
    with transaction.atomic():
        if Form.objects.filter(committee=committee, name=words).exists():
            raise InvalidRecord(
                _("The form was not made."), (Violation("name", _("There is a form of this name already.")),)
            )
        return Form.objects.create(
            committee=committee,
            name=words,
            draft=empty_draft({"sv": words, "en": words}),
            edited_by=by,
            edited_at=now or timezone.now(),
        )


def save_form(
    form: Form, draft: Mapping[str, Any], *, by: User, revision: int, now: datetime | None = None
) -> Form:
    """Save a draft, right or wrong. Raises FormMoved where another revision was read, InvalidRecord for no JSON of a form."""
    if set(draft) != {"schema", "ui"} or not all(
        isinstance(part, dict) and is_plain(part, FORM_SIZE) for part in draft.values()
    ):
        raise InvalidRecord(
            _("The form cannot be read."),
            (Violation("draft", _("Give an object with schema and ui, each an object of moderate size.")),),
        )
    with transaction.atomic():
        current = _lock(form, by, revision)
        if current.draft == draft:
            return current
        current.draft, current.revision = dict(draft), current.revision + 1
        current.edited_by, current.edited_at = by, now or timezone.now()
        current.save(update_fields=["draft", "revision", "edited_by", "edited_at"])
    return current


def publish_form(form: Form, *, by: User, revision: int, now: datetime | None = None) -> FormVersion:
    """Publish the draft as the next version; the same definition again is the same version.

    Raises InvalidRecord with every place that is wrong, FormMoved.
    """
    with transaction.atomic():
        current = _lock(form, by, revision)
        schema, ui = current.draft.get("schema"), current.draft.get("ui")
        read_form(schema, ui)
        sha256 = digest({"schema": schema, "ui": ui})
        last = current.versions.order_by("-number").first()
        if last is not None and last.sha256 == sha256:
            return last
        return FormVersion.objects.create(
            form=current,
            number=last.number + 1 if last else 1,
            schema=schema,
            ui=ui,
            sha256=sha256,
            published_at=now or timezone.now(),
            published_by=by,
        )


def _lock(form: Form, by: User, revision: int) -> Form:
    current = Form.objects.select_for_update(of=("self",)).select_related("committee").get(pk=form.pk)
    require(by, "edit_forms", current.committee)
    if current.revision != revision:
        raise FormMoved(
            _("Somebody else saved the form meanwhile (revision %(n)d). Nothing was saved; look at it again.")
            % {"n": current.revision}
        )
    return current
