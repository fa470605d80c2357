"""What the page for curating a dataset shows: its parts, and of one part the fields with all that is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from catalogue.domain.curation_fields import FieldReader, FieldState, PartState, Statement
from catalogue.domain.curation_place import OpenDataset, field_digest
from catalogue.domain.history import FieldEntry, read_field_history
from catalogue.field_guide import FieldGuide, Importance, Kind, find_field
from catalogue.models import Act, Conflict, Dataset
from catalogue.portal.curation_values import say_field
from catalogue.portal.dataset_values import Value
from catalogue.portal.json_words import say_path
from catalogue.portal.terms import language_label

_PARTS_PER_PAGE = 40
_LATEST_ACTS = 8
_IMPORTANCE_LABELS: dict[Importance, str | Promise] = {
    Importance.MANDATORY: gettext_lazy("Needed"),
    Importance.RECOMMENDED: gettext_lazy("Recommended"),
    Importance.OPTIONAL: gettext_lazy("Optional"),
}


@dataclass(frozen=True, slots=True)
class ConflictView:
    """A conflict with its three values in words."""

    conflict: Conflict
    field: str
    author: str
    based_on: Sequence[Value]
    mine: Sequence[Value]
    theirs: Sequence[Value]
    seen: str
    can_merge: bool


@dataclass(frozen=True, slots=True)
class StatementView:
    """What a field says, in words, beside what its sources say.

    `revert_lang` is what to send for reverting: "*" for the whole field.
    """

    statement: Statement
    values: Sequence[Value]
    under: Sequence[Value]
    said: Sequence[tuple[str, Sequence[Value]]]
    revert_path: str
    revert_lang: str
    language: str

    @property
    def is_mine(self) -> bool:
        """Whether a steward gave it this value."""
        return self.statement.override is not None


@dataclass(frozen=True, slots=True)
class PartLink:
    """A part that can be gone to."""

    part: PartState
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of the page. `anchor` is its place, `href` the page of this field alone."""

    state: FieldState
    guide: FieldGuide
    anchor: str
    href: str
    statements: Sequence[StatementView]
    elements: Sequence[PartLink]
    conflicts: Sequence[ConflictView]

    @property
    def is_empty(self) -> bool:
        """Whether nobody says anything here."""
        return not any(item.values or item.under or item.is_mine for item in self.statements)

    @property
    def is_list_of_parts(self) -> bool:
        """Whether its elements are curated field by field, each on its own."""
        return self.guide.kind is Kind.PARTS


@dataclass(frozen=True, slots=True)
class FieldSection:
    """Fields of one importance; those that are empty apart."""

    label: str | Promise
    filled: Sequence[FieldView]
    empty: Sequence[FieldView]


@dataclass(frozen=True, slots=True)
class CurationPage:
    """Everything that templates/portal/curate.html shows."""

    dataset: Dataset
    part: PartState
    list_path: str
    sections: Sequence[FieldSection]
    parts: Page[PartLink]
    homeless: Sequence[ConflictView]
    acts: Sequence[Act]


@dataclass(frozen=True, slots=True)
class EntryView:
    """One value of a field's history, in words, and how it may be set again."""

    entry: FieldEntry
    layer: str | Promise
    ended: str | Promise
    values: Sequence[Value]
    number: int


_LAYERS: dict[str, str | Promise] = {
    "source": gettext_lazy("Source"),
    "rule": gettext_lazy("Mapping rule"),
    "enrichment": gettext_lazy("Program"),
    "curation": gettext_lazy("Steward"),
}
_ENDINGS: dict[str, str | Promise] = {
    "replaced": gettext_lazy("replaced by a newer value"),
    "reverted": gettext_lazy("taken back"),
    "agreed": gettext_lazy("ended when the source said the same"),
    "taken": gettext_lazy("given up for the source's value"),
    "undone": gettext_lazy("undone"),
    "refused": gettext_lazy("refused"),
    "withdrawn": gettext_lazy("no longer proposed"),
    "closed": gettext_lazy("the rule was closed"),
}


def build_curation_page(opened: OpenDataset, reader: str, path: str, parts_page: str) -> CurationPage:
    """Return the page of one part, the dataset itself for the path "". Raises NotFound for no such part."""
    fields = FieldReader(opened)
    part = fields.find_part(path)
    views = [build_field(fields, state, reader) for state in fields.list_fields(part)]
    links = [_link_part(fields, item, current=part) for item in fields.parts]
    page = Paginator(links, _PARTS_PER_PAGE).get_page(parts_page or _page_of(links))
    return CurationPage(
        dataset=opened.dataset,
        part=part,
        list_path=part.path.rpartition("[")[0] if part.path.endswith("]") else "",
        sections=_group(views),
        parts=page,
        homeless=[build_conflict(row, reader) for row in fields.find_homeless()],
        acts=_latest_acts(opened.dataset),
    )


