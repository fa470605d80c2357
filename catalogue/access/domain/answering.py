"""Answers between an application and the forms of its items.

An application has one set of answers: `{"shared": {question: answer}, "datasets": {dataset id: {...}}}`. Its
items may be of several forms (one for each committee, say); a shared question that two of them ask under
the same name is asked and answered once, and each form sees the answers to its own questions only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalogue.access.forms.answers import Mode, find_files, find_problems, settle
from catalogue.access.forms.model import Form
from catalogue.access.forms.problems import MESSAGES, Problem
from catalogue.access.forms.reuse import reuse_answers
from catalogue.access.forms.schema import read_form
from catalogue.access.forms.sealing import is_sealed, seal_answers
from catalogue.access.models import Application, FormVersion, Item
from catalogue.access.rules.intent import intent_from_json, intent_to_json
from catalogue.errors import InvalidRecord, Violation
from catalogue.models import User


@dataclass(frozen=True, slots=True)
class AskedForm:
    """A form that an application has to fill in, and the ids of the datasets it is asked for."""

    version: FormVersion
    form: Form
    datasets: tuple[str, ...]


def check_intent(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an intent as it is stored. Raises InvalidRecord that names each field."""
    return intent_to_json(intent_from_json(dict(data)))


def asked_forms(items: Iterable[Item]) -> list[AskedForm]:
    """Return the forms of items, in their order, each once. The items come with their `form_version`."""
    versions: dict[int, tuple[FormVersion, list[str]]] = {}
    for item in items:
        versions.setdefault(item.form_version_id, (item.form_version, []))[1].append(str(item.dataset_id))
    return [
        AskedForm(version, read_form(version.schema, version.ui), tuple(datasets))
        for version, datasets in versions.values()
    ]


def writable_items(application: Application) -> list[Item]:
    """Return the items whose answers are still asked for, with their forms and datasets."""
    items = application.items.exclude(state__in=Item.FINAL)
    return list(items.select_related("form_version", "dataset", "committee").order_by("pk"))


