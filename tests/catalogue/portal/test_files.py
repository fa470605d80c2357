"""Files in the portal: downloads by range, and uploads without a script."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from catalogue import stores
from catalogue.domain.file_checking import FileProjector
from catalogue.domain.files import begin_upload, sign_parts
from catalogue.domain.outbox import drain
from catalogue.models import StoredFile
from catalogue.portal.byte_range import UnsatisfiableRangeError, parse_range
from catalogue.portal.file_upload import describe_upload_target
from tests.factories import UserFactory
from tests.factories.files import DatasetFactory, DraftFactory, make_steward, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]

DATA = bytes(range(256)) * 8
PUBLIC = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
RESTRICTED = "http://publications.europa.eu/resource/authority/access-right/RESTRICTED"


@pytest.fixture
def draft():
    return DraftFactory()


@pytest.fixture
def steward(client, draft):
    client.force_login(make_steward(draft))
    return client


def publish(file, rights=PUBLIC):
    dataset = DatasetFactory(record={"access_rights": {"iri": rights}}, title="Lakes of Sweden")
    StoredFile.objects.filter(pk=file.pk).update(dataset=dataset)
    return dataset


def bytes_of(answer):
    return b"".join(answer.streaming_content)


# --- downloads -----------------------------------------------------------------------------------


def test_open_file_is_given_to_everybody_as_an_attachment(client, draft):
    file = take_in(draft, DATA, "sjöar.bin")
    publish(file)
    answer = client.get(f"/files/{file.pk}", follow=True, headers={"accept-encoding": "gzip"})
    assert bytes_of(answer) == DATA
    assert answer.headers["Content-Length"] == str(len(DATA))
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "sj%C3%B6ar.bin" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("wanted", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=2000-", 206, 2000, 2048),
        ("bytes=-8", 206, 2040, 2048),
        ("bytes=2040-9999", 206, 2040, 2048),
        ("bytes=0-1,5-6", 200, 0, 2048),
        ("lines=1-2", 200, 0, 2048),
    ],
)
def test_range_of_a_file_is_given(client, draft, wanted, status, start, end):
    file = take_in(draft, DATA, "lakes.bin")
    publish(file)
    link = client.get(f"/files/{file.pk}").headers["Location"]
    answer = client.get(link, headers={"range": wanted})
    assert (answer.status_code, bytes_of(answer)) == (status, DATA[start:end])
    if status == 206:
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/2048"


def test_range_of_another_state_of_the_file_is_given_whole(client, draft):
    file = take_in(draft, DATA)
    publish(file)
    link = client.get(f"/files/{file.pk}").headers["Location"]
    answer = client.get(link, headers={"range": "bytes=0-9", "if-range": '"older"'})
    assert (answer.status_code, len(bytes_of(answer))) == (200, 2048)


def test_range_after_the_end_is_none(client, draft):
    file = take_in(draft, DATA)
    publish(file)
    link = client.get(f"/files/{file.pk}").headers["Location"]
    answer = client.get(link, headers={"range": "bytes=2048-"})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */2048")


@pytest.mark.parametrize("header", ["", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=1-2-3"])
def test_range_that_says_nothing_is_left_aside(header):
    assert parse_range(header, 100) is None


def test_last_no_bytes_are_no_range():
    with pytest.raises(UnsatisfiableRangeError):
        parse_range("bytes=-0", 100)


def test_asking_how_large_a_file_is_costs_no_link(client, draft):
    file = take_in(draft, DATA)
    publish(file)
    answer = client.head(f"/files/{file.pk}")
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "2048")


def test_restricted_file_tells_how_to_get_it(client, draft):
    file = take_in(draft)
    dataset = publish(file, RESTRICTED)
    answer = client.get(f"/files/{file.pk}")
    assert answer.status_code == 403
    assert f'href="/datasets/{dataset.slug}/"' in answer.content.decode()
    assert "Lakes of Sweden" in answer.content.decode()


def test_link_that_ran_out_gives_nothing(client, draft, settings):
    file = take_in(draft)
    publish(file)
    settings.FILES_LINK_S = -1
    assert client.get(f"/files/{file.pk}", follow=True).status_code == 403


@pytest.mark.parametrize("path", ["content/x", "parts/x"])
def test_what_is_no_token_opens_nothing(client, path):
    method = client.put if path.startswith("parts") else client.get
    assert method(f"/files/{path}").status_code == 403


def test_part_is_what_was_signed(client, draft):
    part = sign_parts(begin_upload(draft, "a.csv", 7), [1])[0]
    for data, url, status in (
        (b"too long for it", part.url, 422),
        (b"", part.url, 422),
        (b"the end", part.url + "x", 403),
        (b"the end", part.url, 204),
    ):
        answer = client.put(url, data, content_type="application/octet-stream")
        assert answer.status_code == status, url


# --- uploads without a script --------------------------------------------------------------------


def send(client, draft, name="lakes.csv", data=b"a,b\n1,2\n", **fields):
    form = {"file": SimpleUploadedFile(name, data), "next": "/about/", **fields}
    return client.post(f"/files/of/{draft.pk}/send/", form)


def test_form_upload_arrives_and_comes_back(steward, draft):
    answer = send(steward, draft, data=DATA)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/about/")
    drain(FileProjector())
    file = StoredFile.objects.get()
    assert (file.state, file.name, file.size_bytes) == (StoredFile.State.READY, "lakes.csv", 2048)
    assert b"".join(stores.file_store().read(file.object_key)) == DATA


def test_form_without_a_file_says_so(steward, draft):
    answer = steward.post(f"/files/of/{draft.pk}/send/", {"next": "/about/"})
    assert answer.status_code == 422
    assert "Choose one first" in answer.content.decode()


def test_form_upload_leads_to_no_other_site(steward, draft):
    assert send(steward, draft, next="https://evil.example/").headers["Location"] == "/"


def test_form_upload_that_is_too_large_leaves_nothing(steward, draft, settings):
    settings.FILES_MAX_MIB = 1
    assert send(steward, draft, data=bytes(2**20 + 1)).status_code == 422
    drain(FileProjector())
    assert not StoredFile.objects.exists()
    assert list(stores.file_store().open_uploads()) == []


def test_forged_form_leaves_nothing(draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_steward(draft))
    assert send(client, draft).status_code == 403
    drain(FileProjector())
    assert not StoredFile.objects.exists()


def test_form_of_a_draft_of_others_is_not_there(client, draft):
    assert send(client, draft).status_code == 404
    client.force_login(UserFactory())
    assert send(client, draft).status_code == 404
    assert client.get(f"/files/of/{draft.pk}/").status_code == 404
    assert not StoredFile.objects.exists()


# --- the control ---------------------------------------------------------------------------------


def show(draft, user):
    request = RequestFactory().get("/")
    request.user = user
    context = {"upload_target": describe_upload_target(draft, "/about/")}
    return render_to_string("portal/partials/file_upload.html", context, request)


def test_control_shows_files_with_their_state(draft):
    take_in(draft, b"only words", "picture.png")
    take_in(draft, b"a,b\n", "wrong.csv", sha256="0" * 64)
    begin_upload(draft, "half.csv", 5)
    page = show(draft, make_steward(draft))
    assert "The name says image/png, yet its bytes are text/plain." in page
    assert "Not scanned for malware." in page
    assert "announced was 0000" in page
    assert "Choose the same file again to go on." in page
    assert page.count("Remove</button>") == 3
    assert "style=" not in page


def test_damaged_file_is_shown(steward, draft):
    take_in(draft)
    StoredFile.objects.update(health=StoredFile.Health.DAMAGED, health_note="Its bytes have changed.")
    page = steward.get(f"/files/of/{draft.pk}/").content.decode()
    assert "not what they were" in page
    assert "Its bytes have changed." in page


def test_file_is_removed(steward, draft):
    file = take_in(draft)
    answer = steward.post(f"/files/{file.pk}/remove/", {"next": "/about/"})
    assert answer.headers["Location"] == "/about/"
    file.refresh_from_db()
    assert file.state == StoredFile.State.DELETED


def test_file_of_others_is_not_removed(client, draft):
    file = take_in(draft)
    client.force_login(UserFactory())
    assert client.post(f"/files/{file.pk}/remove/").status_code == 404


def test_pages_may_send_parts_to_the_bucket_of_the_settings(client, settings):
    settings.S3_BUCKET = "files"
    settings.S3_ENDPOINT_URL = "http://store:9000"
    settings.S3_PUBLIC_URL = "https://files.example.org"
    settings.S3_ACCESS_KEY = settings.S3_SECRET_KEY = "test"
    stores.s3_bucket.cache_clear()
    stores.file_store.cache_clear()
    policy = Client().get("/about/").headers["Content-Security-Policy"]
    assert "connect-src 'self' https://files.example.org" in policy


def test_control_speaks_swedish(draft):
    with translation.override("sv"):
        page = show(draft, make_steward(draft))
    assert "{percent} %, {speed} i sekunden, omkring {left} kvar" in page
    assert "Det finns inga filer än." in page
