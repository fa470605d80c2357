"""The editor of own datasets as a steward uses it, without a script and with one."""

import re
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from catalogue.domain.drafts import save_draft, start_draft, submit_draft
from catalogue.models import Dataset, Draft
from tests.factories import StaffFactory, UserFactory
from tests.factories.own import LONG, make_publisher, make_steward, own_json, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]


class Form(HTMLParser):
    """What a browser would send of the form with a class."""

    def __init__(self, page, name="draft"):
        super().__init__(convert_charrefs=True)
        self.fields, self._in, self._area, self._select, self._name = {}, False, "", "", name
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self._in = found.get("class") == self._name
        elif not self._in:
            return
        elif tag == "input" and found.get("name"):
            if found.get("type") != "checkbox" or "checked" in found:
                self.fields.setdefault(found["name"], []).append(found.get("value", ""))
        elif tag == "textarea":
            self._area = found["name"]
            self.fields.setdefault(self._area, []).append("")
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and self._select and "selected" in found:
            self.fields.setdefault(self._select, []).append(found["value"])

    def handle_endtag(self, tag):
        if tag == "form":
            self._in = False
        if tag == "textarea":
            self._area = ""
        if tag == "select":
            self._select = ""

    def handle_data(self, data):
        if self._in and self._area:
            self.fields[self._area][-1] += data


@pytest.fixture
def publisher():
    return make_publisher()


@pytest.fixture
def anna(publisher):
    return make_steward(publisher, username="anna")


@pytest.fixture
def desk(client, anna):
    client.force_login(anna)
    return client


@pytest.fixture
def draft(publisher, anna):
    return start_draft(publisher, by=anna, record=own_json())


def at(draft):
    return reverse("draft", args=[draft.pk])


