"""Saved searches: what is news and what is not, by mail, feed and signed post; stopping; when others fail."""

import hashlib
import hmac
import json
import re
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from xml.etree.ElementTree import fromstring

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from catalogue import stores
from catalogue.domain.alert_delivery import GIVEN_UP_AFTER, HOOK, deliver_due
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.domain.saved_searches import change_search, save_search
from catalogue.errors import Conflict, InvalidRecord
from catalogue.models import Dataset, Outbox, SavedSearch, SearchHit
from catalogue.search.embedded import EmbeddedEngine
from catalogue.search.ranking import Floors
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run
from tests.fakes.encoder import ConceptEncoder

pytestmark = pytest.mark.django_db


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted; answers as the server's `status` says."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def hook():
    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.posts, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}/hook?x=1"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def plain_static(settings):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def owner(db):
    return UserFactory(username="asa", email="asa@example.org")


@pytest.fixture
def put(db, fresh_stores):
    """Return a function that harvests titles or records by key, indexes them, and looks for news."""
    source = SourceFactory()

    def put_records(**records):
        lease = open_run(source)
        incoming = [
            make_incoming(
                f"https://water.example/{key}", make_record(said) if isinstance(said, str) else said
            )
            for key, said in records.items()
        ]
        ingest_page(lease, IngestPage(incoming=incoming))
        end_quietly(lease)
        for kind in ("search", "alert"):
            drain(PROJECTORS[kind])

    return put_records


def told(search):
    return sorted(hit.dataset.title for hit in SearchHit.objects.filter(search=search, is_old=False))


def later(**by):
    return timezone.now() + timedelta(**by)


def test_only_what_comes_later_is_news_and_each_dataset_once(put, owner):
    put(a="Old lakes")
    search = save_search(owner, "q=lakes")
    put(a="Old lakes, described anew", b="New lakes", c="Mountains")
    assert told(search) == ["New lakes"]
    put(b="New lakes, changed", c="Mountains and lakes")
    assert told(search) == ["Mountains and lakes", "New lakes, changed"]
    assert SearchHit.objects.filter(search=search).count() == 3


def test_filters_and_ranges_hold(put, owner):
    put(z="Something")
    search = save_search(owner, "q=lakes&year_from=2020&sort=title&page=3")
    assert search.query == "q=lakes&year_from=2020"
    put(a=make_record("Old lakes", issued="1999-01-01"), b="New lakes")
    assert told(search) == ["New lakes"]


def test_some_of_the_words_are_no_news(put, owner):
    put(z="Something")
    search = save_search(owner, "q=lakes+mountains")
    put(a="Lakes")
    assert told(search) == []


def test_meaning_is_news_where_it_is_wished_and_good(put, owner, fresh_stores, monkeypatch):
    engine = EmbeddedEngine(
        fresh_stores / "index", ConceptEncoder(), floors=Floors(0.4, 0.45, background=0.0)
    )
    monkeypatch.setattr(stores, "search_engine", lambda: engine)
    monkeypatch.setattr(stores, "encoder", ConceptEncoder)
    monkeypatch.setattr(stores, "ready_encoder", ConceptEncoder)
    put(z="Something")
    words, meaning = save_search(owner, "q=skogar"), save_search(owner, "q=skogar", by_meaning=True)
    record = make_record("Forest", description=(), keywords=(), publisher=None)
    put(a=record, b="Tax")
    drain(PROJECTORS["vector"])
    drain(PROJECTORS["alert"])
    assert told(words) == []
    assert told(meaning) == ["Forest"]


def test_search_that_asks_nothing_or_is_saved_already_is_refused(put, owner):
    put(a="Lakes")
    with pytest.raises(InvalidRecord, match="Ask something"):
        save_search(owner, "sort=title&page=2")
    save_search(owner, "q=lakes")
    with pytest.raises(Conflict, match="already"):
        save_search(owner, "q=lakes&page=2")


