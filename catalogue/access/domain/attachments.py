"""Attachments of an application: taken in, scanned, kept under their hash, given to whoever may read them.

Their bytes are in the store of people's files under the first half of their SHA-256, which a reading
checks whole: never under a name, once for equal bytes, and deletable, as they may be personal. A file that
was submitted stays: snapshots name it by its hash (I10).
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue import stores
from catalogue.access.domain.answering import asked_forms, part_of, writable_items
from catalogue.access.domain.locking import lock_application, touch
from catalogue.access.domain.log import append_if_begun
from catalogue.access.forms.answers import find_files
from catalogue.access.forms.model import Form, Question, Viewer
from catalogue.access.forms.sealing import Opening, open_answers
from catalogue.access.forms.walk import find_question
from catalogue.access.models import Application, Attachment, Snapshot
from catalogue.access.policies import items_for, relations_to, require
from catalogue.access.table import Relation
from catalogue.domain.file_types import HEAD_BYTES, TAIL_BYTES, contradicts, sniff
from catalogue.errors import Conflict, InvalidRecord, NotFound, Unavailable, UpstreamError, Violation
from catalogue.integrations.file_store import write_file
from catalogue.models import User

MOST = 50
_REFUSED_TYPES = frozenset({"application/x-executable", "application/vnd.microsoft.portable-executable"})


def attach_file(
    application: Application,
    name: str,
    content: bytes,
    *,
    by: User,
    accept: Iterable[str] = (),
    field: str = "file",
    now: datetime | None = None,
) -> Attachment:
    """Keep a file for an application. `accept`: the media types that the question takes, empty for any.

    The malware scanner reads it first; where none answers, it waits and cannot be submitted yet. Raises
    InvalidRecord that says what is wrong with the file, Conflict, NotPermitted.
    """
    now = now or timezone.now()
    require(by, "attach", application)
    shown = _tidy_name(name)
    media_type = _check_content(shown, content, tuple(accept), field)
    scan = _scan(content)
    if scan == Attachment.Scan.REFUSED:
        raise InvalidRecord(
            _("The file was not attached."),
            (Violation(field, _("The scanner for malware refused it."), shown),),
        )
    sha256 = hashlib.sha256(content).hexdigest()
    write_file(stores.file_store(), key_of(sha256), [content], len(content))
    with transaction.atomic():
        current = lock_application(application.pk)
        require(by, "attach", current)
        known = current.attachments.filter(sha256=sha256).first()
        if known is not None:
            return known
        if current.attachments.count() >= MOST:
            raise Conflict(_("A request takes %(n)d files at most.") % {"n": MOST})
        attachment = Attachment.objects.create(
            application=current,
            owner=by,
            name=shown,
            sha256=sha256,
            size_bytes=len(content),
            media_type=media_type,
            scan=scan,
            added_at=now,
        )
        touch(current, now)
        append_if_begun(current, "file_attached", by=by, now=now, body={"sha256": sha256})
    return attachment


def find_file_question(application: Application, path: str) -> Question | None:
    """Return the question at a path, inside an entry of a list too, if one that is still asked takes files there."""
    for asked in asked_forms(writable_items(application)):
        question = find_question(asked.form, path, asked.datasets)
        if question is not None and question.is_file:
            return question
    return None


def remove_attachment(attachment: Attachment, *, by: User, now: datetime | None = None) -> None:
    """Take a file out that was not submitted yet; its bytes go where nothing else has them."""
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_application(attachment.application_id)
        require(by, "attach", current)
        if Snapshot.objects.filter(application=current, submitted_at__gte=attachment.added_at).exists():
            raise Conflict(
                _("This file was submitted, so it stays with that round. Take it out of the answer instead.")
            )
        Attachment.objects.filter(pk=attachment.pk).delete()
        touch(current, now)
        append_if_begun(current, "file_removed", by=by, now=now, body={"sha256": attachment.sha256})
        is_last = not Attachment.objects.filter(sha256=attachment.sha256).exists()
    if is_last:
        stores.file_store().delete(key_of(attachment.sha256))


def scan_waiting(application: Application) -> None:
    """Scan the files of an application that no scanner could be asked about before."""
    for attachment in application.attachments.filter(scan=Attachment.Scan.WAITING):
        verdict = _scan(read_attachment(attachment))
        if verdict != Attachment.Scan.WAITING:
            with transaction.atomic():
                Attachment.objects.filter(pk=attachment.pk).update(scan=verdict)


def find_attachment(application_id: uuid.UUID, attachment_id: uuid.UUID, user: Any) -> Attachment:
    """Return an attachment that somebody may read. Raises NotFound.

    The people of a request read all of its files; who serves some of its items reads those that a submitted
    round names in the answers to their forms, outside reviewers not those of private questions.
    """
    missing = NotFound(_("There is no such file, or it is not yours to know of."))
    application = Application.objects.visible_to(user).filter(pk=application_id).first()
    attachment = Attachment.objects.filter(pk=attachment_id, application=application_id).first()
    if application is None or attachment is None:
        raise missing
    relations = relations_to(user, application)
    if relations & {Relation.APPLICANT, Relation.MEMBER}:
        return attachment
    insiders = {Relation.HANDLER, Relation.DECIDER, Relation.COMMITTEE_AUDITOR, Relation.AUDITOR}
    viewer: Viewer = "committee" if relations & insiders else "reviewer"
    if attachment.scan == Attachment.Scan.REFUSED or not _is_named(attachment, application, user, viewer):
        raise missing
    return attachment


def read_attachment(attachment: Attachment) -> bytes:
    """Return the bytes. Raises UpstreamError where they are not those that were stored."""
    content = b"".join(stores.file_store().read(key_of(attachment.sha256)))
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise UpstreamError(_("The file in the store is not the one that was attached."))
    return content


def key_of(sha256: str) -> str:
    """Return the name in the store of people's files."""
    return sha256[:32]


