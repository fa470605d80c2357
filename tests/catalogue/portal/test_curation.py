"""Curating a dataset in the portal: with htmx and without any script."""

import re
from html import unescape

import pytest
from django.urls import reverse

from catalogue.domain.curation import override_field
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.models import Act, Conflict, Dataset, Override, RoleGrant
from catalogue.records import Contact, Distribution, Text
from tests.factories import UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def say(source, fresh_stores):
    """Return a function that harvests the one dataset of these tests."""

    def harvest(title="Lakes of Sweden", **fields):
        lease = open_run(source)
        ingest_page(lease, IngestPage(incoming=[make_incoming("a", make_record(title, **fields))]))
        end_quietly(lease)
        return Dataset.objects.get()

    return harvest


@pytest.fixture
def anna(client):
    """A chief steward, signed in."""
    user = UserFactory(username="anna")
    RoleGrant.objects.create(user=user, role="chief")
    client.force_login(user)
    return user


def field_page(client, dataset, path, **params):
    answer = client.get(reverse("curate-field", args=[dataset.slug]), {"path": path, **params})
    assert answer.status_code == 200
    return answer.content.decode()


def form_of(html, action="field"):
    """Return what a browser would send of the page's form that leads to `action`."""
    pattern = rf'<form[^>]*action="[^"]*/curate/{action}/[^>]*>.*?</form>'
    form = re.search(pattern, html, re.DOTALL)[0]
    data = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attrs = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if attrs.get("type") != "checkbox" or " checked" in tag:
            data.setdefault(unescape(attrs["name"]), []).append(unescape(attrs.get("value", "")))
    for name, text in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        data[name] = [unescape(text)]
    for name, options in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        data[name] = re.findall(r'<option value="([^"]*)" selected', options)[:1] or [""]
    return data


def send(client, dataset, data, action="field", *args, **headers):
    return client.post(reverse(f"curate-{action}", args=[dataset.slug, *args]), data, headers=headers)


def test_button_is_for_those_who_curate(client, say, anna):
    page = reverse("dataset", args=[say().slug])
    assert "/curate/" in client.get(page).content.decode()
    client.logout()
    assert "/curate/" not in client.get(page).content.decode()


@pytest.mark.parametrize("name", ["curate", "curate-field", "curate-past"])
def test_pages_are_for_those_who_curate(client, say, name):
    address = reverse(name, args=[say().slug])
    assert client.get(address).status_code == 403
    client.force_login(UserFactory())
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("action", ["field", "revert", "restore", "leave-out"])
def test_actions_are_for_those_who_curate(client, say, action):
    dataset = say()
    client.force_login(UserFactory())
    assert send(client, dataset, {"path": "issued", "value": "1999"}, action).status_code == 403
    assert not Act.objects.exists()


def test_page_shows_fields_by_importance_with_their_sources(client, say, anna):
    dataset = say(contacts=(Contact(email="ask@water.example"),))
    override_field(dataset, "issued", "2020", by=anna, reason="as printed")
    html = client.get(reverse("curate", args=[dataset.slug])).content.decode()
    assert html.index("Needed") < html.index("Recommended") < html.index("Optional")
    assert "as printed" in html
    assert "2024-05-01" in html
    parts = set(re.findall(r'href="([^"]*\?part=[^"]*)"', html))
    assert len(parts) == 3
    for address in parts:
        assert client.get(unescape(address)).status_code == 200


