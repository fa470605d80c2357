"""A small world of access requests: a committee with people in office, a form, terms, datasets to ask for."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils import timezone

from catalogue.access.domain.applications import save_application, start_application
from catalogue.access.domain.submitting import current_snapshot, submit_application
from catalogue.access.domain.terms import accept_terms, publish_terms
from catalogue.access.models import (
    AccessRoute,
    Application,
    Committee,
    CommitteeRole,
    Form,
    FormVersion,
    Item,
    Terms,
    Workflow,
)
from catalogue.models import Dataset, RoleGrant, User
from catalogue.record_json import record_to_json
from tests.factories import UserFactory, make_record

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"purpose": {"type": "string", "minLength": 1, "maxLength": 5000}},
    "required": ["purpose"],
}
UI = {
    "title": {"sv": "Ansökan", "en": "Request"},
    "sections": [{"id": "study", "title": {"sv": "Studien", "en": "The study"}, "questions": ["purpose"]}],
    "questions": {"purpose": {"label": {"sv": "Syfte", "en": "Purpose"}}},
}
ANSWERS = {"shared": {"purpose": "To find out how lakes warm."}, "datasets": {}}


@dataclass
class AccessWorld:
    """One committee, its people by role, and what it keeps."""

    committee: Committee
    people: dict[str, User]
    workflow: Workflow
    form: Form
    terms: Terms
    datasets: list[Dataset] = field(default_factory=list)

    def __getitem__(self, role: str) -> User:
        # Read anew, as a request would: roles are remembered on the user object.
        return User.objects.get(pk=self.people[role].pk)


def make_dataset(title: str = "Lakes of Sweden") -> Dataset:
    """Return a dataset that is there without a harvest."""
    now = timezone.now()
    number = Dataset.objects.count() + 1
    return Dataset.objects.create(
        slug=f"dataset-{number}",
        title=title,
        record=record_to_json(make_record(title)),
        created_at=now,
        changed_at=now,
    )


def make_world(
    *,
    kind: str = Workflow.Kind.SINGLE,
    datasets: int = 1,
    with_terms: bool = True,
    name: str = "Lake committee",
) -> AccessWorld:
    """Return a committee whose workflow is of this kind, with datasets that are asked for at it."""
    now = timezone.now()
    slug = name.lower().replace(" ", "-")
    committee = Committee.objects.create(slug=slug, name=name, created_at=now)
    people = {
        "applicant": UserFactory(username=f"{slug}-applicant"),
        "member": UserFactory(username=f"{slug}-member"),
        "outsider": UserFactory(username=f"{slug}-outsider"),
        "chief": UserFactory(username=f"{slug}-chief"),
    }
    RoleGrant.objects.create(user=people["chief"], role="chief")
    for role in ("handler", "decider", "manager", "auditor", "reviewer"):
        people[role] = UserFactory(username=f"{slug}-{role}")
        CommitteeRole.objects.create(committee=committee, user=people[role], role=role, starts_at=now)
    for number in (2, 3):
        people[f"decider{number}"] = UserFactory(username=f"{slug}-decider{number}")
        CommitteeRole.objects.create(
            committee=committee, user=people[f"decider{number}"], role="decider", starts_at=now
        )
    workflow = Workflow.objects.create(committee=committee, name="Usual", kind=kind, votes_needed=2)
    form = Form.objects.create(committee=committee, name="Usual", edited_at=now)
    FormVersion.objects.create(form=form, number=1, schema=SCHEMA, ui=UI, sha256="f" * 64, published_at=now)
    terms = publish_terms(committee, "Usual", {"en": f"Be kind to {slug}."}, by=people["manager"]).terms
    world = AccessWorld(committee, people, workflow, form, terms)
    for number in range(datasets):
        dataset = make_dataset(f"{name} data {number + 1}")
        route = AccessRoute.objects.create(
            dataset=dataset, kind="request", workflow=workflow, form=form, changed_at=now
        )
        if with_terms:
            route.terms.set([terms])
        world.datasets.append(dataset)
    return world


def draft(world: AccessWorld, *, by: str = "applicant", datasets: list[Dataset] | None = None) -> Application:
    """Return a draft with answers, its terms accepted."""
    user = world[by]
    application = start_application(datasets or world.datasets, by=user, title="Warm lakes")
    application = save_application(application, by=user, version=application.version, answers=ANSWERS)
    hashes = {row.pk: row.sha256 for item in application.items.all() for row in item.terms.all()}
    return accept_terms(application, hashes, by=user)


def submitted(
    world: AccessWorld, *, by: str = "applicant", datasets: list[Dataset] | None = None
) -> Application:
    """Return an application that was submitted."""
    application = draft(world, by=by, datasets=datasets)
    return submit_application(application, by=world[by], version=application.version)


def first_item(application: Application) -> Item:
    """Return its first item as it is now."""
    return application.items.select_related("committee", "workflow", "application", "dataset").order_by(
        "dataset__slug"
    )[0]


def snapshot_hash(application: Application) -> str:
    """Return the hash of what was submitted last."""
    return current_snapshot(application).sha256
