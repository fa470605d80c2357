"""All of the sample access requests: committees, people, datasets, and a request in each state.

Can be repeated: what is there is left as it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from catalogue.access.domain.grants import expire_due
from catalogue.access.models import Application, Grant
from catalogue.sandbox.access import datasets as samples
from catalogue.sandbox.access.case import Case
from catalogue.sandbox.access.committees import (
    PEOPLE,
    add_automatic,
    describe_people,
    found_imaging,
    found_register,
    name_officers,
)
from catalogue.sandbox.access.datasets import (
    IMAGES,
    PRESSURE,
    REGISTERS,
    SampleDatasets,
    find_harvested,
    publish_own,
    set_routes,
)

__all__ = ["PEOPLE", "make_world"]


def make_world(*, now: datetime | None = None) -> str:
    """Make what is not there yet, and return in a few words what there is.

    The accounts of `PEOPLE` and `chief` are there already.
    """
    now = now or timezone.now()
    describe_people()
    name_officers()
    imaging, register = found_imaging(now), found_register(now)
    automatic = add_automatic(register, now)
    found = SampleDatasets(
        {
            **find_harvested(),
            **publish_own(
                IMAGES, "Sample imaging lab", "https://imaging.example/", imaging.committee.contact_email
            ),
            **publish_own(
                (*REGISTERS, PRESSURE),
                "Sample health register",
                "https://register.example/",
                register.committee.contact_email,
            ),
        }
    )
    set_routes(found, imaging, register, automatic)
    _ask(found, now)
    expire_due(now=now)
    return (
        f"{Application.objects.count()} requests, "
        f"{Grant.objects.filter(state=Grant.State.ACTIVE).count()} rights that hold"
    )


def _ask(found: SampleDatasets, now: datetime) -> None:
    """Make a request in each state; those for harvested datasets only where these were found."""

    def case(title: str, key: str, days_ago: int) -> Case | None:
        return Case(title, [found[key]], began=now - timedelta(days=days_ago)) if key in found else None

    if it := case("Revoked: clots in the lungs", samples.CTPA, 300):
        it.submit().take().recommend().approve(days=360).revoke("The project ended early.")
    if it := case("Expired: skin tumours, first year", samples.SKIN_SLIDES, 420):
        it.submit().take().recommend().approve(days=365)
    if it := case("Suspended: tumours of the brain", samples.BRAIN, 120):
        it.submit().take().recommend().approve(days=300).suspend("The affiliation is being looked into.")
    if it := case("Active: findings in chest X-rays", samples.XRAYS.key, 60):
        it.submit().take().recommend().approve(days=80)
    if it := case("Refused: medicines of a county", samples.PRESCRIPTIONS.key, 50):
        it.submit().take().reject("The variables tell more of persons than the purpose needs.")
    if it := case("Withdrawn: medicines of a county, again", samples.PRESCRIPTIONS.key, 30):
        it.submit().withdraw("We ask for fewer variables later.")
    if it := case("Waits for a member's terms: days in hospital", samples.STAYS.key, 20):
        it.share_with("member").submit().take().approve(days=300, after="in_review")
    if it := case("Let in by rule: blood pressure", samples.PRESSURE.key, 10):
        it.submit()
    if it := case("Returned: lymph nodes", samples.NODES, 12):
        it.submit().take().ask_back("Which scanners will the images come from?")
    if it := case("In review: ovaries, over its time", samples.OVARIES, 40):
        it.submit().take().have_reviewed("The question is good, and the images are needed for it.")
    if it := case("Recommended: skin under the microscope", samples.SKIN.key, 8):
        it.submit().take().recommend()
    if it := case("Submitted: skin tumours, second year", samples.SKIN_SLIDES, 2):
        it.submit()
    case("Draft: clots in the lungs, again", samples.CTPA, 1)
