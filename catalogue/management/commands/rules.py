"""`manage.py rules`: mapping rules on the command line: list them, see unknown words, try, add, close."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.domain.mapping import RULE_FIELDS
from catalogue.domain.outbox import drain
from catalogue.domain.renewal import ResolveProjector, RuleProjector
from catalogue.domain.rule_trial import count_touched, frequent_words, own_word, try_rule
from catalogue.domain.rules import TARGET_FIELDS, close_rule, describe_rule, draft_rule, save_rule
from catalogue.errors import CatalogueError, InvalidRecord, NotFound
from catalogue.management.people import add_person, find_person
from catalogue.models import MappingRule, Source
from catalogue.policies import require_mapper


class Command(BaseCommand):
    help = "What sources' words mean: list rules, show unknown words, try a rule, add one, close one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="the rules that hold, with how many records each touches")
        words = verbs.add_parser("words", help="words that neither vocabulary nor rule knows")
        words.add_argument("field", choices=RULE_FIELDS)
        words.add_argument("--source", default="", help="slug; without it all sources")
        for verb, text in (("try", "show what a rule would change"), ("add", "save a rule")):
            one = verbs.add_parser(verb, help=text)
            one.add_argument("field", choices=RULE_FIELDS)
            one.add_argument("word")
            one.add_argument("target", nargs="?", help="name, code or IRI of the term; without it: dropped")
            one.add_argument("--into", choices=TARGET_FIELDS, help="another field that gets the term")
            one.add_argument("--source", default="", help="slug; without it all sources")
            one.add_argument("--note", default="")
            add_person(one)
        close = verbs.add_parser("close", help="take a rule back")
        close.add_argument("rule", type=int)
        add_person(close)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except InvalidRecord as error:
            lines = [f"{item.field}: {item.message}" for item in error.violations]
            raise CommandError("\n".join([str(error), *lines])) from error
        except CatalogueError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        rules = list(MappingRule.objects.filter(closed_at__isnull=True).select_related("source", "author"))
        counts = count_touched(rules)
        for rule in rules:
            self.stdout.write(f"{rule.pk}\t{counts[rule.pk]} records\t{describe_rule(rule)}")

    def _words(self, options: dict[str, Any]) -> None:
        for word, count in frequent_words(_find_source(options["source"]), options["field"]):
            self.stdout.write(f"{count}\t{word}")

    def _try(self, options: dict[str, Any]) -> None:
        found = try_rule(self._draft(options)[0])
        self.stdout.write(f"{found.total} records would change. The first of them:")
        for row in found.rows:
            before, after = (", ".join(map(own_word, side)) or "–" for side in (row.before, row.after))
            self.stdout.write(f"  {row.title}\t{before} -> {after}")

    def _add(self, options: dict[str, Any]) -> None:
        rule, by = self._draft(options)
        save_rule(rule, by=by, reason=rule.note)
        self.stdout.write(f"Rule {rule.pk} is saved; {_settle()} datasets were resolved again.")

    def _close(self, options: dict[str, Any]) -> None:
        by = find_person(options)
        rule = MappingRule.objects.select_related("source").filter(pk=options["rule"]).first()
        if rule is None:
            raise NotFound(f"There is no rule {options['rule']}.")
        require_mapper(by, rule.source_id)
        close_rule(rule, by=by)
        self.stdout.write(f"Rule {rule.pk} no longer holds; {_settle()} datasets were resolved again.")

    def _draft(self, options: dict[str, Any]) -> tuple[MappingRule, Any]:
        by, source = find_person(options), _find_source(options["source"])
        require_mapper(by, source.pk if source else None)
        rule = draft_rule(
            source=source,
            field=options["field"],
            word=options["word"],
            target_field=options["into"] or options["field"],
            target=options["target"],
            note=options["note"],
        )
        return rule, by


def _find_source(slug: str) -> Source | None:
    if not slug:
        return None
    source = Source.objects.filter(slug=slug).first()
    if source is None:
        raise NotFound(f"There is no source {slug!r}.")
    return source


def _settle() -> int:
    """Do what the rule left for the background, and return how many datasets that were."""
    drain(RuleProjector())
    return drain(ResolveProjector()).done
