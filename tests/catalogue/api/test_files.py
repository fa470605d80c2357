"""Files by the API: begun, sent, resumed, finished, given up, downloaded."""

import hashlib
import uuid

import pytest

from catalogue.domain.file_checking import FileProjector
from catalogue.domain.outbox import drain
from catalogue.models import Draft, StoredFile
from tests.factories import UserFactory
from tests.factories.files import DatasetFactory, DraftFactory, make_steward, send_parts, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]

PART = 8 * 2**20
LARGE = bytes(range(256)) * (PART * 2 // 256) + b"the end"


@pytest.fixture
def draft():
    return DraftFactory()


@pytest.fixture
def steward(api, draft):
    """The client, signed in as one who may edit the draft."""
    api.force_login(make_steward(draft))
    return api


def begin(client, to, status=201, **fields):
    body = {"draft": str(to.pk), "name": "lakes.bin", "size_bytes": len(LARGE), **fields}
    answer = client.post("/api/v1/files", body, format="json")
    assert answer.status_code == status, answer.content
    return answer.json()


def sign(client, file, numbers):
    answer = client.post(f"/api/v1/files/{file['id']}/parts", {"numbers": numbers}, format="json")
    assert answer.status_code == 200, answer.content
    return answer.json()["parts"]


def put(client, part, data=LARGE):
    piece = data[part["offset"] : part["offset"] + part["size_bytes"]]
    return client.generic("PUT", part["url"], piece, content_type="application/octet-stream").status_code


def test_file_goes_in_by_parts_and_out_by_a_link(steward, draft):
    file = begin(steward, draft)
    assert file["upload"] == {"part_size_bytes": PART, "part_count": 3, "received": []}
    assert [put(steward, part) for part in sign(steward, file, [3, 1, 2])] == [204, 204, 204]
    finished = steward.post(f"/api/v1/files/{file['id']}/complete", {}, format="json")
    assert (finished.status_code, finished.json()["state"]) == (202, "checking")
    drain(FileProjector())
    ready = steward.read(f"files/{file['id']}")
    assert (ready["state"], ready["upload"]) == ("ready", None)
    assert ready["sha256"] == hashlib.sha256(LARGE).hexdigest()
    answer = steward.get(f"/api/v1/files/{file['id']}/content")
    assert answer.status_code == 302
    assert b"".join(steward.get(answer.headers["Location"]).streaming_content) == LARGE


def test_interrupted_upload_tells_what_has_arrived(steward, draft):
    file = begin(steward, draft)
    put(steward, sign(steward, file, [2])[0])
    assert steward.read(f"files/{file['id']}")["upload"]["received"] == [2]
    early = steward.post(f"/api/v1/files/{file['id']}/complete", {}, format="json")
    assert early.status_code == 409
    assert "parts 1, 3 are missing" in early.json()["detail"]


def test_part_needs_no_account(steward, draft):
    file = begin(steward, draft)
    part = sign(steward, file, [3])[0]
    steward.logout()
    assert put(steward, part) == 204


def test_announced_sum_may_come_with_the_end(steward, draft):
    file = begin(steward, draft, name="a.csv", size_bytes=4)
    send_parts(StoredFile.objects.get(), b"a,b\n")
    steward.post(f"/api/v1/files/{file['id']}/complete", {"sha256": "0" * 64}, format="json")
    drain(FileProjector())
    refused = steward.read(f"files/{file['id']}")
    assert refused["state"] == "refused"
    assert "announced was 000" in refused["problem"]


def test_misnamed_file_is_told(steward, draft):
    file = take_in(draft, b"only words", "picture.png")
    said = steward.read(f"files/{file.pk}")
    assert (said["media_type"], said["is_misnamed"]) == ("text/plain", True)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"size_bytes": 0}, "size_bytes"),
        ({"size_bytes": 2**62}, "size_bytes"),
        ({"name": ""}, "name"),
        ({"sha256": "x"}, "sha256"),
        ({"draft": "x"}, "draft"),
    ],
)
def test_upload_that_cannot_be_names_the_field(steward, draft, fields, field):
    problem = begin(steward, draft, 422, **fields)
    assert [violation["field"] for violation in problem["violations"]] == [field]


def test_only_part_numbers_that_exist_are_signed(steward, draft):
    file = begin(steward, draft)
    for numbers in ([], [0], [4], list(range(1, 102))):
        answer = steward.post(f"/api/v1/files/{file['id']}/parts", {"numbers": numbers}, format="json")
        assert answer.status_code == 422, numbers


def test_upload_is_given_up(steward, draft):
    file = begin(steward, draft)
    assert steward.delete(f"/api/v1/files/{file['id']}").status_code == 204
    steward.read(f"files/{file['id']}", 404)
    drain(FileProjector())
    assert not StoredFile.objects.exists()


def test_published_file_stays(steward, draft):
    file = take_in(draft)
    StoredFile.objects.update(dataset=DatasetFactory(publisher=draft.publisher))
    assert steward.delete(f"/api/v1/files/{file.pk}").status_code == 409


def test_draft_in_review_takes_no_file(steward, draft):
    Draft.objects.update(state=Draft.State.IN_REVIEW)
    assert "review" in begin(steward, draft, 409)["detail"]


def test_strangers_may_not_know_of_files(api, draft):
    file = take_in(draft)
    paths = [f"files/{file.pk}", f"files/{file.pk}/content", f"files/{uuid.uuid4()}/content"]
    assert [api.get(f"/api/v1/{path}").status_code for path in paths] == [401, 404, 404]
    begin(api, draft, 401)
    api.force_login(UserFactory())
    begin(api, draft, 404)
    assert [api.get(f"/api/v1/{path}").status_code for path in paths] == [404, 404, 404]
    assert api.delete(f"/api/v1/files/{file.pk}").status_code == 404


def test_restricted_file_is_not_for_everybody(api, draft):
    file = take_in(draft)
    rights = "http://publications.europa.eu/resource/authority/access-right/RESTRICTED"
    StoredFile.objects.update(dataset=DatasetFactory(record={"access_rights": {"iri": rights}}), draft=None)
    answer = api.get(f"/api/v1/files/{file.pk}/content")
    assert answer.status_code == 403
    assert "how to ask" in answer.json()["detail"]
