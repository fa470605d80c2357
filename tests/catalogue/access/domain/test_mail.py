"""Mail of access requests, as it arrives at a real server."""

import ast
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from catalogue.access.domain import mail
from catalogue.access.domain.applications import save_application
from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.grants import revoke_grant, suspend_grant
from catalogue.access.domain.handling import return_application
from catalogue.access.domain.invitations import accept_invitation, invite_member, invite_reviewer_by_mail
from catalogue.access.domain.mail import DigestProjector, MailProjector, ask_for_digests, digest_due_at
from catalogue.access.domain.mail_words import WORDS
from catalogue.access.domain.notices import notify
from catalogue.access.domain.people import describe_self, person_of
from catalogue.access.models import Grant, MailMessage
from catalogue.domain.outbox import drain
from catalogue.models import Outbox, User
from tests.factories.access import draft, first_item, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[4]
# Where `notify` is given a kind that the caller chose, and which these are.
CHOSEN = {
    "notify_committee": (), "_mail": (),
    "_move": ("suspended", "reinstated", "revoked", "relinquished"),
    "_decide": ("approved", "rejected"),
    "_write_opinion": ("reviewed", "voted"),
}  # fmt: skip


def world_with_addresses(**options):
    world = make_world(**options)
    for name, user in world.people.items():
        User.objects.filter(pk=user.pk).update(email=f"{name}@example.org", last_name=f"Surname-{name}")
    return world


def deliver():
    drain(MailProjector())


def texts_to(smtp, name):
    return [
        (str(message["Subject"]).strip(), message.get_content())
        for message in smtp.messages
        if message["To"] == f"{name}@example.org"
    ]


def kinds_in_code():
    """Yield (kind, function) of each call that leaves mail; kind "" where it is chosen at run time."""
    for path in (ROOT / "catalogue/access").rglob("*.py"):
        tree = ast.parse(path.read_text())
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                name = getattr(getattr(call, "func", None), "id", "")
                place = {"notify": 1, "notify_committee": 2, "_mail": 1}.get(name)
                if place is None or len(call.args) <= place:
                    continue
                kind = call.args[place]
                said = [kind.body, kind.orelse] if isinstance(kind, ast.IfExp) else [kind]
                for one in said:
                    yield (one.value if isinstance(one, ast.Constant) else ""), function.name


def test_every_kind_that_is_sent_has_words_and_no_other():
    found = list(kinds_in_code())
    assert {function for kind, function in found if not kind} <= set(CHOSEN)
    kinds = {kind for kind, _ in found if kind} | {kind for kinds in CHOSEN.values() for kind in kinds}
    assert kinds == set(WORDS)


def test_all_words_are_there_in_swedish_with_the_same_gaps():
    with (ROOT / "locale/sv/LC_MESSAGES/django.po").open("rb") as file:
        swedish = {message.id: message.string for message in read_po(file) if isinstance(message.id, str)}
    for kind, words in WORDS.items():
        for lazy in (words.subject, words.happened, words.next_step):
            english = str(lazy)
            assert swedish.get(english), (kind, english)
            gaps = re.compile(r"%\([a-z]+\)s")
            assert sorted(gaps.findall(swedish[english])) == sorted(gaps.findall(english)), kind


def test_a_request_tells_its_people_in_their_language_and_names_nobody(smtp):
    world = world_with_addresses()
    describe_self(world["applicant"], language="sv")
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    deliver()
    told = texts_to(smtp, "applicant")
    assert [subject for subject, _text in told] == [
        f"[Mimisbrunn] {application.number}: din ansökan är inskickad",
        f"[Mimisbrunn] {application.number}: Lake committee data 1 handläggs",
    ]
    assert "senast" in told[1][1]
    assert f"/requests/{application.pk}/" in told[1][1]
    ((subject, text),) = texts_to(smtp, "decider")
    assert subject.endswith("Lake committee data 1 waits for a decision")
    assert f"/cases/{application.pk}/" in text
    for message in smtp.messages:
        assert "Surname" not in message.as_string()
    assert MailMessage.objects.filter(state="sent", sent_at__isnull=False).exclude(message_id="").exists()
    # Somebody took it up before the others were told of it: nothing is left to say of "a new request".
    assert texts_to(smtp, "handler") == []
    assert MailMessage.objects.get(user=world["handler"], kind="new_request").state == "dropped"
    assert item.handler == world["handler"]


