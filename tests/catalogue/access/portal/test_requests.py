"""A request as its people write it, ask along, submit it and follow it."""

import re
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from catalogue.access.domain.applications import save_application, start_application, withdraw_application
from catalogue.access.domain.attachments import read_attachment
from catalogue.access.domain.conflicts import add_comment
from catalogue.access.domain.deciding import approve_item, reject_item, take_item
from catalogue.access.domain.handling import return_application
from catalogue.access.domain.reviewing import invite_reviewer
from catalogue.access.models import Application, Attachment, FormVersion, Invitation, MailMessage, Member
from tests.catalogue.access.forms import sample
from tests.factories.access import draft, first_item, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db
TEAM = {"name": "Eva Ek"}


@pytest.fixture
def world():
    """A committee whose form has conditions, lists, files, and questions for each dataset."""
    world = make_world(datasets=2)
    FormVersion.objects.create(
        form=world.form, number=2, schema=sample.schema(), ui=sample.ui(), sha256="a" * 64,
        published_at=timezone.now(),
    )  # fmt: skip
    return world


@pytest.fixture
def mine(client, world):
    application = start_application(world.datasets, by=world["applicant"], title="Warm lakes")
    client.force_login(world["applicant"])
    return application


def at(application, name="request-form", *args):
    return reverse(name, args=[application.pk, *args])


def fill(read, application, **changes):
    """Return what a browser would send of the form, with changes by path."""
    page = read(at(application))
    form = page[page.index('<form class="draft"') :]
    fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
    title = re.search(r'name="title" value="([^"]*)"', form)[1]
    return {**fields, "title": title, **changes}


def test_form_is_written_without_a_script_and_asks_shared_questions_once(client, read, world, mine):
    page = read(at(mine))
    assert page.count('name="shared.title"') == 1
    assert all(f'name="datasets.{dataset.pk}.part"' in page for dataset in world.datasets)
    data = fill(
        read, mine, **{"shared.title": "AI for lakes", "shared.team[0].name": "Eva Ek", "title": "New"}
    )
    answer = client.post(at(mine), data)
    assert answer.status_code == 302
    mine.refresh_from_db()
    assert mine.title == "New"
    assert mine.answers["shared"] == {"title": "AI for lakes", "team": [TEAM]}


def test_two_forms_ask_a_question_of_one_name_once(client, read):
    first, second = make_world(), make_world(name="Wood committee")
    application = start_application([*first.datasets, *second.datasets], by=first["applicant"])
    client.force_login(first["applicant"])
    assert read(at(application)).count('name="shared.purpose"') == 1


def test_conditional_question_is_hidden_until_its_condition_holds(client, read, mine):
    page = read(at(mine))
    assert re.search(r'id="q-shared-company-name-row" hidden', page)
    saved = client.post(at(mine, "request-save"), fill(read, mine, **{"shared.kind": "company"}))
    shown = saved.content.decode()
    assert 'id="q-shared-company-name-row" hx-swap-oob="true"' in shown
    assert "Saved" in shown
    assert "q-shared-summary-row" not in shown  # what did not turn is left alone
    assert not re.search(r'id="q-shared-company-name-row" hidden', read(at(mine)))


def test_entries_of_a_list_are_added_and_taken_out(client, read, mine):
    path = "shared.team"
    answer = client.post(at(mine), fill(read, mine, **{f"{path}[0].name": "Eva", "do": f"add:{path}"}))
    page = read(urlsplit(answer.headers["Location"])._replace(fragment="").geturl())
    assert f'name="{path}[1].name"' in page
    data = fill(read, mine, **{f"{path}[0].name": "Eva", f"{path}[1].name": "Bo", "do": f"remove:{path}[0]"})
    client.post(at(mine), data)
    mine.refresh_from_db()
    assert mine.answers["shared"]["team"] == [{"name": "Bo"}]


