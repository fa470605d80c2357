"""`manage.py curate`: see, set and revert fields, decide conflicts, undo acts."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from catalogue.domain.curation import (
    decide_conflict,
    override_field,
    revert_field,
    touched_datasets,
    undo_act,
)
from catalogue.domain.curation_fields import FieldReader, Statement
from catalogue.domain.curation_place import open_dataset, show_value
from catalogue.domain.history import read_field_history
from catalogue.errors import CatalogueError, InvalidRecord
from catalogue.models import Act, Conflict, Dataset, User
from catalogue.policies import curated_by, require_curator, require_undoer


class Command(BaseCommand):
    help = "See, set and revert fields of a dataset, decide conflicts, undo acts; as the account of --as."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        show = verbs.add_parser("show", help="what the fields of a dataset say, and who said so")
        show.add_argument("dataset", help="id or slug")
        show.add_argument("path", nargs="?", default="", help="a field, then with its history")
        for name, text in (("set", "set a field"), ("revert", "go back to what the sources say")):
            verb = verbs.add_parser(name, help=text)
            verb.add_argument("dataset", help="id or slug")
            verb.add_argument("path")
            if name == "set":
                verb.add_argument("value", help="JSON, or plain words")
            verb.add_argument("--lang", help='only the words in this language; "" for none stated')
            verb.add_argument(
                "--seen", help="digest of the value you saw; then nothing newer is written over"
            )
            _add_person(verb)
        conflicts = verbs.add_parser("conflicts", help="list the open conflicts of what you curate")
        _add_person(conflicts, has_reason=False)
        decide = verbs.add_parser("decide", help="decide a conflict")
        decide.add_argument("conflict", type=int)
        decide.add_argument("choice", choices=("keep", "take", "merge"))
        decide.add_argument("value", nargs="?", help="for merge: JSON, or plain words")
        _add_person(decide)
        undo = verbs.add_parser("undo", help="undo an act")
        undo.add_argument("act", type=int)
        _add_person(undo, has_reason=False)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except InvalidRecord as error:
            lines = [f"{item.field}: {item.message}" for item in error.violations]
            raise CommandError("\n".join([str(error), *lines])) from error
        except CatalogueError as error:
            raise CommandError(str(error)) from error

    def _show(self, options: dict[str, Any]) -> None:
        opened = open_dataset(_find_dataset(options["dataset"]))
        reader = FieldReader(opened)
        if path := options["path"]:
            field = reader.find_field(path)
            for statement in (field.whole, *field.languages):
                self._write_statement(field.path, statement, with_digest=True)
            for entry in read_field_history(opened.dataset, field.path):
                ended = f", {entry.ended} {entry.ended_by}".rstrip() if entry.ended else ""
                words = (
                    f"  {entry.at:%Y-%m-%d %H:%M} {entry.layer} {entry.who}{ended}: {show_value(entry.value)}"
                )
                self.stdout.write(f"{words}{f' ({entry.why})' if entry.why else ''}")
            return
        for part in reader.parts:
            for field in reader.list_fields(part):
                if field.whole.value is not None or field.overrides:
                    self._write_statement(field.path, field.whole)

    def _set(self, options: dict[str, Any]) -> None:
        dataset, person = self._open(options)
        row = override_field(
            dataset,
            options["path"],
            _read_value(options["value"]),
            lang=options["lang"],
            seen=options["seen"],
            by=person,
            reason=options["reason"],
        )
        self.stdout.write(
            f"Set by act {row.act_id}." if row else "The sources say the same; no override is needed."
        )

    def _revert(self, options: dict[str, Any]) -> None:
        dataset, person = self._open(options)
        act = revert_field(
            dataset,
            options["path"],
            lang=options["lang"],
            seen=options["seen"],
            by=person,
            reason=options["reason"],
        )
        self.stdout.write(f"Reverted by act {act.pk}.")

    def _conflicts(self, options: dict[str, Any]) -> None:
        mine = Dataset.objects.filter(curated_by(_find_person(options))).values("pk")
        rows = Conflict.objects.filter(dataset__in=mine, closed_at__isnull=True).select_related(
            "override", "dataset"
        )
        for row in rows:
            field = f"{row.override.path}@{row.override.lang}" if row.override.has_lang else row.override.path
            self.stdout.write(f"{row.pk} {row.kind} {row.dataset.slug} {field}")
            for name, value in (
                ("based on", row.based_on),
                ("mine", row.override.value),
                ("theirs", row.theirs),
            ):
                self.stdout.write(f"    {name}: {show_value(value)}")
        self.stdout.write(f"{len(rows)} open")

    def _decide(self, options: dict[str, Any]) -> None:
        conflict = Conflict.objects.select_related("dataset").filter(pk=options["conflict"]).first()
        if conflict is None:
            raise CommandError(f"There is no conflict {options['conflict']}.")
        person = _find_person(options)
        require_curator(person, conflict.dataset)
        value = _read_value(options["value"]) if options["value"] is not None else None
        act = decide_conflict(conflict, options["choice"], value=value, by=person, reason=options["reason"])
        self.stdout.write(f"Decided by act {act.pk}.")

    def _undo(self, options: dict[str, Any]) -> None:
        act = Act.objects.filter(pk=options["act"]).first()
        if act is None:
            raise CommandError(f"There is no act {options['act']}.")
        person = _find_person(options)
        require_undoer(person, act, touched_datasets(act))
        self.stdout.write(f"Undone in {undo_act(act, by=person)} datasets.")

    def _open(self, options: dict[str, Any]) -> tuple[Dataset, User]:
        dataset, person = _find_dataset(options["dataset"]), _find_person(options)
        require_curator(person, dataset)
        return dataset, person

    def _write_statement(self, path: str, statement: Statement, *, with_digest: bool = False) -> None:
        name = path if statement.lang is None else f"{path}@{statement.lang}"
        who = f"{statement.layer} {statement.who}".strip()
        self.stdout.write(f"{name} = {show_value(statement.value)}  [{who}]")
        if statement.override is not None:
            waits = f"; conflict {statement.conflict.pk} waits" if statement.conflict else ""
            self.stdout.write(f"    under it: {show_value(statement.under)}{waits}")
        if with_digest:
            self.stdout.write(f"    seen: {statement.digest}")


def _add_person(parser: ArgumentParser, *, has_reason: bool = True) -> None:
    parser.add_argument("--as", dest="person", required=True, help="the account's name")
    if has_reason:
        parser.add_argument("--reason", default="", help="for the history")


def _find_person(options: dict[str, Any]) -> User:
    person = User.objects.filter(username=options["person"]).first()
    if person is None:
        raise CommandError(f"There is no account {options['person']!r}.")
    return person


def _find_dataset(key: str) -> Dataset:
    try:
        found = Dataset.objects.filter(pk=UUID(key)).first()
    except ValueError:
        found = Dataset.objects.filter(slug=key).first()
    if found is None:
        raise CommandError(f"There is no dataset {key!r}. Use its id or its slug.")
    return found


def _read_value(text: str) -> Any:
    """Return what somebody typed: JSON where it is a list, an object or null, else the words."""
    if text.lstrip()[:1] in {"[", "{", '"'} or text == "null":
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise CommandError(f"This is not JSON: {error}") from error
    return {"true": True, "false": False}.get(text, text)
