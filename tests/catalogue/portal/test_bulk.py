"""Change all of these: from the results to the preview, the act and its undoing."""

import pytest

from catalogue.domain import bulk_edit
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.models import Act, Dataset, RoleGrant
from tests.catalogue.portal.test_desk import no_broker  # noqa: F401 - a fixture
from tests.factories import UserFactory, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def lakes(client, put):
    """Three datasets and a chief steward who looks for two of them."""
    put(make_record("Lake Vänern"), make_record("Lake Vättern"), make_record("Forest of Småland"))
    user = UserFactory(username="chief")
    RoleGrant.objects.create(user=user, role="chief")
    client.force_login(user)
    return user


def preview(client, query="q=lake", field="themes", **form):
    said = {"operation": "add", "value": "Environment", **form}
    return client.post(f"/desk/bulk/?{query}&field={field}", said, follow=True)


def test_results_lead_stewards_to_the_change_with_the_same_search(client, lakes):
    html = client.get("/search/?q=lake&page=1").content.decode()
    assert 'href="/desk/bulk/?q=lake"' in html
    client.logout()
    assert "/desk/bulk/" not in client.get("/search/?q=lake").content.decode()


def test_field_is_chosen_then_what_to_do_with_it(client, lakes):
    html = client.get("/desk/bulk/?q=lake").content.decode()
    assert "finds 2 datasets" in html
    assert "Preview" not in html
    html = client.get("/desk/bulk/?q=lake&field=themes").content.decode()
    assert '<option value="Transport">' in html
    assert 'value="replace"' in html
    assert "id_lang" not in html
    assert "id_lang" in client.get("/desk/bulk/?q=lake&field=keywords").content.decode()


def test_preview_shows_before_and_after_and_can_be_narrowed(client, lakes):
    answer = preview(client)
    address = answer.redirect_chain[0][0]
    html = answer.content.decode()
    assert "2 datasets would change" in html
    assert "no value" in html
    assert "Environment" in html
    assert "Forest" not in html
    assert "Lake Vänern" not in client.get(f"{address}?verdict=same").content.decode()
    assert not Act.objects.exists()


def test_change_is_made_shown_and_undone(client, lakes):
    address = preview(client).redirect_chain[0][0]
    answer = client.post(f"{address}apply/", {"reason": "nature"}, follow=True)
    html = answer.content.decode()
    assert "nature" in html
    assert html.count("/datasets/lake-") == 2
    assert Dataset.objects.get(title="Lake Vänern").record["themes"][0]["iri"].endswith("/ENVI")
    act = Act.objects.get()
    answer = client.post(f"/desk/bulk/acts/{act.pk}/undo/", follow=True)
    assert "2 datasets are back" in answer.content.decode()
    assert "themes" not in Dataset.objects.get(title="Lake Vänern").record


def test_large_change_shows_its_progress(client, lakes, monkeypatch):
    monkeypatch.setattr(bulk_edit, "CHUNK", 1)
    address = preview(client).redirect_chain[0][0]
    html = client.post(f"{address}apply/", follow=True).content.decode()
    assert '<progress value="0" max="2"' in html
    drain(PROJECTORS["bulk"])
    act = Act.objects.get()
    assert "<progress" not in client.get(f"/desk/bulk/acts/{act.pk}/").content.decode()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"value": "no such theme"}, "not in the list"),
        ({"operation": "replace"}, "which value is to be replaced"),
        ({"operation": "burn"}, "Select a valid choice"),
        ({"query": "q=volcano"}, "finds nothing"),
    ],
)
def test_wrong_answers_are_told_beside_the_field(client, lakes, form, words):
    answer = preview(client, **form)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_preview_is_nobody_elses(client, lakes):
    address = preview(client).redirect_chain[0][0]
    other = UserFactory()
    RoleGrant.objects.create(user=other, role="chief")
    client.force_login(other)
    assert client.get(address).status_code == 404
    assert client.post(f"{address}apply/").status_code == 404


def test_other_steward_cannot_undo(client, lakes, source):
    address = preview(client).redirect_chain[0][0]
    client.post(f"{address}apply/")
    from tests.factories import SourceFactory

    other = UserFactory()
    RoleGrant.objects.create(user=other, role="steward", source=SourceFactory())
    client.force_login(other)
    assert client.post(f"/desk/bulk/acts/{Act.objects.get().pk}/undo/").status_code == 403
