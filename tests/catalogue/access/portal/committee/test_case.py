"""A case: what a committee sees of a request, and what its buttons do."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue.access.domain.applications import save_application
from catalogue.access.domain.committees import name_role
from catalogue.access.domain.conflicts import add_comment
from catalogue.access.domain.deciding import take_item
from catalogue.access.domain.invitations import hash_token
from catalogue.access.domain.reviewing import invite_reviewer, review_item
from catalogue.access.domain.submitting import submit_application
from catalogue.access.models import (
    AccessRoute,
    Application,
    Decision,
    Event,
    Grant,
    Invitation,
    Item,
    MailMessage,
    Person,
    Review,
)
from tests.factories.access import draft, first_item, make_dataset, make_world, snapshot_hash, submitted

from .rounds import answer_again

pytestmark = pytest.mark.django_db


def act(client, application, command, *, item=None, sha256=None, **said):
    """Post a form of the case, as its page would."""
    where = f"items/{item.pk}/{command}/" if item is not None else f"{command}/"
    said["snapshot"] = sha256 or snapshot_hash(application)
    return client.post(f"/cases/{application.pk}/{where}", said)


def tomorrow():
    return (timezone.localdate() + timedelta(days=30)).isoformat()


def test_case_is_there_for_those_who_serve_it_and_for_nobody_else(sign_in):
    world = make_world()
    application = submitted(world)
    address = f"/cases/{application.pk}/"
    got = {role: sign_in(world[role]).get(address).status_code for role in world.people}
    assert {role for role, status in got.items() if status == 200} == {
        "handler", "decider", "decider2", "decider3", "auditor",
    }  # fmt: skip
    assert got["applicant"] == 403
    assert {got[role] for role in ("outsider", "chief", "manager", "reviewer")} == {404}


def test_committee_sees_its_own_items_only_and_is_told_of_others(read):
    world, other = make_world(), make_world(name="Forest committee")
    application = submitted(world, datasets=[*world.datasets, *other.datasets])
    html = read(world["handler"], f"/cases/{application.pk}/")
    assert "Lake committee data 1" in html
    assert "Forest committee data 1" not in html
    assert "1 more dataset of this request is another committee" in html


def test_four_eyes_from_taking_to_the_decision(sign_in, read):
    world = make_world(kind="four_eyes")
    application = submitted(world)
    item = first_item(application)
    handler, decider = sign_in(world["handler"]), sign_in(world["decider"])
    address = f"/cases/{application.pk}/"
    assert "A handler has to recommend first" not in read(world["handler"], address)
    assert act(handler, application, "take", item=item).status_code == 302
    assert "A handler has to recommend first" in read(world["decider"], address)
    assert act(decider, application, "approve", item=item, until=tomorrow()).status_code == 409
    act(handler, application, "recommend", item=item, outcome="approve", note="A clear plan.")
    html = read(world["decider"], address)
    assert "recommends to approve it" in html
    assert "A clear plan." in html
    act(decider, application, "approve", item=item, until=tomorrow(), conditions="Only at home.")
    decision = Decision.objects.get()
    assert (decision.outcome, decision.conditions) == ("approved", "Only at home.")
    assert timezone.localdate(decision.ends_at).isoformat() == tomorrow()
    html = read(world["decider"], address)
    assert "Only at home." in html
    assert "The right of lake-committee-applicant" in html


def test_approval_offers_the_longest_time_and_refuses_a_longer_one(sign_in, read):
    world = make_world()
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    latest = timezone.localdate(timezone.now() + timedelta(days=365)).isoformat()
    assert f'value="{latest}"' in read(world["decider"], f"/cases/{application.pk}/")
    late = (timezone.localdate() + timedelta(days=400)).isoformat()
    answer = act(
        sign_in(world["decider"]), application, "approve", item=item, until=late, reason="Good plan."
    )
    assert answer.status_code == 422
    assert "Good plan." in answer.content.decode()
    assert not Decision.objects.exists()
    assert act(sign_in(world["decider"]), application, "approve", item=item, until=latest).status_code == 302
    assert Grant.objects.get().state == Grant.State.ACTIVE


def test_use_that_the_rules_exclude_asks_for_an_override(sign_in, read):
    world = make_world()
    AccessRoute.objects.update(conditions={"countries": ["NO"]})
    application = draft(world)
    by = world["applicant"]
    save_application(application, by=by, version=application.version, intent={"country": "SE"})
    application.refresh_from_db()
    submit_application(application, by=by, version=application.version)
    item = take_item(first_item(application), by=world["handler"])
    assert "The rules exclude this use" in read(world["decider"], f"/cases/{application.pk}/")
    decider = sign_in(world["decider"])
    answer = act(decider, application, "approve", item=item, until=tomorrow())
    assert answer.status_code == 422
    assert not Decision.objects.exists()
    act(decider, application, "approve", item=item, until=tomorrow(), override="An agreement with Norway.")
    assert Decision.objects.get().override == "An agreement with Norway."


def test_decision_on_an_older_round_shows_what_changed_and_what_was_typed(sign_in):
    world = make_world()
    application = submitted(world)
    read_then = snapshot_hash(application)
    item = take_item(first_item(application), by=world["handler"])
    answer_again(world, application, words="Only lake Vänern.")
    answer = act(
        sign_in(world["decider"]), application, "reject", item=item, sha256=read_then, reason="Too wide."
    )
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "To find out how lakes warm." in html
    assert "Only lake Vänern." in html
    assert "Too wide." in html
    assert not Decision.objects.exists()


def test_question_back_moves_the_case_and_says_why(sign_in, read):
    world = make_world()
    application = submitted(world)
    take_item(first_item(application), by=world["handler"])
    assert act(sign_in(world["handler"]), application, "return", reason=" ").status_code == 422
    act(sign_in(world["handler"]), application, "return", reason="Which lakes?")
    assert Application.objects.get().state == "returned"
    html = read(world["decider"], f"/cases/{application.pk}/")
    assert "Which lakes?" in html
    assert "what is asked for may still change" in html


def test_later_round_shows_what_changed_and_the_earlier_one_can_be_read(read):
    world = make_world()
    application = submitted(world)
    answer_again(world, application, words="Only lake Vänern.")
    html = read(world["handler"], f"/cases/{application.pk}/")
    assert "What changed in round 2" in html
    assert "<del>To find out how lakes warm.</del>" in html
    assert "<ins>Only lake Vänern.</ins>" in html
    first = read(world["handler"], f"/cases/{application.pk}/?round=1")
    assert "This is an earlier round" in first


def test_change_of_a_question_that_two_forms_ask_is_told_once(read):
    world, other = make_world(), make_world(name="Forest committee")
    name_role(other.committee, world["handler"], "handler", by=other["manager"])
    application = submitted(world, datasets=[*world.datasets, *other.datasets])
    answer_again(world, application, words="Only lake Vänern.")
    html = read(world["handler"], f"/cases/{application.pk}/")
    assert "Forest committee data 1" in html
    assert html.count("<ins>Only lake Vänern.</ins>") == 1


def test_what_is_being_written_after_a_question_is_not_seen(read):
    world = make_world()
    application = submitted(world)
    Application.objects.update(state="returned", answers={"shared": {"purpose": "Half a thought"}})
    assert "Half a thought" not in read(world["handler"], f"/cases/{application.pk}/")


def test_stale_review_is_flagged_with_its_round(read):
    world = make_world()
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    invite_reviewer(item, world["reviewer"], by=world["handler"])
    review_item(
        item, by=world["reviewer"], snapshot_sha256=snapshot_hash(application), opinion="for", note="Sound."
    )
    answer_again(world, application)
    html = read(world["decider"], f"/cases/{application.pk}/")
    assert "Sound." in html
    assert "stale: a new round began since" in html


def test_votes_are_counted_on_this_round(sign_in, read):
    world = make_world(kind="vote")
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    act(sign_in(world["decider"]), application, "vote", item=item, opinion="for", note="Yes.")
    html = read(world["decider2"], f"/cases/{application.pk}/")
    assert "1 for, 0 against, 0 abstain; 2 are needed" in html
    assert "It has 1 of 2 votes" in html
    act(sign_in(world["decider2"]), application, "vote", item=item, opinion="for")
    act(sign_in(world["decider2"]), application, "approve", item=item, until=tomorrow())
    assert Item.objects.get().state == "approved"


def test_reviewer_is_invited_by_mail_and_the_code_is_seen_once_and_kept_nowhere(sign_in, read):
    world = make_world()
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    client = sign_in(world["handler"])
    answer = act(client, application, "invite_reviewer", item=item, email="eva@example.org")
    code = re.search(r"<code>([^<]+)</code>", answer.content.decode())[1]
    assert answer["Cache-Control"] == "no-store"
    assert Invitation.objects.get().token_sha256 == hash_token(code)
    assert code not in client.get(f"/cases/{application.pk}/").content.decode()
    kept = [
        *MailMessage.objects.values_list("params", flat=True),
        *Event.objects.values_list("body", flat=True),
    ]
    assert code not in str(kept)
    assert code not in str(dict(client.session))


def test_invited_reviewer_sees_the_item_and_answers(sign_in, read):
    world = make_world()
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    act(sign_in(world["handler"]), application, "invite_reviewer", item=item, reviewer=world["reviewer"].pk)
    html = read(world["reviewer"], f"/cases/{application.pk}/")
    assert "Write a review" in html
    assert 'id="log"' not in html
    act(sign_in(world["reviewer"]), application, "review", item=item, opinion="against", note="No.")
    assert Review.objects.get().vote == "against"


def test_conflict_closes_notes_and_buttons_and_opens_the_item_to_others(sign_in, read):
    world = make_world()
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    add_comment(application, by=world["decider"], text="Between us.", is_public=False)
    address = f"/cases/{application.pk}/"
    assert "Between us." in read(world["handler"], address)
    act(sign_in(world["handler"]), application, "declare_conflict", note="My brother.")
    html = read(world["handler"], address)
    assert "Between us." not in html
    assert 'id="log"' not in html
    assert "conflict of interest" in html
    assert f"/cases/{application.pk}/return/" not in html
    assert Item.objects.get(pk=item.pk).handler is None


def test_colleague_can_be_declared(sign_in):
    world = make_world()
    application = submitted(world)
    act(sign_in(world["handler"]), application, "declare_conflict", about=world["decider"].pk)
    assert application.conflicts.get().user == world["decider"]


def test_notes_stay_with_their_committee_and_comments_are_for_all(sign_in, read):
    world, other = make_world(), make_world(name="Forest committee")
    application = submitted(world, datasets=[*world.datasets, *other.datasets])
    act(sign_in(world["handler"]), application, "note", text="Lake secret.")
    act(sign_in(world["handler"]), application, "comment", text="Lake greeting.")
    html = read(other["handler"], f"/cases/{application.pk}/")
    assert "Lake secret." not in html
    assert "Lake greeting." in html
    assert "Lake secret." in read(world["decider"], f"/cases/{application.pk}/")


def test_earlier_requests_are_those_of_the_same_applicant_at_the_own_committee(read):
    world, other = make_world(with_terms=False), make_world(name="Forest committee", with_terms=False)
    submitted(other, by="applicant")
    world.people["applicant"] = other.people["applicant"]
    first = submitted(world)
    second_data = make_dataset("More lakes")
    AccessRoute.objects.create(
        dataset=second_data,
        kind="request",
        workflow=world.workflow,
        form=world.form,
        changed_at=timezone.now(),
    )
    second = submitted(world, datasets=[second_data])
    html = read(world["handler"], f"/cases/{second.pk}/")
    assert "Earlier requests of the same applicant" in html
    assert f"/cases/{first.pk}/" in html
    assert "Forest committee data 1" not in html


def test_refused_commands_say_why_and_post_of_them_changes_nothing(sign_in, read):
    world = make_world()
    application = submitted(world)
    item = first_item(application)
    html = read(world["decider"], f"/cases/{application.pk}/")
    assert "This is for: handlers." in html
    assert "It is waiting for a handler" in html
    assert act(sign_in(world["decider"]), application, "take", item=item).status_code == 403
    assert act(sign_in(world["decider"]), application, "approve", item=item).status_code == 409
    assert act(sign_in(world["outsider"]), application, "take", item=item).status_code == 404
    assert act(sign_in(world["handler"]), application, "nonsense").status_code == 404
    assert Item.objects.get().state == "pending"


def test_applicant_is_changed_to_a_member(sign_in):
    world = make_world()
    application = submitted(world)
    application.members.create(
        user=world["member"], state="joined", invited_at=timezone.now(), joined_at=timezone.now()
    )
    act(sign_in(world["handler"]), application, "change_applicant", applicant=world["member"].pk)
    assert Application.objects.get().applicant == world["member"]


def test_log_names_people_and_an_erased_one_no_more(read):
    world = make_world()
    application = submitted(world)
    Person.objects.filter(user=world["applicant"]).update(name="Ada Lake")
    address = f"/cases/{application.pk}/"
    assert "Ada Lake submitted round 1." in read(world["handler"], address)
    Person.objects.filter(user=world["applicant"]).update(name="", erased_at=timezone.now())
    assert "somebody who was erased submitted round 1." in read(world["handler"], address)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_case_is_shown_in_both_languages(sign_in, language):
    world = make_world(kind="vote")
    application = submitted(world)
    client = sign_in(world["decider"])
    html = client.get(f"/cases/{application.pk}/", headers={"accept-language": language}).content.decode()
    assert ("Vad som begärs" in html) is (language == "sv")
