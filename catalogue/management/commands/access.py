"""`manage.py access`: targets, signing keys, logs and evidence, for whoever has a shell on the machine."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.access.domain.keys import ensure_keys, rotate_keys
from catalogue.access.domain.logs import anchor_heads, check_logs
from catalogue.access.domain.push import PushProjector, drifting, reconcile_targets
from catalogue.access.domain.targets import save_target
from catalogue.access.domain.tokens import make_service_token
from catalogue.access.evidence.verify import is_sound, verify_bundle
from catalogue.access.models import Committee, SigningKey, Target
from catalogue.domain.outbox import drain
from catalogue.errors import CatalogueError
from catalogue.management.people import add_person, find_person


class Command(BaseCommand):
    help = "Access requests: targets, signing keys, logs and evidence."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        target = actions.add_parser("target", help="add or change a system that is told who may have what")
        target.add_argument("name")
        target.add_argument("kind", choices=Target.Kind.values)
        target.add_argument("address", help="URL, folder or bucket")
        target.add_argument("--secret", default="", help="name of its secret in MIMIS_ACCESS_TARGET_SECRETS")
        target.add_argument("--committee", default="", help="slug; only this committee's rights")
        target.add_argument("--pause", action="store_true")
        actions.add_parser("targets", help="list targets, and what differs there")
        actions.add_parser(
            "reconcile", help="compare every target with what holds, and repair; exit 1 if it differs"
        )
        keys = actions.add_parser("keys", help="list signing keys")
        keys.add_argument("--rotate", action="store_true", help="let the next ones sign")
        actions.add_parser(
            "check-logs", help="fold every log again and compare; exit 1 when one does not hold"
        )
        verify = actions.add_parser("verify", help="check an evidence archive; needs no network")
        verify.add_argument("file", type=Path)
        token = actions.add_parser("token", help="make a token for a service that asks for people's visas")
        token.add_argument("label")
        add_person(token)

    def handle(self, *args: Any, **options: Any) -> None:
        action = options["action"].replace("-", "_")
        try:
            getattr(self, f"_{action}")(options)
        except CatalogueError as error:
            lines = [
                str(error),
                *(f"  {item.field}: {item.message}" for item in getattr(error, "violations", ())),
            ]
            raise CommandError("\n".join(lines)) from error

    def _target(self, options: dict[str, Any]) -> None:
        committee = None
        if options["committee"]:
            committee = Committee.objects.filter(slug=options["committee"]).first()
            if committee is None:
                raise CommandError(f"There is no committee {options['committee']}.")
        target, report = save_target(
            options["name"],
            by=None,
            kind=options["kind"],
            address=options["address"],
            secret_name=options["secret"],
            committee=committee,
            is_active=not options["pause"],
        )
        self.stdout.write(f"{target.slug}  {target.kind}  {target.address}")
        if report is not None and report.failure:
            self.stdout.write(f"  it does not answer: {report.failure}")
        elif report is not None:
            drain(PushProjector())
            self.stdout.write(f"  {report.listed} rights there, {len(report.missing)} were missing")

    def _targets(self, options: dict[str, Any]) -> None:
        for target in Target.objects.all():
            seen = f"{target.reconciled_at:%Y-%m-%d %H:%M}" if target.reconciled_at else "never compared"
            state = "" if target.is_active else "  paused"
            self.stdout.write(
                f"{target.slug}  {target.kind}  {target.address}  {seen}{state}  {target.reconcile_error}"
            )
        for drift in drifting():
            self.stdout.write(
                f"  differs since {drift.drift_since:%Y-%m-%d %H:%M}: {drift.target.slug}, person "
                f"{drift.user_id}, {drift.dataset.title}  {drift.error}"
            )

    def _reconcile(self, options: dict[str, Any]) -> None:
        reports = reconcile_targets()
        drain(PushProjector())
        for report in reports:
            self.stdout.write(
                f"{report.target}: {report.listed} rights there, {len(report.missing)} missing, "
                f"{len(report.surplus)} too many. {report.failure}".rstrip()
            )
        if any(not report.is_clean for report in reports):
            sys.exit(1)

    def _keys(self, options: dict[str, Any]) -> None:
        if options["rotate"]:
            rotate_keys()
        ensure_keys()
        for key in SigningKey.objects.order_by("algorithm", "-made_at"):
            self.stdout.write(f"{key.algorithm}  {key.state:8}  {key.kid}  made {key.made_at:%Y-%m-%d}")

    def _check_logs(self, options: dict[str, Any]) -> None:
        report = check_logs()
        for line in (*report.broken, *report.drifted):
            self.stdout.write(line)
        anchor = anchor_heads()
        self.stdout.write(
            f"{report.applications} applications, {report.events} events: {len(report.broken)} broken, "
            f"{len(report.drifted)} drifted. Anchor of {anchor.day}: {anchor.sha256}"
        )
        if not report.is_clean:
            sys.exit(1)

    def _verify(self, options: dict[str, Any]) -> None:
        checks = verify_bundle(options["file"].read_bytes())
        for check in checks:
            self.stdout.write(f"{'WRONG' if check.problem else 'ok'}  {check.name}  {check.problem}".rstrip())
        if not is_sound(checks):
            sys.exit(1)

    def _token(self, options: dict[str, Any]) -> None:
        token, secret = make_service_token(options["label"], by=find_person(options))
        self.stdout.write(f"{secret}\nIt is shown this once, and holds until {token.expires_at:%Y-%m-%d}.")
