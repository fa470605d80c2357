"""Factories for own datasets: a publisher, people with roles, and a description that may be published."""

from __future__ import annotations

from django.db import transaction

from catalogue.domain.drafts import start_draft
from catalogue.domain.editions import publish_draft
from catalogue.domain.publishers import ensure_agents
from catalogue.models import Agent, Dataset, PublisherPolicy, RoleGrant, User
from catalogue.record_json import value_to_json
from catalogue.records import Contact, Term
from tests.factories import UserFactory, make_record

ACCESS = "http://publications.europa.eu/resource/authority/access-right/"
LONG = "What was measured in the lakes, where and when, and with which instruments, since 1990."


def make_publisher(name: str = "Lake Office", *, needs_review: bool = False) -> Agent:
    """Return a publisher as a harvest would have made it."""
    said = {
        "name": [{"value": name, "lang": "en"}],
        "iri": f"https://{name.lower().replace(' ', '-')}.example/",
    }
    with transaction.atomic():
        [agent] = ensure_agents([said]).values()
    if needs_review:
        PublisherPolicy.objects.create(publisher=agent, needs_review=True)
    return agent


def make_steward(*publishers: Agent, **fields: object) -> User:
    """Return somebody who may publish for the publishers."""
    user: User = UserFactory(**fields)
    for publisher in publishers:
        RoleGrant.objects.create(user=user, role=RoleGrant.Role.STEWARD, publisher=publisher)
    return user


def own_json(named: str = "Lakes of Sweden", **fields: object) -> dict[str, object]:
    """Return a description that may be published; any field may be given as JSON, None leaves it out."""
    record = make_record(
        named,
        publisher=None,
        issued="",
        access_rights=Term(iri=f"{ACCESS}PUBLIC"),
        contacts=(Contact(email="lakes@water.example"),),
    )
    whole = {**value_to_json(record), "description": [{"value": LONG, "lang": "en"}], **fields}
    return {name: value for name, value in whole.items() if value is not None}


def publish(by: User, publisher: Agent, record: dict[str, object] | None = None) -> Dataset:
    """Return a dataset that was published here."""
    draft = start_draft(publisher, by=by, record=record or own_json())
    return publish_draft(draft, by=by, revision=draft.revision).edition.dataset
