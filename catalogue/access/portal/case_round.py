"""What was asked in one round, read from its snapshot: answers in words, people, attachments, what changed.

Only what the reader's own items are about: their datasets, and the questions of their committee's form.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalogue.access.forms.answers import find_files
from catalogue.access.forms.diff import diff_answers
from catalogue.access.forms.model import Form, Viewer
from catalogue.access.forms.render import Row, render_rows
from catalogue.access.forms.schema import read_form
from catalogue.access.forms.sealing import Opening, open_answers
from catalogue.access.models import Attachment, FormVersion, Item, Person, Snapshot
from catalogue.access.portal.case_words import name_of_person
from catalogue.access.portal.intent_words import describe_intent
from catalogue.errors import InvalidRecord


@dataclass(frozen=True, slots=True)
class SaidChange:
    """One thing that is not as it was in the round before. "" stands for nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks, as their profile says."""

    name: str
    organisation: str
    country: str
    orcid: str
    is_applicant: bool


@dataclass(slots=True)
class AnsweredForm:
    """A committee's form with the answers of one round; `warning` where it can't be trusted or shown."""

    title: str
    rows: list[Row] = field(default_factory=list)
    plain: list[tuple[str, str]] = field(default_factory=list)
    warning: str = ""


@dataclass(slots=True)
class Round:
    """One round, in words."""

    snapshot: Snapshot
    title: str
    askers: list[Asker]
    intent: list[tuple[str, str]]
    forms: list[AnsweredForm]
    attachments: list[Attachment]


def read_round(snapshot: Snapshot, items: Sequence[Item], viewer: Viewer) -> Round:
    """Return what was asked in a round, as far as these items are about it."""
    content = json.loads(snapshot.canonical_json)
    versions = {item.form_version_id: item.form_version for item in items}
    forms, files = [], set()
    for version in versions.values():
        own = [item for item in items if item.form_version_id == version.pk]
        answered, named = _read_answers(version, content, snapshot, own, viewer)
        forms.append(answered)
        files |= named
    listed = {row["id"]: row["sha256"] for row in content.get("attachments", [])}
    shown = [pk for pk, sha256 in listed.items() if sha256 in files]
    return Round(
        snapshot=snapshot,
        title=content.get("title", ""),
        askers=_read_askers(content),
        intent=describe_intent(content.get("intent", {})),
        forms=forms,
        attachments=list(Attachment.objects.filter(pk__in=shown)),
    )


def compare_rounds(
    before: Snapshot, after: Snapshot, items: Sequence[Item], viewer: Viewer
) -> list[SaidChange]:
    """Return what changed from one round to another, in words."""
    old, new = json.loads(before.canonical_json), json.loads(after.canonical_json)
    changes = []
    if old.get("title") != new.get("title"):
        changes.append(SaidChange(_("Title"), old.get("title", ""), new.get("title", "")))
    then, now = (dict(describe_intent(content.get("intent", {}))) for content in (old, new))
    changes += [
        SaidChange(label, then.get(label, ""), now.get(label, ""))
        for label in dict.fromkeys([*then, *now])
        if then.get(label, "") != now.get(label, "")
    ]
    changes += _compare_people(old, new)
    changes += _compare_datasets(old, new, {str(item.pk) for item in items})
    for version in {item.form_version_id: item.form_version for item in items}.values():
        own = [item for item in items if item.form_version_id == version.pk]
        changes += _compare_answers(version, (old, before), (new, after), own, viewer)
    # A question that two forms ask changed once.
    return list(dict.fromkeys(changes))


def _read_answers(
    version: FormVersion,
    content: Mapping[str, Any],
    snapshot: Snapshot,
    items: Sequence[Item],
    viewer: Viewer,
) -> tuple[AnsweredForm, set[str]]:
    language = get_language() or "en"
    datasets = [str(item.dataset_id) for item in items]
    names = {str(item.dataset_id): item.dataset.title for item in items}
    sealed = content.get("answers", {})
    try:
        form = read_form(version.schema, version.ui)
    except InvalidRecord:
        return AnsweredForm(version.form.name, plain=_list_plain(version, sealed)), set()
    answered = AnsweredForm(form.title.get(language) or form.title.get("en", ""))
    answers = _only(form, sealed, datasets)
    try:
        answers = open_answers(form, answers, _openings(snapshot), datasets)
    except InvalidRecord as error:
        answered.warning = str(error)
    answered.rows = render_rows(
        form, answers, datasets, language=language, viewer=viewer, dataset_names=names
    )
    seen = {row.path for row in answered.rows}
    files = {sha256 for path, sha256 in find_files(form, answers, datasets) if path in seen}
    return answered, files


def _compare_answers(
    version: FormVersion,
    before: tuple[Mapping[str, Any], Snapshot],
    after: tuple[Mapping[str, Any], Snapshot],
    items: Sequence[Item],
    viewer: Viewer,
) -> Iterable[SaidChange]:
    language = get_language() or "en"
    datasets = [str(item.dataset_id) for item in items]
    try:
        form = read_form(version.schema, version.ui)
        old, new = (
            open_answers(
                form, _only(form, content.get("answers", {}), datasets), _openings(snapshot), datasets
            )
            for content, snapshot in (before, after)
        )
    except InvalidRecord:
        then, now = (
            dict(_list_plain(version, content.get("answers", {}))) for content, _snapshot in (before, after)
        )
        return [
            SaidChange(name, then.get(name, ""), now.get(name, ""))
            for name in dict.fromkeys([*then, *now])
            if then.get(name) != now.get(name)
        ]
    found = diff_answers(form, old, new, datasets, language=language, viewer=viewer)
    return [SaidChange(change.label, change.before, change.after) for change in found]


def _only(form: Form, answers: Mapping[str, Any], datasets: Sequence[str]) -> dict[str, Any]:
    """Return the answers to one form's questions on these datasets."""
    known = {question.id for question in form.questions}
    own = answers.get("datasets", {})
    return {
        "shared": {name: value for name, value in answers.get("shared", {}).items() if name in known},
        "datasets": {name: dict(own[name]) for name in datasets if name in own},
    }


