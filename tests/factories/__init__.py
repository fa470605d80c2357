"""Factories: what a test does not name is plain and unsurprising."""

from __future__ import annotations

import hashlib

import factory
from django.utils import timezone

from catalogue.domain.ingest import Incoming
from catalogue.domain.runs import Lease, claim_run, request_run
from catalogue.models import Run, Source, User
from catalogue.records import Agent, Distribution, Identifier, Record, Term, Text


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")


class StaffFactory(UserFactory):
    is_staff = True


class SourceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Source

    slug = factory.Sequence(lambda n: f"source-{n}")
    title = factory.Sequence(lambda n: f"Source {n}")
    protocol = "dcat"
    url = "http://127.0.0.1:1/catalog.rdf"


def make_record(title: str = "Lakes of Sweden", **fields: object) -> Record:
    """Return a small dataset record; any field may be given."""
    values: dict[str, object] = {
        "title": (Text(title, "en"),),
        "description": (Text(f"{title}: what was measured, where and when.", "en"),),
        "publisher": Agent(name=(Text("Water Office", "en"),), iri="https://water.example/"),
        "keywords": (Text("water", "en"),),
        "issued": "2024-05-01",
        "distributions": (
            Distribution(
                access_urls=("https://water.example/lakes",),
                format=Term(iri="http://publications.europa.eu/resource/authority/file-type/CSV"),
                license=Term(iri="http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"),
            ),
        ),
    }
    return Record(**{**values, **fields})


def make_incoming(remote_id: str = "https://water.example/1", record: Record | None = None) -> Incoming:
    """Return a record on its way in, as the runner would hand it over."""
    record = record or make_record(identifiers=(Identifier(remote_id, "uri"),))
    payload = repr(record).encode()
    return Incoming(
        remote_id=remote_id,
        record=record,
        payload_sha256=hashlib.sha256(payload).hexdigest(),
        raw_pointer=f"{hashlib.sha256(payload).hexdigest()}:0:{len(payload)}",
        media_type="application/json",
        format="ckan_package",
    )


def open_run(source: Source, **options: object) -> Lease:
    """Ask for a run of the source and claim it."""
    return claim_run(request_run(source, **options))


def end_quietly(lease: Lease) -> None:
    """End a run as a complete one, so that the next can be asked for."""
    Run.objects.filter(pk=lease.run_id).update(
        state=Run.State.FINISHED, complete=True, ended_at=timezone.now(), lease_until=None
    )
