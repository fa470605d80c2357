"""`manage.py dataset new|show|publish|withdraw|restore`: own datasets from the command line."""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.domain.drafts import find_draft, publishers_for, save_draft, start_draft
from catalogue.domain.editions import find_edition, publish_draft, restore_edition, withdraw_edition
from catalogue.domain.own_rules import check_draft
from catalogue.errors import CatalogueError, InvalidRecord
from catalogue.models import Dataset, Draft, Edition, User
from catalogue.policies import require_publisher


class Command(BaseCommand):
    help = "Write, publish, withdraw and restore datasets of this catalogue's own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="username", required=True, help="the account that does it")
        actions = parser.add_subparsers(dest="action", required=True)
        new = actions.add_parser("new", help="begin a draft from a JSON file, or write one anew")
        new.add_argument("file", type=Path, help="a record as GET /api/v1/datasets/{id} answers it")
        new.add_argument("--publisher", default="", help="the publisher's slug")
        new.add_argument("--draft", type=uuid.UUID, help="write this draft instead of a new one")
        show = actions.add_parser("show", help="show a draft and what is wrong with it")
        show.add_argument("draft", type=uuid.UUID)
        publish = actions.add_parser("publish", help="publish a draft, or approve one in review")
        publish.add_argument("draft", type=uuid.UUID)
        withdraw = actions.add_parser("withdraw", help="withdraw a published dataset")
        withdraw.add_argument("dataset", help="its slug")
        withdraw.add_argument("--reason", required=True, help="what its page will say")
        restore = actions.add_parser("restore", help="bring a withdrawn dataset back")
        restore.add_argument("dataset", help="its slug")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']!r}.")
        try:
            getattr(self, f"_{options['action']}")(user, options)
        except InvalidRecord as error:
            lines = [f"  {item.field}: {item.message}" for item in error.violations]
            raise CommandError("\n".join([str(error), *lines])) from error
        except CatalogueError as error:
            raise CommandError(str(error)) from error

    def _new(self, user: User, options: dict[str, Any]) -> None:
        record = _read(options["file"])
        if options["draft"]:
            draft = find_draft(options["draft"], user)
            draft = save_draft(draft, record, by=user, revision=draft.revision)
        else:
            publisher = publishers_for(user).filter(slug=options["publisher"]).first()
            if publisher is None:
                raise CommandError(
                    f"{user} publishes for no publisher {options['publisher']!r}. Give --publisher."
                )
            draft = start_draft(publisher, by=user, record=record)
        self.stdout.write(str(draft.pk))
        self._print_findings(draft)

    def _show(self, user: User, options: dict[str, Any]) -> None:
        draft = find_draft(options["draft"], user)
        who = draft.updated_by.get_username() if draft.updated_by else "nobody"
        self.stdout.write(
            f"{draft.pk}  {draft.state}, revision {draft.revision} by {who}, for {draft.publisher.name}"
        )
        self.stdout.write(json.dumps(draft.record, ensure_ascii=False, indent=2))
        self._print_findings(draft)

    def _publish(self, user: User, options: dict[str, Any]) -> None:
        draft = find_draft(options["draft"], user)
        edition = publish_draft(draft, by=user, revision=draft.revision).edition
        self.stdout.write(f"{edition.dataset.iri}  {edition.dataset.slug}  edition {edition.number}")

    def _withdraw(self, user: User, options: dict[str, Any]) -> None:
        edition = _find_edition(user, options["dataset"])
        withdraw_edition(edition.dataset, by=user, reason=options["reason"])
        self.stdout.write(f"{edition.dataset.slug} is withdrawn.")

    def _restore(self, user: User, options: dict[str, Any]) -> None:
        edition = _find_edition(user, options["dataset"])
        restore_edition(edition.dataset)
        self.stdout.write(f"{edition.dataset.slug} is back.")

    def _print_findings(self, draft: Draft) -> None:
        for item in check_draft(draft):
            mark = "!" if item.stops else "?"
            self.stdout.write(f"  {mark} {item.violation.field}: {item.violation.message}")


def _read(file: Path) -> dict[str, Any]:
    try:
        record = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read as JSON: {error}") from error
    if not isinstance(record, dict):
        raise CommandError(f"{file} holds no record: an object with the fields of a dataset is needed.")
    return record


def _find_edition(user: User, slug: str) -> Edition:
    dataset = Dataset.objects.filter(slug=slug).first()
    edition = find_edition(dataset) if dataset else None
    if edition is None:
        raise CommandError(f"No dataset {slug!r} was published here.")
    require_publisher(user, edition.publisher_id)
    return edition
