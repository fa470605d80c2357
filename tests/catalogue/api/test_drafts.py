"""Own datasets by the API: written, reviewed, published, followed and withdrawn by programs."""

import uuid

import pytest

from catalogue.models import Dataset, Draft
from tests.catalogue.api.conftest import ApiClient
from tests.factories import StaffFactory, UserFactory
from tests.factories.own import make_publisher, make_steward, own_json, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]


@pytest.fixture
def publisher():
    return make_publisher()


@pytest.fixture
def anna(publisher):
    return make_steward(publisher, username="anna")


@pytest.fixture
def desk(anna):
    client = ApiClient()
    client.force_login(anna)
    return client


def begin(client, publisher, **fields):
    body = {"publisher": publisher.slug, "record": own_json(**fields)}
    answer = client.post("/api/v1/drafts", body, format="json")
    assert answer.status_code == 201, answer.content
    return answer


def address(draft, action=""):
    return f"/api/v1/drafts/{draft['id']}{action}"


def send(client, path, etag, body=None, method="post"):
    return getattr(client, method)(path, body, format="json", headers={"if-match": etag})


def test_a_dataset_is_written_and_published(desk, publisher):
    answer = begin(desk, publisher, contacts=None)
    draft = answer.json()
    assert answer.headers["Location"].endswith(address(draft))
    assert (draft["revision"], draft["state"], draft["updated_by"]) == (1, "open", "anna")
    problems = desk.read(address(draft, "/problems").removeprefix("/api/v1/"))
    assert [item["field"] for item in problems["stopping"]] == ["contacts"]
    refused = send(desk, address(draft, "/publish"), answer.headers["ETag"])
    assert refused.status_code == 422
    assert refused.json()["violations"][0]["field"] == "contacts"
    saved = send(desk, address(draft), answer.headers["ETag"], {"record": own_json()}, "put")
    assert saved.json()["revision"] == 2
    published = send(desk, address(draft, "/publish"), saved.headers["ETag"]).json()
    dataset = Dataset.objects.get()
    assert published["number"] == 1
    assert published["dataset"].endswith(f"/api/v1/datasets/{dataset.pk}")
    assert published["changed"] == [str(dataset.pk)]
    assert desk.read(f"datasets/{dataset.pk}")["record"]["title"] == own_json()["title"]
    assert desk.read(f"drafts/{draft['id']}")["state"] == "published"


def test_the_etag_is_the_revision_and_is_asked_back(desk, publisher):
    answer = begin(desk, publisher)
    draft = answer.json()
    assert desk.get(address(draft)).headers["ETag"] == answer.headers["ETag"] == '"1-open"'
    body = {"record": own_json("Other")}
    for etag in ("", "*", "1", 'W/"1-open"', '"abc"'):
        assert send(desk, address(draft), etag, body, "put").status_code == 428
    assert send(desk, address(draft), '"1"', body, "put").status_code == 200
    late = send(desk, address(draft), '"1-open"', {"record": own_json("Third")}, "put")
    assert late.status_code == 412
    assert late.json()["violations"][0]["field"] == "title"
    assert "anna" in late.json()["detail"]
    for action in ("submit", "publish"):
        assert send(desk, address(draft, f"/{action}"), '"1-open"').status_code == 412


def test_a_record_of_the_wrong_shape_is_refused_with_its_path(desk, publisher):
    for record, path in (
        ({"title": 5}, "title"),
        ([], "record"),
        ("x", "record"),
    ):
        body = {"publisher": publisher.slug, "record": record}
        answer = desk.post("/api/v1/drafts", body, format="json")
        assert answer.status_code == 422, record
        words = str(answer.json()["violations"])
        assert path in words
    wrong_values = {"title": [{"value": "x", "lang": "no language"}], "issued": "last year"}
    body = {"publisher": publisher.slug, "record": wrong_values}
    assert desk.post("/api/v1/drafts", body, format="json").status_code == 201


