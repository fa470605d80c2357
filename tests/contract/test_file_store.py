"""What every store of people's files does, and what is particular to the folder."""

import hashlib
import io
import os
import urllib.error
import urllib.request
import uuid

import pytest

from catalogue.errors import Conflict, InvalidRecord, NotFound, NotPermitted, UpstreamError
from catalogue.integrations.file_bucket import BucketFiles
from catalogue.integrations.file_folder import FolderFiles
from catalogue.integrations.file_store import (
    MOST_PARTS,
    PartWriter,
    attachment_header,
    choose_part_size,
    write_file,
)
from catalogue.integrations.s3_bucket import S3Bucket

FIVE_MIB = 5 * 1024 * 1024  # the least that S3 takes for a part that is not the last
FIRST = b"a" * FIVE_MIB
LAST = b"the end"


@pytest.fixture(scope="session")
def bucket(s3_options, s3_client):
    name = f"mimis-files-{uuid.uuid4().hex[:12]}"
    s3_client.create_bucket(Bucket=name)
    yield S3Bucket(name, **s3_options)
    for item in s3_client.list_multipart_uploads(Bucket=name).get("Uploads", ()):
        s3_client.abort_multipart_upload(Bucket=name, Key=item["Key"], UploadId=item["UploadId"])
    for item in s3_client.list_objects_v2(Bucket=name).get("Contents", ()):
        s3_client.delete_object(Bucket=name, Key=item["Key"])
    s3_client.delete_bucket(Bucket=name)


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.s3)])
def store(request, tmp_path):
    if request.param == "folder":
        return FolderFiles(tmp_path / "files")
    return BucketFiles(request.getfixturevalue("bucket"), f"{uuid.uuid4().hex}/")


@pytest.fixture
def folder(tmp_path):
    return FolderFiles(tmp_path / "files")


@pytest.fixture
def key():
    return uuid.uuid4().hex


def send(store, url, data):
    """PUT a part to its signed address, as a browser would; return the status."""
    if url.startswith("/"):
        try:
            store.receive_part(url.rpartition("/")[2], io.BytesIO(data).read, len(data))
        except (InvalidRecord, NotPermitted):
            return 403
        return 200
    try:
        headers = {"Content-Type": "application/octet-stream"}
        request = urllib.request.Request(url, data=data, method="PUT", headers=headers)
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def content(store, key, *part):
    return b"".join(store.read(key, *part))


# --- every store ---------------------------------------------------------------------------------


def test_parts_sent_to_their_addresses_make_the_file(store, key):
    upload = store.begin(key)
    for number, data in ((2, LAST), (1, FIRST)):  # in any order
        assert send(store, store.sign_part(key, upload, number, len(data), 60), data) == 200
    assert [(part.number, part.size_bytes) for part in store.parts(key, upload)] == [
        (1, FIVE_MIB),
        (2, len(LAST)),
    ]
    assert store.complete(key, upload) == FIVE_MIB + len(LAST)
    assert content(store, key) == FIRST + LAST


def test_part_sent_again_replaces_the_first(store, key):
    upload = store.begin(key)
    store.write_part(key, upload, 1, b"half")
    store.write_part(key, upload, 1, b"whole")
    store.complete(key, upload)
    assert content(store, key) == b"whole"


def test_completing_again_is_no_harm(store, key):
    upload = store.begin(key)
    store.write_part(key, upload, 1, b"bytes")
    assert store.complete(key, upload) == store.complete(key, upload) == 5


def test_aborted_upload_is_gone_and_takes_no_room(store, key):
    upload = store.begin(key)
    store.write_part(key, upload, 1, b"bytes")
    assert [(item.key, item.upload_id) for item in store.open_uploads()] == [(key, upload)]
    store.abort(key, upload)
    store.abort(key, upload)
    assert list(store.open_uploads()) == []
    with pytest.raises(NotFound):
        store.parts(key, upload)
    with pytest.raises(NotFound):
        store.complete(key, upload)
    with pytest.raises((NotFound, UpstreamError)):  # the latter from moto, which fails at it
        store.write_part(key, upload, 1, b"late")


@pytest.mark.parametrize(("offset", "length"), [(0, 4), (2, 3), (5, None), (8, 100), (3, 0), (0, None)])
def test_read_of_a_part_is_a_slice(store, key, offset, length):
    data = b"0123456789"
    write_file(store, key, [data], len(data))
    end = None if length is None else offset + length
    assert content(store, key, offset, length) == data[offset:end]


def test_size_is_that_of_the_bytes(store, key):
    write_file(store, key, [b"0123", b"", b"456789"], 10)
    assert store.size(key) == 10


def test_writing_anew_replaces_the_bytes(store, key):
    write_file(store, key, [b"damaged"], 7)
    write_file(store, key, [b"as it was"], 9)
    assert content(store, key) == b"as it was"


def test_writing_that_fails_leaves_what_was_and_no_upload(store, key):
    def broken():
        yield b"x"
        raise Conflict("the other store fell silent")

    write_file(store, key, [b"as it was"], 9)
    with pytest.raises(Conflict):
        write_file(store, key, broken(), 9)
    assert content(store, key) == b"as it was"
    assert list(store.open_uploads()) == []


def test_deleted_file_is_not_found(store, key):
    write_file(store, key, [b"x"], 1)
    store.delete(key)
    store.delete(key)
    with pytest.raises(NotFound):
        store.size(key)
    with pytest.raises(NotFound):
        content(store, key)