def test_title_is_changed_in_one_language_without_a_script(client, say, anna):
    dataset = say()
    data = form_of(field_page(client, dataset, "title", edit=1))
    row = next(name for name, values in data.items() if values == ["sv"]).removesuffix("lang")
    data[f"{row}value"] = ["Sveriges sjöar"]
    data["reason"] = ["the official name"]
    answer = send(client, dataset, data)
    assert answer.status_code == 302
    assert answer.url.endswith("/curate/#f-title")
    override = Override.objects.get()
    assert (override.lang, override.value, override.reason) == ("sv", ["Sveriges sjöar"], "the official name")
    assert "The value is saved." in client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("path", "typed", "stored"),
    [
        ("keywords", {"value.0.value": "vatten\nsjö", "value.0.lang": "sv"}, [{"value": "water", "lang": "en"}, {"value": "vatten", "lang": "sv"}, {"value": "sjö", "lang": "sv"}]),
        ("themes", {"value": ["http://publications.europa.eu/resource/authority/data-theme/ENVI"]}, [{"iri": "http://publications.europa.eu/resource/authority/data-theme/ENVI"}]),
        ("license", {"value": "CC BY 4.0"}, {"iri": "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"}),
        ("temporal", {"value.0.start": "1990", "value.0.end": "1999"}, [{"start": "1990", "end": "1999"}]),
        ("landing_pages", {"value": "https://a.example/\nhttps://b.example/"}, ["https://a.example/", "https://b.example/"]),
        ("spatial_resolution_m", {"value": "10,5"}, 10.5),
        ("publisher.is_person", {"value": "yes"}, True),
        ("publisher.email", {"value": "a@b.se"}, "a@b.se"),
    ],
)  # fmt: skip
def test_every_kind_of_field_can_be_written(client, say, anna, path, typed, stored):
    dataset = say()
    data = form_of(field_page(client, dataset, path, edit=1))
    answer = send(client, dataset, {**data, **typed})
    assert answer.status_code == 302, answer.content.decode()
    dataset.refresh_from_db()
    value = dataset.record
    for name in path.split("."):
        value = value[name]
    assert value == stored


def test_form_sent_back_unchanged_changes_nothing(client, say, anna):
    dataset = say(distributions=(Distribution(access_urls=("https://a.example/",)),))
    for path in (
        "title",
        "keywords",
        "issued",
        "publisher.name",
        "distributions[0].access_urls",
        "themes",
        "spatial",
    ):
        send(client, dataset, form_of(field_page(client, dataset, path, edit=1)))
    assert not Act.objects.exists()