def test_digest_says_what_and_why_and_how_to_stop(put, owner, smtp):
    put(z="Something")
    save_search(owner, "q=lakes", name="All lakes")
    save_search(owner, "year_from=2020", name="Recent")
    put(a="Lakes of Sweden", b="Mountains")
    assert deliver_due().mailed == 1
    (mail,) = smtp.messages
    text = mail.get_content()
    assert mail["To"] == "asa@example.org"
    assert mail["Subject"].strip().startswith("2 new datasets: “All lakes”, “Recent”")
    assert "* Lakes of Sweden (Water Office)" in text
    assert "because of the words Lakes" in text
    assert "because it fits the filters" in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http://localhost:8000/alerts/stop/[^/]+/>", mail["List-Unsubscribe"].strip())
    assert deliver_due(later(days=2)).mailed == 0  # nothing is new


def test_digest_is_in_the_language_of_the_search(put, owner, smtp):
    put(z="Something")
    save_search(owner, "q=lakes", language="sv")
    put(a="Lakes of Sweden")
    deliver_due()
    assert "på grund av orden Lakes" in smtp.messages[0].get_content()


def test_news_wait_for_their_day(put, owner, smtp):
    put(z="Something")
    save_search(owner, "q=lakes", mail="daily")
    put(a="Lakes")
    deliver_due()
    put(b="More lakes")
    assert deliver_due(later(hours=5)).mailed == 0
    assert deliver_due(later(days=1, minutes=1)).mailed == 1
    assert "More lakes" in smtp.messages[1].get_content()
    assert "* Lakes" not in smtp.messages[1].get_content()


def test_mail_that_is_refused_for_now_is_sent_later_and_once(put, owner, smtp):
    put(z="Something")
    search = save_search(owner, "q=lakes")
    put(a="Lakes")
    smtp.answer = "451 Later"
    assert deliver_due().failed == 1
    assert deliver_due().failed == 0  # it waits for its next attempt
    smtp.answer = "250 Message accepted for delivery"
    Outbox.objects.update(next_attempt_at=timezone.now())
    assert deliver_due().mailed == 1
    assert len(smtp.messages) == 1
    search.refresh_from_db()
    assert search.mail_problem == ""


def test_mail_that_is_refused_for_good_rests_and_says_so(put, owner, smtp, client):
    put(z="Something")
    search = save_search(owner, "q=lakes")
    put(a="Lakes")
    smtp.recipient_answer = "550 Nobody here"
    deliver_due()
    client.force_login(owner)
    assert "refused the message with 550" in client.get("/searches/").content.decode()
    smtp.recipient_answer = "250 Message accepted for delivery"
    assert deliver_due().mailed == 0
    change_search(SavedSearch.objects.get(pk=search.pk), {"mail": "daily"})
    assert deliver_due().mailed == 1


def test_account_without_an_address_is_told_on_the_page(put, smtp):
    put(z="Something")
    search = save_search(UserFactory(email=""), "q=lakes")
    put(a="Lakes")
    deliver_due()
    search.refresh_from_db()
    assert search.mail_problem == "Your account has no mail address."


def test_what_was_hidden_meanwhile_is_not_told(put, owner, smtp):
    put(z="Something")
    save_search(owner, "q=lakes")
    put(a="Lakes")
    Dataset.objects.update(is_public=False)
    deliver_due()
    assert smtp.messages == []


