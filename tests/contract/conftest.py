"""A server that speaks S3: that of MIMIS_TEST_S3_URL (MIMIS_TEST_S3_KEY, MIMIS_TEST_S3_SECRET), else moto's."""

import os

import boto3
import pytest
from botocore.config import Config


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


@pytest.fixture(scope="session")
def s3_client(s3_options):
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=s3_options["endpoint_url"],
        aws_access_key_id=s3_options["access_key"],
        aws_secret_access_key=s3_options["secret_key"],
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    yield client
    client.close()
