"""The sample committees: who is what in them, how they decide, what they ask and what they want accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalogue.access.domain.committees import make_committee, name_role, name_site_role, save_workflow
from catalogue.access.domain.form_editing import publish_form, save_form, start_form
from catalogue.access.domain.people import describe_self, person_of
from catalogue.access.domain.terms import publish_terms
from catalogue.access.models import Committee, Form, Terms, Workflow
from catalogue.models import User
from catalogue.sandbox.access import forms

# In office long before the sample requests were made, some of which are over a year old.
IN_OFFICE = timedelta(days=900)


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody to sign in as. `does` and `begins_at` are what the demo prints beside the name."""

    username: str
    first_name: str
    last_name: str
    organisation: str
    sector: str
    does: str
    begins_at: str


_REGION, _UNIVERSITY = ("Sample Region", "public"), ("Sample University", "academic")
PEOPLE = (
    SamplePerson(
        "applicant", "Åsa", "Lind", *_UNIVERSITY, "asked for data, a request in each state", "/requests/"
    ),
    SamplePerson(
        "member", "Ibrahim", "Ek", *_UNIVERSITY, "joined one of them, terms still to accept", "/requests/"
    ),
    SamplePerson(
        "newcomer", "Petra", "Wik", "Sample Startup", "company", "has asked for nothing yet", "/basket/"
    ),
    SamplePerson("handler", "Maj", "Ström", *_REGION, "takes, asks back, recommends, revokes", "/board/"),
    SamplePerson("handler2", "Nils", "Berg", *_REGION, "does the same", "/board/"),
    SamplePerson("decider", "Tove", "Dahl", *_REGION, "approves and refuses", "/board/"),
    SamplePerson(
        "reviewer", "Omar", "Nyman", "Sample Institute", "academic", "is asked for opinions", "/board/"
    ),
    SamplePerson("manager", "Eva", "Holm", *_REGION, "keeps forms, terms and people", "/committees/"),
    SamplePerson(
        "auditor", "Rut", "Falk", "Sample Authority", "public", "reads all, checks the logs", "/audit/"
    ),
    SamplePerson("security", "Jan", "Åkerman", *_REGION, "suspends rights", "/rights/all/"),
)
_ROLES = (
    ("handler", "handler"),
    ("handler2", "handler"),
    ("decider", "decider"),
    ("reviewer", "reviewer"),
)
_IMAGING_TERMS = {
    "en": (
        "You use the images only for the project that you described, and only those named in the request see "
        "them. You do not try to find out whose images they are. You keep them where you said, and delete "
        "them when the right ends. You name the sample imaging lab where you publish."
    ),
    "sv": (
        "Ni använder bilderna bara i projektet som ni beskrev, och bara de som står i ansökan ser dem. Ni "
        "försöker inte ta reda på vems bilder det är. Ni förvarar dem där ni sade, och raderar dem när rätten "
        "upphör. Ni nämner exempellabbet för bilder där ni publicerar."
    ),
}
_REGISTER_TERMS = {
    "en": (
        "You use the data only for the purpose that was approved. You link them with nothing that is not in "
        "the request. You publish no figure from which a person could be told. You tell the committee within "
        "a day if data went astray."
    ),
    "sv": (
        "Ni använder data bara för det ändamål som godkändes. Ni länkar dem inte med något som inte står i "
        "ansökan. Ni publicerar ingen siffra som pekar ut en person. Ni berättar för nämnden inom ett dygn om "
        "data har kommit på avvägar."
    ),
}


@dataclass(frozen=True, slots=True)
class SampleCommittee:
    """A committee with what its datasets' routes name."""

    committee: Committee
    workflow: Workflow
    form: Form
    terms: Terms


def who(username: str) -> User:
    """Return one of the people, read anew: roles are remembered on the object."""
    return User.objects.get(username=username)


def describe_people() -> None:
    """Let each of the people say who they are, where they have not."""
    for sample in PEOPLE:
        user = who(sample.username)
        if not person_of(user).organisation:
            describe_self(
                user,
                name=f"{sample.first_name} {sample.last_name}",
                organisation=sample.organisation,
                sector=sample.sector,
                country="SE",
            )


def found_imaging(now: datetime) -> SampleCommittee:
    """Return the committee for images: four eyes."""
    committee = _found(
        "Sample imaging committee",
        now,
        name_sv="Exempelnämnden för bilder",
        about="Decides on the demo's medical images. A handler recommends, another person decides.",
        contact_email="committee@imaging.example",
    )
    workflow = _decide_by(committee, "Four eyes", kind=Workflow.Kind.FOUR_EYES, deadline_days=21)
    form = _ask(committee, "Images", forms.IMAGING, now)
    return SampleCommittee(committee, workflow, form, _demand(committee, "Use of images", _IMAGING_TERMS))


def found_register(now: datetime) -> SampleCommittee:
    """Return the committee for registers: one decider; colleagues of the applicant stand back."""
    committee = _found(
        "Sample register committee",
        now,
        name_sv="Exempelnämnden för register",
        about="Decides on the demo's register data. One decider decides.",
        contact_email="committee@register.example",
        same_ror_conflicts=True,
    )
    workflow = _decide_by(committee, "One decider", kind=Workflow.Kind.SINGLE, deadline_days=30)
    form = _ask(committee, "Register data", forms.REGISTER, now)
    return SampleCommittee(committee, workflow, form, _demand(committee, "Register data", _REGISTER_TERMS))


def add_automatic(register: SampleCommittee, now: datetime) -> SampleCommittee:
    """Return the register committee's second way: who fits the conditions is let in at once."""
    workflow = _decide_by(register.committee, "Automatic", kind=Workflow.Kind.AUTO, max_grant_days=180)
    form = _ask(register.committee, "Short", forms.SHORT, now)
    return SampleCommittee(register.committee, workflow, form, register.terms)


def name_officers() -> None:
    """Make somebody the auditor of all committees, and somebody the security officer."""
    for role in ("auditor", "security"):
        name_site_role(who(role), role, by=who("chief"))


def _found(name: str, now: datetime, **fields: Any) -> Committee:
    committee = Committee.objects.filter(name=name).first()
    if committee is None:
        committee = make_committee(name, by=who("chief"), now=now - IN_OFFICE, country="SE", **fields)
    since = now - IN_OFFICE
    if not committee.roles.exists():
        name_role(committee, who("manager"), "manager", by=who("chief"), starts_at=since)
    for username, role in _ROLES:
        # Once: somebody whose role was ended while trying things out stays without it.
        if not committee.roles.filter(user__username=username, role=role).exists():
            name_role(committee, who(username), role, by=who("manager"), starts_at=since)
    return committee


def _decide_by(committee: Committee, name: str, **fields: Any) -> Workflow:
    found = committee.workflows.filter(name=name).first()
    return found or save_workflow(committee, name, by=who("manager"), **fields)


def _ask(committee: Committee, name: str, definition: forms.Json, now: datetime) -> Form:
    form = committee.forms.filter(name=name).first()
    if form is None:
        form = start_form(committee, name, by=who("manager"), now=now - IN_OFFICE)
    if not form.versions.exists():
        form = save_form(form, definition, by=who("manager"), revision=form.revision, now=now - IN_OFFICE)
        publish_form(form, by=who("manager"), revision=form.revision, now=now - IN_OFFICE)
    return form


def _demand(committee: Committee, name: str, texts: dict[str, str]) -> Terms:
    found = committee.terms.filter(name=name, versions__isnull=False).first()
    return found or publish_terms(committee, name, texts, by=who("manager")).terms