def test_what_was_sent_is_not_sent_again(smtp):
    world = world_with_addresses()
    submitted(world)
    deliver()
    before = len(smtp.messages)
    assert before
    for row in MailMessage.objects.all():
        MailProjector().project([str(row.pk)])
    ask_for_digests(now=timezone.now() + timedelta(days=9))
    deliver()
    drain(DigestProjector())
    assert len(smtp.messages) == before


def test_death_between_the_servers_yes_and_our_note_repeats_the_same_message_id(smtp, monkeypatch):
    world = world_with_addresses()
    submitted(world)
    real = mail.send

    def send_and_die(message):
        real(message)
        raise SystemExit

    monkeypatch.setattr(mail, "send", send_and_die)
    row = MailMessage.objects.get(kind="submitted")
    with pytest.raises(SystemExit):
        MailProjector().project([str(row.pk)])
    monkeypatch.undo()
    MailProjector().project([str(row.pk)])
    first, second = (message["Message-ID"] for message in smtp.messages)
    assert first == second
    assert first.endswith("@example.org>")


def test_a_busy_server_gets_it_later_and_a_lasting_no_is_given_up_after_days(smtp):
    world = world_with_addresses()
    submitted(world)
    smtp.answer = "451 Later"
    deliver()
    row = MailMessage.objects.get(kind="submitted")
    waiting = Outbox.objects.get(kind="mail", key=str(row.pk))
    assert row.state == "waiting"
    assert waiting.attempts == 1
    assert "@" not in waiting.error
    smtp.answer = "554 No"
    Outbox.objects.update(next_attempt_at=timezone.now())
    deliver()
    row.refresh_from_db()
    assert row.state == "waiting"
    MailMessage.objects.update(created_at=timezone.now() - timedelta(days=4))
    Outbox.objects.update(next_attempt_at=timezone.now())
    deliver()
    row.refresh_from_db()
    assert row.state == "dropped"
    assert not Outbox.objects.filter(kind="mail").exists()
    assert smtp.messages == []


def test_a_digest_is_one_letter_and_what_is_urgent_does_not_wait(smtp):
    world = world_with_addresses()
    describe_self(world["applicant"], digest="daily")
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(application))
    deliver()
    assert texts_to(smtp, "applicant") == []
    suspend_grant(Grant.objects.get(), by=world["handler"], reason="A question about Surname-decider.")
    deliver()
    (urgent,) = texts_to(smtp, "applicant")
    assert "suspended" in urgent[0]
    assert "Surname" not in urgent[1]
    assert ask_for_digests() == 0 or timezone.localtime().hour == 7
    tomorrow = timezone.now() + timedelta(days=1, hours=1)
    assert ask_for_digests(now=tomorrow) == 1
    assert ask_for_digests(now=tomorrow) == 0, "it is asked for already"
    MailMessage.objects.update(created_at=timezone.now() - timedelta(days=2))
    drain(DigestProjector())
    (_urgent, digest) = texts_to(smtp, "applicant")
    assert digest[0] == f"[Mimisbrunn] {application.number}: 3 messages"
    assert "is submitted" not in digest[0]
    assert digest[1].count(f"Request {application.number}") == 3
    assert not MailMessage.objects.filter(user=world["applicant"], state="waiting").exists()
    assert person_of(world["applicant"]).digest_sent_at


@pytest.mark.parametrize(
    ("digest", "now", "due"),
    [
        ("daily", "2026-03-04T08:00+01:00", "2026-03-04T07:00+01:00"),
        ("daily", "2026-03-04T06:59+01:00", "2026-03-03T07:00+01:00"),
        ("weekly", "2026-03-04T08:00+01:00", "2026-03-02T07:00+01:00"),
        ("weekly", "2026-03-02T06:00+01:00", "2026-02-23T07:00+01:00"),
        ("daily", "2026-03-29T08:00+02:00", "2026-03-29T07:00+02:00"),
    ],
)
def test_digests_go_at_seven_and_weekly_ones_on_mondays(digest, now, due):
    from datetime import datetime

    world = make_world()
    person = describe_self(world["applicant"], digest=digest)
    assert digest_due_at(person, datetime.fromisoformat(now)) == datetime.fromisoformat(due)


