"""The demo's access requests: one in each state, made by the commands, and made once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from catalogue.access.domain.grants import reinstate_grant
from catalogue.access.domain.logs import check_logs
from catalogue.access.forms.schema import read_form
from catalogue.access.models import AccessRoute, Application, EffectiveRight, FormVersion, Grant, Item
from catalogue.models import Dataset, RoleGrant, StoredFile, User
from catalogue.policies import can_download
from catalogue.record_json import record_to_json
from catalogue.sandbox.access import datasets as samples
from catalogue.sandbox.access.world import PEOPLE, make_world
from tests.factories import UserFactory, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(fresh_stores):
    """The accounts that the demo makes, and the harvested datasets that it makes routes to."""
    for person in PEOPLE:
        UserFactory(username=person.username, first_name=person.first_name, last_name=person.last_name)
    RoleGrant.objects.create(user=UserFactory(username="chief"), role="chief")
    now = timezone.now()
    for start in (samples.CTPA, samples.SKIN_SLIDES, samples.NODES, samples.OVARIES, samples.BRAIN):
        Dataset.objects.create(
            slug=f"{start}-1",
            title=start,
            record=record_to_json(make_record(start)),
            created_at=now,
            changed_at=now,
        )


def test_world_has_a_request_in_each_state_and_logs_that_hold(people):
    make_world()
    assert set(Application.objects.values_list("state", flat=True)) == set(Application.State.values)
    assert set(Item.objects.values_list("state", flat=True)) == set(Item.State.values)
    states = set(Grant.objects.values_list("state", flat=True))
    assert states == {"pending_terms", "active", "suspended", "revoked", "expired"}
    assert check_logs().is_clean
    for version in FormVersion.objects.all():
        read_form(version.schema, version.ui)


def test_right_to_a_sample_dataset_opens_its_file(people):
    make_world()
    file = StoredFile.objects.get(name="xrays.csv")
    assert can_download(User.objects.get(username="applicant"), file)
    assert not can_download(User.objects.get(username="newcomer"), file)


def test_world_that_was_played_with_is_left_as_it_is(people):
    make_world()
    suspended = Grant.objects.get(state=Grant.State.SUSPENDED)
    reinstate_grant(suspended, by=User.objects.get(username="security"))
    route = AccessRoute.objects.get(dataset__title=samples.CTPA)
    AccessRoute.objects.filter(pk=route.pk).update(is_accepting=False)
    counts = (Application.objects.count(), Dataset.objects.count(), EffectiveRight.objects.count())
    make_world()
    suspended.refresh_from_db()
    route.refresh_from_db()
    assert suspended.state == Grant.State.ACTIVE
    assert not route.is_accepting
    assert counts == (Application.objects.count(), Dataset.objects.count(), EffectiveRight.objects.count())


def test_world_that_was_stopped_goes_on(people, monkeypatch):
    def stop(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("catalogue.sandbox.access.case.approve_item", stop)
        with pytest.raises(KeyboardInterrupt):
            make_world()
    make_world()
    assert Application.objects.count() == 13
    assert set(Item.objects.values_list("state", flat=True)) == set(Item.State.values)
