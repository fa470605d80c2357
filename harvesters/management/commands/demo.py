"""`manage.py demo`: from an empty folder to a served, searchable catalogue of the sample sources.

Each step can be repeated: what is there already is left as it is, so a demo that was stopped goes on.
"""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from catalogue import stores
from catalogue.domain.doi_prefixes import save_prefix
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.domain.roles import grant_role
from catalogue.domain.runs import expire_dead_holders, request_run
from catalogue.errors import Unavailable
from catalogue.integrations.datacite import TEST_PREFIX, is_local
from catalogue.models import Dataset, Outbox, RoleGrant, Run, Source, User
from catalogue.sandbox.access.world import PEOPLE, make_world
from harvesters.runner import carry_run

STEPS = 7
MANAGE = str(settings.BASE_DIR / "manage.py")
SAMPLES = (
    ("sample-dataportal", "Sample data portal", "dcat", "/dataportal/catalog.rdf"),
    ("sample-repository", "Sample repository", "oai_pmh", "/repository/oai"),
    ("sample-open-data", "Sample open data site", "ckan", "/ckan"),
)


class Command(BaseCommand):
    help = "Set up everything with sample data and serve it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--samples-port", type=int, default=8001)
        parser.add_argument("--no-serve", action="store_true", help="stop when all is set up")

    def handle(self, *args: Any, **options: Any) -> None:
        registry_port = find_sandbox_port()
        for port in (options["port"], options["samples_port"], *registry_port):
            require_free_port(port)
        self._step(1, "database")
        call_command("migrate", verbosity=0)
        self._step(2, f"sample sources on http://127.0.0.1:{options['samples_port']}/")
        beside = [start_beside("sample_sources", options["samples_port"])]
        try:
            for port in registry_port:
                beside.append(start_beside("sandbox_registry", port))
                save_prefix(TEST_PREFIX, account=next(iter(stores.doi_accounts())))
            self._step(3, "harvest over HTTP")
            for source in add_samples(options["samples_port"]):
                self._harvest(source)
            self._step(4, "records of one dataset joined")
            self._drain("match", "compared")
            self._step(5, "committees, people, and a request for access in each state")
            password = make_accounts()
            self.stdout.write(f"      {make_world()}")
            self._step(6, "index, knowledge graph, meaning of each record (once the model is unpacked)")
            self._drain("search", "in the index")
            self._drain("graph", "in the graph")
            self._encode()
            self._step(7, "ready")
            self._say_where(options["port"], password)
            if not options["no_serve"]:
                call_command("serve", port=options["port"])
        finally:
            for process in beside:
                process.terminate()
                process.wait()

    def _step(self, number: int, what: str) -> None:
        self.stdout.write(f"[{number}/{STEPS}] {what}")
        self.stdout.flush()

    def _drain(self, kind: str, what: str) -> None:
        self.stdout.write(f"      {drain(PROJECTORS[kind]).done} {what}")
        self.stdout.flush()

    def _harvest(self, source: Source) -> None:
        expire_dead_holders()
        run = carry_run(request_run(source))
        self.stdout.write(
            f"      {source.title}: {run.seen} records, {run.new} new, {run.changed} changed, {run.failed} failed"
        )
        if run.state != Run.State.FINISHED:
            raise CommandError(f"{source.title} was not harvested: {run.message}")

    def _encode(self) -> None:
        if stores.encoder() is None:
            self.stdout.write("      left out, search goes on by words: MIMIS_ENCODER_MODEL is off")
            return
        total = Outbox.objects.filter(kind="vector").count()
        if not total:
            self.stdout.write("      all there already")
            return
        started = time.monotonic()
        self.stdout.write(f"      {total} to read")
        self.stdout.flush()
        try:
            stores.ready_encoder(timeout_s=600)
        except Unavailable as error:
            self.stdout.write(f"      left out, search goes on by words: {error}")
            return
        projector = PROJECTORS["vector"]
        done = 0
        while taken := drain(projector, limit=projector.batch_size).done:
            done += taken
            self.stdout.write(f"      {done} of {total} ({time.monotonic() - started:.0f} s)")
            self.stdout.flush()

    def _say_where(self, port: int, password: str) -> None:
        live = Dataset.objects.live().count()
        site = f"http://localhost:{port}"
        self.stdout.write(
            f"\n      {live} datasets. Open {site}/\n"
            f"      Try:     {site}/search/?q=luftkvalitet   {site}/search/?q=medical+images+of+the+lung\n"
            f"      Sources: {site}/sources/   API: {site}/api/v1/docs\n"
            f"      Sign in: {site}/login/ with password {password} as\n"
            f"        demo     operates the sources: {site}/sources/\n"
            f"        steward  curates what the sample data portal describes: {site}/desk/\n"
            f"        chief    curates everything and gives roles: {site}/desk/people/\n"
            f"      Access requests: search for {site}/search/?q=sample and ask, or sign in as\n"
        )
        for person in PEOPLE:
            self.stdout.write(f"        {person.username:<10} {person.does}: {site}{person.begins_at}\n")
        self.stdout.flush()


def require_free_port(port: int) -> None:
    """Raise CommandError when something else listens on the port."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise CommandError(
                f"Port {port} is taken. Stop what listens there, or choose others: "
                f"make demo PORT=8080 SAMPLES_PORT=8081 REGISTRY_PORT=8082"
            )


def find_sandbox_port() -> tuple[int, ...]:
    """Return the port of the DOI registry to practise with, if the settings name one on this machine."""
    address = urlsplit(settings.DOI_REGISTRY_URL)
    return (address.port,) if is_local(address.hostname or "") and address.port else ()


def start_beside(command: str, port: int) -> subprocess.Popen[bytes]:
    """Start a server of ours beside us, and return once it answers."""
    process = subprocess.Popen(
        [sys.executable, MANAGE, command, "--port", str(port)], stdout=subprocess.DEVNULL, process_group=0
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.1)
    process.terminate()
    raise CommandError(f"manage.py {command} did not start on port {port}.")


def add_samples(port: int) -> list[Source]:
    """Return the three sample sources, made where they are not there, at this port."""
    sources = []
    for slug, title, protocol, path in SAMPLES:
        url = f"http://127.0.0.1:{port}{path}"
        source, _ = Source.objects.update_or_create(
            slug=slug,
            defaults={"url": url},
            create_defaults={"title": title, "protocol": protocol, "url": url},
        )
        sources.append(source)
    return sources


def make_accounts() -> str:
    """Make the accounts, and return their password, made once and kept."""
    path = Path(settings.VAR_DIR) / "demo_password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9), encoding="ascii")
    password = path.read_text(encoding="ascii")
    names = [("demo", "Demo", ""), ("steward", "Steward", ""), ("chief", "Chief", "")]
    names += [(person.username, person.first_name, person.last_name) for person in PEOPLE]
    for name, first, last in names:
        defaults = {"is_staff": name == "demo", "first_name": first, "last_name": last}
        user, _ = User.objects.get_or_create(username=name, defaults=defaults)
        if not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
    grant_role("steward", RoleGrant.Role.STEWARD, source=SAMPLES[0][0])
    grant_role("chief", RoleGrant.Role.CHIEF)
    return password
