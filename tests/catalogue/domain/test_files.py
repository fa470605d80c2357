"""Files on their way in: parts, interruptions, what is refused, what is given up."""

import hashlib
import os
import shlex
import sys
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from catalogue import stores
from catalogue.domain.file_checking import FileProjector, settle_file
from catalogue.domain.file_links import RestrictedFile, find_download, sign_download
from catalogue.domain.files import (
    FormUpload,
    begin_upload,
    delete_file,
    discard_abandoned,
    finish_upload,
    list_received,
    sign_parts,
)
from catalogue.domain.outbox import drain
from catalogue.errors import Conflict, InvalidRecord, NotFound, UpstreamError
from catalogue.models import Dataset, Draft, Outbox, StoredFile, Upload
from tests.factories.files import DatasetFactory, DraftFactory, make_steward, send_parts, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]

PART = 8 * 2**20
LARGE = bytes(range(256)) * (PART * 2 // 256) + b"the end"
State = StoredFile.State


@pytest.fixture
def draft():
    return DraftFactory()


def stored(file):
    return b"".join(stores.file_store().read(file.object_key))


def scan_with(settings, code):
    settings.SCAN_COMMAND = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"


# --- sending -------------------------------------------------------------------------------------


def test_file_sent_in_parts_is_ready_with_its_sum_and_kind(draft):
    file = take_in(draft, LARGE, "lakes.bin")
    assert (file.state, file.health) == (State.READY, StoredFile.Health.SOUND)
    assert file.sha256 == hashlib.sha256(LARGE).hexdigest()
    assert (file.media_type, file.scanned_by, file.problem) == ("application/octet-stream", "", "")
    assert stored(file) == LARGE
    assert not Upload.objects.exists()
    assert not Outbox.objects.exists()


def test_interrupted_upload_goes_on_with_what_is_missing(draft):
    file = begin_upload(draft, "lakes.bin", len(LARGE))
    send_parts(file, LARGE, {1, 3})
    assert list_received(file) == [1, 3]
    with pytest.raises(Conflict, match="not whole: part 2 is missing"):
        finish_upload(file)
    send_parts(file, LARGE, {2})
    finish_upload(file)
    drain(FileProjector())
    assert stored(file) == LARGE


def test_parts_are_signed_with_where_they_lie(draft):
    file = begin_upload(draft, "lakes.bin", len(LARGE))
    first, last = sign_parts(file, [1, 3])
    assert (first.offset, first.size_bytes, last.offset, last.size_bytes) == (0, PART, 2 * PART, 7)
    assert first.url != last.url
    with pytest.raises(InvalidRecord, match="no part 4"):
        sign_parts(file, [4])


def test_part_of_another_size_than_planned_is_missing(draft):
    file = begin_upload(draft, "a.csv", 10)
    upload = Upload.objects.get(file=file)
    stores.file_store().write_part(file.object_key, upload.upload_id, 1, b"short")
    assert list_received(file) == []
    with pytest.raises(Conflict, match="part 1 is missing"):
        finish_upload(file)


def test_finishing_again_is_no_harm(draft):
    file = begin_upload(draft, "a.csv", 4)
    send_parts(file, b"a,b\n")
    assert finish_upload(file).state == finish_upload(file).state == State.CHECKING
    drain(FileProjector())
    file.refresh_from_db()
    assert finish_upload(file).state == State.READY


@pytest.mark.parametrize(
    ("name", "size_bytes", "sha256", "field"),
    [
        ("", 1, "", "name"),
        ("a\x00b", 1, "", "name"),
        ("..", 1, "", "name"),
        ("a" * 256, 1, "", "name"),
        ("a", 0, "", "size_bytes"),
        ("a", 2**20 + 1, "", "size_bytes"),
        ("a", 1, "abc", "sha256"),
    ],
)
def test_upload_that_cannot_be_is_refused_at_once(draft, settings, name, size_bytes, sha256, field):
    settings.FILES_MAX_MIB = 1
    with pytest.raises(InvalidRecord) as caught:
        begin_upload(draft, name, size_bytes, sha256=sha256)
    assert caught.value.violations[0].field == field
    assert not StoredFile.objects.exists()


def test_path_in_a_name_is_left_out(draft):
    assert begin_upload(draft, r"C:\data\..\lakes.csv", 1).name == "lakes.csv"


@pytest.mark.parametrize("state", [Draft.State.IN_REVIEW, Draft.State.PUBLISHED, Draft.State.DROPPED])
def test_draft_that_is_not_being_written_takes_no_file(state):
    with pytest.raises(Conflict, match="not being written"):
        begin_upload(DraftFactory(state=state), "a.csv", 1)


def test_store_that_is_away_leaves_no_file(draft, settings, tmp_path):
    settings.FILES_DIR = tmp_path / "blocked"
    settings.FILES_DIR.write_bytes(b"a file where the folder should be")
    stores.file_store.cache_clear()
    with pytest.raises(UpstreamError):
        begin_upload(draft, "a.csv", 1)
    assert not StoredFile.objects.exists()


# --- a form without a script ---------------------------------------------------------------------


def test_form_upload_learns_its_size_at_the_end(draft):
    form = FormUpload(draft, "lakes.bin", len(LARGE) + 400, None)
    for start in range(0, len(LARGE), 65536):
        form.write(LARGE[start : start + 65536])
    file = form.finish()
    drain(FileProjector())
    file.refresh_from_db()
    assert (file.state, file.size_bytes) == (State.READY, len(LARGE))
    assert stored(file) == LARGE


def test_form_upload_that_grows_too_large_or_stays_empty_is_refused(draft, settings):
    settings.FILES_MAX_MIB = 1
    form = FormUpload(draft, "a.bin", 10**9, None)
    with pytest.raises(InvalidRecord, match="larger than"):
        form.write(bytes(2**20 + 1))
    with pytest.raises(InvalidRecord, match="empty"):
        FormUpload(draft, "a.bin", 10, None).finish()


# --- checking ------------------------------------------------------------------------------------


def test_announced_sum_is_compared_with_the_stored_bytes(draft):
    right = take_in(draft, b"a,b\n", sha256=hashlib.sha256(b"a,b\n").hexdigest().upper())
    assert right.state == State.READY
    wrong = take_in(draft, b"a,b\n", sha256="0" * 64)
    assert wrong.state == State.REFUSED
    assert wrong.sha256 in wrong.problem
    assert "0" * 64 in wrong.problem


def test_malware_is_refused_and_never_given_out(draft, settings):
    scan_with(settings, "import sys; print('Worm.A'); sys.exit(b'evil' in sys.stdin.buffer.read())")
    clean, evil = take_in(draft, b"good"), take_in(draft, b"evil")
    assert clean.state == State.READY
    assert clean.scanned_by.startswith("python")
    assert evil.state == State.REFUSED
    assert "Worm.A" in evil.problem
    with pytest.raises(Conflict, match="was refused and is not given out"):
        sign_download(evil)


def test_scanner_that_stops_early_does_not_spoil_the_sum(draft, settings):
    scan_with(settings, "import sys; sys.stdin.buffer.read(1)")
    assert take_in(draft, LARGE).sha256 == hashlib.sha256(LARGE).hexdigest()


def test_file_waits_for_a_scanner_that_is_down(draft, settings):
    settings.CLAMD_ADDRESS = "127.0.0.1:9"
    file = take_in(draft)
    assert file.state == State.CHECKING
    assert "ClamAV" in Outbox.objects.get().error
    settings.CLAMD_ADDRESS = ""
    settle_file(file.pk)
    file.refresh_from_db()
    assert file.state == State.READY


def test_check_that_died_after_putting_together_begins_again(draft):
    file = begin_upload(draft, "a.csv", 4)
    send_parts(file, b"a,b\n")
    finish_upload(file)
    stores.file_store().complete(file.object_key, file.upload.upload_id)
    drain(FileProjector())
    file.refresh_from_db()
    assert file.state == State.READY


def test_new_file_is_copied_to_the_second_store(draft, settings, tmp_path):
    settings.FILES_COPY_DIR = str(tmp_path / "copy")
    stores.file_copy.cache_clear()
    file = take_in(draft, LARGE)
    assert b"".join(stores.file_copy().read(file.object_key)) == LARGE


# --- giving out ----------------------------------------------------------------------------------


def test_ready_file_has_a_signed_address(draft):
    file = take_in(draft)
    token = sign_download(file).rpartition("/")[2]
    assert stores.file_store().open_download(token) == (file.object_key, "lakes.csv", "text/csv")


PUBLIC = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
RESTRICTED = "http://publications.europa.eu/resource/authority/access-right/RESTRICTED"


@pytest.mark.parametrize(
    ("rights", "changes", "stranger", "steward"),
    [
        (PUBLIC, {}, None, None),
        (RESTRICTED, {}, RestrictedFile, None),
        (PUBLIC, {"is_public": False}, NotFound, None),
        (PUBLIC, {"state": Dataset.State.GONE}, NotFound, None),
    ],
)
def test_access_class_decides_who_may_have_a_published_file(draft, rights, changes, stranger, steward):
    file = take_in(draft)
    dataset = DatasetFactory(publisher=draft.publisher, record={"access_rights": {"iri": rights}}, **changes)
    StoredFile.objects.update(dataset=dataset)
    for user, expected in ((AnonymousUser(), stranger), (make_steward(draft), steward)):
        if expected is None:
            assert find_download(file.pk, user) == file
        else:
            with pytest.raises(expected):
                find_download(file.pk, user)


def test_file_of_a_draft_is_for_its_editors(draft):
    file = take_in(draft)
    assert find_download(file.pk, make_steward(draft)) == file
    for user in (AnonymousUser(), make_steward(DraftFactory())):
        with pytest.raises(NotFound):
            find_download(file.pk, user)


def test_file_under_way_is_not_given_out(draft):
    with pytest.raises(Conflict, match="still being taken in"):
        sign_download(begin_upload(draft, "a.csv", 1))


# --- giving up and deleting ----------------------------------------------------------------------


def test_upload_given_up_leaves_nothing(draft):
    file = begin_upload(draft, "a.csv", 4)
    send_parts(file, b"a,b\n")
    delete_file(file)
    drain(FileProjector())
    assert not StoredFile.objects.exists()
    assert list(stores.file_store().open_uploads()) == []


def test_deleted_file_is_remembered_without_its_bytes(draft, settings, tmp_path):
    settings.FILES_COPY_DIR = str(tmp_path / "copy")
    stores.file_copy.cache_clear()
    file = take_in(draft)
    delete_file(file)
    drain(FileProjector())
    file.refresh_from_db()
    assert file.state == State.DELETED
    for store in (stores.file_store(), stores.file_copy()):
        with pytest.raises(NotFound):
            store.size(file.object_key)
    with pytest.raises(NotFound, match="was deleted"):
        find_download(file.pk, make_steward(draft))


def test_published_file_is_not_deleted(draft):
    file = take_in(draft)
    StoredFile.objects.update(dataset=DatasetFactory())
    with pytest.raises(Conflict, match="is published"):
        delete_file(file)
    file.refresh_from_db()
    assert file.state == State.READY


def test_uploads_at_rest_are_given_up_and_active_ones_are_not(draft, settings):
    resting, active = begin_upload(draft, "a.csv", 4), begin_upload(draft, "b.csv", 4)
    lost = begin_upload(draft, "c.csv", 4)  # its process died before the upload was written down
    Upload.objects.filter(file=lost).delete()
    long_ago = timezone.now() - timedelta(days=settings.FILES_UPLOAD_DAYS + 1)
    Upload.objects.filter(file=resting).update(last_active_at=long_ago)
    StoredFile.objects.filter(pk=lost.pk).update(created_at=long_ago)
    assert discard_abandoned() == 2
    drain(FileProjector())
    assert list(StoredFile.objects.all()) == [active]


def test_upload_that_only_the_store_knows_is_ended(draft):
    store = stores.file_store()
    known = begin_upload(draft, "a.csv", 4)
    old, young = store.begin("a" * 32), store.begin("b" * 32)
    for key, upload in (("a" * 32, old), (known.object_key, known.upload.upload_id)):
        os.utime(store.root / ".uploads" / f"{key}.{upload}", (0, 0))
    assert discard_abandoned() == 1
    assert {item.upload_id for item in store.open_uploads()} == {known.upload.upload_id, young}


def test_file_whose_check_was_forgotten_is_asked_for_again(draft):
    file = begin_upload(draft, "a.csv", 4)
    send_parts(file, b"a,b\n")
    finish_upload(file)
    Outbox.objects.all().delete()
    discard_abandoned()
    drain(FileProjector())
    file.refresh_from_db()
    assert file.state == State.READY
