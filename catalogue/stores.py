"""Which implementation of each part the settings choose, opened once for a process."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from django.conf import settings

from catalogue.errors import Unavailable
from catalogue.integrations.datacite import Account, DataCiteRegistry, DoiRegistry, is_local
from catalogue.integrations.file_bucket import BucketFiles
from catalogue.integrations.file_folder import FolderFiles
from catalogue.integrations.file_store import FileStore
from catalogue.integrations.malware import ClamdScanner, CommandScanner, Scanner
from catalogue.integrations.object_store import FolderStore, ObjectStore, S3Store
from catalogue.integrations.pace import TokenBucket
from catalogue.integrations.s3_bucket import S3Bucket
from catalogue.integrations.web import WebClient
from catalogue.search.elastic import ElasticEngine
from catalogue.search.elastic_client import ElasticSettings
from catalogue.search.embedded import EmbeddedEngine
from catalogue.search.encoder import EncoderSettings
from catalogue.search.engine import Encoder, SearchEngine
from catalogue.search.lazy_encoder import LazyEncoder, open_encoder
from catalogue.search.vector_cache import SqliteVectorCache, VectorCache
from ontology.graph import GraphStore, open_graph


@cache
def object_store() -> ObjectStore:
    """Return the archive of raw payloads."""
    if not settings.S3_BUCKET:
        return FolderStore(settings.OBJECTS_DIR)
    return S3Store(s3_bucket(), settings.S3_PREFIX)


@cache
def s3_bucket() -> S3Bucket:
    """Return the bucket for the archive of payloads and for people's files."""
    return S3Bucket(
        settings.S3_BUCKET,
        endpoint_url=settings.S3_ENDPOINT_URL,
        public_url=settings.S3_PUBLIC_URL,
        access_key=settings.S3_ACCESS_KEY,
        secret_key=settings.S3_SECRET_KEY,
        path_style=settings.S3_PATH_STYLE,
    )


@cache
def file_store() -> FileStore:
    """Return the store of people's files."""
    if not settings.S3_BUCKET:
        return FolderFiles(settings.FILES_DIR)
    return BucketFiles(s3_bucket(), settings.FILES_PREFIX)


@cache
def file_copy() -> FileStore | None:
    """Return the store of the second copy of people's files; None where there is none."""
    if settings.FILES_COPY_BUCKET:
        bucket = S3Bucket(
            settings.FILES_COPY_BUCKET,
            endpoint_url=settings.FILES_COPY_ENDPOINT_URL,
            access_key=settings.FILES_COPY_ACCESS_KEY,
            secret_key=settings.FILES_COPY_SECRET_KEY,
            path_style=settings.S3_PATH_STYLE,
        )
        return BucketFiles(bucket, settings.FILES_PREFIX)
    return FolderFiles(Path(settings.FILES_COPY_DIR)) if settings.FILES_COPY_DIR else None


def malware_scanner() -> Scanner | None:
    """Return what looks for malware in uploads; None where nothing does."""
    if settings.CLAMD_ADDRESS:
        return ClamdScanner(settings.CLAMD_ADDRESS)
    return CommandScanner(settings.SCAN_COMMAND) if settings.SCAN_COMMAND else None


@cache
def encoder() -> LazyEncoder | None:
    """Return the encoder, which begins to load in the background; None when set to `off`."""
    if settings.ENCODER_MODEL == "off":
        return None
    opened = open_encoder(
        EncoderSettings(
            cache_dir=settings.MODEL_DIR,
            model=settings.ENCODER_MODEL,
            query_prefix=settings.ENCODER_QUERY_PREFIX or None,
            passage_prefix=settings.ENCODER_PASSAGE_PREFIX or None,
            threads=settings.ENCODER_THREADS,
        )
    )
    opened.start()
    return opened


def ready_encoder(timeout_s: float = 120) -> Encoder:
    """Return the encoder once it has loaded. Raises Unavailable when it is off or does not load."""
    chosen = encoder()
    if chosen is None:
        raise Unavailable("The encoder is off (MIMIS_ENCODER_MODEL=off): no vectors are made.")
    return chosen.wait(timeout_s)