def _openings(snapshot: Snapshot) -> list[Opening]:
    return [Opening(row.path, row.salt, row.value) for row in snapshot.personal.all()]


def _list_plain(version: FormVersion, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return answers without the help of a form: one that has no hints for showing it."""
    known = version.schema.get("properties", {})
    return [
        (
            str(known[name].get("title", name)),
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
        )
        for name, value in answers.get("shared", {}).items()
        if name in known
    ]


def _read_askers(content: Mapping[str, Any]) -> list[Asker]:
    ids = [content.get("applicant", ""), *content.get("members", [])]
    people = {str(row.pk): row for row in Person.objects.filter(pk__in=ids).select_related("user")}
    return [
        Asker(
            name=name_of_person(people[pk]),
            organisation=people[pk].organisation,
            country=people[pk].country,
            orcid=people[pk].orcid,
            is_applicant=pk == content.get("applicant"),
        )
        for pk in ids
        if pk in people
    ]


def _compare_people(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[SaidChange]:
    then, now = ({content.get("applicant", ""), *content.get("members", [])} for content in (old, new))
    people = {str(row.pk): row for row in Person.objects.filter(pk__in=then ^ now).select_related("user")}
    for pk in sorted(then ^ now):
        if pk in people:
            name = name_of_person(people[pk])
            yield SaidChange(_("Who asks"), name if pk in then else "", name if pk in now else "")


def _compare_datasets(old: Mapping[str, Any], new: Mapping[str, Any], mine: set[str]) -> Iterable[SaidChange]:
    then, now = (
        {row["item"]: row["title"] for row in content.get("items", []) if row["item"] in mine}
        for content in (old, new)
    )
    for pk in sorted(then.keys() ^ now.keys()):
        yield SaidChange(_("Dataset"), then.get(pk, ""), now.get(pk, ""))
