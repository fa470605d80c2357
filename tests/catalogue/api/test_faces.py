"""What holds for every address: problems, validators, methods, CORS, rates."""

import pytest
from django.core.cache import cache

from catalogue.models import Dataset
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_problem_has_the_fields_of_the_rfc_and_a_type_that_can_be_read(api, db):
    answer = api.get("/api/v1/datasets/nothing")
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 404
    assert problem["instance"] == "/api/v1/datasets/nothing"
    assert api.follow(problem["type"])["title"] == problem["title"]
    assert {kind["status"] for kind in api.read("problems")["results"]} >= {400, 401, 403, 404, 410, 429, 500}


@pytest.mark.parametrize("path", ["", "v1/", "v2/datasets", "v1/datasets/", "v1/nothing/here"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_unknown_address_is_a_problem(api, db, path, method):
    answer = getattr(api, method)(f"/api/{path}")
    assert answer.status_code in {404, 405}
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_unknown_parameter_is_named_with_the_nearest_known(api, db):
    problem = api.read("datasets?publsher=x&limit=5", status=400)
    (violation,) = problem["violations"]
    assert violation["field"] == "publsher"
    assert "Did you mean publisher?" in violation["message"]


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("datasets", "GET, HEAD, OPTIONS"),
        ("sources", "GET, POST, HEAD, OPTIONS"),
        ("sources/x", "GET, PATCH, HEAD, OPTIONS"),
        ("publishers/x", "GET, HEAD, OPTIONS"),
    ],
)
def test_method_that_is_not_there_is_refused_with_those_that_are(operator, path, allow):
    answer = operator.delete(f"/api/v1/{path}")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allow
    assert answer.json()["type"].endswith("/method-not-allowed")


def test_media_type_that_is_not_there_is_refused(api, db):
    answer = api.get("/api/v1/datasets", headers={"accept": "image/png"})
    assert answer.status_code == 406
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("media_type", "body", "status"),
    [
        ("text/plain", "x", 415),
        ("application/x-www-form-urlencoded", "a=b", 415),
        ("application/json", "{", 400),
        ("application/json", b"\xff\xfe", 400),
        ("application/json", "[]", 422),
        ("application/json", '"text"', 422),
        ("application/json", "", 422),
    ],
)
def test_body_that_cannot_be_used_is_a_problem(operator, media_type, body, status):
    answer = operator.post("/api/v1/sources", body, content_type=media_type)
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_error_of_ours_tells_nothing_of_the_inside(api, harvest, monkeypatch, caplog):
    def fail(_request):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("catalogue.api.views.datasets.answer", fail)
    api.raise_request_exception = False
    answer = api.get("/api/v1/datasets")
    assert answer.status_code == 500
    assert answer.json()["type"].endswith("/internal-error")
    assert "hunter2" not in answer.content.decode()
    assert "hunter2" in caplog.text


@pytest.mark.parametrize(
    "path",
    ["datasets", "datasets?q=lakes", "datasets/{}", "datasets/{}?format=turtle", "publishers", "sources"],
)
def test_answer_that_the_client_has_is_not_sent_again(api, harvest, path):
    harvest(records={"a": "Lakes"})
    path = f"/api/v1/{path.format(Dataset.objects.get().pk)}"
    first = api.get(path)
    assert not first.headers["ETag"].startswith("W/")
    again = api.get(path, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert api.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    if modified := first.headers.get("Last-Modified"):
        assert api.get(path, headers={"if-modified-since": modified}).status_code == 304


def test_change_of_a_dataset_changes_its_etag(api, harvest):
    harvest(records={"a": "Lakes"}, is_projected=False)
    path = f"/api/v1/datasets/{Dataset.objects.get().pk}"
    before = api.get(path).headers["ETag"]
    from catalogue.models import Source

    harvest(Source.objects.get(), {"a": "Lakes and rivers"}, is_projected=False)
    assert api.get(path, headers={"if-none-match": before}).status_code == 200


def test_head_has_the_headers_of_get_and_no_body(api, harvest):
    harvest(records={"a": "Lakes"}, is_projected=False)
    got, head = api.get("/api/v1/datasets"), api.head("/api/v1/datasets")
    assert head.content == b""
    for name in ("ETag", "Last-Modified", "Content-Type", "Cache-Control"):
        assert head.headers[name] == got.headers[name]


def test_anonymous_answers_may_be_kept_and_read_by_other_sites(api, operator, db):
    answer = api.get("/api/v1/datasets")
    assert answer.headers["Cache-Control"].startswith("public")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    mine = operator.get("/api/v1/datasets")
    assert mine.headers["Cache-Control"].startswith("private")
    assert "Access-Control-Allow-Origin" not in mine.headers


def test_options_answers_a_browsers_question(api, db):
    answer = api.options("/api/v1/datasets", headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 204
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("setting", "path"), [("API_THROTTLE_ANON", "publishers"), ("API_THROTTLE_SEARCH", "datasets?q=a")]
)
def test_too_many_requests_are_told_how_long_to_wait(api, harvest, settings, setting, path):
    harvest(records={"a": "A"})
    setattr(settings, setting, "2/min")
    for _ in range(2):
        api.read(path)
    answer = api.get(f"/api/v1/{path}")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_rate_is_by_the_address_that_trusted_proxies_tell(api, db, settings):
    from rest_framework.settings import api_settings

    settings.API_THROTTLE_ANON = "1/min"
    api.read("publishers")
    forged = api.get("/api/v1/publishers", headers={"x-forwarded-for": "203.0.113.9"})
    assert api_settings.NUM_PROXIES == settings.TRUSTED_PROXIES == 0
    assert forged.status_code == 429


def test_password_signs_in_and_wrong_ones_are_slowed_down(api, db):
    import base64

    person = StaffFactory(username="anna")
    person.set_password("a long pass phrase")
    person.save()

    def ask(password, **extra):
        words = base64.b64encode(f"anna:{password}".encode()).decode()
        return api.get("/api/v1/runs/1", headers={"authorization": f"Basic {words}"}, **extra)

    assert ask("a long pass phrase").status_code == 404
    assert ask("a long pass phrase", REMOTE_ADDR="203.0.113.9").status_code == 401
    answer = ask("wrong")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    codes = [ask("wrong").status_code for _ in range(11)]
    assert codes[-1] == 429
    assert ask("a long pass phrase").status_code == 429
    cache.clear()
    assert ask("a long pass phrase").status_code == 404


def test_session_without_csrf_token_may_not_write(db):
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    client.login_user = StaffFactory()
    client.force_login(client.login_user)
    answer = client.post("/api/v1/sources", {}, format="json")
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_runs_are_for_operators(api, db, method):
    assert getattr(api, method)("/api/v1/sources/x/runs").status_code == 401
    client = type(api)()
    client.force_login(UserFactory())
    answer = getattr(client, method)("/api/v1/sources/x/runs")
    assert answer.status_code == 403
    assert "staff role" in answer.json()["detail"]
