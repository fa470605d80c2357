"""The API describes itself, and answers as it says."""

import warnings

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from catalogue.access.domain.attachments import attach_file
from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.submitting import submit_application
from catalogue.access.domain.tokens import make_handoff
from catalogue.access.models import CommitteeRole, Grant, Member, SiteRole
from catalogue.api.views import documentation
from catalogue.domain.bulk_change import read_change
from catalogue.domain.bulk_edit import start_change
from catalogue.domain.bulk_plan import make_plan
from catalogue.domain.curation import override_field
from catalogue.domain.minting import plan_search
from catalogue.domain.rules import draft_rule, save_rule
from catalogue.domain.saved_searches import save_search
from catalogue.models import Conflict, Dataset, Proposal, Run, User
from catalogue.search.engine import SearchQuery
from tests.factories.access import draft, first_item, make_world, snapshot_hash
from tests.factories.files import DraftFactory, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def description():
    """A description made now, with no warning."""
    documentation._kept.clear()
    GENERATOR_STATS.reset()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = documentation.build_description()
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache
    return made


def test_description_is_valid_openapi_3_1(description):
    assert description["openapi"].startswith("3.1")
    validate(description)


def test_description_names_every_problem_of_every_operation(description):
    for path in description["paths"].values():
        for operation in path.values():
            assert {"400", "429", "500"} <= set(operation["responses"])
            assert operation["summary"]
            for status, response in operation["responses"].items():
                assert response["description"] or status.startswith("2")
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("name", ["openapi.json", "openapi.yaml"])
def test_description_is_served(api, name):
    assert api.get(f"/api/v1/{name}").status_code == 200


def test_documentation_page_needs_nothing_inline_or_from_elsewhere(api, settings):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing is collected here
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    page = api.get("/api/v1/docs").content.decode()
    assert "https://" not in page
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=")


def make_desk_things(user):
    """Return what stands in the addresses of a rule, a previewed change and one that was made."""
    wish = {"field": "themes", "word": "lakes", "target_field": "themes", "target": "ENVI"}
    rule = save_rule(draft_rule(source=None, **wish), by=user)
    change = read_change("keywords", "add", value="lake", lang="en")
    plan = make_plan(SearchQuery(text="lakes"), "q=lakes", change, user)
    minting = plan_search(SearchQuery(text="lakes"), "q=lakes", user)
    return {
        "rule_id": rule.pk,
        "plan": plan.key,
        "change_id": start_change(plan, by=user).pk,
        "minting": minting.key,
    }


def make_access_things(user):
    """Return what stands in the addresses of access requests, and a hand-off's token; all of it is decided."""
    world = make_world()
    application = draft(world)
    attached = attach_file(application, "plan.txt", b"A plan.", by=world["applicant"])
    application.refresh_from_db()
    application = submit_application(application, by=world["applicant"], version=application.version)
    now = application.submitted_at
    CommitteeRole.objects.create(committee=world.committee, user=user, role="auditor", starts_at=now)
    SiteRole.objects.create(user=user, role="auditor", granted_at=now)
    item = take_item(first_item(application), by=world["handler"])
    approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(application))
    grant = Grant.objects.get()
    Member.objects.create(application=application, user=user, state=Member.State.JOINED, invited_at=now)
    things = {
        "attachment_id": attached.pk,
        "application_id": application.pk,
        "item_id": item.pk,
        "grant_id": grant.pk,
        "number": 1,
        "user": world["applicant"].username,
    }
    return things, world.committee.slug, make_handoff(grant, by=world["applicant"])[1]


def test_answers_are_as_described(operator, harvest, description):
    harvest(records={"a": "Lakes of Sweden", "b": "Lakes of Norway"})
    run = Run.objects.get()
    run.failures.create(remote_id="x", reason="no title")
    User.objects.update(is_superuser=True)  # who may read everything
    desk = make_desk_things(User.objects.get(pk=operator.session["_auth_user_id"]))
    dataset = Dataset.objects.first()
    things, committee, token = make_access_things(User.objects.get(pk=operator.session["_auth_user_id"]))
    slugs = {"publishers": dataset.publisher.slug, "sources": "lakes", "access": committee}
    file = take_in(DraftFactory(publisher=dataset.publisher))
    row = override_field(dataset, "issued", "2020", by=User.objects.first())
    conflict = Conflict.objects.create(override=row, dataset=dataset, theirs="2025", opened_at=row.made_at)
    proposal = Proposal.objects.create(
        dataset=dataset,
        program="theme",
        path="themes",
        value={"iri": "http://publications.europa.eu/resource/authority/data-theme/ENVI"},
        adds=True,
        confidence=0.8,
        evidence={"words": [{"field": "title[0].value", "start": 0, "end": 5, "text": "Lakes"}]},
        made_at=row.made_at,
    )
    saved = save_search(User.objects.get(pk=operator.session["_auth_user_id"]), "q=x")
    for path, operations in description["paths"].items():
        if "200" not in operations.get("get", {}).get("responses", {}):
            continue
        kind = path.split("/")[3] if path.count("/") > 2 else ""
        named = {
            "key": dataset.pk,
            "run_id": run.pk,
            "name": "gone",
            "file_id": file.pk,
            "path": "issued",
            "extension": "csv",
            "search_id": saved.pk,
        }
        named |= {"conflict_id": conflict.pk, "act_id": row.act_id, "draft_id": file.draft_id}
        named |= things
        named |= {"proposal_id": proposal.pk, "kind": "conflicts", "piece": conflict.pk, **desk}
        address = path.format(slug=slugs.get(kind, ""), **named)
        for query in (
            ("", "?q=lakes&limit=1", "?changed_since=2020-01-01") if path.endswith("v1/datasets") else ("",)
        ):
            bearer = {"Authorization": f"Bearer {token}"} if "/handoff/" in path else None
            answer = operator.get(address + query, headers=bearer)
            assert answer.status_code == 200, (address, answer.content)
            content = operations["get"]["responses"]["200"]["content"]
            if "application/json" not in content:  # files
                assert answer.headers["Content-Type"].partition(";")[0] in content
                continue
            schema = content["application/json"]["schema"]
            whole = {**schema, "components": description["components"]}
            errors = [
                f"{path}: {e.json_path}: {e.message}"
                for e in Draft202012Validator(whole).iter_errors(answer.json())
            ]
            assert not errors, errors


def test_problems_are_as_described(api, description):
    schema = {"$ref": "#/components/schemas/Problem", "components": description["components"]}
    Draft202012Validator(schema).validate(api.read("datasets?limti=2", status=400))