def test_one_click_stops_all_and_a_look_stops_nothing(put, owner, smtp):
    put(z="Something")
    search = save_search(owner, "q=lakes")
    put(a="Lakes")
    deliver_due()
    link = smtp.messages[0]["List-Unsubscribe"].strip(" <>").removeprefix("http://localhost:8000")
    program = Client(enforce_csrf_checks=True)
    assert program.get(link).status_code == 200
    search.refresh_from_db()
    assert search.mail == "daily"
    answer = program.post(link, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    search.refresh_from_db()
    assert search.mail == "off"
    assert program.post(link[:-5] + "x/").status_code == 404


def test_stop_link_of_one_search_leaves_the_others(put, owner, smtp, client):
    put(z="Something")
    one, other = save_search(owner, "q=lakes"), save_search(owner, "q=mountains")
    put(a="Lakes and mountains")
    deliver_due()
    links = re.findall(
        r"No more messages about this search: http://localhost:8000(\S+)", smtp.messages[0].get_content()
    )
    client.post(links[0])
    one.refresh_from_db()
    other.refresh_from_db()
    assert sorted([one.mail, other.mail]) == ["daily", "off"]


def test_webhook_is_signed_and_says_why(put, owner, hook):
    put(z="Something")
    search = save_search(owner, "q=lakes", mail="off", webhook_url=hook.url)
    put(a="Lakes of Sweden")
    assert deliver_due().posted == 1
    ((path, headers, body),) = hook.posts
    assert path == "/hook?x=1"
    at, made = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["Mimisbrunn-Signature"]).groups()
    wanted = hmac.new(search.webhook_secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert made == wanted
    said = json.loads(body)
    assert said["search"]["name"] == "lakes"
    assert [item["title"] for item in said["datasets"]] == ["Lakes of Sweden"]
    assert said["datasets"][0]["because"]["words"] == "because of the words Lakes"
    assert said["delivery"] == headers["Mimisbrunn-Delivery"]
    assert deliver_due().posted == 0


def test_webhook_that_fails_is_tried_again_with_the_same_delivery(put, owner, hook):
    put(z="Something")
    save_search(owner, "q=lakes", mail="off", webhook_url=hook.url)
    put(a="Lakes")
    hook.status = 503
    assert deliver_due().failed == 1
    row = Outbox.objects.get(kind=HOOK)
    assert row.attempts == 1
    hook.status = 204
    Outbox.objects.update(next_attempt_at=timezone.now())
    assert deliver_due().posted == 1
    first, second = hook.posts
    assert first[1]["Mimisbrunn-Delivery"] == second[1]["Mimisbrunn-Delivery"]


def test_webhook_that_is_gone_or_fails_for_days_rests(put, owner, hook):
    put(z="Something")
    search = save_search(owner, "q=lakes", mail="off", webhook_url=hook.url)
    put(a="Lakes")
    hook.status = 500
    deliver_due()
    SearchHit.objects.update(found_at=timezone.now() - GIVEN_UP_AFTER - timedelta(minutes=1))
    Outbox.objects.update(next_attempt_at=timezone.now())
    deliver_due()
    search.refresh_from_db()
    assert search.webhook_problem == "127.0.0.1 answered with 500."
    assert not Outbox.objects.filter(kind=HOOK).exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "https://u:p@example.org/",
        "ftp://x.org/",
        "https://",
        "x",
        "https://example.org:port/",
    ],
)
def test_webhook_address_that_is_none_is_refused(put, owner, url):
    put(z="Something")
    with pytest.raises(InvalidRecord, match="https address"):
        save_search(owner, "q=lakes", webhook_url=url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "169.254.169.254",
        "10.0.0.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "168.63.129.16",
    ],
)
def test_webhook_into_a_private_network_is_not_posted(put, owner, settings, host):
    put(z="Something")
    settings.HARVEST_ALLOWED_HOSTS = frozenset()
    search = save_search(owner, "q=lakes", mail="off", webhook_url=f"https://{host}/hook")
    put(a="Lakes")
    deliver_due()
    search.refresh_from_db()
    assert "private network" in search.webhook_problem


