"""The desk by API: queues and decisions, rules, changes of many, roles."""

import pytest

from catalogue.domain.curation import override_field
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.models import Act, Assignment, Conflict, Dataset, MappingRule, RoleGrant
from catalogue.records import Term
from tests.catalogue.api.conftest import BASE, ApiClient
from tests.factories import SourceFactory, UserFactory, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_broker():
    """Nudges go nowhere: a worker is not part of these tests."""
    from catalogue.celery import app

    app.conf.update(broker_url="memory://", task_always_eager=False)


@pytest.fixture
def chief():
    """A client signed in as a chief steward."""
    user = UserFactory(username="chief")
    RoleGrant.objects.create(user=user, role="chief")
    client = ApiClient()
    client.force_login(user)
    client.user = user
    return client


def send(client, method, path, body=None, status=200):
    answer = getattr(client, method)(f"/api/v1/{path}", body, format="json")
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


@pytest.fixture
def disputed(harvest, chief):
    """Three datasets whose date a steward wrote and whose source then changed it."""
    records = {key: f"Lake {key}" for key in "abc"}
    harvest(records=records)
    for dataset in Dataset.objects.all():
        override_field(dataset, "issued", "1999", by=chief.user)
    source = Dataset.objects.first().source_records.get().source
    harvest(source, {key: make_record(title, issued="2020-02-02") for key, title in records.items()})
    return list(Conflict.objects.order_by("opened_at", "pk"))


def test_desk_leads_to_queues_and_pieces(chief, disputed):
    piles = {pile["kind"]: pile for pile in chief.read("desk")["results"]}
    assert piles["conflicts"]["waiting"] == 3
    first = chief.follow(f"{piles['conflicts']['url']}?limit=2")
    assert len(first["results"]) == 2
    rest = chief.follow(first["next"])
    assert len(rest["results"]) == 1
    assert rest["next"] is None
    assert chief.follow(rest["previous"])["results"] == first["results"]
    piece = chief.follow(first["results"][0]["url"])
    assert [side["value"] for side in piece["sides"]] == ["1999", "2020-02-02", "2024-05-01"]
    assert [one["name"] for one in piece["decisions"]] == ["keep", "take", "merge"]
    assert piece["path"] == "issued"


def test_decision_closes_a_piece_and_an_old_view_of_it_is_refused(chief, disputed):
    first, second, _third = disputed
    assert send(chief, "post", f"desk/conflicts/{first.pk}", {"decision": "take"}) == {"waiting": 2}
    send(chief, "post", f"desk/conflicts/{first.pk}", {"decision": "take"}, 404)
    send(chief, "post", f"desk/conflicts/{second.pk}", {"decision": "take", "seen": "0" * 64}, 409)
    send(chief, "post", f"desk/conflicts/{second.pk}", {"decision": "burn"}, 422)
    send(chief, "post", f"desk/conflicts/{second.pk}", {"decision": "merge", "value": "2010"})
    second.dataset.refresh_from_db()
    assert second.dataset.record["issued"] == "2010"


def test_piece_is_taken_let_go_and_commented_on(chief, disputed):
    key = disputed[0].pk
    send(chief, "put", f"desk/conflicts/{key}/assignment", {"to": "chief"})
    assert chief.read("desk/conflicts?whose=me")["results"][0]["assignee"] == "chief"
    send(chief, "delete", f"desk/conflicts/{key}/assignment", status=204)
    assert not Assignment.objects.exists()
    send(chief, "post", f"desk/conflicts/{key}/comments", {"text": "Asked them."}, 201)
    assert chief.read(f"desk/conflicts/{key}")["comments"][0]["text"] == "Asked them."


def test_queue_is_narrowed_and_wrong_parameters_are_told(chief, disputed):
    assert len(chief.read("desk/conflicts?source=lakes")["results"]) == 3
    assert chief.read("desk/conflicts?source=elsewhere")["results"] == []
    chief.read("desk/conflicts?whose=theirs", 400)
    chief.read("desk/nothing", 404)


RULE = {"source": "lakes", "field": "themes", "word": "Vatten", "target_field": "themes", "target": "ENVI"}