def read(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def fill(client, draft, **changes):
    fields = Form(read(client, at(draft))).fields
    named = {name.replace("__", "."): [value] for name, value in changes.items()}
    return {**fields, **named}


def test_a_dataset_is_written_and_published_without_a_script(desk, publisher):
    answer = desk.post(reverse("draft-new"), {"publisher": publisher.slug})
    draft = Draft.objects.get()
    assert answer.headers["Location"] == at(draft)
    data = fill(
        desk,
        draft,
        title__0__value="Sjöar",
        title__1__value="Lakes",
        description__1__value=LONG,
        contacts__0__email="lakes@water.example",
        license="CC BY 4.0",
        keywords__1__value="water\nlakes",
        creators__0__name__0__value="Eva Ek",
        creators__0__identifiers__0__value="0000-0002-1825-0097",
        creators__0__identifiers__0__scheme="orcid",
        temporal__0__start="1990",
        distributions__0__access_urls="https://water.example/lakes",
        do="review",
    )
    data["access_rights"] = ["http://publications.europa.eu/resource/authority/access-right/PUBLIC"]
    answer = desk.post(at(draft), data)
    assert answer.headers["Location"] == reverse("draft-preview", args=[draft.pk])
    page = read(desk, answer.headers["Location"])
    assert "Nothing keeps it from being published" in page
    assert "This is how the page will look" in page
    assert "Eva Ek" in page
    draft.refresh_from_db()
    answer = desk.post(reverse("draft-action", args=[draft.pk, "publish"]), {"revision": draft.revision})
    dataset = Dataset.objects.get()
    assert answer.headers["Location"] == reverse("dataset", args=[dataset.slug])
    record = dataset.to_record()
    assert {(text.lang, text.value) for text in record.title} == {("sv", "Sjöar"), ("en", "Lakes")}
    assert [text.value for text in record.keywords] == ["water", "lakes"]
    assert record.license.iri.endswith("/CC_BY_4_0")
    assert record.creators[0].identifiers[0].scheme == "orcid"
    assert record.temporal[0].start == "1990"
    assert "Lakes" in read(desk, answer.headers["Location"])


def test_saving_a_form_as_it_is_changes_nothing(desk, publisher, anna):
    whole = own_json(
        creators=[
            {"name": [{"value": "Eva"}], "is_person": True, "identifiers": [{"value": "x", "scheme": "ror"}]}
        ],
        relations=[{"kind": "dct:source", "target": "https://water.example/raw"}],
        spatial=[{"label": [{"value": "Vänern", "lang": "sv"}], "bbox": [12.3, 58.4, 14.2, 59.4]}],
        temporal=[{"start": "1990", "end": "2024"}],
        languages=[{"iri": "http://publications.europa.eu/resource/authority/language/SWE"}],
        hvd_categories=[{"raw": "nowhere"}],
        spatial_resolution_m="about ten",
        title=[{"value": "Sjöar", "lang": "sv"}, {"value": "Seen", "lang": "de"}, {"value": "untagged"}],
        conforms_to=[{"iri": "https://standard.example/1"}],
    )
    draft = start_draft(publisher, by=anna, record=whole)
    desk.post(at(draft), fill(desk, draft, do="save"))
    before = draft.record
    draft.refresh_from_db()
    assert draft.record == before
    assert draft.revision == 1


def test_rows_are_added_and_taken_out_without_a_script(desk, draft):
    two = fill(desk, draft, contacts__1__email="second@water.example", do="add:contacts")
    answer = desk.post(at(draft), two)
    assert answer.headers["Location"].endswith("#field-contacts")
    page = read(desk, at(draft))
    assert 'name="contacts.2.email"' in page
    desk.post(at(draft), fill(desk, draft, do="remove:contacts.0"))
    draft.refresh_from_db()
    assert [contact["email"] for contact in draft.record["contacts"]] == ["second@water.example"]


def test_wrong_words_are_kept_and_explained_at_their_field(desk, draft):
    desk.post(at(draft), fill(desk, draft, issued="last year", landing_pages="nowhere", do="save"))
    page = read(desk, at(draft))
    assert 'value="last year"' in page
    assert re.search(r'id="field-issued-errors"><p class="error">[^<]*last year', page)
    assert 'href="#field-issued"' in page
    assert re.search(r'id="field-landing-pages-errors"><p', page)


def test_what_is_missing_is_listed_and_leads_to_its_field(desk, publisher, anna):
    draft = start_draft(publisher, by=anna)
    page = read(desk, at(draft))
    for name in ("title", "description", "contacts", "access-rights", "license"):
        assert f'href="#field-{name}"' in page
        assert f'id="field-{name}"' in page
    assert '<p class="error">' not in page  # an empty form is not scolded


def test_every_link_of_a_problem_leads_somewhere(desk, publisher, anna):
    wrong = own_json(
        contacts=[{"email": "x"}],
        creators=[{"identifiers": [{"value": "1", "scheme": "orcid"}]}],
        themes=[{"raw": "lakes"}],
        distributions=[{"byte_size": "much", "checksum": {"value": "q"}, "access_urls": ["a", "b"]}],
        spatial=[{"bbox": "1 2"}, {"geometry": "x"}],
        title=[{"value": "x", "lang": "no language"}],
    )
    page = read(desk, at(start_draft(publisher, by=anna, record=wrong)))
    targets = set(re.findall(r'href="#(field-[^"]+)"', page))
    assert len(targets) > 12
    assert targets <= set(re.findall(r'id="([^"]+)"', page))


def test_ids_are_unique(desk, draft):
    ids = re.findall(r'\sid="([^"]+)"', read(desk, at(draft)))
    assert len(ids) == len(set(ids))


def test_typing_is_saved_and_answered_in_parts(desk, draft):
    data = fill(desk, draft, issued="last year", contacts__1__email="nobody")
    answer = desk.post(reverse("draft-save", args=[draft.pk]), data)
    page = answer.content.decode()
    assert 'name="revision" value="2"' in page
    assert re.search(r'id="field-issued-errors" hx-swap-oob="true"><p class="error">', page)
    assert re.search(r'id="field-contacts-1-email-errors" hx-swap-oob="true"><p class="error">', page)
    # Mended, its words go; what was not wrong is not sent.
    revised = Form(f'<form class="draft">{page}</form>').fields
    answer = desk.post(reverse("draft-save", args=[draft.pk]), {**data, **revised, "issued": ["2024"]})
    assert 'id="field-issued-errors" hx-swap-oob="true"></div>' in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.record["issued"], draft.revision) == ("2024", 3)


def test_messages_find_their_row_when_an_empty_one_stands_before_it(desk, publisher, anna):
    draft = start_draft(publisher, by=anna)
    data = fill(desk, draft, **{"contacts.3.email": "nobody"})
    page = desk.post(reverse("draft-save", args=[draft.pk]), data).content.decode()
    assert 'id="field-contacts-3-email-errors" hx-swap-oob' in page


