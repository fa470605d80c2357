"""The desk in the browser's eyes: what waits, deciding piece by piece, taking, giving, commenting."""

import pytest
from django.utils import timezone

from catalogue.domain.curation import override_field
from catalogue.domain.ingest import Failure, IngestPage, ingest_page
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.models import Assignment, Conflict, Dataset, Override, RoleGrant, Run, WorkComment
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_broker(settings):
    """Nudges go nowhere: a worker is not part of these tests."""
    from catalogue.celery import app

    app.conf.update(broker_url="memory://", task_always_eager=False)


@pytest.fixture
def chief(client):
    user = UserFactory(username="chief")
    RoleGrant.objects.create(user=user, role="chief")
    client.force_login(user)
    return user


def harvest(source, failures=(), **records):
    lease = open_run(source)
    incoming = [make_incoming(key, record) for key, record in records.items()]
    ingest_page(lease, IngestPage(incoming=incoming, failures=failures))
    end_quietly(lease)
    drain(PROJECTORS["search"])


@pytest.fixture
def disputed(fresh_stores, source, chief):
    """Three datasets whose title a steward wrote and whose source then changed it."""
    keys = ("a", "b", "c")
    harvest(source, **{key: make_record(f"Lake {key}") for key in keys})
    for dataset in Dataset.objects.all():
        override_field(dataset, "title", [f"Mine of {dataset.title}"], lang="en", by=chief, reason="clearer")
    harvest(source, **{key: make_record(f"Lake {key}, new") for key in keys})
    return list(Conflict.objects.order_by("opened_at", "pk"))


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def test_desk_counts_what_waits_by_kind_publisher_and_source(client, disputed):
    html = page(client, "/desk/")
    assert "Conflicts" in html
    assert 'href="/desk/conflicts/"' in html
    by_publisher = page(client, "/desk/?by=publisher")
    assert "Water Office" in by_publisher
    assert 'href="/desk/conflicts/?publisher=water-office' in by_publisher
    by_source = page(client, "/desk/?by=source")
    assert 'href="/desk/conflicts/?source=lakes">3<' in by_source
    assert "Unhealthy sources" in by_source
    assert "Unhealthy sources" not in by_publisher
    assert "Drafts in review" not in by_source


def test_queue_opens_the_oldest_with_all_three_values(client, disputed):
    html = page(client, "/desk/conflicts/")
    for words in ("Mine of Lake", ", new", "As written here", "The source now", "The source then", "clearer"):
        assert words in html
    assert html.count('class="piece"') == 1
    assert 'data-key="j"' in html
    assert 'data-key="k"' not in html


def decide(client, conflict, decision, **form):
    return client.post(f"/desk/conflicts/{conflict.pk}/decide/", {"decision": decision, **form}, follow=True)


def test_decision_closes_the_piece_and_opens_the_next(client, disputed):
    first, second, _third = disputed
    answer = decide(client, first, "take", next=str(second.pk))
    assert answer.redirect_chain[0][0] == f"/desk/conflicts/?item={second.pk}"
    assert answer.context["queue"].piece.key == str(second.pk)
    first.refresh_from_db()
    assert first.decision == "taken"
    first.dataset.refresh_from_db()
    assert first.dataset.title.endswith("new")


def test_third_value_can_be_written_in_place(client, disputed):
    conflict = disputed[0]
    decide(client, conflict, "merge", value="A third title")
    conflict.dataset.refresh_from_db()
    assert conflict.dataset.title == "A third title"
    assert Override.objects.filter(dataset=conflict.dataset, closed_at=None).get().value == ["A third title"]


def test_what_somebody_decided_meanwhile_is_told_and_nothing_lost(client, disputed):
    conflict = disputed[0]
    decide(client, conflict, "keep")
    answer = decide(client, conflict, "take")
    assert "done already" in answer.content.decode()
    conflict.refresh_from_db()
    assert conflict.decision == "kept"


def test_decision_on_an_older_value_is_refused(client, disputed, source):
    conflict = disputed[0]
    html = page(client, f"/desk/conflicts/?item={conflict.pk}")
    seen = html.split('name="seen" value="')[1].split('"')[0]
    harvest(source, a=make_record("Lake a, newer still"))
    answer = decide(client, conflict, "take", seen=seen)
    assert "changed again" in answer.content.decode()
    assert Conflict.objects.get(pk=conflict.pk).closed_at is None


@pytest.mark.parametrize("form", [{}, {"decision": "burn"}])
def test_decision_that_is_not_offered_changes_nothing(client, disputed, form):
    answer = client.post(f"/desk/conflicts/{disputed[0].pk}/decide/", form, follow=True)
    assert "no decision" in answer.content.decode()
    assert Conflict.objects.filter(closed_at=None).count() == 3


