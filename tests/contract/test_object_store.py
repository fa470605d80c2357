"""What every object store does, and what is particular to the folder and to S3."""

import hashlib
import socket
import subprocess
import sys
import uuid

import pytest

from catalogue.errors import NotFound, UpstreamError
from catalogue.integrations.object_store import FolderStore, S3Store
from catalogue.integrations.s3_bucket import S3Bucket

ABSENT = hashlib.sha256(b"never stored").hexdigest()


@pytest.fixture(scope="module")
def bucket_store(s3_options, s3_client):
    bucket = f"mimis-test-{uuid.uuid4().hex[:12]}"
    s3_client.create_bucket(Bucket=bucket)
    s3_client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    yield S3Store(S3Bucket(bucket, **s3_options))
    for version in s3_client.list_object_versions(Bucket=bucket).get("Versions", ()):
        s3_client.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    s3_client.delete_bucket(Bucket=bucket)


@pytest.fixture
def s3_store(bucket_store):
    """Return the store under a prefix of the test's own; a client for each test would be slow."""
    bucket_store.prefix = f"{uuid.uuid4().hex}/"
    return bucket_store


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def store(request, tmp_path):
    if request.param == "folder":
        return FolderStore(tmp_path / "objects")
    return request.getfixturevalue("s3_store")


# --- every store ---------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\x00\xff", "någon".encode() * 100_000])
def test_put_then_read_returns_the_bytes(store, data):
    key = store.put(data)
    assert key == hashlib.sha256(data).hexdigest()
    assert store.read(key) == data


def test_put_again_changes_nothing(store):
    assert store.put(b"same") == store.put(b"same")
    assert list(store.keys()) == [hashlib.sha256(b"same").hexdigest()]


@pytest.mark.parametrize(
    ("offset", "length"), [(0, 4), (2, 3), (5, None), (8, 100), (10, 1), (99, None), (3, 0), (0, None)]
)
def test_read_of_a_part_is_a_slice(store, offset, length):
    data = b"0123456789"
    key = store.put(data)
    end = None if length is None else offset + length
    assert store.read(key, offset, length) == data[offset:end]


@pytest.mark.parametrize(("offset", "length"), [(-1, None), (0, -1)])
def test_read_of_a_negative_part_is_a_mistake(store, offset, length):
    key = store.put(b"0123456789")
    with pytest.raises(ValueError, match="No object has bytes"):
        store.read(key, offset, length)


@pytest.mark.parametrize("part", [(), (1, 2), (0, 0)])
def test_read_of_an_absent_key_is_not_found(store, part):
    with pytest.raises(NotFound, match=ABSENT):
        store.read(ABSENT, *part)


@pytest.mark.parametrize("key", ["", "../../etc/passwd", ABSENT.upper(), ABSENT + "0", ABSENT[:-1] + "/"])
def test_what_is_no_key_is_not_found(store, key):
    with pytest.raises(NotFound, match="no key"):
        store.read(key)
    with pytest.raises(NotFound, match="no key"):
        store.has(key)


def test_has_tells_what_is_there(store):
    assert store.has(store.put(b"here"))
    assert not store.has(ABSENT)


def test_keys_are_all_in_order(store):
    assert list(store.keys()) == []
    put = [store.put(f"{n}".encode()) for n in range(7)]
    assert list(store.keys()) == sorted(put)


# --- the folder ----------------------------------------------------------------------------------


def test_damaged_file_is_told(tmp_path):
    store = FolderStore(tmp_path)
    key = store.put(b"good bytes")
    store.path_of(key).write_bytes(b"evil bytes")
    with pytest.raises(UpstreamError, match="damaged"):
        store.read(key)


def test_file_being_written_is_no_object(tmp_path):
    store = FolderStore(tmp_path)
    key = store.put(b"x")
    (store.path_of(key).parent / ".writing-abc").write_bytes(b"half")
    (tmp_path / "README").write_bytes(b"not ours")
    assert list(store.keys()) == [key]


def test_failed_write_leaves_nothing(tmp_path):
    blocked = tmp_path / "objects"
    blocked.write_bytes(b"a file where the folder should be")
    with pytest.raises(UpstreamError, match="objects") as caught:
        FolderStore(blocked).put(b"x")
    assert caught.value.retryable


def test_file_is_in_a_two_level_folder(tmp_path):
    key = FolderStore(tmp_path).put(b"x")
    assert [path.name for path in (tmp_path / key[:2] / key[2:4]).iterdir()] == [key]


# --- S3 ------------------------------------------------------------------------------------------


@pytest.mark.s3
def test_existing_object_is_not_rewritten(s3_store, s3_client):
    key = s3_store.put(b"once")
    s3_store.put(b"once")
    versions = s3_client.list_object_versions(Bucket=s3_store.bucket.name, Prefix=s3_store.prefix)["Versions"]
    assert [version["Key"] for version in versions] == [s3_store.prefix + key]


@pytest.mark.s3
def test_damaged_object_is_told(s3_store, s3_client):
    s3_client.put_object(Bucket=s3_store.bucket.name, Key=s3_store.prefix + ABSENT, Body=b"other bytes")
    with pytest.raises(UpstreamError, match="damaged"):
        s3_store.read(ABSENT)


@pytest.mark.s3
def test_foreign_objects_are_no_keys(s3_store, s3_client):
    key = s3_store.put(b"ours")
    for name in (f"{s3_store.prefix}README", f"other/{ABSENT}"):
        s3_client.put_object(Bucket=s3_store.bucket.name, Key=name, Body=b"x")
    assert list(s3_store.keys()) == [key]


@pytest.mark.s3
def test_missing_bucket_is_the_operators_to_fix(s3_options):
    store = S3Store(S3Bucket("mimis-no-such-bucket", **s3_options))
    with pytest.raises(UpstreamError, match=r"mimis-no-such-bucket.*check that the bucket exists") as caught:
        store.put(b"x")
    assert not caught.value.retryable


def test_unreachable_store_is_worth_trying_again():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bucket = S3Bucket(
            "bucket",
            endpoint_url=f"http://127.0.0.1:{free.getsockname()[1]}",
            access_key="test",
            secret_key="testtest",
        )
        store = S3Store(bucket)
        with pytest.raises(UpstreamError, match="cannot be used") as caught:
            store.put(b"x")
    assert caught.value.retryable


def test_boto3_is_not_imported_for_a_folder():
    code = "import sys, catalogue.integrations.object_store; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