def part_of(asked: AskedForm, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers to a form's own questions."""
    shared = {question.id for question in asked.form.scope(is_per_dataset=False)}
    own = {question.id for question in asked.form.scope(is_per_dataset=True)}
    datasets = answers.get("datasets", {})
    return {
        "shared": {name: value for name, value in answers.get("shared", {}).items() if name in shared},
        "datasets": {
            pk: {name: value for name, value in datasets[pk].items() if name in own}
            for pk in asked.datasets
            if pk in datasets
        },
    }


def find_written_problems(
    forms: Sequence[AskedForm], answers: Mapping[str, Any], *, is_complete: bool
) -> list[Problem]:
    """Return what is wrong with answers, each once. Complete: also what is missing."""
    mode: Mode = "submit" if is_complete else "draft"
    found = [
        problem
        for asked in forms
        for problem in find_problems(asked.form, part_of(asked, answers), asked.datasets, mode=mode)
    ]
    return list(dict.fromkeys(found))


def word_problem(problem: Problem) -> str:
    """Return a problem's sentence in the reader's language."""
    return _(MESSAGES[problem.code]) % dict(problem.params)


def check_written(application: Application, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers as a draft keeps them. Raises InvalidRecord for what no form of it can hold."""
    shape = Violation("answers", _('Give {"shared": {...}, "datasets": {dataset id: {...}}}.'))
    if not isinstance(answers, dict) or not set(answers) <= {"shared", "datasets"}:
        raise InvalidRecord(_("The answers cannot be read."), (shape,))
    shared, datasets = answers.get("shared", {}), answers.get("datasets", {})
    if not isinstance(shared, dict) or not isinstance(datasets, dict):
        raise InvalidRecord(_("The answers cannot be read."), (shape,))
    if not all(isinstance(own, dict) for own in datasets.values()):
        raise InvalidRecord(_("The answers cannot be read."), (shape,))
    items = list(application.items.select_related("form_version").order_by("pk"))
    forms = asked_forms(items)
    problems = find_written_problems(forms, answers, is_complete=False)
    violations = [
        *_find_foreign(forms, shared, datasets),
        *(Violation(problem.path, word_problem(problem), problem.value) for problem in problems),
    ]
    if violations:
        raise InvalidRecord(_("It was not saved: see the fields."), tuple(violations))
    return {"shared": dict(shared), "datasets": {pk: dict(own) for pk, own in datasets.items()}}


def check_complete(application: Application, items: Sequence[Item]) -> list[Violation]:
    """Return what is missing or wrong for a submission, attachments that are named and not there among it."""
    forms = asked_forms(items)
    problems = find_written_problems(forms, application.answers, is_complete=True)
    found = [Violation(problem.path, word_problem(problem), problem.value) for problem in problems]
    attached = set(application.attachments.values_list("sha256", flat=True))
    for asked in forms:
        named = find_files(asked.form, part_of(asked, application.answers), asked.datasets)
        found += [
            Violation(path, _("This file is not attached any more. Attach it again."), sha256[:12])
            for path, sha256 in named
            if sha256 not in attached
        ]
    return list(dict.fromkeys(found))


def commit_answers(
    application: Application, items: Sequence[Item]
) -> tuple[dict[str, Any], list[tuple[str, str, Any]]]:
    """Return the answers for a snapshot, personal ones as commitments, and (path, salt, value) of those.

    An answer that is personal in any of the forms is a commitment, made once.
    """
    merged: dict[str, Any] = {"shared": {}, "datasets": {}}
    openings: dict[str, tuple[str, str, Any]] = {}
    for asked in asked_forms(items):
        settled = settle(asked.form, part_of(asked, application.answers), asked.datasets)
        sealed = seal_answers(asked.form, settled, asked.datasets)
        for name, value in sealed.answers["shared"].items():
            if name not in merged["shared"] or (is_sealed(value) and not is_sealed(merged["shared"][name])):
                merged["shared"][name] = value
                openings |= _opening_at(sealed.openings, f"shared.{name}")
        for pk, own in sealed.answers["datasets"].items():
            merged["datasets"][pk] = own
            for name in own:
                openings |= _opening_at(sealed.openings, f"datasets.{pk}.{name}")
    return merged, list(openings.values())


def prefill_answers(user: User, items: Sequence[Item]) -> dict[str, Any]:
    """Return the answers of somebody's latest request that fit the forms of these items.

    Files are not among them: an attachment belongs to one request.
    """
    latest = (
        Application.objects.filter(applicant=user, submitted_at__isnull=False)
        .exclude(answers={})
        .order_by("-submitted_at")
        .first()
    )
    answers: dict[str, Any] = {"shared": {}, "datasets": {}}
    if latest is None:
        return answers
    before = asked_forms(latest.items.select_related("form_version").order_by("pk"))
    for asked in asked_forms(items):
        for old in sorted(before, key=lambda found: found.version.form_id != asked.version.form_id):
            reused = reuse_answers(old.form, part_of(old, latest.answers), asked.form, asked.datasets)
            answers["shared"] = reused.answers["shared"] | answers["shared"]
            for pk, own in reused.answers["datasets"].items():
                answers["datasets"][pk] = own | answers["datasets"].get(pk, {})
    return answers


def _find_foreign(
    forms: Sequence[AskedForm], shared: Mapping[str, Any], datasets: Mapping[str, Any]
) -> list[Violation]:
    """Return what no form asks for: questions and datasets."""
    asked_once = {question.id for asked in forms for question in asked.form.scope(is_per_dataset=False)}
    found = [
        Violation(f"shared.{name}"[:200], _(MESSAGES["ans_unknown_field"]))
        for name in shared
        if name not in asked_once
    ]
    by_dataset = {pk: asked.form for asked in forms for pk in asked.datasets}
    for pk, own in datasets.items():
        form = by_dataset.get(pk)
        if form is None:
            found.append(Violation(f"datasets.{pk}"[:200], _(MESSAGES["ans_unknown_dataset"])))
            continue
        known = {question.id for question in form.scope(is_per_dataset=True)}
        found += [
            Violation(f"datasets.{pk}.{name}"[:200], _(MESSAGES["ans_unknown_field"]))
            for name in own
            if name not in known
        ]
    return found


def _opening_at(openings: Iterable[Any], path: str) -> dict[str, tuple[str, str, Any]]:
    return {one.path: (one.path, one.salt, one.value) for one in openings if one.path == path}
