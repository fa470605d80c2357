"""Erasing somebody: nothing personal is left in any table, and what was decided can still be proved."""

import io
import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalogue import stores
from catalogue.access.domain.applications import save_application, start_application
from catalogue.access.domain.conflicts import add_comment
from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.erasing import erase_person, explain_erasure
from catalogue.access.domain.held import export_person
from catalogue.access.domain.invitations import accept_invitation, invite_member
from catalogue.access.domain.logs import check_logs
from catalogue.access.domain.mail import MailProjector
from catalogue.access.domain.people import describe_self, person_of
from catalogue.access.domain.retention import AttachmentBytesProjector, apply_retention
from catalogue.access.domain.submitting import submit_application
from catalogue.access.models import (
    Application,
    Attachment,
    BasketItem,
    EffectiveRight,
    ExternalIdentity,
    FormVersion,
    Grant,
    Invitation,
    Item,
    MailMessage,
    Member,
    Person,
    PersonalAnswer,
    SavedIntent,
    Snapshot,
)
from catalogue.domain.outbox import drain
from catalogue.errors import Conflict, NotFound, NotPermitted
from catalogue.integrations.file_store import write_file
from catalogue.models import SavedSearch, User
from tests.factories.access import (
    SCHEMA,
    draft,
    first_item,
    make_dataset,
    make_world,
    snapshot_hash,
    submitted,
)

pytestmark = pytest.mark.django_db

SHA = "ab" * 32
SENTINELS = (
    "Sentinelsson", "sentinel@example.org", "Sentinel.Other@Example.org", "0000-0002-1825-0097",
    "Sentinel University", "sentinel-subject", "Sentinel answer", "Sentinel comment", "sentinel-cv.pdf",
    "sentinel-user", "sentinel search",
)  # fmt: skip


@pytest.fixture
def files(tmp_path, settings):
    settings.FILES_DIR = tmp_path / "files"
    stores.file_store.cache_clear()
    yield stores.file_store()
    stores.file_store.cache_clear()


def fill(world):
    """Make the applicant somebody, with one of everything; return what they were approved for."""
    user = world["applicant"]
    user.username, user.email, user.first_name, user.last_name = (
        "sentinel-user", "sentinel@example.org", "Anna", "Sentinelsson",
    )  # fmt: skip
    user.set_password("sentinel-password")
    user.save()
    describe_self(user, name="Anna Sentinelsson", organisation="Sentinel University", country="SE")
    person = person_of(user)
    Person.objects.filter(pk=person.pk).update(orcid="0000-0002-1825-0097", affiliation="Sentinel University")
    now = timezone.now()
    claims = {"email": "Sentinel.Other@Example.org", "email_verified": True, "name": "Anna Sentinelsson"}
    ExternalIdentity.objects.create(
        person=person,
        provider="home",
        subject="sentinel-subject",
        claims=claims,
        first_seen_at=now,
        seen_at=now,
    )
    EmailAddress.objects.create(user=user, email="sentinel@example.org", verified=True, primary=True)
    SocialAccount.objects.create(user=user, provider="home", uid="sentinel-subject", extra_data=claims)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "sentinel-secret"})
    SavedIntent.objects.create(user=user, intent={"organisation": "Sentinel University"}, saved_at=now)
    SavedSearch.objects.create(owner=user, name="sentinel search", query="q=x")
    BasketItem.objects.create(user=user, dataset=make_dataset("Basket"), added_at=now)
    LogEntry.objects.create(
        user=world["chief"], content_type=ContentType.objects.get_for_model(User), object_id=user.pk,
        object_repr="sentinel-user", action_flag=ADDITION,
    )  # fmt: skip
    ask_for_personal_words(world)
    answers = {"shared": {"purpose": "To find out.", "about": "Sentinel answer"}, "datasets": {}}
    application = draft(world)
    application = save_application(application, by=user, version=application.version, answers=answers)
    Attachment.objects.create(
        application=application, owner=user, name="sentinel-cv.pdf", sha256=SHA, size_bytes=3,
        media_type="application/pdf", scan="clean", added_at=now,
    )  # fmt: skip
    write_file(stores.file_store(), SHA[:32], [b"cv."], 3)
    invite_member(application, "sentinel@example.org", by=user)
    application.refresh_from_db()
    application = submit_application(application, by=user, version=application.version)
    Application.objects.filter(pk=application.pk).update(intent={"organisation": "Sentinel University"})
    assert "commitment" in Snapshot.objects.get().canonical_json
    item = take_item(first_item(application), by=world["handler"])
    add_comment(application, by=user, text="Sentinel comment", is_public=True)
    approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(application))
    start_application([make_dataset_for(world, "Later")], by=user, title="Sentinel answer in a draft")
    Client().force_login(user)
    return application


