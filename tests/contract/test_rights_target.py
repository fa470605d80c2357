"""What every system that is told of rights promises, and what its clients make of the ways it fails."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from catalogue.errors import UpstreamError
from catalogue.integrations.rights_bucket import BucketTarget
from catalogue.integrations.rights_target import FolderTarget, HttpTarget, PushedRight, RemsTarget
from catalogue.integrations.s3_bucket import S3Bucket
from tests.fakes.rights_target import FakeRightsTarget

KINDS = ("http", "rems", "folder", "s3")


@pytest.fixture
def make_person(request):
    """Return what makes a person; an object store has an account for each."""
    if request.node.get_closest_marker("s3"):
        return request.getfixturevalue("s3_accounts").make
    return lambda: str(uuid.uuid4())


@pytest.fixture
def make_right(make_person):
    def make(person="", dataset=""):
        dataset = dataset or str(uuid.uuid4())
        return PushedRight(
            person=person or make_person(),
            dataset=dataset,
            iri=f"https://data.example.org/id/dataset/{dataset}",
            application="2026-ABC",
            ends_at="2027-01-01T00:00:00+00:00",
        )

    return make


@pytest.fixture
def fake():
    with FakeRightsTarget() as server:
        yield server


@pytest.fixture
def bucket(s3_options, s3_client):
    name = f"rights-{uuid.uuid4().hex[:12]}"
    s3_client.create_bucket(Bucket=name)
    yield S3Bucket(name, **s3_options)
    s3_client.delete_bucket(Bucket=name)


@pytest.fixture(params=[*KINDS[:3], pytest.param("s3", marks=pytest.mark.s3)])
def target(request, tmp_path):
    if request.param == "folder":
        return FolderTarget(tmp_path / "rights")
    if request.param == "s3":
        return BucketTarget(request.getfixturevalue("bucket"), lock_file=tmp_path / "lock")
    fake = request.getfixturevalue("fake")
    return HttpTarget(fake.url, "secret") if request.param == "http" else RemsTarget(fake.rems_url, "secret")


# --- the promises ------------------------------------------------------------------------------------


def test_empty_target_keeps_nothing(target, make_right):
    assert not target.has(make_right())
    assert list(target.list_all()) == []


def test_right_that_was_put_is_there_once(target, make_right):
    right = make_right()
    target.put(right)
    target.put(right)
    assert target.has(right)
    assert list(target.list_all()) == [(right.person, right.dataset)]


def test_right_that_was_removed_is_gone_and_may_be_removed_again(target, make_right):
    right, other = make_right(), make_right()
    target.put(right)
    target.put(other)
    target.remove(right)
    target.remove(right)
    assert not target.has(right)
    assert list(target.list_all()) == [(other.person, other.dataset)]
    target.remove(other)
    assert list(target.list_all()) == []


def test_right_that_nobody_put_may_be_removed(target, make_right):
    target.remove(make_right())
    assert list(target.list_all()) == []


def test_people_and_datasets_do_not_mix(target, make_right, make_person):
    ann, bo = make_person(), make_person()
    lakes, seas = str(uuid.uuid4()), str(uuid.uuid4())
    for person, dataset in ((ann, lakes), (ann, seas), (bo, lakes)):
        target.put(make_right(person, dataset))
    target.remove(make_right(ann, lakes))
    assert set(target.list_all()) == {(ann, seas), (bo, lakes)}
    assert not target.has(make_right(bo, seas))


def test_long_list_comes_whole(target, make_right):
    rights = [make_right() for _ in range(8)]
    for right in rights:
        target.put(right)
    assert sorted(target.list_all()) == sorted((right.person, right.dataset) for right in rights)


def test_workers_of_one_machine_do_not_undo_each_other(target, make_right):
    lakes = str(uuid.uuid4())
    rights = [make_right(dataset=lakes) for _ in range(6)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(target.put, rights))
    assert len(list(target.list_all())) == 6
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(target.remove, rights[:5]))
    assert list(target.list_all()) == [(rights[5].person, lakes)]


# --- over HTTP ----------------------------------------------------------------------------------------


@pytest.fixture(params=["http", "rems"])
def remote(request, fake):
    return HttpTarget(fake.url, "secret") if request.param == "http" else RemsTarget(fake.rems_url, "secret")


def test_secret_travels_in_the_header_only(remote, fake, make_right):
    right = make_right()
    remote.put(right)
    remote.remove(right)
    list(remote.list_all())
    for _method, path, body, authorization in fake.asked:
        assert authorization == "Bearer secret"
        assert "secret" not in path + json.dumps(body)


@pytest.mark.parametrize("fault", ["lose_answer", "lose_request", "storm", "throttle"])
def test_failure_is_said_and_worth_another_try(remote, fake, fault, make_right):
    fake.faults = [fault]
    with pytest.raises(UpstreamError) as caught:
        remote.put(make_right())
    assert caught.value.retryable
    assert caught.value.retry_after_s == (7 if fault == "throttle" else None)


def test_lost_answer_may_have_been_carried_out(remote, fake, make_right):
    right = make_right()
    fake.faults = ["lose_answer"]
    with pytest.raises(UpstreamError):
        remote.put(right)
    assert remote.has(right)


def test_target_that_lies_is_seen_through_by_asking_again(remote, fake, make_right):
    right = make_right()
    fake.faults = ["lie"]
    remote.put(right)
    assert not remote.has(right)


def test_refusal_is_not_worth_another_try(remote, fake, make_right):
    fake.refuses = True
    with pytest.raises(UpstreamError) as caught:
        remote.put(make_right())
    assert not caught.value.retryable


def test_list_that_cannot_be_read_is_an_error(remote, fake, make_right):
    remote.put(make_right())
    fake.garbled = True
    with pytest.raises(UpstreamError):
        list(remote.list_all())


def test_list_that_leads_in_a_circle_ends(fake):
    fake.loops = True
    with pytest.raises(UpstreamError, match="circle"):
        list(HttpTarget(fake.url).list_all())


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/latest/", "https://127.0.0.1/rights", "file:///etc/passwd"]
)
def test_list_does_not_lead_to_another_host(fake, address):
    """The secret would travel along, and inner networks would be asked."""
    fake.foreign = address
    with pytest.raises(UpstreamError, match="another host"):
        list(HttpTarget(fake.url, "secret").list_all())


# --- a folder, a bucket -------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["{", "[]", '{"rights": [{}]}', '{"rights": 3}', "null"])
def test_file_that_somebody_broke_is_an_error(tmp_path, text):
    dataset = str(uuid.uuid4())
    (tmp_path / f"{dataset}.json").write_text(text)
    with pytest.raises(UpstreamError):
        list(FolderTarget(tmp_path).list_all())


def test_dataset_is_no_path(tmp_path, make_right):
    with pytest.raises(UpstreamError):
        FolderTarget(tmp_path / "rights").put(make_right(dataset="../../outside"))
    assert not (tmp_path.parent / "outside.json").exists()


@pytest.mark.s3
def test_statements_of_others_in_a_policy_stay(bucket, s3_client, make_right, make_person):
    theirs = {
        "Sid": "Backup",
        "Effect": "Allow",
        "Principal": {"AWS": [make_person()]},
        "Action": ["s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{bucket.name}"],
    }
    policy = {"Version": "2012-10-17", "Statement": [theirs]}
    s3_client.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(policy))
    target, right = BucketTarget(bucket), make_right()
    target.put(right)
    assert list(target.list_all()) == [(right.person, right.dataset)]
    target.remove(right)
    kept = json.loads(s3_client.get_bucket_policy(Bucket=bucket.name)["Policy"])
    assert kept["Statement"] == [theirs]


@pytest.mark.s3
def test_policy_lets_read_below_the_dataset_only(bucket, s3_client, make_right):
    right = make_right()
    BucketTarget(bucket).put(right)
    (row,) = json.loads(s3_client.get_bucket_policy(Bucket=bucket.name)["Policy"])["Statement"]
    assert row["Effect"] == "Allow"
    assert row["Action"] == ["s3:GetObject"]
    assert row["Resource"] == [f"arn:aws:s3:::{bucket.name}/{right.dataset}/*"]
    assert row["Principal"] == {"AWS": [right.person]}


@pytest.fixture
def accounts(s3_accounts):
    if not s3_accounts.are_real:
        pytest.skip(
            "needs an S3 server with accounts: MIMIS_TEST_S3_URL of a versitygw started with VGW_IAM_DIR"
        )
    return s3_accounts


@pytest.mark.s3
def test_person_reads_below_the_dataset_while_the_right_is_there(bucket, s3_client, make_right, accounts):
    right, other = make_right(), make_right()
    for dataset in (right.dataset, other.dataset):
        s3_client.put_object(Bucket=bucket.name, Key=f"{dataset}/scan.dcm", Body=b"a scan")
    target = BucketTarget(bucket)
    target.put(right)
    target.put(other)
    assert accounts.can_read(right.person, bucket.name, f"{right.dataset}/scan.dcm")
    assert not accounts.can_read(right.person, bucket.name, f"{other.dataset}/scan.dcm")
    target.remove(right)
    assert not accounts.can_read(right.person, bucket.name, f"{right.dataset}/scan.dcm")
    assert accounts.can_read(other.person, bucket.name, f"{other.dataset}/scan.dcm")
    for dataset in (right.dataset, other.dataset):
        s3_client.delete_object(Bucket=bucket.name, Key=f"{dataset}/scan.dcm")


@pytest.mark.s3
def test_person_whom_the_store_does_not_know_is_said_and_keeps_nobody_out(bucket, make_right, accounts):
    known, stranger = make_right(), make_right(person=str(uuid.uuid4()))
    target = BucketTarget(bucket)
    target.put(known)
    with pytest.raises(UpstreamError, match=stranger.person) as caught:
        target.put(stranger)
    assert not caught.value.retryable
    assert list(target.list_all()) == [(known.person, known.dataset)]


@pytest.mark.s3
def test_account_that_went_does_not_hold_up_the_revocation_of_another(bucket, make_right, accounts):
    rights = [make_right() for _ in range(5)]
    target = BucketTarget(bucket)
    for right in rights:
        target.put(right)
    accounts.remove(rights[1].person)
    accounts.remove(rights[4].person)
    target.remove(rights[0])
    assert set(target.list_all()) == {(right.person, right.dataset) for right in rights[2:4]}
    accounts.remove(rights[3].person)
    target.remove(rights[2])
    assert list(target.list_all()) == []


@pytest.mark.s3
def test_bucket_that_is_away_is_said(s3_options, make_right):
    with pytest.raises(UpstreamError):
        BucketTarget(S3Bucket("not-there-at-all", **s3_options)).put(make_right())
