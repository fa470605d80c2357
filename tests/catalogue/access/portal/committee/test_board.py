"""The board: what waits, for whom, and at what cost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue.access.domain.conflicts import declare_conflict
from catalogue.access.domain.deciding import take_item
from catalogue.access.domain.handling import return_application
from catalogue.access.domain.reviewing import invite_reviewer, review_item
from catalogue.access.models import Item, Person
from catalogue.access.policies import conflicted_among, has_conflict
from tests.factories import UserFactory
from tests.factories.access import draft, first_item, make_world, snapshot_hash, submitted

from .rounds import answer_again

pytestmark = pytest.mark.django_db


def more_requests(world, count):
    """Submit this many requests of people of their own."""
    for number in range(count):
        world.people[f"asker{number}"] = UserFactory(username=f"asker{number}")
        submitted(world, by=f"asker{number}")


def test_board_shows_what_waits_to_those_who_serve_the_committee(read, sign_in):
    world = make_world()
    application = submitted(world)
    for role in ("handler", "decider", "auditor"):
        html = read(world[role], f"/committees/{world.committee.slug}/board/")
        assert "Lake committee data 1" in html
        assert f"/cases/{application.pk}/" in html
    for role in ("manager", "reviewer", "applicant", "outsider", "chief"):
        answer = sign_in(world[role]).get(f"/committees/{world.committee.slug}/board/")
        assert answer.status_code == 403, role


def test_drafts_are_on_no_board(read):
    world = make_world()
    application = draft(world)
    assert str(application.pk) not in read(world["handler"], "/board/")


def test_boards_of_all_committees_are_one_and_another_committees_items_are_not_on_it(read):
    world, other = make_world(), make_world(name="Forest committee")
    submitted(world)
    submitted(other)
    world["handler"].committee_roles.create(
        committee=other.committee, role="handler", starts_at=timezone.now()
    )
    both = read(world["handler"], "/board/")
    assert "Lake committee data 1" in both
    assert "Forest committee data 1" in both
    assert "Lake committee data 1" not in read(other["handler"], "/board/")


def test_header_leads_to_the_board_for_those_with_a_part_in_a_committee(read):
    world = make_world()
    assert 'href="/board/"' in read(world["handler"], "/about/")
    assert 'href="/board/"' not in read(world["outsider"], "/about/")


def test_overdue_returned_and_conflicted_items_say_so(read):
    world = make_world(datasets=1)
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    Item.objects.filter(pk=item.pk).update(deadline_at=timezone.now() - timedelta(days=3))
    html = read(world["decider"], "/board/")
    assert "Overdue:" in html
    assert "conflict of interest" not in html
    declare_conflict(application, by=world["decider"])
    assert "You have a conflict of interest" in read(world["decider"], "/board/")
    return_application(application, by=world["handler"], reason="Which?")
    html = read(world["handler"], "/board/?state=returned")
    assert "Returned to the applicant" in html
    assert "Overdue:" not in html


def test_opinions_on_an_earlier_round_are_flagged(read):
    world = make_world()
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    invite_reviewer(item, world["reviewer"], by=world["handler"])
    review_item(item, by=world["reviewer"], snapshot_sha256=snapshot_hash(application), opinion="for")
    assert "stale" not in read(world["handler"], "/board/")
    answer_again(world, application)
    assert "1 stale opinion" in read(world["handler"], "/board/")


def test_reviewer_who_was_asked_finds_the_case_on_the_board(read):
    world = make_world()
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    invite_reviewer(item, world["reviewer"], by=world["handler"])
    html = read(world["reviewer"], "/board/")
    assert "You are asked to review" in html
    assert f"/cases/{application.pk}/" in html


def test_sections_are_counted_and_cut_and_one_state_is_paged(read):
    world = make_world(with_terms=False)
    more_requests(world, 12)
    html = read(world["handler"], "/board/")
    assert html.count('<th scope="row">') == 10
    assert "All 12" in html
    assert read(world["handler"], "/board/?state=pending").count('<th scope="row">') == 12
    assert "Nothing waits here" in read(world["handler"], "/board/?mine=1")


def test_number_of_queries_does_not_grow_with_the_items(sign_in, django_assert_max_num_queries):
    world = make_world(with_terms=False)
    more_requests(world, 9)
    client = sign_in(world["handler"])
    with django_assert_max_num_queries(25) as few:
        client.get("/board/")
    for item in list(Item.objects.filter(state="pending"))[:4]:
        take_item(item, by=world["handler"])
    with django_assert_max_num_queries(25) as many:
        client.get("/board/")
    assert len(many) <= len(few) + 2  # one more section has rows


def test_conflicts_of_many_are_those_of_one_by_one():
    world, other = make_world(), make_world(name="Forest committee")
    world.committee.same_ror_conflicts = True
    world.committee.save()
    applications = [submitted(world), submitted(other)]
    ror = "https://ror.org/056d84691"
    asking = {"orcid": "0000-0002-1825-0097", "ror": ror}
    Person.objects.filter(user=world["applicant"]).update(**asking)
    for role, own in (("handler", {"orcid": asking["orcid"]}), ("decider", {"ror": ror}), ("auditor", {})):
        Person.objects.update_or_create(user=world[role], defaults=own)
    declare_conflict(applications[0], by=world["decider2"])
    for role in world.people:
        user = world[role]
        one_by_one = {row.pk for row in applications if has_conflict(user, row)}
        assert conflicted_among(user, [row.pk for row in applications]) == one_by_one, role
    assert conflicted_among(world["handler"], [applications[0].pk])
    assert conflicted_among(world["decider"], [applications[0].pk])