def ask_for_personal_words(world):
    schema = {**SCHEMA, "properties": {**SCHEMA["properties"], "about": {"type": "string", "maxLength": 500}}}
    words = {"en": "Words", "sv": "Ord"}
    ui = {
        "title": words,
        "sections": [{"id": "all", "title": words, "questions": ["purpose", "about"]}],
        "questions": {"purpose": {"label": words}, "about": {"label": words, "personal": True}},
    }
    FormVersion.objects.create(
        form=world.form, number=2, schema=schema, ui=ui, sha256="e" * 64, published_at=timezone.now()
    )


def make_dataset_for(world, title):
    from catalogue.access.models import AccessRoute

    dataset = make_dataset(title)
    AccessRoute.objects.create(
        dataset=dataset, kind="request", workflow=world.workflow, form=world.form, changed_at=timezone.now()
    )
    return dataset


def find_in_database(words):
    """Return the (table, column, word) that any row of the database holds."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    text = str(value).casefold()
                    found |= {(table, column, word) for word in words if word.casefold() in text}
    return found


def test_nothing_personal_is_left_in_any_table_and_the_log_still_holds(smtp, files):
    world = make_world()
    application = fill(world)
    drain(MailProjector())
    user = world["applicant"]
    before = find_in_database(SENTINELS)
    assert {word for _table, _column, word in before} == set(SENTINELS), "the test looks for what is there"
    assert EffectiveRight.objects.filter(user=user).exists()
    head = application.events.order_by("-seq").first().hash

    done = erase_person(user, by=user)
    drain(AttachmentBytesProjector())

    assert find_in_database(SENTINELS) == set()
    assert done.rights_ended == 1
    assert done.drafts_deleted == 1
    user = world["applicant"]
    assert user.username.startswith("erased-")
    assert not user.is_active
    assert not user.has_usable_password()
    assert not EffectiveRight.objects.filter(user=user).exists()
    assert Grant.objects.get(user=user).state == Grant.State.RELINQUISHED
    assert check_logs().is_clean
    assert application.events.filter(hash=head).exists()
    assert application.events.order_by("seq").last().type == "erased"
    assert not files_in(files)
    assert Attachment.objects.get().sha256 == SHA
    assert person_of(user).pk == Person.objects.get(erased_at__isnull=False).pk
    erase_person(user, by=None)
    assert check_logs().is_clean


def files_in(store):
    """Return the sizes of the one file's bytes, none where they are gone."""
    try:
        return [store.size(SHA[:32])]
    except NotFound:
        return []


def test_bytes_that_another_request_has_stay(files):
    world = make_world()
    fill(world)
    other = draft(make_world(name="Sea committee"))
    Attachment.objects.create(
        application=other, owner=other.applicant, name="same.pdf", sha256=SHA, size_bytes=3,
        media_type="application/pdf", scan="clean", added_at=timezone.now(),
    )  # fmt: skip
    erase_person(world["applicant"], by=None)
    drain(AttachmentBytesProjector())
    assert files_in(files) == [3]


def test_an_open_request_is_in_the_way_and_named():
    world = make_world()
    application = submitted(world)
    with pytest.raises(Conflict) as refused:
        erase_person(world["applicant"], by=world["applicant"])
    assert application.number in str(refused.value)
    assert world["applicant"].is_active


def test_the_only_handler_stays_until_there_is_another():
    world = make_world()
    (reason,) = explain_erasure(world["handler"])
    assert "Lake committee" in reason
    assert explain_erasure(world["decider"]) == ()
    world["outsider"].committee_roles.create(
        committee=world.committee, role="handler", starts_at=timezone.now() - timedelta(days=1)
    )
    application = submitted(world)
    item = take_item(first_item(application), by=world["handler"])
    erase_person(world["handler"], by=None)
    item = Item.objects.get(pk=item.pk)
    assert item.handler is None
    assert MailMessage.objects.filter(user=world["outsider"], kind="rerouted").exists()
    assert not world["handler"].committee_roles.filter(ends_at__isnull=True).exists()
    approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(application))
    assert check_logs().is_clean


