"""`manage.py check`: combinations of settings that start but do not do what was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name

from catalogue import stores
from catalogue.integrations.datacite import TEST_HOSTS, is_local


@register()
def check_graph_addresses(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """A SPARQL server needs its query and its update address."""
    given = [bool(settings.GRAPH_QUERY_URL), bool(settings.GRAPH_UPDATE_URL)]
    if any(given) and not all(given):
        return [
            Error(
                "Only one of the SPARQL server's addresses is set.",
                hint="Set MIMIS_GRAPH_QUERY_URL and MIMIS_GRAPH_UPDATE_URL, or neither.",
                id="catalogue.E001",
            )
        ]
    return []


@register()
def check_object_store(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """A bucket on a store of one's own needs its keys."""
    if (
        settings.S3_BUCKET
        and settings.S3_ENDPOINT_URL
        and not (settings.S3_ACCESS_KEY and settings.S3_SECRET_KEY)
    ):
        return [
            Error(
                "MIMIS_S3_ENDPOINT_URL is set without a key.",
                hint="Set MIMIS_S3_ACCESS_KEY and MIMIS_S3_SECRET_KEY (or the _FILE forms).",
                id="catalogue.E002",
            )
        ]
    return []


@register()
def check_search_engine(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """The engine is one of two, and Elasticsearch needs an address and a name that it can give to indices."""
    if settings.SEARCH_ENGINE == "embedded":
        return []
    wrong = ""
    if settings.SEARCH_ENGINE != "elasticsearch":
        wrong = f"MIMIS_SEARCH_ENGINE is {settings.SEARCH_ENGINE!r}: use 'embedded' or 'elasticsearch'."
    elif not settings.ELASTICSEARCH_URL:
        wrong = "MIMIS_SEARCH_ENGINE is elasticsearch, and MIMIS_ELASTICSEARCH_URL is not set."
    elif not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,60}", settings.ELASTICSEARCH_INDEX_PREFIX):
        wrong = "MIMIS_ELASTICSEARCH_INDEX_PREFIX may have lower-case letters, digits, - and _ only."
    if wrong:
        return [Error(wrong, hint="See docs/settings.md.", id="catalogue.E004")]
    is_secret = bool(settings.ELASTICSEARCH_API_KEY or settings.ELASTICSEARCH_PASSWORD)
    if is_secret and any(url.startswith("http:") for url in settings.ELASTICSEARCH_URL):
        return [
            Warning(
                "Elasticsearch's key or password goes over http, where others may read it.",
                hint="Use https in MIMIS_ELASTICSEARCH_URL, with MIMIS_ELASTICSEARCH_CA_FILE for an authority of your own.",
                id="catalogue.W004",
            )
        ]
    return []


@register()
def check_public_address(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Dataset IRIs are made of the public address: it has to be right before the first harvest."""
    if settings.BEHIND_TLS and not settings.BASE_URL.startswith("https://"):
        return [
            Warning(
                f"MIMIS_BASE_URL is {settings.BASE_URL}, yet MIMIS_BEHIND_TLS says the site is reached by https.",
                hint="Set MIMIS_BASE_URL to the address people use.",
                id="catalogue.W001",
            )
        ]
    return []


@register()
def check_shared_broker(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """The folder broker is for one machine."""
    if (
        settings.BROKER_URL == "folder"
        and "postgresql" in settings.DATABASES["default"]["ENGINE"]
        and settings.BEHIND_TLS
    ):
        return [
            Warning(
                "The queue is a folder: workers on other machines will not see it.",
                hint="Set MIMIS_BROKER_URL to a Redis server.",
                id="catalogue.W002",
            )
        ]
    return []


@register()
def check_file_copies(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """A second copy is of use on another disk or in another bucket, and there is one of it."""
    is_twice = settings.FILES_COPY_DIR and settings.FILES_COPY_BUCKET
    is_same = (
        settings.FILES_COPY_BUCKET == settings.S3_BUCKET
        and settings.FILES_COPY_ENDPOINT_URL == settings.S3_ENDPOINT_URL
        if settings.FILES_COPY_BUCKET
        else settings.FILES_COPY_DIR and Path(settings.FILES_COPY_DIR).resolve() == settings.FILES_DIR
    )
    if not (is_twice or is_same):
        return []
    return [
        Error(
            "The second copy of people's files is set twice."
            if is_twice
            else "The second copy of people's files is in the same place as the first.",
            hint="Set one of MIMIS_FILES_COPY_DIR and MIMIS_FILES_COPY_BUCKET, to another disk or store.",
            id="catalogue.E003",
        )
    ]


@register()
def check_scanner(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Uploads are looked at by one scanner."""
    if not (settings.SCAN_COMMAND and settings.CLAMD_ADDRESS):
        return []
    return [
        Warning(
            "Two malware scanners are set; only ClamAV's daemon is used.",
            hint="Set MIMIS_CLAMD_ADDRESS or MIMIS_SCAN_COMMAND, not both.",
            id="catalogue.W003",
        )
    ]


@register()
def check_doi_registry(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """A DOI registry needs an account, https, and the handle proxy that knows its DOIs."""
    if not settings.DOI_REGISTRY_URL:
        return []
    found: list[CheckMessage] = []
    if (
        not all(name and password for name, password in stores.doi_accounts().values())
        or not settings.DOI_ACCOUNTS
    ):
        found.append(
            Error(
                "MIMIS_DOI_REGISTRY_URL is set, and MIMIS_DOI_ACCOUNTS lacks an account, its name or its password.",
                hint="Write each account as name=REPOSITORY.ID:password.",
                id="catalogue.E005",
            )
        )
    address = urlsplit(settings.DOI_REGISTRY_URL)
    if address.scheme != "https" and not is_local(address.hostname or ""):
        found.append(
            Warning(
                "The DOI registry's password goes over http, where others may read it.",
                hint="Use https in MIMIS_DOI_REGISTRY_URL.",
                id="catalogue.W005",
            )
        )
    if address.hostname in TEST_HOSTS and settings.DOI_HANDLE_URL == "https://doi.org":
        found.append(
            Warning(
                "DOIs of DataCite's test system do not resolve at doi.org: none would ever be confirmed.",
                hint="Set MIMIS_DOI_HANDLE_URL to https://handle.test.datacite.org.",
                id="catalogue.W006",
            )
        )
    return found