def test_a_save_that_overtakes_the_typing_loses_nothing(desk, draft):
    first = fill(desk, draft, version="2")
    desk.post(reverse("draft-save", args=[draft.pk]), first)
    answer = desk.post(at(draft), {**first, "version": ["2.1"], "do": ["save"]})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.record["version"] == "2.1"


def test_the_second_editor_sees_both_and_saves_what_he_wants(desk, draft, publisher, client):
    data = fill(desk, draft, title__1__value="His", version="3", do="save")
    bo = make_steward(publisher, username="bo")
    theirs = {
        **draft.record,
        "title": [{"value": "<b>Hers</b>", "lang": "en"}],
        "frequency": {"raw": "daily"},
    }
    save_draft(draft, theirs, by=bo, revision=1)
    answer = desk.post(reverse("draft-save", args=[draft.pk]), data)
    assert "Not saved" in answer.content.decode()
    answer = desk.post(at(draft), data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "bo saved this draft" in page
    assert "&lt;b&gt;Hers" in page
    assert "<b>Hers" not in page
    again = Form(page).fields
    assert again["title.1.value"] == ["His"]
    desk.post(at(draft), {**again, "do": ["save"]})
    draft.refresh_from_db()
    assert draft.record["title"] == [{"value": "His", "lang": "en"}]
    assert draft.record["frequency"]
    assert draft.record["version"] == "3"


def test_review_goes_to_another_person(client, anna):
    publisher = make_publisher("Health Office", needs_review=True)
    anna, bo = make_steward(publisher), make_steward(publisher)
    draft = start_draft(publisher, by=anna, record=own_json())
    client.force_login(anna)
    page = read(client, reverse("draft-preview", args=[draft.pk]))
    assert ">Publish<" not in page
    client.post(reverse("draft-action", args=[draft.pk, "submit"]), {"revision": 1, "note": "please"})
    assert client.get(at(draft)).headers["Location"] == reverse("draft-preview", args=[draft.pk])
    page = read(client, reverse("draft-preview", args=[draft.pk]))
    assert "somebody else decides" in page
    assert (
        client.post(reverse("draft-action", args=[draft.pk, "publish"]), {"revision": 1}).status_code == 403
    )
    client.force_login(bo)
    assert "Waiting for your review" in read(client, reverse("drafts"))
    client.post(reverse("draft-action", args=[draft.pk, "return"]), {"revision": 1, "note": "Name them."})
    client.force_login(anna)
    assert "Name them." in read(client, at(draft))
    client.post(reverse("draft-action", args=[draft.pk, "submit"]), {"revision": 1})
    client.force_login(bo)
    client.post(reverse("draft-action", args=[draft.pk, "publish"]), {"revision": 1})
    assert Dataset.objects.count() == 1


def test_an_edition_is_followed_withdrawn_and_restored(desk, publisher, anna):
    first = publish(anna, publisher)
    desk.post(reverse("edition-action", args=[first.slug, "follow"]))
    draft = Draft.objects.get(follows__dataset=first)
    desk.post(reverse("draft-action", args=[draft.pk, "publish"]), {"revision": draft.revision})
    draft.refresh_from_db()
    second = draft.dataset
    concept = reverse("concept", args=[first.edition.concept_id])
    assert desk.get(concept).headers["Location"] == reverse("dataset", args=[second.slug])
    assert "newer edition" in read(desk, reverse("dataset", args=[first.slug]))
    refused = desk.post(reverse("edition-action", args=[second.slug, "withdraw"]), {"reason": ""})
    assert refused.status_code == 422
    read(desk, reverse("edition-withdraw", args=[second.slug]))
    desk.post(reverse("edition-action", args=[second.slug, "withdraw"]), {"reason": "<i>Wrong lake.</i>"})
    tomb = read(desk, reverse("dataset", args=[second.slug]), status=410)
    assert "&lt;i&gt;Wrong lake." in tomb
    assert "Lake Office" in tomb
    assert "Cite it" in tomb
    assert desk.get(concept).headers["Location"] == reverse("dataset", args=[first.slug])
    desk.post(reverse("edition-action", args=[second.slug, "restore"]))
    read(desk, reverse("dataset", args=[second.slug]))
    desk.post(reverse("edition-action", args=[second.slug, "correct"]))
    assert Draft.objects.filter(dataset=second, state="open").exists()


@pytest.mark.parametrize(
    "make", [None, UserFactory, StaffFactory, lambda: make_steward(make_publisher("Other"))]
)
def test_others_may_neither_see_nor_do_anything(client, publisher, anna, make):
    dataset = publish(anna, publisher)
    draft = start_draft(publisher, by=anna, record=own_json())
    if make:
        client.force_login(make())
    for name in ("draft", "draft-preview"):
        assert client.get(reverse(name, args=[draft.pk])).status_code == 404
    assert client.post(reverse("draft-save", args=[draft.pk])).status_code == 404
    for action in ("submit", "take-back", "return", "publish", "drop"):
        assert client.post(reverse("draft-action", args=[draft.pk, action])).status_code == 404
    assert client.get(reverse("edition-withdraw", args=[dataset.slug])).status_code == 403
    for action in ("correct", "follow", "withdraw", "restore"):
        assert client.post(reverse("edition-action", args=[dataset.slug, action])).status_code == 403
    page = read(client, reverse("dataset", args=[dataset.slug]))
    assert "New edition" not in page


def test_only_those_who_may_publish_see_the_way_in(client, anna):
    for user, may in (
        (None, False),
        (UserFactory(), False),
        (anna, True),
        (UserFactory(is_superuser=True), True),
    ):
        if user:
            client.force_login(user)
        assert (reverse("draft-new") in read(client, "/")) is may
        assert client.get(reverse("drafts")).status_code == (200 if may else 403)
        assert client.get(reverse("draft-new")).status_code == (200 if may else 403)


def test_nobody_begins_a_draft_for_another_publisher(desk):
    other = make_publisher("Other")
    assert desk.post(reverse("draft-new"), {"publisher": other.slug}).status_code == 422
    assert not Draft.objects.exists()


def test_hostile_words_are_shown_as_words(desk, publisher, anna):
    evil = '"><script>alert(1)</script>'
    draft = start_draft(
        publisher,
        by=anna,
        record=own_json(
            title=[{"value": evil, "lang": "en"}],
            license={"raw": evil},
            landing_pages=["javascript:alert(1)"],
            contacts=[{"name": [{"value": evil}], "email": "a@b.example"}],
            distributions=[{"title": [{"value": evil}], "download_urls": [evil]}],
        ),
    )
    for name in ("draft", "draft-preview"):
        page = read(desk, reverse(name, args=[draft.pk]))
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
    assert "<script>alert" not in read(desk, reverse("drafts"))


def test_a_form_that_says_nothing_right_breaks_nothing(desk, draft):
    for data in (
        {},
        {"revision": "x", "base": "["},
        {"revision": "1", "base": "[]", "contacts.99999.email": "\x00"},
    ):
        answer = desk.post(at(draft), data)
        assert answer.status_code in {302, 409, 422}
    assert desk.post(reverse("draft-action", args=[draft.pk, "nonsense"])).status_code == 404


def test_lists_too_long_for_a_form_stay_whole(desk, publisher, anna):
    many = [{"access_urls": [f"https://water.example/{n}"]} for n in range(70)]
    draft = start_draft(publisher, by=anna, record=own_json(distributions=many))
    data = fill(desk, draft, version="2", do="save")
    assert desk.post(at(draft), data).status_code == 302
    draft.refresh_from_db()
    assert len(draft.record["distributions"]) == 70
    assert draft.record["version"] == "2"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_many_questions_however_long_it_is(
    desk, publisher, anna, count, django_assert_max_num_queries
):
    for _ in range(count):
        publish(anna, publisher)
        start_draft(publisher, by=anna, record=own_json())
    with django_assert_max_num_queries(9):
        read(desk, reverse("drafts"))


def test_the_editor_asks_few_questions(desk, draft, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        read(desk, at(draft))


def test_review_is_refused_while_something_is_missing(desk, publisher, anna):
    draft = start_draft(publisher, by=anna, record=own_json(contacts=None))
    desk.post(reverse("draft-action", args=[draft.pk, "submit"]), {"revision": 1})
    draft.refresh_from_db()
    assert draft.state == Draft.State.OPEN
    assert "Say whom to ask" in read(desk, reverse("draft-preview", args=[draft.pk]))


def test_a_draft_in_review_is_taken_back(desk, draft, anna):
    submit_draft(draft, by=anna, revision=1)
    answer = desk.post(reverse("draft-action", args=[draft.pk, "take-back"]))
    assert answer.headers["Location"] == at(draft)
    read(desk, at(draft))
