"""`manage.py bucket` makes a new store ready, on every server that speaks S3."""

from __future__ import annotations

import io
import uuid

import pytest
from django.core.management import CommandError, call_command

from catalogue import stores
from catalogue.integrations.s3_bucket import S3Bucket

pytestmark = pytest.mark.s3


@pytest.fixture
def name(s3_client):
    name = f"mimis-new-{uuid.uuid4().hex[:12]}"
    yield name
    for item in s3_client.list_objects_v2(Bucket=name).get("Contents", ()):
        s3_client.delete_object(Bucket=name, Key=item["Key"])
    s3_client.delete_bucket(Bucket=name)


@pytest.fixture
def chosen(name, s3_options, settings, fresh_stores):
    """The settings of a store whose bucket nobody has made."""
    settings.S3_BUCKET = name
    settings.S3_ENDPOINT_URL = s3_options["endpoint_url"]
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = s3_options["access_key"], s3_options["secret_key"]
    settings.BASE_URL = "https://data.example.org"
    return name


def run(*arguments):
    said = io.StringIO()
    call_command("bucket", *arguments, stdout=said)
    return said.getvalue()


def test_bucket_is_made_once_and_takes_objects(chosen):
    assert f"{chosen} was made" in run()
    key = stores.object_store().put(b"first")
    assert f"{chosen} is there" in run()
    assert stores.object_store().read(key) == b"first"


def test_pages_of_this_site_may_send_files(chosen, s3_client):
    run()
    (rule,) = s3_client.get_bucket_cors(Bucket=chosen)["CORSRules"]
    assert rule["AllowedOrigins"] == ["https://data.example.org"]
    assert rule["AllowedMethods"] == ["PUT"]


def test_rules_of_an_operator_are_kept_when_asked(chosen, s3_client):
    run()
    theirs = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://else.example"]}
    s3_client.put_bucket_cors(Bucket=chosen, CORSConfiguration={"CORSRules": [theirs]})
    run("--keep-cors")
    (rule,) = s3_client.get_bucket_cors(Bucket=chosen)["CORSRules"]
    assert rule["AllowedOrigins"] == ["https://else.example"]


def test_store_that_is_away_is_said(settings, fresh_stores):
    settings.S3_BUCKET, settings.S3_ENDPOINT_URL = "mimis-away", "http://127.0.0.1:9"
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = "test", "testtest"
    with pytest.raises(CommandError, match="mimis-away"):
        run()


def test_without_a_bucket_there_is_nothing_to_do(settings):
    settings.S3_BUCKET = ""
    assert "folders" in run()


def test_bucket_in_a_region_is_asked_for_there(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    bucket = S3Bucket("far", access_key="test", secret_key="testtest")
    assert bucket._placement() == {"CreateBucketConfiguration": {"LocationConstraint": "eu-north-1"}}