def test_wrong_value_comes_back_with_what_was_typed_and_the_fix(client, say, anna):
    dataset = say()
    data = form_of(field_page(client, dataset, "issued", edit=1)) | {"value": "in May", "reason": "hm"}
    answer = send(client, dataset, data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="in May"' in html
    assert 'value="hm"' in html
    assert "2024-05-01T09:30:00Z" in unescape(html)


def test_second_steward_is_told_and_keeps_what_was_typed(client, say, anna):
    dataset = say()
    data = form_of(field_page(client, dataset, "issued", edit=1)) | {"value": "2021"}
    override_field(dataset, "issued", "2020", by=UserFactory(username="bo"))
    answer = send(client, dataset, data)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "bo" in html
    assert 'value="2021"' in html
    # Who has been told may write over it.
    assert send(client, dataset, form_of(html)).status_code == 302
    dataset.refresh_from_db()
    assert dataset.record["issued"] == "2021"


def test_htmx_gets_the_field_alone(client, say, anna):
    dataset = say()
    address = reverse("curate-field", args=[dataset.slug])
    answer = client.get(address, {"path": "issued", "edit": 1}, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert html.lstrip().startswith("<article")
    saved = send(client, dataset, form_of(html) | {"value": "2020"}, **{"HX-Request": "true"})
    assert saved.status_code == 200
    assert 'role="status"' in saved.content.decode()
    assert "Set by anna" in saved.content.decode()


def test_revert_and_set_again_from_the_history(client, say, anna):
    dataset = say()
    override_field(dataset, "issued", "2020", by=anna)
    html = field_page(client, dataset, "issued")
    send(client, dataset, form_of(html, "revert"), "revert")
    assert not Override.objects.filter(closed_at=None).exists()
    html = field_page(client, dataset, "issued", history=1)
    assert "taken back" in html
    assert send(client, dataset, form_of(html, "restore"), "restore").status_code == 302
    dataset.refresh_from_db()
    assert dataset.record["issued"] == "2020"


@pytest.fixture
def conflict(say, anna):
    dataset = say()
    override_field(dataset, "issued", "2020", by=anna)
    say(issued="2025")
    return Conflict.objects.get()


def test_conflict_shows_three_values_and_is_decided_by_one_button(client, conflict):
    html = client.get(reverse("curate", args=[conflict.dataset.slug])).content.decode()
    for value in ("2024-05-01", "2020", "2025"):
        assert value in html
    data = form_of(html, f"conflicts/{conflict.pk}") | {"choice": "take"}
    assert send(client, conflict.dataset, data, "decide", conflict.pk).status_code == 302
    assert Dataset.objects.get().record["issued"] == "2025"


def test_every_form_can_be_sent(client, conflict):
    """Django's test client asks for no token; browsers are asked."""
    dataset = conflict.dataset
    addresses = [reverse("curate", args=[dataset.slug])]
    addresses += [
        f"{reverse('curate-field', args=[dataset.slug])}?path=issued&{what}=1" for what in ("edit", "history")
    ]
    for address in addresses:
        forms = re.findall(
            r'<form[^>]*method="post".*?</form>', client.get(address).content.decode(), re.DOTALL
        )
        assert forms
        assert all("csrfmiddlewaretoken" in form for form in forms)


def test_conflict_is_merged_in_the_form(client, conflict):
    html = field_page(client, conflict.dataset, "issued", edit=1, merge=conflict.pk)
    answer = send(client, conflict.dataset, form_of(html) | {"value": "2022"})
    assert answer.status_code == 302
    conflict.refresh_from_db()
    assert conflict.decision == Conflict.Decision.MERGED
    assert Dataset.objects.get().record["issued"] == "2022"


def test_conflict_about_what_is_gone_is_shown(client, say, anna):
    dataset = say()
    override_field(dataset, "distributions[0].byte_size", 5, by=anna)
    say(distributions=())
    html = client.get(reverse("curate", args=[dataset.slug])).content.decode()
    conflict = Conflict.objects.get()
    assert "is gone from the source" in html
    data = form_of(html, f"conflicts/{conflict.pk}") | {"choice": "take"}
    send(client, dataset, data, "decide", conflict.pk)
    assert not Override.objects.filter(closed_at=None).exists()


def test_contact_is_added_left_out_and_brought_back(client, say, anna):
    dataset = say()
    html = field_page(client, dataset, "contacts", edit=1)
    wrong = send(client, dataset, form_of(html) | {"value.email": "nobody"})
    assert wrong.status_code == 422
    assert "data@example.org" in unescape(wrong.content.decode())
    send(client, dataset, form_of(html) | {"value.email": "ask@water.example"})
    dataset.refresh_from_db()
    assert dataset.record["contacts"] == [{"email": "ask@water.example"}]
    page = reverse("curate", args=[dataset.slug])
    part = next(
        unescape(link)
        for link in re.findall(r'href="([^"]*part=contacts[^"]*)"', client.get(page).content.decode())
    )
    html = client.get(part).content.decode()
    send(client, dataset, form_of(html, "leave-out"), "leave-out")
    dataset.refresh_from_db()
    assert "contacts" not in dataset.record
    act = Act.objects.latest("id")
    assert client.post(reverse("curate-undo", args=[dataset.slug, act.pk])).status_code == 302
    dataset.refresh_from_db()
    assert dataset.record["contacts"] == [{"email": "ask@water.example"}]


def test_past_is_shown_beside_the_present(client, say, anna):
    dataset = say()
    address = reverse("curate-past", args=[dataset.slug])
    override_field(dataset, "issued", "2020", by=anna)
    html = client.get(address, {"on": "2999-01-01"}).content.decode()
    assert "The same" in html
    assert "No source described" in client.get(address, {"on": "1999-01-01"}).content.decode()
    assert client.get(address, {"on": "soon"}).status_code == 422
    assert client.get(address).status_code == 200


def test_words_of_others_are_text_and_not_markup(client, say, anna):
    dataset = say("<script>alert(1)</script>", creators=(), keywords=(Text("<b>x</b>"),))
    override_field(dataset, "version", "<img src=x>", by=anna, reason="<i>why</i>")
    html = client.get(reverse("curate", args=[dataset.slug])).content.decode()
    for tag in ("<script>alert", "<b>x", "<img src=x", "<i>why"):
        assert tag not in html


def test_page_takes_no_more_queries_for_more_parts(client, say, anna, django_assert_max_num_queries):
    files = tuple(Distribution(access_urls=(f"https://a.example/{n}",)) for n in range(60))
    dataset = say(distributions=files)
    with django_assert_max_num_queries(22):
        html = client.get(reverse("curate", args=[dataset.slug])).content.decode()
    assert "Later parts" in html


def test_unknown_part_and_field_are_said(client, say, anna):
    dataset = say()
    assert (
        client.get(reverse("curate", args=[dataset.slug]), {"part": "contacts[~12345678]"}).status_code == 404
    )
    assert client.get(reverse("curate-field", args=[dataset.slug]), {"path": "titel"}).status_code == 422
