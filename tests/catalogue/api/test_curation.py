"""Fields, their history, conflicts and acts by the API."""

import pytest

from catalogue.models import Agent, Conflict, Dataset, Override, RoleGrant
from tests.catalogue.api.conftest import ApiClient
from tests.factories import SourceFactory, UserFactory, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def lakes(harvest):
    """A dataset and a function that harvests it again with other values."""
    source = SourceFactory(slug="lakes", title="Lake archive")

    def say(**fields):
        harvest(source, {"a": make_record("Lakes of Sweden", **fields)}, is_projected=False)
        return Dataset.objects.get()

    return say


def client_of(name, **grant):
    user = UserFactory(username=name)
    RoleGrant.objects.create(user=user, **grant)
    client = ApiClient()
    client.force_login(user)
    return client


@pytest.fixture
def steward(lakes):
    """A steward of the dataset's publisher."""
    lakes()
    return client_of("anna", role="steward", publisher=Agent.objects.get())


@pytest.fixture
def fields(steward):
    return f"/api/v1/datasets/{Dataset.objects.get().pk}/fields"


def put(client, address, status=200, **body):
    answer = client.put(
        address, body, format="json", **{k: body.pop(k) for k in list(body) if k.startswith("HTTP_")}
    )
    assert answer.status_code == status, answer.content
    return answer.json()


def test_fields_show_every_layer(steward, fields):
    body = steward.read(fields.removeprefix("/api/v1/"))
    title = body["fields"][0]
    assert (title["path"], title["importance"], title["property"]) == ("title", "mandatory", "dct:title")
    assert title["languages"][0]["said"] == [
        {"source": "lakes", "title": "Lake archive", "value": ["Lakes of Sweden"]}
    ]
    assert [part["part"] for part in body["parts"]] == ["dataset", "agent", "distribution"]
    licence = next(
        field
        for field in steward.follow(body["parts"][2]["url"])["fields"]
        if field["path"].endswith(".license")
    )
    assert licence["whole"]["layer"] == "source"
    assert steward.follow(licence["url"])["whole"] == licence["whole"]


def test_field_is_set_reverted_and_remembered(steward, fields):
    body = put(steward, f"{fields}/title", value="Sveriges sjöar", lang="sv", reason="official")
    swedish = next(item for item in body["languages"] if item["lang"] == "sv")
    assert (swedish["value"], swedish["who"], swedish["override"]["reason"]) == (
        ["Sveriges sjöar"],
        "anna",
        "official",
    )
    assert Dataset.objects.get().record["title"][1] == {"value": "Sveriges sjöar", "lang": "sv"}
    answer = steward.delete(f"{fields}/title?lang=sv&reason=wrong")
    assert [item["lang"] for item in answer.json()["languages"]] == ["en"]
    entries = steward.read(
        f"{fields.removeprefix('/api/v1/').removesuffix('fields')}history?path=title&lang=sv"
    )["entries"]
    assert [(entry["value"], entry["ended"], entry["ended_by"]) for entry in entries] == [
        (["Sveriges sjöar"], "reverted", "anna")
    ]


def test_wrong_value_names_the_field_and_the_fix(steward, fields):
    problem = put(steward, f"{fields}/temporal", 422, value=[{"start": "2020", "end": "2019"}])
    assert problem["violations"][0]["field"] == "temporal[0].end"
    assert put(steward, f"{fields}/titel", 422, value=1)["violations"]
    assert put(steward, f"{fields}/distributions[9].format", 422, value="CSV")["violations"]


def test_second_steward_is_told_what_changed(steward, fields):
    other = client_of("bo", role="chief")
    seen = other.get(f"{fields}/issued").json()["whole"]["digest"]
    put(steward, f"{fields}/issued", value="2020", seen=seen)
    problem = put(other, f"{fields}/issued", 409, value="2021", seen=seen)
    assert problem["type"].endswith("/field-changed")
    assert (problem["changed"]["who"], problem["changed"]["value"]) == ("anna", "2020")
    put(other, f"{fields}/issued", value="2021", seen=problem["changed"]["digest"])


def test_if_match_is_the_etag_of_the_field(steward, fields):
    etag = steward.get(f"{fields}/issued").headers["ETag"]
    put(steward, f"{fields}/issued", value="2020", HTTP_IF_MATCH=etag)
    problem = put(steward, f"{fields}/issued", 412, value="2021", HTTP_IF_MATCH=etag)
    assert problem["type"].endswith("/precondition-failed")
    assert steward.delete(f"{fields}/issued", HTTP_IF_MATCH=etag).status_code == 412
    assert steward.delete(f"{fields}/issued", HTTP_IF_MATCH="*").status_code == 200


def test_conflict_is_listed_decided_and_undone(steward, fields, lakes):
    put(steward, f"{fields}/issued", value="2020")
    lakes(issued="2025")
    conflict = steward.read("conflicts")["results"][0]
    assert (conflict["based_on"], conflict["mine"], conflict["theirs"]) == ("2024-05-01", "2020", "2025")
    decision = f"/api/v1/conflicts/{conflict['id']}/decision"
    assert steward.post(decision, {"choice": "guess"}, format="json").status_code == 422
    stale = steward.post(decision, {"choice": "take", "seen": "0" * 64}, format="json")
    assert stale.status_code == 409
    decided = steward.post(
        decision, {"choice": "take", "seen": conflict["theirs_digest"]}, format="json"
    ).json()
    assert decided["decision"] == "taken"
    assert Dataset.objects.get().record["issued"] == "2025"
    assert not steward.read("conflicts")["results"]
    assert steward.read("conflicts?state=closed")["results"]
    undone = steward.post(f"/api/v1/acts/{decided['act']}/undo").json()
    assert undone["undone_by"] == "anna"
    assert steward.post(f"/api/v1/acts/{decided['act']}/undo").status_code == 409
    assert Dataset.objects.get().record["issued"] == "2020"
    assert Conflict.objects.filter(closed_at=None).exists()


def test_who_does_not_curate_the_dataset_is_kept_out(steward, fields, api, lakes):
    put(steward, f"{fields}/issued", value="2020")
    lakes(issued="2025")
    conflict, act = Conflict.objects.get().pk, Override.objects.get().act_id
    stranger = client_of("carl", role="steward", source=SourceFactory(slug="elsewhere"))
    history = fields.replace("fields", "history?path=title")
    for address in (fields, f"{fields}/issued", history, f"/api/v1/acts/{act}"):
        assert api.get(address).status_code == 401
        assert stranger.get(address).status_code == 403
    assert stranger.put(f"{fields}/issued", {"value": "1999"}, format="json").status_code == 403
    assert stranger.delete(f"{fields}/issued").status_code == 403
    assert stranger.get("/api/v1/conflicts").json()["results"] == []
    assert (
        stranger.post(f"/api/v1/conflicts/{conflict}/decision", {"choice": "keep"}, format="json").status_code
        == 404
    )
    assert stranger.post(f"/api/v1/acts/{act}/undo").status_code == 403
    assert Dataset.objects.get().record["issued"] == "2020"


def test_number_of_queries_does_not_grow_with_the_fields(steward, fields, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        steward.get(fields)