def test_nobody_erases_somebody_else():
    world = make_world()
    with pytest.raises(NotPermitted):
        erase_person(world["applicant"], by=world["chief"])


def test_a_member_leaves_and_the_request_goes_on():
    world = make_world()
    application = draft(world)
    code = invite_member(application, "sentinel@example.org", by=world["applicant"])[1]
    accept_invitation(by=world["member"], code=code)
    application.refresh_from_db()
    submit_application(application, by=world["applicant"], version=application.version)
    erase_person(world["member"], by=world["member"])
    assert find_in_database(["sentinel@example.org"]) == set()
    assert Member.objects.get().state == Member.State.REMOVED
    assert check_logs().is_clean
    application.refresh_from_db()
    assert application.state == Application.State.SUBMITTED


def test_the_export_tells_everything_that_is_in_the_tables(files):
    world = make_world()
    fill(world)
    held = export_person(world["applicant"])
    text = json.dumps(held)
    for word in SENTINELS:
        assert word.casefold() in text.casefold(), word
    assert held["requests"][0]["datasets"][0]["decision"]["outcome"] == "approved"
    assert held["rights"][0]["state"] == "active"
    assert held["invitations_sent"][0]["kind"] == "member"
    assert {event["type"] for event in held["events"]} >= {"created", "submitted"}
    assert held["elsewhere"] == {
        "account.emailaddress.user": 1, "mfa.authenticator.user": 1, "socialaccount.socialaccount.user": 1,
    }  # fmt: skip
    assert "password" not in held["account"]
    names = [user.username for role, user in world.people.items() if role != "applicant"]
    assert not [name for name in names if name in text]
    assert export_person(world["handler"])["roles"]["committees"][0]["role"] == "handler"


def test_the_command_says_what_is_in_the_way_and_erases_only_with_yes():
    world = make_world()
    name = world["outsider"].username
    for extra, words in (([], "Add --yes"), (["--yes"], "erased: person")):
        out = io.StringIO()
        call_command("access_person", "erase", name, *extra, stdout=out)
        assert words in out.getvalue()
    assert not world["outsider"].is_active
    with pytest.raises(CommandError, match="no account"):
        call_command("access_person", "export", name)
    with pytest.raises(CommandError, match="only handler"):
        call_command("access_person", "erase", world["handler"].username, "--yes")
    out = io.StringIO()
    call_command("access_person", "export", world["handler"].username, stdout=out)
    assert json.loads(out.getvalue())["format"] == "mimisbrunn-person-1"


def test_retention_removes_what_is_over_its_time_and_nothing_else(files, settings):
    world = make_world()
    application = fill(world)
    now = timezone.now()
    assert apply_retention(now=now) == apply_retention(now=now)
    assert Application.objects.count() == 2
    invited = Invitation.objects.exclude(email="").count()
    assert invited == 1
    later = now + timedelta(days=settings.ACCESS_KEEP_MAIL_DAYS + 10)
    MailMessage.objects.update(state="sent")
    removed = apply_retention(now=later)
    assert removed.messages > 0
    assert removed.addresses == 2
    assert removed.drafts == 0
    removed = apply_retention(now=now + timedelta(days=settings.ACCESS_KEEP_DRAFT_DAYS + 1))
    assert removed.drafts == 1
    assert PersonalAnswer.objects.count() == 1
    long_after = now + timedelta(days=366 * settings.ACCESS_KEEP_CLOSED_YEARS)
    assert apply_retention(now=long_after).applications == 0, "a right of it still lasts in the tables"
    Grant.objects.update(state=Grant.State.EXPIRED)
    assert apply_retention(now=long_after).applications == 1
    assert apply_retention(now=long_after).applications == 0
    drain(AttachmentBytesProjector())
    assert find_in_database(["Sentinel answer", "sentinel-cv.pdf"]) == set()
    assert not files_in(files)
    assert check_logs().broken == []
    assert application.events.order_by("seq").last().type == "erased"
