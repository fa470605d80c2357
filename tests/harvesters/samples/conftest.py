"""A running sample server, and a way to ask it."""

from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
import urllib3

from harvesters.samples.records import SampleRecords, load_records
from harvesters.samples.server import SampleServer


@dataclass
class Client:
    server: SampleServer
    pool: urllib3.PoolManager

    def ask(self, path, *, method="GET", headers=None, timeout=10.0, **params):
        query = f"?{urlencode(params)}" if params else ""
        return self.pool.request(
            method,
            f"{self.server.url}{path}{query}",
            headers=headers,
            retries=False,
            timeout=timeout,
            decode_content=False,
        )


@pytest.fixture(scope="session")
def all_records():
    return load_records()


@pytest.fixture
def server(all_records):
    with SampleServer(records=SampleRecords(all_records), slow_s=60) as running:
        yield running


@pytest.fixture
def client(server):
    with urllib3.PoolManager() as pool:
        yield Client(server, pool)