def test_nobody_is_told_of_what_they_may_no_longer_see(smtp):
    world = world_with_addresses()
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    world.committee.roles.filter(user=world["decider"]).delete()
    notify([world["decider"]], "commented", now=timezone.now(), application=application, item=item)
    notify([world["outsider"]], "commented", now=timezone.now(), application=application, item=item)
    User.objects.filter(pk=world["decider2"].pk).update(is_active=False)
    deliver()
    assert not {"decider", "decider2", "outsider"} & {
        str(message["To"]).split("@")[0] for message in smtp.messages
    }
    assert MailMessage.objects.get(user=world["outsider"]).state == "dropped"


def test_a_question_that_was_answered_before_the_mail_went_is_not_mailed(smtp):
    from catalogue.access.domain.submitting import submit_application

    world = world_with_addresses()
    application = submitted(world)
    take_item(first_item(application), by=world["handler"])
    return_application(application, by=world["handler"], reason="Which lakes?")
    application.refresh_from_db()
    answers = {"shared": {"purpose": "Vänern."}}
    save_application(application, by=world["applicant"], version=application.version, answers=answers)
    application.refresh_from_db()
    submit_application(application, by=world["applicant"], version=application.version)
    deliver()
    assert not [subject for subject, _text in texts_to(smtp, "applicant") if "question" in subject]


def test_an_invitation_is_in_both_languages_and_stops_with_the_invitation(smtp):
    world = world_with_addresses()
    application = draft(world)
    invite_member(application, "new@example.org", by=world["applicant"])
    deliver()
    ((subject, text),) = texts_to(smtp, "new")
    assert application.number in subject
    assert "invites you to join" in text
    assert "bjuder in dig" in text
    assert "Surname" not in text
    application.refresh_from_db()
    code = invite_member(application, "late@example.org", by=world["applicant"])[1]
    accept_invitation(by=world["member"], code=code)
    deliver()
    assert texts_to(smtp, "late") == []


def test_no_code_is_in_the_database_the_mail_or_the_log(smtp, caplog):
    caplog.set_level("DEBUG")
    world = world_with_addresses()
    application = draft(world)
    codes = [invite_member(application, "new@example.org", by=world["applicant"])[1]]
    from catalogue.access.domain.submitting import submit_application

    application.refresh_from_db()
    application = submit_application(application, by=world["applicant"], version=application.version)
    item = take_item(first_item(application), by=world["handler"])
    codes.append(invite_reviewer_by_mail(item, "rev@example.org", by=world["handler"])[1])
    accept_invitation(by=world["member"], code=codes[0])
    approve_item(first_item(application), by=world["decider"], snapshot_sha256=snapshot_hash(application))
    revoke_grant(Grant.objects.first(), by=world["handler"], revocation="administrative", reason="Over.")
    deliver()
    smtp.answer = "554 No"
    notify([world["applicant"]], "commented", now=timezone.now(), application=application)
    deliver()
    everything = io.StringIO()
    labels = [
        config.label for config in apps.get_app_configs() if config.label not in {"contenttypes", "auth"}
    ]
    call_command("dumpdata", *labels, stdout=everything)
    mails = "".join(message.as_string() for message in smtp.messages)
    assert len(smtp.messages) > 5
    assert "new@example.org" in everything.getvalue()
    for code in codes:
        assert len(code) > 20
        assert code not in everything.getvalue()
        assert code not in mails
        assert code not in caplog.text
    assert "@example.org" not in "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("catalogue")
    )


def test_handlers_hear_that_somebody_joined_and_not_that_it_was_submitted_again(smtp):
    world = world_with_addresses()
    application = submitted(world)
    deliver()
    smtp.messages.clear()
    code = invite_member(application, "bo@example.org", by=world["applicant"])[1]
    accept_invitation(by=world["member"], code=code)
    deliver()
    ((subject, text),) = texts_to(smtp, "handler")
    assert "somebody joined" in subject
    assert "A new round began" in text
    assert "submitted again" not in text
