"""Committees are reminded of what is due, each moment once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue.access.domain.conflicts import declare_conflict
from catalogue.access.domain.deadlines import remind_of_deadlines
from catalogue.access.domain.deciding import take_item
from catalogue.access.domain.handling import return_application
from catalogue.access.models import Item, MailMessage
from catalogue.models import User
from tests.factories.access import first_item, make_world, submitted

pytestmark = pytest.mark.django_db


def taken(world):
    return take_item(first_item(submitted(world)), by=world["handler"])


def reminders():
    """Return the reminders since the last look, as {(role, kind)}, and forget them."""
    rows = MailMessage.objects.filter(kind__in=("deadline_near", "deadline_over", "overdue_in_committee"))
    found = sorted((row.user.username.removeprefix("lake-committee-"), row.kind) for row in rows)
    assert all(row.is_urgent for row in rows)
    rows.delete()
    return found


def test_the_handler_hears_at_seven_two_and_no_days_then_all_weekly():
    world = make_world()
    deadline = taken(world).deadline_at
    told = {}
    for hours in range(-24 * 31, 24 * 16, 12):
        remind_of_deadlines(now=deadline + timedelta(hours=hours, minutes=1))
        if found := reminders():
            told[hours / 24] = found
    near = [("handler", "deadline_near")]
    over = sorted(
        [(name, "deadline_over") for name in ("handler", "decider", "decider2", "decider3")]
        + [("manager", "overdue_in_committee")]
    )
    assert told == {-7: near, -2: near, -1: near, 0: over, 7: over, 14: over}


def test_a_clock_that_began_inside_the_week_does_not_remind_at_once():
    world = make_world()
    world.workflow.deadline_days = 3
    world.workflow.save()
    item = taken(world)
    assert remind_of_deadlines(now=timezone.now() + timedelta(hours=1)) == 0
    assert remind_of_deadlines(now=item.deadline_at - timedelta(days=2)) == 1
    assert remind_of_deadlines(now=item.deadline_at - timedelta(days=2)) == 0


def test_a_paused_or_decided_item_is_nobodys_reminder():
    world = make_world()
    item = taken(world)
    return_application(item.application, by=world["handler"], reason="Which lakes?")
    assert remind_of_deadlines(now=item.deadline_at) == 0
    item.application.state = "submitted"
    item.application.save()
    Item.objects.update(state=Item.State.APPROVED)
    assert remind_of_deadlines(now=item.deadline_at) == 0


def test_whoever_has_a_conflict_is_not_reminded():
    world = make_world()
    item = taken(world)
    other = User.objects.create(username="second")
    other.committee_roles.create(committee=world.committee, role="handler", starts_at=timezone.now())
    declare_conflict(item.application, by=world["handler"])
    remind_of_deadlines(now=item.deadline_at - timedelta(days=1))
    assert reminders() == [("second", "deadline_near")]
