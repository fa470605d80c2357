"""A busy cluster: documents that it sends back are sent again, and only those; one that stays busy says so."""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from catalogue.search import elastic_client
from catalogue.search.elastic_client import ElasticClient, ElasticSettings

PATIENCE = 3  # times that a document is sent again here


class BusyCluster(BaseHTTPRequestHandler):
    """Takes bulk requests; sends each document back as often as its id says (`back-2`: twice)."""

    seen: Counter[str] = Counter()

    def do_PUT(self):
        lines = self.rfile.read(int(self.headers["Content-Length"])).splitlines()
        ids = [json.loads(line)["index"]["_id"] for line in lines[::2]]
        body = json.dumps({"errors": True, "items": [self._take(key) for key in ids]}).encode()
        self.send_response(200)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _take(self, key):
        self.seen[key] += 1
        if self.seen[key] <= int(key.rpartition("-")[2]):
            error = {"type": "es_rejected_execution_exception", "reason": "queue is full"}
            return {"index": {"_id": key, "status": 429, "error": error}}
        return {"index": {"_id": key, "status": 201}}

    def log_message(self, *args):
        pass


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(elastic_client, "_FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(elastic_client, "_MOST_RETRIES", PATIENCE)
    monkeypatch.setattr(BusyCluster, "seen", Counter())
    server = ThreadingHTTPServer(("127.0.0.1", 0), BusyCluster)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield ElasticClient(ElasticSettings((f"http://127.0.0.1:{server.server_address[1]}",), timeout_s=5))
    server.shutdown()
    server.server_close()
    thread.join()


def test_documents_sent_back_are_sent_again_and_no_others(client):
    keys = ["taken-0", "back-1", "back-2", "other-0"]
    actions = [{"_op_type": "index", "_index": "any", "_id": key, "id": key} for key in keys]
    assert list(client.write_all(actions)) == []
    assert BusyCluster.seen == {"taken-0": 1, "other-0": 1, "back-1": 2, "back-2": 3}


def test_document_that_is_always_sent_back_is_named_with_the_reason(client):
    actions = [{"_op_type": "index", "_index": "any", "_id": key, "id": key} for key in ("a-0", "back-99")]
    assert list(client.write_all(actions)) == [("back-99", "es_rejected_execution_exception: queue is full")]
    assert BusyCluster.seen["back-99"] == PATIENCE + 1