def test_what_somebody_else_saved_meanwhile_is_told_and_nothing_is_lost(client, read, world, mine):
    data = fill(read, mine, **{"shared.title": "Typed here"})
    save_application(
        mine, by=world["applicant"], version=mine.version,
        answers={"shared": {"title": "Saved there"}, "datasets": {}},
    )  # fmt: skip
    answer = client.post(at(mine), data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Saved there" in page
    assert 'value="Typed here"' in page
    mine.refresh_from_db()
    assert mine.answers["shared"]["title"] == "Saved there"
    assert "Not saved." in client.post(at(mine, "request-save"), data).content.decode()


def test_invitation_sent_meanwhile_is_no_conflict(client, read, mine):
    data = fill(read, mine, **{"shared.title": "Typed here"})
    client.post(at(mine, "request-people"), {"email": "bo@example.org"})
    assert client.post(at(mine), data).status_code == 302
    mine.refresh_from_db()
    assert mine.answers["shared"]["title"] == "Typed here"


def test_wrong_kind_of_answer_is_told_beside_its_question(client, read, mine):
    answer = client.post(at(mine), fill(read, mine, **{"shared.months": "many"}))
    assert answer.status_code == 422
    assert "Write a whole number." in answer.content.decode()
    assert 'value="many"' in answer.content.decode()


def test_mark_of_a_wrong_answer_goes_when_it_is_put_right(client, read, mine):
    first = client.post(
        at(mine, "request-save"), fill(read, mine, **{"shared.months": "many"})
    ).content.decode()
    assert "Not saved." in first
    assert '<div class="errors" id="q-shared-months-errors" hx-swap-oob="true"><p' in first
    marked = re.search(r'name="marked" value="([^"]*)"', first)[1]
    data = fill(read, mine, **{"shared.months": "12", "marked": marked})
    again = client.post(at(mine, "request-save"), data).content.decode()
    assert '<div class="errors" id="q-shared-months-errors" hx-swap-oob="true"></div>' in again


def test_check_lists_what_is_missing_and_leads_there(client, read, mine):
    page = read(at(mine, "request-check"))
    assert "missing or wrong" in page
    assert f"{at(mine)}?missing=1#q-shared-title" in page
    assert at(mine, "request-terms") in page
    assert ">Submit</button>" not in page
    answer = client.post(at(mine, "request-check"), {"version": mine.version})
    assert answer.status_code == 422
    mine.refresh_from_db()
    assert mine.state == Application.State.DRAFT


def test_file_is_attached_kept_by_hash_and_given_as_a_download(client, read, mine):
    pdf = SimpleUploadedFile("..\\ethics.pdf", b"%PDF-1.7\n%%EOF", content_type="text/html")
    data = fill(read, mine, do="attach:shared.ethics")
    client.post(at(mine), {**data, "upload:shared.ethics": pdf})
    attached = Attachment.objects.get()
    mine.refresh_from_db()
    assert (attached.name, attached.media_type) == ("ethics.pdf", "application/pdf")
    assert mine.answers["shared"]["ethics"] == attached.sha256
    address = at(mine, "request-attachment", attached.pk)
    assert address in read(at(mine))
    checked = read(at(mine, "request-check"))
    assert "ethics.pdf" in checked
    assert attached.sha256 not in checked
    given = client.get(address)
    assert given.content == b"%PDF-1.7\n%%EOF"
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    client.post(at(mine, "request-attachment-drop", attached.pk))
    assert client.get(address).status_code == 404


@pytest.fixture
def with_files_in_lists(world):
    """A form whose repeated group, asked once and for each dataset, takes a file in each entry."""
    schema, ui = sample.schema(), sample.ui()
    for group in ("team", "sites"):
        inner = {"name": {"type": "string", "maxLength": 200}, "cv": {"type": "string", "format": "sha256"}}
        schema["properties"][group] = {
            "type": "array",
            "maxItems": 5,
            "items": {"type": "object", "properties": inner},
        }
        ui["questions"][group] = {
            "label": sample.both(group.title()),
            "order": ["name", "cv"],
            "questions": {
                "name": {"label": sample.both("Name")},
                "cv": {"label": sample.both("CV"), "accept": ["application/pdf"]},
            },
        }
    ui["questions"]["sites"]["per_dataset"] = True
    ui["sections"].append({"id": "places", "title": sample.both("Places"), "questions": ["sites"]})
    FormVersion.objects.create(
        form=world.form, number=3, schema=schema, ui=ui, sha256="b" * 64, published_at=timezone.now()
    )
    return start_application(world.datasets, by=world["applicant"], title="Warm lakes")


def test_files_inside_entries_of_a_list_are_attached_where_they_were_put(
    client, read, world, with_files_in_lists
):
    application, dataset = with_files_in_lists, str(world.datasets[0].pk)
    client.force_login(world["applicant"])
    page = read(f"{at(application)}?blank=shared.team")
    assert 'name="upload:shared.team[0].cv"' in page

    def pdf(words):
        return SimpleUploadedFile("cv.pdf", b"%PDF-1.7\n" + words + b"\n%%EOF")

    # Of three entries on the page the first was left empty: the others move up, with their files.
    data = fill(read, application, **{"shared.team[1].name": "Eva Ek"})
    sent = {
        "upload:shared.team[1].cv": pdf(b"one"),
        "upload:shared.team[2].cv": pdf(b"two"),
        f"upload:datasets.{dataset}.sites[0].cv": pdf(b"three"),
        "upload:shared.team[0].name": pdf(b"no file is asked for here"),
    }
    assert client.post(at(application), {**data, **sent}).status_code == 302
    application.refresh_from_db()
    shas = {row.sha256: row for row in application.attachments.all()}
    assert len(shas) == 3
    first, second = application.answers["shared"]["team"]
    assert (first["name"], set(second)) == ("Eva Ek", {"cv"})
    assert b"one" in read_attachment(shas[first["cv"]])
    assert b"two" in read_attachment(shas[second["cv"]])
    assert b"three" in read_attachment(shas[application.answers["datasets"][dataset]["sites"][0]["cv"]])
    assert f'name="shared.team[1].cv" value="{second["cv"]}" checked' in read(at(application))
    wrong = {"upload:shared.team[0].cv": SimpleUploadedFile("cv.txt", b"Only words.")}
    refused = client.post(at(application), {**fill(read, application), **wrong})
    assert "attach one of: application/pdf" in refused.content.decode()


def test_files_are_attached_by_api_and_named_by_their_hash(client, world, with_files_in_lists):
    application = with_files_in_lists
    client.force_login(world["applicant"])
    address = reverse("api-attachments", args=[application.pk])

    def send(question, name, content):
        return client.post(address, {"question": question, "file": SimpleUploadedFile(name, content)})

    assert send("shared.title", "cv.pdf", b"%PDF-1.7\n%%EOF").status_code == 422
    assert send("shared.team[0].cv", "cv.txt", b"Only words.").status_code == 422
    made = send("shared.team[0].cv", "cv.pdf", b"%PDF-1.7\n%%EOF")
    assert made.status_code == 201, made.content
    attached = made.json()
    assert (attached["name"], attached["type"]) == ("cv.pdf", "application/pdf")
    whole = reverse("api-application", args=[application.pk])
    read = client.get(whole)
    assert read.json()["attachments"] == [attached]
    answers = {"shared": {"team": [{"name": "Eva Ek", "cv": attached["sha256"]}]}, "datasets": {}}
    saved = client.patch(
        whole, {"answers": answers}, "application/json", headers={"If-Match": read.headers["ETag"]}
    )
    assert saved.status_code == 200, saved.content
    one = reverse("api-attachment", args=[application.pk, attached["id"]])
    assert client.get(one).content == b"%PDF-1.7\n%%EOF"
    client.force_login(world["outsider"])
    assert {client.get(one).status_code, client.delete(one).status_code} == {404}
    client.force_login(world["applicant"])
    assert client.delete(one).status_code == 204
    assert not application.attachments.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ethics.pdf", b"\x7fELF" + b"\0" * 100, "Programs cannot be attached."),
        ("plan.txt", b"Only words.", "attach one of: application/pdf"),
        ("ethics.pdf", b"\x89PNG\r\n\x1a\n" + b"\0" * 30, "Its name promises another kind of file"),
        ("ethics.pdf", b"%PDF-" + b"x" * (1024 * 1024 + 1), "larger than 1 MiB"),
    ],
)
def test_file_that_does_not_fit_is_refused_with_the_reason(
    client, read, mine, settings, name, content, words
):
    settings.ATTACHMENTS_MAX_MIB = 1
    data = fill(read, mine, do="attach:shared.ethics")
    answer = client.post(at(mine), {**data, "upload:shared.ethics": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Attachment.objects.exists()


def whole_answers(world, attachment):
    return {
        "shared": {
            "title": "AI for lakes", "start": "2027-01-01", "kind": "academic", "team": [TEAM],
            "agree": True, "applicant": "eva@example.org", "ethics": attachment.sha256,
        },
        "datasets": {str(dataset.pk): {"part": "all"} for dataset in world.datasets},
    }  # fmt: skip


def submit(client, read, world, application):
    pdf = SimpleUploadedFile("ethics.pdf", b"%PDF-1.7\n%%EOF")
    client.post(at(application), {**fill(read, application), "upload:shared.ethics": pdf})
    application.refresh_from_db()
    answers = whole_answers(world, Attachment.objects.get())
    save_application(application, by=world["applicant"], version=application.version, answers=answers)
    terms = {f"terms-{row.pk}": row.sha256 for item in application.items.all() for row in item.terms.all()}
    client.post(at(application, "request-terms"), terms)
    application.refresh_from_db()
    page = read(at(application, "request-check"))
    assert "Nothing is missing." in page, page
    answer = client.post(at(application, "request-check"), {"version": application.version})
    assert answer.headers["Location"] == at(application, "request")
    application.refresh_from_db()


def test_submitted_returned_answered_and_seen_with_what_changed(client, read, world, mine):
    submit(client, read, world, mine)
    assert mine.state == Application.State.SUBMITTED
    assert "eva@example.org" not in mine.snapshots.get().canonical_json
    assert "Waits to be taken up" in read(at(mine, "request"))
    take_item(first_item(mine), by=world["handler"])
    return_application(mine, by=world["handler"], reason="Which lakes?")
    page = read(at(mine, "request"))
    assert "Which lakes?" in page
    assert "Rests" in page
    data = {**whole_answers(world, Attachment.objects.get())}
    data["shared"]["title"] = "AI for Vänern"
    mine.refresh_from_db()
    save_application(mine, by=world["applicant"], version=mine.version, answers=data)
    page = read(at(mine, "request-check"))
    assert "What you changed for round 2" in page
    assert "<del>AI for lakes</del>" in page
    assert "<ins>AI for Vänern</ins>" in page
    assert "eva@example.org" in page  # the applicant's own words, opened
    mine.refresh_from_db()
    client.post(at(mine, "request-check"), {"version": mine.version})
    assert mine.snapshots.count() == 2


def test_committee_reads_files_that_were_submitted_and_outside_reviewers_no_private_ones(
    client, read, world, mine
):
    submit(client, read, world, mine)
    attached = Attachment.objects.get()
    later = Attachment.objects.create(
        application=mine, owner=world["applicant"], name="later.pdf", sha256="b" * 64, size_bytes=1,
        media_type="application/pdf", scan="clean", added_at=timezone.now(),
    )  # fmt: skip
    item = take_item(first_item(mine), by=world["handler"])
    invite_reviewer(item, world["reviewer"], by=world["handler"])

    def get(person, file):
        client.force_login(world[person])
        return client.get(at(mine, "request-attachment", file.pk)).status_code

    assert get("handler", attached) == 200
    assert get("handler", later) == 404  # not in any round
    assert get("reviewer", attached) == 404  # the answer to a private question
    assert get("outsider", attached) == 404
    assert get("manager", attached) == 404


def test_code_of_an_invitation_is_shown_once_and_kept_nowhere(client, read, world, mine):
    page = client.post(at(mine, "request-people"), {"email": "Bo@Example.org"})
    code = re.search(r'<code id="code">([^<]+)</code>', page.content.decode())[1]
    assert "no-store" in page.headers["Cache-Control"]
    assert code not in read(at(mine, "request-people"))
    kept = [str(list(rows.values())) for rows in (Invitation.objects, MailMessage.objects, Member.objects)]
    assert not any(code in words for words in kept)
    client.force_login(world["member"])
    answer = client.post(reverse("join"), {"code": code})
    assert answer.headers["Location"] == at(mine, "request-terms")
    assert "You are a member" in read(at(mine, "request"))
    client.force_login(world["outsider"])
    used = client.post(reverse("join"), {"code": code})
    unknown = client.post(reverse("join"), {"code": "nonsense"})
    strip = lambda page: re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.content.decode())  # noqa: E731
    assert used.status_code == 422
    assert strip(used) == strip(unknown)


def test_inviting_answers_the_same_for_known_and_unknown_addresses(client, world, mine):
    known = world["outsider"]
    known.email = "known@example.org"
    known.save()
    pages = []
    for address in ("known@example.org", "nobody@example.org"):
        page = client.post(at(mine, "request-people"), {"email": address}).content.decode()
        plain = re.sub(
            r'<code id="code">[^<]+|value="[^"]+"|people/\d+', "", page.replace(address, "ADDRESS")
        )
        pages.append(plain[: plain.index('<ul class="people">')])
        Member.objects.all().delete()
    assert pages[0] == pages[1]


def test_member_reads_leaves_and_may_not_write(client, read, world, mine):
    Member.objects.create(application=mine, user=world["member"], state="joined", invited_at=timezone.now())
    client.force_login(world["member"])
    page = read(at(mine, "request"))
    assert "You are a member" in page
    assert "Fill it in" not in page
    assert client.get(at(mine)).headers["Location"] == at(mine, "request")
    assert client.post(at(mine, "request-people"), {"email": "x@example.org"}).status_code == 409
    client.post(at(mine, "request-action", "leave"))
    assert client.get(at(mine, "request")).status_code == 404


@pytest.mark.parametrize(
    "name",
    ["request", "request-form", "request-check", "request-terms", "request-people"],
)
def test_request_of_somebody_else_is_not_there(client, world, mine, name):
    for person in ("outsider", "handler", "chief"):
        client.force_login(world[person])
        assert client.get(at(mine, name)).status_code == 404


def test_draft_is_deleted_and_a_submitted_request_withdrawn(client, read):
    world = make_world(datasets=2)
    client.force_login(world["applicant"])
    first = draft(world, datasets=world.datasets[:1])
    client.post(at(first, "request-action", "delete"))
    assert not Application.objects.exists()
    second = submitted(world)
    item = first_item(second)
    client.post(at(second, "request-action", "withdraw-item"), {"item": str(item.pk)})
    item.refresh_from_db()
    assert item.state == "withdrawn"
    assert "Delete the draft" not in read(at(second, "request"))
    client.post(at(second, "request-action", "withdraw"), {"reason": "No money."})
    second.refresh_from_db()
    assert second.state == Application.State.WITHDRAWN


def test_page_tells_decisions_and_their_reasons(client, read):
    world = make_world(datasets=2)
    application = submitted(world)
    for item, decide in zip(application.items.all(), (approve_item, reject_item), strict=True):
        take_item(item, by=world["handler"])
        extra = {"conditions": "Publish it."} if decide is approve_item else {"reason": "Too broad."}
        decide(item, by=world["decider"], snapshot_sha256=snapshot_hash(application), **extra)
    client.force_login(world["applicant"])
    page = read(at(application, "request"))
    assert all(words in page for words in ("Approved", "Publish it.", "Refused", "Too broad.", "Your right"))
    assert "1 approved, 1 refused" in read("/requests/")


def test_committees_people_are_not_named_where_the_workflow_hides_them(client, read):
    world = make_world()
    application = submitted(world)
    take_item(first_item(application), by=world["handler"])
    add_comment(application, by=world["handler"], text="Hello.", is_public=True)
    client.force_login(world["applicant"])
    assert world["handler"].username in read(at(application, "request"))
    type(world.workflow).objects.update(is_anonymised=True)
    page = read(at(application, "request"))
    assert "Hello." in page
    assert world["handler"].username not in page
    client.post(at(application, "request-action", "comment"), {"text": "Good day."})
    assert "Good day." in read(at(application, "request"))


def test_lists_ask_the_database_no_more_for_three_than_for_one(client, django_assert_max_num_queries):
    world = make_world(datasets=6)
    client.force_login(world["applicant"])
    counts = {}
    for taken in (1, 3):
        while Application.objects.count() < taken:
            n = Application.objects.count()
            submitted(world, datasets=world.datasets[n * 2 : n * 2 + taken - (taken == 3)])
        newest = Application.objects.order_by("-created_at").first()
        for address in ("/requests/", at(newest, "request")):
            with django_assert_max_num_queries(60) as seen:
                client.get(address)
            counts.setdefault(address.count("/"), []).append(len(seen))
    assert all(len(set(found)) == 1 for found in counts.values()), counts


def test_terms_are_asked_for_though_somebody_withdrew_a_request_under_the_same(client):
    world = make_world()
    withdraw_application(submitted(world), by=world["applicant"])
    again = start_application(world.datasets, by=world["applicant"], title="Warm lakes again")
    client.force_login(world["applicant"])
    assert "Be kind to lake-committee." in client.get(at(again, "request-terms")).content.decode()
