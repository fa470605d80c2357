"""The Elasticsearch of MIMIS_TEST_ELASTICSEARCH_URL, and a prefix of its own for each test."""

import hashlib
import os

from catalogue.search.elastic_client import ElasticSettings

URL_VARIABLE = "MIMIS_TEST_ELASTICSEARCH_URL"


def scratch_settings(folder):
    """Return settings whose indices no other test shares; `folder` is the test's own."""
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return ElasticSettings(urls=(os.environ[URL_VARIABLE],), index_prefix=f"mimis-test-{name}")
