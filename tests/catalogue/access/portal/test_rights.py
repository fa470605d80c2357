"""My rights and my profile."""

import pytest
from django.urls import reverse

from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.grants import revoke_grant, suspend_grant
from catalogue.access.domain.people import person_of
from catalogue.access.models import Application, EffectiveRight, Grant, Member
from tests.factories.access import first_item, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db


def approve(world, application):
    for item in application.items.filter(state="pending"):
        take_item(item, by=world["handler"])
        approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(application))


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def right(client, world):
    approve(world, submitted(world))
    client.force_login(world["applicant"])
    return Grant.objects.get()


def do(client, grant, action, **data):
    return client.post(reverse("right-action", args=[grant.pk, action]), data)


def test_member_accepts_the_words_shown_and_then_has_access(client, read, world):
    application = submitted(world)
    Member.objects.create(
        application=application, user=world["member"], state="joined", invited_at=application.created_at
    )
    approve(world, application)
    grant = Grant.objects.get(user=world["member"])
    client.force_login(world["member"])
    page = read(reverse("right", args=[grant.pk]))
    assert "Be kind to lake-committee." in page
    version = world.terms.versions.get()
    do(client, grant, "accept-terms", **{f"terms-{version.pk}": "0" * 64})
    assert not EffectiveRight.objects.filter(user=world["member"]).exists()
    do(client, grant, "accept-terms", **{f"terms-{version.pk}": version.sha256})
    assert EffectiveRight.objects.filter(user=world["member"]).exists()
    assert "Active" in read("/rights/")


def test_right_is_given_back(client, read, right):
    assert "Give it back" in read(reverse("right", args=[right.pk]))
    do(client, right, "relinquish")
    right.refresh_from_db()
    assert right.state == Grant.State.RELINQUISHED
    page = read("/rights/")
    assert "Ended" in page
    assert "Given back" in page
    assert 'button class="button danger"' not in read(reverse("right", args=[right.pk]))


def test_renewal_begins_with_the_answers_given_before(client, read, right):
    answer = do(client, right, "renew")
    renewal = Application.objects.get(kind="renewal")
    assert answer.headers["Location"] == reverse("request-form", args=[renewal.pk])
    assert "To find out how lakes warm." in read(answer.headers["Location"])
    assert EffectiveRight.objects.filter(grant=right).exists()


def test_suspended_and_revoked_rights_tell_the_committees_words(client, read, world, right):
    suspend_grant(right, by=world["handler"], reason="We look into something.")
    page = read(reverse("right", args=[right.pk]))
    assert "Suspended" in page
    assert "We look into something." in page
    assert "There is nothing to fetch" in page
    revoke_grant(right, by=world["handler"], revocation="misuse", reason="It was passed on.")
    assert "It was passed on." in read(reverse("right", args=[right.pk]))


def test_right_of_somebody_else_is_not_there(client, world, right):
    client.force_login(world["outsider"])
    assert client.get(reverse("right", args=[right.pk])).status_code == 404
    assert do(client, right, "relinquish").status_code == 404
    client.force_login(world["handler"])
    assert "Give it back" not in client.get(reverse("right", args=[right.pk])).content.decode()


def test_list_asks_the_database_no_more_for_three_than_for_one(client, django_assert_max_num_queries):
    world = make_world(datasets=3)
    client.force_login(world["applicant"])
    counts = []
    for taken in (slice(0, 1), slice(1, 3)):
        approve(world, submitted(world, datasets=world.datasets[taken]))
        with django_assert_max_num_queries(40) as seen:
            client.get("/rights/")
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert first_item(Application.objects.first()).state == "approved"


def test_profile_is_saved_and_mistakes_are_told(client, read, world):
    client.force_login(world["applicant"])
    good = {"name": "Eva Ek", "organisation": "KTH", "sector": "academic", "country": "SE", "language": "sv",
            "digest": "daily"}  # fmt: skip
    assert client.post(reverse("me"), good).status_code == 302
    person = person_of(world["applicant"])
    assert (person.name, person.country, person.language, person.digest) == ("Eva Ek", "SE", "sv", "daily")
    wrong = client.post(
        reverse("me"), {**good, "ror": "https://ror.org/000000000", "orcid": "0000-0002-1825-0097"}
    )
    assert wrong.status_code == 422
    assert "Write it as https://ror.org/" in wrong.content.decode()
    assert not person_of(world["applicant"]).orcid
    assert 'value="Eva Ek"' in read(reverse("me"))
