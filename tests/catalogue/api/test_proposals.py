"""Proposals by the API and by `manage.py propose`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalogue.domain.projection import drain_all
from catalogue.models import Act, Agent, Dataset, Outbox, Proposal, RoleGrant
from catalogue.records import Distribution
from tests.catalogue.api.conftest import ApiClient
from tests.factories import SourceFactory, StaffFactory, UserFactory, make_record

pytestmark = pytest.mark.django_db

FILE = Distribution(access_urls=("https://x.example/scans",), download_urls=("https://x.example/scans.csv",))


@pytest.fixture
def scans(harvest):
    """A dataset about which programs have something to propose."""
    source = SourceFactory(slug="scans", title="Scan archive")
    record = make_record(
        "Chest X-ray images of patients with tuberculosis", keywords=(), distributions=(FILE,)
    )
    harvest(source, {"a": record})
    return Dataset.objects.get()


def client_of(user=None, **grant):
    user = user or UserFactory()
    if grant:
        RoleGrant.objects.create(user=user, **grant)
    client = ApiClient()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def steward(scans):
    return client_of(UserFactory(username="anna"), role="steward", publisher=Agent.objects.get())


def post(client, address, status=200, **body):
    answer = client.post(f"/api/v1/{address}", body, format="json")
    assert answer.status_code == status, answer.content
    return answer.json()


def find(client, program):
    return client.read(f"proposals?program={program}")["results"][0]


def test_list_shows_value_evidence_confidence_and_measured_precision(steward, scans):
    body = find(steward, "disease")
    assert body["dataset"] == str(scans.pk)
    assert (body["path"], body["adds"], body["state"]) == ("subjects", True, "proposed")
    assert body["value"]["label"][0]["value"] == "tuberculosis"
    assert body["evidence"]["words"][0]["text"] == "tuberculosis"
    assert 0.5 <= body["confidence"] < 1
    assert 0.8 < body["measured"]["at_least"] < body["measured"]["share"] <= 1
    assert steward.follow(body["url"]) == body


def test_list_is_paged_the_surest_first_and_filtered(steward, scans):
    whole = steward.read("proposals?limit=100")["results"]
    confidences = [item["confidence"] for item in whole]
    assert confidences == sorted(confidences, reverse=True)
    page = steward.read("proposals?limit=2")
    seen = page["results"]
    while page["next"]:
        page = steward.follow(page["next"])
        seen = seen + page["results"]
    assert [item["id"] for item in seen] == [item["id"] for item in whole]
    assert {item["program"] for item in steward.read("proposals?program=theme")["results"]} == {"theme"}
    assert not steward.read("proposals?source=other")["results"]
    assert steward.read(f"proposals?dataset={scans.pk}&source=scans&limit=100")["results"] == whole
    assert not steward.read("proposals?above=0.99")["results"]


@pytest.mark.parametrize("query", ["above=2", "above=much", "dataset=7", "state=new", "program=guess"])
def test_wrong_parameter_is_told(steward, query):
    body = steward.read(f"proposals?{query}", status=400)
    assert body["violations"][0]["field"] == query.partition("=")[0]


def test_programs_are_counted_with_their_precision(steward, scans):
    results = {item["program"]: item for item in steward.read("proposals/programs?above=0.9")["results"]}
    assert results["disease"]["waiting"] == 1
    assert results["disease"]["above"] == 0.9
    assert results["disease"]["measured"]["made"] > results["licence"]["waiting"] == 0


def test_accepting_one_writes_it_into_the_record(steward, scans):
    row = find(steward, "disease")
    body = post(steward, f"proposals/{row['id']}/decision", decision="accept", reason="seen")
    assert (body["state"], body["decided_by"]) == ("accepted", "anna")
    scans.refresh_from_db()
    assert scans.record["subjects"][0]["iri"] == row["value"]["iri"]
    assert scans.provenance["subjects[0]"]["by"] == "anna"
    undone = post(steward, f"acts/{body['act']}/undo")
    assert undone["undone_by"] == "anna"
    scans.refresh_from_db()
    assert "subjects" not in scans.record


def test_refusing_several_is_one_act_and_a_second_decision_a_conflict(steward, scans):
    ids = [item["id"] for item in steward.read("proposals?program=keywords&limit=100")["results"]]
    act = post(steward, "proposals/decisions", decision="refuse", ids=ids, reason="too broad")
    assert (act["kind"], act["size"], act["reason"]) == ("refuse", 1, "too broad")
    assert {item["state"] for item in steward.read("proposals?state=refused&limit=100")["results"]} == {
        "refused"
    }
    post(steward, "proposals/decisions", status=409, decision="accept", ids=ids)


def test_accepting_all_above_a_confidence_is_one_act(steward, scans):
    act = post(steward, "proposals/accept-above", program="theme", above=0.7)
    assert (act["kind"], act["summary"], act["size"]) == ("accept", "theme ≥ 0.70", 1)
    scans.refresh_from_db()
    assert scans.record["themes"]
    post(steward, "proposals/accept-above", status=409, program="theme", above=0.7)
    post(steward, "proposals/accept-above", status=422, program="theme", above=7)


def test_accepted_value_reaches_search_and_export(steward, scans):
    post(steward, "proposals/accept-above", program="theme", above=0.7)
    drain_all()
    assert not Outbox.objects.exists()
    body = steward.read(f"datasets?theme={scans.__class__.objects.get().record['themes'][0]['iri']}")
    assert [item["id"] for item in body["results"]] == [str(scans.pk)]


@pytest.mark.parametrize(
    ("role", "status", "count"),
    [("anonymous", 401, 0), ("reader", 404, 0), ("operator", 404, 0), ("steward of another", 404, 0),
     ("steward of its publisher", 200, 1), ("steward of its source", 200, 1), ("chief", 200, 1)],
)  # fmt: skip
def test_only_who_curates_the_dataset_sees_and_decides(scans, role, status, count):
    client = {
        "anonymous": ApiClient,
        "reader": client_of,
        "operator": lambda: client_of(StaffFactory()),
        "steward of another": lambda: client_of(role="steward", source=SourceFactory()),
        "steward of its publisher": lambda: client_of(role="steward", publisher=Agent.objects.get()),
        "steward of its source": lambda: client_of(role="steward", source=scans.source_records.get().source),
        "chief": lambda: client_of(role="chief"),
    }[role]()
    row = Proposal.objects.get(program="disease")
    assert client.get(f"/api/v1/proposals/{row.pk}").status_code == status
    if status == 401:
        assert client.get("/api/v1/proposals").status_code == 401
        assert client.get("/api/v1/proposals/programs").status_code == 401
    else:
        assert len(client.read("proposals?program=disease")["results"]) == count
        counts = {item["program"]: item["waiting"] for item in client.read("proposals/programs")["results"]}
        assert counts["disease"] == count
    post(client, f"proposals/{row.pk}/decision", status=status, decision="accept")
    several = 401 if status == 401 else 409 if status == 200 else 404
    post(client, "proposals/decisions", status=several, decision="refuse", ids=[row.pk])
    theme = 401 if status == 401 else 200 if status == 200 else 409
    post(client, "proposals/accept-above", status=theme, program="theme", above=0.7)
    row.refresh_from_db()
    assert row.state == ("accepted" if count else "proposed")


def run(*arguments):
    out = StringIO()
    call_command("propose", *arguments, stdout=out)
    return out.getvalue()


def test_command_runs_lists_accepts_and_refuses(steward, scans):
    assert "0 datasets read" in run("run")
    Proposal.objects.exclude(program="lingua").delete()
    assert "1 datasets read, 0 failed" in run("run", "--all")
    listing = run("list", "--by", "anna")
    assert "disease\t1 wait\t1 from 0.70" in listing
    assert "% right on the sample" in listing
    number = Proposal.objects.get(program="disease").pk
    assert run("list", "--by", "anna", "--program", "disease").startswith(f"{number}\t")
    assert "refuse subjects: tuberculosis, 1 datasets" in run("refuse", str(number), "--by", "anna")
    assert "accept theme ≥ 0.70, 1 datasets" in run(
        "accept", "--by", "anna", "--program", "theme", "--above", "0.7"
    )
    keyword = Proposal.objects.filter(program="keywords", state="proposed").first()
    assert "accept keywords" in run("accept", str(keyword.pk), "--by", "anna")
    assert Act.objects.count() == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("accept", "--by", "anna"),
        ("accept", "--by", "anna", "--program", "theme"),
        ("refuse", "--by", "anna"),
        ("accept", "999999", "--by", "anna"),
        ("list", "--by", "nobody"),
        ("list", "--by", "reader"),
        ("accept", "1", "--by", "reader"),
    ],
)
def test_command_refuses_what_it_cannot_do(steward, arguments):
    UserFactory(username="reader")
    with pytest.raises(CommandError):
        run(*arguments)
    assert not Act.objects.exists()
