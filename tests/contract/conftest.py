"""A server that speaks S3: that of MIMIS_TEST_S3_URL (MIMIS_TEST_S3_KEY, MIMIS_TEST_S3_SECRET), else moto's."""

import os
import urllib.request
import uuid
from xml.sax.saxutils import escape

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError


@pytest.fixture(scope="session")
def s3_options():
    """Yield what S3Store needs to know of the server, apart from the bucket."""
    keys = {
        "access_key": os.environ.get("MIMIS_TEST_S3_KEY", "test"),
        "secret_key": os.environ.get("MIMIS_TEST_S3_SECRET", "testtest"),
    }
    if url := os.environ.get("MIMIS_TEST_S3_URL"):
        yield {"endpoint_url": url, **keys}
        return
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield {"endpoint_url": f"http://{host}:{port}", **keys}
    server.stop()


def connect(options):
    return boto3.session.Session().client(
        "s3",
        endpoint_url=options["endpoint_url"],
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


@pytest.fixture(scope="session")
def s3_client(s3_options):
    client = connect(s3_options)
    yield client
    client.close()


class Accounts:
    """The people whom an S3 server knows: versitygw's admin API, where that is the server. Moto knows everybody."""

    def __init__(self, options):
        self.options = options
        self.are_real = self._ask("list-users", "") == 200

    def make(self):
        person = str(uuid.uuid4())
        if not self.are_real and os.environ.get("MIMIS_TEST_S3_URL"):
            pytest.skip("the S3 server has no accounts (versitygw: set VGW_IAM_DIR when it starts)")
        if self.are_real:
            row = {"Access": person, "Secret": f"of-{person}", "Role": "user"}
            body = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items())
            assert self._ask("create-user", f"<Account>{body}</Account>") == 201
        return person

    def remove(self, person):
        assert self._ask(f"delete-user?access={person}", "") == 200

    def can_read(self, person, bucket, key):
        client = connect({**self.options, "access_key": person, "secret_key": f"of-{person}"})
        try:
            client.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "AccessDenied":
                return False
            raise
        return True

    def _ask(self, path, body):
        asked = AWSRequest("PATCH", f"{self.options['endpoint_url']}/{path}", data=body.encode())
        S3SigV4Auth(
            Credentials(self.options["access_key"], self.options["secret_key"]), "s3", "us-east-1"
        ).add_auth(asked)
        signed = asked.prepare()
        request = urllib.request.Request(signed.url, signed.body, dict(signed.headers), method="PATCH")
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


@pytest.fixture(scope="session")
def s3_accounts(s3_options):
    return Accounts(s3_options)