def build_field(fields: FieldReader, state: FieldState, reader: str) -> FieldView:
    """Return a field in words: language by language where it is written so."""
    statements = state.languages if state.guide.is_by_language else (state.whole,)
    address = reverse("curate-field", args=[fields.dataset.slug])
    conflicts = {row.pk: row for row in state.conflicts}
    return FieldView(
        state=state,
        guide=state.guide,
        anchor=field_anchor(state.path),
        href=f"{address}?{urlencode({'path': state.path})}",
        statements=[_build_statement(state.guide, item, reader) for item in statements or (state.whole,)],
        elements=[_link_part(fields, item) for item in fields.list_elements(state.path)],
        conflicts=[build_conflict(row, reader, state.path) for row in conflicts.values()],
    )


def build_conflict(row: Conflict, reader: str, path: str = "") -> ConflictView:
    """Return a conflict in words, as it is shown at the field at `path`."""
    override = row.override
    guide = find_field(override.path)[1]
    return ConflictView(
        conflict=row,
        field=say_path(f"{override.path}@{override.lang}" if override.has_lang else override.path),
        author=override.author.get_username() if override.author else "–",
        based_on=say_field(guide, row.based_on, reader),
        mine=say_field(guide, override.value, reader),
        theirs=say_field(guide, row.theirs, reader),
        seen=field_digest(row.theirs),
        # One about a wider field is merged there, where all of it can be written.
        can_merge=row.kind != Conflict.Kind.HOMELESS and override.path == path,
    )


def build_history(opened: OpenDataset, state: FieldState, lang: str | None, reader: str) -> list[EntryView]:
    """Return the history of a field, the newest value first; `number` tells which to set again."""
    entries = read_field_history(opened.dataset, state.path, lang)
    return [
        EntryView(
            entry,
            _LAYERS.get(entry.layer, entry.layer),
            _ENDINGS.get(entry.ended, entry.ended),
            say_field(state.guide, entry.value, reader),
            number,
        )
        for number, entry in enumerate(entries)
    ]


def language_name(tag: str, reader: str) -> str:
    """Return what people call a language; the tag says more where it has a region or script."""
    name = language_label(tag.partition("-")[0].lower(), reader)
    return f"{name} ({tag})" if "-" in tag else name


def field_anchor(path: str) -> str:
    """Return the id of a field's place in the page."""
    return "f-" + "".join(sign if sign.isalnum() else "-" for sign in path).strip("-")


def part_of(path: str) -> str:
    """Return the path of the part to which a field belongs."""
    return path.rpartition(".")[0]


def part_href(dataset: Dataset, path: str) -> str:
    """Return the address of the page of a part."""
    base = reverse("curate", args=[dataset.slug])
    return f"{base}?{urlencode({'part': path})}" if path else base


def _link_part(fields: FieldReader, part: PartState, current: PartState | None = None) -> PartLink:
    return PartLink(part, part_href(fields.dataset, part.path), part is current)


def _page_of(links: Sequence[PartLink]) -> int:
    here = next(number for number, link in enumerate(links) if link.is_current)
    return here // _PARTS_PER_PAGE + 1


def _group(views: Sequence[FieldView]) -> list[FieldSection]:
    sections = []
    for level in Importance:
        mine = [view for view in views if view.guide.importance == level]
        # What is wanted stands open also when it is empty, for that is what is to be done.
        is_open = level is not Importance.OPTIONAL
        filled = [view for view in mine if is_open or not view.is_empty]
        empty = [view for view in mine if not is_open and view.is_empty]
        if mine:
            sections.append(FieldSection(_IMPORTANCE_LABELS[level], filled, empty))
    return sections


def _build_statement(guide: FieldGuide, item: Statement, reader: str) -> StatementView:
    override = item.override
    return StatementView(
        statement=item,
        values=say_field(guide, item.value, reader),
        under=say_field(guide, item.under, reader),
        said=[(said.title, say_field(guide, said.value, reader)) for said in item.said],
        revert_path=override.path if override else "",
        revert_lang=override.lang if override and override.has_lang else "*",
        language=language_name(item.lang or "", reader),
    )


def _latest_acts(dataset: Dataset) -> list[Act]:
    touched = Q(made__dataset=dataset) | Q(closed__dataset=dataset) | Q(conflicts__dataset=dataset)
    mine = Act.objects.filter(pk__in=Act.objects.filter(touched).values("pk"))
    return list(mine.select_related("author", "undone_by").order_by("-made_at", "-id")[:_LATEST_ACTS])