@pytest.mark.parametrize("bad", ["", "../../etc/passwd", "A" * 32, "a" * 33, "a" * 31 + "/"])
def test_what_is_no_key_is_not_found(store, bad):
    for act in (store.begin, store.size, store.delete, lambda key: content(store, key)):
        with pytest.raises(NotFound, match="no key"):
            act(bad)


def test_address_takes_no_part_of_another_size(store, key, request):
    if request.node.callspec.params["store"] == "bucket" and "MIMIS_TEST_S3_URL" not in os.environ:
        pytest.skip("moto does not check what is signed")
    url = store.sign_part(key, store.begin(key), 1, 3, 60)
    assert send(store, url, b"four") == 403


def test_large_stream_is_cut_into_parts(store, key):
    upload = store.begin(key)
    writer = PartWriter(store, key, upload, FIVE_MIB)
    data = bytes(range(256)) * (FIVE_MIB * 2 // 256) + b"tail"
    for start in range(0, len(data), 700_001):
        writer.write(data[start : start + 700_001])
    writer.finish()
    assert writer.size_bytes == len(data)
    assert [part.size_bytes for part in store.parts(key, upload)] == [FIVE_MIB, FIVE_MIB, 4]
    store.complete(key, upload)
    digest = hashlib.sha256()
    for chunk in store.read(key):
        digest.update(chunk)
    assert digest.hexdigest() == hashlib.sha256(data).hexdigest()


# --- the bucket ----------------------------------------------------------------------------------


@pytest.mark.s3
def test_signed_download_of_a_bucket_is_an_attachment(bucket, key):
    store = BucketFiles(bucket, "signed/")
    write_file(store, key, [b"a,b"], 3)
    url = store.sign_download(key, "sjöar 2024.csv", "text/csv", 60)
    assert url.startswith(store.origin)
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"a,b"
        assert answer.headers["Content-Type"].startswith("text/csv")
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "sj%C3%B6ar%202024.csv" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("public_url", "path_style", "origin"),
    [
        ("https://data.example.org", True, "https://data.example.org"),
        ("https://data.example.org", False, "https://files.data.example.org"),
        ("", True, "http://store:9000"),
    ],
)
def test_addresses_are_signed_for_where_browsers_reach_the_store(public_url, path_style, origin):
    bucket = S3Bucket(
        "files",
        endpoint_url="http://store:9000",
        public_url=public_url,
        access_key="test",
        secret_key="testtest",
        path_style=path_style,
    )
    store = BucketFiles(bucket)
    url = store.sign_part(uuid.uuid4().hex, "id", 1, 5, 60)
    assert store.origin == origin
    assert url.startswith(f"{origin}/")


# --- the folder ----------------------------------------------------------------------------------


def test_download_token_of_the_folder_names_the_file(folder, key):
    token = folder.sign_download(key, "sjöar.csv", "text/csv", 60).rpartition("/")[2]
    assert folder.open_download(token) == (key, "sjöar.csv", "text/csv")


@pytest.mark.parametrize("expires_s", [-1, 60])
def test_token_that_ran_out_or_was_changed_opens_nothing(folder, key, expires_s):
    token = folder.sign_download(key, "a", "", expires_s).rpartition("/")[2]
    with pytest.raises(NotPermitted, match="Ask for a new one"):
        folder.open_download(token + ("x" if expires_s > 0 else ""))


def test_token_for_a_part_opens_no_download(folder, key):
    token = folder.sign_part(key, folder.begin(key), 1, 3, 60).rpartition("/")[2]
    with pytest.raises(NotPermitted):
        folder.open_download(token)


def test_part_that_breaks_off_is_not_there(folder, key):
    upload = folder.begin(key)
    token = folder.sign_part(key, upload, 1, 10, 60).rpartition("/")[2]
    with pytest.raises(Conflict, match="broke off 6 bytes before its end"):
        folder.receive_part(token, io.BytesIO(b"four").read, 10)
    assert folder.parts(key, upload) == []
    assert list(folder.root.rglob(".0*")) == []


def test_completion_that_was_killed_begins_again(folder, key):
    upload = folder.begin(key)
    folder.write_part(key, upload, 1, b"bytes")
    parts = folder.root / ".uploads" / f"{key}.{upload}"
    folder.path_of(key).parent.mkdir()
    folder.path_of(key).write_bytes(b"by")  # as if moved into place by a process of another mind
    (parts / ".00002-killed").write_bytes(b"half a part")
    assert folder.complete(key, upload) == 5
    assert content(folder, key) == b"bytes"
    assert not parts.exists()


# --- without a store -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size_bytes", "part_size_bytes"),
    [(1, 8 * 2**20), (80_000 * 2**20, 8 * 2**20), (80_000 * 2**20 + 1, 9 * 2**20), (5 * 2**40, 525 * 2**20)],
)
def test_part_size_keeps_any_file_within_the_number_of_parts(size_bytes, part_size_bytes):
    assert choose_part_size(size_bytes) == part_size_bytes
    assert -(-size_bytes // part_size_bytes) <= MOST_PARTS


def test_attachment_header_survives_any_name():
    header = attachment_header('a"\r\nSet-Cookie: x;ö%.csv')
    assert "\n" not in header
    assert "\r" not in header
    assert 'filename="a___Set-Cookie: x___.csv"' in header
    assert header.endswith("filename*=UTF-8''a%22%0D%0ASet-Cookie%3A%20x%3B%C3%B6%25.csv")