def test_piece_is_taken_given_and_let_go(client, disputed, chief):
    key = disputed[1].pk
    client.post(f"/desk/conflicts/{key}/assign/", {"to": "chief"})
    assert Assignment.objects.get().assignee == chief
    assert len(client.get("/desk/conflicts/?whose=me").context["queue"].pieces) == 1
    assert len(client.get("/desk/conflicts/?whose=nobody").context["queue"].pieces) == 2
    other = UserFactory(username="other")
    assert client.post(f"/desk/conflicts/{key}/assign/", {"to": "other"}).status_code == 422
    RoleGrant.objects.create(user=other, role="steward", source=SourceFactory())
    assert client.post(f"/desk/conflicts/{key}/assign/", {"to": "other"}).status_code == 422
    RoleGrant.objects.create(user=other, role="chief")
    client.post(f"/desk/conflicts/{key}/assign/", {"to": "other"})
    assert Assignment.objects.get().assignee == other
    client.post(f"/desk/conflicts/{key}/assign/", {})
    assert not Assignment.objects.exists()


def test_decided_piece_belongs_to_nobody_any_longer(client, disputed):
    client.post(f"/desk/conflicts/{disputed[0].pk}/assign/", {"to": "chief"})
    decide(client, disputed[0], "keep")
    assert not Assignment.objects.exists()


def test_comment_is_shown_to_the_others_as_text(client, disputed, chief):
    key = disputed[0].pk
    client.post(f"/desk/conflicts/{key}/comment/", {"text": "Asked <b>them</b>."})
    html = page(client, f"/desk/conflicts/?item={key}")
    assert "Asked &lt;b&gt;them&lt;/b&gt;." in html
    assert WorkComment.objects.get().author == chief
    assert client.post(f"/desk/conflicts/{key}/comment/", {"text": " "}).status_code == 422


def test_steward_sees_the_work_of_their_source_only(client, disputed):
    steward = UserFactory()
    RoleGrant.objects.create(user=steward, role="steward", source=SourceFactory())
    client.force_login(steward)
    assert client.get("/desk/").context["piles"][0].count == 0
    page(client, f"/desk/conflicts/?item={disputed[0].pk}", status=404)
    assert "done already" in decide(client, disputed[0], "take").content.decode()
    RoleGrant.objects.create(
        user=steward, role="steward", source=Dataset.objects.first().source_records.get().source
    )
    assert client.get("/desk/").context["piles"][0].count == 3


def test_failures_are_one_piece_for_each_cause_of_the_newest_harvest(client, fresh_stores, source, chief):
    harvest(source, [Failure("Old.", "x")])
    harvest(source, [Failure("No such date.", "1", "issued", "31 februari"), Failure("No such date.", "2", "issued"),
                     Failure("The title is empty.", "3", "title")])  # fmt: skip
    queue = client.get("/desk/failures/").context["queue"]
    assert [piece.title for piece in queue.pieces] == [
        "Lake portal · issued: No such date.",
        "Lake portal · title: The title is empty.",
    ]
    html = page(client, "/desk/failures/")
    assert "31 februari" in html
    assert "Harvest the source again" not in html


def test_operator_harvests_an_unhealthy_source_from_the_desk(client, fresh_stores, source, staff):
    others = [SourceFactory(), SourceFactory()]
    for well in (*others, source):
        end_quietly(open_run(well))
    lease = open_run(source)
    Run.objects.filter(pk=lease.run_id).update(
        state=Run.State.FAILED, message="The server hung up.", ended_at=timezone.now(), lease_until=None
    )
    assert "The server hung up." in page(client, "/desk/sources/")
    assert len(client.get("/desk/sources/").context["queue"].pieces) == 1
    client.post(f"/desk/sources/{source.pk}/decide/", {"decision": "harvest"})
    assert Run.objects.filter(source=source, state=Run.State.QUEUED).exists()
    assert client.get("/desk/").context["piles"][-1].count == 0


@pytest.mark.parametrize(
    "address", ["/desk/", "/desk/conflicts/", "/desk/rules/", "/desk/bulk/", "/desk/people/"]
)
def test_reader_has_no_desk(client, address):
    assert client.get(address).status_code == 403
    client.force_login(UserFactory())
    assert client.get(address).status_code == 403


def test_unknown_kind_or_key_is_not_found(client, chief):
    assert client.get("/desk/nothing/").status_code == 404
    for key in ("x", "99999999999999999999", "0"):
        assert client.get(f"/desk/conflicts/?item={key}").status_code == 404


@pytest.mark.parametrize("address", ["/desk/", "/desk/?by=source", "/desk/?by=publisher", "/desk/conflicts/"])
def test_number_of_queries_does_not_grow(client, disputed, address, django_assert_max_num_queries):
    client.get(address)
    counted = []
    for _round in range(2):
        with django_assert_max_num_queries(40) as caught:
            page(client, address)
        counted.append(len(caught))
        Conflict.objects.filter(pk__in=[disputed[1].pk, disputed[2].pk]).update(closed_at=timezone.now())
    assert counted[0] == counted[1]