def test_review_by_another_person(anna):
    publisher = make_publisher("Health Office", needs_review=True)
    writer, reviewer = ApiClient(), ApiClient()
    writer.force_login(make_steward(publisher))
    reviewer.force_login(make_steward(publisher))
    answer = begin(writer, publisher)
    draft, etag = answer.json(), answer.headers["ETag"]
    assert send(writer, address(draft, "/publish"), etag).status_code == 403
    assert send(writer, address(draft, "/approve"), etag).status_code == 409
    etag = send(writer, address(draft, "/submit"), etag, {"note": "please"}).headers["ETag"]
    assert etag == '"1-in_review"'
    assert send(writer, address(draft), etag, {"record": {}}, "put").status_code == 409
    for action in ("approve", "return"):
        assert send(writer, address(draft, f"/{action}"), etag, {"note": "x"}).status_code == 403
    assert send(reviewer, address(draft, "/return"), etag, {"note": ""}).status_code == 422
    returned = send(reviewer, address(draft, "/return"), etag, {"note": "Name them."})
    assert (returned.json()["state"], returned.json()["note"]) == ("returned", "Name them.")
    etag = send(writer, address(draft, "/submit"), returned.headers["ETag"], {}).headers["ETag"]
    assert writer.post(address(draft, "/take-back")).json()["state"] == "open"
    send(writer, address(draft, "/submit"), etag, {})
    assert send(reviewer, address(draft, "/approve"), etag).json()["number"] == 1


def test_editions_are_corrected_followed_withdrawn_and_restored(desk, publisher, anna):
    dataset = publish(anna, publisher)
    path = f"/api/v1/datasets/{dataset.pk}"
    correction = desk.post(f"{path}/correction")
    assert correction.status_code == 201
    assert correction.json()["corrects"].endswith(path)
    following = desk.post(f"{path}/new-version")
    assert following.json()["follows"].endswith(path)
    second = send(desk, address(following.json(), "/publish"), following.headers["ETag"]).json()
    assert second["number"] == 2
    assert str(dataset.pk) in second["changed"]
    assert desk.post(f"{path}/withdraw", {"reason": ""}, format="json").status_code == 422
    gone = desk.post(f"{path}/withdraw", {"reason": "Wrong lake."}, format="json")
    assert gone.json()["withdrawn_at"]
    assert "Wrong lake." in desk.read(f"datasets/{dataset.pk}", status=410)["detail"]
    assert desk.post(f"{path}/withdraw", {"reason": "Again."}, format="json").status_code == 409
    assert desk.post(f"{path}/restore").json()["withdrawn_at"] is None
    desk.read(f"datasets/{dataset.pk}")


def test_drafts_are_listed_by_state_and_given_up(desk, publisher):
    first, second = begin(desk, publisher).json(), begin(desk, publisher).json()
    listed = desk.read("drafts?limit=1")
    assert listed["results"][0]["id"] == second["id"]
    assert "record" not in listed["results"][0]
    assert desk.delete(address(first)).status_code == 204
    assert [row["id"] for row in desk.read("drafts?state=open")["results"]] == [second["id"]]
    desk.read("drafts?state=nonsense", status=400)
    assert desk.delete(address(first)).status_code == 409


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (None, 401),
        (UserFactory, 403),
        (StaffFactory, 403),
        (lambda: make_steward(make_publisher("Other")), 404),
    ],
)
def test_others_may_neither_see_nor_do_anything(desk, publisher, anna, make, status):
    draft = begin(desk, publisher).json()
    dataset = publish(anna, publisher)
    client = ApiClient()
    if make:
        client.force_login(make())
    assert client.get(address(draft)).status_code == status
    assert client.get(address(draft, "/problems")).status_code == status
    assert send(client, address(draft), '"1"', {"record": {}}, "put").status_code == status
    assert client.delete(address(draft)).status_code == status
    for action in ("submit", "take-back", "return", "approve", "publish"):
        assert send(client, address(draft, f"/{action}"), '"1"', {"note": "x"}).status_code == status
    body = {"publisher": publisher.slug, "record": {}}
    refused = 403 if status == 404 else status
    assert client.post("/api/v1/drafts", body, format="json").status_code == refused
    for action in ("correction", "new-version", "withdraw", "restore"):
        answer = client.post(f"/api/v1/datasets/{dataset.pk}/{action}", {"reason": "x"}, format="json")
        assert answer.status_code == refused
    if status == 404:
        assert client.read("drafts")["results"] == []
    assert Draft.objects.filter(state="open").count() == 1


def test_what_is_not_there_is_not_found(desk, harvest):
    harvest(records={"a": "Lakes of Norway"})
    desk.read(f"drafts/{uuid.uuid4()}", status=404)
    harvested = Dataset.objects.get()
    assert desk.post(f"/api/v1/datasets/{harvested.pk}/restore").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_many_questions_however_long_it_is(
    desk, publisher, count, django_assert_max_num_queries
):
    for _ in range(count):
        begin(desk, publisher)
    with django_assert_max_num_queries(5):
        assert len(desk.read("drafts")["results"]) == count