def test_feed_of_a_search_needs_no_account_and_tells_nothing_else(put, owner, client):
    put(a="Old lakes")
    search = save_search(owner, "q=lakes", name="Waters")
    put(b="New lakes")
    answer = client.get(f"/searches/feed/{search.feed_token}.atom")
    feed = fromstring(answer.content)
    titles = [node.text for node in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert titles == ["Waters – Mimisbrunn", "New lakes"]
    assert b"asa" not in answer.content
    assert client.get("/searches/feed/other.atom").status_code == 404


def test_page_saves_changes_and_deletes(put, owner, client):
    put(a="Lakes")
    client.force_login(owner)
    html = client.get("/search/?q=lakes&year_from=2020").content.decode()
    query = re.search(r'name="query" value="([^"]+)"', html)[1].replace("&amp;", "&")
    client.post("/searches/save/", {"query": query, "by_meaning": "on"})
    search = SavedSearch.objects.get()
    assert (search.query, search.by_meaning, search.owner) == ("q=lakes&year_from=2020", True, owner)
    client.post(f"/searches/{search.pk}/change/", {"name": "Waters", "mail": "weekly", "webhook_url": ""})
    search.refresh_from_db()
    assert (search.name, search.mail) == ("Waters", "weekly")
    wrong = client.post(f"/searches/{search.pk}/change/", {"name": "x", "webhook_url": "http://x.example/"})
    assert wrong.status_code == 422
    assert "https address" in wrong.content.decode()
    other = Client()
    other.force_login(UserFactory())
    assert other.post(f"/searches/{search.pk}/delete/").status_code == 404
    client.post(f"/searches/{search.pk}/delete/")
    assert not SavedSearch.objects.exists()


def test_visitor_is_led_to_sign_in_and_back(put, client):
    put(a="Lakes")
    html = client.get("/search/?q=lakes").content.decode()
    assert 'href="/login/?next=/search/%3Fq%3Dlakes"' in html
    assert client.get("/searches/").status_code == 302


def test_page_takes_as_many_queries_for_three_as_for_one(put, owner, client, django_assert_num_queries):
    put(z="Something")
    client.force_login(owner)
    save_search(owner, "q=lakes")
    put(a="Lakes")
    with django_assert_num_queries(7):  # session, account, searches, news, roles, basket, committees
        client.get("/searches/")
    save_search(owner, "q=mountains")
    save_search(owner, "q=rivers")
    put(b="Mountains", c="Rivers")
    with django_assert_num_queries(7):
        client.get("/searches/")


def test_command_finds_and_tells(put, owner, smtp, capsys):
    put(z="Something")
    save_search(owner, "q=lakes")
    lease = open_run(SourceFactory())
    ingest_page(lease, IngestPage(incoming=[make_incoming("https://water.example/n", make_record("Lakes"))]))
    drain(PROJECTORS["search"])
    call_command("alerts")
    assert "1 changed datasets looked at; 1 messages and 0 posts sent" in capsys.readouterr().out
    assert len(smtp.messages) == 1


def test_nobody_saved_a_search_and_nothing_is_looked_at(put):
    put(a="Lakes")
    assert not Outbox.objects.filter(kind="alert").exists()


def test_api_saves_lists_hits_changes_and_deletes(put, owner):
    put(a="Lakes")
    client = Client()
    assert client.get("/api/v1/searches").status_code in {401, 403}
    client.force_login(owner)
    saved = client.post(
        "/api/v1/searches", {"query": "q=lakes", "mail": "off"}, content_type="application/json"
    )
    assert saved.status_code == 201, saved.content
    address = saved.json()["url"].removeprefix("http://localhost:8000")
    put(b="More lakes")
    hits = client.get(f"{address}/hits").json()["results"]
    assert [(hit["title"], hit["words"]) for hit in hits] == [("More lakes", "because of the words lakes")]
    changed = client.patch(address, {"mail": "weekly"}, content_type="application/json")
    assert changed.json()["mail"] == "weekly"
    refused = client.patch(address, {"webhook_url": "http://x/"}, content_type="application/json")
    assert refused.status_code == 422
    assert (
        client.post("/api/v1/searches", {"query": "q=lakes"}, content_type="application/json").status_code
        == 409
    )
    assert [row["name"] for row in client.get("/api/v1/searches").json()["results"]] == ["lakes"]
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