def _check_content(name: str, content: bytes, accept: tuple[str, ...], field: str) -> str:
    """Return the sniffed media type. Raises InvalidRecord."""
    limit = settings.ATTACHMENTS_MAX_MIB
    media_type = sniff(content[:HEAD_BYTES], content[-TAIL_BYTES:], name).media_type
    problem = ""
    if not content:
        problem = _("The file is empty.")
    elif len(content) > limit * 1024 * 1024:
        problem = _("The file is larger than %(n)d MiB. Attach a smaller one.") % {"n": limit}
    elif media_type in _REFUSED_TYPES:
        problem = _("Programs cannot be attached.")
    elif contradicts(name, media_type):
        problem = _("Its name promises another kind of file than it is: it is %(type)s.") % {
            "type": media_type
        }
    elif accept and not any(_is_of(media_type, wanted) for wanted in accept):
        problem = _("It is %(type)s; attach one of: %(wanted)s.") % {
            "type": media_type,
            "wanted": ", ".join(accept),
        }
    if problem:
        raise InvalidRecord(_("The file was not attached."), (Violation(field, problem, name),))
    return media_type


def _is_of(media_type: str, wanted: str) -> bool:
    return media_type == wanted or (wanted.endswith("/*") and media_type.startswith(wanted[:-1]))


def _scan(content: bytes) -> str:
    scanner = stores.malware_scanner()
    if scanner is None:
        return Attachment.Scan.NOT_SCANNED
    try:
        verdict = scanner.scan([content])
    except Unavailable:
        return Attachment.Scan.WAITING
    if verdict.finding:
        return Attachment.Scan.REFUSED
    return Attachment.Scan.NOT_SCANNED if verdict.gap else Attachment.Scan.CLEAN


def _is_named(attachment: Attachment, application: Application, user: Any, viewer: Viewer) -> bool:
    forms = asked_forms(items_for(user, application).select_related("form_version"))
    for snapshot in application.snapshots.prefetch_related("personal"):
        answers = json.loads(snapshot.canonical_json).get("answers", {})
        openings = [Opening(row.path, row.salt, row.value) for row in snapshot.personal.all()]
        for asked in forms:
            own = open_answers(asked.form, part_of(asked, answers), openings, asked.datasets)
            for path, sha256 in find_files(asked.form, own, asked.datasets):
                if sha256 == attachment.sha256 and _is_seen(asked.form, path, viewer):
                    return True
    return False


def _is_seen(form: Form, path: str, viewer: Viewer) -> bool:
    """Whether the question at a path, and the group it is in, are seen by the viewer."""
    steps = path.split(".")
    name = steps[2 if steps[0] == "datasets" else 1].partition("[")[0]
    question = next((one for one in form.questions if one.id == name), None)
    if question is None or not question.is_seen_by(viewer):
        return False
    inner = next((child for child in question.children if child.id == steps[-1].partition("[")[0]), None)
    return inner is None or inner.is_seen_by(viewer)


def _tidy_name(name: str) -> str:
    plain = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in plain if sign.isprintable()).strip()[:200] or "file"