def test_rule_is_tried_saved_changed_and_closed(chief, harvest):
    harvest(records={"a": make_record("A", themes=(Term(raw="vatten"),)), "b": "B"})
    assert chief.read("mapping-rules/words?source=lakes&field=themes")["results"] == [
        {"word": "vatten", "records": 1}
    ]
    trial = send(chief, "post", "mapping-rules/trial", RULE)
    assert trial["total"] == 1
    assert trial["results"][0]["after"][0]["iri"].endswith("ENVI")
    assert not MappingRule.objects.exists()
    rule = send(chief, "post", "mapping-rules", RULE, 201)
    assert rule["records"] == 1
    assert chief.follow(rule["url"])["word"] == "vatten"
    send(chief, "post", "mapping-rules", RULE, 409)
    changed = send(chief, "put", f"mapping-rules/{rule['id']}", {**RULE, "target": None}, 201)
    chief.follow(rule["url"], 404)
    assert [item["id"] for item in chief.read("mapping-rules")["results"]] == [changed["id"]]
    send(chief, "delete", f"mapping-rules/{changed['id']}", status=204)
    assert chief.read("mapping-rules")["results"] == []


def test_rule_that_cannot_be_names_what_is_wrong(chief):
    SourceFactory(slug="lakes")
    problem = send(chief, "post", "mapping-rules", {**RULE, "target": "nonsense"}, 422)
    assert problem["violations"][0]["field"] == "target"
    send(chief, "post", "mapping-rules", {**RULE, "source": "nowhere"}, 404)


CHANGE = {"query": "q=lake", "field": "themes", "operation": "add", "value": "ENVI"}


def test_change_of_many_is_previewed_applied_and_undone(chief, harvest):
    harvest(records={"a": "Lake A", "b": "Lake B", "c": "Forest"})
    plan = send(chief, "post", "bulk", CHANGE, 201)
    assert plan["counts"] == {"changes": 2}
    rows = chief.follow(f"{plan['url']}?verdict=changes&limit=1")
    assert rows["results"][0]["edits"][0]["path"] == "themes"
    assert len(chief.follow(rows["next"])["results"]) == 1
    done = send(chief, "post", f"bulk/{plan['key']}/apply", {"reason": "nature"}, 202)
    assert (done["changed"], done["skipped"], done["waiting"]) == (2, 0, 0)
    assert chief.follow(done["url"])["changed"] == 2
    send(chief, "post", f"acts/{done['act']}/undo")
    assert chief.follow(done["url"])["undone_at"]
    assert not any(row.record.get("themes") for row in Dataset.objects.all())


def test_change_of_many_that_cannot_be_is_told(chief, harvest):
    harvest(records={"a": "Lake A"})
    send(chief, "post", "bulk", {**CHANGE, "value": "nonsense"}, 422)
    send(chief, "post", "bulk", {**CHANGE, "query": "q=volcano"}, 422)
    send(chief, "post", f"bulk/{'0' * 64}/apply", {}, 404)
    assert not Act.objects.exists()


def test_roles_are_granted_listed_and_revoked(chief):
    SourceFactory(slug="lakes")
    UserFactory(username="anna")
    role = send(chief, "post", "roles", {"username": "anna", "role": "steward", "source": "lakes"}, 201)
    assert (role["source"], role["granted_by"]) == ("lakes", "chief")
    assert {item["username"] for item in chief.read("roles")["results"]} == {"anna", "chief"}
    send(chief, "delete", f"roles/{role['id']}", status=204)
    send(chief, "delete", f"roles/{role['id']}", status=404)
    send(chief, "post", "roles", {"username": "anna", "role": "steward"}, 422)


def test_settled_rule_shows_in_the_dataset(chief, harvest):
    harvest(records={"a": make_record("A", themes=(Term(raw="vatten"),))})
    rule = send(chief, "post", "mapping-rules", RULE, 201)
    for kind in ("rule", "resolve"):
        drain(PROJECTORS[kind])
    dataset = Dataset.objects.get()
    assert dataset.provenance["themes"]["rule"] == rule["id"]
    assert rule["url"].startswith(BASE)
