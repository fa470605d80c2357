"""What programs get: visas of rights that hold, tokens that read one thing, downloads by right, targets told."""

import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.grants import revoke_grant, suspend_grant
from catalogue.access.domain.keys import published_keys, rotate_keys
from catalogue.access.domain.tokens import make_handoff, make_service_token
from catalogue.access.models import (
    Application,
    EffectiveRight,
    Event,
    Grant,
    RevocationProof,
    ScopedToken,
    Target,
)
from catalogue.models import StoredFile
from tests.factories import StaffFactory
from tests.factories.access import first_item, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db
NON_PUBLIC = {"iri": "http://publications.europa.eu/resource/authority/access-right/RESTRICTED"}


@pytest.fixture(autouse=True)
def queue():
    """A queue that takes nudges and has no worker."""
    from catalogue.celery import app

    app.conf.update(broker_url="memory://", task_always_eager=False)


@pytest.fixture
def approved():
    world = make_world()
    application = submitted(world)
    take_item(first_item(application), by=world["handler"])
    approve_item(first_item(application), by=world["decider"], snapshot_sha256=snapshot_hash(application))
    return world, Grant.objects.get()


def signed_in(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def read_visas(answer):
    keys = KeySet.import_key_set(Client().get("/api/jwk").json())
    tokens = answer.json()["ga4gh_passport_v1"]
    return [jwt.decode(token, keys, algorithms=["RS256", "ES256"]).claims for token in tokens]


def test_visa_states_the_right_and_dies_within_the_hour(approved):
    world, grant = approved
    person = world["applicant"].person
    claims = read_visas(signed_in(world["applicant"]).get(f"/api/permissions/{person.pk}"))[0]
    visa = claims["ga4gh_visa_v1"]
    assert visa["type"] == "ControlledAccessGrants"
    assert visa["value"].endswith(f"/id/dataset/{world.datasets[0].pk}")
    assert visa["asserted"] == int(grant.granted_at.timestamp())
    assert claims["exp"] - claims["iat"] <= 3600
    assert claims["sub"] == str(person.pk)


def test_visa_follows_the_view_not_the_state(approved):
    world, grant = approved
    client, person = signed_in(world["applicant"]), world["applicant"].person
    Grant.objects.filter(pk=grant.pk).update(
        starts_at=timezone.now() - timezone.timedelta(days=2),
        ends_at=timezone.now() - timezone.timedelta(seconds=1),
    )
    assert Grant.objects.get().state == Grant.State.ACTIVE
    assert not EffectiveRight.objects.exists()
    assert client.get(f"/api/permissions/{person.pk}").json() == {"ga4gh_passport_v1": []}


def test_visas_of_others_are_not_known_of(approved):
    world, _grant = approved
    person = world["applicant"].person
    stranger = signed_in(world["outsider"])
    known, unknown = (stranger.get(f"/api/permissions/{name}") for name in (person.pk, "nobody-of-that-name"))
    assert known.status_code == unknown.status_code == 404
    assert known.json()["detail"] == unknown.json()["detail"]
    assert Client().get(f"/api/permissions/{person.pk}").status_code == 401


def test_service_asks_with_a_token_that_is_kept_as_a_hash(approved):
    world, _grant = approved
    token, secret = make_service_token("broker", by=StaffFactory())
    assert secret not in json.dumps(list(ScopedToken.objects.values()), default=str)
    answer = Client().get(
        f"/api/permissions/{world['applicant'].username}", headers={"Authorization": f"Bearer {secret}"}
    )
    assert len(read_visas(answer)) == 1
    wrong = Client().get("/api/permissions/x", headers={"Authorization": "Bearer mbt_wrong"})
    assert wrong.status_code == 403
    ScopedToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    late = Client().get("/api/permissions/x", headers={"Authorization": f"Bearer {secret}"})
    assert (late.status_code, late.json()["detail"]) == (403, wrong.json()["detail"])


def test_rotation_keeps_what_is_alive_readable_and_publishes_the_next_key(approved):
    world, _grant = approved
    answer = signed_in(world["applicant"]).get(f"/api/permissions/{world['applicant'].username}")
    before = {key["kid"] for key in published_keys()["keys"]}
    rotate_keys()
    after = {key["kid"] for key in published_keys()["keys"]}
    assert before < after
    assert len(read_visas(answer)) == 1
    rotate_keys(now=timezone.now() + timezone.timedelta(hours=3))
    later = {key["kid"] for key in published_keys(now=timezone.now() + timezone.timedelta(hours=6))["keys"]}
    assert not before <= later


@pytest.fixture
def hosted(approved, fresh_stores, settings):
    """A restricted file of the dataset, and the grant to it."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    world, grant = approved
    dataset = world.datasets[0]
    dataset.record = {**dataset.record, "access_rights": NON_PUBLIC}
    dataset.save(update_fields=["record"])
    file = StoredFile.objects.create(
        dataset=dataset, name="lakes.csv", size_bytes=5, sha256="a" * 64, object_key="lakes",
        media_type="text/csv", state=StoredFile.State.READY, created_at=timezone.now(),
    )  # fmt: skip
    return world, grant, file


def test_download_follows_the_right_and_is_logged(hosted):
    world, grant, file = hosted
    client = signed_in(world["applicant"])
    assert client.get(f"/files/{file.pk}").status_code == 302
    assert Event.objects.filter(type="downloaded", body__file=str(file.pk)).count() == 1
    assert signed_in(world["outsider"]).get(f"/files/{file.pk}").status_code == 403
    revoke_grant(grant, by=world["handler"], revocation="administrative", reason="Ended.")
    assert client.get(f"/files/{file.pk}").status_code == 403
    assert client.get(f"/api/v1/files/{file.pk}/content").status_code == 403


def test_handoff_reads_its_manifest_and_files_and_nothing_else(hosted):
    world, grant, file = hosted
    token, secret = make_handoff(grant, by=world["applicant"], label="cluster")
    assert token.expires_at <= grant.ends_at
    bearer = {"Authorization": f"Bearer {secret}"}
    answer = Client().get("/api/v1/access/handoff/manifest", headers=bearer)
    keys = KeySet.import_key_set(Client().get("/api/jwk").json())
    manifest = json.loads(jws.deserialize_compact(answer.content, keys, algorithms=["ES256"]).payload)
    assert [(row["name"], row["sha256"]) for row in manifest["files"]] == [("lakes.csv", "a" * 64)]
    assert manifest["terms"][0]["sha256"] == grant.item.terms.get().sha256
    assert Client().get(f"/api/v1/access/handoff/files/{file.pk}", headers=bearer).status_code == 302
    other = StoredFile.objects.create(name="x", size_bytes=1, object_key="x", created_at=timezone.now())
    assert Client().get(f"/api/v1/access/handoff/files/{other.pk}", headers=bearer).status_code == 404
    for path in ("/api/v1/access/grants", "/api/v1/access/applications", "/api/permissions/x"):
        assert Client().get(path, headers=bearer).status_code in {401, 403}
    suspend_grant(grant, by=world["handler"], reason="A question.")
    assert Client().get("/api/v1/access/handoff/manifest", headers=bearer).status_code == 403
    assert Client().get(f"/api/v1/access/handoff/files/{file.pk}", headers=bearer).status_code == 403


def test_folder_target_is_told_compared_and_proves_a_revocation(approved, tmp_path, capsys):
    world, grant = approved
    call_command("access", "target", "Cluster", "folder", str(tmp_path / "rights"))
    person, dataset = str(world["applicant"].person.pk), str(world.datasets[0].pk)
    path = tmp_path / "rights" / f"{dataset}.json"
    assert [row["person"] for row in json.loads(path.read_text())["rights"]] == [person]
    path.write_text(json.dumps({"dataset": dataset, "rights": []}))
    with pytest.raises(SystemExit):
        call_command("access", "reconcile")
    assert [row["person"] for row in json.loads(path.read_text())["rights"]] == [person]
    revoke_grant(grant, by=world["handler"], revocation="administrative", reason="Ended.")
    call_command("access", "target", "Cluster", "folder", str(tmp_path / "rights"))
    assert json.loads(path.read_text())["rights"] == []
    proof = RevocationProof.objects.get(grant=grant, target=Target.objects.get())
    assert proof.ended_at <= proof.told_at <= proof.confirmed_at


def test_target_by_plain_http_elsewhere_is_refused():
    from django.core.management import CommandError

    with pytest.raises(CommandError, match="https"):
        call_command("access", "target", "Far", "http", "http://far.example/rights")


def test_right_that_holds_again_has_no_end_to_prove(approved, tmp_path):
    from catalogue.access.domain.grants import reinstate_grant

    world, grant = approved
    call_command("access", "target", "Cluster", "folder", str(tmp_path / "rights"))
    suspend_grant(grant, by=world["handler"], reason="A question.")
    assert RevocationProof.objects.filter(
        grant=grant, target__isnull=False, confirmed_at__isnull=True
    ).exists()
    reinstate_grant(grant, by=world["handler"])
    assert not RevocationProof.objects.filter(grant=grant, confirmed_at__isnull=True).exists()


def test_subject_of_several_people_is_not_known_to_strangers_either(approved):
    from catalogue.access.domain.people import person_of
    from catalogue.access.models import ExternalIdentity

    world, _grant = approved
    now = timezone.now()
    for name in ("applicant", "member"):
        ExternalIdentity.objects.create(
            person=person_of(world[name]), provider=name, subject="twin", first_seen_at=now, seen_at=now
        )
    assert signed_in(world["outsider"]).get("/api/permissions/twin").status_code == 404


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("api-application-change-applicant", "username"),
        ("api-application-declare-conflict", "about"),
        ("api-item-invite-reviewer", "username"),
    ],
)
def test_naming_somebody_tells_nobody_whether_there_is_such_an_account(name, field):
    world = make_world()
    item = first_item(submitted(world))
    take_item(item, by=world["handler"])
    key = item.pk if "item" in name else item.application_id
    address = reverse(name, args=[key])

    def ask(who, username):
        headers = {"If-Match": f'"{Application.objects.get().version}"'}
        sent = {field: username}
        answer = signed_in(world[who]).post(address, sent, content_type="application/json", headers=headers)
        return answer.status_code, answer.content.replace(username.encode(), b"NAME")

    stranger = world["outsider"].username
    for who in ("handler", "applicant", "auditor"):
        assert ask(who, stranger) == ask(who, "nobody-at-all")
    assert ask("handler", stranger)[0] == 422
