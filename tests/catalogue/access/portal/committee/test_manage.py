"""What managers keep: forms with their versions, terms, workflows, people, routes; and what is over all committees."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue.access.domain.form_editing import FormMoved, publish_form, save_form, start_form
from catalogue.access.domain.grants import block_person
from catalogue.access.domain.routes import set_route
from catalogue.access.forms.editing import QuestionDraft, put_question
from catalogue.access.forms.schema import find_form_problems
from catalogue.access.models import (
    AccessRoute,
    Committee,
    CommitteeRole,
    Form,
    FormVersion,
    SiteRole,
    Workflow,
)
from catalogue.access.models.guards import drop_triggers, make_guards
from catalogue.errors import InvalidRecord, NotPermitted
from catalogue.models import RoleGrant
from tests.factories import UserFactory
from tests.factories.access import make_dataset, make_world, submitted
from tests.factories.files import PublisherFactory

from .test_grants import granted

pytestmark = pytest.mark.django_db

QUESTION = {
    "name": "where", "kind": "choice", "section": "section_1", "label_sv": "Var?", "label_en": "Where?",
    "choices": "here | Här | Here\nthere | Där | There", "is_required": "on",
}  # fmt: skip


def base(world):
    return f"/committees/{world.committee.slug}"


def begin(world, client):
    client.post(f"{base(world)}/forms/", {"name": "Lakes"})
    form = Form.objects.get(name="Lakes")
    return form, f"{base(world)}/forms/{form.pk}/"


def test_form_is_begun_filled_and_published_by_its_manager(sign_in, read):
    world = make_world()
    client = sign_in(world["manager"])
    form, address = begin(world, client)
    client.post(address, {**QUESTION, "do": "question:", "revision": 1})
    form.refresh_from_db()
    assert form.draft["schema"]["properties"]["where"]["enum"] == ["here", "there"]
    assert not find_form_problems(form.draft["schema"], form.draft["ui"])
    html = read(world["manager"], address)
    assert "Where?" in html
    assert "Here" in html
    client.post(address, {"do": "publish", "revision": form.revision})
    version = FormVersion.objects.get(form=form)
    assert (version.number, version.schema) == (1, form.draft["schema"])
    assert "Published as it stands" in read(world["manager"], address)
    client.post(address, {"do": "up:where", "revision": form.revision})
    assert "Changed since it was published" in read(world["manager"], address)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [("up:where", ["where", "aim"]), ("down:aim", ["where", "aim"]), ("remove:where", ["aim"])],
)
def test_questions_are_moved_and_taken_out(sign_in, deed, expected):
    world = make_world()
    client = sign_in(world["manager"])
    form, address = begin(world, client)
    client.post(address, {**QUESTION, "do": "question:", "revision": 1})
    client.post(address, {"do": deed, "revision": 2})
    form.refresh_from_db()
    assert form.draft["ui"]["sections"][0]["questions"] == expected


def test_change_keeps_what_the_editor_does_not_show():
    draft = put_question(
        {"schema": {}, "ui": {"title": {"sv": "x", "en": "x"}}}, QuestionDraft("age", kind="integer")
    )
    draft["schema"]["properties"]["age"]["minimum"] = 18
    draft["ui"]["questions"]["age"]["widget"] = "number"
    changed = put_question(draft, QuestionDraft("age", kind="integer", label={"en": "How old?"}))
    assert changed["schema"]["properties"]["age"]["minimum"] == 18
    assert changed["ui"]["questions"]["age"]["widget"] == "number"
    assert changed["ui"]["questions"]["age"]["label"] == {"sv": "How old?", "en": "How old?"}


@pytest.mark.parametrize(
    "extra",
    [
        {"kind": "choices"},
        {"kind": "group", "parts": "name | Namn | Name\nrole | Roll | Role"},
        {"kind": "file"},
        {"kind": "agree"},
        {"kind": "textarea", "is_per_dataset": "on", "is_private": "on"},
        {"kind": "text", "is_personal": "on"},
        {"kind": "text", "if_question": "aim", "if_test": "answered"},
    ],
)
def test_every_kind_of_question_can_be_published_and_read_back(sign_in, read, extra):
    world = make_world()
    client = sign_in(world["manager"])
    form, address = begin(world, client)
    said = {**QUESTION, "is_required": "", **extra}
    assert client.post(address, {**said, "do": "question:", "revision": 1}).status_code == 302
    form.refresh_from_db()
    assert not find_form_problems(form.draft["schema"], form.draft["ui"])
    read(world["manager"], f"{address}?question=where")
    before = form.draft
    assert client.post(address, {**said, "do": "question:where", "revision": 2}).status_code == 302
    form.refresh_from_db()
    assert form.draft == before


def test_two_editors_do_not_overwrite_each_other(sign_in, read):
    world = make_world()
    client = sign_in(world["manager"])
    form, address = begin(world, client)
    client.post(address, {**QUESTION, "do": "question:", "revision": 1})
    answer = client.post(address, {"do": "remove:aim", "revision": 1}, follow=True)
    assert "Somebody else saved the form" in answer.content.decode()
    form.refresh_from_db()
    assert "aim" in form.draft["schema"]["properties"]
    with pytest.raises(FormMoved):
        save_form(form, form.draft, by=world["manager"], revision=1)


def test_raw_json_is_saved_though_wrong_and_cannot_be_published(sign_in, read):
    world = make_world()
    client = sign_in(world["manager"])
    form, address = begin(world, client)
    assert client.post(address, {"do": "json", "draft": "{", "revision": 1}).status_code == 422
    wrong = {"schema": {"type": "object", "properties": {"x": {"type": "wish"}}}, "ui": {}}
    client.post(address, {"do": "json", "draft": json.dumps(wrong), "revision": 1})
    form.refresh_from_db()
    assert form.draft == wrong
    assert "It cannot be published as it is" in read(world["manager"], address)
    with pytest.raises(InvalidRecord):
        publish_form(form, by=world["manager"], revision=form.revision)
    assert not form.versions.exists()


def test_preview_while_typing_saves_nothing(sign_in):
    world = make_world()
    client = sign_in(world["manager"])
    form, address = begin(world, client)
    answer = client.post(address, {**QUESTION, "do": "question:", "revision": 1, "look": "1"})
    assert "Where?" in answer.content.decode()
    assert "not saved yet" in answer.content.decode()
    form.refresh_from_db()
    assert form.revision == 1


def test_published_twice_without_a_change_is_one_version():
    world = make_world()
    form = start_form(world.committee, "Lakes", by=world["manager"])
    first = publish_form(form, by=world["manager"], revision=1)
    assert publish_form(form, by=world["manager"], revision=1) == first


def test_terms_get_versions_in_both_languages(sign_in, read):
    world = make_world()
    client = sign_in(world["manager"])
    assert client.post(f"{base(world)}/terms/", {"name": "Usual"}).status_code == 422
    client.post(f"{base(world)}/terms/", {"name": "Usual", "sv": "Var snäll.", "en": "Be kind always."})
    assert world.terms.versions.count() == 2
    html = read(world["auditor"], f"{base(world)}/terms/")
    assert "Var snäll." in html
    assert "Be kind to" in html
    assert "Publish the version" not in html


def test_workflow_is_made_and_changed_by_its_name(sign_in, read):
    world = make_world()
    client = sign_in(world["manager"])
    said = {
        "name": "Usual",
        "kind": "vote",
        "votes_needed": 3,
        "deadline_days": 14,
        "max_grant_days": 100,
        "max_stale_days": 30,
    }
    client.post(f"{base(world)}/workflows/", said)
    workflow = Workflow.objects.get()
    assert (workflow.kind, workflow.votes_needed, workflow.deadline_days) == ("vote", 3, 14)
    assert 'value="14"' in read(world["manager"], f"{base(world)}/workflows/?workflow=Usual")
    assert client.post(f"{base(world)}/workflows/", {**said, "deadline_days": 0}).status_code == 422
    assert sign_in(world["handler"]).post(f"{base(world)}/workflows/", said).status_code == 403


def test_people_come_for_a_time_stand_in_and_go(sign_in, read):
    world = make_world()
    client = sign_in(world["manager"])
    UserFactory(username="eva")
    said = {"username": "eva", "role": "handler", "delegate": world["handler"].username}
    assert client.post(f"{base(world)}/people/", said).status_code == 422
    end = (timezone.localdate() + timedelta(days=9)).isoformat()
    client.post(f"{base(world)}/people/", {**said, "ends": end})
    role = CommitteeRole.objects.get(user__username="eva")
    assert timezone.localdate(role.ends_at).isoformat() == end
    assert "stands in for" in read(world["auditor"], f"{base(world)}/people/")
    client.post(f"{base(world)}/people/{role.pk}/end/")
    role.refresh_from_db()
    assert role.ends_at <= timezone.now()
    assert (
        "no account of this name"
        in client.post(f"{base(world)}/people/", {**said, "username": "nobody"}).content.decode()
    )


def give(world, dataset):
    """Give a dataset to the committee, as whoever speaks for it does."""
    return set_route(
        dataset,
        by=world["chief"],
        kind="request",
        workflow=world.workflow,
        form=world.form,
        terms=[world.terms],
    )


def steward_of(dataset):
    """Return the steward of a publisher that has the dataset."""
    dataset.publisher = PublisherFactory()
    dataset.save(update_fields=["publisher"])
    steward = UserFactory(username="steward")
    RoleGrant.objects.create(user=steward, role="steward", publisher=dataset.publisher)
    return steward


def test_manager_cannot_claim_a_dataset_that_nobody_gave(sign_in):
    world = make_world()
    dataset = make_dataset("Rivers")
    steward_of(dataset)
    client = sign_in(world["manager"])
    said = {"kind": "request", "workflow": world.workflow.pk, "form": world.form.pk}
    assert client.post(f"{base(world)}/datasets/{dataset.slug}/", said).status_code == 403
    named = client.post(f"{base(world)}/datasets/", {"dataset": dataset.slug})
    assert "The steward of its publisher gives it" in named.content.decode()
    for kind in ("request", "none"):
        with pytest.raises(NotPermitted):
            set_route(dataset, by=world["manager"], kind=kind, workflow=world.workflow, form=world.form)
    assert not AccessRoute.objects.filter(dataset=dataset).exists()


def test_steward_of_the_publisher_gives_a_dataset_and_moves_it(sign_in, read):
    world, other = make_world(), make_world(name="Forest committee")
    dataset = make_dataset("Rivers")
    steward = steward_of(dataset)
    assert f'href="/datasets/{dataset.slug}/committee/"' in read(steward, f"/datasets/{dataset.slug}/")
    chosen = f"{base(world)}/datasets/{dataset.slug}/"
    assert chosen in read(steward, f"/datasets/{dataset.slug}/committee/")
    said = {"kind": "request", "workflow": world.workflow.pk, "form": world.form.pk}
    assert sign_in(steward).post(chosen, said).status_code == 302
    assert sign_in(world["manager"]).post(chosen, said).status_code == 302
    moved = {"kind": "request", "workflow": other.workflow.pk, "form": other.form.pk}
    elsewhere = f"{base(other)}/datasets/{dataset.slug}/"
    assert sign_in(other["manager"]).post(elsewhere, moved).status_code == 403
    assert sign_in(steward).post(elsewhere, moved).status_code == 302
    assert sign_in(world["manager"]).post(chosen, said).status_code == 403
    assert AccessRoute.objects.get(dataset=dataset).workflow == other.workflow


def test_committee_that_has_a_dataset_may_give_it_back():
    world = make_world()
    route = set_route(world.datasets[0], by=world["manager"], kind="none")
    assert route.workflow is None
    again = {"kind": "request", "workflow": world.workflow, "form": world.form}
    with pytest.raises(NotPermitted):
        set_route(world.datasets[0], by=world["manager"], **again)


def test_steward_of_another_publisher_gives_nothing(sign_in):
    world = make_world()
    steward = steward_of(make_dataset("Rivers"))
    lakes = world.datasets[0]
    assert sign_in(steward).get(f"/datasets/{lakes.slug}/committee/").status_code == 403
    with pytest.raises(NotPermitted):
        set_route(lakes, by=steward, kind="none")


def test_route_with_conditions_is_set_and_shown_again(sign_in, read):
    world = make_world()
    dataset = make_dataset("Rivers")
    give(world, dataset)
    client = sign_in(world["manager"])
    address = f"{base(world)}/datasets/{dataset.slug}/"
    said = {
        "kind": "request", "is_accepting": "on", "workflow": world.workflow.pk, "form": world.form.pk,
        "terms": [world.terms.pk], "duo": ["DUO:0000007", "DUO:0000021"], "duo_details": "DS: MONDO:0004992",
        "countries": "se, NO", "places": ["own", "spe"], "needs": ["ethics_approval"], "is_ehds": "on",
    }  # fmt: skip
    assert client.post(address, {**said, "countries": "Sverige"}).status_code == 422
    assert client.post(address, said).status_code == 302
    route = AccessRoute.objects.get(dataset=dataset)
    assert route.conditions == {
        "duo": [
            {"code": "DUO:0000007", "modifiers": ["MONDO:0004992"]},
            {"code": "DUO:0000021", "modifiers": []},
        ],
        "countries": ["SE", "NO"],
        "places": ["own", "spe"],
        "needs": ["ethics_approval"],
        "ehds_purposes": [],
    }
    html = read(world["manager"], address)
    assert "DS: MONDO:0004992" in html
    assert "SE, NO" in html
    assert "Rivers" in read(world["outsider"], f"{base(world)}/")


def test_managers_of_another_committee_change_nothing_here(sign_in):
    world, other = make_world(), make_world(name="Forest committee")
    client = sign_in(other["manager"])
    for page in ("about", "forms", "terms", "workflows", "people", "datasets", "blocks"):
        assert client.get(f"{base(world)}/{page}/").status_code == 403, page
    assert client.get(f"{base(other)}/forms/{world.form.pk}/").status_code == 404
    address = f"{base(other)}/datasets/{world.datasets[0].slug}/"
    said = {"kind": "request", "workflow": other.workflow.pk, "form": other.form.pk}
    assert client.post(address, said).status_code == 403
    assert AccessRoute.objects.get(dataset=world.datasets[0]).workflow == world.workflow


def test_blocks_are_listed_and_lifted(sign_in, read):
    world = make_world()
    block = block_person(granted(world), by=world["handler"], reason="Gave the password away.")
    assert "Gave the password away." in read(world["manager"], f"{base(world)}/blocks/")
    sign_in(world["manager"]).post(f"/blocks/{block.pk}/lift/")
    block.refresh_from_db()
    assert block.lifted_at is not None


def test_committee_is_public_and_counts_few_decisions_not_at_all(client, read):
    world = make_world()
    granted(world)
    Committee.objects.update(about="We look after lakes.", contact_email="lakes@example.org")
    html = client.get(f"{base(world)}/").content.decode()
    assert "We look after lakes." in html
    assert "fewer than five" in html
    assert "Lake committee data 1" in html
    assert world.committee.name in client.get("/committees/").content.decode()


def test_chief_makes_a_committee_and_names_managers_only(sign_in):
    world = make_world()
    client = sign_in(world["chief"])
    UserFactory(username="eva")
    client.post("/committees-new/", {"name": "River committee", "name_sv": "Flodkommittén", "manager": "eva"})
    made = Committee.objects.get(slug="river-committee")
    assert made.roles.get().role == "manager"
    answer = client.post("/committees/river-committee/people/", {"username": "eva", "role": "decider"})
    assert answer.status_code == 422
    assert sign_in(world["manager"]).get("/committees-new/").status_code == 403


def test_site_roles_are_given_and_taken_back(sign_in):
    world = make_world()
    client = sign_in(world["chief"])
    client.post("/site-roles/", {"username": world["outsider"].username, "role": "auditor"})
    role = SiteRole.objects.get()
    client.post(f"/site-roles/{role.pk}/end/")
    assert not SiteRole.objects.exists()
    assert sign_in(world["manager"]).get("/site-roles/").status_code == 403


def test_auditor_reads_every_request_and_changes_none(sign_in, read):
    world, other = make_world(with_terms=False), make_world(name="Forest committee")
    applications = [submitted(world), submitted(other)]
    auditor = UserFactory(username="revisor")
    SiteRole.objects.create(user=auditor, role="auditor", granted_at=timezone.now())
    html = read(auditor, "/audit/")
    for application in applications:
        assert application.number in html
        case = read(auditor, f"/cases/{application.pk}/")
        assert "/take/" not in case
        assert 'id="log"' in case
    assert applications[0].number not in read(auditor, f"/audit/?q={applications[1].number}")
    assert sign_in(world["auditor"]).get("/audit/").status_code == 403


def test_check_of_the_logs_finds_what_was_changed_behind_the_triggers(sign_in):
    world = make_world()
    application = submitted(world)
    auditor = UserFactory(username="revisor")
    SiteRole.objects.create(user=auditor, role="auditor", granted_at=timezone.now())
    client = sign_in(auditor)
    assert "Nothing is wrong: 1 requests" in client.post("/audit/logs/").content.decode()
    drop_triggers()
    application.events.filter(seq=2).update(body={})
    make_guards(None)
    html = client.post("/audit/logs/").content.decode()
    assert "Something is wrong" in html
    assert application.number in html
