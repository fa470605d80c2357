"""What a request would be submitted as: what keeps it from that, the answers in words, what changed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.access.domain.advice import judge_route
from catalogue.access.domain.answering import asked_forms, part_of
from catalogue.access.domain.submitting import find_obstacles, items_to_submit
from catalogue.access.forms.sealing import Opening, open_answers
from catalogue.access.models import AccessRoute, Application, Item, Snapshot
from catalogue.access.portal.advice_words import AdviceWords, word_outcome
from catalogue.access.portal.form_page import (
    anchor_of,
    build_form_page,
    compare_answers,
    list_blocks,
    name_files,
)
from catalogue.access.portal.intent_form import summarise
from catalogue.access.portal.request_page import living_members, name_person, title_of
from catalogue.access.rules.preflight import intent_from_json
from catalogue.errors import Violation
from catalogue.portal.reach_section import name_committee

_TERMS = re.compile(r"terms\[\d+\]")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something to mend, and where."""

    label: str
    message: str
    href: str


@dataclass(frozen=True, slots=True)
class AskedItem:
    """A dataset, who decides on it, and what pre-flight says."""

    item: Item
    committee: str
    advice: AdviceWords


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Everything that templates/access/check.html shows. `changes` is None in the first round."""

    heading: str
    obstacles: Sequence[Obstacle]
    items: Sequence[AskedItem]
    purpose: Sequence[str]
    people: Sequence[str]
    answers: Sequence[tuple[str, str, str]]  # dataset or "", question, answer
    changes: Sequence[tuple[str, str, str]] | None
    round: int


def build_check_page(application: Application) -> CheckPage:
    """Return the page. Queries do not grow with the questions."""
    items = items_to_submit(application)
    intent = intent_from_json(application.intent)
    routes = {
        route.dataset_id: route
        for route in AccessRoute.objects.filter(dataset__in=[item.dataset_id for item in items])
    }
    form = build_form_page(application, application.answers)
    names = {str(item.dataset_id): item.dataset.title for item in items}
    labels = {block.row.path: block.row.label for block in list_blocks(form)}
    last = application.snapshots.order_by("-number").first()
    return CheckPage(
        heading=title_of(application, items),
        obstacles=[
            _describe(violation, application, labels) for violation in find_obstacles(application, items)
        ],
        items=[
            AskedItem(
                item,
                name_committee(item.committee),
                word_outcome(judge_route(routes.get(item.dataset_id), intent, application.changed_at)),
            )
            for item in items
        ],
        purpose=summarise(intent),
        people=[name_person(member.user) for member in living_members(application) if member.user],
        answers=[
            (
                names.get(block.row.dataset, ""),
                block.row.label,
                name_files(block.row.text, [file for file, _is_named in block.files]),
            )
            for part in form.parts
            for block in part.blocks
            if block.row.is_shown
        ],
        changes=(
            compare_answers(application, read_submitted(last, items), application.answers) if last else None
        ),
        round=(last.number if last else 0) + 1,
    )


def read_submitted(snapshot: Snapshot, items: Sequence[Item]) -> dict[str, object]:
    """Return the answers of a round as the applicant gave them, personal ones opened where they can be."""
    sealed = json.loads(snapshot.canonical_json).get("answers", {})
    openings = [Opening(row.path, row.salt, row.value) for row in snapshot.personal.all()]
    answers: dict[str, dict[str, object]] = {"shared": {}, "datasets": {}}
    for asked in asked_forms(items):
        opened = open_answers(asked.form, part_of(asked, sealed), openings, asked.datasets)
        answers["shared"] = opened["shared"] | answers["shared"]
        answers["datasets"] |= opened["datasets"]
    return dict(answers)


def _describe(violation: Violation, application: Application, labels: dict[str, str]) -> Obstacle:
    """Return an obstacle with the place where it is mended."""
    field = violation.field
    if _TERMS.fullmatch(field):
        return Obstacle(_("Terms"), violation.message, reverse("request-terms", args=[application.pk]))
    if field.startswith(("shared.", "datasets.")):
        path = field
        while path and path not in labels:
            path = path.rpartition("[" if path.endswith("]") else ".")[0]
        address = reverse("request-form", args=[application.pk])
        return Obstacle(labels.get(path, ""), violation.message, f"{address}?missing=1#{anchor_of(path)}")
    if field.startswith("attachments"):
        address = reverse("request", args=[application.pk])
        return Obstacle(violation.value, violation.message, f"{address}#files")
    address = reverse("request", args=[application.pk])
    return Obstacle(violation.value or _("Datasets"), violation.message, f"{address}#datasets")