@cache
def vector_cache() -> VectorCache:
    """Return the vectors made so far, by text."""
    return SqliteVectorCache(settings.VAR_DIR / "vectors.sqlite3")


@cache
def search_engine() -> SearchEngine:
    """Return the search engine."""
    if settings.SEARCH_ENGINE == "elasticsearch":
        return ElasticEngine(elastic_settings(), encoder())
    return EmbeddedEngine(settings.SEARCH_DIR, encoder())


def elastic_settings(*, suffix: str = "") -> ElasticSettings:
    """Return where the Elasticsearch cluster is; `suffix` makes indices beside the catalogue's own."""
    return ElasticSettings(
        urls=tuple(settings.ELASTICSEARCH_URL),
        api_key=settings.ELASTICSEARCH_API_KEY,
        user=settings.ELASTICSEARCH_USER,
        password=settings.ELASTICSEARCH_PASSWORD,
        ca_file=settings.ELASTICSEARCH_CA_FILE,
        index_prefix=settings.ELASTICSEARCH_INDEX_PREFIX + suffix,
    )


@contextmanager
def scratch_search(engine: str) -> Iterator[Callable[..., SearchEngine]]:
    """Yield what opens an engine by name (with encoder, fusion, weights) over an index that goes afterwards."""
    if engine == "elasticsearch":
        place = elastic_settings(suffix=f"-scratch-{uuid.uuid4().hex[:12]}")
        try:
            yield partial(ElasticEngine, place)
        finally:
            ElasticEngine(place).discard()
    else:
        with TemporaryDirectory() as folder:
            yield partial(EmbeddedEngine, Path(folder))


def graph(*, read_only: bool = False) -> AbstractContextManager[GraphStore]:
    """Open the knowledge graph for one batch; see ontology/graph.py for who waits for whom."""
    credentials = (settings.GRAPH_USER, settings.GRAPH_PASSWORD) if settings.GRAPH_USER else None
    return open_graph(
        settings.GRAPH_QUERY_URL or settings.GRAPH_DIR,
        read_only=read_only,
        update_url=settings.GRAPH_UPDATE_URL,
        store_url=settings.GRAPH_STORE_URL,
        credentials=credentials,
    )


@cache
def web_client() -> WebClient:
    """Return the client for services that the operator named. Its time limit fits several times into a lease."""
    return WebClient(timeout_s=20)


def doi_accounts() -> dict[str, tuple[str, str]]:
    """Return the registry's accounts that the settings have: our name for each -> its own name and password."""
    stated = (item.partition("=")[::2] for item in settings.DOI_ACCOUNTS)
    return {label: (words.partition(":")[0], words.partition(":")[2]) for label, words in stated}


@cache
def doi_registry(account: str, production_prefix: str = "") -> DoiRegistry:
    """Return the DOI registry for an account of MIMIS_DOI_ACCOUNTS; real DOIs may be minted under the prefix given.

    Raises Unavailable where no registry is configured, or not this account.
    """
    if not settings.DOI_REGISTRY_URL:
        raise Unavailable("No DOIs are minted here: MIMIS_DOI_REGISTRY_URL is not set.")
    name, password = doi_accounts().get(account, ("", ""))
    if not name or not password:
        raise Unavailable(f"MIMIS_DOI_ACCOUNTS has no account {account!r} with a name and a password.")
    return DataCiteRegistry(
        Account(
            name=name,
            password=password,
            url=settings.DOI_REGISTRY_URL,
            handle_url=settings.DOI_HANDLE_URL,
            allow_production=settings.DOI_ALLOW_PRODUCTION,
        ),
        production_prefixes=[production_prefix] if production_prefix else [],
        client=web_client(),
        # One on this machine need not be spared.
        bucket=TokenBucket(1000, 1000)
        if is_local(urlsplit(settings.DOI_REGISTRY_URL).hostname or "")
        else None,
    )
